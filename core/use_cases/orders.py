"""The use cases about orders: place, act, consider, look. One use case, one transaction."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from core.catalogue.offers import OfferTerms
from core.identity.accounts import Identity
from core.identity.proofs import Occasion, check_proof
from core.ports.cases import CaseQuery
from core.shared import errors
from core.shared.errors import OrderError
from core.shared.personal_numbers import find_personal_number
from core.shared.vocabulary import Asks, Assurance, CaseId, Part, Surface
from core.shared.working_days import day_of
from core.use_cases.alarms import Alarms
from core.use_cases.clock import Clock
from core.use_cases.engine import Act, Engine, assurance_by
from core.workflow.authorize import Authorization, authorize, check_answers
from core.workflow.case import Case
from core.workflow.commands import ANSWER_LIMITS, ActOnCase, Answers, PlaceOrder
from core.workflow.context import DecisionContext
from core.workflow.ending import check_last_day
from core.workflow.events import CaseAdvanced
from core.workflow.flows import Transition
from core.workflow.order_rules import draft, revised

T = TypeVar("T")

# For how long a look at an account is good where one is needed.
LOOK_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Orders:
    """What people and the clock do to orders, and customer service and the clock to applications.

    Every method raises OrderError subclasses, with nothing saved. Above `look_above_ore` a decision from Slack needs a
    look at the account that is at most a day old; None: never.
    """

    engine: Engine
    look_above_ore: int | None = None

    async def place(self, command: PlaceOrder) -> Case:
        """Submit an order once per (person, key) and return its case, also when it was placed before.

        Raises FormError naming fields, NoRole, what the conditions of SUBMIT refuse, KeyReused.
        """

        def drafted(context: DecisionContext, number: CaseId, at: datetime) -> Case:
            return draft(context.case, command, _terms(context), number, at)

        return await self._telling_administrators(self.engine.send_in(command, "B-", drafted))

    async def act(self, command: ActOnCase) -> CaseAdvanced:
        """Let a person do something to a case, judged with the authority of this moment.

        Raises the refusals of `core.workflow.authorize` and of the row's conditions; AlreadyDecided when another was
        faster; PersonalNumber naming a text; FormError naming texts, fields of a revision or a last day; LinkUsed,
        LinkExpired.
        """
        check_texts(command.answers)
        acting = self.engine.carry_out(self._act(command))
        if command.answers.revision is not None:
            acting = self._telling_administrators(acting)
        return await self._alerting(command.case, acting)

    async def consider(self, command: ActOnCase) -> tuple[DecisionContext, Transition]:
        """What `act` would judge, with nothing changed and no answers needed: for opening the row's modal."""
        return await self._alerting(command.case, self._consider(command))

    async def _consider(self, command: ActOnCase) -> tuple[DecisionContext, Transition]:
        act = self._act(command)
        query = act.query(self.engine.now())
        authorization = act.authorize_row(await self.engine.cases.look(query), query.at)
        return authorization.now, authorization.row

    async def look(self, query: CaseQuery) -> DecisionContext:
        """The case as a decision would be judged on. Raises CaseNotFound, NotLinked, PersonInactive."""
        return await self.engine.cases.look(query)

    @cached_property
    def clock(self) -> Clock:
        """What runs the clock's rows."""
        return Clock(self.engine)

    async def run_clock(self, limit: int = 100) -> int:
        """Run the clock's rows that are due, at most `limit`; returns how many cases were changed."""
        return await self.clock.run(limit)

    def _act(self, command: ActOnCase) -> "PersonsAct":
        answers = command.answers
        return PersonsAct(
            case=command.case,
            surface=command.surface,
            signed_in=command.signed_in,
            link=command.link,
            revises=answers.revision is not None,
            answered=answers,
            command=command,
            look_above_ore=self.look_above_ore,
        )

    async def _telling_administrators(self, ordering: Awaitable[T]) -> T:
        """What comes of an order; where its organisations are not ready for it, those who can mend that are told."""
        try:
            return await ordering
        except OrderError as refusal:
            await Alarms(self.engine).tell_of_refusal(refusal)
            raise

    async def _alerting(self, case: CaseId, acting: Awaitable[T]) -> T:
        """What comes of it; where nobody at customer service may act, its lead is told, and the operator's log."""
        try:
            return await acting
        except errors.Involved:
            await Alarms(self.engine).tell_if_unattended(case)
            raise


@dataclass(frozen=True, kw_only=True)
class PersonsAct(Act):
    """What a person does to a case, with the authority of the moment."""

    command: ActOnCase
    look_above_ore: int | None

    def query(self, at: datetime) -> CaseQuery:
        """See Act."""
        command, answers = self.command, self.answered
        return CaseQuery(
            self.case,
            command.by,
            at,
            card=command.card,
            named=answers.to or answers.attestant,
            proof=command.proof,
            revision=answers.revision,
            ends=answers.last_day is not None,
        )

    def authorize(self, context: DecisionContext, at: datetime) -> Authorization:
        """See Act."""
        revision = self.answered.revision
        if revision is not None:
            # Who may not answer, or answers an old question, is not told about fields first.
            self.authorize_row(context, at)
            context = replace(context, revised=revised(context.case, revision, _terms(context), at))
        authorization = self.authorize_row(context, at)
        check_answers(authorization.now, authorization.row, self.answered)
        last_day = self.answered.last_day
        if last_day is not None and authorization.row.asks is Asks.LAST_DAY:
            check_last_day(last_day, context.standing, day_of(at))
        return authorization

    def authorize_row(self, context: DecisionContext, at: datetime) -> Authorization:
        """The row by which it may be done, whatever was answered."""
        authorization = authorize(self._assured(context, at), self.command.action, self.command.seen)
        if authorization.row.who is Part.SIGNATORY and self.link is None:
            # However sure a surface is of who it is: the link is for one document, and is used up.
            raise errors.SignByLink
        return authorization

    def _assured(self, context: DecisionContext, at: datetime) -> DecisionContext:
        """The situation of the person, with what the press lets us be sure of."""
        command = self.command
        is_new = context.seen_at is not None and at - context.seen_at <= LOOK_LASTS
        is_asked = isinstance(command.by, Identity) and command.surface is Surface.SLACK
        above = self.look_above_ore if is_asked and not is_new else None
        who = replace(_assured_by(context, command, at), judged_at=at)
        return who if above is None else replace(who, stale_above_ore=above)


def check_texts(answers: Answers) -> None:
    """No text is kept that is longer than its field, or that holds a personnummer, whatever way it came.

    Raises FormError, or PersonalNumber, naming the text.
    """
    for name, most in ANSWER_LIMITS.items():
        text = getattr(answers, name)
        if len(text) > most:
            raise errors.FormError(fields={name: "too_long"})
        if text and find_personal_number(text):
            raise errors.PersonalNumber(field=name)


def _terms(context: DecisionContext) -> OfferTerms:
    assert context.terms is not None, context.case.id  # noqa: S101 - they are loaded with a form
    return context.terms


def _assured_by(context: DecisionContext, command: ActOnCase, at: datetime) -> DecisionContext:
    """The situation of a person who is as sure to be who it is as the surface, or a proof, lets us be."""
    by_surface = command.signed_in or assurance_by(command.surface, Asks.CONFIRMATION)
    if not command.proof or context.person is None:
        return replace(context, assurance=by_surface)
    case = context.case
    occasion = Occasion(context.person, case.id, case.step, case.content_version, command.action)
    unproven = check_proof(context.proof, occasion, at)
    if unproven is None:
        return replace(context, assurance=Assurance.EID_LINK)
    return replace(context, assurance=by_surface, proof=None, unproven=unproven)
