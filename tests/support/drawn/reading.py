"""A drawing as a person reads it: one line per line on the screen, so that a whole card fits a snapshot."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from notifications.render.model import Dialog
from tests.support.drawn.sent import Made, as_sent

Drawn = Mapping[str, Any]
LINK = re.compile(r"<([^|>]*)\|([^>]*)>")


def as_read(drawn: Drawn | Made) -> str:
    """The blocks from top to bottom, as Slack shows them.

    **bold**, [link](address), (button), (button!) the primary one, (… one / two) a menu beside them, ~ small print.
    """
    return "\n".join(line for block in _sent(drawn)["blocks"] for line in _BLOCKS[block["type"]](block))


def modal_as_read(drawn: Drawn | Dialog) -> str:
    """A modal with its title and its buttons."""
    view = _sent(drawn)
    buttons = " ".join(f"({view[name]['text']})" for name in ("submit", "close") if name in view)
    return f"== {view['title']['text']} ==\n{as_read(view)}\n{buttons}"


def _sent(drawn: Drawn | Made) -> Drawn:
    return drawn if isinstance(drawn, Mapping) else as_sent(drawn)


def _header(block: Drawn) -> Iterator[str]:
    yield f"# {block['text']['text']}"


def _section(block: Drawn) -> Iterator[str]:
    if "text" in block:
        beside = f" {_element(block['accessory'])}" if "accessory" in block else ""
        yield f"{block['text']['text']}{beside}"
    cells = block.get("fields", ())
    for name, value in zip(cells[::2], cells[1::2], strict=True):
        yield f"{name['text'].strip('*')} | {value['text']}"


def _rich_text(block: Drawn) -> Iterator[str]:
    for part in block["elements"]:
        before = "> " if part["type"] == "rich_text_quote" else ""
        yield before + "".join(_inline(element) for element in part["elements"])


def _actions(block: Drawn) -> Iterator[str]:
    yield " ".join(_element(element) for element in block["elements"])


def _context(block: Drawn) -> Iterator[str]:
    for element in block["elements"]:
        text = LINK.sub(r"[\2](\1)", element["text"]) if element["type"] == "mrkdwn" else element["text"]
        yield from (f"~ {line}" for line in text.split("\n"))


def _divider(block: Drawn) -> Iterator[str]:
    yield "---"


def _input(block: Drawn) -> Iterator[str]:
    required = "" if block.get("optional") else " *"
    yield f"{block['label']['text']}{required}: {_element(block['element'])}"
    if "hint" in block:
        yield f"  ~ {block['hint']['text']}"


def _inline(element: Drawn) -> str:
    if element["type"] == "link":
        return f"[{element['text']}]({element['url']})"
    return f"**{element['text']}**" if element.get("style", {}).get("bold") else element["text"]


def _element(element: Drawn) -> str:
    return _ELEMENTS.get(element["type"], _field)(element)


def _button(element: Drawn) -> str:
    return f"({element['text']['text']}{'!' if element.get('style') == 'primary' else ''})"


def _more(element: Drawn) -> str:
    return f"(… {' / '.join(each['text']['text'] for each in element['options'])})"


def _boxes(element: Drawn) -> str:
    ticked = element.get("initial_options", ())
    return " ".join(f"[{'x' if each in ticked else ' '}] {each['text']['text']}" for each in element["options"])


def _menu(element: Drawn) -> str:
    groups = element.get("option_groups", [{"options": element.get("options", ())}])
    names = [_chosen(option, element) for group in groups for option in group["options"]]
    return f"<{' / '.join(names) or 'asked for while typing'}>"


def _chosen(option: Drawn, element: Drawn) -> str:
    return f"**{option['text']['text']}**" if option == element.get("initial_option") else option["text"]["text"]


def _field(element: Drawn) -> str:
    return f"[{element.get('initial_value') or element.get('initial_date') or ''}]"


_BLOCKS: dict[str, Callable[[Drawn], Iterator[str]]] = {
    "actions": _actions,
    "context": _context,
    "divider": _divider,
    "header": _header,
    "input": _input,
    "rich_text": _rich_text,
    "section": _section,
}
_ELEMENTS: dict[str, Callable[[Drawn], str]] = {
    "button": _button,
    "checkboxes": _boxes,
    "external_select": _menu,
    "overflow": _more,
    "static_select": _menu,
}
