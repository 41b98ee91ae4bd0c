"""Debian's chromium without a screen, and what a person does with it."""

import atexit
import os
import pathlib
import urllib.parse

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from programs import until

OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
]


class Browser:
    """One browser, which keeps nothing from another."""

    def __init__(self, width=1280, height=800):
        options = webdriver.ChromeOptions()
        for option in OPTIONS:
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(60)
        atexit.register(self.end)
        self.resize(width, height)

    def resize(self, width, height):
        """A window of that size; a narrow one as on a telephone, with its density."""
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 1 if width > 500 else 2,
            "mobile": width <= 500,
        }
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, address, language="en"):
        """The page, by an address with a token, once it has caught up."""
        self.driver.get(address)
        self.ready()
        self.speak(language)

    def ready(self):
        until(
            lambda: self.run(
                "return document.body?.dataset.ready === 'true' && document.body.dataset.caughtUp !== undefined"
            ),
            self.text,
        )

    def speak(self, language):
        self.click(f'[data-language="{language}"]')
        until(
            lambda: self.run("return document.querySelector(`[data-language='${arguments[0]}']`).ariaPressed", language)
            == "true",
            language,
        )

    def run(self, script, *words):
        return self.driver.execute_script(script, *words)

    def wait(self, script, *words):
        """What an asynchronous script gives: it calls `done`."""
        return self.driver.execute_async_script(f"const done = arguments[arguments.length - 1];\n{script}", *words)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return until(
            lambda: next((one for one in self.all(selector) if one.is_displayed()), None),
            lambda: f"{selector}\n{self.text()}",
        )

    def act(self, selector, act):
        """Does something with an element; once more where it was drawn anew meanwhile."""
        try:
            return act(self.one(selector))
        except StaleElementReferenceException:
            return act(self.one(selector))

    def click(self, selector):
        self.act(selector, lambda element: element.click())

    def type(self, selector, text):
        element = self.one(selector)
        element.clear()
        element.send_keys(text)

    def choose(self, selector, value):
        self.act(selector, lambda element: Select(element).select_by_value(value))

    def press(self, *keys):
        """Keys to whatever has the focus."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def text(self, selector="body"):
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText).join('\\n')", selector
        )

    def has(self, selector, text, deadline=20):
        """Waits until some such element shows a text."""
        until(lambda: text in self.text(selector), lambda: f"{text!r} in {selector}:\n{self.text(selector)}", deadline)

    def row(self, headline, deadline=20):
        """The row of the stream with that headline."""
        return until(
            lambda: self.rows(headline)[:1],
            lambda: f"{headline!r} in the stream:\n{self.text('.canvas')}",
            deadline,
        )[0]

    def rows(self, headline):
        """Rows on the screen, and a few beyond its edges, that have a text. In one step: the list may change meanwhile."""
        rows = "return [...document.querySelectorAll('.row')].filter(one => one.textContent.includes(arguments[0]))"
        return self.run(rows, headline)

    def open_alert(self, headline):
        self.row(headline)
        self.run(
            "[...document.querySelectorAll('.row')].find(one => one.textContent.includes(arguments[0])).querySelector('.open').click()",
            headline,
        )
        self.has(".alert .headlines", headline)

    def everything(self):
        """No filter, at the top, nothing opened."""
        self.run(
            "document.getElementById('words').value = ''; document.getElementById('clear').click();"
            "document.querySelector('[data-hours=\"24\"]').click(); document.getElementById('list').scrollTop = 0;"
            "document.activeElement?.blur(); if (location.hash) document.querySelector('[data-go=stream]').click();"
        )

    def reports(self):
        """How often the page's policy kept something from running."""
        return self.wait("fetch('/api/policy-reports').then(a => a.json()).then(b => done(b.reports))")

    def complaints(self):
        """What the browser's console says of errors, but for answers that the page itself asked for and handles."""
        return [
            line["message"]
            for line in self.driver.get_log("browser")
            if line["level"] == "SEVERE" and "Failed to load resource" not in line["message"]
        ]

    def shoot(self, name):
        directory = pathlib.Path(os.environ.get("BORDERWIRE_SCREENSHOTS", "/tmp"))
        directory.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(directory / f"{name}.png"))

    def tab(self, address):
        self.driver.switch_to.new_window("tab")
        self.driver.get(address)

    def end(self):
        try:
            self.driver.quit()
        except Exception:  # It is gone already.
            pass


def origin(address):
    parts = urllib.parse.urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


__all__ = ["Browser", "By", "Keys", "origin", "until"]
