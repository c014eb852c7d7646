"""What cards say now: a batch of them drawn from the database as it stands, each in its reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from core.api import (
    SIDE_OF,
    CaseId,
    CaseRecord,
    CaseView,
    DecisionContext,
    Grant,
    Language,
    PersonId,
    Seen,
    Transition,
    disclose,
    sides_of,
)
from notifications.cards import readers
from notifications.cards.card import Card
from notifications.cards.readers import Readers
from notifications.cards.standing import ASKS_IN, administers, handed_by, is_of_another, is_too_late, stands, why
from notifications.database import Transactions
from notifications.render.blocks import CardFacts
from notifications.render.model import CardMessage
from notifications.render.pieces.facts import CardStanding, Lost
from notifications.rules.announcements import CardKind

# What tells that an application has come in.
OF_WHAT_CAME_IN = frozenset({CardKind.APPLICATION, CardKind.APPLICATION_RECEIVED, CardKind.NEW_ADMINISTRATOR})
Draw = Callable[[CardFacts, CaseView | None, Language], CardMessage]


class RecordReads(Protocol):
    """Reads cases for drawing, and who may see them; `Queries` of the core does."""

    async def records(self, cases: Sequence[CaseId]) -> Mapping[CaseId, CaseRecord]:
        """Cases with every name around them, in a constant number of statements."""
        ...

    async def grants_of(self, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
        """The rights that people have now, in one statement."""
        ...


@dataclass(frozen=True)
class DrawnCard:
    """A card as it is to be shown, the revision that it shows, and in which language.

    `asks` is what a card that waits for its reader's answer asks about, None for any other; `offers` is what it offers.
    `reader` is the name of whom it is to. `document_hash` is of the agreement that an application is about. `step_ends`
    is when the clock ends the step, where it does.
    """

    message: CardMessage
    revision: int
    language: Language
    asks: Seen | None = None
    offers: Sequence[Transition] = ()
    reader: str | None = None
    document_hash: str | None = None
    step_ends: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Everything that some cards are drawn from, read at one time; `language` is the workspace's.

    `grants` are the rights that their readers have now.
    """

    found: Mapping[CaseId, CaseRecord]
    known: Readers
    language: Language
    at: datetime
    grants: Mapping[PersonId, Sequence[Grant]]

    def is_of_an_outsider(self, card: Card) -> bool:
        """True for a card of an order on whose side its reader has no part any more: it tells nothing new."""
        case = self.found[card.case].case if card.case is not None else None
        if case is None or not case.is_order or card.person is None:
            return False
        reader = DecisionContext(case, card.person, tuple(self.grants.get(card.person, ())))
        return SIDE_OF[card.part] not in sides_of(reader)


@dataclass(frozen=True)
class CardDrawer:
    """Draws cards. `environment` and `portal_url` stand in every one."""

    database: Transactions
    dossiers: RecordReads
    draw: Draw
    environment: str
    portal_url: str

    async def read(self, batch: Sequence[Card], language: Language, at: datetime) -> Batch:
        """What a batch is drawn from, in a constant number of statements."""
        cases = tuple(dict.fromkeys(card.case for card in batch if card.case is not None))
        found: Mapping[CaseId, CaseRecord] = await self.dossiers.records(cases) if cases else {}
        known = await self.database.read(lambda connection: readers.read(connection, batch))
        people = [card.person for card in batch if card.case is not None and card.person is not None]
        grants: Mapping[PersonId, Sequence[Grant]] = await self.dossiers.grants_of(people, at) if people else {}
        return Batch(found, known, language, at, grants)

    def is_needless(self, card: Card, batch: Batch) -> bool:
        """True for what stands nowhere yet and nobody needs any more: of an order closed long ago, or a notice.

        Also what an application says by itself, once that has come to nothing.
        """
        if card.is_reduced:
            return card.place is None
        if card.place is None and card.kind in OF_WHAT_CAME_IN and card.case is not None:
            case = batch.found[card.case].case
            return case.closed_at is not None and case.application.document is None
        if card.kind is not CardKind.UNDELIVERED or card.place is not None or card.case is None:
            return False
        lost = batch.known.notes.get(card.id, {}).get("lost", Lost.REQUEST)
        is_closed = batch.found[card.case].case.closed_at is not None
        return lost == Lost.NOTHING or (lost == Lost.REQUEST and is_closed)

    def is_too_late(self, card: Card, batch: Batch) -> bool:
        """True for a card that would ask, of a case that has moved on: such a mail cannot be edited, nor taken back."""
        return card.case is not None and is_too_late(card, batch.found[card.case].case)

    def is_untold(self, card: Card, batch: Batch) -> bool:
        """True for what stands nowhere yet, to somebody who has no part in its order any more."""
        return card.place is None and batch.is_of_an_outsider(card)

    def page(self, card: Card, batch: Batch, language: Language | None = None) -> DrawnCard:
        """A card as it is to be shown: in a language asked for, else in its reader's, else the workspace's."""
        dossier = batch.found[card.case] if card.case is not None else None
        view = disclose(dossier, SIDE_OF[card.part]) if dossier is not None else None
        reader = batch.known.of(card)
        facts = self._facts(card, batch)
        if dossier is not None:
            facts = about(facts, card, dossier)
        applied = view.application if view is not None and card.email is not None else None
        language = language or (reader and reader.language) or (applied and applied.language) or batch.language
        message = self.draw(facts, view, language)
        revision = card.must_show if view is None else view.revision
        offers = () if view is None else view.offers.get(card.part, ())
        contact = applied and applied.contact(card.email)
        return DrawnCard(
            message,
            revision,
            language,
            asked(facts, view),
            offers,
            (reader and reader.name) or (contact and contact.name),
            applied and applied.document_hash,
            view and view.expires_at,
        )

    def _facts(self, card: Card, batch: Batch) -> CardFacts:
        reader = batch.known.of(card)
        return CardFacts(
            id=card.id,
            kind=card.kind,
            part=card.part,
            environment=self.environment,
            reader=reader and reader.name,
            portal_url=self.portal_url,
            administers=administers(card, None),
            note=batch.known.notes.get(card.id, {}),
            at=batch.at,
            is_reduced=card.is_reduced or batch.is_of_an_outsider(card),
            told=batch.known.told.get(card.id),
        )


def asked(facts: CardFacts, view: CaseView | None) -> Seen | None:
    """What a card asks its reader about now: the step and version of a case that waits for an answer to it."""
    if (
        view is None
        or facts.is_reduced
        or facts.kind not in ASKS_IN
        or facts.stands is not CardStanding.LIVE
        or not view.offers.get(facts.part)
    ):
        return None
    return Seen(view.step, view.content_version)


def about(facts: CardFacts, card: Card, dossier: CaseRecord) -> CardFacts:
    """The facts of a card with what its case says of it and its reader."""
    return replace(
        facts,
        step=card.step,
        stands=stands(card, dossier.case),
        why=why(card, dossier),
        handed_by=handed_by(card, dossier),
        is_of_another=is_of_another(card, dossier.case),
        administers=administers(card, dossier.case),
    )
