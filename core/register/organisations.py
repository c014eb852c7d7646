"""Organisations and people as the core knows them, their declared rules, and the checks of their identifiers."""

import re
from dataclasses import dataclass

from stdnum.se import orgnr

from core.identity.accounts import Asking
from core.shared.value_objects import value
from core.shared.vocabulary import (
    CustomerCategory,
    Language,
    OrganisationId,
    OrganisationKind,
    PersonId,
)
from core.shared.working_days import MORNING, QUIET_FROM


@value
class Tier:
    """From an amount on, how many attestants must attest, and in whose order where the organisation names it."""

    from_ore: int
    attests: int = 1
    sequence: tuple[PersonId, ...] = ()


# After how many working days whoever is asked is reminded, where the organisation has not said, and what it may say.
REMINDER_DAYS = 2
FEWEST_REMINDER_DAYS = 1
MOST_REMINDER_DAYS = 4
# At which hour that is in Stockholm, and what an organisation may say: whole hours that are not quiet.
REMINDER_HOUR = EARLIEST_REMINDER_HOUR = MORNING.hour
LATEST_REMINDER_HOUR = QUIET_FROM.hour - 1


@value
class Rules:
    """What an organisation has declared about its decisions; strict by default (domain: 4.4, 4.6).

    From `eid_from_ore` on an attest needs e-identification; None: never. `tiers` in rising order of amount.
    `reminder_days` are the working days between reminders of what waits for its people, `reminder_hour` is the hour of
    the day at which they come (domain: 9).
    """

    self_attest_allowed: bool = False
    eid_from_ore: int | None = None
    tiers: tuple[Tier, ...] = ()
    reminder_days: int = REMINDER_DAYS
    reminder_hour: int = REMINDER_HOUR

    def tier(self, amount_ore: int) -> Tier:
        """Return the tier of an amount in öre: the highest that it reaches."""
        reached = (tier for tier in reversed(self.tiers) if tier.from_ore <= amount_ore)
        return next(reached, Tier(0))


# What holds of an organisation that has declared nothing.
STRICT = Rules()

# An address as HTML defines one, with a dot in its domain: what every mail server can be told.
EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
WORD = re.compile(r"\w+")
# Twelve digits, with space to spare.
ORG_NUMBER_LIMIT = 40
# SE + the catalogue owner's number + 1-18 letters or digits, 31 characters at most (domain: 4.2).
HSA_ID = re.compile(r"SE[0-9]{10}-[A-Za-z0-9]{1,18}")


@dataclass(frozen=True)
class Organisation:
    """A customer, an agent, Inera; `org_number` ten digits, hidden wherever `org_number_is_personal`.

    `language` is for its people who have chosen none, None where nobody has said.
    """

    id: OrganisationId
    name: str
    org_number: str
    org_number_is_personal: bool
    kinds: frozenset[OrganisationKind]
    category: CustomerCategory | None = None
    self_attest_allowed: bool = False
    language: Language | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who acts; `language` None until known.

    `at_work` is that of the organisation, where it was read and somebody has said. `within` is the only organisation
    whose roles the account carries by which the person acts; None where it carries all.
    """

    id: PersonId
    name: str
    email: str
    language: Language | None = None
    active: bool = True
    at_work: Language | None = None
    within: OrganisationId | None = None

    @property
    def asking(self) -> Asking:
        """Who asks by that account."""
        return Asking(self.id, self.within)


def language_for(person: Person | None, place: Language | None, otherwise: Language) -> Language:
    """Return the language to speak to somebody in.

    That is the own choice, or what the own Slack account says; what the place says, such as a browser; what the
    organisation says.
    """
    own, at_work = (None, None) if person is None else (person.language, person.at_work)
    return own or place or at_work or otherwise


def is_hsa_id(text: str) -> bool:
    """Say whether a text is a well-formed HSA-id. Its number need not be the customer's own (domain: 4.2)."""
    return HSA_ID.fullmatch(text) is not None


def words_of(name: str) -> frozenset[str]:
    """Return the words that an organisation is found by, in small letters."""
    return frozenset(WORD.findall(name.casefold()))


def clean_org_number(text: str) -> str | None:
    """Return an organisationsnummer's ten digits, None when it is not valid. A hyphen and a leading 16 are accepted."""
    digits = re.sub(r"[\s-]", "", text) if len(text) <= ORG_NUMBER_LIMIT else ""
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    return digits if len(digits) == 10 and orgnr.is_valid(digits) else None


def org_number_problem(text: str) -> str:
    """Return the code of what is wrong with a number that is not valid: ten digits have a wrong check digit."""
    is_whole = re.fullmatch(r"(16)?\d{10}", re.sub(r"[\s-]", "", text[:ORG_NUMBER_LIMIT]))
    return "check_digit" if is_whole else "org_number"


def is_personal(org_number: str) -> bool:
    """Say whether an organisationsnummer is a sole trader's personnummer: its third digit is below 2 (domain: 4.1)."""
    return org_number[2:3] < "2"
