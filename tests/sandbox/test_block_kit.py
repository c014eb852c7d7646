"""What Block Kit takes and refuses, limit by limit, held against outsiders where there are any."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slackblocks import _limits, _surfaces

from bot.sandbox.block_kit.blocks import BLOCKS, ELEMENTS, SURFACES
from bot.sandbox.block_kit.validation import block_problems, view_problems
from tests.sandbox.desk import a_button, a_home, a_modal, a_section, an_input, plain
from tests.support.drawn.slack_types import compile_against_types

Blocks = list[dict[str, Any]]


def in_actions(**element: Any) -> Blocks:
    return [{"type": "actions", "elements": [element]}]


def in_input(**element: Any) -> Blocks:
    return [an_input(element=element)]


def an_option(text: str = "One", value: str = "1", **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": value, **more}


def options(number: int) -> Blocks:
    return [an_option(str(n), str(n)) for n in range(number)]


def a_select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "options": [an_option()], **more}


def confirmed(**parts: Any) -> Blocks:
    whole = {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}
    return in_actions(**a_button(confirm=whole | parts))


def an_image(**parts: Any) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://example.org/i.png", "alt_text": "A picture", **parts}


X = "x"
# Name in the registry of slackblocks -> blocks that hold so many of it.
LENGTHS: dict[str, Callable[[int], Blocks]] = {
    "ACTION_ID_MAX_LENGTH": lambda n: in_actions(**a_button(action_id=X * n)),
    "BLOCK_ID_MAX_LENGTH": lambda n: [{"type": "divider", "block_id": X * n}],
    "BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH": lambda n: in_actions(**a_button(accessibility_label=X * n)),
    "BUTTON_TEXT_MAX_LENGTH": lambda n: in_actions(**a_button(text=plain(X * n))),
    "BUTTON_URL_MAX_LENGTH": lambda n: in_actions(**a_button(url=X * n)),
    "BUTTON_VALUE_MAX_LENGTH": lambda n: in_actions(**a_button(value=X * n)),
    "CHECKBOXES_OPTIONS_MAX_ITEMS": lambda n: in_actions(type="checkboxes", options=options(n)),
    "CONFIRMATION_CONFIRM_MAX_LENGTH": lambda n: confirmed(confirm=plain(X * n)),
    "CONFIRMATION_DENY_MAX_LENGTH": lambda n: confirmed(deny=plain(X * n)),
    "CONFIRMATION_TEXT_MAX_LENGTH": lambda n: confirmed(text=plain(X * n)),
    "CONFIRMATION_TITLE_MAX_LENGTH": lambda n: confirmed(title=plain(X * n)),
    "CONTEXT_ELEMENTS_MAX_ITEMS": lambda n: [{"type": "context", "elements": [plain("x")] * n}],
    "DATE_PICKER_PLACEHOLDER_MAX_LENGTH": lambda n: in_actions(type="datepicker", placeholder=plain(X * n)),
    "HEADER_TEXT_MAX_LENGTH": lambda n: [{"type": "header", "text": plain(X * n)}],
    "IMAGE_ALT_TEXT_MAX_LENGTH": lambda n: [an_image(alt_text=X * n)],
    "IMAGE_IMAGE_URL_MAX_LENGTH": lambda n: [an_image(image_url=X * n)],
    "IMAGE_TITLE_MAX_LENGTH": lambda n: [an_image(title=plain(X * n))],
    "INPUT_HINT_MAX_LENGTH": lambda n: [an_input(hint=plain(X * n))],
    "INPUT_LABEL_MAX_LENGTH": lambda n: [an_input(label=plain(X * n))],
    "MARKDOWN_TEXT_MAX_LENGTH": lambda n: [{"type": "markdown", "text": X * n}],
    "MESSAGE_BLOCKS_MAX_ITEMS": lambda n: [{"type": "divider"}] * n,
    "OPTION_DESCRIPTION_MAX_LENGTH": lambda n: in_actions(**a_select(options=[an_option(description=plain(X * n))])),
    "OPTION_GROUP_OPTIONS_MAX_ITEMS": lambda n: in_actions(
        type="static_select", option_groups=[{"label": plain("g"), "options": options(n)}]
    ),
    "OPTION_GROUP_LABEL_MAX_LENGTH": lambda n: in_actions(
        type="static_select", option_groups=[{"label": plain(X * n), "options": options(1)}]
    ),
    "OPTION_TEXT_MAX_LENGTH": lambda n: in_actions(**a_select(options=[an_option(X * n)])),
    "OPTION_URL_MAX_LENGTH": lambda n: in_actions(type="overflow", options=[an_option(url=X * n)]),
    "OPTION_VALUE_MAX_LENGTH": lambda n: in_actions(**a_select(options=[an_option(value=X * n)])),
    "OVERFLOW_OPTIONS_MAX_ITEMS": lambda n: in_actions(type="overflow", options=options(n)),
    "PLAIN_TEXT_INPUT_MAX_LENGTH_MAX": lambda n: in_input(type="plain_text_input", max_length=n),
    "PLAIN_TEXT_INPUT_MIN_LENGTH_MAX": lambda n: in_input(type="plain_text_input", min_length=n),
    "PLAIN_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH": lambda n: in_input(type="plain_text_input", placeholder=plain(X * n)),
    "RADIO_BUTTONS_OPTIONS_MAX_ITEMS": lambda n: in_actions(type="radio_buttons", options=options(n)),
    "RICH_TEXT_LIST_INDENT_MAX": lambda n: [
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "indent": n, "elements": []}]}
    ],
    "SECTION_FIELDS_ITEM_MAX_LENGTH": lambda n: [{"type": "section", "fields": [plain(X * n)]}],
    "SECTION_FIELDS_MAX_ITEMS": lambda n: [{"type": "section", "fields": [plain("x")] * n}],
    "SECTION_TEXT_MAX_LENGTH": lambda n: [a_section(X * n)],
    "SELECT_OPTIONS_MAX_ITEMS": lambda n: in_actions(**a_select(options=options(n))),
    "SELECT_PLACEHOLDER_MAX_LENGTH": lambda n: in_actions(**a_select(placeholder=plain(X * n))),
}
VIEW_LENGTHS: dict[str, Callable[[int], dict[str, Any]]] = {
    "VIEW_BLOCKS_MAX_ITEMS": lambda n: a_modal(blocks=[{"type": "divider"}] * n),
    "VIEW_CALLBACK_ID_MAX_LENGTH": lambda n: a_modal(callback_id=X * n),
    "VIEW_CLOSE_MAX_LENGTH": lambda n: a_modal(close=plain(X * n)),
    "VIEW_EXTERNAL_ID_MAX_LENGTH": lambda n: a_modal(external_id=X * n),
    "VIEW_PRIVATE_METADATA_MAX_LENGTH": lambda n: a_modal(private_metadata=X * n),
    "VIEW_SUBMIT_MAX_LENGTH": lambda n: a_modal(submit=plain(X * n)),
    "VIEW_TITLE_MAX_LENGTH": lambda n: a_modal(title=plain(X * n)),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_block_holds_as_much_as_an_outsider_says_and_no_more(name: str) -> None:
    most = getattr(_limits, name)

    assert block_problems(LENGTHS[name](most), "message") == []
    assert len(block_problems(LENGTHS[name](most + 1), "message")) == 1


@pytest.mark.parametrize("name", VIEW_LENGTHS)
def test_a_view_holds_as_much_as_an_outsider_says_and_no_more(name: str) -> None:
    most = getattr(_limits, name)

    assert view_problems(VIEW_LENGTHS[name](most), ("modal",)) == []
    assert len(view_problems(VIEW_LENGTHS[name](most + 1), ("modal",))) == 1


def test_an_actions_block_holds_25_elements() -> None:
    def buttons(number: int) -> Blocks:
        return [{"type": "actions", "elements": [a_button(action_id=str(n)) for n in range(number)]}]

    assert _limits.ACTIONS_ELEMENTS_MAX_ITEMS == 25
    assert block_problems(buttons(25), "message") == []
    assert said(buttons(26)) == ["no more than 25 items allowed [json-pointer:/blocks/0/elements]"]


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_each_surface_takes_the_blocks_that_an_outsider_says(surface: Any) -> None:
    allowed = _surfaces._BLOCK_TYPES_BY_SURFACE[surface]

    assert set(SURFACES[surface][0]) == allowed & set(BLOCKS)


def said(blocks: Any, surface: str = "message") -> list[str]:
    return [problem.in_words() for problem in block_problems(blocks, surface)]


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ([{"type": "nonsense"}], "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        ([{}], "missing required field: type [json-pointer:/blocks/0]"),
        (["x"], "must provide an object [json-pointer:/blocks/0]"),
        ([{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0]"),
        ([a_section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "section", "text": "x"}], "must provide an object [json-pointer:/blocks/0/text]"),
        ([{"type": "section", "fields": []}], "must provide at least 1 items [json-pointer:/blocks/0/fields]"),
        ([a_section(color="red")], "invalid additional property: color [json-pointer:/blocks/0]"),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            in_actions(**a_button(text={"type": "mrkdwn", "text": "x"})),
            "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]",
        ),
        (in_actions(**a_button(value=1)), "must provide a string [json-pointer:/blocks/0/elements/0/value]"),
        (
            in_actions(**a_button(style="default")),
            "must be a valid enum value: default [json-pointer:/blocks/0/elements/0/style]",
        ),
        ([{"type": "actions", "elements": []}], "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
        (
            in_actions(type="plain_text_input"),
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            in_actions(type="multi_static_select", options=[an_option()]),
            "unsupported type: multi_static_select [json-pointer:/blocks/0/elements/0/type]",
        ),
        (in_input(**a_button()), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
        (
            [{"type": "input", "element": {"type": "plain_text_input"}}],
            "missing required field: label [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "image", "image_url": "https://example.org"}],
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        (
            in_actions(type="static_select"),
            "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
        ),
        (
            in_actions(**a_select(option_groups=[{"label": plain("g"), "options": options(1)}])),
            "must define only one of `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
        ),
        (
            in_actions(**a_select(initial_option=an_option("Two"))),
            "must match an option exactly [json-pointer:/blocks/0/elements/0/initial_option]",
        ),
        (
            in_actions(type="datepicker", initial_date="1/2/2026"),
            "must be a date in the format YYYY-MM-DD [json-pointer:/blocks/0/elements/0/initial_date]",
        ),
        (
            in_input(type="plain_text_input", min_length=4, max_length=3),
            "min_length must not be more than max_length [json-pointer:/blocks/0/element]",
        ),
        (
            in_input(type="number_input"),
            "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]",
        ),
        (
            confirmed(style="loud"),
            "must be a valid enum value: loud [json-pointer:/blocks/0/elements/0/confirm/style]",
        ),
        (
            [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
            '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
        ),
        (
            [{"type": "actions", "elements": [a_button(), a_button()]}],
            '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
        ),
        (
            [{"type": "markdown", "text": X * 6001}] * 2,
            "must be less than 12001 characters [json-pointer:/blocks]",
        ),
        ({"type": "divider"}, "must provide an array [json-pointer:/blocks]"),
    ],
)
def test_what_slack_refuses_is_refused_in_its_words(blocks: Any, words: str) -> None:
    assert said(blocks) == [words]


def test_the_same_action_may_stand_in_two_blocks() -> None:
    assert said([*in_actions(**a_button()), *in_actions(**a_button())]) == []


def test_a_confirmation_must_say_both_answers() -> None:
    confirm = {"title": plain("t"), "text": plain("x")}

    assert len(said(in_actions(**a_button(confirm=confirm)))) == 2


def test_alert_and_markdown_stay_where_slack_has_them() -> None:
    assert said([{"type": "alert", "text": plain("x")}]) != []
    assert said([{"type": "markdown", "text": "x"}], "modal") != []
    assert said([{"type": "markdown", "text": "x"}], "home") != []


def test_a_home_tab_has_no_title_and_needs_no_submit() -> None:
    assert view_problems(a_home(an_input()), ("home",)) == []
    assert len(view_problems(a_home(title=plain("x")), ("home",))) == 1


def test_null_parts_of_a_view_are_as_if_not_sent() -> None:
    assert view_problems({**a_modal(), "close": None}, ("modal",)) == []


RICH: Blocks = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Hello ", "style": {"bold": True}},
                    {"type": "user", "user_id": "U0ANNA00001"},
                    {"type": "channel", "channel_id": "C0KUNDSERV1"},
                    {"type": "link", "url": "https://example.org", "text": "there"},
                    {"type": "emoji", "name": "wave"},
                    {"type": "broadcast", "range": "here"},
                    {"type": "date", "timestamp": 1720710212, "format": "{date}", "fallback": "then"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        ],
    }
]
SELECTS: Blocks = [
    a_select(action_id="1", initial_option=an_option(), placeholder=plain("p")),
    {"type": "external_select", "action_id": "2", "min_query_length": 2},
    {"type": "users_select", "action_id": "3", "initial_user": "U0ANNA00001"},
    {"type": "overflow", "action_id": "4", "options": [an_option(description=plain("d"))]},
    {"type": "datepicker", "action_id": "5", "initial_date": "2026-11-25"},
    {"type": "checkboxes", "action_id": "6", "options": options(2), "initial_options": options(1)},
    {"type": "radio_buttons", "action_id": "7", "options": options(2), "initial_option": an_option("0", "0")},
    a_button(action_id="8", style="primary", accessibility_label="Approve order 1"),
    {
        "type": "conversations_select",
        "action_id": "9",
        "initial_conversation": "C1",
        "filter": {"include": ["private"]},
    },
]
MULTIPLE: Blocks = [
    {"type": "multi_static_select", "options": options(2), "max_selected_items": 2},
    {"type": "multi_external_select", "placeholder": plain("p")},
]
TYPED: Blocks = [
    {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 3000, "focus_on_load": True},
    {"type": "email_text_input", "placeholder": plain("p")},
    {"type": "url_text_input", "placeholder": plain("p")},
    {"type": "number_input", "is_decimal_allowed": True, "min_value": "0", "max_value": "10"},
]
GOOD: Blocks = [
    a_section(accessory=a_button()),
    {"type": "section", "fields": [plain("a"), {"type": "mrkdwn", "text": "b", "verbatim": True}]},
    *(a_section(accessory={**one, "action_id": "m"}) for one in MULTIPLE),
    {"type": "header", "text": plain("Head")},
    {"type": "context", "elements": [plain("a"), {"type": "mrkdwn", "text": "b"}, an_image()]},
    {"type": "divider"},
    {"type": "actions", "elements": SELECTS},
    an_image(title=plain("t")),
    *(an_input(f"t{n}", element={**one, "action_id": "i"}) for n, one in enumerate(TYPED)),
    *(an_input(f"m{n}", element={**one, "action_id": "i"}) for n, one in enumerate(MULTIPLE)),
    *RICH,
]


def test_the_good_samples_hold_every_block_and_element_there_is() -> None:
    elements = {one["type"] for one in [*SELECTS, *MULTIPLE, *TYPED, an_image()]}

    assert {block["type"] for block in GOOD} | {"markdown"} == set(BLOCKS)
    assert elements == set(ELEMENTS)


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_every_good_block_is_taken_on_every_surface(surface: str) -> None:
    assert said(GOOD, surface) == []


def test_slacks_own_types_take_the_good_samples_too() -> None:
    samples: list[tuple[str, str, Any]] = [
        ("a message", "message", GOOD),
        ("a modal", "modal", a_modal(blocks=GOOD)),
        ("a home tab", "home", a_home(*GOOD)),
    ]

    assert compile_against_types(samples) == []


def test_slacks_python_models_take_the_good_samples_too() -> None:
    for block in GOOD:
        parsed = Block.parse(block)
        assert parsed is not None
        assert parsed.to_dict()["type"] == block["type"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(sorted({*BLOCKS, *ELEMENTS, "plain_text", "mrkdwn", "rich_text_section"}))
KEYS = st.sampled_from(["type", "text", "elements", "element", "fields", "options", "accessory", "block_id", "label"])
LIKE_BLOCKS = st.recursive(
    NAMES | st.text(max_size=3) | ANY_JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(LIKE_BLOCKS)
def test_nothing_that_is_sent_breaks_the_check(blocks: Any) -> None:
    for problem in [*block_problems(blocks, "message"), *view_problems(blocks, ("modal", "home"))]:
        assert problem.in_words()
