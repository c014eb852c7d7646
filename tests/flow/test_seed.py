"""The brief's story, read beside the product: each of its statements is said in its own words, to whom it concerns, at
the step where it happens. The rows stand in `seed.yaml`; three plays through the sandbox are held against them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.demo.run import Demo
from tests.flow.people import ANNA, BO, DISA, HANNA, IVAR, order_via, place_order
from tests.flow.slack import Json, Slack, options, says, text, until
from tests.flow.stage import PATIENCE, at_a_place, playing, prepare, with_mail
from tests.web.filling import TYPED
from tests.web.reading import read

ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("seed.yaml").read_text("utf-8"))
ADMINISTRATOR, SIGNATORY, CONTACT = "oscar.uto@annan.example", "maud.berg@annan.example", "bo.lund@example.org"
# What a reader is called in the rows.
NAMES = {ANNA: "Anna", BO: "Bo", DISA: "Disa", HANNA: "Hanna", IVAR: "Ivar"}
NAMES |= {ADMINISTRATOR: "administrator", SIGNATORY: "signatory by mail", CONTACT: "contact"}
APPLICATION = TYPED | {
    "organisation": "Annan Vård AB",
    "org_number": "556000-0001",
    "administrator.name": "Oscar Uto",
    "administrator.email": ADMINISTRATOR,
    "signatories.0.name": "Maud Berg",
    "signatories.0.email": SIGNATORY,
}


@dataclass
class Story:
    """What each reader has been shown at each step, as it was played."""

    slack: Slack
    place: Demo
    shown: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def show(self, step: str, to: str, words: str) -> None:
        self.shown[step, NAMES.get(to, to)] = " ".join(words.split())

    def reads(self, step: str, to: str, *words: str) -> Json:
        """A message to somebody in Slack, waited for."""
        message = self.slack.person(to).message(*words)
        self.show(step, to, says(message))
        return message

    def opens(self, step: str, to: str, *words: str) -> Json:
        """The modal that a press has opened."""
        modal = self.slack.person(to).modal(*words)
        self.show(step, to, says(modal))
        return modal

    def mail(self, step: str, to: str, subject: str) -> Json:
        """A mail, waited for."""
        mail = until(lambda: self._mail(to, subject), what=f"a mail to {to} about {subject}")
        self.show(step, to, f"{mail['subject']} {mail['text']}")
        return mail

    def page(self, step: str, to: str, address: str) -> str:
        """A page that somebody opens."""
        page = httpx.get(address, timeout=PATIENCE, follow_redirects=True, headers={"accept-language": "sv"}).text
        self.show(step, to, read(page).text)
        return page

    def _mail(self, to: str, subject: str) -> Json | None:
        mails = self.slack.http.get("/sandbox/mails").json()["mails"]
        return next((mail for mail in mails if to in str(mail["to"]) and subject in mail["subject"]), None)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("seed")
    with at_a_place(prepare(folder / "prepared.db"), folder) as bare, with_mail(bare) as place, playing(place) as slack:
        told = Story(slack, place)
        become_customer(told)
        order_directly(told)
        order_through_agent(told)
        yield told


def become_customer(story: Story) -> None:
    form = story.page("the form", "applicant", f"{story.place.site}/ansok")
    filled_in = read(form).fields | APPLICATION | {"do": "send"}
    sent = httpx.post(f"{story.place.site}/ansok", data=filled_in, timeout=PATIENCE)
    story.page("applied", "applicant", story.place.site + sent.headers["location"])
    disa = story.slack.person(DISA)
    disa.press(story.reads("applied", DISA, "Annan Vård AB", "Ta ärendet"), "kp.claim")
    disa.press(disa.message("Annan Vård AB", "Godkänn"), "kp.approve")
    disa.submit(story.opens("approving", DISA, "Annan Vård AB"))
    story.mail("approved", ADMINISTRATOR, "Ansökan är godkänd")
    story.mail("approved", CONTACT, "kontaktperson")
    asked = story.mail("to be signed", SIGNATORY, "Signera")
    address = re.search(r"http://\S+/s/[\w-]+", asked["text"])
    assert address
    page = story.page("to be signed", "signatory", address[0])
    signed = httpx.post(
        address[0], data=read(page).fields | {"confirmed": "1", "do": "send"}, timeout=PATIENCE, follow_redirects=True
    )
    story.show("signed", "signatory", read(signed.text).text)
    story.mail("signed", ADMINISTRATOR, "Välkommen")


def order_directly(story: Story) -> None:
    slack = story.slack
    slack = story.slack
    case = place_order(slack, "npo-producent")
    story.reads("ordered directly", ANNA, case)
    slack.person(BO).press(story.reads("ordered directly", BO, "Attestera", case), "kp.attest")
    slack.person(BO).submit(story.opens("attesting directly", BO))
    disa = slack.person(DISA)
    disa.press(story.reads("attested directly", DISA, "Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    disa.submit(story.opens("instructing", DISA, "Anna Berg"), message=text("Läs på https://example.org/npo"))
    story.reads("instructed", ANNA, "https://example.org/npo", case)


def order_through_agent(story: Story) -> None:
    slack = story.slack
    slack = story.slack
    # Other units than those that have the service directly by now: of those the form would ask what becomes of it.
    case = order_via(slack, units=text("Vårdcentralen Öster; SE2222222222-C3D4"))
    story.reads("ordered through an agent", ANNA, case)
    hanna, ivar, bo, disa = map(slack.person, (HANNA, IVAR, BO, DISA))
    hanna.press(story.reads("ordered through an agent", HANNA, "Godkänn", case), "kp.approve")
    hanna.submit(story.opens("approving for the agent", HANNA, "Jag intygar"), certified=options("yes"))
    asked = story.reads("approved by the agent", IVAR, "Attestera", case)
    assert bo.hears_nothing_of(case)
    ivar.press(asked, "kp.attest")
    ivar.submit(story.opens("attesting for the agent", IVAR))
    bo.press(story.reads("attested by the agent", BO, "Attestera", case), "kp.attest")
    bo.submit(story.opens("attesting through the agent", BO))
    disa.press(story.reads("attested by the customer", DISA, "Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Informera agenten", "Disa Fors", case), "kp.inform_agent")
    disa.submit(story.opens("informing", DISA, "Nordjournal"))
    story.reads("informed", HANNA, "påbörja", case)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['seed'].partition('.')[0]} {row['at']} {row['to']}")
def test_each_statement_of_the_brief_is_said_to_whom_it_concerns(story: Story, row: dict[str, Any]) -> None:
    shown = story.shown[row["at"], row["to"]]

    assert [words for words in row["says"] if words not in shown] == [], shown


def test_every_statement_of_the_brief_has_its_rows() -> None:
    told = {row["seed"].partition(".")[0] for row in ROWS}

    assert told == {*(f"O{number}" for number in range(1, 7)), "D1", "D2", "D3", *(f"A{n}" for n in range(1, 6))}
