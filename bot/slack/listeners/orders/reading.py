"""Reading without deciding: a whole order with its history and what the reader may do, and how it all works."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.forms.refusal_sentences import refusal as refusal_in_words
from bot.slack.identity import Caller, People, Reader, named, reader
from bot.slack.payloads import Payload
from bot.slack.press import OwnActions, Pressed
from bot.slack.refusal_replies import ButtonIsGone
from bot.slack.replies import Replies, ReplySpot
from bot.views.notices import HelpModal, help_message
from bot.views.orders.details import CaseReading as Read
from bot.views.orders.details import DetailsModal
from core.api import (
    DECIDING,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    TRAITS,
    Assurance,
    CaseId,
    CaseNotFound,
    CaseQuery,
    DecisionContext,
    Now,
    OrderError,
    Orders,
    OrganisationKind,
    Part,
    Person,
    Queries,
    Seen,
    Side,
    Transition,
    hindrance,
    not_handed_over,
    offered,
    side_shown,
)
from notifications.render import buttons
from notifications.render.buttons import Pointer
from notifications.render.model import CardMessage, Dialog

# An agent orders its own assignments.
KINDS_OF = {
    Side.CUSTOMER: frozenset({OrganisationKind.CUSTOMER, OrganisationKind.AGENT}),
    Side.AGENT: frozenset({OrganisationKind.AGENT}),
    Side.INERA: frozenset({OrganisationKind.INERA}),
}


@dataclass(frozen=True)
class CaseScreens:
    """Reads a case as its reader may see it."""

    orders: Orders
    queries: Queries
    now: Now
    environment: str

    async def drawn(self, by: Caller, case: CaseId, page: int) -> tuple[Reader, Dialog]:
        """Return who reads, and a page of the case as it stands. Raises NotLinked, CaseNotFound."""
        now = await self.orders.look(CaseQuery(case, by.account, self.now()))
        side = side_shown(now)
        whole = await self.queries.whole(case, side)
        if whole is None:
            raise CaseNotFound(case=case)
        who = await reader(self.queries, by)
        read = Read(
            past=whole.history,
            page=page,
            offers=list(_allowed(now, side)),
            pointer=Pointer(self.environment, case=case, seen=Seen(now.case.step, now.case.content_version)),
            may_order_again=_may_order_again(now),
            kept_out=await self._kept_out(who, now, side),
        )
        return who, DetailsModal.build(whole.view, who.language, read)

    async def _kept_out(self, who: Reader, now: DecisionContext, side: Side) -> str:
        """Why somebody who has the role that is asked may not decide; empty for everybody else."""
        refusal = kept_out(now, side)
        if refusal is None:
            return ""
        return refusal_in_words(who.language, refusal.code, await named(self.queries, refusal.facts))


@dataclass(frozen=True)
class Reading:
    """What people may look at."""

    people: People
    screens: CaseScreens
    replies: Replies
    portal_url: str

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.details": self.on_details,
            "kp.history.older": self.on_page,
            "kp.history.newer": self.on_page,
            "kp.help": self.on_help,
        }

    async def on_details(self, press: Pressed) -> None:
        """A button asks for the whole order."""
        if press.pointer is None:
            raise ButtonIsGone
        await self.show(press.by, press.where, press.pointer.case)

    async def on_page(self, press: Pressed) -> None:
        """Another page of the history, in the open modal."""
        if press.pointer is None or press.view is None or not press.rest.isdecimal():
            raise ButtonIsGone
        _, drawn = await self.screens.drawn(press.by, press.pointer.case, int(press.rest))
        self.replies.beside(self.replies.redraw(press.by, press.view, drawn))

    async def on_help(self, press: Pressed) -> None:
        """A button asks how it works."""
        who = await self.people.reader(press.by)
        view = HelpModal.build(who.language, await self.parts(who.person), self.portal_url)
        self.replies.beside(self.replies.open(press.where, who, view))

    async def show(self, by: Caller, where: ReplySpot, case: CaseId) -> None:
        """Open an order for somebody who plays a part in it. Raises NotLinked, CaseNotFound, NothingShown."""
        self.replies.check_shown(where)
        who, drawn = await self.screens.drawn(by, case, 0)
        self.replies.beside(self.replies.open(where, who, drawn))

    async def show_anew(self, by: Caller, view: Payload) -> None:
        """Something was done in an open order: it shows that."""
        pointer = buttons.read(view.get("private_metadata") or "")
        if view.get("callback_id") == DetailsModal.CALLBACK and pointer is not None:
            _, drawn = await self.screens.drawn(by, pointer.case, 0)
            await self.replies.redraw(by, view, drawn)

    async def help_in(self, who: Reader) -> CardMessage:
        """Return how it all works, as a message."""
        return help_message(who.language, await self.parts(who.person), self.portal_url)

    async def parts(self, person: Person | None) -> list[Part]:
        """The parts somebody plays anywhere."""
        if person is None:
            return []
        held = await self.people.roles_of(person.id)
        return [
            part
            for part, needed in ROLES_OF.items()
            if any(
                needed & roles and KINDS_OF[SIDE_OF[part]] & organisation.kinds for organisation, roles in held.values()
            )
        ]


def kept_out(now: DecisionContext, side: Side) -> OrderError | None:
    """What keeps the reader from deciding by any role, where the case waits for that role on the reader's side."""
    part = PART_WAITED_FOR.get(now.case.state)
    if part is None or part not in DECIDING or SIDE_OF[part] is not side:
        return None
    held = [not_handed_over(now) or hindrance(now, part, each) for each in now.grants_for(part)]
    return held[0] if held and all(held) else None


def _allowed(now: DecisionContext, side: Side) -> Iterator[tuple[Part, Sequence[Transition]]]:
    """What the reader may do, by each part played on a side; what lacks only e-identification is offered, to say so."""
    for part in (each for each, of in SIDE_OF.items() if of is side):
        rows = {
            row.does: row
            for grant in reversed(now.grants_for(part))
            for row in offered(replace(now, grant=grant, assurance=Assurance.EID_LINK), part)
        }
        if rows:
            yield part, tuple(rows.values())


def _may_order_again(now: DecisionContext) -> bool:
    """Say whether it was ordered and is over, for whoever orders there."""
    is_over = TRAITS[now.case.flow].is_offered and now.case.closed_at is not None
    return is_over and now.plays(Part.ORDERER)
