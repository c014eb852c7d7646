"""Reading without deciding: a whole order with its history and what the reader may do, and how it all works."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.acts.deployment import Deployment
from bot.acts.outcomes import Outcome, Replaced, ShownView
from bot.acts.people import People, Presser, Reader, named, reader
from bot.acts.press import Acts, OpenForm, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.forms.refusal_sentences import refusal as refusal_in_words
from bot.views.notices import HelpModal, help_message
from bot.views.orders.details import CaseReading as Read
from bot.views.orders.details import DetailsModal, FileLinkModal
from core.api import (
    DECIDING,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    TRAITS,
    Action,
    ApplicationFiles,
    Assurance,
    CaseId,
    CaseNotFound,
    CaseQuery,
    DecisionContext,
    Now,
    OrderError,
    Orders,
    OrganisationKind,
    OwnOrder,
    Part,
    Person,
    Purpose,
    Queries,
    Side,
    Transition,
    hindrance,
    not_handed_over,
    offered,
    side_shown,
)
from notifications.mail.link_addresses import link_to
from notifications.render import button_values
from notifications.render.button_values import Pointer, number_in
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
    here: Deployment

    async def drawn(self, by: Presser, case: CaseId, page: int) -> ShownView:
        """Return a page of the case as it stands. Raises NotLinked, CaseNotFound."""
        now = await self.orders.look(CaseQuery(case, by.account, self.now()))
        side = side_shown(now)
        whole = await self.queries.whole(case, side)
        if whole is None:
            raise CaseNotFound(case=case)
        who = await reader(self.queries, by)
        read = Read(
            past=whole.history,
            slack=whole.slack,
            page=page,
            offers=list(_allowed(now, side)),
            pointer=Pointer(self.here.environment, case=case, seen=whole.view.seen),
            may_order_again=_may_order_again(now),
            can_fetch=bool(self.here.public_url),
            kept_out=await self._kept_out(who, now, side),
        )
        return ShownView(who, DetailsModal.build(whole.view, who.language, read))

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
    portal_url: str

    def shows(self) -> Acts:
        """What is shown at its buttons, by action id."""
        return {
            "kp.details": self.on_details,
            "kp.history.older": self.on_page,
            "kp.history.newer": self.on_page,
            "kp.help": self.on_help,
        }

    async def on_details(self, press: PressedButton) -> Outcome:
        """A button asks for the whole order."""
        if press.pointer is None:
            raise ButtonIsGone
        return await self.case(press.by, press.pointer.case)

    async def on_page(self, press: PressedButton) -> Outcome:
        """Another page of the history, in the open view."""
        page = number_in(press.rest)
        if press.pointer is None or press.form is None or page is None:
            raise ButtonIsGone
        return Replaced((await self.screens.drawn(press.by, press.pointer.case, page)).dialog)

    async def on_help(self, press: PressedButton) -> Outcome:
        """A button asks how it works."""
        who = await self.people.reader(press.by)
        return ShownView(who, HelpModal.build(who.language, await self.parts(who.person), self.portal_url))

    async def case(self, by: Presser, case: CaseId) -> ShownView:
        """Return an order for somebody who plays a part in it. Raises NotLinked, CaseNotFound."""
        return await self.screens.drawn(by, case, 0)

    async def anew(self, by: Presser, form: OpenForm) -> Dialog | None:
        """Return an open order as it is once something was done in it; None where no order is open."""
        pointer = button_values.read(form.metadata)
        if form.name != DetailsModal.CALLBACK or pointer is None:
            return None
        return (await self.screens.drawn(by, pointer.case, 0)).dialog

    async def help_in(self, who: Reader) -> CardMessage:
        """Return how it all works, as a message."""
        return help_message(who.language, await self.parts(who.person), self.portal_url)

    async def parts(self, person: Person | None) -> list[Part]:
        """The parts somebody plays anywhere."""
        if person is None:
            return []
        held = await self.people.roles_of(person.asking)
        return [
            part
            for part, needed in ROLES_OF.items()
            if any(
                needed & roles and KINDS_OF[SIDE_OF[part]] & organisation.kinds for organisation, roles in held.values()
            )
        ]


@dataclass(frozen=True)
class ApplicationFileLinks:
    """Links to fetch the file of an application by, for the one person."""

    people: People
    files: ApplicationFiles
    here: Deployment

    def changes(self) -> Acts:
        """What is made at its buttons, by action id."""
        return {"kp.file": self.on_fetch}

    async def on_fetch(self, press: PressedButton) -> Outcome:
        """Somebody wants the file: a link of their own, on top of what is open."""
        who = await self.people.linked(press.by)
        if press.pointer is None:
            raise ButtonIsGone
        token, until = await self.files.make_link(who.person, press.pointer.case)
        address = link_to(self.here.public_url, Purpose.FETCH, token, who.language)
        return ShownView(who, FileLinkModal.build(address, until, who.language))


def kept_out(now: DecisionContext, side: Side) -> OrderError | None:
    """What keeps the reader from deciding by any role, where the case waits for that role on the reader's side."""
    part = PART_WAITED_FOR.get(now.case.state)
    if part is None or part not in DECIDING or SIDE_OF[part] is not side:
        return None
    held = [not_handed_over(now.playing(part, each)) or hindrance(now, part, each) for each in now.grants_for(part)]
    return held[0] if held and all(held) else None


def _allowed(now: DecisionContext, side: Side) -> Iterator[tuple[Part, Sequence[Transition]]]:
    """What the reader may do, by each part played on a side; what lacks only e-identification is offered, to say so.

    Whoever ordered, and may not attest that, has nothing to step aside from.
    """
    for part in (each for each, of in SIDE_OF.items() if of is side):
        rows = {
            row.does: row
            for grant in reversed(now.grants_for(part))
            for row in offered(replace(now, grant=grant, assurance=Assurance.EID_LINK), part)
            if row.does is not Action.RECUSE or not isinstance(hindrance(now, part, grant), OwnOrder)
        }
        if rows:
            yield part, tuple(rows.values())


def _may_order_again(now: DecisionContext) -> bool:
    """Say whether it was ordered and has been carried out, or is over, for whoever orders there."""
    traits, case = TRAITS[now.case.flow], now.case
    is_over = traits.is_offered and (case.closed_at is not None or case.state is traits.takes_effect)
    return is_over and now.plays(Part.ORDERER)
