"""Cases in which every field holds a fact of its own, and which side may see which: by hand, from the domain (5.4)."""

from dataclasses import replace
from datetime import date

from core.api import (
    ORDER_FLOWS,
    SIDE_OF,
    Action,
    ConnectionWay,
    Cost,
    EarlierConnection,
    Language,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    Role,
    Side,
)
from tests.support.drawn import detours
from tests.support.drawn.drawings import turns
from tests.support.world import builders

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
    "79999": {CUSTOMER, INERA},  # what ends
    "89999": {AGENT, INERA},
    "91111": {CUSTOMER, INERA},  # how much people may attest
    "92222": {AGENT, INERA},
    "Fakturareferens-kund": {CUSTOMER, INERA},
    "Fakturareferens-före": {CUSTOMER, INERA},
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
    "Tillägg-attest-customer": {CUSTOMER, INERA},  # what was added to an attest: own side, and Inera
    "Tillägg-attest-agent": {AGENT, INERA},
    "Tillägg-godkänt-agent": {CUSTOMER, AGENT, INERA},  # what was added to an approval is for everybody
    "Tillägg-godkänt-inera": {CUSTOMER, AGENT, INERA},
    "Paus-skäl": {CUSTOMER, INERA},
    "Tidigare-erbjudande": {CUSTOMER, INERA},  # what the units have already
    "Kvarvarande-erbjudande": {CUSTOMER, INERA},
    "Gamla-agenten": {CUSTOMER, INERA},  # through whom the customer is connected today
    "1912121212": set(),  # an organisation's number that is a personnummer: nobody
    "191212-1212": set(),
}
# What is known and not drawn for everybody who may know it: what each paid in an earlier version, and which units have
# something already.
NOT_DRAWN = {
    "93333": {CUSTOMER, INERA},  # from which amount e-identification is needed
    "94444": {AGENT, INERA},
    "75555": {CUSTOMER, INERA},
    "87777": {AGENT, INERA},
    "Tidigare-enhet": {CUSTOMER, INERA},
    "Kvarvarande-enhet": {CUSTOMER, INERA},
}
# What everybody may see, so that a test that looks at nothing does not pass.
OPEN = {"Tjänsten-i-fråga", "Enheten-i-fråga", "Kunden-i-fråga"}
REASONS = {"Motivering-customer_attestant", "Motivering-agent_handler", "Motivering-agent_attestant"}

FROM = {CUSTOMER: 9_333_300, AGENT: 9_444_400}
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
        rules={side: replace(each, eid_from_ore=FROM[side]) for side, each in detours.TWO.items()},
        orderer_language=Language.EN,
    )


def with_facts(case, **changes):
    order = replace(
        case.order,
        before=earlier(case),
        units=(replace(builders.UNITS[0], name="Enheten-i-fråga"),),
        invoice_ref="Fakturareferens-kund",
        comment="Kommentar-kund",
        external_case_ref="Ärendenummer-kund",
        costs=costs(7_111_100, 8_333_300),
        earlier_costs=costs(7_333_300, 8_555_500),
        coming_costs=costs(7_444_400, 8_666_600),
        coming_from=date(2027, 1, 1),
        ending_costs=costs(7_999_900, 8_999_900),
        replaces_agent=BEFORE,
        earlier=tuple(
            EarlierConnection(
                ConnectionWay(OfferId("code-of-before"), agent), {each: name for each in Language}, (units,), ends=ends
            )
            for agent, name, units, ends in (
                (BEFORE, "Tidigare-erbjudande", "Tidigare-enhet", True),
                (None, "Kvarvarande-erbjudande", "Kvarvarande-enhet", False),
            )
        ),
    )
    decisions = told(case)
    asked = tuple(lent(each) for each in case.asked)
    recused = (builders.COLLEAGUE, builders.HANDLERS_COLLEAGUE, builders.AGENT_COLLEAGUE)
    hold = "Paus-skäl" if case.hold else ""
    made = replace(case, content=order, decisions=decisions, asked=asked, recused=recused, hold=hold)
    return replace(made, **{"chosen_attestant": builders.AGENT_ATTESTANT} | changes)


def earlier(case):
    """What an earlier version said, through the same agent."""
    before = case.order.before
    planted_too = {"invoice_ref": "Fakturareferens-före", "costs": costs(7_555_500, 8_777_700), "agent": case.agent}
    return before and replace(before, **planted_too)


def costs(customer, agent):
    return {
        Payer.CUSTOMER: Cost(customer, 7_222_200, Period.YEAR),
        Payer.AGENT: Cost(agent, 8_444_400, Period.YEAR),
    }


def lent(asked):
    """Somebody asked as a substitute with a limit."""
    side = SIDE_OF_PERSON[asked.person]
    return replace(asked, limit_ore=LIMITS[side], absent=absent_on(side) if asked.role is not Role.ORDERER else None)


# Whom a decision names: the attestant that the agent's orderer chose, and whoever got the instructions.
RECIPIENTS = {
    Action.APPROVE: builders.AGENT_ATTESTANT,
    Action.SEND_INSTRUCTIONS: builders.ORDERER,
    Action.SEND_AGAIN: builders.ORDERER,
}


def told(case):
    """The decisions with words and rights of their own."""
    made, asking = [], INERA
    for each in case.decisions:
        side = SIDE_OF.get(each.part)
        asking = side if each.action is Action.REQUEST_COMPLETION else asking
        own = {"limit_ore": LIMITS[side], "absent": absent_on(side)} if side in {CUSTOMER, AGENT} else {}
        own = {} if each.part is Part.ORDERER else own
        own |= {"to": RECIPIENTS[each.action]} if each.action in RECIPIENTS else {}
        silent = {"reason": "", "internal": "", "message": "", "comment": ""}
        made.append(replace(each, **silent | own | words(each, side, asking)))
    return tuple(made)


def words(decision, side, asking):
    said = {
        Action.REJECT: {"reason": f"Motivering-{decision.part}", "internal": f"Internt-{decision.part}"},
        Action.CANCEL: {"reason": "Avbruten-eftersom"},
        Action.ATTEST: {"comment": f"Tillägg-attest-{side}"},
        Action.APPROVE: {"comment": f"Tillägg-godkänt-{side}"},
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
