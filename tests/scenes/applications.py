"""Applications in which no two values are alike, and what each value is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    SIDE_OF,
    AttachedFile,
    CaseId,
    Contact,
    FileKind,
    Flow,
    OtherApplication,
    Part,
    Side,
    State,
)
from core.views.case_view import disclose
from core.views.record import CaseRecord, Timeline
from core.views.timeline import disclose_timeline
from notifications.render.pieces.facts import CardStanding
from notifications.rules.announcements import APPLICATIONS, CardKind
from notifications.texts import day, say, size, when
from tests.scenes.scene import SV, Means, Scene, meaning
from tests.support.drawn import applied
from tests.support.drawn.cards import loose, message
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import of_view
from tests.support.world.builders import AT, HOUR

MINUTE = timedelta(minutes=1)
FIRST = CaseId("A-4444444")
OTHERS = (
    applied.other(),
    applied.other(
        "A-3333333",
        flow=Flow.AGENT_APPLICATION,
        state=State.APPLICATION_COMPLETION_REQUESTED,
        organisation="Bygdens landsting",
        administrator=Contact("Ylva Yttre", "ylva@elsewhere.example"),
        sent_in_at=AT - 2 * HOUR,
    ),
)
FILE = AttachedFile(FileKind.PDF, 1_250_000, AT + 3 * HOUR)
# Customer service knows nothing more, one thing more of each kind, or two.
KNOWN = (
    applied.KNOWN,
    replace(applied.KNOWN, has_agreement=True, others=OTHERS, others_count=9, file=FILE),
)
# Letters that name what is so only then.
TOLD_ONLY_IN = {
    CardKind.COMPLETION_REMINDER: State.APPLICATION_COMPLETION_REQUESTED,
    CardKind.AGREEMENT_DECLINED: State.AGREEMENT_DECLINED,
    CardKind.AGREEMENT_SIGNED: State.AGREEMENT_ACTIVE,
    CardKind.INVITATION: State.AGREEMENT_ACTIVE,
}
CARDS = sorted({each.card for each in APPLICATIONS})


def of_applications() -> Iterator[Scene]:
    """Applications on every way, as customer service and the applicant are shown them."""
    for flow in (Flow.CUSTOMER_APPLICATION, Flow.AGENT_APPLICATION):
        for name, actions in applied.WAYS.items():
            for known in KNOWN[: 1 if actions else 2]:
                dossier = apart(applied.dossier(applied.applied(*actions, flow=flow), known))
                yield Scene(f"{flow}, {name}", means_of(dossier), lambda d=dossier: drawn(d))


def apart(dossier: CaseRecord) -> CaseRecord:
    """The dossier with times that do not meet."""
    case = dossier.case
    moved = {"created_at": case.created_at - 5 * MINUTE, "waiting_since": case.waiting_since + 7 * MINUTE}
    closed_at = case.closed_at and case.closed_at + timedelta(days=40)
    return replace(dossier, case=replace(case, **moved, closed_at=closed_at))


def drawn(dossier: CaseRecord) -> Iterator[object]:
    """Cards, letters, modals and the whole application with what happened to it."""
    for kind in CARDS:
        if dossier.case.state is TOLD_ONLY_IN.get(kind, dossier.case.state):
            part = applied.READERS.get(kind, Part.APPLICANT)
            yield message(loose(kind, part), disclose(dossier, SIDE_OF[part]), SV)
    view = disclose(dossier, Side.INERA)
    yield message(loose(CardKind.APPLICATION, Part.CUSTOMER_SERVICE, stands=CardStanding.CHANGED), view, SV)
    behind = replace(dossier, applying=replace(dossier.applying, first=FIRST))
    yield message(loose(CardKind.APPLICATION, Part.CUSTOMER_SERVICE), disclose(behind, Side.INERA), SV)
    yield from (as_sent(made) for *_, made in of_view("", view, Part.CUSTOMER_SERVICE, SV))
    past = disclose_timeline(dossier, Timeline(dossier.case.decisions, dossier.people), Side.INERA)
    yield as_sent(DetailsModal.build(view, SV, CaseReading(past=past, page=0)))


KIND = {Flow.CUSTOMER_APPLICATION: "kundansökan", Flow.AGENT_APPLICATION: "agentansökan"}
AGREEMENT = {Flow.CUSTOMER_APPLICATION: "kundavtalet", Flow.AGENT_APPLICATION: "agentavtalet"}


def means_of(dossier: CaseRecord) -> Means:
    """What each value of an application is."""
    case, ends = dossier.case, disclose(dossier, Side.CUSTOMER).expires_at
    one = case.application
    decided = [(each, dossier.people.get(each.person or "")) for each in case.decisions]
    signed = [each.name for each in (one.signatory(by.person) for by in case.signatures) if each is not None]
    kind, agreement = KIND[case.flow], AGREEMENT[case.flow]
    return meaning(
        (one.organisation, "customer"),
        (dossier.applying.name, "organisation in the register"),
        (case.id, "number"),
        (kind, "kind of application"),
        (kind[:1].upper() + kind[1:], "kind of application"),
        *((form, "service") for form in (kind, kind[:1].upper() + kind[1:])),
        (agreement, "agreement"),
        (agreement[:1].upper() + agreement[1:], "agreement"),
        *((name, f"did {each.action}") for each, name in decided),
        *((form, f"did {each.action}") for each, _ in decided for form in _parts(each.part)),
        *((when(SV, each.at), f"when {each.action}") for each, _ in decided),
        *((each.name, "contact") for each in one.contacts),
        *((each.email, "address") for each in one.contacts),
        (", ".join(signed), "signed") if len(signed) < 2 else (f"{signed[0]} och {signed[1]}", "signed"),
        *(pair for each in dossier.applying.others for pair in _other(each)),
        (FIRST, "first application"),
        (FILE.kind.name, "kind of file"),
        (size(SV, FILE.size), "size of file"),
        (when(SV, FILE.sent_at), "file sent"),
        (one.administrator.name, "named administrator"),
        (", ".join(each.name for each in dossier.applying.administrators), "administrators there"),
        (when(SV, case.waiting_since), "since"),
        (case.due_at and when(SV, case.due_at), "reminds at"),
        (when(SV, case.created_at), "ordered at"),
        (ends and day(SV, ends), "ends"),
        (case.closed_at and day(SV, case.closed_at), "closed"),
        (case.closed_at and when(SV, case.closed_at), "closed"),
    )


def _other(one: OtherApplication) -> Iterator[tuple[str, str]]:
    yield one.case, "other number"
    yield one.organisation, "other applicant"
    yield KIND[one.flow], "kind of application"
    yield when(SV, one.sent_in_at), "other sent in"
    contact = one.administrator
    yield contact.name, "contact"
    yield contact.email, "address"
    yield say(SV, "applied.contact", name=contact.name, email=contact.email), "other administrator"


def _parts(part: Part) -> Iterator[str]:
    for form in (say(SV, f"part.{part}"), f"{say(SV, f'part.{part}')} hos {applied.APPLICATION.organisation}"):
        yield from (form, form[:1].upper() + form[1:])
