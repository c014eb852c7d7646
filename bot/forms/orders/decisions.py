"""The modals of a decision: confirm it, certify an approval. Those that ask why stand in `reasons`."""

from collections.abc import Iterator, Sequence

from bot.forms.inputs import (
    OPTIONS_LIMIT,
    FieldErrors,
    Typed,
    answer_lines,
    answers_too_long,
    asked,
    choice_in,
    is_ticked,
    missing,
    modal,
    options,
    select,
    text_in,
    tick,
)
from core.api import (
    TRAITS,
    Action,
    Answers,
    CaseView,
    Language,
    PersonId,
    Side,
    Transition,
)
from notifications.render.model import Block, Bold, Dialog, Line, Option
from notifications.render.pieces.parts import on_one_line, rich, small, woven
from notifications.render.pieces.words import PAYER_OF, CaseWords
from notifications.texts import cost, day, keys, say

# What is sent with no more than a sentence on what comes of it.
SAYS_WHAT_FOLLOWS = frozenset(
    {Action.WITHDRAW, Action.RECUSE, Action.APPROVE, Action.CONFIRM_CONNECTION, Action.KEEP, Action.REMIND_NOW}
)
COMMENT = "comment"


class ConfirmModal:
    """Says once more what one is about to do, for whom and for how much; its button states the act."""

    CALLBACK = "kp.confirm"

    @classmethod
    def build(
        cls,
        view: CaseView,
        transition: Transition,
        metadata: str,
        language: Language,
        *,
        absent: str | None = None,
        has_attested: bool = False,
    ) -> Dialog:
        """Return the modal for a row that asks for a confirmation.

        `absent` is whose authority a substitute uses; `has_attested` of one whose attest ceases to count.
        """
        words, does = CaseWords(view, language), transition.does
        title, submit = heading(words, does)
        body = cls._body(words, does, absent)
        if has_attested:
            body.insert(1, rich([say(language, "confirm.own_attest")]))
        if does is Action.RECUSE and not transition.keeps_step:
            body.insert(1, rich([say(language, "confirm.own_approval")]))
        if transition.takes_comment:
            body.insert(-1, _comment(words, does))
        return modal(language, cls.CALLBACK, title, metadata, body, submit)

    @staticmethod
    def read(values: Typed) -> Answers | FieldErrors:
        """Submitting is the answer; what may be added to it is too long, or goes with it."""
        return answers_too_long(values, COMMENT) or Answers(confirmed=True, comment=text_in(values, COMMENT))

    @classmethod
    def _body(cls, words: CaseWords, does: Action, absent: str | None) -> list[Block]:
        if does is Action.RECUSE and words.view.side is Side.INERA:
            return [rich(words.rich("confirm.recuse_at_service")), small(words.number())]
        if words.view.application is not None:
            key = f"applied.confirm.{does}" if does in {Action.APPROVE, Action.RENEW} else "applied.confirm.other"
            return [rich(words.rich(key)), small(words.number())]
        if does is Action.ATTEST:
            return cls._attest(words, absent)
        if does in SAYS_WHAT_FOLLOWS:
            return [rich(words.rich(f"confirm.{does}")), small(words.number())]
        return [_which(words)]

    @staticmethod
    def _attest(words: CaseWords, absent: str | None) -> list[Block]:
        about = rich(words.rich(f"confirm.attest.{words.view.side}"), *amounts(words))
        return [about, _binding(words, "confirm.no_eid", absent), small(words.number())]


class ApproveModal:
    """Asks the agent's orderer for the certificate, and for who shall attest."""

    CALLBACK = "kp.approve"
    CERTIFIED, ATTESTANT = "certified", "attestant"
    ATTESTANTS = "kp.attestants"
    ALL = "all"

    @classmethod
    def build(
        cls,
        view: CaseView,
        transition: Transition,
        metadata: str,
        language: Language,
        *,
        attestants: Sequence[tuple[PersonId, str]] = (),
        absent: str | None = None,
    ) -> Dialog:
        """The modal for a row that asks for a certificate; `attestants` may attest after it, `absent` is as above."""
        words, does = CaseWords(view, language), transition.does
        box = tick(cls.CERTIFIED, say(language, "approve.certificate"))
        certificate = asked(cls.CERTIFIED, words.say("approve.certify"), box)
        blocks = [
            rich(words.rich("approve.lead")),
            certificate,
            cls._attestant(words, attestants),
            _comment(words, does),
            _binding(words, "approve.no_eid", absent),
            small(words.number()),
        ]
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """That it is certified, the attestant chosen, None for all, and what was added."""
        problems = answers_too_long(values, COMMENT)
        if not is_ticked(values, cls.CERTIFIED):
            problems |= missing(cls.CERTIFIED)
        if problems:
            return FieldErrors(problems)
        chosen = choice_in(values, cls.ATTESTANT)
        attestant = None if chosen in {"", cls.ALL} else PersonId(chosen)
        return Answers(certified=True, attestant=attestant, comment=text_in(values, COMMENT))

    @classmethod
    def choices(cls, language: Language, attestants: Sequence[tuple[PersonId, str]]) -> list[Option]:
        """Return all, or one of them: the options of the menu, also when it asks for them while people type."""
        return options([(cls.ALL, say(language, "approve.all")), *attestants])

    @classmethod
    def _attestant(cls, words: CaseWords, attestants: Sequence[tuple[PersonId, str]]) -> Block:
        language = words.language
        listed = cls.choices(language, attestants)
        too_many = len(attestants) >= OPTIONS_LIMIT
        menu = select(cls.ATTESTANTS, say(language, "order.choose"), [] if too_many else listed, listed[0])
        return asked(cls.ATTESTANT, words.say("approve.attestant"), menu, say(language, "approve.attestant_hint"))


def _comment(words: CaseWords, does: Action) -> Block:
    """Return the field for what may be added to a yes, with who will read it."""
    hint = f"{words.say(f'comment.shown.{does}.{words.view.side}')} {say(words.language, 'hint.no_personal_data')}"
    return asked(COMMENT, words.field("comment"), answer_lines(COMMENT), hint, optional=True)


def heading(words: CaseWords, does: Action) -> tuple[str, str]:
    """Return what stands over the modal of an action, and on its button; of an application where that says more."""
    of_application = words.view.application is not None
    found = (f"applied.{part}.{does}" for part in ("title_of", "submit"))
    general = (f"confirm.{part}.{does}" for part in ("title", "submit"))
    title, submit = (
        words.say(own if of_application and own in keys() else other) for own, other in zip(found, general, strict=True)
    )
    return title, submit


def amounts(words: CaseWords) -> Iterator[Line]:
    """What the side decides about: the cost, what it becomes where another price is coming, and whose attest it is."""
    view, language = words.view, words.language
    if TRAITS[view.flow].is_offered:
        yield words.rich("confirm.cost", cost=cost(language, words.own_cost))
    coming = view.coming_costs.get(PAYER_OF[view.side])
    if coming is not None and view.coming_from is not None:
        said = {"day": day(language, view.coming_from), "cost": cost(language, coming)}
        yield words.rich("confirm.price_coming", **said)
    if not TRAITS[view.flow].is_offered and view.units:
        yield [f"{words.units_label}: ", Bold(words.names_of_units()), "."]
    if not TRAITS[view.flow].is_offered and view.desired_start is not None:
        yield [f"{words.field('desired_start')}: ", Bold(day(language, view.desired_start)), "."]
    if view.attests_needed > 1:
        counts = {"n": str(view.attests + 1), "m": str(view.attests_needed)}
        yield words.rich("confirm.of_several", **counts)


def _binding(words: CaseWords, how: str, absent: str | None) -> Block:
    """Return what a decision is: kept under one's name, in whose place, and made without an electronic signature."""
    language = words.language
    place = [] if absent is None else words.rich("confirm.as_substitute", absent=on_one_line(absent))
    return rich(place, [say(language, "confirm.logged")], [say(language, how)])


def _which(words: CaseWords) -> Block:
    return rich(
        woven(words.language, words.key("confirm.other"), words.names | {"organisation": words.names["customer"]})
    )
