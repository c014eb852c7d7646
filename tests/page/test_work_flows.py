"""Every other flow from form to end in a browser on a phone, and customer service's day: without Slack for anybody."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from core.api import Language
from notifications.texts import day
from tests.flow.office import today, today_and_tomorrow
from tests.page.test_site import in_order
from tests.page.working import CASE, Office, decide, follow, is_over, named, office_of, order, press, send, whole
from tests.support.world.seed import AGENT, ASSIGNMENT, CLINIC, NPO_AGENT, NPO_KONSUMENT, SITHS
from tests.web.filling import TYPED

CONTACT = {"technical_contact.name": "Tor Tekniker", "technical_contact.email": "tor@example.org"}
LAST_DAY = today() + timedelta(days=32)
AGENT_NAME = "Journalbolaget AB"
ADMINISTRATOR, SIGNATORY = TYPED["administrator.email"], TYPED["signatories.0.email"]


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_of(browser, f"sqlite:///{tmp_path_factory.mktemp('flows') / 'work.db'}") as made:
        yield made


def number_in(page: Page) -> str:
    """The number of the case that a page says was sent in."""
    found = CASE.search(page.get_by_role("status").inner_text())
    assert found is not None
    return found[0]


def stands(office: Office, who: str, case: str, state: str) -> None:
    """Somebody reads where a case is."""
    expect(office.at_case(who, case).locator("main")).to_contain_text(state)


def takes(office: Office, case: str) -> Page:
    """Karin at customer service finds a case in her list and takes it."""
    page = office.at_home("karin")
    page.locator(f"main a[href$='{case}']").first.click()
    page.wait_for_url(f"**/{case}")
    press(page, "Ta ärendet")
    return page


def connected_directly(office: Office, offer: str, **typed: str) -> str:
    """What Anna ordered has been attested and carried out."""
    case = order(office, offer, **typed)
    decide(office.at_case("bo", case), "Attestera")
    decide(takes(office, case), "Skicka instruktion", message="Så här gör ni.")
    return case


def connected_via_agent(office: Office, by: str = "anna", attestant: str = "bo", **typed: str) -> str:
    """The same through an agent."""
    case = order(office, NPO_AGENT, by=by, agent=AGENT, **CONTACT, **typed)
    decide(office.at_case("helena", case), "Godkänn", certified="1")
    decide(office.at_case("amir", case), "Attestera")
    decide(office.at_case(attestant, case), "Attestera")
    decide(takes(office, case), "Informera agenten")
    return case


def ends(office: Office, offer: str, units: str, by: str = "anna", attestant: str = "bo") -> str:
    """Somebody ends something that is connected, from what there is, to the day that customer service confirms."""
    page = office.at_home(by)
    follow(page, "Tjänster och avtal")
    with page.expect_navigation():
        page.locator(f"main a[aria-label*='{offer}']").filter(has_text="Säg upp").first.click()
    in_order(page)
    if units:
        named(page, "units").fill(units)
    page.locator("[id][name=comment]").fill("Vi byter system.")
    send(page)
    case = number_in(page)
    decide(office.at_case(attestant, case), "Attestera")
    decide(takes(office, case), "Bekräfta uppsägning", last_day=LAST_DAY.isoformat())
    return case


def link_in(text: str, way: str) -> str:
    """The address in a mail that leads one way."""
    found = re.search(rf"https?://\S+{way}\S+", text)
    assert found is not None, text
    return found[0]


def give_roles(page: Page, email: str, name: str, role: str) -> None:
    """Somebody who keeps an organisation lets a person in, from where the organisation's people are listed."""
    if page.locator("main a").filter(has_text="Personer och roller").count():
        follow(page, "Personer och roller")
    follow(page, "Lägg till person")
    named(page, "email").fill(email)
    named(page, "name").fill(name)
    page.locator(f"[id][name='roles:{role}']").check()
    send(page)
    expect(page.get_by_text(name).first).to_be_visible()


def in_menu(page: Page, action: str) -> None:
    """Open the form of an action, behind the menu where it stands there."""
    link = page.locator("main a").filter(has_text=whole(action)).first
    if not link.is_visible():
        page.locator("main summary").first.click()
    follow(page, action)


def test_a_connection_is_ended_from_what_one_has_to_the_day_that_is_confirmed(office: Office):
    connected_directly(office, SITHS)

    case = ends(office, SITHS, "")

    for who in ("anna", "bo", "karin"):
        stands(office, who, case, "Klar, anslutningen är uppsagd")
    expect(office.page("anna").locator("main")).to_contain_text(day(Language.SV, LAST_DAY))


def test_what_goes_through_an_agent_is_ended_and_the_agent_is_told_by_mail(office: Office):
    connected_via_agent(office, units="Vårdcentralen Söder")

    case = ends(office, NPO_AGENT, "Vårdcentralen Söder")

    stands(office, "anna", case, "Klar, anslutningen är uppsagd")
    told = office.mailed("helena@example.org", "Uppsägning")
    assert day(Language.SV, LAST_DAY) in told
    assert "Anna Berg" not in told


def test_what_units_have_already_is_replaced_by_what_is_ordered(office: Office):
    connected_directly(office, NPO_KONSUMENT, units="Vårdcentralen Öster")
    page = office.at_home("anna")
    follow(page, "Ny beställning")
    named(page, "offer").select_option(NPO_AGENT)
    with page.expect_navigation():
        page.locator("button[name=_do][value^='act kp.offers']").click()
    named(page, "agent").select_option(AGENT)
    for name, said in {"units": "Vårdcentralen Öster", "invoice_ref": "REF-1", **CONTACT}.items():
        page.locator(f"[id][name='{name}']").fill(said)
    page.locator("[id][name=terms_accepted]").check()
    with page.expect_navigation():
        page.locator("button.main[value=send]").click()
    in_order(page)
    expect(page.get_by_role("alert").first).to_be_visible()
    named(page, "existing").select_option(label="Ersätt direktanslutningen (npo-konsument på svenska)")
    send(page)
    case = number_in(page)
    decide(office.at_case("helena", case), "Godkänn", certified="1")
    decide(office.at_case("amir", case), "Attestera")
    expect(office.at_case("bo", case).locator("main")).to_contain_text("Ersätter")
    decide(office.page("bo"), "Attestera")
    decide(takes(office, case), "Informera agenten")

    page = office.at_home("anna")
    follow(page, "Tjänster och avtal")
    expect(page.locator("main")).to_contain_text(f"via {AGENT_NAME}")


def test_an_agent_gets_the_right_to_convey_a_service(office: Office):
    page = office.at_home("olga")
    follow(page, "Ny beställning")
    named(page, "offer").select_option(ASSIGNMENT)
    with page.expect_navigation():
        page.locator("button[name=_do][value^='act kp.offers']").click()
    page.locator("[id][name=invoice_ref]").fill("REF-1")
    page.locator("[id][name=terms_accepted]").check()
    send(page)
    case = number_in(page)
    decide(takes(office, case), "Godkänn")
    decide(office.at_case("amir", case), "Attestera")
    decide(office.at_case("karin", case), "Skicka instruktion", message="Meddela era kunder.")

    stands(office, "olga", case, "Klar, agentuppdraget gäller")
    stands(office, "olga", case, "Meddela era kunder.")


# Thirty pages, each tried by axe: on a busy machine that is minutes.
@pytest.mark.timeout(900)
def test_an_organisation_goes_from_its_application_to_the_end_of_what_it_ordered(office: Office):
    applicant = office.visitor("applicant")
    applicant.goto(f"{office.site.url}/ansok")
    for name, said in TYPED.items():
        asked = applicant.locator(f"[id][name='{name}']")
        if asked.get_attribute("type") == "checkbox":
            asked.check()
        elif asked.evaluate("each => each.tagName") == "SELECT":
            asked.select_option(said)
        else:
            asked.fill(said)
    with applicant.expect_navigation():
        applicant.locator("button.main").click()
    in_order(applicant)
    found = CASE.search(applicant.locator("main").inner_text())
    assert found is not None
    case = found[0]

    decide(takes(office, case), "Begär komplettering", message="Vem tar emot fakturan?")
    applicant.goto(link_in(office.mailed(ADMINISTRATOR, "Ansökan behöver kompletteras"), "/a/"))
    in_order(applicant)
    applicant.locator("[id][name=message]").fill("Det gör ekonomi.")
    applicant.locator("[id][name=terms_accepted]").check()
    with applicant.expect_navigation():
        applicant.locator("button.main").click()
    in_order(applicant)
    expect(office.at_case("karin", case).locator("main")).to_contain_text("Det gör ekonomi.")
    decide(office.page("karin"), "Godkänn")

    signatory = office.visitor("signatory")
    signatory.goto(link_in(office.mailed(SIGNATORY, "Signera"), "/s/"))
    in_order(signatory)
    signatory.locator("[id][name=confirmed]").check()
    with signatory.expect_navigation():
        signatory.locator("button.main").click()
    in_order(signatory)
    stands(office, "karin", case, "Avtalet är tecknat")

    olle, elin = "olle.nygren@example.org", "elin.sjo@example.org"
    give_roles(office.at_home(ADMINISTRATOR), olle, "Olle Nygren", "orderer")
    give_roles(office.at_home(ADMINISTRATOR), elin, "Elin Sjö", "attestant")
    directly = order(office, SITHS, by=olle)
    decide(office.at_case(elin, directly), "Attestera")
    decide(takes(office, directly), "Skicka instruktion", message="Så här gör ni.")
    press(office.at_case(olle, directly), "Bekräfta anslutning")
    is_over(office.at_case(ADMINISTRATOR, directly), "Olle Nygren")

    through_agent = connected_via_agent(office, by=olle, attestant=elin, units="Vårdcentralen Väster")
    press(office.at_case("helena", through_agent), "Bekräfta anslutning")
    is_over(office.at_case(olle, through_agent), f"Agentens beställare hos {AGENT_NAME}")

    ended = ends(office, SITHS, "", by=olle, attestant=elin)
    stands(office, olle, ended, "Klar, anslutningen är uppsagd")
    page = office.at_home(olle)
    follow(page, "Tjänster och avtal")
    expect(page.locator("main")).to_contain_text(f"till och med {day(Language.SV, LAST_DAY)}")
    expect(page.locator("main")).to_contain_text(f"via {AGENT_NAME}")


def test_a_day_at_customer_service(office: Office):
    case, other = (order(office, NPO_KONSUMENT, units=unit) for unit in ("Norr", "Väster"))
    for each in (case, other):
        decide(office.at_case("bo", each), "Attestera")

    karin = takes(office, case)
    press(karin, "Släpp ärendet")
    kalle = office.at_case("kalle", case)
    press(kalle, "Ta ärendet")
    assert "Ta ärendet" not in office.at_case("karin", case).locator("main").inner_text()
    in_menu(kalle, "Pausa")
    kalle.locator("[id][name=reason]").fill("Väntar på driften.")
    send(kalle)
    expect(kalle.locator("main")).to_contain_text("Väntar på driften.")
    press(kalle, "Återuppta")
    in_menu(kalle, "Begär komplettering")
    kalle.locator("[id][name=message]").fill("Vilken enhet gäller det?")
    send(kalle)
    decide(office.at_case("anna", case), "Svara och skicka", message="Den i norr.")
    kalle = office.at_case("kalle", case)
    expect(kalle.locator("main")).to_contain_text("Den i norr.")
    decide(kalle, "Skicka instruktion", message="Så här gör ni.")
    decide(office.at_case("karin", case), "Skicka igen", message="Så här gör ni, rättat.")
    expect(office.at_case("anna", case).locator("main")).to_contain_text("rättat")
    press(office.at_case("karin", case), "Bekräfta anslutning")
    is_over(office.at_case("anna", case), "Ineras kundservice")

    karin = takes(office, other)
    in_menu(karin, "Avbryt ärendet")
    karin.locator("[id][name=reason]").fill("Tjänsten läggs ned.")
    send(karin)
    stands(office, "anna", other, "Tjänsten läggs ned.")


def test_customer_service_gives_somebody_a_role_in_an_organisation_who_then_has_it(office: Office):
    karin = office.at_home("karin")
    follow(karin, "Välj organisation")
    karin.locator("[name='_seek.kp.organisation.choose']").fill("klin")
    press(karin, "Sök")
    with karin.expect_navigation():
        karin.locator("select[name=_value]").select_option(CLINIC)
        karin.locator("form.choose", has=karin.locator("select")).locator("button").click()
    in_order(karin)
    give_roles(karin, "nora@example.org", "Nora Ny", "attestant")
    expect(office.at_home("nora").locator("main")).to_contain_text("attestant")


def test_an_administrator_enters_an_absence_and_the_substitute_attests(office: Office):
    ada = office.at_home("ada")
    follow(ada, "Ange ersättare för någon annan")
    named(ada, "absent").select_option(label="Bo Ek, attestant")
    named(ada, "substitute").select_option(label="Sara Ohlin")
    # And tomorrow, which it may be by then.
    for name, away in zip(("first", "last"), today_and_tomorrow(), strict=True):
        named(ada, name).fill(away.isoformat())
    send(ada)
    expect(ada.get_by_role("status")).to_contain_text("Sara Ohlin")

    case = order(office, NPO_KONSUMENT, units="Norrbacka")
    decide(office.at_case("sara", case), "Attestera")
    expect(office.at_case("anna", case).locator("main")).to_contain_text("Sara Ohlin, ersättare för Bo Ek")
