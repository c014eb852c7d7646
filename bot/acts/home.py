"""What people do on the home page, except deciding: another list or page of it, its language, where messages go, a
search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot.acts.outcomes import Outcome, Replaced, ShownView, Turned
from bot.acts.people import People, Presser
from bot.acts.press import Acts, OpenForm, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.views.home.inbox import ALL, LIST, NEXT, ORGANISATION, PREVIOUS, SERVICE, SORTING, page_shown
from bot.views.home.search import MOST_FOUND, SearchModal
from core.api import CaseList, Inbox, InboxQuery, Language, OrganisationId, Sorting
from notifications.accounts.directory import Directory
from notifications.accounts.linked_slacks import LinkedSlacks

T = TypeVar("T")
LANGUAGES = {each.value: each for each in Language}
LISTS = {each.value: each for each in CaseList}
SORTINGS = {each.value: each for each in Sorting}


@dataclass(frozen=True)
class CaseSearch:
    """Finds cases for people, in a form: one press, something typed, one press."""

    people: People
    inbox: Inbox
    environment: str

    def shows(self) -> Acts:
        """What is shown at its button, by action id."""
        return {SearchModal.CALLBACK: self.on_search}

    async def on_search(self, press: PressedButton) -> Outcome:
        """A button asks for the field to search in."""
        who = await self.people.linked(press.by)
        return ShownView(who, SearchModal.build(self.environment, who.language))

    async def on_submit(self, form: OpenForm, by: Presser) -> Outcome:
        """Something was typed: what is found stands below it, in the same form."""
        who, typed, at = await self.people.linked(by), SearchModal.read(form.typed), self.people.now()
        found = await self.inbox.search(who.person.asking, typed, at, MOST_FOUND)
        return Replaced(SearchModal.build(self.environment, who.language, typed, found, at))


@dataclass(frozen=True)
class HomePage:
    """Turns the pages of lists, chooses a language, and the Slack that messages go to."""

    people: People
    directory: Directory
    slacks: LinkedSlacks

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            LIST: self.on_list,
            SORTING: self.on_sorting,
            ORGANISATION: self.on_organisation,
            SERVICE: self.on_service,
            NEXT: self.on_next,
            PREVIOUS: self.on_previous,
            "kp.list.ordered": self.on_ordered,
        }

    def changes(self) -> Acts:
        """What changes at its buttons and menus, by action id."""
        return {"kp.language": self.on_language, "kp.send_here": self.on_slack}

    async def on_list(self, press: PressedButton) -> Outcome:
        """Another list is chosen, of everything that stands in it."""
        return Turned(InboxQuery(_chosen(LISTS, press)))

    async def on_ordered(self, press: PressedButton) -> Outcome:  # noqa: ARG002 - one signature
        """A button asks for everything that the person has ordered."""
        return Turned(InboxQuery(CaseList.ORDERED))

    async def on_sorting(self, press: PressedButton) -> Outcome:
        """Another order is chosen."""
        return _turned(press, page=0, sorting=_chosen(SORTINGS, press))

    async def on_organisation(self, press: PressedButton) -> Outcome:
        """A customer is chosen, or all of them."""
        return _turned(press, page=0, organisation=None if press.value == ALL else OrganisationId(press.value))

    async def on_service(self, press: PressedButton) -> Outcome:
        """A service is chosen, or all of them."""
        return _turned(press, page=0, service=None if press.value == ALL else press.value)

    async def on_next(self, press: PressedButton) -> Outcome:
        """The next page."""
        return _turned(press, page=_shown(press).page + 1)

    async def on_previous(self, press: PressedButton) -> Outcome:
        """The page before."""
        return _turned(press, page=max(0, _shown(press).page - 1))

    async def on_language(self, press: PressedButton) -> Outcome:
        """A language is chosen, for everything the person reads from now on."""
        who = await self.people.linked(press.by)
        language = LANGUAGES.get(press.value)
        if language is None:
            raise ButtonIsGone
        await self.directory.choose_language(who.person.id, language)
        return Turned(_shown(press), is_in_another_language=True)

    async def on_slack(self, press: PressedButton) -> Outcome:
        """A Slack is chosen, for the messages that the person gets from now on."""
        who = await self.people.linked(press.by)
        if not await self.slacks.choose(who.person.asking, press.rest):
            raise ButtonIsGone
        return Turned(_shown(press))


def _turned(press: PressedButton, **changes: Any) -> Turned:  # Any: fields of the query
    return Turned(replace(_shown(press), **changes))


def _shown(press: PressedButton) -> InboxQuery:
    """Return which page was shown that was pressed on."""
    return page_shown("" if press.form is None else press.form.metadata)


def _chosen(values: Mapping[str, T], press: PressedButton) -> T:
    if press.value not in values:
        raise ButtonIsGone
    return values[press.value]
