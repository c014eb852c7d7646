"""Every "no" that names several things, and history as it is read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.cli.history_words import NamesAround, told_of
from bot.forms.refusal_sentences import refusal, refusal_of_another
from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    Action,
    Case,
    Cost,
    Decision,
    Flow,
    Language,
    OrganisationId,
    Part,
    Period,
    PersonId,
    Role,
    Side,
    State,
)
from core.storage.audit.history_reads import HistoryLine
from core.views.case_view import disclose
from core.views.record import Timeline
from core.views.timeline import disclose_timeline
from notifications.texts import cost, when
from tests.scenes.orders import means_of
from tests.scenes.scene import SV, Scene, meaning
from tests.support.drawn.sent import as_sent
from tests.support.world import builders
from tests.support.world.builders import AT, HOUR

FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)

# What a refusal knows, and what each of these is.
KNOWN = {
    "person": "Pia Person", "organisation": "Region Organisation", "agent": "Agentbolaget",
    "service": dict.fromkeys(Language, "Tjänsten"), "unit": "Enheten", "at": AT, "from_day": FIRST, "to_day": LAST,
    "old": Cost(100, 200, Period.YEAR), "new": Cost(300, 400, Period.YEAR), "role": Role.ATTESTANT,
    "part": Part.AGENT_HANDLER, "action": Action.ATTEST, "address": "https://exempel.se/legitimera",
}  # fmt: skip
CODES = (
    "agent_not_allowed", "already_attested", "already_connected", "already_decided", "already_decided_by_you",
    "attestant_not_eligible", "change_of_agent", "eid_address", "handed_over", "has_assignment", "no_role",
    "nothing_to_substitute", "price_changed", "recipient_not_eligible", "substitute_not_eligible",
    "substitution_overlaps",
)  # fmt: skip


def of_refusals() -> Iterator[Scene]:
    said = meaning(
        ("Pia Person", "person"), ("Pia Person", "who decided"), ("Region Organisation", "organisation"),
        ("Agentbolaget", "agent"), ("Tjänsten", "service"), ("Enheten", "unit"), (when(SV, AT), "when decided"),
        ("1\u00a0juli\u00a02026", "first day"), ("31\u00a0juli\u00a02026", "last day"),
        (cost(SV, Cost(100, 200, Period.YEAR)), "before"),
        (cost(SV, Cost(300, 400, Period.YEAR)), "now"), ("attestant", "role"), ("attesterat", "decision"),
        ("tagit tillbaka", "decision"), ("agentens beställare (handläggare agent)", "role"),
        ("agentens beställare", "role"),
        ("https://exempel.se/legitimera", "address"), ("Agentens beställare hos Region Organisation", "who decided"),
        ("agentens beställare hos Region Organisation", "who decided"), ("Avslagen", "how it ended"),
    )  # fmt: skip
    yield Scene("refusals", said, _refused)
    of_another = meaning(("Ada Gjorde", "person"), ("Bo Ek", "other"))
    yield Scene("refusals of another", of_another, _refused_another)


def _refused() -> Iterator[object]:
    for code in CODES:
        known = KNOWN if code == "no_role" else {name: fact for name, fact in KNOWN.items() if name != "part"}
        yield refusal(SV, code, known)
    for wanted in (Action.REJECT, Action.WITHDRAW, Action.ATTEST):
        yield refusal(SV, "already_decided", {**KNOWN, "wanted": wanted})
        yield refusal(SV, "already_decided", {**KNOWN, "wanted": wanted, "case": "A-2345678"})
    yield refusal(SV, "already_decided", {**KNOWN, "person": None})
    yield refusal(SV, "already_decided", {**KNOWN, "ended": State.REJECTED, "case": "B-2345678"})
    yield refusal(SV, "already_decided", {**KNOWN, "action": Action.WITHDRAW})


def _refused_another() -> Iterator[object]:
    for code in ("handed_over", "not_your_turn"):
        yield refusal_of_another(SV, code, "Ada Gjorde", "Bo Ek")


def of_history() -> Iterator[Scene]:
    """A line of every kind, and a case to which everything has been done that there is."""
    people = {action: PersonId(f"P{number}") for number, action in enumerate(Action)}
    case = builders.after()
    decisions = tuple(_did(case, action, people[action], number) for number, action in enumerate(Action))
    names = {people[action]: f"Person {action}" for action in Action}
    dossier = replace(builders.dossier(case), people=names)
    done = [(f"Person {each.action}", f"did {each.action}") for each in decisions]
    said = means_of(dossier, Side.INERA, *done, *((when(SV, each.at), f"when {each.action}") for each in decisions))
    past = disclose_timeline(dossier, Timeline(decisions, names), Side.INERA)
    view = disclose(dossier, Side.INERA)
    for page in (0, 1, 2):
        yield Scene(
            "everything ever done",
            said,
            lambda page=page: [as_sent(DetailsModal.build(view, SV, CaseReading(past=past, page=page)))],
        )
    at_terminal = meaning(
        ("Ada Gjorde", "person"), ("Region Exempel", "organisation"), (when(SV, AT), "at"),
        ("kundens attestant", "part"),
        ("kundens attestant hos Region Exempel", "part"), ("Ada Gjorde (kundens attestant hos Region Exempel)", "who"),
        ("Väntar på kundens attest", "before"), ("Hos Ineras kundservice", "after"), ("systemet", "who"),
        ("attestant", "role"), ("fick nej till ”Attestera”", "did"), ("ett meddelande kom inte fram", "did"),
        ("attesterat", "did"), ("Kundens kostnad", "name of a fact"),
        (cost(SV, Cost(100, 200, Period.YEAR)), "value of a fact"),
    )  # fmt: skip
    yield Scene("lines", at_terminal, _lines)


def _did(case: Case, action: Action, person: PersonId, number: int) -> Decision:
    (row, *_) = builders.find(case.flow, case.state, Action.ATTEST)
    made = builders.decision(builders.situation(case), row, AT + HOUR * (number + 1))
    return replace(made, action=action, person=person, part=Part.CUSTOMER_SERVICE, organisation=None, to=None)


def _lines() -> Iterator[object]:
    around = NamesAround({PersonId("P1"): "Ada Gjorde"}, {OrganisationId("O1"): "Region Exempel"}, Flow.DIRECT)
    line = HistoryLine(
        1, "B-2345678", AT, "attest", "awaiting_customer_attest", "awaiting_customer_service", 1, 1, 1,
        "customer_attestant", "P1", "O1", "slack", "click_confirm", '{"costs": {"customer": [100, 200, "year"]}}',
        "change", None, None,
    )  # fmt: skip
    refused = line._replace(kind="refusal", evidence='{"code": "no_role"}')
    lost = line._replace(kind="delivery", action="given_up", evidence='{"error": "no_channel"}', about_id="P1")
    for each in (line, refused, lost):
        yield list(told_of(each, around, SV))
