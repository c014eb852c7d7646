"""Both flows, and a rejection with its reason, as people play them on the sandbox's page."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.demo.run import Demo
from core.api import CaseId, Language
from notifications.texts import day
from tests.flow.office import today
from tests.flow.people import (
    ANNA,
    BO,
    DISA,
    EVA,
    FARID,
    GRACE,
    HANNA,
    IVAR,
    JOHN,
    agents,
    attest,
    open_form,
    place_order,
)
from tests.flow.slack import PATIENCE, Slack, option, options
from tests.flow.stage import TEAM, at_a_place, playing, prepare
from tests.flow.test_termination import finish
from tests.page.conftest import pane


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's people and offers."""
    return prepare(tmp_path_factory.mktemp("demo") / "prepared.db")


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Iterator[Demo]:
    """Ports and a database for the product and the page."""
    with at_a_place(prepared, tmp_path) as place:
        yield place


@pytest.fixture
def played(place: Demo) -> Iterator[Slack]:
    """The product behind the page, both running."""
    with playing(place) as slack:
        yield slack


@pytest.fixture
def address(place: Demo, played: Slack) -> str:
    """Where the page is, with the product behind it."""
    return place.address


class Player:
    """One person's pane."""

    def __init__(self, page: Page, user: str) -> None:
        self.pane = pane(page, user)

    def types(self, text: str) -> None:
        composer = self.pane.locator("[data-composer]")
        composer.fill(text)
        composer.press("Enter")

    def presses(self, action: str) -> None:
        button = self.pane.locator(f"[data-action-id='kp.{action}']").last
        expect(button).to_be_visible()
        button.click()

    def dialog(self, words: str) -> Locator:
        dialog = self.pane.get_by_role("dialog")
        expect(dialog).to_contain_text(words)
        return dialog

    def chooses_more(self, words: str) -> None:
        menu = self.pane.locator("[data-action-id='kp.more']").last
        expect(menu).to_be_visible()
        menu.click()
        self.pane.page.get_by_role("menuitem", name=words).click()

    def opens_home(self) -> None:
        self.pane.locator("[data-tab=home]").click()

    def top_dialog(self, words: str) -> Locator:
        """The dialog on top of another."""
        dialog = self.pane.get_by_role("dialog").last
        expect(dialog).to_contain_text(words)
        return dialog

    def submits(self, words: str) -> None:
        dialog = self.dialog(words)
        dialog.locator("[data-submit]").click()
        expect(dialog).to_have_count(0)

    def closes(self, dialog: Locator) -> None:
        """Close a dialog; the one that it stood upon is shown instead."""
        view = dialog.get_attribute("data-view-id")
        dialog.locator("[data-close]").first.click()
        expect(self.pane.locator(f"[data-view-id='{view}']")).to_have_count(0)

    def reads(self, words: str) -> None:
        expect(self.pane).to_contain_text(words)

    def goes_to(self, conversation: str) -> None:
        self.pane.locator("[data-conversation]", has_text=conversation).click()
        expect(self.pane.get_by_role("heading", name=conversation, level=1)).to_be_visible()


def players(page: Page, address: str, *users: str) -> list[Player]:
    page.goto(f"{address}/?team={TEAM}&users={','.join(users)}")
    return [Player(page, user) for user in users]


def order(orderer: Player, offer: str, agent: str = "") -> None:
    """Fill in the Swedish form and send it."""
    orderer.types("/kundportal ny")
    form = orderer.dialog("Ny beställning")
    form.get_by_label("Tjänst och erbjudande").select_option(offer)
    if agent:
        form.get_by_label("Agent", exact=True).select_option(label=agent)
    form.get_by_label("Vårdenheter").fill("Vårdcentralen Norr; SE2222222222-A1B2")
    form.get_by_label("Fakturareferens").fill("ZZ1234")
    form.get_by_label("Namn på teknisk kontakt").fill("Tekla Teknik")
    form.get_by_label("E-postadress till teknisk kontakt").fill("tekla@region.example")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("är skickad")
    form.locator("[data-close]").first.click()


def test_the_sum_follows_what_is_typed_and_a_wrong_line_is_told(page: Page, address: str) -> None:
    (anna,) = players(page, address, ANNA)
    anna.types("/kundportal ny")
    form = anna.dialog("Ny beställning")
    form.get_by_label("Tjänst och erbjudande").select_option("npo-producent")
    expect(form).to_contain_text("Summan visas här")
    typed = "Vårdcentralen Norr; SE5555555555-A1B2\nVårdcentralen, Umeå\nB; FEL ID"
    field = form.get_by_label("Vårdenheter", exact=True)

    field.press_sequentially(typed, delay=10)

    expect(form).to_contain_text("Summa för 3 vårdenheter")
    expect(form).to_contain_text("Kontrollera HSA-id för Vårdcentralen Norr")
    expect(field).to_have_value(typed)
    form.get_by_label("Fakturareferens").fill("ZZ1234")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("Rad 3: ”FEL ID” är inget HSA-id.")
    expect(field).to_have_value(typed)


def test_a_direct_order_is_played_to_its_end(page: Page, address: str) -> None:
    anna, bo, disa = players(page, address, ANNA, BO, DISA)

    order(anna, "npo-producent")
    anna.reads("på att Bo Ek, Cecilia Dahl eller David Lind attesterar")
    bo.presses("attest")
    bo.submits("Du godkänner och attesterar beställningen av Nationell patientöversikt")
    bo.reads("Attesterad av Bo Ek")
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("send_instructions")
    disa.submits("Skicka instruktion")

    anna.reads("Så får ni tillgång till Nationell patientöversikt")
    disa.reads("Instruktion skickad av Disa Fors")


def test_an_order_through_an_agent_is_played_to_its_end(page: Page, address: str) -> None:
    anna, hanna, ivar, bo = players(page, address, ANNA, HANNA, IVAR, BO)

    order(anna, "npo-producent-agent", agent="Nordjournal AB")
    hanna.presses("approve")
    certificate = hanna.dialog("Jag intygar")
    certificate.get_by_role("checkbox").check()
    certificate.get_by_label("Attestant hos Nordjournal AB").select_option(label="Ivar Lund")
    hanna.submits("Jag intygar")
    ivar.presses("attest")
    ivar.submits("Du attesterar")
    bo.presses("attest")
    bo.submits("Region Exempel")
    disa, hanna, anna = players(page, address, DISA, HANNA, ANNA)
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("inform_agent")
    disa.submits("Informera agenten")

    hanna.reads("Ni kan påbörja den tekniska anslutningen av Region Exempel")
    anna.reads("Agenten är informerad")


def test_a_rejection_reaches_the_orderer_with_its_reason(page: Page, address: str) -> None:
    anna, hanna = players(page, address, ANNA, HANNA)

    order(anna, "npo-producent-agent", agent="Nordjournal AB")
    hanna.presses("reject")
    reason = hanna.dialog("Avslå")
    reason.get_by_label("Orsak").select_option(label="Inte vår kund")
    reason.get_by_label("Varför avslår du?").fill("Ni finns inte hos oss.")
    hanna.submits("Avslå")

    anna.reads("Ni finns inte hos oss.")
    hanna.reads("Avslagen av Hanna Vik")


def test_an_order_is_played_in_english(page: Page, address: str) -> None:
    farid, grace, john = players(page, address, FARID, GRACE, JOHN)

    farid.types("/kundportal new")
    form = farid.dialog("New order")
    form.get_by_label("Service and offer").select_option("webcert-siths")
    form.get_by_label("Care units").fill("Solsidan")
    form.get_by_label("Invoice reference").fill("SOL-1")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("has been sent")
    form.locator("[data-close]").first.click()
    grace.presses("attest")
    grace.submits("You approve and attest")

    farid.reads("With Inera customer service")
    expect(john.pane).not_to_contain_text("Webcert")


def test_an_order_through_an_agent_is_played_in_english(page: Page, address: str) -> None:
    farid, john, ivar, grace = players(page, address, FARID, JOHN, IVAR, GRACE)

    farid.types("/kundportal new")
    form = farid.dialog("New order")
    form.get_by_label("Service and offer").select_option("npo-producent-agent")
    form.get_by_label("Agent", exact=True).select_option(label="Nordjournal AB")
    form.get_by_label("Care units").fill("Solsidan")
    form.get_by_label("Invoice reference").fill("SOL-2")
    form.get_by_label("Name of the technical contact").fill("Tina Tech")
    form.get_by_label("E-mail address of the technical contact").fill("tina@solsidan.example")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("has been sent")
    form.locator("[data-close]").first.click()
    john.presses("approve")
    certificate = john.dialog("I certify")
    certificate.get_by_role("checkbox").check()
    certificate.get_by_label("Attestant at Nordjournal AB").select_option(label="Ivar Lund")
    john.submits("I certify")
    ivar.presses("attest")
    ivar.submits("Du attesterar")
    grace.presses("attest")
    grace.submits("You approve and attest")
    grace.reads("Attested by Grace Holm")
    disa, john, farid = players(page, address, DISA, JOHN, FARID)
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("inform_agent")
    disa.submits("Informera agenten")

    john.reads("You may begin the technical connection of")
    farid.reads("The agent is informed")


def test_a_question_is_answered_by_changing_the_order(page: Page, address: str) -> None:
    anna, bo = players(page, address, ANNA, BO)

    order(anna, "npo-producent")
    bo.presses("request_completion")
    bo.dialog("Begär komplettering").get_by_label("Vad behöver kompletteras?").fill("Fel referens?")
    bo.submits("Begär komplettering")
    anna.presses("answer")
    anna.dialog("Fel referens?").locator("[data-action-id='kp.change_order']").click()
    form = anna.top_dialog("Ändra beställningen")
    form.get_by_label("Fakturareferens").fill("ZZ9999")
    form.locator("[data-submit]").click()

    bo.reads("ZZ9999")
    bo.reads("version 2")
    bo.presses("attest")
    bo.submits("Du godkänner och attesterar beställningen av Nationell patientöversikt")
    anna.reads("Attesterad")


def test_a_substitute_is_named_in_three_presses_and_attests(page: Page, address: str) -> None:
    bo, eva = players(page, address, BO, EVA)

    bo.opens_home()
    bo.presses("substitute")
    form = bo.dialog("Ange ersättare")
    form.get_by_label("Ersättare").select_option(label="Eva Nord")
    form.get_by_label("Till och med").fill("2099-12-31")
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("Eva Nord är ersättare för dig")

    eva.reads("Du är ersättare för Bo Ek")
    anna, eva = players(page, address, ANNA, EVA)
    order(anna, "npo-producent")
    eva.reads("Du är ersättare för Bo Ek.")
    eva.presses("attest")
    eva.submits("Du beslutar i ditt eget namn")
    eva.reads("Attesterad av Eva Nord, ersättare för Bo Ek")


def test_what_does_not_fit_stands_in_the_menu(page: Page, address: str) -> None:
    anna, bo = players(page, address, ANNA, BO)

    order(anna, "npo-producent")
    bo.chooses_more("Jag är jävig")
    bo.submits("Du anmäler jäv")

    bo.reads("Du har anmält jäv")


@dataclass(frozen=True)
class Ending:
    """Who ends what through whom, and what each of them reads."""

    orderer: str
    attestant: str
    offer: str
    form: str
    asked: str
    attests: str
    attested: str
    ends: str
    anew: str
    agent: str = ""
    told: str = ""


# One day for all that is said of it, whenever that is.
ENDED = today() - timedelta(days=1)
SWEDISH = Ending(
    orderer=ANNA,
    attestant=BO,
    offer="npo-producent",
    form="säger upp",
    asked="Uppsägning att attestera: Nationell patientöversikt (NPÖ)",
    attests="Du attesterar att Nationell patientöversikt (NPÖ) sägs upp för Region Exempel",
    attested="Attesterad av Bo Ek",
    ends=f"Anslutningen upphör efter {day(Language.SV, ENDED)}",
    anew="Därefter kan ni beställa på nytt",
)
ENGLISH = Ending(
    orderer=FARID,
    attestant=GRACE,
    offer="webcert-siths",
    form="terminates",
    asked="Attest the termination: ",
    attests="is terminated for",
    attested="Attested by Grace Holm",
    ends=f"The connection ends after {day(Language.EN, ENDED)}",
    anew="After that you can order again",
)
ENDINGS = {
    "sv-direct": SWEDISH,
    "sv-agent": replace(SWEDISH, offer="npo-producent-agent", agent=HANNA, told="Region Exempel har sagt upp"),
    "en-direct": ENGLISH,
    "en-agent": replace(ENGLISH, offer="npo-producent-agent", agent=JOHN, told="has terminated"),
}


def connect(slack: Slack, place: Demo, ending: Ending) -> None:
    """Let the orderer have it, past the page: ordered and carried out three days ago."""
    case = ordered(slack, ending)
    if ending.agent:
        approve(slack, ending.agent, case)
        attest(slack, IVAR, case)
    attestant = slack.person(ending.attestant)
    attestant.press(attestant.message("Attest", case), "kp.attest")
    assert attestant.submit(attestant.modal())["response_action"] == "clear"
    does = ("Informera agenten", "kp.inform_agent") if ending.agent else ("Skicka instruktion", "kp.send_instructions")
    finish(slack, case, *does)
    with closing(sqlite3.connect(place.database_url.removeprefix("sqlite:///"), timeout=PATIENCE)) as database:
        database.execute("UPDATE connections SET valid_from = valid_from - 3 * 86400 * 1000000")
        database.commit()


def ordered(slack: Slack, ending: Ending) -> CaseId:
    if not ending.agent:
        return place_order(slack, ending.offer, ending.orderer)
    orderer = slack.person(ending.orderer)
    chosen = option(agents(open_form(orderer, ending.offer))["Nordjournal AB"])
    orderer.close_all()
    return place_order(slack, ending.offer, ending.orderer, agent=chosen)


def approve(slack: Slack, user: str, case: CaseId) -> None:
    """The agent's handler approves, and Ivar is to attest."""
    handler = slack.person(user)
    handler.press(handler.message("Approve" if user == JOHN else "Godkänn", case), "kp.approve")
    form = handler.modal()
    menu = next(each["element"]["options"] for each in form["blocks"] if each["block_id"] == "attestant")
    ivar = next(each["value"] for each in menu if each["text"]["text"] == "Ivar Lund")
    assert handler.submit(form, certified=options("yes"), attestant=option(ivar))["response_action"] == "clear"


def orders_again(orderer: Player, ending: Ending) -> None:
    """Fill in the form of a new order, in either language, and send it."""
    words = ORDER_FORM[ending.orderer]
    orderer.types(words["command"])
    form = orderer.dialog(words["title"])
    form.get_by_label(words["offer"]).select_option(ending.offer)
    if ending.agent:
        form.get_by_label("Agent", exact=True).select_option(label="Nordjournal AB")
    form.get_by_label(words["units"]).fill("Vårdcentralen Söder")
    form.get_by_label(words["invoice"]).fill("ZZ1234")
    form.get_by_label(words["contact"]).fill("tekla@region.example")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text(words["sent"])


ORDER_FORM = {
    ANNA: {
        "command": "/kundportal ny",
        "title": "Ny beställning",
        "offer": "Tjänst och erbjudande",
        "units": "Vårdenheter",
        "invoice": "Fakturareferens",
        "contact": "E-postadress till teknisk kontakt",
        "sent": "är skickad",
    },
    FARID: {
        "command": "/kundportal new",
        "title": "New order",
        "offer": "Service and offer",
        "units": "Care units",
        "invoice": "Invoice reference",
        "contact": "E-mail address of the technical contact",
        "sent": "has been sent",
    },
}


@pytest.mark.parametrize("way", ENDINGS)
def test_a_connection_is_ended_and_ordered_anew(page: Page, played: Slack, place: Demo, way: str) -> None:
    ending = ENDINGS[way]
    connect(played, place, ending)
    orderer, attestant, disa = players(page, place.address, ending.orderer, ending.attestant, DISA)

    orderer.opens_home()
    orderer.presses("holdings")
    orderer.pane.get_by_role("dialog").locator("[data-action-id='kp.end_connection']").click()
    form = orderer.top_dialog(ending.form)
    form.locator("[data-submit]").click()
    expect(form.locator("[data-submit]")).to_have_count(0)
    orderer.closes(form)
    orderer.closes(orderer.pane.get_by_role("dialog"))
    attestant.reads(ending.asked)
    attestant.presses("attest")
    attestant.submits(ending.attests)
    attestant.reads(ending.attested)
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("confirm_end")
    asked = disa.dialog("Du bekräftar när")
    asked.get_by_label("Sista dag").fill("2000-01-01")
    asked.locator("[data-submit]").click()
    expect(asked).to_contain_text("Anslutningen började")
    asked.get_by_label("Sista dag").fill(ENDED.isoformat())
    disa.submits("Du bekräftar när")

    orderer, *agent = players(page, place.address, *filter(None, (ending.orderer, ending.agent)))
    orderer.reads(ending.ends)
    orderer.reads(ending.anew)
    for reader in agent:
        reader.reads(ending.told)
    orders_again(orderer, ending)
