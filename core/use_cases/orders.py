"""The use cases about cases: place, act, consider, and what the clock does. One use case, one transaction."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import TypeVar

from core.audit.records import ASSURANCE_OF
from core.catalogue.offers import OfferTerms
from core.identity.accounts import Identity
from core.identity.proofs import Occasion, check_proof
from core.ports.cases import Announcer, CaseQuery, CaseRepository, Decide, DecideWithTerms, DrawUp, NewId, Now
from core.shared import errors
from core.shared.errors import OrderError, TryAgain
from core.shared.ids import is_application
from core.shared.personal_numbers import find_personal_number
from core.shared.vocabulary import Action, Asks, Assurance, CaseId, LinkId, Part, ReasonCode, Surface
from core.use_cases.admission import admitted, draw_up
from core.workflow import flows
from core.workflow.alarms import MissingPrice, Unattended, missing_price, not_ready
from core.workflow.assignees import assign
from core.workflow.authorize import Authorization, authorize, authorize_any, check_answers
from core.workflow.case import Case, Decision
from core.workflow.commands import ANSWER_LIMITS, ActOnCase, Answers, PlaceOrder, Revision
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced, Change
from core.workflow.flows import Transition
from core.workflow.guards.people import has_no_part
from core.workflow.order_form import draft, revised
from core.workflow.transitions import apply_transition

log = logging.getLogger(__name__)

T = TypeVar("T")

# For how long a look at an account is good where one is needed.
LOOK_LASTS = timedelta(hours=24)
DEADLINES = frozenset({Action.EXPIRE, Action.ESCALATE, Action.REMIND})
Acting = Callable[[Callable[[], tuple[CaseQuery, Decide]], LinkId | None], Awaitable[Change]]


class _Untold(Exception):
    """A price is missing of which customer service's lead is to be told before the case is stopped."""

    def __init__(self, missing: MissingPrice) -> None:
        super().__init__(missing.key)
        self.missing = missing


@dataclass(frozen=True)
class Orders:
    """What people and the clock do to orders, and customer service and the clock to applications.

    Every method raises OrderError subclasses, with nothing saved. Above `look_above_ore` a decision from Slack needs a
    look at the account that is at most a day old; None: never. `stumbled` are the cases that the clock has failed
    with, each of which the log has been told of.
    """

    store: CaseRepository
    announcer: Announcer
    now: Now
    new_id: NewId
    draw_up: DrawUp = draw_up
    look_above_ore: int | None = None
    stumbled: set[CaseId] = field(default_factory=set[CaseId], compare=False)

    async def place(self, wish: PlaceOrder) -> Case:
        """Submit an order once per (person, key) and return its case, also when it was placed before.

        Raises FormError naming fields, NoRole, what the conditions of SUBMIT refuse, KeyReused.
        """

        def begin() -> tuple[datetime, DecideWithTerms]:
            at = self.now()
            return at, partial(self._submit, wish, at)

        case, _ = await self._telling_administrators(self.store.place(wish, begin))
        return case

    async def act(self, command: ActOnCase) -> CaseAdvanced:
        """Let a person do something to a case, judged with the authority of this moment.

        Raises the refusals of `core.workflow.authorize` and of the row's conditions; AlreadyDecided when another was
        faster; PersonalNumber naming a text; FormError naming texts or fields of a revision; LinkUsed and LinkExpired.
        """
        return await self._alerting(command.case, self._act(command))

    async def _act(self, command: ActOnCase) -> CaseAdvanced:
        check_texts(command.answers)
        if command.answers.revision is not None:
            return await self._answer(command, command.answers.revision)

        def begin() -> tuple[CaseQuery, Decide]:
            at = self.now()
            return _look(command, at), partial(self._decide, command, at)

        return (await self.acting(command.case)(begin, command.link)).event

    def acting(self, case: CaseId) -> Acting:
        """How the store acts on a case: an application is read and written with more around it."""
        return self.store.enrol if is_application(case) else self.store.act

    async def _answer(self, command: ActOnCase, revision: Revision) -> CaseAdvanced:
        def begin() -> tuple[CaseQuery, DecideWithTerms]:
            at = self.now()
            return _look(command, at), partial(self._revise, command, revision, at)

        revising = self.store.revise(command.case, revision, begin, command.link)
        return (await self._telling_administrators(revising)).event

    async def _telling_administrators(self, ordering: Awaitable[T]) -> T:
        """What comes of an order; where its organisations are not ready for it, those who can mend that are told."""
        try:
            return await ordering
        except OrderError as refusal:
            lacking = not_ready(refusal, self.now())
            if lacking is not None:
                await self.store.tell(lacking, lambda found: self.announcer.not_ready(lacking, found, self.new_id))
            raise

    async def consider(self, command: ActOnCase) -> tuple[DecisionContext, Transition]:
        """What `act` would judge, with nothing changed and no answers needed: for opening the row's modal."""
        return await self._alerting(command.case, self._consider(command))

    async def _consider(self, command: ActOnCase) -> tuple[DecisionContext, Transition]:
        at = self.now()
        now = await self.store.look(_look(command, at))
        ruling = authorize(self._by(now, command, at), command.action, command.seen)
        return ruling.now, ruling.row

    async def _alerting(self, case: CaseId, acting: Awaitable[T]) -> T:
        """What comes of it; where nobody at customer service may act, its lead is told, and the operator's log."""
        try:
            return await acting
        except errors.Involved:
            await self._alert_if_unattended(case)
            raise

    async def _alert_if_unattended(self, case: CaseId) -> None:
        at, now = self.now(), None
        for person in await self.store.serving(at):
            now = await self.store.look(CaseQuery(case, person, at))
            if has_no_part(now) is None:
                return
        if now is not None:
            log.error("unattended case=%s", case)
            unattended = Unattended(case, now.case.step, at)
            await self.store.alert(unattended, lambda leads: self.announcer.unattended(leads, self.new_id))

    async def run_clock(self, limit: int = 100) -> int:
        """Run the clock's rows that are due, at most `limit`; returns how many cases were changed."""
        at, changed, seen = self.now(), 0, set[CaseId]()
        while changed < limit:
            # Cases that nothing could be done to are still due, and stand before those behind them.
            most = limit - changed + len(seen)
            cases = await self.store.due(at, most)
            unseen = [case for case in cases if case not in seen][: limit - changed]
            changed += sum([await self._tick_or_say(case, at) for case in unseen])
            seen.update(unseen)
            if len(cases) < most:
                break
        return changed

    async def _tick_or_say(self, case: CaseId, at: datetime) -> bool:
        try:
            ticked = await self._tick(case, at)
        except Exception:
            # One case that cannot be ticked must not keep the clock from all others, nor fill the log.
            if case not in self.stumbled:
                log.exception("clock_stumbled case=%s", case)
            self.stumbled.add(case)
            return False
        self.stumbled.discard(case)
        return ticked

    async def _tick(self, case: CaseId, at: datetime) -> bool:
        try:
            await self._act_as_clock(case, at)
        except TryAgain:
            # The database had no turn for it in time: the next tick looks again.
            log.warning("clock_waited case=%s", case)
            return False
        except OrderError:
            # Somebody decided, or another scheduler ticked, while we looked: the case is no longer due.
            return False
        return True

    async def _act_as_clock(self, case: CaseId, at: datetime, told: MissingPrice | None = None) -> None:
        def decide(now: DecisionContext) -> Change:
            missing = missing_price(now, at)
            if missing is not None and missing != told:
                raise _Untold(missing)
            ruling = _ruling_of_the_clock(now, at)
            return self.advance(ruling, _said_by_the_clock(ruling.row), Surface.CLOCK, at=at)

        try:
            # The clock is as late as when it began: what happens meanwhile it looks at the next time.
            await self.acting(case)(lambda: (CaseQuery(case, None, at), decide), None)
        except _Untold as found:
            # Told first: once the case is stopped it is looked at no more.
            await self._tell_of(found.missing)
            await self._act_as_clock(case, at, found.missing)

    async def _tell_of(self, missing: MissingPrice) -> None:
        is_new = await self.store.tell_leads(missing, lambda leads: self.announcer.price_missing(leads, self.new_id))
        if is_new:
            log.error("price_missing offer=%s since=%s", missing.offer, missing.since)

    def _by(self, now: DecisionContext, command: ActOnCase, at: datetime) -> DecisionContext:
        """The situation of the person, with what the press lets us be sure of."""
        is_new = now.seen_at is not None and at - now.seen_at <= LOOK_LASTS
        is_asked = isinstance(command.by, Identity) and command.surface is Surface.SLACK
        above = self.look_above_ore if is_asked and not is_new else None
        who = _assured_by(now, command, at)
        return who if above is None else replace(who, stale_above_ore=above)

    def _decide(self, command: ActOnCase, at: datetime, now: DecisionContext) -> Change:
        ruling = authorize(self._by(now, command, at), command.action, command.seen)
        check_answers(ruling.now, ruling.row, command.answers)
        return self.advance(ruling, command.answers, command.surface, at=at)

    def _revise(
        self, command: ActOnCase, revision: Revision, at: datetime, now: DecisionContext, terms: OfferTerms
    ) -> Change:
        # Who may not answer, or answers an old question, is not told about fields first.
        authorize(self._by(now, command, at), command.action, command.seen)
        return self._decide(command, at, replace(now, revised=revised(now.case, revision, terms, at)))

    def _submit(self, wish: PlaceOrder, at: datetime, now: DecisionContext, terms: OfferTerms) -> Change:
        case = draft(now.case, wish, terms, CaseId(self.new_id("B-")), at)
        ruling = authorize(now.at(case), Action.SUBMIT, None)
        return self.advance(ruling, Answers(), wish.surface, at=at)

    def advance(self, ruling: Authorization, answers: Answers, surface: Surface, *, at: datetime) -> Change:
        """What a ruling makes of its case, and who hears of it."""
        now = ruling.now
        decision = _decision(ruling, answers, surface, at)
        after = assign(now, apply_transition(now, ruling.row, decision, answers), decision)
        after = admitted(now, ruling.row, after, self.new_id, self.draw_up)
        event = CaseAdvanced(now.case, after, decision, now.card)
        return Change(event, self.announcer.announce(event, now.at(after), self.new_id))


def check_texts(answers: Answers) -> None:
    """No text is kept that is longer than its field, or that holds a personnummer, whatever way it came.

    Raises FormError, or PersonalNumber, naming the text.
    """
    for name, most in ANSWER_LIMITS.items():
        text = getattr(answers, name)
        if len(text) > most:
            raise errors.FormError(fields={name: "too_long"})
        if find_personal_number(text):
            raise errors.PersonalNumber(field=name)


def _look(command: ActOnCase, at: datetime) -> CaseQuery:
    named = command.answers.to or command.answers.attestant
    return CaseQuery(command.case, command.by, at, command.card, named, command.proof)


def _assured_by(now: DecisionContext, command: ActOnCase, at: datetime) -> DecisionContext:
    """The situation of a person who is as sure to be who it is as the surface, or a proof, lets us be."""
    if not command.proof or now.person is None:
        return replace(now, assurance=_assurance(command.surface, Asks.CONFIRMATION))
    wanted = Occasion(now.person, now.case.id, now.case.step, now.case.content_version, command.action)
    unproven = check_proof(now.proof, wanted, at)
    if unproven is None:
        return replace(now, assurance=Assurance.EID_LINK)
    return replace(now, assurance=_assurance(command.surface, Asks.CONFIRMATION), proof=None, unproven=unproven)


def _ruling_of_the_clock(now: DecisionContext, at: datetime) -> Authorization:
    """What the clock does to a case that is due: its deadline first, then what has changed around it."""
    case, clocks = now.case, [each for each in flows.rows(now.case.flow, now.case.state) if each.who is Part.CLOCK]
    if case.due_at is not None and case.due_at <= at:
        return authorize_any(now, tuple(each for each in clocks if each.does in DEADLINES))
    if case.review_at is not None and case.review_at <= at:
        # Conditions of rows exclude each other, and a review is what is left when the prices stand.
        return authorize_any(now, tuple(each for each in clocks if each.does not in DEADLINES))
    raise errors.OrderMovedOn(case=case.id)


def _said_by_the_clock(row: Transition) -> Answers:
    """Why a case goes on that nobody has just decided about."""
    goes_on = row.does is Action.REVIEW and not row.keeps_step
    return Answers(reason_code=ReasonCode.ENOUGH_ATTESTS) if goes_on else Answers()


def _decision(ruling: Authorization, answers: Answers, surface: Surface, at: datetime) -> Decision:
    now, row = ruling.now, ruling.row
    grant, proof = now.grant, now.proof
    return Decision(
        step=now.case.step,
        state=now.case.state,
        action=row.does,
        part=row.who,
        person=now.person,
        organisation=now.case.organisation_of(row.who),
        at=at,
        surface=surface,
        assurance=Assurance.EID_LINK if proof else _assurance(surface, row.asks),
        content_version=now.case.content_version,
        reason_code=answers.reason_code,
        reason=answers.reason,
        internal=answers.internal,
        message=answers.message,
        absent=grant and grant.absent,
        limit_ore=grant and grant.limit_ore,
        to=answers.to or answers.attestant,
        salt=token_hex(16) if answers.reason or answers.internal or answers.message else "",
        proof=proof.id if proof else None,
        document_hash=answers.document_hash or None,
        method=answers.method or None,
    )


def _assurance(surface: Surface, asks: Asks) -> Assurance:
    if surface is Surface.SLACK:
        return Assurance.CLICK if asks is Asks.NOTHING else Assurance.CLICK_CONFIRM
    if asks is Asks.SIGNATURE:
        return Assurance.SIMPLE_SIGNATURE
    return ASSURANCE_OF[surface]
