"""A line of history as the operator reads it: every event and every refusal in words, in both languages."""

import inspect
import json
import re
from itertools import product

import pytest

from bot.cli.history_words import NamesAround, told_of
from bot.forms.refusal_sentences import refusal_of_another
from core.api import Action, Flow, Language, LineKind, OrganisationId, Part, PersonId, ReasonCode, State, Surface
from core.shared import errors
from core.shared.vocabulary import Happened
from core.storage.audit.history_reads import HistoryLine
from core.storage.cases import effects
from notifications.texts import keys
from tests.support.world.builders import AT

CODES = sorted({each.code for _, each in inspect.getmembers(errors, inspect.isclass) if hasattr(each, "code")})
# They are met where people and roles are kept, or where a page is opened, and are about no case.
ELSEWHERE = {
    "absence_passed", "absence_reversed", "already_sent", "idempotency_key_reused", "ineras_own", "invalid_entry",
    "key_expired", "last_administrator", "link_changed", "link_expired", "link_passed_on", "link_unknown", "link_used",
    "name_of_others", "no_assignment", "no_document", "no_substitution", "not_for_oneself", "nothing_to_substitute",
    "person_has_left", "role_not_substituted", "self_attest_for_one", "sign_in_over", "substitute_not_eligible",
    "substitution_overlaps", "wrong_code",
}  # fmt: skip
# Where what is connected is written.
EFFECTS = inspect.getsource(effects)
NAMES = {PersonId("P1"): "Ada Gjorde", PersonId("P2"): "Bo Ek"}
AROUND = NamesAround(NAMES, {OrganisationId("O1"): "Region Exempel"}, Flow.VIA_AGENT)
# The places that a sentence fills in, a checksum among them, hold none of these.
RAW = re.compile(r"[a-z]+_[a-z_]+|\b(None|nyss|just now)\b")
SUBMITTED = HistoryLine(
    1, "B-2345678", AT, "submit", "draft", "awaiting_agent_approval", 1, 1, 1, "orderer", "P1", "O1", "slack",
    "click_confirm", "{}", "change", None, None,
)  # fmt: skip


def told(line: HistoryLine, language: Language) -> str:
    return "\n".join(told_of(line, AROUND, language))


def evidence(**facts: object) -> str:
    return json.dumps(facts)


@pytest.mark.parametrize("language", Language)
def test_no_change_is_told_with_a_code(language):
    of_orders = NamesAround(NAMES, AROUND.organisations, Flow.DIRECT)
    lines = [
        *(SUBMITTED._replace(action=action, part=part) for action, part in product(Action, Part)),
        *(SUBMITTED._replace(from_state=state, to_state=state) for state in State),
        *(SUBMITTED._replace(surface=surface) for surface in Surface),
        *(SUBMITTED._replace(evidence=evidence(reason_code=reason)) for reason in ReasonCode),
        SUBMITTED._replace(evidence=evidence(method="another_method")),
        SUBMITTED._replace(evidence=evidence(costs={"customer": [1, 2, "month"], "agent": [1, 2, "year"]}, to="P2")),
        SUBMITTED._replace(person_id=None, part=None),
    ]

    said = ["\n".join(told_of(line, around, language)) for line in lines for around in (AROUND, of_orders)]

    assert [each for each in said if RAW.search(each)] == []


@pytest.mark.parametrize("language", Language)
def test_no_refusal_is_told_with_a_code(language):
    line = SUBMITTED._replace(kind=LineKind.REFUSAL)
    lines = [
        *(line._replace(action=action, evidence=evidence(code="closed")) for action in Action),
        *(line._replace(evidence=evidence(code=code)) for code in (*CODES, "a_code_of_later")),
    ]

    said = [told(each, language) for each in lines]

    assert [each for each in said if RAW.search(each) or "(closed)" in each] == []


@pytest.mark.parametrize("language", Language)
def test_no_message_that_did_not_arrive_is_told_with_a_code(language):
    lost = SUBMITTED._replace(kind=LineKind.DELIVERY, part=None, person_id=None, about_id="P2")
    happened = Happened.GIVEN_UP, Happened.MOVED
    reasons = [each.rpartition(".")[2] for each in keys(language) if each.startswith("undelivered.why.")]

    said = [
        told(lost._replace(action=action, evidence=evidence(error=error)), language)
        for action, error in product(happened, (*reasons, "is_archived", "channel_not_found"))
    ]

    assert [each for each in said if RAW.search(each)] == []


def test_history_says_to_whom_the_signed_agreement_was_sent():
    sent = SUBMITTED._replace(kind=LineKind.DELIVERY, part=None, person_id=None, about_id="P2", action=Happened.SENT)

    said = told(sent._replace(evidence=evidence(card="C1")), Language.SV)

    assert "det signerade avtalet skickades via mejl" in said
    assert "Till Bo Ek" in said
    assert "Orsak" not in said


@pytest.mark.parametrize("language", Language)
def test_whatever_happens_to_what_a_case_connects_is_counted(language):
    happened = {Happened[name] for name in re.findall(r"record_connections\(connection, Happened.(\w+)", EFFECTS)}
    made = SUBMITTED._replace(kind=LineKind.CONNECTION, part=None, person_id=None)
    said = {
        count: [
            told(made._replace(action=each, evidence=evidence(connections=[[]] * count)), language) for each in happened
        ]
        for count in (1, 2)
    }

    assert happened >= {Happened.BEGAN, Happened.CONFIRMED, Happened.ENDED}
    assert [each for count in said for each in said[count] if RAW.search(each) or f" {count} " not in each] == []


@pytest.mark.parametrize("language", Language)
def test_every_refusal_of_a_press_is_said_of_a_person_by_name_and_never_to_her(language):
    own = {code for code in CODES if f"told_no.{code}" in keys(language)}
    said = [refusal_of_another(language, code, "Ada Gjorde", other) for code in CODES for other in (None, "Bo Ek")]

    assert set(CODES) - own == ELSEWHERE
    assert [each for each in said if re.search(r"\b(du|din|dig|ditt|dina|you|your)\b", each, re.IGNORECASE)] == []


def test_who_else_a_refusal_names_is_named():
    assert refusal_of_another(Language.SV, "not_chosen", "Ada Gjorde", "Bo Ek") == (
        "Bo Ek är vald att attestera beställningen."
    )
    assert refusal_of_another(Language.SV, "not_chosen", "Ada Gjorde") == (
        "Någon annan är vald att attestera beställningen."
    )
