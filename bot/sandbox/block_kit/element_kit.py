"""The elements of Block Kit as a table: each type, its fields, what they may hold, and the blocks it may stand in."""

from bot.sandbox.block_kit.checks import (
    BlockProblem,
    Check,
    Problems,
    Shape,
    anything,
    boolean,
    choice,
    integer,
    items,
    pattern,
    plain,
    rich,
    string,
    typed,
)
from bot.sandbox.shapes import Json

ID = string(255, least=1)
URL = string(3000, least=1)
DATE = pattern(r"\d{4}-\d{2}-\d{2}", "a date in the format YYYY-MM-DD")
NUMBER = pattern(r"-?\d+(\.\d+)?", "a number")


def _one_source(element: Json, at: str, problems: Problems) -> None:
    if "options" in element and "option_groups" in element:
        problems.append(BlockProblem(at, "must define only one of `options` or `option_groups`", "one_of"))


def _initial_is_an_option(element: Json, at: str, problems: Problems) -> None:
    groups = element.get("option_groups", ())
    options = [*element.get("options", ()), *(option for group in groups for option in group["options"])]
    for name in ("initial_option", "initial_options"):
        wanted = element.get(name, [])
        for one in wanted if isinstance(wanted, list) else [wanted]:
            if one not in options:
                problems.append(BlockProblem(f"{at}/{name}", "must match an option exactly", "enum"))


def _least_before_most(element: Json, at: str, problems: Problems) -> None:
    if element.get("min_length", 0) > element.get("max_length", 3000):
        problems.append(BlockProblem(at, "min_length must not be more than max_length", "range"))


CONFIRM = Shape(
    {
        "title": plain(100),
        "text": rich(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": choice("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)
OPTION_FIELDS: dict[str, Check] = {"value": string(150), "description": plain(75)}
OPTION = Shape({"text": plain(75), **OPTION_FIELDS}, required=("text", "value"))
OVERFLOW_OPTION = Shape({"text": plain(75), "url": URL, **OPTION_FIELDS}, required=("text", "value"))
BOX_OPTION = Shape({**OPTION_FIELDS, "text": rich(75), "description": rich(75)}, required=("text", "value"))
OPTIONS = items(OPTION, 100)
OPTION_GROUPS = items(Shape({"label": plain(75), "options": OPTIONS}, required=("label", "options")), 100)
DISPATCH = Shape({"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), 2)})

TYPE: dict[str, Check] = {"type": string(40)}
ACTION: dict[str, Check] = {**TYPE, "action_id": ID}
INPUT: dict[str, Check] = {**ACTION, "placeholder": plain(150), "focus_on_load": boolean}
TYPED: dict[str, Check] = {**INPUT, "dispatch_action_config": DISPATCH}
SELECT: dict[str, Check] = {**INPUT, "confirm": CONFIRM}
STATIC: dict[str, Check] = {**SELECT, "options": OPTIONS, "option_groups": OPTION_GROUPS}
BOXES: dict[str, Check] = {
    **ACTION,
    "options": items(BOX_OPTION, 10),
    "confirm": CONFIRM,
    "focus_on_load": boolean,
}
FILTER = ("include", "exclude_external_shared_channels", "exclude_bot_users")
KINDS_INCLUDED = items(choice("im", "mpim", "private", "public"), 4)
CONVERSATIONS = Shape(dict(zip(FILTER, (KINDS_INCLUDED, boolean, boolean), strict=True)), either=FILTER)
MANY: dict[str, Check] = {"max_selected_items": integer(1, 100)}
SOURCES = ("options", "option_groups")
STATIC_RULES = (_one_source, _initial_is_an_option)

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {
            **ACTION,
            "text": plain(75),
            "value": string(2000),
            "url": URL,
            "style": choice("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
        required=("text",),
    ),
    "checkboxes": Shape(
        {**BOXES, "initial_options": items(BOX_OPTION, 10)}, required=("options",), rules=(_initial_is_an_option,)
    ),
    "conversations_select": Shape(
        {
            **SELECT,
            "initial_conversation": ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATIONS,
        }
    ),
    "datepicker": Shape({**SELECT, "initial_date": DATE}),
    "email_text_input": Shape({**TYPED, "initial_value": string(3000)}),
    "external_select": Shape({**SELECT, "initial_option": OPTION, "min_query_length": integer(0, 100)}),
    "image": Shape({**TYPE, "image_url": URL, "alt_text": string(2000)}, required=("image_url", "alt_text")),
    "multi_external_select": Shape({**SELECT, **MANY, "initial_options": OPTIONS, "min_query_length": integer(0, 100)}),
    "multi_static_select": Shape({**STATIC, **MANY, "initial_options": OPTIONS}, either=SOURCES, rules=STATIC_RULES),
    "number_input": Shape(
        {**TYPED, "is_decimal_allowed": boolean, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
        required=("is_decimal_allowed",),
    ),
    "overflow": Shape({**ACTION, "options": items(OVERFLOW_OPTION, 5), "confirm": CONFIRM}, required=("options",)),
    "plain_text_input": Shape(
        {
            **TYPED,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        rules=(_least_before_most,),
    ),
    "radio_buttons": Shape(
        {**BOXES, "initial_option": BOX_OPTION}, required=("options",), rules=(_initial_is_an_option,)
    ),
    "static_select": Shape({**STATIC, "initial_option": OPTION}, either=SOURCES, rules=STATIC_RULES),
    "url_text_input": Shape({**TYPED, "initial_value": string(3000)}),
    "users_select": Shape({**SELECT, "initial_user": ID}),
}
CHOICES = (
    "checkboxes",
    "conversations_select",
    "datepicker",
    "external_select",
    "radio_buttons",
    "static_select",
    "users_select",
)
MULTIPLE = ("multi_external_select", "multi_static_select")
IN_ACTIONS = ("button", "overflow", *CHOICES)
IN_SECTION = ("button", "image", "overflow", *CHOICES, *MULTIPLE)
IN_INPUT = ("email_text_input", "number_input", "plain_text_input", "url_text_input", *CHOICES, *MULTIPLE)
CONTEXT: dict[str, Shape] = {
    "image": ELEMENTS["image"],
    "plain_text": Shape({**TYPE, "text": string(3000, least=1), "emoji": boolean}, required=("text",)),
    "mrkdwn": Shape({**TYPE, "text": string(3000, least=1), "verbatim": boolean}, required=("text",)),
}

STYLED: dict[str, Check] = {**TYPE, "style": anything}
RICH_INLINE: dict[str, Shape] = {
    "broadcast": Shape({**STYLED, "range": choice("here", "channel", "everyone")}, required=("range",)),
    "channel": Shape({**STYLED, "channel_id": ID}, required=("channel_id",)),
    "date": Shape(
        {**STYLED, "timestamp": anything, "format": string(255), "url": URL, "fallback": string(255)},
        required=("timestamp", "format"),
    ),
    "emoji": Shape({**STYLED, "name": ID, "unicode": string(255), "skin_tone": anything}, required=("name",)),
    "link": Shape({**STYLED, "url": URL, "text": string(3000), "unsafe": boolean}, required=("url",)),
    "text": Shape({**STYLED, "text": string(13_200, least=1)}, required=("text",)),
    "user": Shape({**STYLED, "user_id": ID}, required=("user_id",)),
    "usergroup": Shape({**STYLED, "usergroup_id": ID}, required=("usergroup_id",)),
}
INLINE = items(typed(RICH_INLINE), 1000, least=0)
BORDER = {"border": integer(0, 1)}
RICH_PART: dict[str, Shape] = {
    "rich_text_list": Shape(
        {
            **TYPE,
            **BORDER,
            "style": choice("bullet", "ordered"),
            "elements": items(Shape({**TYPE, "elements": INLINE}, required=("elements",)), 1000, least=0),
            "indent": integer(0, 8),
            "offset": integer(0, 10_000),
        },
        required=("style", "elements"),
    ),
    "rich_text_preformatted": Shape({**TYPE, **BORDER, "elements": INLINE}, required=("elements",)),
    "rich_text_quote": Shape({**TYPE, **BORDER, "elements": INLINE}, required=("elements",)),
    "rich_text_section": Shape({**TYPE, "elements": INLINE}, required=("elements",)),
}
