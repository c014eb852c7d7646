"""What was done to a case is told to the sides that it concerns, and to no other (domain: 5.4)."""

from dataclasses import replace

import pytest

from bot.cli.history_words import NamesAround, told_of
from bot.views.orders.timeline_lines import line
from core.api import Action, Flow, Language, Part, ReasonCode, Side
from core.storage.audit.history_reads import HistoryLine
from core.views.case_view import disclose
from core.views.record import Timeline
from core.views.timeline import disclose_timeline
from notifications.render.pieces.words import CaseWords
from notifications.texts import when
from tests.support.world.builders import (
    AT,
    COLLEAGUE,
    HOUR,
    TWO_ATTESTS,
    after,
    decision,
    dossier,
    find,
    pressed,
    situation,
)

TWO = {Side.CUSTOMER: TWO_ATTESTS, Side.AGENT: TWO_ATTESTS}
ALL = {Side.CUSTOMER, Side.AGENT, Side.INERA}
# By the customer's attestant, of an order via an agent. Inera hears everything.
HEARD_BY = [
    (Action.ATTEST, ALL),
    (Action.REJECT, ALL),
    (Action.HAND_OVER, {Side.CUSTOMER, Side.INERA}),
    (Action.RECUSE, {Side.CUSTOMER, Side.INERA}),
]


@pytest.mark.parametrize(("action", "sides"), HEARD_BY)
def test_who_steps_aside_or_hands_over_is_the_own_sides_matter(action, sides):
    case = after(Action.APPROVE, Action.ATTEST, flow=Flow.VIA_AGENT)
    row = find(case.flow, case.state, action)[0]
    now = situation(case, COLLEAGUE).playing(Part.CUSTOMER_ATTESTANT, None)
    done = decision(now, row, AT + HOUR * 5)
    whole, past = dossier(case), Timeline((*case.decisions, done), {})

    told = {side for side in ALL if (action, done.at) in _heard(disclose_timeline(whole, past, side))}

    assert told == sides


@pytest.mark.parametrize("language", Language)
def test_that_a_review_took_an_order_on_is_told_to_the_side_that_asks_for_fewer_attests_and_why(language):
    given = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.ATTEST, flow=Flow.VIA_AGENT, rules=TWO)
    seen = pressed(situation(given, None, rules={}), Action.REVIEW, AT + HOUR * 9)
    done = replace(seen.decision, reason_code=ReasonCode.ENOUGH_ATTESTS)
    whole, past = dossier(seen.after), Timeline((*given.decisions, done), {})

    told = {side: _told_of_review(whole, past, side, language) for side in ALL}

    line = {
        Language.SV: "Beställningen gick vidare {}: de attester som fanns räcker, färre behövs nu",
        Language.EN: "The order moved on {}: the attests given suffice, fewer are needed now",
    }[language].format(when(language, done.at))
    assert told == {Side.CUSTOMER: [line], Side.AGENT: [], Side.INERA: [line]}


@pytest.mark.parametrize(("language", "why"), [(Language.SV, "färre behövs nu"), (Language.EN, "fewer are needed now")])
def test_a_line_of_history_says_why_a_review_took_an_order_on(language, why):
    moved = ("review", "awaiting_agent_attest", "awaiting_customer_attest", 1, 1, 1)
    facts = '{"reason_code": "enough_attests"}'
    by_clock = ("clock", None, None, "clock", "clock", facts, "change", None, None)
    line = HistoryLine(1, "B-2345678", AT, *moved, *by_clock)

    told = " ".join(told_of(line, NamesAround({}, {}, Flow.VIA_AGENT), language))

    assert why in told
    assert "{" not in told


def _told_of_review(whole, past, side, language):
    words = CaseWords(disclose(whole, side), language)
    return [line(words, each, 1) for each in disclose_timeline(whole, past, side) if each.action is Action.REVIEW]


def _heard(steps):
    return {(step.action, step.at) for step in steps}
