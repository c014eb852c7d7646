"""One half of an order in Slack and the other on the web, in a browser: the sandbox's page, and phones beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo.run import Demo
from tests.flow.people import BO, DISA
from tests.flow.stage import at_a_place, playing, prepare, with_mail
from tests.page.conftest import PATIENCE_MS
from tests.page.test_flows import players
from tests.page.test_mail import mail_to
from tests.page.test_site import PHONE, in_order
from tests.page.working import CASE, follow, named, press, send


@dataclass
class Phones:
    """Phones of people whose Slack is open beside; each is signed in by the code of a mail that the sandbox shows."""

    browser: Browser
    site: str
    slack: Page
    pages: dict[str, Page] = field(default_factory=dict[str, Page])

    def of(self, email: str, address: str = "/arbete") -> Page:
        """Somebody's phone, at an address."""
        if email not in self.pages:
            context = self.browser.new_context(viewport=dict(PHONE), locale="sv-SE")
            context.set_default_timeout(PATIENCE_MS)
            self.pages[email] = context.new_page()
            self._sign_in(self.pages[email], email)
        self.pages[email].goto(f"{self.site}{address}")
        in_order(self.pages[email])
        return self.pages[email]

    def _sign_in(self, phone: Page, email: str) -> None:
        phone.goto(f"{self.site}/logga-in")
        phone.locator("[name=email]").fill(email)
        phone.locator("[name=email]").press("Enter")
        phone.wait_for_url("**/logga-in/kod*")
        body = mail_to(self.slack, email).frame_locator("iframe").locator("body")
        expect(body).to_contain_text(re.compile(r"\d{4}\s\d{4}"))
        code = re.search(r"\d{4}\s\d{4}", body.inner_text())
        assert code is not None
        self.slack.keyboard.press("Escape")
        phone.locator("[name=code]").fill(code[0])
        phone.locator("button.main").click()
        phone.wait_for_url("**/arbete*")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Demo]:
    with at_a_place(prepare(tmp_path / "prepared.db"), tmp_path) as place, with_mail(place) as posted, playing(posted):
        yield posted


def test_an_order_goes_back_and_forth_between_a_phone_and_slack(page: Page, browser: Browser, place: Demo) -> None:
    bo, disa = players(page, place.address, BO, DISA)
    phones = Phones(browser, place.site, page)
    anna = phones.of("anna.berg@region.example")
    follow(anna, "Ny beställning")
    named(anna, "offer").select_option("npo-producent")
    with anna.expect_navigation():
        anna.locator("button[name=_do][value^='act kp.offers']").click()
    for name, said in {"units": "Vårdcentralen Norr", "invoice_ref": "ZZ1234"}.items():
        anna.locator(f"[id][name='{name}']").fill(said)
    anna.locator("[id][name='technical_contact.name']").fill("Tekla Teknik")
    anna.locator("[id][name='technical_contact.phone']").fill("070-174 06 05")
    anna.locator("[id][name=terms_accepted]").check()
    send(anna)
    found = CASE.search(anna.get_by_role("status").inner_text())
    assert found is not None
    case = f"/arbete/arende/{found[0]}"

    bo.presses("attest")
    bo.submits("Du attesterar")
    bo.reads("Attesterad av Bo Ek")
    expect(phones.of("anna.berg@region.example", case).locator("main")).to_contain_text("Bo Ek attesterade")

    on_page = phones.of("disa.fors@inera.example", case)
    press(on_page, "Ta ärendet")
    disa.goes_to("kundservice")
    disa.reads("Disa Fors")
    disa.presses("send_instructions")
    disa.submits("Skicka")
    expect(phones.of("disa.fors@inera.example", case).locator("main")).to_contain_text("Instruktion skickad")

    press(phones.of("anna.berg@region.example", case), "Bekräfta anslutning")
    disa.reads("Anslutningen bekräftad av Anna")
    bo.reads("Anslutningen bekräftad av Anna")
    for phone in phones.pages.values():
        phone.context.close()
