"""Whatever an alert says is text: it runs nothing, and looks like what it is."""

import unittest

from browser import Browser, until
from house import house, rfc3339

SCRIPT = "<script>window.owned=1</script>"
IMAGE = "<img src=x onerror=window.owned=1>"
LINK = "<a href=javascript:window.owned=1>x</a>"
TEXTS = [
    SCRIPT,
    IMAGE,
    LINK,
    '"><svg onload=window.owned=1>',
    "</title><script>window.owned=1</script>",
    "{{7*7}} ${window.owned=1}",
    "<iframe srcdoc='<script>parent.owned=1</script>'>",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "<style>*{display:none}</style>",
    "javascript:window.owned=1",
    "' onfocus=window.owned=1 autofocus='",
    "\\u003cscript\\u003ewindow.owned=1\\u003c/script\\u003e",
    "<math><mtext></p><img src onerror=window.owned=1>",
    "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 zalgo",
    "x" * 160,
    "ក្ក្ក្ក្ក្ក្ក្ក្ក្ក្ក",
]


def drafts(number, text):
    """Invented drafts that have a hostile text in every field that takes one."""
    short = text[:40]
    name = f"Invented hostile {number}: "
    vehicle = {"type": "car", "plate": "2B-7788", "colour": short, "make": short}
    both = {"en": (name + text)[:160], "km": "ក " + text[:150]}
    # Of a province without crossings known: any name will do.
    common = {
        "severity": "Extreme",
        "urgency": "Immediate",
        "provinces": ["kampong-cham"],
        "crossing": text[:80],
        "headline": both,
        "description": {"en": "about " + text, "km": "ក " + text},
    }
    yield common | {
        "kind": "movement",
        "movement": {
            "mode": "road",
            "direction": "out",
            "from": text[:120],
            "towards": text[:120],
            "vehicle": vehicle,
            "lastSeen": {"time": rfc3339(-60), "place": text[:120]},
        },
    }
    yield common | {
        "kind": "suspect",
        "suspect": {"role": "other", "marks": text, "vehicle": vehicle, "aliases": ["O'Hara"]},
    }


class HostileTests(unittest.TestCase):
    def test_hostile_texts_in_every_field_show_as_text_and_run_nothing(self):
        here = house()
        browser = Browser()
        try:
            browser.open(here.address())
            before = browser.reports()
            said = here.publish(*[draft for number, text in enumerate(TEXTS) for draft in drafts(number, text)])
            note = f"{SCRIPT} {IMAGE}"
            here.acknowledge(said[0]["id"], note)
            sighting = {
                "of": said[0]["id"],
                "outcome": "seen",
                "identifiers": ["plate"],
                "time": rfc3339(-30),
                "place": IMAGE,
                "towards": SCRIPT,
            }
            here.publish(
                {
                    "kind": "sighting",
                    "provinces": ["prey-veng"],
                    "headline": {"en": f"Invented {LINK}"},
                    "sighting": sighting,
                },
                post="prey-veng",
            )
            elements = "return document.querySelectorAll('main script, main img, main iframe, main style, main [onerror], main [onload], main [onfocus], main svg, main math').length"
            for number, text in enumerate(TEXTS):
                for index, draft in enumerate(drafts(number, text)):
                    with self.subTest(text):
                        browser.run("location.hash = arguments[0]", said[2 * number + index]["id"])
                        headline = draft["headline"]["en"]
                        until(
                            lambda: headline
                            in browser.run("return document.querySelector('.alert h2[lang=en]')?.textContent ?? ''"),
                            lambda: browser.text(".panel"),
                            15,
                        )
                        # All of it, letter by letter, is in the document's text.
                        whole = browser.run("return document.querySelector('.panel').textContent")
                        self.assertIn(draft["description"]["km"], whole)
                        self.assertIn(draft["crossing"], whole)
                        self.assertIn((draft.get("movement") or draft["suspect"])["vehicle"]["colour"], whole)
                        self.assertEqual(browser.run(elements), 0)
            browser.run("location.hash = arguments[0]", said[0]["id"])
            browser.has(".timeline", note)
            until(
                lambda: IMAGE in browser.run("return document.querySelector('.timeline').textContent"),
                lambda: browser.text(".timeline"),
                10,
            )
            browser.type("#words", IMAGE)
            browser.run("document.getElementById('list').scrollTop = 300")
            # In the preview too, which shows what was just typed.
            self.assertIsNone(browser.run("return window.owned ?? null"))
            self.assertEqual(browser.run("return document.title"), "Borderwire · border alerts")
            self.assertEqual(browser.reports() - before, 0)
            self.assertEqual(browser.complaints(), [])
        finally:
            browser.end()

    def test_the_policy_would_have_counted_it(self):
        """The test above can fail: a script of the page's own making is kept from running, and counted."""
        browser = Browser()
        try:
            browser.open(house().address())
            before = browser.reports()
            browser.run(
                "const one = document.createElement('div'); one.innerHTML = arguments[0]; document.body.append(one)",
                IMAGE.replace("src=x", "src=/page/icon.svg").replace("onerror", "onload"),
            )
            until(lambda: browser.reports() > before, "a report", 15, pause=0.2)
            self.assertIsNone(browser.run("return window.owned ?? null"))
        finally:
            browser.end()


if __name__ == "__main__":
    unittest.main()
