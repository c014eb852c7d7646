"""Cards, modals and home tabs as Slack's Block Kit has them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from notifications.render.model import (
    Actions,
    Asked,
    Block,
    Bold,
    BoxInput,
    Button,
    Called,
    CardMessage,
    ChannelInput,
    ChoiceInput,
    Confirmation,
    DayInput,
    Dialog,
    Divider,
    FactRows,
    Heading,
    Hyperlink,
    Input,
    Item,
    Line,
    MoreMenu,
    Option,
    OptionGroup,
    Paragraphs,
    Picture,
    Quote,
    Run,
    SmallPrint,
    TextInput,
)
from notifications.texts import around_contact

Json = dict[str, Any]


class _Mention(NamedTuple):
    """An account in the place of its name."""

    account: str


# In the blocks of a message; of more, those alone whose names stand there.
MENTIONED_AT_MOST = 5
FACTS_IN_A_SECTION = 5  # of Slack's ten fields: a label and a value each


def escape(text: str) -> str:
    """Return text for mrkdwn and for a message's `text`, where nothing in it can mention or link (slack.md 7.4)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str) -> str:
    """Return the same, but with the contact as a link."""
    return "".join(f"<{url}|{escape(words)}>" if url else escape(words) for words, url in around_contact(text))


def message(card: CardMessage, called: Sequence[Called] = ()) -> Json:
    """Return a message as it is posted: its text, escaped, with mentions of all whom it calls, and its blocks.

    They have short ids that change with the card's mark, so that a client never keeps an older input.
    """
    drawn = _calling(card.blocks, called) if called else blocks_of(card.blocks)
    for place, block in enumerate(drawn):
        block["block_id"] = f"{place}.{card.mark}"
    # What stands first is read on a locked phone.
    mentions = "".join(f" <@{each.account}>" for each in called)
    return {"text": escape(card.text) + mentions, "blocks": drawn}


def _calling(blocks: Sequence[Block], called: Sequence[Called]) -> list[Json]:
    """Return the blocks with mentions in the last line, which says who is asked."""
    last = max((place for place, block in enumerate(blocks) if isinstance(block, Paragraphs)), default=None)
    drawn: list[Json] = []
    for place, block in enumerate(blocks):
        if place == last and isinstance(block, Paragraphs):
            *before, line = block.lines
            elements = [*map(_line, before), _line(_mentioning(line, called))]
            drawn.append({"type": "rich_text", "elements": elements})
        else:
            drawn += blocks_of([block])
    return drawn


def _mentioning(line: Line, called: Sequence[Called]) -> list[Run | _Mention]:
    """Return a line with mentions in the place of the names of whom it calls, and after it of the others."""
    accounts = {each.name: each.account for each in called}
    said: list[Run | _Mention] = []
    for run in line:
        words = _between(run.text, accounts) if isinstance(run, Asked) else [run]
        said += [_Mention(accounts[each]) if isinstance(each, str) and each in accounts else each for each in words]
    others = [_Mention(each.account) for each in called if _Mention(each.account) not in said]
    # The others of a crowd are mentioned in the message's text alone, which nobody sees in the channel.
    others = others if len(called) <= MENTIONED_AT_MOST else []
    return [*said, *(part for other in others for part in (" ", other))]


def _between(text: str, names: Iterable[str]) -> list[str]:
    """Return a text in pieces, each name by itself; the longest first, of which another may be the beginning."""
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return [piece for piece in re.split(rf"(?<!\w)({longest_first})(?!\w)", text) if piece]


def modal(dialog: Dialog) -> Json:
    """Return a modal as it is opened."""
    view = {
        "type": "modal",
        "callback_id": dialog.name,
        "private_metadata": dialog.metadata,
        "title": _plain(dialog.title),
        "close": _plain(dialog.close),
        "blocks": blocks_of(dialog.blocks),
    }
    return view | {"submit": _plain(dialog.submit)} if dialog.submit else view


def home(blocks: Iterable[Block], metadata: str = "") -> Json:
    """Return a home tab as it is published, with what its presses bring back."""
    drawn = {"type": "home", "blocks": blocks_of(blocks)}
    return drawn | {"private_metadata": metadata} if metadata else drawn


def blocks_of(blocks: Iterable[Block]) -> list[Json]:
    """Return the blocks as Slack's."""
    drawn: list[Json] = []
    for block in blocks:
        if isinstance(block, FactRows):
            drawn += _sections(block.rows)
        elif not isinstance(block, Picture) or block.url:
            drawn.append(_BLOCKS[type(block)](block))
    return drawn


def options_of(options: Sequence[Option]) -> list[Json]:
    """Return what a menu offers, also in answer to a menu that asks while people type."""
    return [_option(option) for option in options]


def groups_of(groups: Sequence[OptionGroup]) -> list[Json]:
    """Return the same of options under labels."""
    return [{"label": _plain(group.label), "options": options_of(group.options)} for group in groups]


# --- blocks


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _sections(rows: Sequence[tuple[str, str]]) -> list[Json]:
    cells: list[Json] = []
    for label, value in rows:
        cells.append({"type": "mrkdwn", "text": f"*{label}*"})
        cells.append(_with_contact(value))
    size = 2 * FACTS_IN_A_SECTION
    return [{"type": "section", "fields": cells[start : start + size]} for start in range(0, len(cells), size)]


def _heading(block: Heading) -> Json:
    return {"type": "header", "text": _plain(block.text)}


def _paragraphs(block: Paragraphs) -> Json:
    return {"type": "rich_text", "elements": [_line(line) for line in block.lines]}


def _line(line: Iterable[Run | _Mention]) -> Json:
    return {"type": "rich_text_section", "elements": [_run(part) for run in line for part in _parts(run)]}


def _parts(run: Run | _Mention) -> Iterator[Run | _Mention]:
    """Yield a stretch of a line with the contact as a link."""
    if not isinstance(run, str) or not run:
        yield run
        return
    for words, url in around_contact(run):
        yield Hyperlink(words, url) if url else words


def _run(run: Run | _Mention) -> Json:
    if isinstance(run, _Mention):
        return {"type": "user", "user_id": run.account}
    if isinstance(run, str):
        return {"type": "text", "text": run}
    if isinstance(run, Hyperlink):
        return {"type": "link", "url": run.url, "text": run.text}
    said = {"type": "text", "text": run.text}
    return said | {"style": {"bold": True}} if isinstance(run, Bold) else said


def _quote(block: Quote) -> Json:
    quoted = {"type": "rich_text_quote", "elements": [_run(block.text)]}
    return {"type": "rich_text", "elements": [_line([Bold(block.about)]), quoted]}


def _small(block: SmallPrint) -> Json:
    return {"type": "context", "elements": [_with_contact(block.text)]}


def _with_contact(text: str) -> Json:
    """Return a text with the contact as a link, and as it is where there is none: plain text has no links."""
    drawn = mrkdwn(text)
    return _plain(text) if drawn == escape(text) else {"type": "mrkdwn", "text": drawn, "verbatim": True}


def _divider(_: Divider) -> Json:
    return {"type": "divider"}


def _picture(block: Picture) -> Json:
    return {"type": "image", "image_url": block.url, "alt_text": block.alt}


def _actions(block: Actions) -> Json:
    return {"type": "actions", "elements": [_ELEMENTS[type(element)](element) for element in block.elements]}


def _item(block: Item) -> Json:
    section = {"type": "section", "text": _plain(block.text)}
    return section if block.beside is None else section | {"accessory": _ELEMENTS[type(block.beside)](block.beside)}


def _input(block: Input) -> Json:
    element = _ELEMENTS[type(block.entry)](block.entry)
    if block.is_told_at_once and isinstance(block.entry, TextInput):
        element |= {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    drawn = {
        "type": "input",
        "block_id": block.name,
        "label": _plain(block.label),
        "element": element,
    }
    said = {"optional": block.is_optional, "dispatch_action": block.is_told_at_once}
    drawn |= {name: value for name, value in said.items() if value is not None}
    return drawn | {"hint": _plain(block.hint)} if block.hint else drawn


# --- elements


def _button(button: Button) -> Json:
    drawn: Json = {"type": "button", "action_id": button.action_id, "text": _plain(button.text)}
    if button.url:
        return drawn | {"url": button.url}
    drawn["value"] = button.value
    if button.spoken:
        drawn["accessibility_label"] = button.spoken
    if button.is_primary or button.is_danger:
        drawn["style"] = "danger" if button.is_danger else "primary"
    if button.confirmation is not None:
        drawn["confirm"] = _confirm(button.confirmation)
    return drawn


def _confirm(asked: Confirmation) -> Json:
    return {**{name: _plain(text) for name, text in asked._asdict().items()}, "style": "danger"}


def _option(option: Option) -> Json:
    return {"text": _plain(option.text), "value": option.value}


def _more(menu: MoreMenu) -> Json:
    return {"type": "overflow", "action_id": menu.action_id, "options": options_of(menu.options)}


def _text_input(entry: TextInput) -> Json:
    drawn: Json = {"type": "plain_text_input", "action_id": entry.action_id, "max_length": entry.most}
    if entry.initial is not None:
        drawn["initial_value"] = entry.initial
    if entry.is_long:
        drawn["multiline"] = True
    if entry.example:
        drawn["placeholder"] = _plain(entry.example)
    return drawn


def _day_input(entry: DayInput) -> Json:
    drawn: Json = {"type": "datepicker", "action_id": entry.action_id}
    return drawn if entry.initial is None else drawn | {"initial_date": entry.initial.isoformat()}


def _box_input(entry: BoxInput) -> Json:
    drawn: Json = {"type": "checkboxes", "action_id": entry.action_id, "options": options_of(entry.boxes)}
    return drawn | {"initial_options": options_of(entry.ticked)} if entry.ticked else drawn


def _choice_input(entry: ChoiceInput) -> Json:
    drawn: Json = {"action_id": entry.action_id, "placeholder": _plain(entry.placeholder)}
    if entry.chosen is not None:
        drawn["initial_option"] = _option(entry.chosen)
    if entry.is_searched:
        return drawn | {"type": "external_select", "min_query_length": 0}
    if entry.groups is not None:
        return drawn | {"type": "static_select", "option_groups": groups_of(entry.groups)}
    return drawn | {"type": "static_select", "options": options_of(entry.options)}


def _channel_input(entry: ChannelInput) -> Json:
    # Not `default_to_current_conversation`: what somebody happens to look at is no choice.
    drawn: Json = {
        "type": "conversations_select",
        "action_id": entry.action_id,
        "placeholder": _plain(entry.placeholder),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return drawn if entry.initial is None else drawn | {"initial_conversation": entry.initial}


_BLOCKS: Mapping[type[object], Callable[[Any], Json]] = {
    Heading: _heading,
    Paragraphs: _paragraphs,
    Quote: _quote,
    SmallPrint: _small,
    Divider: _divider,
    Picture: _picture,
    Actions: _actions,
    Item: _item,
    Input: _input,
}
_ELEMENTS: Mapping[type[object], Callable[[Any], Json]] = {
    Button: _button,
    MoreMenu: _more,
    TextInput: _text_input,
    DayInput: _day_input,
    BoxInput: _box_input,
    ChoiceInput: _choice_input,
    ChannelInput: _channel_input,
}
