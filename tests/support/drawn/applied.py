"""Applications in every state, made by the rules alone, and everything that can be drawn of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.api import (
    SIDE_OF,
    Action,
    Answers,
    Application,
    Assurance,
    Case,
    CaseId,
    Contact,
    CustomerCategory,
    Decision,
    DecisionContext,
    Flow,
    Grant,
    Language,
    Organisation,
    OrganisationId,
    OrganisationKind,
    OtherApplication,
    Part,
    PersonId,
    Role,
    State,
    Surface,
    new_id,
    rows,
)
from core.applications.application import Applying
from core.use_cases.admission import admitted, draw_up
from core.views.case_view import disclose
from core.views.record import NO_OFFER, CaseRecord
from core.workflow.apply_transition import apply_transition
from core.workflow.authorize import authorize_any
from notifications.render.drawings import draw_card
from notifications.render.model import CardMessage
from notifications.rules.announcements import APPLICATIONS, CardKind
from tests.support.drawn.cards import loose
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import Drawing, of_view
from tests.support.world.builders import AT, HOUR, PEOPLE, SERVICE

BYGDEN = OrganisationId("OBYGDEN")
APPLICATION = Application(
    organisation="Bygdens region",
    org_number="2222222222",
    category=CustomerCategory.REGION,
    invoice_address="Fakturagatan 1, 123 45 Bygden",
    invoice_ref="4711-B",
    administrator=Contact("Alva Admin", "alva@bygden.example"),
    signatories=(Contact("Frej Firma", "frej@bygden.example"), Contact("Signe Ström", "signe@bygden.example")),
    signatures_needed=2,
    agreement_contact=Contact("Kim Kontakt", "kim@bygden.example"),
)


def other(number: str = "A-2222222", **changes: Any) -> OtherApplication:
    """An application with the same number, that somebody else has sent in."""
    made = OtherApplication(
        case=CaseId(number),
        flow=Flow.CUSTOMER_APPLICATION,
        state=State.APPLICATION_SUBMITTED,
        organisation="Bygdens kommun",
        administrator=Contact("Olle Okänd", "olle@elsewhere.example"),
        sent_in_at=AT - 3 * HOUR,
    )
    return replace(made, **changes)


KNOWN = Applying(
    organisation=OrganisationId("OLANDSTING"),
    name="Bygdens landsting",
    others=(other(),),
    others_count=1,
    people={"kim@bygden.example": PersonId("PKIM"), "frej@bygden.example": PersonId("PFREJ")},
    administrators=(Contact("Ada Adman", "ada@bygden.example", PersonId("PADA")),),
    left=frozenset({"frej@bygden.example"}),
)
# Whom a card is for; letters are for the applicant's contacts.
READERS = {
    CardKind.APPLICATION: Part.CUSTOMER_SERVICE,
    CardKind.UNATTENDED: Part.CUSTOMER_SERVICE,
    CardKind.OVERDUE: Part.CUSTOMER_SERVICE,
    CardKind.TAKEN_OVER: Part.CUSTOMER_SERVICE,
    CardKind.NEW_ADMINISTRATOR: Part.CUSTOMER_ADMINISTRATOR,
}
NOT_SIGNED = (Action.CLAIM, Action.APPROVE, Action.REMIND, Action.REMIND, Action.EXPIRE)
# What is done, from the form on, to come to each state.
WAYS: dict[str, tuple[Action, ...]] = {
    "sent in": (),
    "claimed": (Action.CLAIM,),
    "asked": (Action.CLAIM, Action.REQUEST_COMPLETION),
    "asked and reminded": (Action.CLAIM, Action.REQUEST_COMPLETION, Action.REMIND),
    "answered": (Action.CLAIM, Action.REQUEST_COMPLETION, Action.ANSWER),
    "withdrawn": (Action.WITHDRAW,),
    "rejected": (Action.CLAIM, Action.REJECT),
    "approved": (Action.CLAIM, Action.APPROVE),
    "one has signed": (Action.CLAIM, Action.APPROVE, Action.SIGN),
    "renewed": (Action.CLAIM, Action.APPROVE, Action.SIGN, Action.RENEW),
    "declined": (Action.CLAIM, Action.APPROVE, Action.DECLINE),
    "cancelled": (Action.CLAIM, Action.APPROVE, Action.SIGN, Action.CANCEL),
    "cancelled late": (*NOT_SIGNED, Action.CANCEL),
    "active": (Action.CLAIM, Action.APPROVE, Action.SIGN, Action.SIGN),
    "not signed": NOT_SIGNED,
    "lapsed": (*NOT_SIGNED, Action.EXPIRE),
}
SAID = Answers(confirmed=True, reason="Därför att.", message="Vem är firmatecknare?")


def applied(*actions: Action, flow: Flow = Flow.CUSTOMER_APPLICATION, **changes: Any) -> Case:
    """An application after these actions, each done by whoever the table lets."""
    blank = Case(
        id=CaseId("A-2345678"), flow=flow, state=State.DRAFT, customer=BYGDEN, agent=None, orderer=PersonId(""),
        content=replace(APPLICATION, **changes), created_at=AT, waiting_since=AT,
    )  # fmt: skip
    case = blank
    for number, action in enumerate((Action.SUBMIT, *actions)):
        case = _after(case, action, number)
    return case


def _after(case: Case, action: Action, number: int) -> Case:
    found = tuple(row for row in rows(case.flow, case.state) if row.does is action)
    ruling = authorize_any(_by(case, found[0].who), found)
    decision = Decision(
        step=case.step,
        state=case.state,
        action=action,
        part=ruling.row.who,
        person=ruling.now.person,
        organisation=case.organisation_of(ruling.row.who),
        at=(action is Action.REMIND and case.wait.due) or AT + HOUR * number,
        surface=Surface.MAIL,
        assurance=Assurance.MAIL_LINK,
        content_version=case.content_version,
        reason=SAID.reason if action in {Action.REJECT, Action.DECLINE, Action.CANCEL} else "",
        message=SAID.message if action in {Action.REQUEST_COMPLETION, Action.ANSWER} else "",
    )
    after = apply_transition(ruling.now, ruling.row, decision, SAID)
    return admitted(ruling.now, ruling.row, after, new_id, draw_up)


def asking(case: Case) -> DecisionContext:
    """Whoever at customer service has the case."""
    return _by(case, Part.CUSTOMER_SERVICE)


def _by(case: Case, part: Part) -> DecisionContext:
    person = {Part.CUSTOMER_SERVICE: case.claimed_by or SERVICE, Part.SIGNATORY: _next_to_sign(case)}.get(part)
    roles = {Part.CUSTOMER_SERVICE: Role.CUSTOMER_SERVICE, Part.SIGNATORY: Role.SIGNATORY}
    grants = () if person is None else (Grant(person, case.customer, roles[part]),)
    made = DecisionContext(case, person, grants, assurance=Assurance.MAIL_LINK, is_applicant=part is Part.APPLICANT)
    # Whoever answers sends the whole form.
    return replace(made, revised=replace(case, content_version=case.content_version + 1))


def _next_to_sign(case: Case) -> PersonId | None:
    signed = {each.person for each in case.signatures}
    return next((each.person for each in case.application.signatories if each.person not in signed), None)


def dossier(case: Case, applying: Applying = KNOWN) -> CaseRecord:
    """An application with every name around it."""
    application = case.application
    kinds = frozenset({OrganisationKind.CUSTOMER})
    bygden = Organisation(
        BYGDEN, application.organisation, application.org_number, org_number_is_personal=False, kinds=kinds
    )
    named = {each.person: each.name for each in application.contacts if each.person is not None}
    return CaseRecord(case, NO_OFFER, {BYGDEN: bygden}, {**PEOPLE, **named}, applying=applying)


def card(case: Case, kind: CardKind, language: Language = Language.SV, applying: Applying = KNOWN) -> dict[str, Any]:
    """A card or a letter as what is posted."""
    return as_sent(made(case, kind, language, applying))


def made(case: Case, kind: CardKind, language: Language = Language.SV, applying: Applying = KNOWN) -> CardMessage:
    """A card or a letter as what it says and offers."""
    part = READERS.get(kind, Part.APPLICANT)
    view = disclose(dossier(case, applying), SIDE_OF[part])
    return draw_card(loose(kind, part), view, language)


def drawings(language: Language) -> Iterator[Drawing]:
    """Everything of applications in a language."""
    for flow in (Flow.CUSTOMER_APPLICATION, Flow.AGENT_APPLICATION):
        for name, actions in WAYS.items():
            case, about = applied(*actions, flow=flow), f"{language}: {flow}, {name}"
            for kind in sorted({*(each.card for each in APPLICATIONS), CardKind.UNATTENDED, CardKind.OVERDUE}):
                yield f"{about}, {kind}", "message", made(case, kind, language)
            view = disclose(dossier(case), SIDE_OF[Part.CUSTOMER_SERVICE])
            yield from of_view(about, view, Part.CUSTOMER_SERVICE, language)
