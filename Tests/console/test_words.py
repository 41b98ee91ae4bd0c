"""The page's words: complete in both languages, dates as people write them, and rules that are the program's."""

import json
import os
import pathlib
import re
import unittest

from browser import Browser, until
from house import PAGE, house, movement

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KHMER = re.compile("[\u1780-\u17ff]")
# Words that are the same in Khmer: names, and what is only put together.
SAME = re.compile(r"^(date\.day|map\.drills|sighted-by|link\.away)$")


def strings(language):
    first, panel = (json.loads((PAGE / "strings" / f"{language}{part}.json").read_text()) for part in ("", "-panel"))
    assert not first.keys() & panel.keys(), first.keys() & panel.keys()
    return first | panel


def sources():
    return {path.name: path.read_text() for path in [*PAGE.glob("*.js"), *PAGE.glob("*.html")]}


class StringTests(unittest.TestCase):
    def test_both_languages_have_the_same_words_with_the_same_gaps(self):
        khmer, english = strings("km"), strings("en")
        self.assertEqual(khmer.keys(), english.keys())
        for key, text in khmer.items():
            with self.subTest(key):
                self.assertTrue(text and english[key])
                self.assertEqual(set(re.findall(r"{\w+}", text)), set(re.findall(r"{\w+}", english[key])))
                if not SAME.match(key):
                    self.assertRegex(text, KHMER)

    def test_every_word_that_the_page_asks_for_is_there(self):
        there = strings("en").keys()
        asked, lists = set(), set()
        for text in sources().values():
            asked |= set(re.findall(r"""\bt\("([^"]+)\"""", text)) | set(
                re.findall(r'data-t(?:-label|-hint)?="([^"]+)"', text)
            )
            # What is put together: `month.${n}`, word("severity", code).
            lists |= set(re.findall(r"\bt\(`([\w.-]+)\.\$\{", text)) | set(re.findall(r'\bword\("([\w-]+)"', text))
            asked |= {name for pair in re.findall(r'\bt\([^"`]*\? "([\w.-]+)" : "([\w.-]+)"', text) for name in pair}
        self.assertEqual(sorted(asked - there), [])
        self.assertEqual(sorted(name for name in lists if not any(key.startswith(f"{name}.") for key in there)), [])

    def test_every_code_word_of_the_schema_has_a_word(self):
        there = strings("en").keys()
        folder = ROOT / "Sources" / "Alerts" / "Alert"
        text = "\n".join(path.read_text() for path in folder.glob("*.swift"))
        lists = {
            "Status": "status",
            "Urgency": "urgency",
            "Severity": "severity",
            "Certainty": "certainty",
            "Sex": "sex",
            "Role": None,
            "Mode": "mode",
            "Direction": "direction",
            "VehicleType": "vehicle",
            "Outcome": "outcome",
            "Identifier": "identifier",
            "Action": "action",
            "DocumentType": "document",
            "Resolution": "resolution",
        }
        for name, key in lists.items():
            for body in re.findall(rf"enum {name}: String[^{{]*{{(.*?)\n *}}", text, re.S):
                for case, value in re.findall(r'case (\w+)(?: = "([^"]+)")?', body):
                    keys = [f"{key}.{value or case}"] if key else [f"role.{value or case}", f"at-risk.{value or case}"]
                    with self.subTest(keys[0]):
                        self.assertTrue(any(one in there for one in keys))

    def test_each_rule_of_the_schema_that_a_form_can_break_has_its_sentence(self):
        """page/problems.js tells rules by the program's sentences: these are in its sources."""
        folder = ROOT / "Sources" / "Alerts"
        text = "\n".join(path.read_text() for path in folder.rglob("*.swift"))
        literals = re.findall(r'"((?:[^"\\\n]|\\[^(]|\\\((?:[^()"]|\([^()]*\))*\))+)', text)
        # A number stands where the program puts one in; some sentences are put together: "not " and what was wanted.
        sentences = [re.sub(r"\\\((?:[^()]|\([^()]*\))*\)", "12", one) for one in literals]
        sentences += [f"not {one}" for one in sentences]
        table = (PAGE / "problems.js").read_text()
        rules = re.findall(r'\["([\w-]+)", /(.+)/\],', table)
        self.assertGreater(len(rules), 35)
        for rule, pattern in rules:
            with self.subTest(rule):
                self.assertIn(f"problem.{rule}", strings("en"))
                if rule == "not-granted":
                    continue
                # Only the sentence's beginning: some are put together of several.
                pattern = pattern.replace("(?<", "(?P<").split("(?P<names>")[0].rstrip("$")
                pattern = re.sub("Khmer|Latin", "12", pattern)
                self.assertTrue(any(re.search(pattern, one) for one in sentences), pattern)

    def test_the_page_is_light(self):
        browser = Browser()
        try:
            browser.open(house().address(), "km")
            sizes = browser.run(
                """
                const ready = performance.getEntriesByName('ready')[0].startTime;
                const files = performance.getEntriesByType('resource').filter(one => new URL(one.name).pathname.startsWith('/page/'));
                const sum = list => list.reduce((total, one) => total + one.decodedBodySize, performance.getEntriesByType('navigation')[0].decodedBodySize);
                return [sum(files.filter(one => one.responseEnd <= ready)) / 1024, sum(files) / 1024, files.every(one => new URL(one.name).origin === location.origin)];"""
            )
            print(f"\n    {sizes[0]:.1f} KiB until the page is ready, {sizes[1]:.1f} KiB in all", flush=True)
            self.assertTrue(sizes[2])
            self.assertLess(sizes[0], float(os.environ.get("BORDERWIRE_PAGE_KIB", 100)))
        finally:
            browser.end()


class LanguageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house()
        cls.house.publish(
            movement(
                {"km": "គំរូ៖ រថយន្តធំឆ្លងកាត់ច្រកចាំយាម", "en": "Invented: a lorry crosses at Cham Yeam"},
                crossing="Cham Yeam",
            )
        )
        cls.browser = Browser()
        cls.browser.open(cls.house.address(), "km")

    @classmethod
    def tearDownClass(cls):
        cls.browser.end()

    def test_the_whole_page_speaks_khmer_first_and_english_when_asked(self):
        browser = self.browser
        self.assertEqual(browser.run("return document.documentElement.lang"), "km")
        browser.row("រថយន្តធំឆ្លងកាត់").find_element("css selector", ".open").click()
        browser.has(".alert", "ចាំយាម")
        browser.has(".alert", "ផ្ញើដោយប៉ុស្តិ៍ koh-kong")
        # Latin words that remain are names, codes and what alerts say.
        rest = browser.run("""
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const out = [];
            for (let node = walk.nextNode(); node; node = walk.nextNode()) {
              if (node.parentElement.closest('script, noscript, [lang=en], .settings')) continue;
              if (/[a-z]{4,}/.test(node.textContent)) out.push(node.textContent);
            }
            return out;""")
        allowed = re.compile(r"koh-kong|prey-veng|pv-desk|EXERCISE|TEST|Enter|[0-9a-f]{8}-|borderwire")
        self.assertEqual([text for text in rest if not allowed.search(text)], [])
        browser.speak("en")
        browser.has(".alert", "By koh-kong")
        browser.has(".headlines", "Invented: a lorry crosses at Cham Yeam")
        self.assertEqual(browser.run("return document.querySelector('.headlines h2').lang"), "en")
        browser.speak("km")

    def test_no_word_is_missing_on_a_page_that_was_just_opened(self):
        browser = Browser()
        try:
            browser.driver.get(self.house.address())
            browser.ready()
            browser.row("រថយន្តធំឆ្លងកាត់")
            # What is put into attributes too: labels, hints.
            shown = browser.run("""
                const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = [];
                for (let node = walk.nextNode(); node; node = walk.nextNode()) out.push(node.textContent.trim());
                for (const one of document.querySelectorAll('*')) out.push(one.ariaLabel, one.placeholder, one.title);
                return out.filter(Boolean);""")
            self.assertEqual([text for text in shown if re.fullmatch(r"[a-z-]+(\.[\w-]+)+", text)], [])
        finally:
            browser.end()

    def test_dates_are_as_people_write_them_and_digits_khmer_if_asked(self):
        browser = self.browser
        browser.row("រថយន្តធំឆ្លងកាត់").find_element("css selector", ".open").click()
        until(
            lambda: re.search(r"ថ្ងៃ\S+ ទី\d+ ខែ\S+ ឆ្នាំ20\d\d ម៉ោង \d\d:\d\d", browser.text(".by")),
            lambda: browser.text(".by"),
            10,
        )
        browser.click(".settings summary")
        browser.click("#khmer-digits")
        until(
            lambda: re.search(r"ឆ្នាំ២០[០-៩]{2} ម៉ោង [០-៩]{2}:[០-៩]{2}", browser.text(".by")),
            lambda: browser.text(".by"),
            10,
        )
        browser.click("#khmer-digits")

    def test_texts_are_marked_with_their_language(self):
        wrong = self.browser.run(
            """
            return [...document.querySelectorAll('.row .open, .headlines > *, .tile .name')]
              .filter(one => one.textContent && (/[\\u1780-\\u17ff]/.test(one.textContent) ? 'km' : 'en') !== one.lang).map(one => one.textContent)"""
        )
        self.assertEqual(wrong, [])

    def test_search_folds_as_the_program_does(self):
        """What the program's own tests say of TextFolding, asked of page/fold.js."""
        pairs = [
            ("Koh Kong", "kohkong"),
            ("Kâmpôt", "kampot"),
            ("Ka\u0302mpo\u0302t", "kampot"),
            ("Stoĕng Trêng", "stoengtreng"),
            ("Đắk Lắk", "daklak"),
            ("កណ្ដាល", "កណ្តាល"),
            ("កោះ\u200bកុង", "កោះកុង"),
            ("ត្បូងឃ្ម\u17c6\u17bb", "ត្បូងឃ្មុំ"),
            ("O'Smach", "osmach"),
            ("២០២៦", "2026"),
            ("Ｋｏｈ－Ｋｏｎｇ", "kohkong"),
        ]
        for one, other in pairs:
            with self.subTest(one):
                same = self.browser.wait(
                    "const [one, other] = arguments; import('/page/fold.js').then(({ foldName }) => done([foldName(one), foldName(other)]))",
                    one,
                    other,
                )
                self.assertEqual(same[0], same[1])


if __name__ == "__main__":
    unittest.main()
