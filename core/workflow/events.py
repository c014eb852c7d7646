"""Facts, in the past tense, and what a transition leaves to be written beside the case."""

from core.shared.value_objects import value
from core.shared.vocabulary import CardId, Part, PersonId
from core.workflow.case import Case, Decision
from core.workflow.context import CardPlace


@value
class CaseAdvanced:
    """A case moved, or changed within its state (claim, release, escalate).

    `pressed` is the card it was decided on, and where that was known to stand; None where no card was pressed.
    """

    before: Case
    after: Case
    decision: Decision
    pressed: CardPlace | None = None


@value
class NewCard:
    """A card that must be sent: to a person, to a contact by mail, or (neither) to the channel of customer service.

    `about` is what it is about where that is no case: an account.
    """

    id: CardId
    kind: str
    part: Part
    person: PersonId | None
    email: str | None = None
    about: str | None = None


@value
class Outbox:
    """What people are owed after an event: new cards, and the kinds of existing cards that must be repainted.

    `together` are the kinds of cards of which those of all applications with one number stand on that of the first.
    """

    cards: tuple[NewCard, ...] = ()
    repaint: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


@value
class Change:
    """Everything one decision writes, in one transaction guarded by `event.before.revision`."""

    event: CaseAdvanced
    outbox: Outbox
