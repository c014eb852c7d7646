"""Personal links: what one lets its reader do, until when, and how its token is made. Pure."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.identity.accounts import Asking
from core.shared import errors
from core.shared.vocabulary import CardId, CaseId, LinkId, PersonId, Purpose

# How long a link is good for that is not for a step, or for one that does not end by itself.
LASTS: dict[Purpose, timedelta] = {
    Purpose.DECIDE: timedelta(days=30),
    Purpose.FOLLOW: timedelta(days=365),
    Purpose.READ: timedelta(days=1),
    Purpose.FETCH: timedelta(days=1),
}
# What is asked for at a step; a signature always is at one that ends.
OF_A_STEP = frozenset({Purpose.DECIDE, Purpose.SIGN})


@dataclass(frozen=True)
class PersonalLink:
    """A link for one person, or one address, one case and one purpose.

    `step` and `content_version` are those of the case that a decision is for; `document_hash` is of the document that a
    signature is for, or that is read. `used_at` is when it was used up; one to follow or to read by is not.
    """

    id: LinkId
    purpose: Purpose
    case: CaseId
    email: str
    created_at: datetime
    expires_at: datetime
    person: PersonId | None = None
    step: int | None = None
    content_version: int | None = None
    document_hash: str | None = None
    used_at: datetime | None = None

    @property
    def asking(self) -> Asking | None:
        """Whoever follows it: a mail goes to a person, with every role that she has."""
        return None if self.person is None else Asking(self.person)


def link_key(secret_key: str) -> bytes:
    """Derive the key of all tokens from the operator's secret."""
    return hmac.digest(secret_key.encode(), b"kundportal personal links", "sha256")


def link_token(key: bytes, link: LinkId) -> str:
    """Make the token of a link, 43 letters, always the same. Only whoever has the key can make it."""
    return urlsafe_b64encode(hmac.digest(key, link.encode(), "sha256")).rstrip(b"=").decode()


def seal_card(key: bytes, card: CardId) -> str:
    """Make the token of a page about a card without a case: the card's id, and what only the key's holder makes of
    it.
    """
    return f"{card}.{_mark(key, card)}"


def card_sealed_in(key: bytes, token: str) -> CardId:
    """Return the card that a token was made for. Raise LinkUnknown for what the key did not make."""
    card, _, mark = token.partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(key, CardId(card)).encode()):
        raise errors.LinkUnknown
    return CardId(card)


def _mark(key: bytes, card: CardId) -> str:
    # No id of a link begins like that, so what opens a page of one kind opens none of the other.
    return link_token(key, LinkId(f"card {card}"))


def expiry(purpose: Purpose, at: datetime, step_ends: datetime | None = None) -> datetime:
    """Return when a link made now expires: one to decide or to sign by, when the clock ends its step."""
    if step_ends is not None and purpose in OF_A_STEP:
        return step_ends
    return at + LASTS[purpose]


def check_link(link: PersonalLink, purpose: Purpose, at: datetime) -> None:
    """Raise LinkUnknown for another purpose, LinkUsed or LinkExpired."""
    if link.purpose is not purpose:
        raise errors.LinkUnknown
    if link.used_at is not None:
        raise errors.LinkUsed(case=link.case, at=link.used_at)
    if link.expires_at <= at:
        raise errors.LinkExpired(case=link.case, at=link.expires_at)


def check_follower(link: PersonalLink, administrator: str) -> None:
    """Raise LinkPassedOn for a link to follow by that went to another address than the administrator's now."""
    if link.purpose is Purpose.FOLLOW and link.email.casefold() != administrator.casefold():
        raise errors.LinkPassedOn(case=link.case)


def check_document(link: PersonalLink, document_hash: str) -> None:
    """Raise LinkChanged when the document is another than the link was made for."""
    if link.document_hash != document_hash:
        raise errors.LinkChanged(case=link.case)
