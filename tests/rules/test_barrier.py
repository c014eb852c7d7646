"""The information barrier, as people meet it: no drawing for one side holds a fact of another (domain: 5.4).

What each side may see is written here by hand, from the domain's own table; the code's table is not looked at.
"""

import json
import re
from dataclasses import replace

import pytest

from core.api import (
    SIDE_OF,
    Action,
    Cost,
    Flow,
    Language,
    Payer,
    Period,
    Side,
    disclose,
)
from tests import builders
from tests.drawings import PARTS, of_part, strings

CUSTOMER, AGENT, INERA = Side.CUSTOMER, Side.AGENT, Side.INERA

# Planted fact -> the sides that may see it. Amounts are whole kronor, looked for without spaces and separators.
PLANTED = {
    "71111": {CUSTOMER, INERA},  # the customer's cost
    "72222": {CUSTOMER, INERA},
    "83333": {AGENT, INERA},  # the agent's cost
    "84444": {AGENT, INERA},
    "Fakturareferens-kund": {CUSTOMER, INERA},
    "Kommentar-kund": {CUSTOMER, INERA},
    "Ärendenummer-kund": {CUSTOMER, INERA},  # the customer's own reference
    "Mall-för-instruktion": {INERA},  # what customer service starts from
    "Namn-orderer": {CUSTOMER, INERA},  # names of deciders: own side, and Inera
    "Namn-customer_attestant": {CUSTOMER, INERA},
    "Namn-agent_handler": {AGENT, INERA},
    "Namn-agent_attestant": {AGENT, INERA},
    "Namn-customer_service": {INERA},
    "Internt-customer_attestant": {CUSTOMER},  # internal reasons: own side, and nobody else, not even Inera
    "Internt-agent_handler": {AGENT},
    "Internt-agent_attestant": {AGENT},
    "Instruktion-till-kund": {CUSTOMER, INERA},
    "Besked-till-agent": {AGENT, INERA},
    "1912121212": set(),  # an organisation's number that is a personnummer: nobody
    "191212-1212": set(),
}
# What everybody may see, so that a test that looks at nothing does not pass.
OPEN = {"Tjänsten-i-fråga", "Enheten-i-fråga", "Kunden-i-fråga"}
REASONS = {"Motivering-customer_attestant", "Motivering-agent_handler", "Motivering-agent_attestant"}


def planted(case):
    """The dossier of a case in which every field holds a fact of its own."""
    people = {builders.PLAYS[part]: f"Namn-{part}" for part in PARTS}
    customer = builders.organisation(
        builders.CUSTOMER, name="Kunden-i-fråga", org_number="1912121212", org_number_is_personal=True
    )
    agent = builders.organisation(builders.AGENT, name="Agenten-i-fråga")
    order = replace(
        case.order,
        units=(replace(builders.UNITS[0], name="Enheten-i-fråga"),),
        invoice_ref="Fakturareferens-kund",
        comment="Kommentar-kund",
        external_case_ref="Ärendenummer-kund",
        costs={
            Payer.CUSTOMER: Cost(7_111_100, 7_222_200, Period.YEAR),
            Payer.AGENT: Cost(8_333_300, 8_444_400, Period.YEAR),
        },
    )
    words = dict.fromkeys(Language, "Tjänsten-i-fråga")
    return builders.dossier(
        replace(
            case, order=order, decisions=tuple(map(told, case.decisions)), chosen_attestant=builders.AGENT_ATTESTANT
        ),
        offer=builders.offer_words(service=words, template=dict.fromkeys(Language, "Mall-för-instruktion")),
        organisations={builders.CUSTOMER: customer, builders.AGENT: agent},
        people=people,
    )


def told(decision):
    if decision.action is Action.REJECT:
        return replace(decision, reason=f"Motivering-{decision.part}", internal=f"Internt-{decision.part}")
    message = {Action.SEND_INSTRUCTIONS: "Instruktion-till-kund", Action.INFORM_AGENT: "Besked-till-agent"}
    return replace(decision, message=message.get(decision.action, ""))


CASES = [(flow, name, planted(case)) for flow in Flow for name, case in builders.journeys(flow)]


def seen(drawn):
    """Everything a drawing says, with amounts as plain digits."""
    text = json.dumps(list(strings(drawn)), ensure_ascii=False)
    return text + re.sub(r"[\s\u00a0.,]", "", text)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("part", PARTS)
def test_no_drawing_holds_a_fact_of_another_side(part, language):
    side = SIDE_OF[part]
    for flow, name, dossier in CASES:
        for drawing, _, drawn in of_part(f"{flow}, {name}", dossier, part, language):
            text = seen(drawn)
            leaked = [fact for fact, sides in PLANTED.items() if side not in sides and fact in text]
            assert not leaked, drawing


@pytest.mark.parametrize("part", PARTS)
def test_what_a_side_may_see_is_shown_to_it(part):
    side = SIDE_OF[part]
    shown = "".join(seen(drawn) for *_, case in CASES for *_, drawn in of_part("", case, part, Language.SV))

    allowed = {fact for fact, sides in PLANTED.items() if side in sides}
    assert {fact for fact in allowed | OPEN | REASONS if fact not in shown} == set()


def test_a_direct_order_that_names_an_agent_tells_the_agent_nothing():
    """An agent named for information plays no part, so there is no view of the case for its side to draw."""
    case = builders.after()
    case = replace(case, order=replace(case.order, named_agent=builders.AGENT))

    assert all(not disclose(planted(case), AGENT).offers[part] for part in PARTS if SIDE_OF[part] is AGENT)
