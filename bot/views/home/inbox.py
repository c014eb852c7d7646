"""A page of a list on the home tab: which list, narrowed and sorted how, its rows, and the way to the other pages.

A row is one block. With `PAGE_SIZE` of them, and as much of everything else as there can be, the tab holds well less
than the hundred blocks that Slack takes.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot.forms.inputs import option, select
from core.api import CaseList, InboxPage, InboxQuery, Language, ListedCase, OrganisationId, Part, Sorting
from notifications.render.button_values import Pointer, number_in
from notifications.render.model import Block, Button, Element, Item
from notifications.render.pieces.parts import actions, button, header, item_of, rich, small
from notifications.render.pieces.rows import claimed_line, keep_all, number_of, ordered_line, show_button, waiting_line
from notifications.render.pieces.words import local
from notifications.texts import say

LIST, ORGANISATION, SERVICE, SORTING = "kp.list", "kp.list.organisation", "kp.list.service", "kp.list.sorting"
NEXT, PREVIOUS = "kp.list.next", "kp.list.previous"
# What chooses all of them again, in a menu that narrows a list.
ALL = "*"
# A list as short as this is read at a glance: nothing narrows or sorts it.
AT_A_GLANCE = 5
LINES: dict[CaseList, Callable[[ListedCase, Language, datetime | None], str]] = {
    CaseList.WAITING: waiting_line,
    CaseList.ORDERED: ordered_line,
    CaseList.ORGANISATION: ordered_line,
    CaseList.DECIDED: ordered_line,
}


def page_metadata(pointer: Pointer, query: InboxQuery) -> str:
    """Return what the home tab carries: where it was drawn, and which page it shows; read back by `page_shown`."""
    place = [query.list, query.sorting, query.page, query.organisation, query.service]
    return f"{pointer.value()}\n{json.dumps(place, ensure_ascii=False)}"


def page_shown(metadata: str) -> InboxQuery:
    """Return which page a home tab shows, the first of what waits where it does not say."""
    _, _, place = metadata.partition("\n")
    try:
        listed, sorting, page, organisation, service = json.loads(place)
        return InboxQuery(
            CaseList(listed),
            Sorting(sorting),
            number_in(str(page)) or 0,
            organisation and OrganisationId(organisation),
            service,
        )
    # What is nested too deep was never ours.
    except (TypeError, ValueError, RecursionError):
        return InboxQuery()


def draw_page(page: InboxPage, pointer: Pointer, language: Language, at: datetime | None) -> Iterator[Block]:
    """Return the menus, the headline, the rows and the way on."""
    yield from actions(_menus(page, language))
    yield header(headline(page, language))
    if page.rows:
        yield small(say(language, "inbox.hint"))
    yield from rows(page.rows, page.query.list, pointer, language, at)
    is_waiting = page.query.list is CaseList.WAITING
    if is_waiting and sum(each.part is Part.ORDERER and each.view.asks_to_keep for each in page.rows) > 1:
        yield from actions([keep_all(pointer, language)])
    if not page.rows:
        yield rich([_nothing(page, language)])
    yield from _turning(page, pointer, language)


def headline(page: InboxPage, language: Language) -> str:
    """Return what a list is called, and how many stand in it: of more than 99 only that they are more."""
    name = f"inbox.heading.{page.query.list}"
    if not page.count:
        return say(language, f"{name}.none")
    return say(language, f"{name}.some", count=number_of(page.count))


def rows(
    items: Sequence[ListedCase], listed: CaseList, pointer: Pointer, language: Language, at: datetime | None
) -> Iterator[Block]:
    """Return a line for each case, and the button that shows it."""
    line = LINES.get(listed, claimed_line)
    return (row(item, line(item, language, at), pointer, language) for item in items)


def row(item: ListedCase, text: str, pointer: Pointer, language: Language) -> Item:
    """Return a line about a case, and the button that shows it; whatever is done about it is done there."""
    return item_of(text, show_button(item, pointer, language))


def _menus(page: InboxPage, language: Language) -> list[Element]:
    query = page.query
    menus: list[Element] = [_lists(page, language)] if len(page.lists) > 1 else []
    is_narrowed = query.organisation is not None or query.service is not None
    if page.count <= AT_A_GLANCE and not is_narrowed:
        return menus
    return [
        *menus,
        _narrowing(language, "organisation", query.organisation, page.organisation),
        _narrowing(language, "service", query.service, local(page.service, language) if page.service else None),
        _sortings(query, language),
    ]


def _lists(page: InboxPage, language: Language) -> Element:
    counts = page.counts or {}
    listed = {each: option(each.value, _list_name(each, counts.get(each), language)) for each in page.lists}
    return select(LIST, say(language, "inbox.choose"), list(listed.values()), listed.get(page.query.list))


def _list_name(listed: CaseList, count: int | None, language: Language) -> str:
    name = say(language, f"inbox.list.{listed}")
    return name if count is None else say(language, "inbox.counted", name=name, count=number_of(count))


def _narrowing(language: Language, what: str, value: str | None, name: str | None) -> Element:
    # It asks for its choices when it is opened.
    chosen = None if value is None else option(value, name or value)
    menu = select(f"{LIST}.{what}", say(language, f"inbox.all.{what}"), (), chosen)
    return menu._replace(label=say(language, f"inbox.one.{what}"))


def _sortings(query: InboxQuery, language: Language) -> Element:
    by_age = "waited" if query.list in WAITED else "latest"
    named = {Sorting.AGE: f"inbox.sorting.{by_age}", Sorting.AMOUNT: "inbox.sorting.amount"}
    listed = {each: option(each.value, say(language, key)) for each, key in named.items()}
    return select(SORTING, say(language, "inbox.sorting.label"), list(listed.values()), listed[query.sorting])


WAITED = frozenset(CaseList) - {CaseList.ORDERED, CaseList.ORGANISATION, CaseList.DECIDED}


def _nothing(page: InboxPage, language: Language) -> str:
    is_narrowed = page.query.organisation is not None or page.query.service is not None
    return say(language, "inbox.nothing.narrowed" if is_narrowed else f"inbox.nothing.{page.query.list}")


def _turning(page: InboxPage, pointer: Pointer, language: Language) -> Iterator[Block]:
    at, size = page.query.page, page.query.size
    turning = [_turn(language, PREVIOUS, "previous", pointer)] if at else []
    turning += [_turn(language, NEXT, "next", pointer)] if page.has_more else []
    if turning:
        first, last = at * size + 1, at * size + len(page.rows)
        yield small(say(language, "inbox.page", first=first, last=last, count=number_of(page.count)))
    yield from actions(turning)


def _turn(language: Language, action_id: str, name: str, pointer: Pointer) -> Button:
    return button(language, name, pointer.value())._replace(action_id=action_id)
