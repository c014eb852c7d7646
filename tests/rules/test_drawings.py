"""Everything that can be drawn is fit for Slack: its limits, its models, its types, and our own sandbox's refusal."""

import json
import re
from collections.abc import Iterable

import pytest
import slackblocks._limits as published
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.block_kit.validation import block_problems, view_problems
from core.api import Language
from tests.support.drawn import limits
from tests.support.drawn.drawings import HOSTILE, PORTAL, Drawing, in_language, nodes, strings
from tests.support.drawn.sent import as_sent
from tests.support.drawn.slack_types import compile_against_types
from tests.support.machines.large import at_night
from tests.support.world.contact import CONTACT

pytestmark = pytest.mark.slow

MAILTO = f"mailto:{CONTACT.email}"
MRKDWN_CONTACT = re.compile(rf"<{MAILTO}\|[\w ]+>")
BUTTON = {"type": "button", "action_id": "kp.x", "text": {"type": "plain_text", "text": "x"}}


def text(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


@pytest.fixture(scope="module")
def drawings(everything_drawn) -> list[Drawing]:
    return [drawing for drawn in everything_drawn.values() for drawing in drawn.distinct]


def test_names_of_drawings_tell_them_apart(everything_drawn):
    names = [name for drawn in everything_drawn.values() for name, _, _ in drawn.drawings]

    assert len(set(names)) == len(names)


def test_nothing_drawn_breaks_a_limit(drawings):
    broken = {name: found for name, kind, drawn in drawings if (found := limits.broken(kind, drawn))}

    assert broken == {}


def test_no_card_holds_more_buttons_than_people_can_take_in(drawings):
    """Three, and a menu (B8)."""
    crowded = {name: found for name, kind, drawn in drawings if kind == "message" and (found := limits.crowded(drawn))}

    assert crowded == {}


def test_slacks_own_models_take_everything_drawn(drawings):
    """Block by block, since a block is the same in whichever drawing it stands, and every frame around them once."""
    blocks = {json.dumps(block): block for *_, drawn in drawings for block in drawn["blocks"]}
    frames = {json.dumps(drawn | {"blocks": []}): drawn for _, kind, drawn in drawings if kind != "message"}

    for block in blocks.values():
        assert [each.to_dict()["type"] for each in Block.parse_all([block])] == [block["type"]]
    for drawn in frames.values():
        assert kinds(View(**drawn).to_dict()["blocks"]) == kinds(drawn["blocks"])


def kinds(blocks: Iterable[dict[str, str]]) -> list[str]:
    return [each["type"] for each in blocks]


def test_the_sandbox_refuses_nothing_drawn(drawings):
    for name, kind, drawn in drawings:
        assert not problems(kind, drawn), name


def problems(kind, drawn):
    return block_problems(drawn["blocks"], kind) if kind == "message" else view_problems(drawn, (kind,))


def test_slacks_published_types_take_everything_drawn(drawings):
    """Types do not see what a text says, so one drawing of each shape is enough."""
    by_shape = {shape(drawn): (name, kind, drawn) for name, kind, drawn in drawings}

    assert compile_against_types(list(by_shape.values())) == []


def shape(drawn, key=""):
    if isinstance(drawn, dict):
        return tuple((key, shape(value, key)) for key, value in drawn.items())
    if isinstance(drawn, list):
        return frozenset(shape(each) for each in drawn)
    return drawn if key in {"type", "style"} else type(drawn)


@pytest.mark.parametrize(
    ("kind", "block", "found"),
    [
        ("message", {"type": "section", "fields": [text("x" * 2001)]}, "a long field"),
        ("message", {"type": "header", "text": text("")}, "text of 0 characters"),
        ("message", {"type": "actions", "elements": []}, "empty"),
        ("message", {"type": "actions", "elements": [BUTTON, BUTTON]}, "an action id used twice"),
        ("message", {"type": "input", "block_id": "a"}, "input in a message"),
        ("modal", {"type": "alert", "text": text("x")}, "alert in a modal"),
        ("message", {"type": "section"}, "a section of nothing"),
    ],
)
def test_the_checks_see_what_slacks_models_miss(kind, block, found):
    drawn = {"text": "x", "title": text("x"), "private_metadata": "", "blocks": [block]}

    assert limits.broken(kind, drawn) == [f"block 0: {found}"]


def test_the_checks_see_too_many_blocks_and_ids_used_twice():
    twice = [{"type": "divider", "block_id": "a"}] * 51

    assert limits.broken("message", {"text": "x", "blocks": twice}) == ["51 blocks", "a block id used twice"]


def test_the_checks_see_a_crowded_card_and_a_menu_that_slack_refuses():
    options = [{"text": text("x"), "value": "y" * 151}] * 6
    menu = {"type": "overflow", "action_id": "kp.more", "options": options}
    row = {"type": "actions", "elements": [*[BUTTON] * 4, menu]}

    assert limits.crowded({"blocks": [row, row]}) == ["4 buttons", "4 buttons", "two rows of buttons"]
    assert limits.broken("message", {"text": "x", "blocks": [{"type": "actions", "elements": [menu]}]}) == [
        "block 0: a menu of 6",
        "block 0: a long option",
        "block 0: an option twice",
    ]


def test_our_limits_are_the_published_ones():
    assert limits.BLOCKS["message"] == published.MESSAGE_BLOCKS_MAX_ITEMS
    assert limits.BLOCKS["modal"] == limits.BLOCKS["home"] == published.VIEW_BLOCKS_MAX_ITEMS
    assert limits.TITLE == published.VIEW_TITLE_MAX_LENGTH == published.VIEW_SUBMIT_MAX_LENGTH
    assert limits.METADATA == published.VIEW_PRIVATE_METADATA_MAX_LENGTH
    assert limits.TEXT == published.TEXT_MAX_LENGTH == published.SECTION_TEXT_MAX_LENGTH
    assert limits.FIELD_TEXT == published.SECTION_FIELDS_ITEM_MAX_LENGTH
    assert limits.ALT_TEXT == published.IMAGE_ALT_TEXT_MAX_LENGTH
    assert limits.ID == published.BLOCK_ID_MAX_LENGTH == published.ACTION_ID_MAX_LENGTH


# --- what people wrote stays what they wrote


def test_markup_is_only_ever_our_own(drawings):
    """Slack reads markup in mrkdwn, where we put labels and the contact, and in a message's text, which is escaped."""
    for name, kind, drawn in drawings:
        for node in nodes(drawn):
            if node.get("type") == "mrkdwn":
                words = MRKDWN_CONTACT.sub("", node["text"])
                said = r"[^<>*_~`]+" if words != node["text"] else r"\*[\w' \xa0()-]+\*"
                assert re.fullmatch(said, words), (name, node)
        if kind == "message":
            assert not set("<>\n") & set(drawn["text"]), name


def test_links_lead_where_they_say_or_to_addresses_of_ours(drawings):
    for name, _, drawn in drawings:
        for node in nodes(drawn):
            ours = node.get("url", "").startswith(("https://exempel.se/", PORTAL, MAILTO))
            assert "url" not in node or ours or node["url"] == node.get("text"), (name, node)


def test_nothing_mentions_anybody(drawings):
    mentioning = {"user", "usergroup", "channel", "broadcast", "emoji"}
    for name, _, drawn in drawings:
        assert not any(node.get("type") in mentioning for node in nodes(drawn)), name


@pytest.mark.parametrize("mark", ["\u202e", "\u200b"])
def test_marks_that_turn_the_reading_direction_or_have_no_width_are_left_out(drawings, mark):
    assert mark in HOSTILE
    for name, _, drawn in drawings:
        assert not any(mark in text for text in strings(drawn)), name


def test_codes_of_emoji_stay_codes(drawings):
    for name, _, drawn in drawings:
        assert all(node["emoji"] is False for node in nodes(drawn) if node.get("type") == "plain_text"), name


def test_drawing_twice_gives_the_same(everything_drawn):
    """At every push a seventh of the cases: the first drawing may be another process's, with other hashes."""
    again = {name: as_sent(made) for name, _, made in in_language(Language.SV, every=at_night(1, 7))}
    first = {name: drawn for name, _, drawn in everything_drawn[Language.SV].drawings if name in again}

    assert len(again) > 1_000
    assert json.dumps(again, default=str) == json.dumps(first, default=str)
