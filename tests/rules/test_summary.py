"""The lines that a card is decided by: who pays what, for how many units, who ordered, how far it is, who is asked."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.api import (
    Action,
    Assignee,
    Block,
    Cost,
    Flow,
    Language,
    Limited,
    Part,
    Payer,
    Role,
    Rules,
    Side,
    State,
    Unit,
    day_of,
)
from notifications.render.pieces import summary
from notifications.render.pieces.facts import Why
from notifications.render.pieces.words import CaseWords
from notifications.rules.announcements import CardKind
from tests.support.drawn import detours
from tests.support.drawn.cards import a_card, shown
from tests.support.drawn.reading import as_read
from tests.support.world import builders
from tests.support.world.builders import after

VIA, ASSIGNMENT, TERMINATION = Flow.VIA_AGENT, Flow.AGENT_ASSIGNMENT, Flow.TERMINATION
BO, FRIDA, INGRID = builders.ATTESTANT, builders.COLLEAGUE, "Ingrid Tall"
WHY = Why(Role.ATTESTANT, "Region Exempel")


ANSWERED = {State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_AGENT_ATTEST}


def words(case, side=Side.CUSTOMER, language=Language.SV):
    return CaseWords(builders.view(case, side), language)


def said(line):
    return "".join(run if isinstance(run, str) else run.text for run in line).replace("\u00a0", " ")


def ordering(flow=Flow.DIRECT, case=None, **changes):
    case = case or after(flow=flow)
    return replace(case, content=replace(case.order, **changes))


def costing(flow, **costs):
    return ordering(flow, costs={Payer(payer): cost for payer, cost in costs.items()})


FOR_UNITS, IN_TOTAL = " för 3 vårdenheter", " in total for 3 care units"
DEAR, CHEAP = Cost(1_200_000, 120_000), Cost(50_000, 0)


# --- who pays what


@pytest.mark.parametrize(
    ("flow", "side", "language", "paid"),
    [
        (
            VIA,
            Side.CUSTOMER,
            Language.SV,
            "Region Exempel betalar totalt 12 000 kr en gång + 1 200 kr/år exkl. moms för 3 vårdenheter",
        ),
        (VIA, Side.AGENT, Language.SV, "Journalia AB betalar totalt 500 kr en gång exkl. moms" + FOR_UNITS),
        (
            VIA,
            Side.INERA,
            Language.SV,
            "Region Exempel betalar totalt 12 000 kr en gång + 1 200 kr/år exkl. moms för 3 vårdenheter",
        ),
        (
            ASSIGNMENT,
            Side.INERA,
            Language.SV,
            "Region Exempel betalar totalt 12 000 kr en gång + 1 200 kr/år exkl. moms för 3 vårdenheter",
        ),
        (
            VIA,
            Side.CUSTOMER,
            Language.EN,
            "Region Exempel pays SEK 12,000 one-off + SEK 1,200/year excl. VAT in total for 3 care units",
        ),
        (
            VIA,
            Side.INERA,
            Language.EN,
            "Region Exempel pays SEK 12,000 one-off + SEK 1,200/year excl. VAT in total for 3 care units",
        ),
        (
            ASSIGNMENT,
            Side.INERA,
            Language.EN,
            "Region Exempel pays SEK 12,000 one-off + SEK 1,200/year excl. VAT in total for 3 care units",
        ),
    ],
)
def test_a_reader_learns_what_the_own_side_pays_and_customer_service_what_the_customer_does(flow, side, language, paid):
    case = costing(flow, customer=DEAR, agent=CHEAP)

    assert said(summary.decides(words(case, side, language))).split(" · ")[0] == paid


@pytest.mark.parametrize(
    ("flow", "side", "paid"),
    [
        (VIA, Side.CUSTOMER, "Region Exempel betalar inget"),
        (VIA, Side.INERA, "Region Exempel betalar inget"),
        (ASSIGNMENT, Side.INERA, "Region Exempel betalar inget"),
    ],
)
def test_what_costs_nothing_says_so(flow, side, paid):
    assert said(summary.decides(words(costing(flow, customer=Cost()), side))).startswith(f"{paid} · 3 vårdenheter")


def test_to_end_what_one_has_is_not_paid_for_and_says_what_ends():
    case = after(flow=TERMINATION)

    ends = "avgift som upphör: 4 500 kr/år exkl. moms"
    assert said(summary.decides(words(case))) == f"3 vårdenheter · {ends} · begärd av Anna Ek"
    assert summary.first_year(words(case), 5_000_000) == []


# --- units, and who ordered


@pytest.mark.parametrize(
    ("count", "shown", "counted"),
    [
        (0, "", ""),
        (1, "Enhet 0", "1 vårdenhet"),
        (3, "Enhet 0, Enhet 1, Enhet 2", "3 vårdenheter"),
        (4, "Enhet 0, Enhet 1 och 2 till", "4 vårdenheter"),
        (40, "Enhet 0, Enhet 1 och 38 till", "40 vårdenheter"),
    ],
)
def test_three_units_are_named_and_of_more_the_first_two(count, shown, counted):
    case = ordering(units=tuple(Unit(f"Enhet {number}") for number in range(count)))

    assert said(summary.units(words(case))) == shown
    paid = "Region Exempel betalar {} exkl. moms"
    assert said(summary.decides(words(case), with_orderer=False)) == (
        paid.format("totalt 25 000 kr en gång + 12 000 kr/år") + f" för {counted}"
        if count
        else paid.format("25 000 kr en gång + 12 000 kr/år")
    )


def test_the_orderer_is_named_where_the_reader_may_know_and_did_not_order():
    assert said(summary.decides(words(after(flow=VIA)))).endswith(" · beställt av Anna Ek")
    assert "Anna Ek" not in said(summary.decides(words(after(flow=VIA)), with_orderer=False))
    assert "Anna Ek" not in said(summary.decides(words(after(flow=VIA), Side.AGENT)))
    status = as_read(shown(builders.dossier(after()), a_card(CardKind.STATUS, Part.ORDERER, after())))
    assert "Anna Ek" not in status


# --- through whom


def test_an_agent_is_not_told_through_whom_and_an_assignment_connects_nobody():
    assert said(summary.ordered(words(after(flow=VIA)))) == (
        "NPÖ Producent · via Journalia AB · önskad start 1 april 2026"
    )
    assert said(summary.ordered(words(after(flow=VIA), Side.AGENT))) == "NPÖ Producent · önskad start 1 april 2026"
    assert "anslutning" not in said(summary.ordered(words(after(flow=ASSIGNMENT))))
    assert said(summary.ordered(words(after(flow=TERMINATION)))).endswith("önskad sista dag 1 april 2026")
    assert said(summary.ordered(words(ordering(desired_start=None)))) == "NPÖ Producent"


def test_an_offer_that_is_called_by_its_way_says_it_once():
    called = builders.offer_words(offer=dict.fromkeys(Language, "Producent, direktanslutning"))
    view = builders.disclosed(builders.dossier(after(), offer=called), Side.CUSTOMER)

    via = builders.offer_words(offer=dict.fromkeys(Language, "Producent, via agent"))
    through = builders.disclosed(builders.dossier(after(flow=VIA), offer=via), Side.CUSTOMER)

    assert said(summary.ordered(CaseWords(view, Language.SV))) == (
        "Producent, direktanslutning · önskad start 1 april 2026"
    )
    assert said(summary.ordered(CaseWords(through, Language.SV))) == (
        "Producent, via agent · via Journalia AB · önskad start 1 april 2026"
    )


# --- whose limit the amount is over


SOME_ARE_LIMITED = "Beloppet är över gränsen för 9 av 12 attestanter."
MAY_INSTEAD = "Frida Näs kan attestera i stället, som reservattestant."


def of_limits(case, kind, part, limited, **changes):
    case = replace(case, limited=limited, **changes)
    return as_read(shown(builders.dossier(case), a_card(kind, part, case))).replace("*", "")


def test_a_limit_that_not_everybody_has_is_told_to_whoever_can_attest_and_whoever_ordered():
    limited = Limited(9, 12)
    attests = of_limits(after(), CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, limited)
    status = of_limits(after(), CardKind.STATUS, Part.ORDERER, limited)
    agents = of_limits(after(Action.APPROVE, flow=VIA), CardKind.STATUS, Part.ORDERER, limited)
    agent = of_limits(after(Action.APPROVE, flow=VIA), CardKind.AGENT_ATTEST, Part.AGENT_ATTESTANT, limited)

    assert [SOME_ARE_LIMITED in text for text in (attests, status, agents, agent)] == [True, True, False, True]


def test_over_everybodys_limit_it_is_told_who_may_attest_instead():
    case = detours.blocked(State.AWAITING_CUSTOMER_ATTEST, Block.OVER_LIMIT)
    limited = Limited(2, 2, (builders.COLLEAGUE,))
    status = of_limits(case, CardKind.STATUS, Part.ORDERER, limited)
    told = of_limits(case, CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR, limited)

    assert MAY_INSTEAD in status
    assert MAY_INSTEAD in told
    assert "av 2 attestanter" not in status + told


# --- what is held against the first year


def test_the_first_year_is_told_where_a_limit_or_a_number_of_attests_is_held_against_it():
    alone, several = words(after()), CaseWords(builders.disclosed(detours.several(), Side.CUSTOMER), Language.SV)

    assert summary.first_year(alone, None) == []
    assert said(summary.first_year(alone, 5_000_000)) == "Kostnad första året: 37 000 kr. Din gräns är 50 000 kr."
    assert said(summary.first_year(several, None)) == "Kostnad första året: 37 000 kr."


def test_the_amount_from_which_e_identification_is_needed_is_told_to_the_side_that_declared_it():
    declared = {Side.CUSTOMER: Rules(eid_from_ore=3_000_000)}
    record = replace(builders.dossier(after()), rules=declared)
    own, inera = (CaseWords(builders.disclosed(record, side), Language.SV) for side in (Side.CUSTOMER, Side.INERA))
    at_agent = replace(builders.dossier(after(flow=VIA)), rules=declared)

    assert said(summary.first_year(own, None)) == "Kostnad första året: 37 000 kr. E-legitimation krävs från 30 000 kr."
    assert said(summary.first_year(own, 5_000_000)).endswith(
        " 37 000 kr. Din gräns är 50 000 kr. E-legitimation krävs från 30 000 kr."
    )
    assert inera.view.eid_from_ore == 3_000_000
    assert builders.disclosed(at_agent, Side.CUSTOMER).eid_from_ore is None
    assert builders.disclosed(replace(record, rules=declared), Side.AGENT).eid_from_ore is None


# --- wanted before the time to answer runs out


ENDS = date(2026, 4, 27)


@pytest.mark.parametrize(
    ("flow", "wanted", "told"),
    [
        (Flow.DIRECT, None, "Svara senast 27 april 2026."),
        (Flow.DIRECT, ENDS, "Svara senast 27 april 2026."),
        (Flow.DIRECT, date(2026, 4, 26), "Svara senast 27 april 2026, efter önskad start."),
        (TERMINATION, date(2026, 4, 26), "Svara senast 27 april 2026, efter önskad sista dag."),
    ],
)
def test_a_time_to_answer_that_runs_out_after_the_wanted_day_says_so(flow, wanted, told):
    case = ordering(flow, desired_start=wanted)

    assert day_of(words(case).view.expires_at) == ENDS
    assert told in as_read(
        shown(builders.dossier(case), a_card(CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, case))
    ).replace("\u00a0", " ")


# --- when it is expected to be carried out


SERVED = (Action.ATTEST,)
IN_TIME, TOO_LATE = datetime(2026, 3, 13, 12, tzinfo=UTC), datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_a_day_is_expected_where_only_customer_service_is_left_until_that_day_is_over():
    case = after(*SERVED)

    assert summary.expected(words(case), IN_TIME) == "Kundservice beräknas vara klar omkring 13\u00a0mars\u00a02026"
    assert summary.expected(words(case), None) == summary.expected(words(case), IN_TIME)
    assert summary.expected(words(case), TOO_LATE) == ""


@pytest.mark.parametrize(
    "case", [after(), after(Action.APPROVE, flow=VIA), after(*SERVED, Action.CLAIM, Action.HOLD), after(Action.REJECT)]
)
def test_no_day_is_expected_of_what_waits_for_somebodys_answer_is_paused_or_over(case):
    assert case.state in {*ANSWERED, State.REJECTED} or case.hold
    assert summary.expected(words(case), None) == ""


WITHIN = "inom cirka 1 arbetsdag"


def test_whoever_attests_last_reads_in_how_many_working_days_it_is_expected_to_be_carried_out():
    attest, agents = (CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT), (CardKind.AGENT_ATTEST, Part.AGENT_ATTESTANT)
    cases = {flow: builders.case_in(State.AWAITING_CUSTOMER_ATTEST, flow) for flow in (Flow.DIRECT, VIA, ASSIGNMENT)}
    last = {flow: as_read(shown(builders.dossier(case), a_card(*attest, case))) for flow, case in cases.items()}
    first = as_read(shown(detours.several(), a_card(*attest, detours.several().case)))
    before = after(Action.APPROVE, flow=VIA)

    assert all(WITHIN in text for text in last.values())
    assert WITHIN not in first
    assert WITHIN not in as_read(shown(builders.dossier(before), a_card(*agents, before)))


def test_the_first_of_several_attestants_reads_too_that_the_agent_has_attested():
    done = (Action.APPROVE, Action.ATTEST, Action.ATTEST)
    via, direct = detours.several(*done, flow=VIA), detours.several()
    texts = [
        as_read(shown(each, a_card(CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, each.case)))
        for each in (via, direct)
    ]

    assert "~ Journalia AB har attesterat. Efter din attest behövs en till." in texts[0]
    assert "har attesterat. Efter" not in texts[1]


@pytest.mark.parametrize(
    ("actions", "flow", "ends"),
    [
        (SERVED, Flow.DIRECT, "Steg 2 av 3, sedan bekräftar beställaren"),
        ((Action.APPROVE, Action.ATTEST, Action.ATTEST), VIA, "Steg 4 av 5, sedan bekräftar agenten eller beställaren"),
    ],
)
def test_customer_service_reads_what_comes_after_its_own_step(actions, flow, ends):
    case = after(*actions, flow=flow)

    assert as_read(
        shown(builders.dossier(case), a_card(CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, case))
    ).endswith(ends)


def test_what_is_reviewed_first_is_attested_then():
    case = builders.case_in(State.AWAITING_REVIEW, ASSIGNMENT)
    card = a_card(CardKind.ASSIGNMENT_REVIEW, Part.CUSTOMER_SERVICE, case)

    assert as_read(shown(builders.dossier(case), card)).endswith("Steg 1 av 3, sedan agentens attestant")


# --- how far it is, and who is asked


def asked_of(case, reader, why=WHY):
    return said(summary.asked(words(case), why, reader))


def asking(*people):
    return replace(after(), asked=tuple(Assignee(each, Role.ATTESTANT) for each in people))


def test_who_else_is_asked_leaves_out_the_reader_and_whom_the_reader_substitutes_for():
    assert asked_of(asking(BO, FRIDA), "Bo Lund").endswith(" Du eller Frida Näs attesterar för Region Exempel.")
    assert asked_of(asking(BO, FRIDA), "Frida Näs").endswith(" Du eller Bo Lund attesterar för Region Exempel.")
    assert asked_of(asking(BO), "Bo Lund").endswith(" Du attesterar för Region Exempel.")
    assert asked_of(asking(BO, FRIDA), "Bo Lund", replace(WHY, absent="Frida Näs")) == (
        "Svara senast 27 april 2026, efter önskad start. "
        "Du attesterar för Region Exempel. Du är ersättare för Frida Näs."
    )


def test_of_many_who_are_asked_some_are_named_and_the_others_counted_where_they_are_more_than_one():
    four = (BO, FRIDA, builders.ADMINISTRATOR, builders.ORDERER)
    five = asking(*four, builders.HANDLER)

    assert asked_of(asking(*four), "Bo Lund").endswith(
        " Du, Frida Näs, Hans Roos eller Anna Ek attesterar för Region Exempel."
    )
    assert asked_of(five, "Bo Lund").endswith(" Du, Frida Näs, Hans Roos eller 2 till attesterar för Region Exempel.")


def test_where_several_must_attest_the_question_has_gone_to_all_of_them():
    view = builders.disclosed(detours.several(), Side.CUSTOMER)

    assert said(summary.asked(CaseWords(view, Language.SV), WHY, "Bo Lund")) == (
        "Svara senast 27 april 2026, efter önskad start. "
        "2 attester krävs för Region Exempel. Frågan har gått till dig och Frida Näs."
    )


def test_a_card_without_a_question_says_no_more_than_until_when():
    assert (
        said(summary.asked(words(after(Action.APPROVE, flow=VIA)), None, "Bo Lund"))
        == "Svara senast 27 april 2026, efter önskad start."
    )


def test_whom_it_waits_for_is_named_on_the_own_side_alone():
    at_customer = after(Action.APPROVE, Action.ATTEST, flow=VIA)

    assert summary.waited_for(words(at_customer)) == "Bo Lund eller Frida Näs"
    assert summary.waited_for(words(at_customer, Side.AGENT)) == "kundens attestant hos Region Exempel"
    assert said(summary.waits(words(at_customer, Side.AGENT))) == (
        "Steg 3 av 5 · väntar på kundens attestant hos Region Exempel"
    )
    assert said(summary.waits(words(after(Action.REJECT)))) == "Stegen"
    sent = (Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    assert said(summary.waits(words(after(*sent)))) == "Steg 3 av 3 · väntar på Anna Ek"
    assert said(summary.waits(words(after(*sent, Action.CONFIRM_CONNECTION)))) == "Alla steg är klara"
