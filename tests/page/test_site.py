"""Pages are for everybody: each page in each state, on a small screen and four times as large, with keys alone, without
scripts, and with nothing that WCAG 2.2 A or AA forbids."""

import re
from collections.abc import Iterator, Mapping

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from core.api import Language
from tests.page.conftest import PATIENCE_MS
from tests.page.site import Running, serving
from tests.page.states import FORMS, NAMES, STATES, PageState, World, all_states
from tests.web.filling import SECOND, TYPED

SMALL = {"width": 360, "height": 740}
# What is left of a window of 1280 by 1024 at 400 %.
ENLARGED = {"width": 320, "height": 256}
PHONE = {"width": 390, "height": 844}
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
AXE = AXE_FILE_PATH.read_text("utf-8")
VIOLATIONS = {"resultTypes": ["violations"]}
RULES = VIOLATIONS | {
    "runOnly": {"type": "tag", "values": [*TAGS]},
    "rules": {"target-size": {"enabled": True}},
}
# Those that another width can change.
OF_WIDTH = VIOLATIONS | {
    "runOnly": {"type": "rule", "values": ["target-size", "color-contrast", "scrollable-region-focusable"]}
}
# Words of letters alone that stand on two lines, though nothing says where they may be parted.
BROKEN = """() => {
  const broken = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const around = node.parentElement;
    if (around.closest(".unseen, .skip, option, textarea") || getComputedStyle(around).hyphens === "auto") continue;
    for (const word of node.data.matchAll(/(?<!\\S)\\p{L}{2,}(?=[\\s.,:;)]|$)/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
# What is no page: files to keep, and how pages look.
FILES = re.compile(r".*\.pdf|/logotyp|/portal\.(css|svg)|/f/\{token\}")
# What opens in a browser that has asked for a mail, or is signed in: test_signing_in.py.
SIGNING_IN = frozenset({"/logga-in/kod", "/inloggningar"})
# Where whoever is signed in works, and tests/page/test_work.py looks.
WORK = frozenset({"/arbete", "/arbete/arende/{case}", "/arbete/visa"})
# Where Slack leads back to: tests/web/test_installing.py.
FROM_SLACK = frozenset({"/slack/installed"})
# A picture, which Slack fetches.
FOR_SLACK = frozenset({"/b/{token}.png"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.db'}") as running:
        yield running


@pytest.fixture(scope="module")
def world(site: Running) -> World:
    return World(site)


@pytest.fixture(scope="module")
def states(site: Running, world: World) -> dict[str, PageState]:
    return site.do(all_states(world))


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


def visit(page: Page, site: Running, state: PageState, language: Language) -> None:
    """Come to a page in a state, and wait until the browser has drawn it."""
    address = state.address if isinstance(state.address, str) else site.do(state.address())
    page.goto(f"{site.url}{address}?lang={language}")
    for name, value in state.fills.items():
        page.locator(f"[name='{name}']").evaluate("(field, value) => { field.value = value }", value)
    if state.file:
        chosen = FilePayload(name="fullmakt.pdf", mimeType="application/pdf", buffer=state.file)
        page.locator("input[type=file]").set_input_files(chosen)
    for selector in state.presses:
        press(page, page.locator(selector).first)


def press(page: Page, pressed: Locator) -> None:
    """Press something, and be at the page that it leads to."""
    if pressed.evaluate("each => each.matches('summary')"):
        pressed.click()
        return
    with page.expect_navigation():
        pressed.click()


def in_order(page: Page, rules: dict[str, object] = RULES) -> None:
    """Nothing that hinders anybody, nothing beside the screen, and no word broken in two."""
    if page.evaluate("!('axe' in window)"):
        page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", rules)
    told = [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
    assert told == []
    width = (page.viewport_size or SMALL)["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert width < SMALL["width"] or page.evaluate(BROKEN) == []
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_hinders_nobody_on_a_small_screen_or_four_times_as_large(
    reading: Page, site: Running, states: dict[str, PageState], name: str, language: Language
):
    visit(reading, site, states[name], language)

    is_paper = states[name].template == "paper.html"
    assert site.drawn(reading.url) == states[name].template
    assert reading.locator("html").get_attribute("lang") == ("sv" if is_paper else language)
    assert reading.locator("h1").count() == (0 if is_paper else 1)
    in_order(reading)
    reading.set_viewport_size(ENLARGED)
    in_order(reading, OF_WIDTH)
    reading.set_viewport_size(SMALL)


def test_every_address_of_a_page_is_among_the_states(site: Running, states: dict[str, PageState]):
    pages = [route for route in site.site.routes if route.methods and "GET" in route.methods]
    addresses = {each if isinstance(each, str) else site.do(each()) for each in (s.address for s in states.values())}
    reached = {route.path for route in pages if any(route.path_regex.fullmatch(each) for each in addresses)}

    assert {name: state.template for name, state in states.items()} == {
        name: template for template, names in STATES.items() for name in names
    }
    assert {
        route.path for route in pages if not FILES.fullmatch(route.path)
    } - reached == SIGNING_IN | WORK | FROM_SLACK | FOR_SLACK


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("errors")])
def test_errors_stand_first_and_each_leads_to_its_field(
    reading: Page, site: Running, states: dict[str, PageState], name: str, language: Language
):
    visit(reading, site, states[name], language)

    # The browser moves the focus with its next drawing, after the load.
    expect(reading.locator("#errors")).to_be_focused()
    reading.locator("#errors a").first.click()
    expect(reading.locator("[aria-invalid=true]").first).to_be_focused()


@pytest.mark.parametrize("name", ["decision", "decision of an agent"])
def test_what_an_order_is_answered_by_stands_in_view_on_a_phone(
    reading: Page, site: Running, states: dict[str, PageState], name: str
):
    reading.set_viewport_size(PHONE)
    visit(reading, site, states[name], Language.SV)
    button = reading.locator(".at-hand a").first

    expect(button).to_be_in_viewport(ratio=1)
    reading.locator("summary").click()
    expect(button).to_be_in_viewport(ratio=1)
    reading.set_viewport_size(SMALL)


@pytest.mark.parametrize("action", ["attest", "reject", "approve"])
def test_the_last_button_of_a_decision_stands_in_view_on_a_phone(
    reading: Page, site: Running, states: dict[str, PageState], action: str
):
    reading.set_viewport_size(PHONE)
    visit(reading, site, states[f"decide, {action}"], Language.SV)

    expect(reading.locator("button.main")).to_be_in_viewport(ratio=1)
    reading.set_viewport_size(SMALL)


# --- keys alone


MANY_STEPS = 80
ASKED = "each => [each.name, each.type, each.value, String(each.checked), each.className]"


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_completed_by_keys_alone(reading: Page, site: Running, world: World, name: str):
    form = FORMS[name]
    reading.goto(site.url + site.do(form.address(world)))

    complete(reading, form.typed)

    expect(reading.locator("#errors")).to_have_count(0)
    assert site.drawn(reading.url) == form.leads_to


def complete(page: Page, typed: Mapping[str, str]) -> None:
    """Go from field to field by Tab, fill in what is asked, and send by Enter at the button that does."""
    left = dict(typed)
    for _ in range(MANY_STEPS):
        page.keyboard.press("Tab")
        name, kind, value, checked, looks = page.locator(":focus").evaluate(ASKED)
        if name in left and kind != "submit":
            enter(page, kind, value, checked, left.pop(name))
        elif not left and kind == "submit" and "main" in looks.split():
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no key leads to {[*left] or 'the button'}")


def enter(page: Page, kind: str, value: str, checked: str, wanted: str) -> None:
    """Fill in the field that has the focus."""
    if kind == "checkbox":
        if checked == "false":
            page.keyboard.press("Space")
        return
    if kind == "select-one":
        for _ in range(MANY_STEPS):
            if page.locator(":focus").input_value() == wanted:
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"no {wanted} among the options")
    if value:
        page.keyboard.press("Control+A")
    page.keyboard.type(wanted)


def fill(page: Page, typed: dict[str, str]) -> None:
    """Type into fields, choose from lists and tick boxes."""
    for name, value in typed.items():
        field = page.locator(f"[name='{name}']")
        kind = field.evaluate("each => each.type")
        if kind == "checkbox":
            field.check()
            continue
        (field.select_option if kind == "select-one" else field.fill)(value)


def test_enter_in_a_field_sends_the_form(bare: Page, site: Running):
    bare.goto(f"{site.url}/ansok")
    bare.locator("[name=organisation]").press("Enter")

    expect(bare.locator("#errors")).to_be_visible()


def test_an_organisation_applies_and_two_sign_without_any_script(bare: Page, site: Running):
    bare.goto(f"{site.url}/ansok")
    # Not the organisation that has its agreement already.
    fill(bare, TYPED | {"org_number": "559900-0006"})
    bare.get_by_role("button", name="Lägg till en firmatecknare").click()
    fill(bare, SECOND)
    bare.get_by_role("button", name="English").click()
    expect(bare.locator("html")).to_have_attribute("lang", "en")
    expect(bare.locator("[name=organisation]")).to_have_value(TYPED["organisation"])
    bare.get_by_role("button", name="Send the application").click()
    bare.wait_for_url("**/ansok/tack/*")
    number = bare.url.partition("?")[0].rpartition("/")[2]
    approved = site.do(site.portal.approve(number))
    for signatory in range(2):
        bare.goto(site.url + site.do(site.portal.sign_link(approved, signatory)))
        fill(bare, {"confirmed": "1"})
        bare.get_by_role("button", name="Signera").click()
        bare.wait_for_url("**/s/klart/*")

    expect(bare.locator("h1")).to_have_text("Avtalet är tecknat")
    assert len(site.do(site.portal.case(number)).signatures) == 2
