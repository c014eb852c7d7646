"""A case with the names around it: never drawn, only disclosed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.applications.application import NOTHING_KNOWN, Applying
from core.catalogue.offers import Routine
from core.register.organisations import Organisation, Rules
from core.shared.disclosure import NAMES_OF, sees
from core.shared.vocabulary import Language, Localised, OrganisationId, Part, PersonId, Side
from core.workflow.case import Case, Decision


@dataclass(frozen=True)
class OfferWords:
    """What people read about an offer; the template is what customer service starts from."""

    service: Localised
    offer: Localised
    terms_url: str
    template: Localised
    handles_personal_data: bool = False
    routines: tuple[Routine, ...] = ()


# An application is for no offer.
_NO_WORDS: Localised = dict.fromkeys(Language, "")
NO_OFFER = OfferWords(_NO_WORDS, _NO_WORDS, "", _NO_WORDS)


@dataclass(frozen=True)
class CaseRecord:
    """A case and every name it mentions, barrier not yet applied.

    `rules` are what the organisations on the two sides have declared. `applying` is what is known around an
    application.
    """

    case: Case
    offer: OfferWords
    organisations: Mapping[OrganisationId, Organisation]
    people: Mapping[PersonId, str]
    orderer_language: Language | None = None
    rules: Mapping[Side, Rules] = field(default_factory=dict[Side, Rules])
    applying: Applying = NOTHING_KNOWN

    def name(self, person: PersonId | None, *, of: Side | None, reader: Side) -> str | None:
        """The name of somebody on a side, None for a reader who may not see it."""
        if person is None or of is None or not sees(reader, NAMES_OF[of]):
            return None
        return self.people.get(person)

    def organisation_of(self, part: Part) -> str | None:
        """The name of the organisation that a part acts for, None for Inera's own people."""
        organisation = self.case.organisation_of(part)
        return None if organisation is None else self.organisations[organisation].name


@dataclass(frozen=True)
class SlackChange:
    """When messages of a case left the Slack of an organisation, which was off, or came back there."""

    organisation: OrganisationId
    at: datetime
    is_back: bool


@dataclass(frozen=True)
class Timeline:
    """What was done to a case, in order, and the names it mentions: never drawn, only disclosed.

    History keeps no texts; those of a case stand in its decisions. `slack` says why messages went another way.
    """

    decisions: tuple[Decision, ...]
    people: Mapping[PersonId, str]
    slack: tuple[SlackChange, ...] = ()
