"""The brief's story, read beside the product in both languages: each of its statements is said in its own words, to
whom it concerns, at the step where it happens. One organisation is followed from its application to the end of what it
ordered; what everybody was shown on the way, in Slack, by mail and on pages, is held against the rows of `seed.yaml`.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.api import CaseId, Language
from tests.flow.book import Book
from tests.flow.office import Office, today
from tests.flow.people import DISA, HANNA, IVAR
from tests.flow.slack import Json, options, says, text, until
from tests.flow.stage import playing, prepared_at
from tests.flow.story import Story
from tests.support.machines.folders import undisturbed
from tests.web.desk import Desk
from tests.web.filling import TYPED

ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("seed.yaml").read_text("utf-8"))
ACCOUNTS = {
    "attestant": "U0VIKTORAH1",
    "customer service": DISA,
    "agent's orderer": HANNA,
    "agent's attestant": IVAR,
}
MAILS = {
    "administrator": "oscar.uto@annan.example",
    "signatory": "maud.berg@annan.example",
    "contact": "bo.lund@example.org",
    "orderer": "sanna.lind@annan.example",
    "attestant": "viktor.ahl@annan.example",
}
APPLICATION = TYPED | {
    "organisation": "Annan Vård AB",
    "org_number": "556000-0001",
    "administrator.name": "Oscar Uto",
    "administrator.email": MAILS["administrator"],
    "signatories.0.name": "Maud Berg",
    "signatories.0.email": MAILS["signatory"],
}
ORDER = {
    "invoice_ref": "ZZ1234",
    "technical_contact.name": "Tekla Teknik",
    "technical_contact.email": "tekla@annan.example",
    "terms_accepted": "1",
}
# A service that there is one day, and was not before.
SDK = yaml.safe_load("""
code: sdk
name: {sv: Säker digital kommunikation, en: Secure digital communication}
handles_personal_data: true
offers:
  - code: sdk-direkt
    name: {sv: Direktanslutning, en: Direct connection}
    flow: direct
    categories: [private_provider]
    terms_url: https://example.org/villkor/sdk
    template: {sv: Välkommen till SDK., en: Welcome to SDK.}
""")
NUMBER = re.compile(r"\b[AB]-[0-9A-Z]{7}\b")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        with undisturbed(tmp_path_factory.mktemp("seed")) as folder:
            yield f"sqlite:///{folder / 'seed.db'}"
        return
    postgres = request.getfixturevalue("postgres")
    yield postgres.create("seed")
    postgres.drop("seed")


@pytest.fixture(scope="module")
def story(database: str) -> Iterator[Story]:
    """The whole story, played: in Swedish on the one kind of database, in English on the other."""
    language = Language.SV if database.startswith("sqlite") else Language.EN
    with prepared_at(database) as place, playing(place) as slack:
        told = Story(slack, place, language, ACCOUNTS, MAILS)
        for who in ("customer service", "agent's orderer", "agent's attestant"):
            told.speaks(who)
        told.page("the front page", "visitor", place.site)
        told.page("the agents' form", "applicant", f"{place.site}/ansok/agent")
        become_customer(told)
        let_people_in(told)
        order_directly(told)
        order_through_agent(told)
        end_one_connection(told)
        look_at_what_agents_order(told)
        yield told


def number(said: str) -> CaseId:
    """The number of the case that something is said about."""
    found = NUMBER.search(said)
    assert found, said
    return CaseId(found[0])


def becomes(story: Story, case: CaseId, state: str) -> None:
    """A case has come to its end."""
    story.cases.append(case)
    until(lambda: Book(story.place.database_url).state(case) == state, what=f"{case} to become {state}")


def become_customer(story: Story) -> None:
    site = story.place.site
    form = story.page("the form", "applicant", f"{site}/ansok")
    case = number(story.page("applied", "applicant", f"{site}/ansok", **form.fields | APPLICATION, do="send").text)
    story.presses("applied", "customer service", "kp.claim", case)
    story.presses("taken", "customer service", "kp.approve", case)
    story.submits("approving", "customer service")
    asked = re.search(r"http://\S+/s/\S+", story.mail("to be signed", "signatory", case, "/s/"))
    story.mail("approved", "administrator", story.say("letter.approved.title", customer="Annan Vård AB"))
    story.mail("approved", "contact", case)
    assert asked
    page = story.page("signing", "signatory", asked[0])
    story.page("signed", "signatory", asked[0], **page.fields, confirmed="1", do="send")
    story.mail("signed", "administrator", "/logga-in")
    becomes(story, case, "agreement_active")


def let_people_in(story: Story) -> None:
    story.signs_in_by_link("administrator")
    gives_role(story, "orderer", "Sanna Lind")
    gives_role(story, "attestant", "Viktor Ahl")
    story.mail("let in", "orderer", "/logga-in")
    story.person("attestant").opens_home()
    story.presses("let in", "attestant", "kp.link_yes")
    story.person("attestant").message("Välkommen, Viktor Ahl")
    story.speaks("attestant")
    story.signs_in_by_code("orderer")


def gives_role(story: Story, role: str, name: str) -> None:
    async def add(desk: Desk) -> None:
        await (await desk.open()).follow(story.say("btn.people"))
        await (await desk.follow(story.say("btn.add_person"))).send(
            email=MAILS[role], name=name, **{f"roles:{role}": "1"}
        )
        story.show("roles given", "administrator", desk.text)

    story.at("administrator", add)


def order(story: Story, how: str, offer: str, units: str, agent: str = "") -> CaseId:
    """What the orderer orders, from the empty form to the end."""

    async def fill_in(desk: Desk) -> CaseId:
        await (await desk.open()).follow(story.say("btn.new_order"))
        story.show("choosing a service", "orderer", desk.text)
        await desk.update(**{desk.name_of("offer"): offer})
        story.show(f"ordering {how}", "orderer", desk.text)
        more = {"agent": desk.choice("agent", agent)} if agent else {}
        await desk.send(**ORDER, **more, units=units)
        story.show(f"ordered {how}", "orderer", desk.text)
        assert desk.posted == 303, desk.text
        return number(desk.text)

    return story.at("orderer", fill_in)


def attest(story: Story, after: str, how: str, who: str, case: CaseId) -> None:
    story.presses(after, who, "kp.attest", case)
    story.submits(f"attesting {how}", who)


def serve(story: Story, after: str, case: CaseId, action: str, **answers: Json) -> None:
    """Customer service takes a case, and does what it asks for."""
    story.presses(after, "customer service", "kp.claim", case)
    story.presses(f"{after}, taken", "customer service", action, case)
    story.submits(action, "customer service", **answers)


def order_directly(story: Story) -> None:
    case = order(story, "directly", "npo-producent", "Vårdcentralen Norr")
    attest(story, "ordered directly", "directly", "attestant", case)
    told = text("https://example.org/npo")
    serve(story, "attested directly", case, "kp.send_instructions", message=told)
    story.mail("instructed", "orderer", "https://example.org/npo", case)

    async def confirm(desk: Desk) -> None:
        await (await desk.open(f"/arbete/arende/{case}")).press(story.say("btn.confirm_connection"))
        story.show("connected directly", "orderer", desk.text)

    story.at("orderer", confirm)
    becomes(story, case, "connected")


def order_through_agent(story: Story) -> None:
    # For another unit than the one that has the service directly by now: of that the form would ask what becomes of it.
    case = order(story, "through an agent", "npo-producent-agent", "Vårdcentralen Öster", "Nordjournal AB")
    story.presses("ordered through an agent", "agent's orderer", "kp.approve", case)
    assert story.person("attestant").hears_nothing_of(case)
    story.submits("approving for the agent", "agent's orderer", certified=options("yes"))
    attest(story, "approved by the agent", "for the agent", "agent's attestant", case)
    attest(story, "attested by the agent", "through an agent", "attestant", case)
    serve(story, "attested by the customer", case, "kp.inform_agent")
    story.presses("informed", "agent's orderer", "kp.confirm_connection", case)
    becomes(story, case, "connected")


def end_one_connection(story: Story) -> None:
    """The orderer ends what is connected directly; what goes through the agent stays, and a new service has come."""
    Office(story.place.database_url, story.slack.tick).opens(SDK)

    async def ask(desk: Desk) -> CaseId:
        await (await desk.open()).follow(story.say("btn.holdings"))
        story.show("connected", "orderer", desk.text)
        await desk.follow(story.say("btn.end_connection"))
        story.show("ending", "orderer", desk.text)
        await desk.send(comment="Vi byter system.")
        assert desk.posted == 303, desk.text
        return number(desk.text)

    case = story.at("orderer", ask)
    attest(story, "ended", "the end", "attestant", case)
    last_day = {"type": "datepicker", "selected_date": (today() + timedelta(days=32)).isoformat()}
    serve(story, "end attested", case, "kp.confirm_end", last_day=last_day)
    becomes(story, case, "terminated")

    async def look(desk: Desk) -> None:
        await (await desk.open()).follow(story.say("btn.new_order"))
        story.show("choosing a service later", "orderer", desk.text)

    story.at("orderer", look)


def look_at_what_agents_order(story: Story) -> None:
    who = "agent's orderer"
    hanna = story.person(who)
    hanna.shortcut()
    hanna.choose(hanna.modal(), "kp.offers", "1177-tidbokning-agentuppdrag")
    story.show("ordering an assignment", who, says(hanna.modal(story.say("order.route.agent_assignment"))))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['seed'].partition('.')[0]} {row['at']} {row['to']}")
def test_each_statement_of_the_brief_is_said_to_whom_it_concerns(story: Story, row: dict[str, Any]) -> None:
    shown, words = story.shown[row["at"], row["to"]], row["says"]

    assert [each for each in words.get(story.language, words["sv"]) if each not in shown] == [], shown


def test_one_organisation_is_followed_from_its_application_to_the_end_of_what_it_ordered(story: Story) -> None:
    book, (becoming, direct, through_agent, ending) = Book(story.place.database_url), story.cases

    assert [book.state(case) for case in story.cases] == ["agreement_active", "connected", "connected", "terminated"]
    assert book.done(becoming) == ["claim", "approve", "sign"]
    assert book.done(direct) == ["submit", "attest", "claim", "send_instructions", "confirm_connection"]
    by_agent, by_customer = ["approve", "attest"], ["attest"]
    end = ["claim", "inform_agent", "confirm_connection"]
    assert book.done(through_agent) == ["submit", *by_agent, *by_customer, *end]
    assert book.done(ending) == ["submit", "attest", "claim", "confirm_end"]


def test_a_service_is_chosen_among_those_that_there_are_for_organisations_of_ones_kind(story: Story) -> None:
    before, after = (story.shown[step, "orderer"] for step in ("choosing a service", "choosing a service later"))

    assert [each for each in ("HSA", "SITHS:", SDK["name"][story.language]) if each in before] == []
    assert SDK["name"][story.language] in after


def test_every_statement_of_the_brief_has_its_rows_in_both_languages() -> None:
    told = {
        language: {row["seed"].partition(".")[0] for row in ROWS if language in row["says"]} for language in Language
    }
    onboarding, others = (f"O{number}" for number in range(1, 7)), (f"B{number}" for number in range(1, 6))

    every = {*onboarding, "D1", "D2", "D3", *(f"A{number}" for number in range(1, 6)), *others}
    assert told == dict.fromkeys(Language, every)
