"""The table of disclosure: which side of an order sees which fact (the information barrier, domain: 5.4).

A view made for one side is a `DisclosedView`: each of its fields names its fact, and no side holds another's.
"""

from collections import abc
from collections.abc import Mapping
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated, ClassVar, TypeVar, get_args, get_origin

from core.shared.value_objects import value
from core.shared.vocabulary import Action, Payer, Side


class Fact(StrEnum):
    """A fact about an order that not everybody may see, or that everybody may."""

    SERVICE = "service"
    CUSTOMER = "customer"
    AGENT = "agent"
    UNITS = "units"
    DESIRED_START = "desired_start"
    TECHNICAL_CONTACT = "technical_contact"
    REASON = "reason"
    CUSTOMER_COST = "customer_cost"
    AGENT_COST = "agent_cost"
    INVOICE = "invoice"
    COMMENT = "comment"
    CUSTOMER_NAMES = "customer_names"
    AGENT_NAMES = "agent_names"
    INERA_NAMES = "inera_names"
    CUSTOMER_INTERNAL = "customer_internal"
    AGENT_INTERNAL = "agent_internal"
    CUSTOMER_QUESTION = "customer_question"
    AGENT_QUESTION = "agent_question"
    INERA_QUESTION = "inera_question"
    SENT_BACK = "sent_back"
    CUSTOMER_EMERGENCY = "customer_emergency"
    AGENT_EMERGENCY = "agent_emergency"
    CUSTOMER_BLOCK = "customer_block"
    AGENT_BLOCK = "agent_block"
    APPROVAL_COMMENT = "approval_comment"
    CUSTOMER_ATTEST_COMMENT = "customer_attest_comment"
    AGENT_ATTEST_COMMENT = "agent_attest_comment"
    HOLD = "hold"
    CHANGE_OF_AGENT = "change_of_agent"
    EXTERNAL_CASE_REF = "external_case_ref"
    TEMPLATE = "template"
    INSTRUCTIONS = "instructions"
    AGENT_MESSAGE = "agent_message"
    APPLICATION = "application"
    AROUND_APPLICATION = "around_application"  # what the register and other applications say of the applicant


C, A, I = Side.CUSTOMER, Side.AGENT, Side.INERA  # noqa: E741 - column heads of the table below

# fmt: off
DISCLOSURE: dict[Fact, frozenset[Side]] = {
    Fact.SERVICE:           frozenset({C, A, I}),
    Fact.CUSTOMER:          frozenset({C, A, I}),
    Fact.AGENT:             frozenset({C, A, I}),
    Fact.UNITS:             frozenset({C, A, I}),
    Fact.DESIRED_START:     frozenset({C, A, I}),
    Fact.TECHNICAL_CONTACT: frozenset({C, A, I}),
    Fact.REASON:            frozenset({C, A, I}),
    Fact.CUSTOMER_COST:     frozenset({C,    I}),
    Fact.AGENT_COST:        frozenset({   A, I}),
    Fact.INVOICE:           frozenset({C,    I}),
    Fact.COMMENT:           frozenset({C,    I}),
    Fact.CUSTOMER_NAMES:    frozenset({C,    I}),
    Fact.AGENT_NAMES:       frozenset({   A, I}),
    Fact.INERA_NAMES:       frozenset({      I}),
    Fact.CUSTOMER_INTERNAL: frozenset({C}),
    Fact.AGENT_INTERNAL:    frozenset({   A}),
    Fact.CUSTOMER_QUESTION: frozenset({C}),
    Fact.AGENT_QUESTION:    frozenset({C, A, I}),
    Fact.INERA_QUESTION:    frozenset({C,    I}),
    Fact.SENT_BACK:         frozenset({   A}),
    Fact.CUSTOMER_EMERGENCY: frozenset({C,   I}),
    Fact.AGENT_EMERGENCY:   frozenset({   A, I}),
    Fact.CUSTOMER_BLOCK:    frozenset({C,    I}),
    Fact.AGENT_BLOCK:       frozenset({   A, I}),
    Fact.APPROVAL_COMMENT:  frozenset({C, A, I}),
    Fact.CUSTOMER_ATTEST_COMMENT: frozenset({C, I}),
    Fact.AGENT_ATTEST_COMMENT: frozenset({A, I}),
    Fact.HOLD:              frozenset({C,    I}),
    Fact.CHANGE_OF_AGENT:   frozenset({C,    I}),
    Fact.EXTERNAL_CASE_REF: frozenset({C,    I}),
    Fact.TEMPLATE:          frozenset({      I}),
    Fact.INSTRUCTIONS:      frozenset({C,    I}),
    Fact.AGENT_MESSAGE:     frozenset({   A, I}),
    Fact.APPLICATION:       frozenset({C,    I}),
    Fact.AROUND_APPLICATION: frozenset({     I}),
}
# fmt: on
if without_a_row := [fact for fact in Fact if fact not in DISCLOSURE]:
    raise LookupError(without_a_row)

NAMES_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_NAMES, A: Fact.AGENT_NAMES, I: Fact.INERA_NAMES}
COST_OF: dict[Payer, Fact] = {Payer.CUSTOMER: Fact.CUSTOMER_COST, Payer.AGENT: Fact.AGENT_COST}
INTERNAL_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_INTERNAL, A: Fact.AGENT_INTERNAL}
# A question and its answer, by the side of who asked; what is sent back within the agent stays there.
QUESTION_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_QUESTION, A: Fact.AGENT_QUESTION, I: Fact.INERA_QUESTION}
# Why a reserve attestant attested, and why nobody on a side can decide.
EMERGENCY_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_EMERGENCY, A: Fact.AGENT_EMERGENCY}
BLOCK_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_BLOCK, A: Fact.AGENT_BLOCK}
# What is said beside an attest is about money of the own side. Beside an approval it is meant for the other side too.
ATTEST_COMMENT_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_ATTEST_COMMENT, A: Fact.AGENT_ATTEST_COMMENT}


# Who stepped aside, and for whom, is the own side's matter, which Inera may see; so is who took over from whom there.
OF_A_SIDE = frozenset({Action.HAND_OVER, Action.RECUSE, Action.TAKE_OVER})


def hears_of(reader: Side, action: Action, of: Side | None) -> bool:
    """Say whether people of a side may hear that somebody of a side did something."""
    if action is Action.SEND_BACK:
        return sees(reader, Fact.SENT_BACK)
    return action not in OF_A_SIDE or reader in {of, Side.INERA}


def sees(side: Side, fact: Fact) -> bool:
    """Say whether people of a side may see a fact."""
    return side in DISCLOSURE[fact]


T = TypeVar("T")


class Shown(Enum):
    """To whom a field says something that is no fact of the table."""

    TO_ALL = "to_all"  # hidden from nobody
    BY_RULE = "by_rule"  # which sides hangs on the case: whose step or question it is, who pays; a rule beside it says


class UndisclosedField(TypeError):
    """A field of a view names no fact of the table of disclosure, nor says who sees it."""

    def __init__(self, view: type, name: str) -> None:
        super().__init__(f"{view.__name__}.{name}")


class NeverEmpty(UndisclosedField):
    """A field of a view shows a fact that is hidden from a side, and has no value that says nothing."""


ToAll = Annotated[T, Shown.TO_ALL]
ByRule = Annotated[T, Shown.BY_RULE]
Shows = Fact | Shown


@value
class DisclosedView:
    """A value made for one side.

    Each field is annotated with the fact that it shows: a class with one that is not is refused when it is made. What
    its side may not see by the table of disclosure it does not hold, whatever it was made with.
    """

    shows: ClassVar[Mapping[str, Shows]] = {}

    side: ToAll[Side]

    def __init_subclass__(cls) -> None:
        """Note which fact each field shows. Raises UndisclosedField for one that names none, or is never empty."""
        own = {name: _shown_by(cls, name, hint) for name, hint in cls.__annotations__.items()}
        cls.shows = {**cls.shows, **own}

    def __post_init__(self) -> None:
        """Leave empty what the side may not see."""
        for name, nothing in hidden_from(type(self), self.side):
            setattr(self, name, nothing)


@cache
def hidden_from(view: type[DisclosedView], side: Side) -> tuple[tuple[str, object], ...]:
    """Return the fields of a view that hold nothing for a side, each with the nothing that it holds."""
    hidden = [name for name, shown in view.shows.items() if isinstance(shown, Fact) and not sees(side, shown)]
    return tuple((name, _nothing(view, name)) for name in hidden)


def _shown_by(view: type[DisclosedView], name: str, hint: object) -> Shows:
    named = [each for each in get_args(hint)[1:] if isinstance(each, Fact | Shown)]
    if get_origin(hint) is not Annotated or len(named) != 1:
        raise UndisclosedField(view, name)
    (shown,) = named
    if isinstance(shown, Fact) and not all(sees(side, shown) for side in Side):
        _empty(view, name, hint)
    return shown


# What a field of a kind holds for whoever may not see it.
_EMPTY: dict[object, object] = {str: "", int: 0, bool: False, tuple: (), frozenset: frozenset(), abc.Mapping: {}}


def _empty(view: type[DisclosedView], name: str, hint: object) -> object:
    of = get_args(hint)[0]
    if type(None) in get_args(of):
        return None
    kind = get_origin(of) or of
    if kind not in _EMPTY:
        raise NeverEmpty(view, name)
    return _EMPTY[kind]


def _nothing(view: type[DisclosedView], name: str) -> object:
    hint = next(each.__annotations__[name] for each in view.__mro__ if name in getattr(each, "__annotations__", {}))
    return _empty(view, name, hint)
