"""What each reader has been shown at each step of a play: in Slack, by mail and on pages, in the play's language."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from bot.demo.run import Demo
from core.api import CaseId, Language
from notifications.texts import say
from tests.flow.slack import PATIENCE, Json, Person, Slack, says, until
from tests.flow.workplace import T, Workplace
from tests.web.desk import Desk
from tests.web.reading import Read, read

LINK, CODE = re.compile(r"http://\S+/i/\S+"), re.compile(r"\b\d{4} \d{4}\b")


@dataclass
class Story:
    """A play through the whole product. Everybody is called by their part in it."""

    slack: Slack
    place: Demo
    language: Language
    # Who they are in Slack, and where they have their mail.
    accounts: dict[str, str]
    mails: dict[str, str]
    cases: list[CaseId] = field(default_factory=list[CaseId])
    shown: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    browsers: dict[str, Workplace] = field(default_factory=dict[str, Workplace])

    def say(self, key: str, **words: str) -> str:
        """A text of the product, as it stands on what is to be pressed or looked for."""
        return say(self.language, key, **words)

    def show(self, step: str, to: str, words: str) -> None:
        self.shown[step, to] = " ".join(words.split())

    # --- in Slack

    def person(self, who: str) -> Person:
        return self.slack.person(self.accounts[who])

    def speaks(self, who: str) -> None:
        """Somebody chooses the language of the play on the home tab."""
        person = self.person(who)
        person.choose(person.home(), "kp.language", self.language)
        person.home_now(self.say("btn.help"))

    def presses(self, step: str, who: str, action: str, *words: str) -> None:
        """Somebody reads a message and presses what it offers."""
        message = self.person(who).card(action, *words)
        self.show(step, who, says(message))
        self.person(who).press(message, action)

    def submits(self, step: str, who: str, **answers: Json) -> None:
        """Somebody reads the modal that a press has opened, and submits it."""
        modal = self.person(who).modal()
        self.show(step, who, says(modal))
        answer = self.person(who).submit(modal, **answers)
        assert answer["response_action"] == "clear", answer

    # --- by mail

    def mail(self, step: str, to: str, *words: str) -> str:
        """A mail that holds all the words, waited for."""

        def found() -> str | None:
            mails = (f"{each['subject']}\n{each['text']}" for each in self._mails() if self.mails[to] in each["to"])
            return next((each for each in mails if all(word in each for word in words)), None)

        mail = until(found, what=f"a mail to the {to} with {words}", instead=self._subjects)
        self.show(step, to, mail)
        return mail

    def _mails(self) -> list[Json]:
        return self.slack.http.get("/sandbox/mails").json()["mails"]

    def _subjects(self) -> str:
        return "\n".join(f"{each['to']}: {each['subject']}" for each in self._mails())

    # --- on pages

    def page(self, step: str, to: str, address: str, **typed: str) -> Read:
        """A page that whoever has its address opens, or what comes after its form was sent."""
        heard = {"Accept-Language": self.language}
        with httpx.Client(timeout=PATIENCE, follow_redirects=True, headers=heard) as browser:
            page = read((browser.post(address, data=typed) if typed else browser.get(address)).text)
        self.show(step, to, page.text)
        return page

    def at(self, who: str, work: Callable[[Desk], Awaitable[T]]) -> T:
        """What comes of somebody's work in their browser."""
        return self.browsers.setdefault(who, Workplace(self.place.site, self.language)).at(work)

    def signs_in_by_link(self, who: str) -> None:
        link = LINK.search(self._asks_to_sign_in(who))
        assert link

        async def press(desk: Desk) -> None:
            self.show("opening the link", who, (await desk.open(link[0])).text)
            await desk.press(self.say("web.sign_in.submit"))
            self.show("signed in", who, desk.text)

        self.at(who, press)

    def signs_in_by_code(self, who: str) -> None:
        code = CODE.search(self._asks_to_sign_in(who))
        assert code

        async def type_it(desk: Desk) -> None:
            await (await desk.open("/logga-in/kod")).press(self.say("web.sign_in.submit"), code=code[0])
            # The language is asked for where one's own work begins.
            chosen = f"{self.say('admin.save')} {self.say('language.label')}"
            await desk.press(chosen, _value=self.language)
            self.show("signed in", who, desk.text)

        self.at(who, type_it)

    def _asks_to_sign_in(self, who: str) -> str:
        async def ask(desk: Desk) -> None:
            self.show("signing in", who, (await desk.open("/logga-in")).text)
            await desk.press(self.say("web.sign_in.send"), email=self.mails[who])
            self.show("asked for a mail", who, desk.text)

        self.at(who, ask)
        return self.mail("mailed", who, "/i/")
