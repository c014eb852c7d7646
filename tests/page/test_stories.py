"""A story on the sandbox's page chooses its people, and marks whose turn it is and what is pressed next."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.demo.run import Demo, bind
from core.api import Language
from notifications.slack import workspaces
from tests.flow.people import ANNA, BO, DISA, HANNA, IVAR
from tests.flow.stage import at_a_place, playing, prepare, with_mail
from tests.page.conftest import PATIENCE_MS, pane
from tests.page.test_first_order import TYPED
from tests.page.test_flows import Player, order
from tests.page.test_site import fill


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with at_a_place(prepare(tmp_path / "prepared.db"), tmp_path) as place, with_mail(place) as posted, playing(posted):
        yield posted.address


def choose(page: Page, address: str, story: str) -> None:
    page.goto(address)
    page.locator(f"[data-story={story}]").click()


def turn(page: Page) -> Locator:
    """The step whose turn it is."""
    return page.locator("[data-step][aria-current=step]")


def marked(page: Page, user: str, action: str) -> Locator:
    return pane(page, user).locator(f"[data-action-id='kp.{action}'].next-step")


def test_a_direct_order_is_led_from_the_command_until_it_is_confirmed(page: Page, address: str) -> None:
    choose(page, address, "direkt")
    expect(turn(page)).to_contain_text("/kundportal ny")
    expect(pane(page, ANNA).locator(".next-step").first).to_be_visible()
    order(Player(page, ANNA), "npo-producent")

    for user, action, words in ((BO, "attest", "Du attesterar"), (DISA, "claim", ""), (DISA, "send_instructions", "")):
        if user == DISA and action == "claim":
            # The mark leads to the channel, or stands there already.
            expect(pane(page, DISA).locator(".next-step").first).to_be_visible()
            Player(page, DISA).goes_to("kundservice")
        marked(page, user, action).click()
        if action != "claim":
            expect(pane(page, user).get_by_role("dialog")).to_contain_text(words)
            pane(page, user).locator("[data-submit].next-step").click()

    expect(turn(page)).to_contain_text("bekräftar anslutningen")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(turn(page)).to_contain_text("bekräftar anslutningen")
    expect(turn(page)).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".guide-end")).to_be_empty()

    marked(page, ANNA, "confirm_connection").click()
    expect(turn(page)).to_contain_text("läser att beställningen är klar")
    expect(page.locator(".guide-end")).to_have_text("Klart! Välj en annan berättelse")
    page.locator(".guide-end a").click()
    expect(page.locator("[data-story=agent]")).to_be_visible()


def test_everybody_in_a_story_is_one_press_away_also_the_fifth(page: Page, address: str) -> None:
    choose(page, address, "agent")
    expect(page.locator(".pane")).to_have_count(4)

    for user in (ANNA, HANNA, IVAR, BO, DISA):
        page.locator(f"[data-show={user}]").first.click()
        expect(pane(page, user)).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_role_is_read_to_its_end_and_nothing_stands_beside_the_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    choose(page, address, "agent")
    roles = page.locator(".pane-top .who span")
    expect(roles.first).to_be_visible()

    assert all(role.evaluate("each => each.scrollWidth <= each.clientWidth") for role in roles.all())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_begins_with_somebody_of_each_slack_that_has_the_app(page: Page, address: str) -> None:
    page.goto(address)
    slacks = page.locator("[data-choose-team]")

    expect(slacks.locator("legend")).to_have_text(
        ["Inera", "Region Exempel", "Nordjournal AB", "Annan Vård AB (appen är inte installerad)"]
    )
    expect(page.locator("[data-choose]:checked")).to_have_count(3)
    for slack in slacks.all()[:3]:
        expect(slack.locator("[data-choose]:checked")).to_have_count(1)


def test_each_window_says_in_whose_slack_it_is(page: Page, address: str) -> None:
    choose(page, address, "agent")

    for user, slack in ((ANNA, "Region Exempel"), (HANNA, "Nordjournal AB"), (DISA, "Inera")):
        page.locator(f"[data-person={user}]").click()
        expect(pane(page, user).locator("[data-workspace]")).to_have_text(f"Slack: {slack}")


@pytest.fixture
def english(browser: Browser) -> Iterator[Page]:
    """The browser of somebody who reads English."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_a_browser_in_english_is_spoken_to_in_english_by_page_guide_people_and_channel(
    english: Page, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The demo reads its workspaces anew at once; here another process does that.
    monkeypatch.setattr(workspaces, "REFRESH", timedelta(milliseconds=50))
    choose(english, address, "direkt")
    expect(turn(english)).to_contain_text("types /kundportal new")
    anna = pane(english, ANNA)
    expect(anna.locator(".pane-top")).to_contain_text("Orderer")
    anna.locator("[data-composer]").fill("/kundportal new")
    anna.locator("[data-composer]").press("Enter")
    form = anna.get_by_role("dialog")
    form.get_by_label("Service and offer").select_option("npo-producent")
    form.get_by_label("Care units").fill("Vårdcentralen Norr")
    form.get_by_label("Invoice reference").fill("ZZ1234")
    form.get_by_role("checkbox").check()
    form.locator("[data-submit]").click()
    expect(turn(english)).to_contain_text("attests")

    marked(english, BO, "attest").click()
    pane(english, BO).locator("[data-submit].next-step").click()
    expect(turn(english)).to_contain_text("takes the case in #kundservice")
    pane(english, DISA).locator("[data-conversation].next-step").click()
    expect(marked(english, DISA, "claim")).to_have_text("Take the case")

    english.goto(address)
    expect(english.locator(".chooser-lead")).to_have_text(
        "You play everybody yourself, and see what each of them gets, reads and decides."
    )


def test_every_story_has_an_english_cast_and_is_led_in_english_where_the_browser_is() -> None:
    with bind(0) as product, bind(0) as page:
        slack = Demo("sqlite://", product, page).sandbox(Language.EN)
    cast = {user.id: user for team in slack.workspaces for user in team.users}

    for story in slack.stories:
        led = (slack.lead, story.title, *(step.says for step in story.steps))
        assert all(said.get("en") and said["en"] != said["sv"] for said in led), story.id
        assert {cast[step.user].locale for step in story.steps} == {"en-GB"}, story.id


def test_the_application_has_a_number_that_passes_and_waits_for_each_mail_of_its_own(page: Page, address: str) -> None:
    """What comes when it has been received is neither the mail to sign by nor the invitation."""
    choose(page, address, "ansokan")
    number = re.search(r"\d{6}-\d{4}", turn(page).inner_text())
    assert number is not None
    with page.expect_popup() as opened:
        turn(page).get_by_role("link").click()
    fill(opened.value, TYPED | {"org_number": number[0]})
    opened.value.get_by_role("button", name="Skicka ansökan").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Ansökan är mottagen")
    opened.value.close()

    pane(page, DISA).locator("[data-conversation].next-step").click()
    marked(page, DISA, "claim").click()
    marked(page, DISA, "approve").click()
    expect(turn(page)).to_contain_text("godkänner ansökan")
    pane(page, DISA).locator("[data-submit].next-step").click()
    expect(turn(page)).to_contain_text("Firmatecknaren signerar")
    expect(page.locator("[data-open-drawer=mails].next-step")).to_be_visible()
