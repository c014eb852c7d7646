"""An administrator lets somebody in on the sandbox's page, who then orders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flow.people import BO, DISA, EVA, OSCAR
from tests.flow.stage import at_a_place, playing, prepare
from tests.page.test_flows import Player, order, players


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's people and offers."""
    return prepare(tmp_path_factory.mktemp("demo") / "prepared.db")


@pytest.fixture
def address(prepared: Path, tmp_path: Path) -> Iterator[str]:
    """Where the page is, with the product behind it."""
    with at_a_place(prepared, tmp_path) as place, playing(place):
        yield place.address


def close_top(player: Player, words: str) -> None:
    """Close the dialog on top by its own button."""
    player.top_dialog(words).locator("[data-close]").first.click()


def test_an_administrator_lets_somebody_in_who_orders(page: Page, address: str) -> None:
    eva, oscar, bo = players(page, address, EVA, OSCAR, BO)
    eva.opens_home()
    eva.reads("Klar att beställa.")

    eva.presses("people")
    eva.dialog("Cecilia Dahl").locator("[data-action-id='kp.add_person']").click()
    form = eva.top_dialog("E-postadress")
    form.get_by_label("E-postadress").fill("oscar.uto@annan.example")
    form.get_by_label("Namn").fill("Oscar Uto")
    form.get_by_label("beställare", exact=True).check()
    form.locator("[data-submit]").click()
    close_top(eva, "Sparat")
    expect(eva.dialog("Oscar Uto")).to_contain_text("beställare")
    oscar.presses("link_yes")
    oscar.reads("Du är nu beställare hos Region Exempel")

    order(oscar, "npo-producent")

    oscar.reads("på att Bo Ek")
    bo.reads("Attestera")


def test_customer_service_finds_an_organisation_and_changes_its_invoice_details(page: Page, address: str) -> None:
    (disa,) = players(page, address, DISA)
    disa.types("/kundportal organisation solsidan")

    organisation = disa.dialog("Klar att beställa.")
    organisation.locator("[data-action-id='kp.organisation.menu']").click()
    page.get_by_role("menuitem", name="Fakturauppgifter").click()
    form = disa.top_dialog("Fakturaadress")
    form.get_by_label("Fakturareferens").first.fill("REF-9")
    form.locator("[data-submit]").click()

    disa.top_dialog("Sparat")


def open_channels(eva: Player) -> Locator:
    """The form about channels, from what a command finds."""
    eva.types("/kundportal organisation region")
    eva.dialog("Klar att beställa.").locator("[data-action-id='kp.organisation.menu']").click()
    eva.pane.page.get_by_role("menuitem", name="Kanaler för beslut").click()
    return eva.top_dialog("Kanal för rollen attestant")


def close_all(eva: Player) -> None:
    """Close what says that it is kept, and what lies below."""
    eva.closes(eva.top_dialog("Sparat"))
    eva.closes(eva.dialog("Klar att beställa."))


def test_an_administrator_picks_a_channel_from_slacks_own_list_and_takes_it_away(page: Page, address: str) -> None:
    (eva,) = players(page, address, EVA)
    form = open_channels(eva)
    channels = form.get_by_label("Kanal för rollen attestant")
    channels.click()
    expect(page.locator("li[role=option]")).to_have_text(["attester", "allmänt"])
    page.locator("li[role=option]", has_text="allmänt").click()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("Appen är inte med i kanalen")

    channels.click()
    page.locator("li[role=option]", has_text="attester").click()
    form.locator("[data-submit]").click()
    close_all(eva)

    form = open_channels(eva)
    expect(form).to_contain_text("Vald kanal: #attester")
    expect(form.get_by_label("Kanal för rollen attestant")).to_have_value("attester")
    form.get_by_label("Fråga var och en för sig i stället").check()
    form.locator("[data-submit]").click()
    close_all(eva)

    expect(open_channels(eva)).not_to_contain_text("Vald kanal")
