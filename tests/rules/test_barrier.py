"""The information barrier, as people meet it: no drawing for one side holds a fact of another (domain: 5.4).

What each side may see is written here by hand, from the domain's own table; the code's table is not looked at.
"""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from bot.views.details import Reading
from bot.views.modals import DetailsModal
from core.api import (
    ORDER_FLOWS,
    SIDE_OF,
    Action,
    Asked,
    Block,
    Blocked,
    Cost,
    Flow,
    Language,
    OrganisationId,
    Part,
    Past,
    Payer,
    Period,
    PersonId,
    Role,
    Side,
    State,
    disclose,
    disclose_past,
)
from tests import builders, detours
from tests.drawings import PARTS, mail_of, of_part, strings, turns

CUSTOMER, AGENT, INERA = Side.CUSTOMER, Side.AGENT, Side.INERA
BEFORE = OrganisationId("OBEFORE")

# Planted fact -> the sides that may see it. Amounts are whole kronor, looked for without spaces and separators.
PLANTED = {
    "71111": {CUSTOMER, INERA},  # the customer's cost: now, as it was ordered, and from a coming day
    "72222": {CUSTOMER, INERA},
    "73333": {CUSTOMER, INERA},
    "74444": {CUSTOMER, INERA},
    "83333": {AGENT, INERA},  # the agent's cost
    "84444": {AGENT, INERA},
    "85555": {AGENT, INERA},
    "86666": {AGENT, INERA},
    "91111": {CUSTOMER, INERA},  # how much people may attest
    "92222": {AGENT, INERA},
    "Fakturareferens-kund": {CUSTOMER, INERA},
    "Kommentar-kund": {CUSTOMER, INERA},
    "Ärendenummer-kund": {CUSTOMER, INERA},  # the customer's own reference
    "Mall-för-instruktion": {INERA},  # what customer service starts from
    "Namn-customer": {CUSTOMER, INERA},  # names of deciders, substitutes, recused: own side, and Inera
    "Namn-agent": {AGENT, INERA},
    "Namn-inera": {INERA},
    "Borta-customer": {CUSTOMER, INERA},  # whom somebody substituted for
    "Borta-agent": {AGENT, INERA},
    "Internt-customer_attestant": {CUSTOMER},  # internal reasons: own side, and nobody else, not even Inera
    "Internt-agent_handler": {AGENT},
    "Internt-agent_attestant": {AGENT},
    "Instruktion-till-kund": {CUSTOMER, INERA},
    "Besked-till-agent": {AGENT, INERA},
    "Fråga-från-customer": {CUSTOMER},  # a question and its answer: the asking side, and who must answer
    "Svar-till-customer": {CUSTOMER},
    "Fråga-från-agent": {CUSTOMER, AGENT, INERA},
    "Svar-till-agent": {CUSTOMER, AGENT, INERA},
    "Fråga-från-inera": {CUSTOMER, INERA},
    "Svar-till-inera": {CUSTOMER, INERA},
    "Tillbaka-inom-agent": {AGENT},
    "Nödläge-customer": {CUSTOMER, INERA},  # why a reserve attested
    "Nödläge-agent": {AGENT, INERA},
    "Paus-skäl": {CUSTOMER, INERA},
    "Gamla-agenten": {CUSTOMER, INERA},  # through whom the customer is connected today
    "1912121212": set(),  # an organisation's number that is a personnummer: nobody
    "191212-1212": set(),
}
# What everybody may see, so that a test that looks at nothing does not pass.
OPEN = {"Tjänsten-i-fråga", "Enheten-i-fråga", "Kunden-i-fråga"}
REASONS = {"Motivering-customer_attestant", "Motivering-agent_handler", "Motivering-agent_attestant"}

LIMITS = {CUSTOMER: 9_111_100, AGENT: 9_222_200, INERA: None}
PLAYERS = [*builders.PLAYS.items(), *builders.COLLEAGUES.items()]
SIDE_OF_PERSON = {person: SIDE_OF[part] for part, person in PLAYERS if person is not None}


def absent_on(side):
    return None if side is INERA else PersonId(f"PAWAY{side}")


def planted(case, **changes):
    """The dossier of a case in which every field holds a fact of its own."""
    people = {person: f"Namn-{side}-{person}" for person, side in SIDE_OF_PERSON.items()}
    people |= {absent_on(side): f"Borta-{side}" for side in (CUSTOMER, AGENT)}
    customer = builders.organisation(
        builders.CUSTOMER, name="Kunden-i-fråga", org_number="1912121212", org_number_is_personal=True
    )
    agent = builders.organisation(builders.AGENT, name="Agenten-i-fråga")
    before = replace(agent, id=BEFORE, name="Gamla-agenten")
    words = dict.fromkeys(Language, "Tjänsten-i-fråga")
    return builders.dossier(
        with_facts(case, **changes),
        offer=builders.offer_words(service=words, template=dict.fromkeys(Language, "Mall-för-instruktion")),
        organisations={builders.CUSTOMER: customer, builders.AGENT: agent, BEFORE: before},
        people=people,
        rules=detours.TWO,
    )


def with_facts(case, **changes):
    order = replace(
        case.order,
        units=(replace(builders.UNITS[0], name="Enheten-i-fråga"),),
        invoice_ref="Fakturareferens-kund",
        comment="Kommentar-kund",
        external_case_ref="Ärendenummer-kund",
        costs=costs(7_111_100, 8_333_300),
        earlier_costs=costs(7_333_300, 8_555_500),
        coming_costs=costs(7_444_400, 8_666_600),
        coming_from=date(2027, 1, 1),
        replaces_agent=BEFORE,
    )
    decisions = told(case)
    asked = tuple(lent(each) for each in case.asked)
    recused = (builders.COLLEAGUE, builders.HANDLERS_COLLEAGUE, builders.AGENT_COLLEAGUE)
    hold = "Paus-skäl" if case.hold else ""
    made = replace(case, content=order, decisions=decisions, asked=asked, recused=recused, hold=hold)
    return replace(made, **{"chosen_attestant": builders.AGENT_ATTESTANT} | changes)


def costs(customer, agent):
    return {
        Payer.CUSTOMER: Cost(customer, 7_222_200, Period.YEAR),
        Payer.AGENT: Cost(agent, 8_444_400, Period.YEAR),
    }


def lent(asked):
    """Somebody asked as a substitute with a limit."""
    side = SIDE_OF_PERSON[asked.person]
    return replace(asked, limit_ore=LIMITS[side], absent=absent_on(side) if asked.role is not Role.ORDERER else None)


def told(case):
    """The decisions with words and rights of their own."""
    made, asking = [], INERA
    for each in case.decisions:
        side = SIDE_OF.get(each.part)
        asking = side if each.action is Action.REQUEST_COMPLETION else asking
        own = {"limit_ore": LIMITS[side], "absent": absent_on(side)} if side in {CUSTOMER, AGENT} else {}
        own = {} if each.part is Part.ORDERER else own
        silent = {"reason": "", "internal": "", "message": ""}
        made.append(replace(each, **silent | own | words(each, side, asking)))
    return tuple(made)


def words(decision, side, asking):
    said = {
        Action.REJECT: {"reason": f"Motivering-{decision.part}", "internal": f"Internt-{decision.part}"},
        Action.CANCEL: {"reason": "Avbruten-eftersom"},
        Action.EMERGENCY_ATTEST: {"reason": f"Nödläge-{side}"},
        Action.REQUEST_COMPLETION: {"message": f"Fråga-från-{side}"},
        Action.ANSWER: {"message": f"Svar-till-{asking}"},
        Action.SEND_BACK: {"message": "Tillbaka-inom-agent"},
        Action.SEND_INSTRUCTIONS: {"message": "Instruktion-till-kund"},
        Action.SEND_AGAIN: {"message": "Instruktion-till-kund"},
        Action.INFORM_AGENT: {"message": "Besked-till-agent"},
    }
    return said.get(decision.action, {})


def cases():
    for flow in ORDER_FLOWS:
        for name, case in turns(flow, back=3):
            yield f"{flow}, {name}", planted(case)
    for name, dossier in detours.detours():
        if not name.startswith("blocked"):
            yield name, planted(dossier.case)


CASES = tuple(cases())


def seen(drawn):
    """Everything a drawing says, with amounts as plain digits."""
    text = json.dumps(list(strings(drawn)), ensure_ascii=False)
    return text + re.sub(r"[\s\u00a0.,]", "", text)


def drawings(dossier, part, language=Language.SV):
    """What whoever plays a part can be shown of a case, in Slack and by mail, and the whole order with its history."""
    for name, kind, drawn in of_part("", dossier, part, language):
        yield name, kind, drawn
        if kind == "message":
            yield f"{name} by mail", "mail", mail_of(drawn, language)
    yield from ((f"history {page}", "modal", history(dossier, SIDE_OF[part], page, language)) for page in (0, 1))


def history(dossier, side, page, language):
    past = Past((*dossier.case.decisions, *aside(dossier.case)), dossier.people)
    read = Reading(past=disclose_past(dossier, past, side), page=page)
    return DetailsModal.build(disclose(dossier, side), language, read)


def aside(case):
    """What leaves only a line in history, by people who do nothing else."""
    for part, state in AT.items():
        now = builders.situation(replace(case, state=state), builders.COLLEAGUES[part]).playing(part, None)
        for row in (*builders.find(case.flow, state, Action.RECUSE), *builders.find(case.flow, state, Action.CLAIM)):
            made = builders.decision(now, row, builders.AT)
            yield from (made, replace(made, action=Action.HAND_OVER, to=builders.PLAYS[part]))


AT = {
    Part.CUSTOMER_ATTESTANT: State.AWAITING_CUSTOMER_ATTEST,
    Part.AGENT_ATTESTANT: State.AWAITING_AGENT_ATTEST,
    Part.CUSTOMER_SERVICE: State.AWAITING_CUSTOMER_SERVICE,
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("part", PARTS)
def test_no_drawing_holds_a_fact_of_another_side(part, language):
    side = SIDE_OF[part]
    for name, dossier in CASES:
        for drawing, _, drawn in drawings(dossier, part, language):
            text = seen(drawn)
            leaked = [fact for fact, sides in PLANTED.items() if side not in sides and fact in text]
            assert not leaked, (name, drawing)


@pytest.mark.parametrize("side", Side)
def test_what_a_side_may_see_is_shown_to_it(side):
    parts = [part for part in PARTS if SIDE_OF[part] is side]
    shown = "".join(seen(drawn) for _, case in CASES for part in parts for *_, drawn in drawings(case, part))

    allowed = {fact for fact, sides in PLANTED.items() if side in sides}
    assert {fact for fact in allowed | OPEN | REASONS if fact not in shown} == set()


def test_a_direct_order_that_names_an_agent_tells_the_agent_nothing():
    """An agent named for information plays no part, so there is no view of the case for its side to draw."""
    case = builders.after()
    case = replace(case, content=replace(case.order, named_agent=builders.AGENT))

    assert all(not disclose(planted(case), AGENT).offers[part] for part in PARTS if SIDE_OF[part] is AGENT)


def alike(some, others):
    """What two drawings of one case say, whatever its revision."""
    return [list(strings_but_ids(drawn)) for *_, drawn in some] == [list(strings_but_ids(each)) for *_, each in others]


def strings_but_ids(drawn):
    return (text for text in strings(drawn) if not re.fullmatch(r"\d+\.\d+", text))


@pytest.mark.parametrize("why", Block)
@pytest.mark.parametrize(
    "state", [State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST, State.AWAITING_CUSTOMER_ATTEST]
)
def test_what_keeps_one_side_from_deciding_changes_nothing_for_the_other(why, state):
    case = builders.case_in(state, Flow.VIA_AGENT)
    its_own = {Block.NO_CUSTOMER_AGREEMENT: CUSTOMER, Block.NO_AGENT_AGREEMENT: AGENT, Block.NO_AGENT_ASSIGNMENT: AGENT}
    waiting = CUSTOMER if state is State.AWAITING_CUSTOMER_ATTEST else AGENT
    (other,) = {CUSTOMER, AGENT} - {its_own.get(why, waiting)}

    free, blocked = planted(case), planted(case, blocked=Blocked(why, told=True))

    for part in (each for each in PARTS if SIDE_OF[each] is other):
        assert alike(of_part("", free, part, Language.SV), of_part("", blocked, part, Language.SV)), part


@pytest.mark.parametrize(
    ("actions", "of", "other"),
    [
        ((Action.APPROVE,), Part.AGENT_ATTESTANT, CUSTOMER),
        ((Action.APPROVE, Action.ATTEST), Part.CUSTOMER_ATTESTANT, AGENT),
    ],
)
def test_how_many_a_side_asks_and_who_was_first_is_its_own_matter(actions, of, other):
    case = builders.after(*actions, flow=Flow.VIA_AGENT)
    two = {SIDE_OF[of]: builders.TWO_ATTESTS}
    (row, *_) = builders.find(case.flow, case.state, Action.ATTEST)
    one = builders.step(case, row, builders.AT + builders.HOUR * 5, two)

    before, after = builders.dossier(case), builders.dossier(one, rules=two)

    assert one.state is case.state
    for part in (each for each in PARTS if SIDE_OF[each] is other):
        assert alike(of_part("", before, part, Language.SV), of_part("", after, part, Language.SV)), part


def test_a_later_agent_reads_nothing_of_what_an_earlier_one_did():
    case = builders.after(Action.APPROVE, Action.ATTEST, Action.REQUEST_COMPLETION, Action.ANSWER, flow=Flow.VIA_AGENT)
    first = tuple(
        replace(each, organisation=BEFORE) if SIDE_OF.get(each.part) is AGENT else each for each in case.decisions
    )
    dossier = planted(replace(case, decisions=first), chosen_attestant=None)

    for part in (each for each in PARTS if SIDE_OF[each] is AGENT):
        text = "".join(seen(drawn) for *_, drawn in drawings(dossier, part))
        assert f"Namn-agent-{builders.HANDLER}" not in text, part


def test_somebody_asked_as_a_substitute_is_drawn_so():
    """The plants reach the line that says why, or nothing of them could leak there."""
    dossier = planted(builders.after())

    assert dossier.case.asked[0] == Asked(builders.ATTESTANT, Role.ATTESTANT, LIMITS[CUSTOMER], absent_on(CUSTOMER))
