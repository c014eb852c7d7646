"""Deciding by the table of flows: what asks for nothing happens at once, any other action opens what its row asks."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.acts.outcomes import Counted, Kept, Opening, Outcome, ShownView, Wrong
from bot.acts.people import People, Presser, reader
from bot.acts.press import Acts, Following, OpenForm, PressedButton, Wish, wish_in, wish_of
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import FieldErrors
from bot.forms.orders.modals import BY_CALLBACK, choices, modal_of
from core.api import (
    COUNTED,
    FLOWS,
    SIDE_OF,
    Action,
    Asks,
    DecisionContext,
    Inbox,
    InboxQuery,
    Language,
    OnSide,
    OrderError,
    Orders,
    Part,
    Queries,
    Transition,
)
from notifications.render.button_values import Pointer
from notifications.render.model import Dialog
from notifications.texts import counted, say

log = logging.getLogger(__name__)

# Actions that no row asks anything for happen at the press; for the others a form opens.
AT_ONCE = frozenset(Action) - {row.does for row in FLOWS if row.asks is not Asks.NOTHING}


@dataclass(frozen=True)
class AskedForms:
    """Draws what rows of the table ask for."""

    queries: Queries

    async def drawn(self, by: Presser, wish: Wish, now: DecisionContext, row: Transition) -> ShownView:
        """Return what a row asks for, with the case as it stands now."""
        who = await reader(self.queries, by)
        views = await self.queries.views([wish.pointer.case], OnSide(SIDE_OF[row.who]))
        # Each form takes the choices of what its row asks.
        build: Callable[..., Dialog] = modal_of(row).build
        view, chosen = views[wish.pointer.case], await choices(self.queries, now, row)
        return ShownView(who, build(view, row, wish.metadata(), who.language, **chosen))


@dataclass(frozen=True)
class CaseDecisions:
    """Lets an action of the flows table happen, or opens what its row asks for and takes that when it is sent."""

    orders: Orders
    people: People
    forms: AskedForms
    after: Following

    async def on_press(self, press: PressedButton) -> Outcome:
        """Do what the button stands for. Raises ButtonIsGone where it stands for nothing any more."""
        wish = wish_of(press)
        if wish is None:
            raise ButtonIsGone
        return await (self._act(press, wish) if wish.action in AT_ONCE else self._ask(press, wish))

    async def on_submit(self, form: OpenForm, by: Presser) -> Outcome:
        """A press with answers, judged anew. Raises ButtonIsGone where there is no such form any more."""
        wish, asked = wish_in(form), BY_CALLBACK.get(form.name)
        if wish is None or asked is None:
            raise ButtonIsGone
        read = asked.read(form.typed)
        if isinstance(read, FieldErrors):
            return Wrong(read, (await self.people.reader(by)).language)
        done = await self.orders.act(wish.command(by, read))
        self.after.follow_press(by, wish.pointer, wish.place, done)
        return Counted(wish.action)

    async def _act(self, press: PressedButton, wish: Wish) -> Outcome:
        done = await self.orders.act(wish.command(press.by))
        self.after.follow_press(press.by, wish.pointer, press.place, done)
        return Counted(wish.action)

    async def _ask(self, press: PressedButton, wish: Wish) -> Outcome:
        now, row = await self.orders.consider(wish.command(press.by))
        self.after.adopt_unknown(wish.pointer, press.place, now.card)
        return Opening(partial(self.forms.drawn, press.by, wish, now, row))


@dataclass(frozen=True)
class KeepingAll:
    """Keeps all that somebody is asked whether to keep: each is judged by itself, as by its own button."""

    orders: Orders
    people: People
    inbox: Inbox
    after: Following

    def changes(self) -> Acts:
        """What changes at its button, by action id."""
        return {"kp.keep_all": self.on_press}

    async def on_press(self, press: PressedButton) -> Outcome:
        """Keep them, and say how many were kept of how many were asked about."""
        who = await self.people.linked(press.by)
        if press.pointer is None:
            raise ButtonIsGone
        page = await self.inbox.page(who.person.asking, InboxQuery(size=COUNTED), self.people.now())
        asked = [each.view for each in page.rows if each.part is Part.ORDERER and each.view.asks_to_keep]
        kept = 0
        for view in asked:
            wish = Wish(Pointer(press.pointer.environment, case=view.case, seen=view.seen), Action.KEEP, None)
            try:
                done = await self.orders.act(wish.command(press.by))
            except OrderError as refusal:
                log.info("not_kept case=%s code=%s", view.case, refusal.code)
            else:
                kept += 1
                self.after.follow_press(press.by, wish.pointer, None, done)
        return Kept(who.language, _kept(who.language, kept, len(asked)))


def _kept(language: Language, kept: int, asked: int) -> str:
    if not asked:
        return say(language, "kept_all.nothing")
    said = [counted(language, "kept_all.kept", kept)] if kept else []
    left = [counted(language, "kept_all.left", asked - kept)] if kept < asked else []
    return " ".join((*said, *left))
