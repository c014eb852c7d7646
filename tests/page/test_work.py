"""Whoever has no Slack works in a browser on a phone: orders go from form to end there, and nothing hinders anybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.page.test_site import in_order
from tests.page.working import Office, decide, follow, is_over, named, office_of, order, press, send, whole
from tests.support.world.seed import AGENT, NPO_AGENT, SITHS


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_of(browser, f"sqlite:///{tmp_path_factory.mktemp('work') / 'work.db'}") as made:
        yield made


def test_a_direct_order_goes_from_form_to_confirmed_end_on_a_phone_without_slack(office: Office):
    case = order(office, SITHS)
    bo = office.at_case("bo", case)
    # Whoever decides need not look for how.
    expect(bo.locator("main a").filter(has_text=whole("Attestera")).first).to_be_in_viewport(ratio=1)
    decide(bo, "Attestera")
    press(office.at_case("karin", case), "Ta ärendet")
    decide(office.page("karin"), "Skicka instruktion", message="Så här gör ni.")
    anna = office.at_case("anna", case)
    expect(anna.get_by_text("Så här gör ni.")).to_be_visible()
    press(anna, "Bekräfta anslutning")

    is_over(office.at_case("anna", case), "Anna Berg")


def test_an_order_through_an_agent_goes_from_form_to_confirmed_end_on_a_phone_without_slack(office: Office):
    contact = {"technical_contact.name": "Tor Tekniker", "technical_contact.email": "tor@example.org"}
    case = order(office, NPO_AGENT, agent=AGENT, **contact)
    decide(office.at_case("helena", case), "Godkänn", certified="1")
    decide(office.at_case("amir", case), "Attestera")
    decide(office.at_case("bo", case), "Attestera")
    press(office.at_case("karin", case), "Ta ärendet")
    decide(office.page("karin"), "Informera agenten")
    press(office.at_case("helena", case), "Bekräfta anslutning")

    is_over(office.at_case("anna", case), "Agentens beställare hos Journalbolaget AB")


def test_an_administrator_adds_somebody_on_a_phone(office: Office):
    page = office.at_home("ada")
    follow(page, "Personer och roller")
    follow(page, "Lägg till person")
    named(page, "email").fill("nina@example.org")
    named(page, "name").fill("Nina Ny")
    page.locator("[id][name='roles:orderer']").check()
    send(page)

    expect(page.get_by_text("Nina Ny").first).to_be_visible()


def test_what_was_filled_in_when_a_session_had_ended_is_sent_after_signing_in_again_on_a_phone(office: Office):
    page = office.at_case("bo", order(office, SITHS, units="Söder"))
    follow(page, "Avslå")
    named(page, "reason_code").select_option("no_budget")
    named(page, "reason").fill("Ryms inte\ni år")
    page.context.clear_cookies()
    with page.expect_navigation():
        page.locator("button.main[value=send]").click()
    in_order(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Du är inte inloggad längre")

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Logga in (öppnas i ett nytt fönster)").click()
    office.sign_in(opened.value, "bo@example.org")
    opened.value.close()
    press(page, "Fortsätt")

    expect(page.get_by_role("alert")).to_contain_text("Gå igenom det du fyllde i och skicka igen.")
    expect(named(page, "reason")).to_have_value("Ryms inte\ni år")
    send(page)
    expect(page.get_by_text("Avslagen", exact=True).first).to_be_visible()
