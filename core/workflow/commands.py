"""Wishes, imperative: what can be asked of the core."""

from datetime import date

from core.applications.form import ApplicationForm
from core.catalogue.connections import ConnectionWay
from core.catalogue.units import Unit
from core.identity.accounts import By
from core.register.contacts import WhomToAsk
from core.shared.value_objects import value
from core.shared.vocabulary import (
    Action,
    Assurance,
    CardId,
    CaseId,
    Existing,
    Flow,
    LinkId,
    OfferId,
    OrganisationId,
    PersonId,
    ReasonCode,
    Role,
    Surface,
)


@value
class Seen:
    """What the card showed when it was pressed; `claim` is the mark of whoever had the case, where that matters."""

    step: int
    content_version: int
    claim: int | None = None


@value
class Revision:
    """The order as the answer to a question would make it: every field, changed or not. The offer stays.

    `existing`, `replaces` and `unread` are those of `PlaceOrder`.
    """

    units: tuple[Unit, ...]
    invoice_ref: str
    agent: OrganisationId | None = None
    desired_start: date | None = None
    technical_contact: WhomToAsk = ""
    comment: str = ""
    change_of_agent: bool = False
    existing: Existing | None = None
    replaces: tuple[ConnectionWay, ...] = ()
    unread: tuple[str, ...] = ()


# Characters a text of an answer may have. Instructions are longer than what people say of a decision, and what is said
# beside a yes is a sentence or two.
ANSWER_LIMITS = {"reason": 2_000, "internal": 2_000, "message": 2_900, "comment": 500}


@value
class Answers:
    """What the person added in the modal. Texts are stored as typed, stripped, within `ANSWER_LIMITS`.

    `message` is the text of instructions, of a question or of an answer. `to` is the colleague handed over to, or the
    recipient of instructions, None for the orderer. `reason` also says why an order is held or cancelled,
    `comment` what is added to an attest or an approval.
    `document_hash` is of the document that was shown to whoever signs, `method` the way of signing.
    """

    confirmed: bool = False
    certified: bool = False
    reason_code: ReasonCode | None = None
    reason: str = ""
    internal: str = ""
    message: str = ""
    comment: str = ""
    attestant: PersonId | None = None
    to: PersonId | None = None
    revision: Revision | None = None
    document_hash: str = ""
    method: str = ""
    last_day: date | None = None


@value
class ActOnCase:
    """A person, known by a confirmed account or as who asks (API key, signed in on the web), does something to a case.

    `seen` is what the button named; None where there is no card (HTTP). `card` is the pressed card. `link` is the
    personal link that it is done by, which is used up by it. `proof` is the secret of a proof of e-identification,
    empty where the person has not identified. `signed_in` is how the person did, where that is on the web.
    """

    case: CaseId
    action: Action
    by: By
    surface: Surface
    seen: Seen | None = None
    answers: Answers = Answers()
    card: CardId | None = None
    link: LinkId | None = None
    proof: str = ""
    signed_in: Assurance | None = None


@value
class PlaceOrder:
    """An orderer submits an order for an organisation.

    `key` makes it happen once: the same key and person give the same case (a modal's id, an Idempotency-Key). `flow` is
    named where it is not the offer's own: something is to happen to what the customer has of the offer. `existing` says
    what becomes of what the units have of the service in another way; `replaces` names what is replaced, where that is
    not all. `change_of_agent` is the older name for replacing what goes through another agent. `unread` names
    fields of a form that cannot be read: the order is refused for them and for whatever else is wrong, all at once.
    `signed_in` is that of `ActOnCase`.
    """

    by: By
    customer: OrganisationId
    offer: OfferId
    units: tuple[Unit, ...]
    invoice_ref: str
    terms_accepted: bool
    key: str
    surface: Surface
    agent: OrganisationId | None = None
    desired_start: date | None = None
    technical_contact: WhomToAsk = ""
    comment: str = ""
    external_case_ref: str | None = None
    change_of_agent: bool = False
    flow: Flow | None = None
    existing: Existing | None = None
    replaces: tuple[ConnectionWay, ...] = ()
    signed_in: Assurance | None = None
    unread: tuple[str, ...] = ()


@value
class Apply:
    """An organisation sends in an application, to become a customer or an agent.

    `key` makes it happen once: the same key gives the same case (a form's token, an Idempotency-Key). `by` is the
    person of an API key; None where anybody may send one in. `has_file` says that the form showed a file.
    """

    flow: Flow
    form: ApplicationForm
    key: str
    surface: Surface
    by: PersonId | None = None
    has_file: bool = False


@value
class SetSubstitute:
    """Somebody shall decide in an absent person's place in a role, from a Swedish day until another, both included.

    `absent` None is the person who asks; for others an administrator of the organisation asks. `key` is what the form
    was known by that was filled in: one that was kept counts once. Without one each counts. `signed_in` is that of
    `ActOnCase`.
    """

    by: By
    organisation: OrganisationId
    role: Role
    substitute: PersonId
    first: date
    last: date
    absent: PersonId | None = None
    key: str = ""
    signed_in: Assurance | None = None


@value
class EndSubstitution:
    """A substitution shall end now: asked by the absent person, or by an administrator of the organisation."""

    by: By
    substitution: int
    signed_in: Assurance | None = None
