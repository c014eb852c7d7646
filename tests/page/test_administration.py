"""An administrator lets somebody in on the sandbox's page, who then orders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
