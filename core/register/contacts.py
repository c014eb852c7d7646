"""Whom an order names to be asked about technology: by name, e-mail and telephone, or in one text as it was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.register.organisations import EMAIL
from core.shared.characters import persons_holds_address
from core.shared.personal_numbers import find_personal_number
from core.shared.phone_numbers import clean_phone_number, phone_number_as_dialled

# Characters that each may have.
CONTACT_NAME_LIMIT, CONTACT_EMAIL_LIMIT, CONTACT_PHONE_LIMIT = 200, 254, 40
ENCODED_WORD = "=?"


@dataclass(frozen=True)
class TechnicalContact:
    """Somebody at the customer who answers technical questions; `phone` is E.164 once it is part of an order."""

    name: str = ""
    email: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        """Say whether anything is stated."""
        return bool(self.name or self.email or self.phone)

    def __str__(self) -> str:
        """Return all of it on a line."""
        return ", ".join(filter(None, (self.name, self.email, phone_number_as_dialled(self.phone))))


NO_CONTACT = TechnicalContact()
# A text is what was written in one field, which may still come over HTTP.
WhomToAsk = TechnicalContact | str


def contact_problems(contact: TechnicalContact) -> Iterator[tuple[str, str]]:
    """Yield part and problem code of what cannot stand in an order; the sentences are `field_error.<code>`."""
    if len(contact.name) > CONTACT_NAME_LIMIT:
        yield "name", "too_long"
    elif find_personal_number(contact.name):
        yield "name", "personal_number"
    elif persons_holds_address(contact.name):
        yield "name", "address_in_name"
    if contact.name and not contact.email and not contact.phone:
        yield "email", "unreachable"
    if contact.email and not _is_email(contact.email):
        yield "email", "email"
    if contact.phone and clean_phone_number(contact.phone) is None:
        yield "phone", "phone"


def clean_contact(contact: WhomToAsk) -> WhomToAsk:
    """Return what is kept of a contact without problems."""
    if isinstance(contact, str) or not contact:
        return str(contact)
    return replace(contact, email=contact.email.lower(), phone=clean_phone_number(contact.phone) or "")


def contact_unchanged(contact: WhomToAsk, before: WhomToAsk) -> WhomToAsk:
    """Return the text that a contact was before, where it comes back from a form as a name alone; else the contact."""
    if isinstance(before, str) and before and contact == TechnicalContact(before.strip()):
        return before
    return contact


def contact_in_parts(contact: WhomToAsk) -> TechnicalContact:
    """Return a contact in the parts that a form has: what was written in one text stands as a name."""
    return TechnicalContact(contact) if isinstance(contact, str) else contact


def _is_email(email: str) -> bool:
    return len(email) <= CONTACT_EMAIL_LIMIT and bool(re.fullmatch(EMAIL, email)) and ENCODED_WORD not in email
