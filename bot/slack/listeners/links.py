"""Whether an account is a person's: asked by a card or on the home tab, answered by whoever holds the account."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.acts.outcomes import Outcome, Unchanged
from bot.acts.people import People
from bot.forms.refusal_sentences import refusal
from bot.slack.accounts import SlackAccounts
from bot.slack.press import AfterCommit, OwnActions, Pressed
from bot.slack.refusal_replies import LinkIsGone
from bot.slack.replies import Replies, ReplySpot
from bot.views.home.status import answered_message
from core.api import LinkState
from notifications.accounts.account_links import Link
from notifications.render.model import CardMessage

Way = Callable[[ReplySpot, CardMessage], Awaitable[None]]


@dataclass(frozen=True)
class Links:
    """Yes and no."""

    people: People
    accounts: SlackAccounts
    after_commit: AfterCommit
    replies: Replies

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.link_yes": self.on_yes,
            "kp.link_no": self.on_no,
        }

    async def on_yes(self, press: Pressed) -> Outcome:
        """It is me: Slack is asked once more whose account it is, then what waits for the person comes here."""
        failed = partial(self.replies.say_failed, press.where)
        confirming = self.replies.beside(self._confirm(press), otherwise=failed)
        # It waits for Slack (ADR 11): sent before the commit, a yes could be lost.
        await asyncio.wait({confirming})
        return Unchanged()

    async def on_no(self, press: Pressed) -> Outcome:
        """It is not me: nothing is linked, and what was linked is so no longer."""
        link = await self.accounts.decline(press.by)
        if link is None:
            raise LinkIsGone
        if link.state is not LinkState.CONFIRMED:
            self._follow(press, link, wanted=LinkState.DECLINED)
            return Unchanged()
        # Whoever says so is nobody whom we know.
        await self.accounts.bar(link.person, press.by.account)
        self._follow(press, replace(link, state=LinkState.BARRED), wanted=LinkState.BARRED)
        return Unchanged()

    async def _confirm(self, press: Pressed) -> None:
        link = await self.accounts.confirm(press.by)
        if link is None:
            who = await self.people.reader(press.by)
            await self.replies.tell(press.where, who, refusal(who.language, LinkIsGone.code, {}))
            return
        self._follow(press, link, wanted=LinkState.CONFIRMED)

    def _follow(self, press: Pressed, link: Link, *, wanted: LinkState) -> None:
        self.after_commit.accounts_changed(press.by)
        self._say_so(press, link, wanted=wanted)

    def _say_so(self, press: Pressed, link: Link, *, wanted: LinkState) -> None:
        # A card and the home tab are drawn anew by themselves; a private message only its own answer address reaches.
        is_private = press.place is not None and press.pointer is not None and not press.pointer.card
        if is_private or link.state is not wanted:
            way = self.replies.replace if is_private else self.replies.show
            self.replies.beside(self._tell(press, link, way))

    async def _tell(self, press: Pressed, link: Link, way: Way) -> None:
        who = await self.people.reader(press.by)
        names, _ = await self.people.names([link.person])
        await way(press.where, answered_message(link.state, names.get(link.person, ""), who.language))
