"""Writing: forms, mistakes at their fields, the preview, the four states; answering; the hub away."""

import json
import unittest

from browser import Browser, Keys, until
from house import House, house, movement


def fill_movement(browser, headline, **more):
    """The form's fields that a movement needs, and whatever else by its path."""
    fields = {
        "severity": "Severe",
        "headline.en": headline,
        "movement.mode": "road",
        "movement.direction": "out",
    } | more
    for path, value in fields.items():
        enter(browser, path, value)


def enter(browser, path, value):
    selector = f'[data-path="{path}"]'
    # A folded part of the form is opened as a person would.
    browser.run(
        "const part = document.querySelector(arguments[0]).closest('details'); if (part) part.open = true;", selector
    )
    box = browser.one(selector)
    for element in box.find_elements("css selector", "select"):
        browser.choose(f"{selector} select", value)
        return element
    element = box.find_element("css selector", "input, textarea")
    element.clear()
    element.send_keys(value)
    return element


class WriteTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house()
        cls.browser = Browser(390, 844)
        cls.browser.open(cls.house.address())

    @classmethod
    def tearDownClass(cls):
        cls.browser.end()

    def setUp(self):
        # A new form, whatever the test before has left.
        self.browser.driver.refresh()
        self.browser.ready()
        until(
            lambda: self.browser.run("return !document.querySelector('[data-go=write]').hidden"), "writing is possible"
        )

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def write(self):
        self.browser.click("[data-go=write]")
        self.browser.one("#check")

    def problem(self, path):
        return self.browser.run(
            "return document.querySelector(`[data-path='${arguments[0]}'] .problem`)?.innerText ?? ''", path
        )

    def check(self):
        self.browser.click("#check")

    def test_an_empty_form_names_each_field_that_is_needed(self):
        self.write()
        self.check()
        self.browser.has(".problems", "to mend")
        for path in ("movement.mode", "movement.direction"):
            until(lambda: "Must be filled in" in self.problem(path), lambda: self.browser.text(".panel"), 10)
        self.browser.has(".panel", "Must be filled in")
        self.assertEqual(self.browser.run("return document.activeElement.getAttribute('aria-invalid')"), "true")

    def test_each_kind_of_mistake_is_told_at_its_field_in_the_readers_language(self):
        mistakes = {
            "headline.en": ("call 012 345 678", "telephone", "លេខទូរស័ព្ទ"),
            "movement.from": ("somebody@example.org", "An @ is in it", "សញ្ញា @"),
            "movement.towards": ("x" * 121, "Too long: 121 characters, at most 120", "វែងពេក៖ 121 តួអក្សរ អតិបរមា 120"),
            "movement.people": ("none", "whole number", "ចំនួនគត់"),
            "movement.vehicle.plate": ("no plate at all!", "Not a plate", "មិនមែនជាផ្លាកលេខ"),
            "movement.vehicle.type": None,
            "crossing": ("Bavet", "have no crossing called so", "គ្មានច្រកឈ្មោះនេះ"),
            "description.en": ("The girl Sok Dara was seen", "Perhaps a victim's name", "អាចជាឈ្មោះជនរងគ្រោះ"),
        }
        self.write()
        # A crossing of a province that has others.
        self.browser.run("document.querySelector('[data-path=provinces] .chips button').click()")
        self.pick("provinces", "koh k")
        fill_movement(self.browser, "x")
        for path, mistake in mistakes.items():
            if mistake:
                enter(self.browser, path, mistake[0])
        self.check()
        for language, place in (("en", 1), ("km", 2)):
            self.browser.speak(language)
            for path, mistake in mistakes.items():
                if not mistake:
                    continue
                with self.subTest(f"{path} {language}"):
                    until(
                        lambda: mistake[place] in self.problem(path),
                        lambda: f"{self.problem(path)!r}\n{self.browser.text('.panel')}",
                        10,
                    )
        self.browser.speak("en")
        # A mended field says so by itself.
        enter(self.browser, "headline.en", "Invented: a lorry")
        until(lambda: not self.problem("headline.en"), lambda: self.problem("headline.en"), 10)

    def pick(self, path, typed):
        element = enter(self.browser, path, typed)
        self.browser.one(f'[data-path="{path}"] [role="option"]')
        element.send_keys(Keys.ENTER)

    def test_provinces_are_found_by_any_name_and_none_by_a_name_that_is_none(self):
        self.write()
        for typed, name in (
            ("ត្បូង", "Tboung Khmum"),
            ("sihanoukv", "Preah Sihanouk"),
            ("tay n", "Tay Ninh"),
            ("KH-15", "Pursat"),
        ):
            self.pick("provinces", typed)
            self.browser.has('[data-path="provinces"] .chips', name)
        enter(self.browser, "provinces", "Koh Kng")
        self.check()
        until(
            lambda: "No province is called so. The nearest: Koh Kong" in self.problem("provinces"),
            lambda: self.problem("provinces"),
            10,
        )

    def test_a_movement_is_checked_previewed_published_and_followed_to_its_end(self):
        self.write()
        fill_movement(
            self.browser,
            "Invented: the four states",
            **{"movement.people": "7", "movement.vehicle.type": "van", "movement.vehicle.plate": "2B-7788"},
        )
        self.browser.click('[data-add="atRisk"]')
        self.check()
        self.browser.has(".notices", "An age is not known: it counts as a minor's")
        self.browser.has(".preview", "Invented: the four states")
        self.browser.has(".preview", "7 people")
        self.browser.click("#edit")
        self.browser.one("#check")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        identifier = self.browser.run("return document.querySelector('.outbox a').hash.slice(1)")
        # The desk itself has it on its screen: it is on duty.
        self.browser.click("[data-go=stream]")
        self.browser.row("Invented: the four states")
        self.browser.click("[data-go=write]")
        self.browser.has(".steps", "Seen by 1 of", 30)
        self.house.run("borderwire", "ack", identifier, "--config", "watcher.toml", "--wait", "60s")
        until(
            lambda: self.browser.run("return document.querySelector('.steps li:last-child').dataset.done") == "true",
            lambda: self.browser.text(".panel"),
            30,
        )

    def test_an_exercise_is_published_as_one(self):
        self.write()
        self.browser.click('input[name="status"][value="Exercise"]')
        fill_movement(self.browser, "Invented: written as a drill")
        self.check()
        self.browser.has(".preview", "EXERCISE")
        self.assertIn("Exercise", self.browser.text("#publish"))
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("[data-go=stream]")
        self.assertIn("EXERCISE", self.browser.row("Invented: written as a drill").text)

    def test_a_suspect_is_published(self):
        self.write()
        self.browser.click('[data-kind="suspect"]')
        self.browser.choose('[data-path="suspect.role"] select', "broker")
        for path, value in {
            "severity": "Extreme",
            "headline.km": "គំរូ៖ មេខ្យល់នៅផ្សារ",
            "suspect.aliases": "Ta Mao",
            "suspect.ageRange.min": "30",
            "suspect.ageRange.max": "40",
        }.items():
            enter(self.browser, path, value)
        self.browser.click('[data-add="suspect.documents"]')
        enter(self.browser, "suspect.documents[0].number", "N1234567")
        self.check()
        self.browser.has(".preview", "N1234567")
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("[data-go=stream]")
        self.browser.row("មេខ្យល់នៅផ្សារ")

    def test_an_alert_of_another_is_taken_over_and_sighted(self):
        said = self.house.publish(movement("Invented: answer me", status="Exercise"))[0]
        self.browser.open_alert("Invented: answer me")
        self.browser.click("#ack")
        self.browser.type("#ack-note", "We look for it")
        self.browser.press(Keys.ENTER)
        self.browser.has(".timeline", "prey-veng has taken it over")
        self.browser.has(".timeline", "We look for it")
        self.button("Report a sighting")
        self.browser.choose('[data-path="sighting.outcome"] select', "stopped")
        self.check()
        until(
            lambda: "Say by what it was recognised" in self.problem("sighting.identifiers"),
            lambda: self.browser.text(".panel"),
            10,
        )
        self.browser.click('[data-path="sighting.identifiers"] input[value="name"]')
        until(
            lambda: "A name alone" in self.problem("sighting.identifiers"),
            lambda: self.problem("sighting.identifiers"),
            10,
        )
        self.browser.click('[data-path="sighting.identifiers"] input[value="plate"]')
        self.check()
        self.browser.has(".preview", "Stopped")
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        shown = self.house.run("borderwire", "show", said["id"], "--config", "watcher.toml", "--format", "json")
        lines = [json.loads(line) for line in shown.splitlines() if line.startswith('{"offset"')]
        self.assertEqual([line["alert"].get("sighting", {}).get("outcome") for line in lines], [None, None, "stopped"])
        self.assertEqual([line["alert"]["status"] for line in lines], ["Exercise"] * 3)

    def test_what_the_hub_refuses_says_so(self):
        self.write()
        self.browser.run("document.querySelector('[data-path=provinces] .chips button').click()")
        # The post may not publish for Pursat.
        self.pick("provinces", "Pursat")
        fill_movement(self.browser, "Invented: not for this post")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".panel", "The hub refused it: this post may not publish it: ask the hub's operator.")
        self.browser.has(".panel .problem [lang=en]", "prey-veng may not publish movement alerts of pursat")

    def test_a_report_that_was_half_written_comes_back_after_an_answer(self):
        self.house.publish(movement("Invented: meanwhile"))
        self.write()
        enter(self.browser, "headline.en", "Invented: half written")
        self.browser.click("[data-go=stream]")
        self.browser.open_alert("Invented: meanwhile")
        self.button("Report a sighting")
        self.browser.choose('[data-path="sighting.outcome"] select', "not-seen")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("#another")
        shown = lambda: self.browser.run("return document.getElementById('f-headline-en').value")
        until(lambda: shown() == "Invented: half written", shown, 10)

    def test_its_own_alert_is_updated_and_cancelled(self):
        self.write()
        fill_movement(self.browser, "Invented: first version")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("[data-go=stream]")
        self.browser.open_alert("Invented: first version")
        self.button("Update")
        enter(self.browser, "headline.en", "Invented: second version")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("[data-go=stream]")
        self.browser.open_alert("Invented: second version")
        self.button("Cancel it")
        enter(self.browser, "headline.en", "Invented: it was a wedding")
        self.check()
        self.browser.click("#publish")
        self.browser.has(".steps", "On the hub's log,")
        self.browser.click("[data-go=stream]")
        row = self.browser.row("Invented: second version")
        until(
            lambda: self.browser.row("Invented: second version").get_attribute("data-state") == "cancelled",
            lambda: row.text,
            10,
        )

    def button(self, words):
        until(
            lambda: self.browser.run(
                "return [...document.querySelectorAll('.actions button')].some(one => one.textContent === arguments[0])",
                words,
            ),
            words,
        )
        self.browser.run(
            "[...document.querySelectorAll('.actions button')].find(one => one.textContent === arguments[0]).click()",
            words,
        )
        self.browser.one("#check")


class AnalystTests(unittest.TestCase):
    def test_an_analyst_without_a_post_takes_over_by_a_key_of_their_own_and_writes_nothing_else(self):
        here = house()
        browser = Browser()
        try:
            browser.open(here.address("analyst"))
            said = here.publish(movement("Invented: for the analyst"))[0]
            browser.open_alert("Invented: for the analyst")
            self.assertFalse(browser.run("return document.querySelector('[data-go=write]').checkVisibility()"))
            shown = "return [...document.querySelectorAll('.actions button')].filter(one => one.checkVisibility()).map(one => one.textContent)"
            self.assertEqual(browser.run(shown), ["Take over"])
            browser.click("#ack")
            browser.press(Keys.ENTER)
            browser.has(".timeline", "analyst has taken it over")
            browser.has(".alert", "analyst has taken it over ·")
            shown = here.run("borderwire", "show", said["id"], "--config", "watcher.toml")
            self.assertIn("ACKNOWLEDGED by analyst", shown)
        finally:
            browser.end()


class HubAwayTests(unittest.TestCase):
    def test_what_is_written_while_the_hub_is_away_waits_and_is_sent(self):
        house = House()
        browser = Browser()
        try:
            browser.open(house.address())
            house.publish(movement("Invented: before the hub went"))
            browser.row("Invented: before the hub went")
            house.programs["hub"].kill()
            browser.has("#banner", "The link to the hub has been down since", 40)
            browser.row("Invented: before the hub went")
            browser.click("[data-go=write]")
            fill_movement(browser, "Invented: while the hub is away")
            browser.click("#check")
            browser.click("#publish")
            browser.has(".panel", "it waits on the post's disk")
            self.assertEqual(
                browser.run(
                    "return [...document.querySelectorAll('.writer > div .steps li')].map(one => one.dataset.done)"
                ),
                ["true", "false", "false", "false"],
            )
            browser.click("[data-go=state]")
            browser.has(".panel", "Waiting to be sent")
            house.start_hub()
            browser.row("Invented: while the hub is away", 60)
            browser.has(".outbox", "On the hub's log,", 30)
            until(
                lambda: not browser.run("return document.getElementById('banner').checkVisibility()"), "no banner", 30
            )
            self.assertEqual(len(browser.rows("Invented: while the hub is away")), 1)
        finally:
            browser.end()
            house.end()


if __name__ == "__main__":
    unittest.main()
