"""The use cases about orders: place, act, consider, and what the clock does. One use case, one transaction."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from core import errors, flows
from core.commands import ActOnCase, Answers, PlaceOrder
from core.deadlines import due
from core.errors import FormError, OrderError
from core.events import CaseAdvanced, Change
from core.flows import Transition
from core.judge import check_answers, judge
from core.order import Case, Decision, Order, Situation, advance
from core.ports import Announcer, Look, NewId, Now, Store
from core.register import OfferTerms, count_costs, is_hsa_id
from core.words import Action, AgentField, Asks, Assurance, CaseId, Flow, Part, Surface
from core.working_days import STOCKHOLM

log = logging.getLogger(__name__)

# Characters a text of the form may have.
TEXT_LIMITS = {"invoice_ref": 100, "technical_contact": 200, "comment": 2_000}
UNITS_LIMIT = 200


@dataclass(frozen=True)
class Orders:
    """What people and the clock do to orders. Every method raises OrderError subclasses, with nothing saved."""

    store: Store
    announcer: Announcer
    now: Now
    new_id: NewId

    async def place(self, wish: PlaceOrder) -> Case:
        """Submit an order once per (person, key) and return its case, also when it was placed before.

        Raises FormError naming fields, NoRole, what the conditions of SUBMIT refuse, KeyReused.
        """
        at = self.now()

        def decide(now: Situation, terms: OfferTerms) -> Change:
            return self._submit(now, terms, wish, at)

        case, _ = await self.store.place(wish, at, decide)
        return case

    async def act(self, command: ActOnCase) -> CaseAdvanced:
        """Let a person do something to a case, judged with the authority of this moment.

        Raises the refusals of `core.judge` and of the row's conditions; AlreadyDecided when another was faster.
        """
        at = self.now()

        def decide(now: Situation) -> Change:
            row = judge(now, command.action, command.seen)
            check_answers(now, row, command.answers)
            return self._change(now, row, command.answers, command.surface, at=at)

        look = Look(command.case, command.by, at, command.card)
        return (await self.store.act(look, decide)).event

    async def consider(self, command: ActOnCase) -> tuple[Situation, Transition]:
        """What `act` would judge, with nothing changed and no answers needed: for opening the row's modal."""
        now = await self.store.look(Look(command.case, command.by, self.now(), command.card))
        return now, judge(now, command.action, command.seen)

    async def run_clock(self, limit: int = 100) -> int:
        """Run the clock's rows that are due, at most `limit`; returns how many cases were changed."""
        at = self.now()
        cases = await self.store.due(at, limit)
        return sum([await self._tick_or_say(case, at) for case in cases])

    async def _tick_or_say(self, case: CaseId, at: datetime) -> bool:
        try:
            return await self._tick(case, at)
        except Exception:
            # One case that cannot be ticked must not keep the clock from all others.
            log.exception("clock_stumbled case=%s", case)
            return False

    async def _tick(self, case: CaseId, at: datetime) -> bool:
        def decide(now: Situation) -> Change:
            if now.case.due_at is None or now.case.due_at > at:
                raise errors.OrderMovedOn(case=case)
            row = next(each for each in flows.rows(now.case.flow, now.case.state) if each.who is Part.CLOCK)
            return self._change(now, row, Answers(), Surface.CLOCK, at=at)

        try:
            await self.store.act(Look(case, None, at), decide)
        except OrderError:
            # Somebody decided, or another scheduler ticked, while we looked: the case is no longer due.
            return False
        return True

    def _submit(self, now: Situation, terms: OfferTerms, wish: PlaceOrder, at: datetime) -> Change:
        today = at.astimezone(STOCKHOLM).date()
        _check_form(wish, terms, today)
        draft = replace(now, case=_draft(wish, now, terms, CaseId(self.new_id("B-")), at))
        return self._change(draft, judge(draft, Action.SUBMIT, None), Answers(), wish.surface, at=at)

    def _change(
        self,
        now: Situation,
        row: Transition,
        answers: Answers,
        surface: Surface,
        *,
        at: datetime,
    ) -> Change:
        decision = _decision(now, row, answers, surface, at)
        to = row.target()
        after = advance(now.case, to=to, decision=decision, due_at=due(to, at), final=flows.is_final(now.case.flow, to))
        if row.asks is Asks.CERTIFICATE:
            after = replace(after, chosen_attestant=answers.attestant)
        event = CaseAdvanced(now.case, after, decision, now.card)
        return Change(event, self.announcer.announce(event, now.at(after), self.new_id))


def _decision(now: Situation, row: Transition, answers: Answers, surface: Surface, at: datetime) -> Decision:
    return Decision(
        step=now.case.step,
        state=now.case.state,
        action=row.does,
        part=row.who,
        person=now.person,
        organisation=now.case.organisation_of(row.who),
        at=at,
        surface=surface,
        assurance=_assurance(surface, row.asks),
        content_version=now.case.content_version,
        reason_code=answers.reason_code,
        reason=answers.reason,
        internal=answers.internal,
        message=answers.message,
    )


def _assurance(surface: Surface, asks: Asks) -> Assurance:
    if surface is Surface.SLACK:
        return Assurance.CLICK if asks is Asks.NOTHING else Assurance.CLICK_CONFIRM
    return {Surface.API: Assurance.KEY, Surface.CLOCK: Assurance.CLOCK}[surface]


def _draft(wish: PlaceOrder, now: Situation, terms: OfferTerms, case: CaseId, at: datetime) -> Case:
    order = Order(
        offer=wish.offer,
        units=wish.units,
        invoice_ref=wish.invoice_ref,
        desired_start=wish.desired_start,
        technical_contact=wish.technical_contact,
        comment=wish.comment,
        named_agent=wish.agent if terms.flow is Flow.DIRECT else None,
        costs=count_costs(terms.prices, units=len(wish.units), day=at.astimezone(STOCKHOLM).date()),
        external_case_ref=wish.external_case_ref,
    )
    return replace(
        now.case,
        id=case,
        flow=terms.flow,
        agent=wish.agent if terms.flow is Flow.VIA_AGENT else None,
        order=order,
        created_at=at,
        waiting_since=at,
    )


def _check_form(wish: PlaceOrder, terms: OfferTerms, today: date) -> None:
    problems = dict(_problems(wish, terms, today))
    if problems:
        raise FormError(fields=problems)


def _problems(wish: PlaceOrder, terms: OfferTerms, today: date) -> Iterator[tuple[str, str]]:
    """Pairs of field name and problem code; the sentences are `field_error.<code>`."""
    if not wish.terms_accepted:
        yield "terms_accepted", "terms_not_accepted"
    if not wish.invoice_ref:
        yield "invoice_ref", "required"
    if not wish.technical_contact and terms.flow is Flow.VIA_AGENT:
        yield "technical_contact", "required"
    for name, limit in TEXT_LIMITS.items():
        if len(getattr(wish, name)) > limit:
            yield name, "too_long"
    if wish.desired_start is not None and wish.desired_start < today:
        yield "desired_start", "past"
    yield from _agent_problems(wish, terms)
    yield from _unit_problems(wish, terms)


def _agent_problems(wish: PlaceOrder, terms: OfferTerms) -> Iterator[tuple[str, str]]:
    if wish.agent is None and terms.agent_field is AgentField.REQUIRED:
        yield "agent", "required"
    if wish.agent is not None and terms.agent_field is AgentField.NONE:
        yield "agent", "not_asked"


def _unit_problems(wish: PlaceOrder, terms: OfferTerms) -> Iterator[tuple[str, str]]:
    if terms.needs_units and not wish.units:
        yield "units", "required"
    if len(wish.units) > UNITS_LIMIT:
        yield "units", "too_many"
    if len({unit.key for unit in wish.units}) < len(wish.units):
        yield "units", "repeated"
    if any(unit.hsa_id and not is_hsa_id(unit.hsa_id) for unit in wish.units):
        yield "units", "hsa_id"
