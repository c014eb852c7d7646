"""The blocks and views of Block Kit as a table: each type, its fields, what they may hold, and where it may stand."""

from bot.sandbox.block_kit.checks import Check, Shape, anything, boolean, integer, items, plain, rich, string, typed
from bot.sandbox.block_kit.element_kit import (
    CONTEXT,
    ELEMENTS,
    ID,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    OPTION,
    RICH_PART,
    SOURCES,
    TYPE,
    URL,
)

BLOCK: dict[str, Check] = {**TYPE, "block_id": ID}
BLOCKS: dict[str, Shape] = {
    "actions": Shape({**BLOCK, "elements": items(typed(ELEMENTS, IN_ACTIONS), 25)}, required=("elements",)),
    "context": Shape({**BLOCK, "elements": items(typed(CONTEXT), 10)}, required=("elements",)),
    "divider": Shape(BLOCK),
    "header": Shape({**BLOCK, "text": plain(150), "level": integer(1, 4)}, required=("text",)),
    "image": Shape(
        {**BLOCK, "image_url": URL, "alt_text": string(2000), "title": plain(2000)}, required=("image_url", "alt_text")
    ),
    "input": Shape(
        {
            **BLOCK,
            "label": plain(2000),
            "element": typed(ELEMENTS, IN_INPUT),
            "hint": plain(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        required=("label", "element"),
    ),
    "markdown": Shape({**BLOCK, "text": string(12_000, least=1)}, required=("text",)),
    "rich_text": Shape({**BLOCK, "elements": items(typed(RICH_PART), 1000, least=0)}, required=("elements",)),
    "section": Shape(
        {
            **BLOCK,
            "text": rich(3000),
            "fields": items(rich(2000), 10),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        either=("text", "fields"),
    ),
}
NOT_IN_VIEWS = ("markdown",)
IN_VIEWS = tuple(kind for kind in BLOCKS if kind not in NOT_IN_VIEWS)
# Surface -> the blocks it takes, and how many.
SURFACES: dict[str, tuple[tuple[str, ...], int]] = {
    "message": (tuple(BLOCKS), 50),
    "modal": (IN_VIEWS, 100),
    "home": (IN_VIEWS, 100),
    "any": (tuple(BLOCKS), 100),
}

VIEW: dict[str, Check] = {
    **TYPE,
    "blocks": anything,
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
VIEWS: dict[str, Shape] = {
    "home": Shape(VIEW, required=("blocks",)),
    "modal": Shape(
        {
            **VIEW,
            "title": plain(24),
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        required=("title", "blocks"),
    ),
}
OPTIONS_ANSWER = Shape(
    {
        "options": items(OPTION, 100, least=0),
        "option_groups": items(
            Shape({"label": plain(75), "options": items(OPTION, 100, least=0)}, required=("label", "options")),
            100,
            least=0,
        ),
    },
    either=SOURCES,
)
