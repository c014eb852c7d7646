"""An attestant who is not in Slack decides an order from the mail to the end, in a browser."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.flow.people import DISA
from tests.flow.stage import at_a_place, playing, prepare, with_mail
from tests.page.test_flows import Player, players
from tests.page.test_site import SMALL, in_order

TRIES, SOON_MS = 10, 3_000
MAJA, NILS = "U0MAJAHOLM1", "nils.gron@exempelby.example"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    prepared = prepare(tmp_path / "prepared.db")
    with at_a_place(prepared, tmp_path) as place, with_mail(place) as posted, playing(posted):
        yield posted.address


def order(maja: Player) -> None:
    """A municipality orders."""
    maja.types("/kundportal ny")
    form = maja.dialog("Ny beställning")
    form.get_by_label("Tjänst och erbjudande").select_option("hsa-direkt")
    form.get_by_label("Fakturareferens").fill("ZZ1234")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(form).to_contain_text("är skickad")
    form.locator("[data-close]").first.click()


def mail_to(page: Page, email: str) -> Locator:
    """The newest mail to somebody, open."""
    page.locator("[data-open-drawer=mails]").click()
    mail = page.locator(f"[data-mail-to='{email}']").first
    expect(mail).to_be_visible()
    mail.locator("summary").first.click()
    return mail


def pressed(page: Page, link: Locator) -> Page:
    """The window that a link in a mail opens; pressed again where the mail was just being drawn."""
    for _ in range(TRIES):
        with contextlib.suppress(TimeoutError):
            with page.expect_popup(timeout=SOON_MS) as popup:
                link.click()
            return popup.value
    raise AssertionError("the link opens nothing")


def test_an_attestant_without_slack_decides_from_the_mail(page: Page, address: str) -> None:
    maja, disa = players(page, address, MAJA, DISA)
    order(maja)
    expect(page.locator("[data-unread-mails='1']")).to_be_visible()
    mail = mail_to(page, NILS)

    decision = pressed(page, mail.frame_locator("iframe").get_by_role("link", name="Läs och besluta"))
    expect(decision.get_by_role("heading", level=1)).to_contain_text("Att attestera")
    expect(decision.locator("main")).to_contain_text("Exempelby kommun")
    decision.set_viewport_size(SMALL)
    in_order(decision)
    decision.get_by_role("link", name="Avslå").click()
    decision.get_by_role("button", name="Avslå").click()
    expect(decision.get_by_role("alert")).to_contain_text("behöver rättas")
    in_order(decision)
    decision.get_by_role("link", name="Tillbaka").click()
    decision.get_by_role("link", name="Attestera", exact=True).click()
    expect(decision.locator("main")).to_contain_text("utan e-legitimation")
    in_order(decision)
    decision.get_by_role("button", name="Attestera").click()
    expect(decision.get_by_role("status")).to_contain_text("Ditt svar är registrerat")
    in_order(decision)

    maja.reads("Attesterad. Hos Ineras kundservice")
    disa.goes_to("kundservice")
    disa.reads("Exempelby kommun")
    decision.go_back()
    decision.reload()
    expect(decision.locator("main")).to_contain_text("Länken användes")
