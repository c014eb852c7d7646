"""How a decision is carried through, whoever makes it: load, authorize, apply, announce, save."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import NamedTuple

from core.audit.records import ASSURANCE_OF
from core.identity.personal_links import PersonalLink
from core.ports.cases import Announcer, CaseQuery, CaseRepository, DrawUp, NewId, Now, Transaction, UnitOfWork
from core.shared.errors import LinkUnknown, TryAgain
from core.shared.ids import is_application
from core.shared.vocabulary import Action, Asks, Assurance, CaseId, LinkId, Purpose, Surface
from core.use_cases.admission import admitted, draw_up
from core.workflow.apply_transition import apply_transition
from core.workflow.assignees import assign
from core.workflow.authorize import Authorization, authorize
from core.workflow.case import Case, Decision
from core.workflow.commands import Answers, Apply, PlaceOrder
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced, Change
from core.workflow.flows import Transition

# Whoever was faster once is looked at; who loses again is asked to try again.
TRIES = 2
NOTHING = Answers()


@dataclass(frozen=True, kw_only=True)
class Act(ABC):
    """What somebody, or the clock, would do to a case: how that is looked at, and by which row it may be done.

    `signed_in` is how a person did who is signed in. `link` is the personal link that it uses up; `revises` is True
    where it changes what was ordered. `answered` is what is answered to the row.
    """

    case: CaseId
    surface: Surface
    signed_in: Assurance | None = None
    link: LinkId | None = None
    revises: bool = False
    answered: Answers = NOTHING

    @abstractmethod
    def query(self, at: datetime) -> CaseQuery:
        """Say what is looked at when it is done now."""

    @abstractmethod
    def authorize(self, context: DecisionContext, at: datetime) -> Authorization:
        """Find the row that lets it be done; raise the refusal where there is none, or where answers are lacking."""

    async def save_beside(self, unit: "Transaction") -> None:  # noqa: B027 - most have nothing
        """Save what belongs to it beside the case, in its transaction, where it is done in turn."""

    def answers(self, row: Transition) -> Answers:  # noqa: ARG002 - who has answered has answered what was asked
        """Say what is answered to that row."""
        return self.answered


class Where(NamedTuple):
    """Where something is done, and how the person did who is signed in there."""

    surface: Surface
    signed_in: Assurance | None


# What a command makes of the empty draft of it, under a number.
Draft = Callable[[DecisionContext, CaseId, datetime], Case]


@dataclass(frozen=True)
class Engine:
    """Carries decisions through, each in one transaction. What raises an OrderError has saved nothing.

    Of when something is read is asked anew before it is read: whoever waits for a turn, or loses a race, may have lost
    a role meanwhile.
    """

    cases: CaseRepository
    announcer: Announcer
    now: Now
    new_id: NewId
    draw_up: DrawUp = draw_up

    async def carry_out(self, act: Act) -> CaseAdvanced:
        """Carry an act out. Raises AlreadyDecided and its kin when another was faster, TryAgain when two were."""
        if act.link is None and not act.revises and not is_application(act.case):
            return await self.cases.press(partial(self._carry_out, act))
        return await self.cases.transact(partial(self._carry_out_in_turn, act))

    async def _carry_out_in_turn(self, act: Act, unit: Transaction) -> CaseAdvanced:
        if act.revises or is_application(act.case):
            await unit.take_turn(act.case)
        if act.link is not None:
            await self._use_up(act, act.link, unit)
        event = await self._carry_out(act, unit)
        await act.save_beside(unit)
        return event

    async def _carry_out(self, act: Act, unit: UnitOfWork) -> CaseAdvanced:
        for _ in range(TRIES):
            query = act.query(self.now())
            context = await unit.load(query)
            authorization = act.authorize(context, query.at)
            where = Where(act.surface, act.signed_in)
            event = self._apply(authorization, act.answers(authorization.row), where, query.at)
            if await unit.save(self._announce(event, authorization)):
                return event
        raise TryAgain

    async def _use_up(self, act: Act, link: LinkId, unit: Transaction) -> None:
        query = act.query(self.now())
        purpose = Purpose.SIGN if is_application(act.case) else Purpose.DECIDE
        _check_holder(await unit.use_up(link, purpose, query.at), query)

    async def send_in(self, command: PlaceOrder | Apply, prefix: str, draft: Draft) -> Case:
        """Make the case of a command once per (person, key), numbered from `prefix`. Raises KeyReused, FormError."""
        return await self.cases.transact(partial(self._send_in, command, prefix, draft))

    async def _send_in(self, command: PlaceOrder | Apply, prefix: str, draft: Draft, unit: Transaction) -> Case:
        sent = await unit.find_sent(command)
        if sent.case is not None:
            return sent.case
        number = await self._free_number(prefix, unit)
        at = self.now()
        context = await unit.load_draft(command, sent.person, at)
        authorization = authorize(context.at(draft(context, number, at)), Action.SUBMIT, None)
        signed_in = command.signed_in if isinstance(command, PlaceOrder) else None
        event = self._apply(authorization, NOTHING, Where(command.surface, signed_in), at)
        await unit.save_new(self._announce(event, authorization), command)
        return event.after

    async def _free_number(self, prefix: str, unit: Transaction) -> CaseId:
        """A number is short enough to be read aloud, so one day it will have been given before."""
        number = CaseId(self.new_id(prefix))
        while await unit.is_taken(number):
            number = CaseId(self.new_id(prefix))
        return number

    def _apply(self, authorization: Authorization, answers: Answers, where: Where, at: datetime) -> CaseAdvanced:
        """Follow the row: what becomes of the case, and who is asked next."""
        context, row = authorization.now, authorization.row
        decision = _decision(authorization, answers, where, at)
        after = assign(context, apply_transition(context, row, decision, answers), decision)
        if not after.is_order:
            after = admitted(context, row, after, self.new_id, self.draw_up)
        return CaseAdvanced(context.case, after, decision, context.card)

    def _announce(self, event: CaseAdvanced, authorization: Authorization) -> Change:
        """Say who hears of it."""
        return Change(event, self.announcer.announce(event, authorization.now.at(event.after), self.new_id))


def _check_holder(link: PersonalLink, query: CaseQuery) -> None:
    if (link.case, link.asking) != (query.case, query.by):
        raise LinkUnknown


def _decision(authorization: Authorization, answers: Answers, where: Where, at: datetime) -> Decision:
    context, row = authorization.now, authorization.row
    grant, proof = context.grant, context.proof
    return Decision(
        step=context.case.step,
        state=context.case.state,
        action=row.does,
        part=row.who,
        person=context.person,
        organisation=context.case.organisation_of(row.who),
        at=at,
        surface=where.surface,
        assurance=Assurance.EID_LINK if proof else where.signed_in or assurance_by(where.surface, row.asks),
        content_version=context.case.content_version,
        reason_code=answers.reason_code,
        reason=answers.reason,
        internal=answers.internal,
        message=answers.message,
        comment=answers.comment,
        absent=grant and grant.absent,
        limit_ore=grant and grant.limit_ore,
        to=answers.to or answers.attestant,
        salt=token_hex(16) if any((answers.reason, answers.internal, answers.message, answers.comment)) else "",
        proof=proof.id if proof else None,
        document_hash=answers.document_hash or None,
        method=answers.method or None,
        last_day=answers.last_day,
    )


def assurance_by(surface: Surface, asks: Asks) -> Assurance:
    """Say how sure a surface lets us be of who it is, when it asks something."""
    if surface is Surface.SLACK:
        return Assurance.CLICK if asks is Asks.NOTHING else Assurance.CLICK_CONFIRM
    if asks is Asks.SIGNATURE:
        return Assurance.SIMPLE_SIGNATURE
    return ASSURANCE_OF[surface]
