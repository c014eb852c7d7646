"""What those who build on the API send about an order: a new one, and the answer to a question."""

from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, StrictBool, Tag

from core.catalogue.connections import ConnectionWay
from core.catalogue.units import Unit
from core.http.bodies.field_types import PARTS, TEXT, Id
from core.register.contacts import TechnicalContact, WhomToAsk
from core.register.entries import CLEAN, Day, Entry, LongText, Text, clean_text
from core.shared.vocabulary import Existing, OfferId, OrganisationId
from core.workflow.commands import Revision
from core.workflow.order_rules import UNITS_LIMIT

HSA_ID = r"^SE[0-9]{10}-[A-Za-z0-9]{1,18}$"
ShortText = Annotated[
    str, Field(max_length=254, json_schema_extra={"pattern": f"^{CLEAN}$"}), AfterValidator(clean_text)
]
EXISTING = (
    "What becomes of what the care units have of the service already, by another offer or agent. add: it stays beside "
    "this. replace: it ends when this begins; the earlier agent is not told. Must be said where they have something."
)
REPLACES = "What of that is replaced, where not all is: the rest stays. Counts as `existing` replace."
CHANGE_OF_AGENT = (
    "The older name for replacing what the care units have through other agents, where the offer goes through one. "
    "Use `existing`."
)


class UnitBody(Entry):
    """A care unit."""

    name: Text = Field(
        description="The unit's name and nothing else: no semicolon, no HSA-id.", examples=["Vårdcentralen Eken"]
    )
    hsa_id: Annotated[str, Field(pattern=HSA_ID)] | None = Field(
        default=None,
        description="HSA-id: SE, ten digits, a hyphen, then 1-18 letters or digits. The digits need not be the "
        "customer's own number.",
        examples=["SE5555555555-A1B2"],
    )

    def unit(self) -> Unit:
        """The unit as the core knows it."""
        return Unit(self.name, self.hsa_id)


class TechnicalContactBody(Entry):
    """Whom to ask about technology: e-mail or telephone at least where there is a name."""

    name: ShortText = Field(
        default="", description="Without anything that mail programs make a link of.", examples=["Tekla Teknik"]
    )
    email: ShortText = Field(default="", description="An e-mail address.", examples=["tekla.teknik@example.org"])
    phone: ShortText = Field(
        default="",
        description="E.164, or a Swedish number with its area code, with or without spaces and hyphens.",
        examples=["+46701740605", "070-174 06 05"],
    )


def _written(contact: object) -> str:
    return PARTS if isinstance(contact, dict | TechnicalContactBody) else TEXT


WhomToAskBody = Annotated[
    Annotated[LongText, Tag(TEXT)] | Annotated[TechnicalContactBody, Tag(PARTS)], Discriminator(_written)
]


def whom_to_ask(contact: str | TechnicalContactBody) -> WhomToAsk:
    """Return a contact as the core knows it."""
    if isinstance(contact, str):
        return contact
    return TechnicalContact(contact.name.strip(), contact.email.strip(), contact.phone.strip())


class ReplacedBody(Entry):
    """Something that the care units have and that an order replaces."""

    offer: str = Field(
        max_length=64,
        description="The code of its offer.",
        examples=["npo-agent"],
        json_schema_extra={"pattern": f"^{CLEAN}$"},
    )
    agent: Id | None = Field(default=None, description="The id of the agent it goes through; null: none.")

    def way(self) -> ConnectionWay:
        """How it is had, as the core knows it."""
        return ConnectionWay(OfferId(self.offer), None if self.agent is None else OrganisationId(self.agent))


class OrderBody(Entry):
    """An order to be placed, for the organisation that the key belongs to."""

    offer: str = Field(
        max_length=64,
        description="The code of an offer, from `GET /offers`.",
        examples=["npo-agent"],
        json_schema_extra={"pattern": f"^{CLEAN}$"},
    )
    agent: Id | None = Field(
        default=None,
        description="The id of an agent, from `GET /offers/{offer}/agents`, where the offer asks for one.",
        examples=["O23456789BC"],
    )
    units: list[UnitBody] = Field(
        default=[], max_length=UNITS_LIMIT, description="The care units the order is for, each of them once."
    )
    invoice_ref: LongText = Field(
        min_length=1, description="The customer's invoice reference. The agent never sees it.", examples=["REF-4711"]
    )
    terms_accepted: StrictBool = Field(description="That the terms at `terms_url` are read and accepted: must be true.")
    desired_start: Day | None = Field(default=None, description="When it should start, YYYY-MM-DD.")
    technical_contact: WhomToAskBody = Field(
        default="",
        description="Whom to ask about technology: name and telephone or e-mail, in parts or in one text. Required "
        "through an agent.",
        examples=["Drift, 08-465 004 05"],
    )
    comment: LongText = Field(default="", description="For the own attestant and Inera. The agent never sees it.")
    external_case_ref: Text | None = Field(
        default=None, description="The order's number in a system of yours, to find it by.", examples=["RITM0012345"]
    )
    existing: Existing | None = Field(default=None, description=EXISTING)
    replaces: list[ReplacedBody] = Field(default=[], max_length=100, description=REPLACES)
    change_of_agent: StrictBool = Field(default=False, description=CHANGE_OF_AGENT)


class RevisionBody(Entry):
    """The order as an answer changes it: every field, changed or not. The offer stays as it is."""

    agent: Id | None = Field(default=None, description="The id of an agent, where the offer asks for one.")
    units: list[UnitBody] = Field(default=[], max_length=UNITS_LIMIT, description="The care units the order is for.")
    invoice_ref: LongText = Field(
        default="", description="The customer's invoice reference; required of all but what ends a connection."
    )
    desired_start: Day | None = Field(default=None, description="When it should start, YYYY-MM-DD.")
    technical_contact: WhomToAskBody = Field(default="", description="Whom to ask about technology, as above.")
    comment: LongText = Field(default="", description="For the own attestant and Inera.")
    existing: Existing | None = Field(default=None, description=EXISTING)
    replaces: list[ReplacedBody] = Field(default=[], max_length=100, description=REPLACES)
    change_of_agent: StrictBool = Field(default=False, description=CHANGE_OF_AGENT)

    def revision(self) -> Revision:
        """The revision as the core knows it."""
        return Revision(
            units=tuple(unit.unit() for unit in self.units),
            invoice_ref=self.invoice_ref,
            agent=None if self.agent is None else OrganisationId(self.agent),
            desired_start=self.desired_start,
            technical_contact=whom_to_ask(self.technical_contact),
            comment=self.comment,
            change_of_agent=self.change_of_agent,
            existing=self.existing,
            replaces=tuple(replaced.way() for replaced in self.replaces),
        )


class AnswerBody(Entry):
    """The answer to a question: words, a change of the order, or both."""

    step: int = Field(description="The order's `step` while the question waits; it answers no later one.", ge=0)
    message: LongText = Field(default="", description="The answer in words, for whoever asked.")
    revision: RevisionBody | None = Field(
        default=None,
        description="The order as it shall be. A change of more than comment and contact begins the decisions anew.",
    )
