"""How it looks, for those who see and those who don't: axe-core finds nothing, and screenshots to look at."""

import pathlib
import unittest

import axe_playwright_python

from browser import Browser, until
from house import house, movement, rfc3339

AXE = next(pathlib.Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
SIZES = {"1280": (1280, 800), "390": (390, 844)}


class LooksTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house()
        both = lambda km, en: {"km": km, "en": en}
        said = cls.house.publish(
            movement(
                both("គំរូ៖ ទូកនេសាទមួយឈប់ជិតកោះស្ដេចពេញមួយយប់", "Invented: fishing boat lay off Koh Sdach all night"),
                severity="Minor",
            ),
            movement(
                both(
                    "គំរូ៖ មនុស្ស ៨ នាក់ ដើរពីឆ្នេរទៅផ្លូវ នៅបុទុមសាគរ",
                    "Invented: group of eight walked from the shore to the road at Botum Sakor",
                ),
                severity="Moderate",
            ),
            movement(
                both(
                    "គំរូ៖ រថយន្តវ៉ាន់ពណ៌សដឹកមនុស្ស ៩ នាក់ ឆ្ពោះទៅចាំយាម",
                    "Invented: white van with nine people towards Cham Yeam",
                ),
                crossing="Cham Yeam",
                provinces=["koh-kong", "trat"],
                severity="Extreme",
                urgency="Immediate",
                description=both(
                    "រថយន្តមិនឈប់នៅប៉ុស្តិ៍អណ្ដូងទឹកទេ។ អ្នករួមដំណើរមិនមានវ៉ាលីទេ។",
                    "The van did not stop at the Andoung Tuek checkpoint. The passengers had no luggage.",
                ),
                movement={
                    "mode": "road",
                    "direction": "out",
                    "from": "Sre Ambel",
                    "towards": "Hat Lek",
                    "people": 9,
                    "minors": 2,
                    "vehicle": {"type": "van", "plate": "2AB-0012", "colour": "white", "make": "Toyota"},
                },
                atRisk=[{"role": "possible-victim", "ageBand": "12-15", "sex": "female", "count": 2}],
            ),
            movement(
                both(
                    "គំរូ៖ សមយុទ្ធ៖ ទូក ៣ គ្រឿង ឆ្លងទន្លេក្នុងពេលតែមួយ", "Invented: three boats cross the river at once"
                ),
                status="Exercise",
                severity="Severe",
            ),
        )
        cls.house.acknowledge(said[2]["id"], "We look for it at Neak Loeung")
        seen = {
            "of": said[2]["id"],
            "outcome": "stopped",
            "identifiers": ["plate", "appearance"],
            "time": rfc3339(-60),
            "place": "Neak Loeung bridge",
            "people": 9,
            "minors": 2,
        }
        cls.house.publish(
            {"kind": "sighting", "provinces": ["prey-veng"], "severity": "Severe", "sighting": seen}, post="prey-veng"
        )
        cls.browser = Browser()
        cls.browser.open(cls.house.address())

    @classmethod
    def tearDownClass(cls):
        cls.browser.end()

    def axe(self):
        self.browser.run(AXE.read_text())
        found = self.browser.wait(
            "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html.slice(0, 200) + n.failureSummary).join(' | '))))"
        )
        self.assertEqual(found, [], "\n".join(found))

    def view(self, name):
        browser = self.browser
        if name == "map":
            browser.run("location.hash = 'map'")
        elif name == "stream":
            browser.run("document.querySelector('[data-go=stream]').click()")
        elif name == "alert":
            browser.run(
                "location.hash = [...document.querySelectorAll('.row')].find(one => one.dataset.severity === 'Extreme' && one.textContent.includes('Cham Yeam') || one.textContent.includes('ឆ្ពោះទៅចាំយាម')).querySelector('a').hash"
            )
            until(lambda: browser.all(".alert progress"), lambda: browser.text(".panel"), 20)
        elif name == "exercise":
            browser.run(
                "location.hash = [...document.querySelectorAll('.row[data-status=Exercise]')][0].querySelector('a').hash"
            )
            until(lambda: browser.all(".alert .drill-banner"), lambda: browser.text(".panel"), 20)
        elif name == "form":
            browser.run("location.hash = 'write'")
            browser.one("#check")
            browser.run(
                "const one = document.querySelector('#f-headline-en'); one.value = 'Call 012 345 678'; document.querySelector('#check').click()"
            )
            until(
                lambda: browser.run("return document.querySelectorAll('.problem:not([hidden])').length >= 3"),
                lambda: browser.text(".panel"),
                20,
            )
        elif name == "state":
            browser.run("location.hash = 'state'")
            browser.one(".panel h2")

    def test_axe_finds_nothing_and_screenshots_are_taken_in_both_languages_and_sizes(self):
        browser = self.browser
        browser.run("document.querySelector('[data-hours=\"1\"]').click()")
        for size, (width, height) in SIZES.items():
            browser.resize(width, height)
            for language in ("km", "en"):
                browser.speak(language)
                for name in ("stream", "map", "alert", "exercise", "form", "state"):
                    with self.subTest(f"{name} {language} {size}"):
                        if name in ("alert", "exercise"):
                            self.view("stream")
                            browser.run("document.getElementById('list').scrollTop = 0")
                        self.view(name)
                        self.axe()
                        browser.shoot(f"{name}-{language}-{size}")
                self.view("stream")

    def test_nothing_sticks_out_at_either_width(self):
        for size, (width, height) in SIZES.items():
            self.browser.resize(width, height)
            for name in ("stream", "map", "form"):
                self.view(name)
                with self.subTest(f"{name} {size}"):
                    self.assertLessEqual(
                        self.browser.run(
                            "return Math.max(...[...document.querySelectorAll('main, main > *')].filter(one => one.checkVisibility()).map(one => one.scrollWidth - one.clientWidth))"
                        ),
                        1,
                    )

    def test_on_paper_the_alert_stands_alone(self):
        self.browser.resize(1280, 800)
        self.view("stream")
        self.view("alert")
        self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            shown = self.browser.run(
                "return ['.top', '.map-side', '.stream-side', '.toolbar', '.actions', '.alert', '.timeline', '.proof'].filter(one => document.querySelector(one)?.checkVisibility())"
            )
            self.assertEqual(shown, [".alert", ".timeline", ".proof"])
        finally:
            self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_who_wants_less_motion_gets_a_mark_that_stands_still(self):
        self.browser.resize(1280, 800)
        name = "return getComputedStyle(document.querySelector('[data-slug=koh-kong]'), '::after').animationName"
        tile = "document.querySelector('[data-slug=koh-kong]').classList.add('pulse')"
        self.browser.run(tile)
        self.assertEqual(self.browser.run(name), "pulse")
        self.browser.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
        )
        try:
            self.browser.run(tile)
            self.assertEqual(self.browser.run(name), "none")
        finally:
            self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


if __name__ == "__main__":
    unittest.main()
