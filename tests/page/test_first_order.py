"""An organisation that nobody knows applies, signs, lets people in and gets its first service, in one browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.demo.run import Demo
from tests.flow.people import ANNA, BO, DISA, OSCAR
from tests.flow.stage import at_a_place, playing, prepare, with_mail
from tests.page.test_flows import Player, order, players
from tests.page.test_mail import mail_to, pressed
from tests.page.test_site import fill

OSCAR_AT_HOME = "U0OSCARANN1"
SOFIA, VIKTOR = "U0SOFIALIN1", "U0VIKTORAH1"
FIRST, SECOND = "maud.berg@annan.example", "nils.ek@annan.example"
TYPED = {
    "organisation": "Annan Vård AB",
    "org_number": "556000-0001",
    "category": "private_provider",
    "invoice_address": "Box 1\n123 45 Staden",
    "invoice_ref": "REF-1",
    "administrator.name": "Oscar Uto",
    "administrator.email": "oscar.uto@annan.example",
    "signatories.0.name": "Maud Berg",
    "signatories.0.email": FIRST,
    "agreement_contact.same": "1",
    "terms_accepted": "1",
}
TOGETHER = {"signatories.1.name": "Nils Ek", "signatories.1.email": SECOND, "signatures_needed": "2"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Demo]:
    """The demo, with mail."""
    prepared = prepare(tmp_path / "prepared.db")
    with at_a_place(prepared, tmp_path) as bare, with_mail(bare) as posted, playing(posted):
        yield posted


def apply(page: Page, place: Demo, door: str, **changed: str) -> None:
    """Fill in a form and send it."""
    page.goto(f"{place.site}/?lang=sv")
    page.get_by_role("link", name=door).click()
    fill(page, {name: value for name, value in (TYPED | changed).items() if value})
    page.get_by_role("button", name="Lägg till en firmatecknare").click()
    fill(page, TOGETHER)
    page.get_by_role("button", name="Skicka ansökan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ansökan är mottagen")


def admit(page: Page, place: Demo, title: str) -> None:
    """Let customer service approve, and both sign by the links in their mails."""
    (disa,) = players(page, place.address, DISA)
    disa.goes_to("kundservice")
    disa.reads(f"{title}: Annan Vård AB")
    disa.presses("claim")
    disa.presses("approve")
    disa.submits("Godkänn")
    disa.reads("Väntar på signering")
    # That the application came, that it is approved, and the links of the two who sign.
    expect(page.locator("[data-unread-mails='4']")).to_be_visible()
    assert [sign(page, email) for email in (FIRST, SECOND)] == ["Din signatur är registrerad", "Avtalet är tecknat"]
    disa.reads("Avtalet är tecknat")


def opened(page: Page, email: str, link: str) -> Page:
    """The page behind a link of the newest mail to somebody."""
    mail = mail_to(page, email)
    agreement = pressed(page, mail.frame_locator("iframe").get_by_role("link", name=link))
    page.locator("[data-open-drawer=mails]").click()
    return agreement


def sign(page: Page, email: str) -> str:
    """Sign by the link in the mail; what the page says then."""
    agreement = opened(page, email, "Signera")
    expect(agreement.locator("main")).to_contain_text("Annan Vård AB")
    agreement.get_by_role("checkbox").check()
    agreement.get_by_role("button", name="Signera").click()
    agreement.wait_for_url("**/klart/*")
    told = agreement.get_by_role("heading", level=1).inner_text()
    agreement.close()
    return told


def let_in(administrator: Player, email: str, name: str, *roles: str) -> None:
    """From the home tab: add a person with roles."""
    administrator.opens_home()
    administrator.presses("people")
    administrator.top_dialog("Lägg till person").locator("[data-action-id='kp.add_person']").click()
    form = administrator.top_dialog("E-postadress")
    form.get_by_label("E-postadress").fill(email)
    form.get_by_label("Namn").fill(name)
    for role in roles:
        form.get_by_label(role, exact=True).check()
    form.locator("[data-submit]").click()
    administrator.top_dialog("Sparat")
    close_dialogs(administrator)


def read_agreement(player: Player) -> None:
    """From the home tab: what the organisation has, and its agreement in a page of its own."""
    player.opens_home()
    player.presses("holdings")
    player.top_dialog("Gäller sedan").locator("[data-action-id='kp.read_agreement']").click()
    link = player.top_dialog("genom en länk som är din egen").locator("[data-action-id='kp.open_agreement']")
    agreement = pressed(player.pane.page, link)
    expect(agreement.get_by_role("heading", level=1)).to_have_text("Kundavtal")
    expect(agreement.locator("main")).to_contain_text("Det har signerats av:")
    agreement.close()
    close_dialogs(player)


def close_dialogs(player: Player) -> None:
    """Close what is open, one after another; the one on top is the only one that is drawn."""
    dialog = player.pane.get_by_role("dialog")
    while dialog.count():
        view = dialog.get_attribute("data-view-id")
        dialog.locator("[data-close]").click()
        expect(player.pane.locator(f"[data-view-id='{view}']")).to_have_count(0)


def is_it_you(player: Player) -> None:
    """Answer the question whose an account is."""
    player.opens_home()
    player.pane.locator("[data-tab=messages]").click()
    player.presses("link_yes")


def test_an_organisation_goes_from_its_first_form_to_its_first_service(page: Page, place: Demo) -> None:
    apply(page, place, "Bli kund")
    admit(page, place, "Ny kundansökan")

    oscar, sofia, viktor, disa = players(page, place.address, OSCAR, SOFIA, VIKTOR, DISA)
    is_it_you(oscar)
    read_agreement(oscar)
    let_in(oscar, "sofia.lindh@annan.example", "Sofia Lindh", "beställare")
    let_in(oscar, "viktor.ahl@annan.example", "Viktor Ahl", "attestant")
    is_it_you(sofia)
    is_it_you(viktor)
    order(sofia, "npo-producent")
    viktor.presses("attest")
    viktor.submits("Du godkänner och attesterar beställningen av Nationell patientöversikt")
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("send_instructions")
    disa.submits("Skicka instruktion")
    sofia.reads("Så får ni tillgång till Nationell patientöversikt")


def test_an_organisation_that_was_admitted_installs_the_app_in_its_own_slack(page: Page, place: Demo) -> None:
    apply(page, place, "Bli kund")
    admit(page, place, "Ny kundansökan")
    page.locator("[data-open-drawer=mails]").click()
    invitation = page.locator("[data-mail-to='oscar.uto@annan.example']", has_text="Välkommen till Kundportalen")
    invitation.locator("summary").first.click()
    desk = pressed(page, invitation.frame_locator("iframe").get_by_role("link", name="Installera appen i Slack"))

    expect(desk.locator("main")).to_contain_text("Här installerar du Kundportalen i Slack för Annan Vård AB.")
    desk.get_by_role("button", name="Fortsätt till Slack").click()
    desk.get_by_role("link", name="Annan Vård AB", exact=True).click()
    expect(desk.get_by_role("status")).to_have_text("Kundportalen finns nu i er Slack")
    expect(desk.locator("main")).to_contain_text("Appen är installerad i Annan Vård AB.")

    (oscar,) = players(page, place.address, OSCAR_AT_HOME)
    is_it_you(oscar)
    oscar.reads("Ditt Slack-konto är nu kopplat")


def order_assignment(orderer: Player, offer: str) -> None:
    """Fill in the form for the right to convey a service, which asks for no care units, and send it."""
    orderer.types("/kundportal ny")
    form = orderer.dialog("Ny beställning")
    form.get_by_label("Tjänst och erbjudande").select_option(offer)
    expect(form).to_contain_text("Ineras kundservice granskar beställningen")
    form.get_by_label("Fakturareferens").fill("REF-1")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("är skickad")
    form.locator("[data-close]").first.click()


def test_an_agent_goes_from_its_first_form_to_its_first_customers_order(page: Page, place: Demo) -> None:
    apply(page, place, "Bli agent", category="")
    admit(page, place, "Ny agentansökan")

    oscar, sofia, viktor, disa = players(page, place.address, OSCAR, SOFIA, VIKTOR, DISA)
    is_it_you(oscar)
    let_in(oscar, "sofia.lindh@annan.example", "Sofia Lindh", "agentens beställare (handläggare agent)", "beställare")
    let_in(oscar, "viktor.ahl@annan.example", "Viktor Ahl", "attestant")
    is_it_you(sofia)
    is_it_you(viktor)
    sofia.reads("agentens beställare")
    viktor.reads("attestant hos Annan Vård AB")
    oscar.opens_home()
    oscar.reads("agentuppdrag för någon tjänst")

    order_assignment(sofia, "npo-agentuppdrag")
    disa.goes_to("kundservice")
    disa.reads("Granska: Annan Vård AB")
    disa.presses("claim")
    disa.presses("approve")
    disa.submits("får agentuppdrag för")
    viktor.presses("attest")
    viktor.submits("Du attesterar att Annan Vård AB får agentuppdrag för Nationell patientöversikt")
    disa.presses("send_instructions")
    disa.submits("Skicka instruktion")
    sofia.reads("Agentuppdraget gäller: Nationell patientöversikt")

    anna, sofia, viktor, bo = players(page, place.address, ANNA, SOFIA, VIKTOR, BO)
    order(anna, "npo-producent-agent", agent="Annan Vård AB")
    sofia.presses("approve")
    sofia.dialog("Jag intygar").get_by_role("checkbox").check()
    sofia.submits("Jag intygar")
    viktor.presses("attest")
    viktor.submits("Du attesterar")
    bo.presses("attest")
    bo.submits("Region Exempel")
    disa, sofia, anna = players(page, place.address, DISA, SOFIA, ANNA)
    disa.goes_to("kundservice")
    disa.presses("claim")
    disa.presses("inform_agent")
    disa.submits("Informera agenten")
    sofia.reads("Ni kan påbörja den tekniska anslutningen av Region Exempel")
    anna.reads("Agenten är informerad")
