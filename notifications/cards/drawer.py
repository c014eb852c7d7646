"""What cards say now: a batch of them drawn from the database as it stands, each in its reader's language."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from core.api import (
    Action,
    AddressedView,
    Asking,
    CardId,
    CaseView,
    InboxPage,
    InboxQuery,
    Language,
    LinkState,
    ListedCase,
    OrderError,
    Recipient,
    Seen,
    Transition,
    contact_in_parts,
)
from notifications.cards.card import ASKS, Card, administers, asks_too_late, is_news, is_of_another, stands, why
from notifications.cards.digests import read_gathered, reminded
from notifications.cards.notes import CardNotes, CardReader, read_notes
from notifications.cards.week_notes import TOLD_FOR
from notifications.database import Transactions
from notifications.render.drawings import CardFacts
from notifications.render.model import Called, CardMessage
from notifications.render.pieces.facts import CardStanding, Lost
from notifications.rules.announcements import LETS_CONFIRM, CardKind

# What tells that an application has come in.
OF_WHAT_CAME_IN = frozenset({CardKind.APPLICATION, CardKind.APPLICATION_RECEIVED, CardKind.NEW_ADMINISTRATOR})
# Of so many a message of all that waits knows whether they are to be kept; it names the first few.
READ_FOR_A_DIGEST = 20
Draw = Callable[[CardFacts, CaseView | None, Language], CardMessage]

log = logging.getLogger(__name__)


class AddressedReads(Protocol):
    """Reads cases for whom cards are to; `Queries` of the core does."""

    async def addressed(self, recipients: Sequence[Recipient], at: datetime) -> Mapping[Recipient, AddressedView]:
        """Return what each recipient may know, in a constant number of statements."""
        ...


class WaitingLists(Protocol):
    """Reads what waits for somebody; the core's `Inbox` does."""

    async def page(self, who: Asking, query: InboxQuery, at: datetime) -> InboxPage:
        """Return a page of a list."""
        ...


@dataclass(frozen=True)
class DrawnCard:
    """A card as it is to be shown, the revision that it shows, and in which language.

    `asks` is what a card that waits for its reader's answer asks about, None for any other; `offers` is what it offers.
    `reader` is the name of whom it is to. `document_hash` is of the agreement that an application is about. `step_ends`
    is when the clock ends the step, where it does. `view` is the case as the reader may see it.
    `called` are the accounts that a message in a channel calls.
    """

    message: CardMessage
    revision: int
    language: Language
    asks: Seen | None = None
    offers: Sequence[Transition] = ()
    reader: str | None = None
    document_hash: str | None = None
    step_ends: datetime | None = None
    view: CaseView | None = None
    called: Sequence[Called] = ()


@dataclass(frozen=True)
class Batch:
    """Everything that some cards are drawn from, read at one time; `language` is the workspace's.

    `waiting` is what waits for the readers of those cards that tell of all of it, `news` what these tell beside it.
    """

    found: Mapping[Recipient, AddressedView]
    known: CardNotes
    language: Language
    at: datetime
    waiting: Mapping[CardId, InboxPage] = field(default_factory=dict[CardId, InboxPage])
    news: Mapping[CardId, Sequence[tuple[CardKind, ListedCase]]] = field(
        default_factory=dict[CardId, Sequence[tuple[CardKind, ListedCase]]]
    )

    def about(self, card: Card) -> AddressedView | None:
        """Return the case of a card for its reader, None for a card of none."""
        recipient = recipient_of(card)
        return None if recipient is None else self.found[recipient]

    def note(self, card: Card, name: str) -> str | None:
        """Return something that a card without a case tells, None where it does not."""
        return self.known.notes.get(card.id, {}).get(name)


def recipient_of(card: Card) -> Recipient | None:
    """Return whom a card of a case is to, None for a card of none."""
    return None if card.case is None else Recipient(card.case, card.part, card.person, card.step)


@dataclass(frozen=True)
class CardDrawer:
    """Draws cards. `environment` and `portal_url` stand in every one."""

    database: Transactions
    cases: AddressedReads
    lists: WaitingLists
    draw: Draw
    environment: str
    portal_url: str

    async def read(self, batch: Sequence[Card], language: Language, at: datetime) -> Batch:
        """Return what a batch is drawn from, read in a constant number of statements, and as many for each digest."""
        digests = [card.id for card in batch if card.kind is CardKind.DIGEST]
        told = await self.database.read(lambda connection: read_gathered(connection, digests)) if digests else []
        to = dict.fromkeys(recipient for card in (*batch, *told) if (recipient := recipient_of(card)) is not None)
        found: Mapping[Recipient, AddressedView] = await self.cases.addressed(tuple(to), at) if to else {}
        known = await self.database.read(lambda connection: read_notes(connection, batch, at))
        news: dict[CardId, list[tuple[CardKind, ListedCase]]] = {}
        for card in told:
            recipient = recipient_of(card)
            if recipient is None or card.asked_in is None:
                continue
            if is_news(card, addressed := found[recipient]):
                news.setdefault(card.asked_in, []).append((card.kind, ListedCase(addressed.view, card.part)))
        return Batch(found, known, language, at, await self._waiting(batch, at), news)

    async def _waiting(self, batch: Sequence[Card], at: datetime) -> Mapping[CardId, InboxPage]:
        found: dict[CardId, InboxPage] = {}
        for card in batch:
            if card.kind is not CardKind.DIGEST or card.person is None:
                continue
            try:
                who = await self.database.read(partial(reminded, card=card, person=card.person))
                found[card.id] = await self.lists.page(who, InboxQuery(size=READ_FOR_A_DIGEST), at)
            except (OrderError, SQLAlchemyError):
                raise
            except Exception:
                # One case that cannot be read keeps nobody else's messages back.
                log.exception("digest_not_read card=%s", card.id)
        return found

    def has_nothing_to_tell(self, card: Card, batch: Batch) -> bool:
        """Return whether nobody needs what stands nowhere yet: of an order closed long ago, or a notice.

        Also what an application says by itself, once that has come to nothing, and of a week that is long over, or no
        business of its reader any more.
        """
        if card.is_reduced:
            return card.place is None
        if card.place is not None:
            return False
        if (is_over := _OVER.get(card.kind)) is not None:
            return is_over(batch, card)
        found = batch.about(card)
        if found is None:
            return False
        if card.kind in OF_WHAT_CAME_IN:
            return not found.view.is_open and _is_not_drawn_up(found.view)
        if card.kind is not CardKind.UNDELIVERED:
            return False
        lost = batch.known.notes.get(card.id, {}).get("lost", Lost.REQUEST)
        return lost == Lost.NOTHING or (lost == Lost.REQUEST and not found.view.is_open)

    def asks_too_late(self, card: Card, batch: Batch) -> bool:
        """Return whether a card would ask, of a case that has moved on: such a mail cannot be edited or taken back."""
        found = batch.about(card)
        return found is not None and asks_too_late(card, found)

    def is_to_an_outsider(self, card: Card, batch: Batch) -> bool:
        """Return whether a card that stands nowhere yet is to somebody who has no part in its order any more."""
        found = batch.about(card)
        return card.place is None and found is not None and found.recipient.is_outsider

    def drawn(self, card: Card, batch: Batch, language: Language | None = None) -> DrawnCard:
        """Return a card as it is to be shown: in a language asked for, else in its reader's, else the workspace's."""
        found, reader = batch.about(card), batch.known.of(card)
        view = None if found is None else found.view
        facts = self._facts(card, batch)
        if found is not None:
            facts = about(facts, card, found)
        contact = None if view is None or card.email is None else contact_in(view, card.email)
        applied = view.application if view is not None and contact is not None else None
        language = language or (reader and reader.language) or (contact and contact.language) or batch.language
        return DrawnCard(
            message=self.draw(facts, view, language),
            revision=card.must_show if view is None else view.revision,
            language=language,
            asks=asked(facts, view),
            offers=() if view is None else view.offers.get(card.part, ()),
            reader=(reader and reader.name) or (contact and contact.name),
            document_hash=applied and applied.document_hash,
            step_ends=view and view.expires_at,
            view=view,
            called=batch.known.called.get(card.id, ()),
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
            is_reduced=card.is_reduced,
            may_stand_twice=card.doubted_at is not None,
            told=batch.known.told.get(card.id),
            week=batch.known.weeks.get(card.id),
            waiting=batch.waiting.get(card.id),
            news=batch.news.get(card.id, ()),
        )


def _is_no_news(batch: Batch, card: Card) -> bool:
    week = batch.known.weeks.get(card.id)
    return week is None or batch.at - week.made_at > TOLD_FOR


# When what a notice tells is over before it stands anywhere.
_OVER: Mapping[CardKind, Callable[[Batch, Card], bool]] = {
    CardKind.SLACK_OFF: lambda batch, card: bool(batch.note(card, "is_on")),
    CardKind.CHANNEL_LOST: lambda batch, card: not batch.note(card, "error"),
    CardKind.GUEST: lambda batch, card: batch.note(card, "state") != LinkState.ASKED,
    CardKind.WEEKLY_REPORT: _is_no_news,
    CardKind.DIGEST: lambda batch, card: (
        card.id in batch.waiting and not batch.waiting[card.id].rows and card.id not in batch.news
    ),
}


def contact_in(view: CaseView, email: str) -> CardReader:
    """Return whom a case names with an address; the name is empty where the case names another by now."""
    if view.application is not None:
        named = view.application.contact(email)
        return CardReader("" if named is None else named.name, email, view.application.language)
    technical = contact_in_parts(view.technical_contact)
    return CardReader(technical.name if technical.email == email else "", email, view.orderer_language)


def _is_not_drawn_up(view: CaseView) -> bool:
    return view.application is None or view.application.document_hash is None


def asked(facts: CardFacts, view: CaseView | None) -> Seen | None:
    """What a card asks its reader about now: the step and version of a case that waits for an answer to it."""
    if (
        view is None
        or facts.is_reduced
        or not (facts.kind in ASKS or _lets_confirm(facts, view))
        or facts.stands is not CardStanding.LIVE
        or not view.offers.get(facts.part)
    ):
        return None
    return Seen(view.step, view.content_version)


def _lets_confirm(facts: CardFacts, view: CaseView) -> bool:
    offered = (row.does for row in view.offers.get(facts.part, ()))
    return facts.kind in LETS_CONFIRM and Action.CONFIRM_CONNECTION in offered


def about(facts: CardFacts, card: Card, found: AddressedView) -> CardFacts:
    """Return the facts of a card with what its case says of it and its reader."""
    return replace(
        facts,
        step=card.step,
        stands=stands(card, found),
        why=why(card, found),
        handed_by=found.recipient.handed_by,
        has_claimed=found.recipient.has_claimed,
        takes=found.recipient.takes,
        is_of_another=is_of_another(card, found),
        administers=administers(card, found),
        is_reduced=facts.is_reduced or found.recipient.is_outsider,
    )
