"""The home tab: opened, another list or page of it, and its language chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.homes import Homes
from bot.slack.identity import Caller, People
from bot.slack.payloads import Payload, typed_in
from bot.slack.press import OwnActions, Pressed
from bot.slack.refusal_replies import ButtonIsGone
from bot.slack.replies import Replies, updated
from bot.views.home.inbox import ALL, LIST, NEXT, ORGANISATION, PREVIOUS, SERVICE, SORTING, page_shown
from bot.views.home.search import SearchModal
from core.api import CaseList, Inbox, InboxQuery, Language, OrganisationId, Sorting
from notifications.accounts.directory import Directory


@dataclass(frozen=True)
class CaseSearch:
    """Finds cases for people, in a modal: one press, something typed, one press."""

    people: People
    inbox: Inbox
    environment: str
    replies: Replies

    def actions(self) -> OwnActions:
        """What happens at its button, by action id."""
        return {SearchModal.CALLBACK: self.on_search}

    async def on_search(self, press: Pressed) -> None:
        """A button asks for the field to search in."""
        who = await self.people.linked(press.by)
        drawn = SearchModal.build(self.environment, who.language)
        self.replies.beside(self.replies.open(press.where, who, drawn))

    async def on_submit(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Something was typed: what is found stands below it, in the same modal."""
        who, typed, at = await self.people.linked(by), SearchModal.read(typed_in(view)), self.people.now()
        found = await self.inbox.search(who.person.id, typed, at)
        await ack(**updated(SearchModal.build(self.environment, who.language, typed, found, at)))


T = TypeVar("T")
LANGUAGES = {each.value: each for each in Language}
LISTS = {each.value: each for each in CaseList}
SORTINGS = {each.value: each for each in Sorting}


@dataclass(frozen=True)
class HomeTab:
    """What people do on the home tab, except deciding."""

    people: People
    directory: Directory
    homes: Homes

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.language": self.on_language,
            LIST: self.on_list,
            SORTING: self.on_sorting,
            ORGANISATION: self.on_organisation,
            SERVICE: self.on_service,
            NEXT: self.on_next,
            PREVIOUS: self.on_previous,
            "kp.list.ordered": self.on_ordered,
        }

    async def on_opened(self, event: Payload, context: AsyncBoltContext) -> None:
        """Somebody opened the app; only its home tab concerns us."""
        if event.get("tab") == "home" and context["caller"] is not None:
            self.homes.opened(context["caller"])

    async def on_list(self, press: Pressed) -> None:
        """Another list is chosen, of everything that stands in it."""
        self.homes.turn(press.by, InboxQuery(_chosen(LISTS, press)))

    async def on_ordered(self, press: Pressed) -> None:
        """A button asks for everything that the person has ordered."""
        self.homes.turn(press.by, InboxQuery(CaseList.ORDERED))

    async def on_sorting(self, press: Pressed) -> None:
        """Another order is chosen."""
        self._turn(press, page=0, sorting=_chosen(SORTINGS, press))

    async def on_organisation(self, press: Pressed) -> None:
        """A customer is chosen, or all of them."""
        self._turn(press, page=0, organisation=None if press.value == ALL else OrganisationId(press.value))

    async def on_service(self, press: Pressed) -> None:
        """A service is chosen, or all of them."""
        self._turn(press, page=0, service=None if press.value == ALL else press.value)

    async def on_next(self, press: Pressed) -> None:
        """The next page."""
        self._turn(press, page=_shown(press).page + 1)

    async def on_previous(self, press: Pressed) -> None:
        """The page before."""
        self._turn(press, page=max(0, _shown(press).page - 1))

    def _turn(self, press: Pressed, **changes: Any) -> None:  # Any: fields of the query
        self.homes.turn(press.by, replace(_shown(press), **changes))

    async def on_language(self, press: Pressed) -> None:
        """A language is chosen, for everything the person reads from now on."""
        who = await self.people.linked(press.by)
        language = LANGUAGES.get(press.value)
        if language is None:
            raise ButtonIsGone
        await self.directory.choose_language(who.person.id, language)
        self.homes.turn(press.by, _shown(press))


def _shown(press: Pressed) -> InboxQuery:
    """Return which page the tab showed that was pressed on."""
    return page_shown((press.view or {}).get("private_metadata") or "")


def _chosen(values: Mapping[str, T], press: Pressed) -> T:
    if press.value not in values:
        raise ButtonIsGone
    return values[press.value]
