"""The home tab: opened, paged, and its language chosen."""

from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.homes import Homes, Turn
from bot.slack.identity import People
from bot.slack.payloads import Payload
from bot.slack.press import OwnActions, Pressed
from bot.slack.refusal_replies import ButtonIsGone
from core.api import CaseId, Language
from notifications.accounts.directory import Directory

LANGUAGES = {each.value: each for each in Language}


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
            "kp.more.waiting": self.on_more_waiting,
            "kp.more.ordered": self.on_more_ordered,
            "kp.home": self.on_first,
        }

    async def on_opened(self, event: Payload, context: AsyncBoltContext) -> None:
        """Somebody opened the app; only its home tab concerns us."""
        if event.get("tab") == "home" and context["caller"] is not None:
            self.homes.opened(context["caller"])

    async def on_more_waiting(self, press: Pressed) -> None:
        """The next page of what waits."""
        self.homes.turn(press.by, Turn(waiting=_after(press)))

    async def on_more_ordered(self, press: Pressed) -> None:
        """The next page of what the person has ordered."""
        self.homes.turn(press.by, Turn(ordered=_after(press)))

    async def on_first(self, press: Pressed) -> None:
        """Back to the first page."""
        self.homes.turn(press.by, Turn())

    async def on_language(self, press: Pressed) -> None:
        """A language is chosen, for everything the person reads from now on."""
        who = await self.people.linked(press.by)
        language = LANGUAGES.get(press.value)
        if language is None:
            raise ButtonIsGone
        await self.directory.choose_language(who.person.id, language)
        self.homes.turn(press.by, Turn())


def _after(press: Pressed) -> CaseId:
    if press.pointer is None:
        raise ButtonIsGone
    return press.pointer.case
