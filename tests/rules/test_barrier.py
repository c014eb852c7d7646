"""The information barrier, as people meet it: no drawing for one side holds a fact of another (domain: 5.4).

What each side may see is written here by hand, from the domain's own table; the code's table is not looked at.
"""

import json
import re
from dataclasses import replace

import pytest

from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    DECIDING,
    SIDE_OF,
    Action,
    Assignee,
    Block,
    Blocked,
    Flow,
    Language,
    Part,
    Role,
    Side,
    State,
)
from core.shared.disclosure import DISCLOSURE, Fact, hidden_from
from core.views.case_view import disclose
from core.views.recipients import addressed
from core.views.record import Timeline
from core.views.timeline import disclose_timeline
from notifications.cards.drawer import about, recipient_of
from notifications.render.drawings import CardFacts, draw_card
from tests.support.drawn.cards import NOW, PORTAL, channel_cards_of
from tests.support.drawn.drawings import PARTS, mail_of, of_part, strings
from tests.support.drawn.sent import as_sent
from tests.support.world import builders
from tests.support.world.planted import (
    AGENT,
    BEFORE,
    CASES,
    CUSTOMER,
    INERA,
    LIMITS,
    OPEN,
    PLANTED,
    REASONS,
    absent_on,
    planted,
)


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
    past = Timeline((*dossier.case.decisions, *aside(dossier.case)), dossier.people)
    read = CaseReading(past=disclose_timeline(dossier, past, side), page=page)
    return as_sent(DetailsModal.build(disclose(dossier, side), language, read))


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


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("part", PARTS)
def test_no_drawing_holds_a_fact_of_another_side(part, language):
    side = SIDE_OF[part]
    for name, dossier in CASES:
        for drawing, _, drawn in drawings(dossier, part, language):
            text = seen(drawn)
            leaked = [fact for fact, sides in PLANTED.items() if side not in sides and fact in text]
            assert not leaked, (name, drawing)


def leaks(dossier, part):
    """What of the other side's each drawing for whoever plays a part holds."""
    for _, _, drawn in drawings(dossier, part):
        text = seen(drawn)
        yield from (fact for fact, sides in PLANTED.items() if SIDE_OF[part] not in sides and fact in text)


# Rows of the table with a side too many, and a planted fact that the side finds then.
SLIPS = [
    (Fact.CUSTOMER_COST, AGENT, "71111"),
    (Fact.AGENT_COST, CUSTOMER, "83333"),
    (Fact.INVOICE, AGENT, "Fakturareferens-kund"),
    (Fact.COMMENT, AGENT, "Kommentar-kund"),
    (Fact.EXTERNAL_CASE_REF, AGENT, "Ärendenummer-kund"),
    (Fact.CHANGE_OF_AGENT, AGENT, "Gamla-agenten"),
    (Fact.CUSTOMER_NAMES, AGENT, "Namn-customer"),
    (Fact.AGENT_NAMES, CUSTOMER, "Namn-agent"),
    (Fact.INERA_NAMES, AGENT, "Namn-inera"),
    (Fact.INERA_NAMES, CUSTOMER, "Namn-inera"),
    (Fact.CUSTOMER_INTERNAL, AGENT, "Internt-customer_attestant"),
    (Fact.CUSTOMER_INTERNAL, INERA, "Internt-customer_attestant"),
    (Fact.AGENT_INTERNAL, INERA, "Internt-agent_attestant"),
    (Fact.CUSTOMER_QUESTION, AGENT, "Fråga-från-customer"),
    (Fact.INERA_QUESTION, AGENT, "Fråga-från-inera"),
    (Fact.SENT_BACK, INERA, "Tillbaka-inom-agent"),
    (Fact.CUSTOMER_EMERGENCY, AGENT, "Nödläge-customer"),
    (Fact.INSTRUCTIONS, AGENT, "Instruktion-till-kund"),
]


@pytest.mark.parametrize(("fact", "side", "plant"), SLIPS)
def test_a_leak_that_is_planted_is_found_in_what_is_drawn(fact, side, plant, monkeypatch):
    monkeypatch.setitem(DISCLOSURE, fact, DISCLOSURE[fact] | {side})
    hidden_from.cache_clear()

    try:
        # A copy of each case, of which no view has been kept.
        readers = ((replace(case), part) for _, case in CASES for part in PARTS if SIDE_OF[part] is side)
        assert any(plant in leaks(*reader) for reader in readers)
    finally:
        hidden_from.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("side", Side)
def test_what_a_side_may_see_is_shown_to_it(side):
    parts = [part for part in PARTS if SIDE_OF[part] is side]
    shown = "".join(seen(drawn) for _, case in CASES for part in parts for *_, drawn in drawings(case, part))

    allowed = {fact for fact, sides in PLANTED.items() if side in sides}
    assert {fact for fact in allowed | OPEN | REASONS if fact not in shown} == set()


# --- what a channel shows, which everybody in it reads


def in_channels(dossier, part, side, language=Language.SV):
    """Each message that asks those who play a part together, as a channel shows what a side sees of the case."""
    for card in channel_cards_of(dossier.case):
        if card.part is part:
            own = recipient_of(card)
            to = own if SIDE_OF[part] is side else replace(own, part=AS[side])
            (found,) = addressed({dossier.case.id: dossier}, [to], {}, NOW).values()
            facts = CardFacts(card.id, card.kind, part, "test", portal_url=PORTAL, at=NOW)
            yield card, as_sent(draw_card(about(facts, card, found), found.view, language))


# Whoever has a side's view of a case.
AS = {CUSTOMER: Part.CUSTOMER_ATTESTANT, AGENT: Part.AGENT_ATTESTANT, INERA: Part.CUSTOMER_SERVICE}
OWN_COST = {CUSTOMER: "71111", AGENT: "83333"}
# A side's own facts that are no matter of a channel's: how much a person may attest.
OF_ONE_READER = {"91111", "92222"}


def hidden_in_channel(side):
    return {fact for fact, sides in PLANTED.items() if side not in sides} | OF_ONE_READER


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("part", sorted(DECIDING))
def test_a_channel_shows_what_the_side_of_its_role_may_see_and_no_limit_of_anybodys(part, language):
    side, shown = SIDE_OF[part], ""
    for name, dossier in CASES:
        for card, drawn in in_channels(dossier, part, side, language):
            text = seen(drawn)
            assert not [fact for fact in hidden_in_channel(side) if fact in text], (name, card.kind, card.step)
            shown += text

    # Or a test that looks at nothing would pass.
    assert [fact for fact in (OWN_COST[side], f"Namn-{side}", *OPEN) if fact not in shown] == []


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (Part.CUSTOMER_ATTESTANT, AGENT),
        *((part, other) for part in (Part.AGENT_HANDLER, Part.AGENT_ATTESTANT) for other in (CUSTOMER, INERA)),
    ],
)
def test_a_channel_drawn_for_another_side_would_be_found_out(part, other):
    drawn = (seen(each) for _, case in CASES for _, each in in_channels(case, part, other))

    assert any(fact in text for text in drawn for fact in hidden_in_channel(SIDE_OF[part]))


def test_a_direct_order_that_names_an_agent_tells_the_agent_nothing():
    """An agent named for information plays no part, so there is no view of the case for its side to draw."""
    case = builders.after()
    case = replace(case, content=replace(case.order, named_agent=builders.AGENT))

    assert all(not disclose(planted(case), AGENT).offers.get(part) for part in PARTS if SIDE_OF[part] is AGENT)


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

    assert dossier.case.asked[0] == Assignee(builders.ATTESTANT, Role.ATTESTANT, LIMITS[CUSTOMER], absent_on(CUSTOMER))
