"""The application form: its fields and limits, and how it becomes an application."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.applications.application import Application, Contact
from core.register.organisations import EMAIL, clean_org_number, org_number_problem
from core.shared.characters import holds_address, is_drawn, persons_holds_address
from core.shared.errors import ApplicationFormError
from core.shared.personal_numbers import find_personal_number
from core.shared.traits import TRAITS
from core.shared.vocabulary import CustomerCategory, Flow, Language

# Characters a text of the form may have.
APPLICATION_LIMITS = {"organisation": 200, "invoice_address": 500, "invoice_ref": 100}
NAME_LIMIT, EMAIL_LIMIT = 200, 254
SIGNATORIES_LIMIT = 10
# What begins a word that mail programs decode; no mail is written to such an address.
ENCODED_WORD = "=?"


@dataclass(frozen=True)
class ApplicationForm:
    """An application as it was filled in: whatever was typed, stripped; nothing of it checked yet.

    `category` None where none was chosen; agents have none. `org_number` with or without hyphen, ten or twelve digits.
    """

    organisation: str
    org_number: str
    category: CustomerCategory | None
    invoice_address: str
    invoice_ref: str
    administrator: Contact
    signatories: tuple[Contact, ...]
    signatures_needed: int
    agreement_contact: Contact
    terms_accepted: bool
    language: Language = Language.SV

    @property
    def contacts(self) -> tuple[tuple[str, Contact], ...]:
        """Everybody named, and the name of the field."""
        signatories = ((f"signatories.{number}", contact) for number, contact in enumerate(self.signatories))
        return (
            ("administrator", self.administrator),
            *signatories,
            ("agreement_contact", self.agreement_contact),
        )


def application_from(form: ApplicationForm, flow: Flow) -> Application:
    """Make the application of a form. Raise ApplicationFormError naming every field with a problem.

    The contacts' fields are `administrator.name`, `signatories.0.email` and so on.
    """
    problems = dict(reversed(list(_problems(form, flow))))
    number = clean_org_number(form.org_number)
    if problems or number is None:
        wrong = {"org_number": org_number_problem(form.org_number)} if number is None else {}
        raise ApplicationFormError(fields=wrong | problems)
    return Application(
        organisation=form.organisation,
        org_number=number,
        category=form.category if TRAITS[flow].asks_for_category else None,
        invoice_address=form.invoice_address,
        invoice_ref=form.invoice_ref,
        administrator=_contact(form.administrator),
        signatories=tuple(map(_contact, form.signatories)),
        signatures_needed=form.signatures_needed,
        agreement_contact=_contact(form.agreement_contact),
        language=form.language,
    )


def _contact(contact: Contact) -> Contact:
    return Contact(contact.name, contact.email.lower())


def _problems(form: ApplicationForm, flow: Flow) -> Iterator[tuple[str, str]]:
    """Yield field name and problem code of every problem, first those that count; sentences are
    `field_error.<code>`.
    """
    for name, limit in APPLICATION_LIMITS.items():
        yield from _text_problems(name, getattr(form, name), limit)
    yield from _name_problems("organisation", form.organisation, holds_address)
    for name, limit in APPLICATION_LIMITS.items():
        yield from _letter_problems(name, getattr(form, name), limit)
    if not form.org_number:
        yield "org_number", "required"
    if form.category is None and TRAITS[flow].asks_for_category:
        yield "category", "required"
    for name, contact in form.contacts:
        yield from _text_problems(f"{name}.name", contact.name, NAME_LIMIT)
        yield from _name_problems(f"{name}.name", contact.name, persons_holds_address)
        yield from _letter_problems(f"{name}.name", contact.name, NAME_LIMIT)
        yield from _email_problems(f"{name}.email", contact.email)
    yield from _signing_problems(form)
    if not form.terms_accepted:
        yield "terms_accepted", "terms_not_accepted"


def _text_problems(name: str, text: str, limit: int) -> Iterator[tuple[str, str]]:
    if not text:
        yield name, "required"
    if len(text) > limit:
        # Nothing else looks at it: what looks takes its time, and an anonymous text may be as long as a form.
        yield name, "too_long"
    elif find_personal_number(text):
        yield name, "personal_number"


def _name_problems(name: str, text: str, holds: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if holds(text):
        yield name, "address_in_name"


def _letter_problems(name: str, text: str, limit: int) -> Iterator[tuple[str, str]]:
    if len(text) <= limit and not is_drawn(text):
        yield name, "letters"


def _email_problems(name: str, email: str) -> Iterator[tuple[str, str]]:
    if not email:
        yield name, "required"
    elif len(email) > EMAIL_LIMIT or not re.fullmatch(EMAIL, email) or ENCODED_WORD in email:
        yield name, "email"


def _signing_problems(form: ApplicationForm) -> Iterator[tuple[str, str]]:
    count = len(form.signatories)
    if not count:
        yield "signatories", "required"
    if count > SIGNATORIES_LIMIT:
        yield "signatories", "too_many"
    seen: set[str] = set()
    for number, contact in enumerate(form.signatories):
        # One person's two signatures are not two people's.
        if contact.email.lower() in seen:
            yield f"signatories.{number}.email", "repeated"
        seen.add(contact.email.lower())
    if not 1 <= form.signatures_needed <= max(count, 1):
        yield "signatures_needed", "more_than_signatories"
