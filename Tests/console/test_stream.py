"""The stream and the map: what comes shows, joins its thread, is found, and does not jump."""

import time
import unittest

from browser import Browser, Keys, until
from house import house, movement, rfc3339


class StreamTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house()
        cls.browser = Browser()
        cls.browser.open(cls.house.address())

    @classmethod
    def tearDownClass(cls):
        cls.browser.end()

    def setUp(self):
        self.browser.everything()

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def count(self, slug):
        return int(self.browser.run(f"return document.querySelector('[data-slug=\"{slug}\"] .count').textContent") or 0)

    def test_an_alert_is_on_list_and_map_within_a_second(self):
        before = self.count("koh-kong")
        self.house.publish(movement("Invented: within a second", crossing="Cham Yeam"))
        start = time.monotonic()
        self.browser.row("Invented: within a second", deadline=1)
        until(lambda: self.count("koh-kong") == before + 1, "the count of Koh Kong", deadline=1.5)
        self.assertLess(time.monotonic() - start, 1.5)
        self.assertIn(
            "hot",
            self.browser.run(
                "return [...document.querySelectorAll('.crossing')].find(one => one.title.startsWith('Cham Yeam')).className"
            ),
        )
        self.assertIn("pulse", self.browser.run("return document.querySelector('[data-slug=\"koh-kong\"]').className"))
        table = self.browser.run("return document.querySelector('#map-table tbody').textContent")
        self.assertIn("Koh Kong", table)

    def test_update_ack_sighting_and_cancel_join_the_alerts_thread(self):
        first = self.house.publish(movement("Invented: a thread begins"))[0]["id"]
        self.browser.row("Invented: a thread begins")
        second = self.house.publish(movement("Invented: a thread goes on", msgType="Update", references=[first]))[0][
            "id"
        ]
        self.browser.row("Invented: a thread goes on")
        self.assertEqual(self.browser.rows("Invented: a thread begins"), [], "the older version stands by itself")
        self.house.acknowledge(second, "A patrol is on its way")
        seen = {
            "of": second,
            "outcome": "stopped",
            "identifiers": ["plate"],
            "time": rfc3339(-60),
            "place": "the bridge",
        }
        self.house.publish(
            {"kind": "sighting", "provinces": ["prey-veng"], "severity": "Severe", "sighting": seen}, post="prey-veng"
        )
        self.browser.has(".row", "Taken over")
        row = self.browser.row("Invented: a thread goes on")
        until(lambda: "Sightings: 1" in row.text, lambda: row.text, 5)
        self.browser.open_alert("Invented: a thread goes on")
        self.browser.has(".timeline", "A patrol is on its way")
        for words in ("koh-kong raised it", "koh-kong updated it", "prey-veng has taken it over", "prey-veng: Stopped"):
            self.browser.has(".timeline", words)
        cancel = movement("Invented: a thread ends", msgType="Cancel", references=[first, second], movement=None)
        self.house.publish(cancel)
        self.browser.has(".alert", "Its author has cancelled this alert.")
        row = self.browser.row("Invented: a thread goes on")
        self.assertEqual(row.get_attribute("data-state"), "cancelled")
        self.assertIn("Cancelled", row.text)

    def test_what_was_erased_keeps_its_place_and_says_nothing(self):
        said = self.house.publish(movement("Invented: to be erased", description="Invented: words to be erased"))[0]
        self.browser.open_alert("Invented: to be erased")
        end = movement(
            "Invented: they are safe", msgType="Cancel", references=[said["id"]], resolution="safe", movement=None
        )
        self.house.publish(end)
        self.browser.has(".row", "koh-kong cancelled it: safe")
        until(lambda: "to be erased" not in self.browser.text("main"), lambda: self.browser.text("main"), 20)
        row = self.browser.row("Content erased")
        self.assertEqual(row.get_attribute("data-state"), "cancelled")

    def test_an_immediate_alert_notifies_and_sounds_only_when_asked_and_says_nothing_of_its_words(self):
        browser = self.browser
        browser.run(
            """
            window.told = []; window.tones = 0;
            window.Notification = class { static permission = 'granted'; static async requestPermission() { return 'granted'; }
              constructor(title, options) { window.told.push(title + ' ' + options.body); } };
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (...words) { window.tones++; return start.apply(this, words); };"""
        )
        self.house.publish(movement("Invented: nobody asked", urgency="Immediate"))
        browser.row("Invented: nobody asked")
        self.assertEqual(browser.run("return [window.told, window.tones]"), [[], 0])
        browser.click(".settings summary")
        browser.click("#want-notify")
        browser.click("#want-sound")
        tones = until(lambda: browser.run("return window.tones"), "the sound that shows what it is", 10)
        self.house.publish(
            movement("Invented: not so urgent"),
            movement("Invented: urgent words", urgency="Immediate"),
            movement("Invented: urgent drill", urgency="Immediate", status="Exercise"),
        )
        browser.row("Invented: urgent drill")
        told = until(lambda: browser.run("return window.told"), "a notification", 10)
        browser.click("#want-notify")
        browser.click("#want-sound")
        browser.click(".settings summary")
        self.assertGreater(browser.run("return window.tones"), tones)
        self.assertIn("Immediate alert Movement · Koh Kong", told[0])
        self.assertFalse([one for one in told if "Invented" in one or "words" in one])
        self.assertTrue(all("EXERCISE" in one or one.startswith("Immediate alert") for one in told), told)

    def test_the_opened_alert_says_everything_and_its_proof(self):
        risk = [{"role": "possible-victim", "ageBand": "12-15", "sex": "female", "count": 2}]
        self.house.publish(
            movement(
                {"en": "Invented: everything of it", "km": "គំរូ៖ អ្វីៗទាំងអស់"},
                atRisk=risk,
                crossing="Cham Yeam",
                urgency="Immediate",
                provinces=["koh-kong", "trat"],
                description="Invented: it went towards the border",
                movement={
                    "mode": "road",
                    "direction": "out",
                    "from": "Sre Ambel",
                    "people": 9,
                    "minors": 2,
                    "vehicle": {"type": "van", "plate": "2AB-0012", "colour": "white"},
                },
            )
        )
        self.browser.open_alert("Invented: everything of it")
        for words in (
            "គំរូ៖ អ្វីៗទាំងអស់",
            "it went towards the border",
            "Koh Kong › Trat",
            "Cham Yeam",
            "2AB-0012",
            "Sre Ambel",
            "9 people, 2 of them seem under 18",
            "2 possible victims",
            "12-15 years",
            "TLP:AMBER+STRICT",
            "Immediate",
            "Signed by koh-kong, key ",
            "checked here",
            "Offset ",
        ):
            self.browser.has(".alert", words)
        self.browser.has(".alert", "on duty")
        self.browser.has(".proof", "checkpoint", 30)

    def test_filters_leave_what_they_say(self):
        self.house.publish(
            movement("Invented filter: minor", severity="Minor"),
            movement("Invented filter: exercise", status="Exercise"),
            {
                "kind": "suspect",
                "severity": "Extreme",
                "provinces": ["kampong-cham"],
                "headline": "Invented filter: suspect",
                "suspect": {"role": "broker", "ageRange": {"min": 30, "max": 40}},
            },
        )
        for name in ("minor", "exercise", "suspect"):
            self.browser.row(f"Invented filter: {name}")
        wanted = {
            ("by-kind", "suspect"): {"suspect"},
            ("by-severity", "Severe"): {"exercise", "suspect"},
            ("by-status", "Exercise"): {"exercise"},
            ("by-province", "kampong-cham"): {"suspect"},
            ("by-state", "active"): {"minor", "exercise", "suspect"},
        }
        for (name, value), names in wanted.items():
            with self.subTest(name):
                self.browser.choose(f"#{name}", value)
                shown = {
                    one for one in ("minor", "exercise", "suspect") if self.browser.rows(f"Invented filter: {one}")
                }
                self.assertEqual(shown, names)
                self.browser.click("#clear")
        self.browser.click('.tile[data-slug="kampong-cham"]')
        self.assertEqual(self.browser.one("#by-province").get_attribute("value"), "kampong-cham")
        self.assertEqual(self.browser.rows("Invented filter: minor"), [])

    def test_an_exercise_is_marked_and_counts_beside_the_real_ones(self):
        before = self.count("kampong-cham")
        self.house.publish(movement("Invented: a drill", status="Exercise", provinces=["kampong-cham"]))
        row = self.browser.row("Invented: a drill")
        self.assertIn("EXERCISE", row.text)
        self.assertIn("លំហាត់សមយុទ្ធ", row.text)
        until(
            lambda: self.browser.run(
                "return document.querySelector('[data-slug=\"kampong-cham\"] .drill').textContent"
            ),
            "the drill's count",
            5,
        )
        self.assertEqual(self.count("kampong-cham"), before)
        self.browser.open_alert("Invented: a drill")
        self.assertEqual(len(self.browser.all(".alert .drill-banner")), 2)
        self.browser.has(".drill-banner", "Not a real alert")

    def test_search_finds_khmer_in_any_order_of_keys_latin_and_plates(self):
        self.house.publish(
            movement("គំរូ៖ រថយន្តវ៉ាន់ពណ៌សឆ្ពោះទៅត្បូងឃ្មុំ"),
            movement(
                "Invented: search by plate",
                movement={"mode": "road", "direction": "out", "vehicle": {"type": "car", "plate": "2B-7788"}},
            ),
            movement("Invented: search nothing of it"),
        )
        self.browser.row("Invented: search by plate")
        # The last syllable's marks in another order; a plate without its hyphen; a word in another case; a province by its name.
        for words, headline in (
            ("ឃ្ម\u17c6\u17bb", "ត្បូងឃ្មុំ"),
            ("រថយន្ត", "រថយន្តវ៉ាន់"),
            ("2b7788", "search by plate"),
            ("PLATE search", "search by plate"),
        ):
            with self.subTest(words):
                self.browser.type("#words", words)
                self.browser.row(headline)
                until(lambda: not self.browser.rows("nothing of it"), "the others hidden", 5)
        self.browser.type("#words", "xylophone")
        until(lambda: not self.browser.all(".row"), "no row", 5)
        self.browser.has("#empty", "No alert matches")
        self.browser.press(Keys.ESCAPE)
        self.browser.row("nothing of it")

    def test_what_comes_while_one_reads_waits(self):
        self.house.publish(*[movement(f"Invented: filler {number}") for number in range(30)])
        self.browser.row("Invented: filler 29")
        self.browser.run("document.getElementById('list').scrollTop = 700")
        until(lambda: self.browser.run("return document.querySelectorAll('.row').length > 3"), "rows")
        place = lambda: self.browser.run(
            "const top = document.getElementById('list').getBoundingClientRect().top;"
            "return [...document.querySelectorAll('.row')].filter(r => r.getBoundingClientRect().top > top)[0].textContent"
        )
        before = place()
        self.house.publish(movement("Invented: comes while one reads"), movement("Invented: and another"))
        self.browser.has("#new", "2 new")
        self.assertEqual(place(), before)
        self.assertEqual(self.browser.rows("comes while one reads"), [])
        self.browser.click("#new")
        self.browser.row("comes while one reads")
        self.assertFalse(self.browser.run("return document.getElementById('new').checkVisibility()"))

    def test_the_keyboard_is_enough(self):
        self.house.publish(
            movement("Invented: key one"), movement("Invented: key two"), movement("Invented: key three")
        )
        self.browser.row("Invented: key three")
        # Nothing is selected yet.
        self.browser.driver.refresh()
        self.browser.ready()
        self.browser.row("Invented: key three")
        selected = lambda: self.browser.run("return document.activeElement.closest('.row')?.textContent ?? ''")
        for key, headline in (("j", "key three"), ("j", "key two"), ("j", "key one"), ("k", "key two")):
            self.browser.press(key)
            self.assertIn(headline, selected())
        self.browser.press(Keys.ENTER)
        self.browser.has(".alert .headlines", "Invented: key two")
        self.browser.press(Keys.ESCAPE)
        until(lambda: not self.browser.all(".alert"), "closed", 5)
        self.assertIn("key two", selected())
        self.browser.press("/")
        self.assertEqual(self.browser.run("return document.activeElement.id"), "words")
        self.browser.press("j")
        self.assertEqual(self.browser.one("#words").get_attribute("value"), "j")

    def test_the_map_is_one_stop_of_the_tabulator_with_arrows_inside(self):
        stops = self.browser.run(
            "return [...document.querySelectorAll('.tile')].filter(one => one.tabIndex === 0).length"
        )
        self.assertEqual(stops, 1)
        self.browser.run("document.querySelector('[data-slug=\"koh-kong\"]').focus()")
        self.browser.press(Keys.ARROW_UP)
        self.assertEqual(self.browser.run("return document.activeElement.dataset.slug"), "trat")
        self.browser.press(Keys.ARROW_RIGHT, Keys.ENTER)
        self.assertEqual(self.browser.one("#by-province").get_attribute("value"), "pursat")

    def test_nothing_of_an_alert_is_in_the_address_or_kept_by_the_browser(self):
        said = self.house.publish(movement("Invented: nothing kept"))[0]
        self.browser.open_alert("Invented: nothing kept")
        self.browser.type("#words", "nothing kept")
        self.browser.row("Invented: nothing kept")
        self.assertTrue(self.browser.driver.current_url.endswith(f"/#{said['id']}"), self.browser.driver.current_url)
        kept = self.browser.wait(
            "Promise.all([indexedDB.databases(), caches.keys()]).then(([bases, caches]) => done({local: {...localStorage}, session: {...sessionStorage}, bases, caches, cookie: document.cookie}))"
        )
        self.assertEqual(kept["session"], {})
        self.assertEqual((kept["bases"], kept["caches"], kept["cookie"]), ([], [], ""))
        self.assertLessEqual(set(kept["local"]), {"language", "digits", "notify", "sound"})
        self.browser.run(
            "window.copied = null; navigator.clipboard.writeText = async (text) => { window.copied = text; }"
        )
        self.browser.click("#copy-link")
        until(lambda: self.browser.run("return window.copied"), "copied")
        self.assertRegex(self.browser.run("return window.copied"), rf"^http://127\.0\.0\.1:\d+/#{said['id']}$")

    def test_the_browser_is_asked_to_send_no_text_away(self):
        self.house.publish(movement("Invented: not to be translated"))
        self.browser.open_alert("Invented: not to be translated")
        self.assertEqual(self.browser.run("return document.documentElement.translate"), False)
        self.assertEqual(self.browser.run("return document.querySelector('meta[name=google]').content"), "notranslate")
        fields = self.browser.run(
            "return [...document.querySelectorAll('textarea, input:not([type=checkbox], [type=radio])')]"
            ".map(one => [one.id, one.autocomplete, one.spellcheck])"
        )
        self.assertEqual([one for one in fields if one[1:] != ["off", False]], [])

    def test_what_was_on_the_screen_is_told_to_the_author(self):
        said = self.house.publish(movement("Invented: is it seen"))[0]
        self.browser.row("Invented: is it seen")

        def seen():
            lines = self.house.run("borderwire", "show", said["id"], "--config", "watcher.toml", "--format", "json")
            return '"seen_by":1' in lines

        until(seen, "seen by one on duty", 20, pause=0.3)

    def test_what_was_never_on_the_screen_is_not_told_as_seen(self):
        drafts = [movement(f"Invented: a long list {number:02}") for number in range(60)]
        first = self.house.publish(*drafts)[0]
        last = self.house.publish(movement("Invented: the newest of a long list"))[0]
        self.browser.row("Invented: the newest of a long list")

        def seen(identifier):
            lines = self.house.run("borderwire", "show", identifier, "--config", "watcher.toml", "--format", "json")
            return '"seen_by":1' in lines

        until(lambda: seen(last["id"]), "the newest seen by one on duty", 20, pause=0.3)
        # All that is on the screen is reported with it; what is below is not even in the document.
        self.assertEqual(self.browser.rows("Invented: a long list 00"), [])
        self.assertFalse(seen(first["id"]))

    def test_a_silent_post_is_named_to_who_may_know(self):
        self.house.programs["koh-kong"].kill()
        try:
            self.browser.click("[data-go=state]")
            self.browser.has(".panel", "Silent posts")
            self.browser.has(".silent", "koh-kong · last heard", 60)
        finally:
            self.house.start("koh-kong", "borderwire-post")
        self.browser.has(".panel", "every post is heard", 60)


if __name__ == "__main__":
    unittest.main()
