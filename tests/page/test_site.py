"""Pages are for everybody: on a small screen, without scripts, and with nothing that WCAG 2.2 A or AA forbids."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from core.api import Action, Language
from tests.page.conftest import PATIENCE_MS
from tests.page.site import Site, serving
from tests.web.filling import SECOND, TYPED, applied
from tests.web.test_reading import agreed, link

SMALL = {"width": 360, "height": 740}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
}
BOTH = TYPED | SECOND


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.db'}") as running:
        yield running


@pytest.fixture(scope="module")
def reading(browser: Browser) -> Iterator[Page]:
    """A small screen on which nothing is written: one for all pages, since each new one takes as long as the reading.

    Scripts are for the checks alone: the site's policy lets none of a page's own run.
    """
    context = browser.new_context(viewport=SMALL, locale="sv-SE")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    """A small screen in a browser that runs no scripts at all."""
    context = browser.new_context(viewport=SMALL, locale="sv-SE", java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def addresses(site: Site) -> dict[str, str]:
    """An application in each place that has pages of its own."""
    return site.do(_addresses(site.portal))


async def _addresses(portal) -> dict[str, str]:
    sent, asked, rejected = [await applied(portal, BOTH) for _ in range(3)]
    approved = await portal.approve((await applied(portal, BOTH)).id)
    await portal.ask(asked.id, "Vem tar emot fakturan?\nOch stämmer numret?")
    await portal.reject(rejected.id, "Ni är redan kund.")
    follow = {name: await portal.follow_link(case) for name, case in (("sent", sent), ("asked", asked))}
    follow |= {"rejected": await portal.follow_link(rejected), "approved": await portal.follow_link(approved)}
    sign = await portal.sign_link(approved)
    held = await agreed(portal, org_number="559900-0006")
    other = await portal.approve((await applied(portal, BOTH | {"org_number": "769900-0001"})).id)
    cancelled = await portal.act(other.id, Action.CANCEL, reason="Fel firmatecknare.\nSkicka en ny ansökan.")
    return {
        "start": "/",
        "customer": "/ansok",
        "agent": "/ansok/agent",
        "received": f"/ansok/tack/{sent.id}",
        **{f"follow {name}": address for name, address in follow.items()},
        "withdraw": follow["sent"] + "/aterta",
        "withdraw too late": follow["rejected"] + "/aterta",
        "sign": sign,
        "decline": sign + "/avboj",
        "all signed": "/s/klart/all",
        "one signed": "/s/klart/one",
        "declined": "/s/klart/declined",
        "follow cancelled": await portal.follow_link(cancelled),
        "signed": await portal.follow_link(held),
        "read": await link(portal, held),
        "wrong link": "/s/nothing",
        "nowhere": "/nowhere",
    }


NAMES = (
    *("start", "customer", "agent", "received", "follow sent", "follow asked", "follow rejected", "follow approved"),
    *(
        "withdraw",
        "withdraw too late",
        "sign",
        "decline",
        "all signed",
        "one signed",
        "declined",
        "follow cancelled",
        "signed",
        "read",
        "wrong link",
        "nowhere",
    ),
)
# Pages that tell what is wrong when their form is sent as it is.
FORMS = ("customer", "agent", "follow asked", "sign", "decline")


def in_order(page: Page) -> None:
    """Nothing that hinders anybody, and nothing beside the screen."""
    found = Axe().run(page, options=RULES).response["violations"]
    told = [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    assert page.locator("h1").count() == 1
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_hinders_nobody(reading: Page, site: Site, addresses: dict[str, str], name: str, language: Language):
    reading.goto(f"{site.url}{addresses[name]}?lang={language}")

    assert reading.locator("html").get_attribute("lang") == language
    in_order(reading)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", FORMS)
def test_errors_hinder_nobody_and_stand_first(
    reading: Page, site: Site, addresses: dict[str, str], name: str, language: Language
):
    reading.goto(f"{site.url}{addresses[name]}?lang={language}")
    reading.locator("button.main").click()

    in_order(reading)
    assert reading.evaluate("document.activeElement.id") == "errors"
    reading.locator("#errors a").first.click()
    assert reading.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


def fill(page: Page, typed: dict[str, str]) -> None:
    """Type into fields, choose from lists and tick boxes."""
    for name, value in typed.items():
        field = page.locator(f"[name='{name}']")
        kind = field.evaluate("each => each.type")
        if kind == "checkbox":
            field.check()
            continue
        (field.select_option if kind == "select-one" else field.fill)(value)


def test_enter_in_a_field_sends_the_form(bare: Page, site: Site):
    bare.goto(f"{site.url}/ansok")
    bare.locator("[name=organisation]").press("Enter")

    assert bare.locator("#errors").is_visible()


def test_an_organisation_applies_and_two_sign_without_any_script(bare: Page, site: Site):
    bare.goto(f"{site.url}/ansok")
    # Not the organisation that has its agreement already.
    fill(bare, TYPED | {"org_number": "769900-0001"})
    bare.get_by_role("button", name="Lägg till en firmatecknare").click()
    fill(bare, SECOND)
    bare.get_by_role("button", name="English").click()
    assert bare.locator("[name=organisation]").input_value() == TYPED["organisation"]
    bare.get_by_role("button", name="Send the application").click()
    number = bare.url.partition("?")[0].rpartition("/")[2]
    approved = site.do(site.portal.approve(number))
    for signatory in range(2):
        bare.goto(site.url + site.do(site.portal.sign_link(approved, signatory)))
        fill(bare, {"confirmed": "1"})
        bare.get_by_role("button", name="Skriv under").click()

    assert bare.locator("h1").inner_text() == "Avtalet är tecknat"
    assert len(site.do(site.portal.case(number)).signatures) == 2
