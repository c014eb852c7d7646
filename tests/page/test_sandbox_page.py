"""The sandbox's page, as a person uses it: against the real server, with a tiny app behind."""

from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Sandbox, pane
from tests.page.product import ANNA, BERTIL, CARD, CECILIA, CHANNEL, TEAM, button, mrkdwn, plain

INJECTION = "<!channel> &amp; <script>alert(1)</script> <@U0BERTIL001>"


def message(where: Locator, ts: str) -> Locator:
    return where.locator(f"[data-ts='{ts}']")


def open_form(page: Page, sandbox: Sandbox, user: str) -> Locator:
    """The modal of /bestall, opened by the person."""
    sandbox.open(page, user)
    composer = pane(page, user).locator("[data-composer]")
    composer.fill("/bestall SITHS")
    composer.press("Enter")
    return pane(page, user).get_by_role("dialog")


# --- presses


def test_a_press_with_a_question_is_sent_only_after_yes(page: Page, sandbox: Sandbox) -> None:
    ts = sandbox.post(ANNA, text="Ny beställning", blocks=CARD)
    sandbox.open(page, ANNA)
    card = message(pane(page, ANNA), ts)

    card.locator("[data-action-id=attest]").click()
    question = pane(page, ANNA).get_by_role("alertdialog")
    expect(question).to_contain_text("Beställningen kostar 12 400 kr.")
    question.locator("[data-deny]").click()
    assert sandbox.product.heard == []
    card.locator("[data-action-id=attest]").click()
    question.locator("[data-confirm]").click()

    expect(card).to_contain_text("Attesterad av @Anna Berg")
    expect(card.locator("[data-action-id=attest]")).to_have_count(0)


def test_a_press_that_the_app_does_not_answer_is_marked_beside_the_button(page: Page, sandbox: Sandbox) -> None:
    ts = sandbox.post(ANNA, text="Ny beställning", blocks=CARD)
    sandbox.open(page, ANNA)

    message(pane(page, ANNA), ts).locator("[data-action-id=broken]").click()

    expect(pane(page, ANNA).locator("[data-press-failed=broken]")).to_have_text(
        "Vi hade problem med att ansluta. Försök igen."
    )


# --- modals


def test_a_wrong_field_is_told_beside_it_and_the_right_one_closes_the_modal(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, ANNA)
    modal.get_by_role("combobox", name="Agent").fill("be")
    modal.get_by_role("option", name="Bergets vård & data").click()

    modal.get_by_label("Motivering").fill("nej")
    modal.locator("[data-submit]").click()
    expect(modal.locator("[data-error-for=reason]")).to_have_text("Skriv minst en mening.")
    modal.get_by_label("Motivering").fill("Vi behöver den.")
    modal.locator("[data-submit]").click()

    expect(modal).to_have_count(0)
    expect(pane(page, ANNA)).to_contain_text("Tack! Motivering: Vi behöver den.")


def test_an_empty_field_is_told_without_asking_the_app(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, CECILIA)

    modal.locator("[data-submit]").click()

    expect(modal.locator("[data-error-for=reason]")).to_have_text("Please complete this field.")
    assert [heard["type"] for heard in sandbox.product.heard] == ["command"]


def test_what_was_typed_stays_when_the_app_changes_the_modal(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, ANNA)
    modal.get_by_label("Motivering").fill("Halvskrivet")

    modal.locator("[data-action-id=add]").click()

    expect(modal.get_by_label("Referens")).to_be_visible()
    expect(modal.get_by_label("Motivering")).to_have_value("Halvskrivet")


def test_a_modal_takes_the_focus_and_escape_closes_it(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, ANNA)
    expect(modal.get_by_role("combobox", name="Agent")).to_be_focused()

    page.keyboard.press("Escape")

    expect(modal).to_have_count(0)


def test_a_view_on_top_gives_the_one_below_back_as_it_was(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, ANNA)
    modal.get_by_label("Motivering").fill("Halvskrivet")

    modal.locator("[data-action-id=deeper]").click()
    expect(modal).to_have_accessible_name("Om tjänsten")
    modal.locator("[data-back]").click()

    expect(modal).to_have_accessible_name("Ny beställning")
    expect(modal.get_by_label("Motivering")).to_have_value("Halvskrivet")


def test_an_external_select_asks_the_app_once_enough_is_typed(page: Page, sandbox: Sandbox) -> None:
    modal = open_form(page, sandbox, ANNA)
    agent = modal.get_by_role("combobox", name="Agent")

    agent.fill("c")
    expect(modal.get_by_text("Skriv minst 2 tecken för att söka")).to_be_visible()
    agent.fill("ci")
    expect(modal.get_by_role("option")).to_have_text(["Cirrus <system>"])
    agent.press("Enter")

    expect(agent).to_have_value("Cirrus <system>")
    assert [heard["value"] for heard in sandbox.product.heard if heard["type"] == "block_suggestion"] == ["ci"]


# --- text


def test_what_people_write_stays_literal(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    composer = pane(page, ANNA).locator("[data-composer]")

    composer.fill(INJECTION)
    composer.press("Enter")

    expect(pane(page, ANNA).locator(".message-text")).to_have_text(INJECTION)
    expect(pane(page, ANNA).locator("[data-mention], script")).to_have_count(0)


def test_plain_text_stays_literal_and_a_live_mention_looks_like_one(page: Page, sandbox: Sandbox) -> None:
    blocks = [
        {"type": "section", "text": plain("<!channel> *inte fet*")},
        {"type": "section", "text": mrkdwn("<!here>")},
    ]
    ts = sandbox.post(ANNA, text="Två slag", blocks=blocks)
    sandbox.open(page, ANNA)

    expect(message(pane(page, ANNA), ts)).to_contain_text("<!channel> *inte fet*")
    expect(message(pane(page, ANNA), ts).locator("[data-mention=broadcast]")).to_have_text(["@here"])


LINK = 'target="_blank" rel="noopener noreferrer"'
MRKDWN = {
    "*fet* och snake_case_namn": "<b>fet</b> och snake_case_namn",
    "_*båda*_ ~bort~": "<i><b>båda</b></i> <s>bort</s>",
    "`*kod*` 2 * 3 * 4": "<code>*kod*</code> 2 * 3 * 4",
    "&lt;!channel&gt; &amp;lt;": "&lt;!channel&gt; &amp;lt;",
    "&gt; citat\nsedan": "<blockquote>citat</blockquote>sedan",
    "```rad 1\nrad 2```": "<pre>rad 1\nrad 2</pre>",
    "<javascript:alert(1)|klicka>": '<span class="dead-link">klicka</span>',
    "<https://x.test/?a=1&amp;b=2|A &lt; B>": f'<a href="https://x.test/?a=1&amp;b=2" {LINK}>A &lt; B</a>',
    "<!date^1764074000^{date_num} kl. {time}|förr>": (
        '<time datetime="2025-11-25T12:33:20.000Z" title="förr">2025-11-25 kl. 13.33</time>'
    ),
    "\ue000\ue001": "\ufffd\ufffd",
}
READ_ALL = """async (texts) => {
    const { mrkdwn } = await import("/page/mrkdwn.js");
    const reader = { locale: "sv-SE", userName: () => null, channelName: () => null };
    return texts.map((text) => {
        const node = document.createElement("div");
        node.append(mrkdwn(text, reader));
        return node.innerHTML;
    });
}"""


def test_mrkdwn_is_read_as_slack_reads_it(page: Page, sandbox: Sandbox) -> None:
    page.goto(sandbox.base)

    drawn = page.evaluate(READ_ALL, list(MRKDWN))

    assert dict(zip(MRKDWN, drawn, strict=True)) == MRKDWN


# --- conversations


def test_a_conversation_that_gets_a_message_under_the_finger_opens_all_the_same(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    channel = pane(page, ANNA).locator(f"[data-conversation='{CHANNEL}']")
    channel.hover()

    page.mouse.down()
    sandbox.post(CHANNEL, text="Nytt i kanalen")
    page.wait_for_timeout(300)
    page.mouse.up()

    expect(pane(page, ANNA).locator("[data-ts]", has_text="Nytt i kanalen")).to_be_visible()


def test_a_button_whose_card_is_edited_under_the_finger_is_pressed(page: Page, sandbox: Sandbox) -> None:
    posted = sandbox.call("chat.postMessage", channel=ANNA, text="Ny beställning", blocks=CARD)
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    sandbox.open(page, ANNA)
    message(pane(page, ANNA), place["ts"]).locator("[data-action-id=attest]").hover()

    page.mouse.down()
    sandbox.call("chat.update", **place, text="Ny beställning, ändrad", blocks=[*CARD, {"type": "divider"}])
    page.wait_for_timeout(300)
    page.mouse.up()

    expect(pane(page, ANNA).get_by_role("alertdialog")).to_contain_text("Beställningen kostar")


def test_unread_marks_come_and_go(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    channel = pane(page, ANNA).locator(f"[data-conversation={CHANNEL}]")
    expect(channel).to_be_visible()
    expect(channel.locator("[data-unread]")).to_have_count(0)

    sandbox.post(CHANNEL, text="Ett")
    sandbox.post(CHANNEL, text="Två")
    expect(channel.locator("[data-unread='2']")).to_be_visible()
    channel.click()

    expect(channel.locator("[data-unread]")).to_have_count(0)
    expect(pane(page, ANNA).locator("[data-new-line] + [data-ts]")).to_contain_text("Ett")


def test_a_person_beside_keeps_the_mark_until_they_look(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA, BERTIL)
    expect(pane(page, BERTIL).locator("[data-conversation][aria-current]")).to_be_visible()
    mark = pane(page, BERTIL).locator("[data-kind=im] [data-unread='1']")

    sandbox.post(BERTIL, text="Till dig")
    expect(mark).to_be_visible()
    pane(page, BERTIL).get_by_text("Till dig").click()

    expect(mark).to_have_count(0)


def test_messages_change_and_vanish_without_a_reload(page: Page, sandbox: Sandbox) -> None:
    ts = sandbox.post(CHANNEL, text="Första lydelsen")
    sandbox.open(page, ANNA, BERTIL)
    pane(page, BERTIL).locator(f"[data-conversation={CHANNEL}]").click()
    shown = message(pane(page, BERTIL), ts)
    expect(shown).to_contain_text("Första lydelsen")

    sandbox.call("chat.update", channel=CHANNEL, ts=ts, text="Andra lydelsen")
    expect(shown).to_contain_text("Andra lydelsen (redigerat)")
    sandbox.call("chat.delete", channel=CHANNEL, ts=ts)

    expect(shown).to_have_count(0)


def test_only_the_one_person_sees_an_ephemeral_message(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA, CECILIA)
    for user in (ANNA, CECILIA):
        pane(page, user).locator(f"[data-conversation={CHANNEL}]").click()

    sandbox.call("chat.postEphemeral", channel=CHANNEL, user=CECILIA, text="Viskat")

    expect(pane(page, CECILIA).locator(".ephemeral")).to_contain_text("Only visible to youKundportalenAPP")
    expect(pane(page, ANNA).get_by_text("Viskat")).to_have_count(0)


def test_a_thread_counts_its_replies_and_takes_new_ones(page: Page, sandbox: Sandbox) -> None:
    ts = sandbox.post(CHANNEL, text="Beställning B-1234567")
    sandbox.post(CHANNEL, text="Appens svar", thread_ts=ts)
    sandbox.open(page, ANNA)
    person = pane(page, ANNA)
    person.locator(f"[data-conversation={CHANNEL}]").click()
    expect(person.get_by_text("Appens svar")).to_have_count(0)

    person.locator(f"[data-open-thread='{ts}']").click()
    person.locator("[data-thread-composer]").fill("Annas svar")
    person.locator("[data-thread-composer]").press("Enter")

    expect(person.locator(f"[data-thread='{ts}']")).to_contain_text("Annas svar")
    expect(message(person, ts).locator("[data-open-thread]")).to_have_text("2 svar")


# --- the app's other doors


def test_the_home_tab_is_asked_for_when_it_opens_and_follows_along(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)

    pane(page, ANNA).locator("[data-tab=home]").click()
    expect(pane(page, ANNA).locator("[data-home]")).to_contain_text("Hej @Anna Berg!")
    blocks = [{"type": "actions", "elements": [button("reject", "Sida 2")]}]
    sandbox.call("views.publish", user_id=ANNA, view={"type": "home", "blocks": blocks})

    expect(pane(page, ANNA).locator("[data-home]")).to_have_text("Sida 2")


def test_a_shortcut_opens_the_apps_form(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)

    pane(page, ANNA).locator("[data-shortcuts]").click()
    pane(page, ANNA).locator("[data-shortcut=new]").click()

    expect(pane(page, ANNA).get_by_role("dialog", name="Ny beställning")).to_be_visible()


def test_a_command_is_suggested_and_an_unknown_one_refused(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    composer = pane(page, ANNA).locator("[data-composer]")

    composer.fill("/bestalln")
    expect(pane(page, ANNA).locator("[data-command]")).to_contain_text(["/bestallningar"])
    composer.press("Enter")
    expect(composer).to_have_value("/bestallningar ")
    composer.fill("/okänt")
    composer.press("Enter")

    expect(pane(page, ANNA).locator("[data-notice]")).to_contain_text("/okänt är inget giltigt kommando.")


# --- people and faults


def test_the_chooser_leads_to_people_side_by_side_and_one_at_a_time(page: Page, sandbox: Sandbox) -> None:
    page.goto(sandbox.base)
    page.locator(f"[data-choose={CECILIA}]").uncheck()
    page.locator("[data-open=side]").click()
    expect(page.locator("[data-user]")).to_have_count(2)
    expect(page).to_have_url(f"{sandbox.base}/?team={TEAM}&users={ANNA},{BERTIL}")

    page.locator("[data-mode=one]").click()
    page.locator(f"[data-person={BERTIL}]").click()

    expect(page.locator("[data-user]")).to_have_count(1)
    expect(pane(page, BERTIL)).to_be_visible()


def test_a_focus_alone_brings_the_whole_workspace_along(page: Page, sandbox: Sandbox) -> None:
    page.goto(f"{sandbox.base}/?team={TEAM}&focus={BERTIL}")

    expect(pane(page, BERTIL)).to_be_visible()
    expect(page.locator("[data-person]")).to_have_count(3)


def test_people_out_of_sight_still_get_their_unread_marks(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA, BERTIL, focus=ANNA)
    expect(pane(page, ANNA)).to_be_visible()

    sandbox.post(BERTIL, text="Till dig")

    expect(page.locator(f"[data-person={BERTIL}] .badge")).to_contain_text("1")


def test_a_fault_can_be_switched_on_and_off(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    page.locator("[data-open-drawer=faults]").click()

    page.get_by_label("Vad som händer").select_option("server_error")
    page.get_by_label("Metod").fill("chat.postMessage")
    page.locator("[data-add-fault]").click()
    expect(page.locator("[data-fault=server_error]")).to_contain_text("chat.postMessage · 1 gång kvar")
    page.locator("[data-fault=server_error] button").click()

    expect(page.locator("[data-fault]")).to_have_count(0)


def test_the_log_shows_what_went_either_way(page: Page, sandbox: Sandbox) -> None:
    sandbox.open(page, ANNA)
    pane(page, ANNA).locator("[data-tab=home]").click()

    page.locator("[data-open-drawer=log]").click()

    expect(page.locator("[data-call='views.publish']")).to_contain_text("ok")
    expect(page.locator("[data-delivery=app_home_opened]")).to_contain_text("200")
