"""What only says that something has happened, as its reader sees it, and as it looks when that is over."""

from dataclasses import replace

import pytest

from bot.views.orders.details import DetailsModal
from core.api import ORDER_FLOWS, Action, Block, Flow, Language, Part, Recipient, Role, Side, State
from core.views.recipients import standing_of
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import a_card, cards_of, made, shown, view_of
from tests.support.drawn.detours import blocked
from tests.support.drawn.drawings import nodes
from tests.support.drawn.reading import as_read
from tests.support.drawn.sent import as_sent
from tests.support.world import builders
from tests.support.world.builders import (
    ATTESTANT,
    COLLEAGUE,
    HOLDERS,
    SERVICE,
    SERVICE_COLLEAGUE,
    after,
    pressed,
    situation,
)


def read(case, kind, part, language=Language.SV, **changes):
    return as_read(shown(builders.dossier(case), a_card(kind, part, case, **changes), language))


def held():
    return pressed(
        situation(after(Action.ATTEST, Action.CLAIM), SERVICE), Action.HOLD, reason="Vi väntar på TAK."
    ).after


def handed():
    return pressed(situation(after(), ATTESTANT), Action.HAND_OVER, to=COLLEAGUE).after


def test_a_pause_says_why_and_that_nothing_need_be_done():
    text = read(held(), CardKind.HOLD, Part.ORDERER)

    assert "# Pausad: Nationell patientöversikt" in text
    assert "> Vi väntar på TAK." in text
    assert "Du behöver inte göra något nu." in text


def test_whoever_stands_in_for_the_orderer_learns_whose_order_is_paused_and_goes_on():
    goes_on = pressed(situation(held(), SERVICE), Action.RESUME).after

    for kind, case in ((CardKind.HOLD, held()), (CardKind.HOLD, goes_on), (CardKind.RESUMED, goes_on)):
        assert "lades av **Anna Ek**" in read(case, kind, Part.ORDERER, person=COLLEAGUE)
        assert "lades av" not in read(case, kind, Part.ORDERER)


def test_a_pause_that_is_over_says_only_that():
    goes_on = pressed(situation(held(), SERVICE), Action.RESUME).after

    assert "är inte längre pausad" in read(goes_on, CardKind.HOLD, Part.ORDERER)
    assert "TAK" not in read(goes_on, CardKind.HOLD, Part.ORDERER)
    assert "arbetar med beställning B-2345678 igen" in read(goes_on, CardKind.RESUMED, Part.ORDERER)


def test_whoever_gets_a_decision_handed_over_sees_by_whom_on_the_question_too():
    nudge = read(handed(), CardKind.HANDED_OVER, Part.CUSTOMER_ATTESTANT, person=COLLEAGUE)
    card = read(handed(), CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, person=COLLEAGUE)

    assert (
        "**Bo Lund** har lämnat över till dig att besluta om beställning **B-2345678** från **Region Exempel**" in nudge
    )
    assert "**Bo Lund** har lämnat över till dig att besluta." in card


def test_others_are_not_told_that_it_was_handed_over_to_them():
    given = replace(handed(), asked=(*handed().asked, replace(handed().asked[0], person=builders.RESERVE)))

    text = read(given, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, person=builders.RESERVE)

    assert "lämnat över" not in text


def test_what_was_handed_over_asks_nothing_once_it_is_decided():
    decided = pressed(situation(handed(), COLLEAGUE), Action.ATTEST).after

    text = read(decided, CardKind.HANDED_OVER, Part.CUSTOMER_ATTESTANT, person=COLLEAGUE, step=1)

    assert "Beställningen väntar inte längre på dig." in text
    assert "Bo Lund" not in text


def test_an_administrator_is_led_to_the_people_and_customer_service_is_not():
    case = blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NOBODY)

    administrator = read(case, CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR)
    inera = read(case, CardKind.BLOCKED, Part.CUSTOMER_SERVICE)
    ineras_matter = blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NO_CUSTOMER_AGREEMENT)

    assert "Det gör du i Kundportalen, under Personer och roller." in administrator
    assert "(Personer och roller!)" in administrator
    assert "(Personer och roller!)" not in inera
    assert "(Personer och roller!)" not in read(ineras_matter, CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR)


def test_who_hears_that_an_order_stands_still_which_nobody_can_answer_reads_why_instead_of_whom_to_urge():
    case = blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NOBODY)

    administrator = read(case, CardKind.STANDSTILL, Part.CUSTOMER_ADMINISTRATOR)
    orderer = read(case, CardKind.STANDSTILL, Part.ORDERER)

    assert "ingen som får attestera finns kvar" in administrator
    assert "Lägg till rollen attestant för någon annan än beställaren." in administrator
    assert "Ingen hos Region Exempel kan besluta om beställningen just nu." in orderer
    for text in (administrator, orderer):
        assert "De som kan svara har fått påminnelser." not in text


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ((Action.APPROVE,), "Journalia AB har godkänt beställning B-2345678. Den går nu till agentens attestant."),
        (
            (Action.APPROVE, Action.ATTEST),
            "Journalia AB har attesterat beställning B-2345678. Den går nu till er attestant.",
        ),
        (
            (Action.APPROVE, Action.ATTEST, Action.ATTEST),
            "Bo Lund har attesterat beställning B-2345678. Den går nu till Ineras kundservice.",
        ),
    ],
)
def test_the_orderer_reads_who_let_the_order_go_on_and_to_whom(case, says):
    text = read(after(*case, flow=Flow.VIA_AGENT), CardKind.PROGRESS, Part.ORDERER)

    assert f"**✓ {says}** Du behöver inte göra något." in text
    for name in ("Cecilia Alm", "David Sten"):
        assert name not in text


def test_what_is_said_of_a_yes_stays_so_when_the_order_has_gone_on_since():
    attested = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, flow=Flow.VIA_AGENT)

    text = read(attested, CardKind.PROGRESS, Part.ORDERER, step=attested.step - 1)

    assert "Journalia AB har attesterat" in text


LEAD = replace(HOLDERS[Part.CUSTOMER_SERVICE][0], person=SERVICE_COLLEAGUE, role=Role.CUSTOMER_SERVICE_LEAD)


def taken_over(*, paused: bool = False):
    case = held() if paused else after(Action.ATTEST, Action.CLAIM)
    return pressed(situation(case, SERVICE_COLLEAGUE, grants=(LEAD,)), Action.TAKE_OVER).after


def desk(case, kind=CardKind.TAKEN_OVER, person=SERVICE, grants=(), **changes):
    """A card about who has a case, as somebody at customer service reads it, and its buttons."""
    record = builders.dossier(case)
    card = a_card(kind, Part.CUSTOMER_SERVICE, case, person=person, **({"step": case.step} | changes))
    standing = standing_of(record, Recipient(case.id, Part.CUSTOMER_SERVICE, person, card.step), grants)
    drawn = shown(record, card, takes=standing.takes)
    return as_read(drawn), [each["text"]["text"] for each in nodes(drawn) if each.get("type") == "button"]


@pytest.mark.parametrize("paused", [False, True])
def test_whoever_had_a_case_reads_who_has_taken_it_over(paused):
    text, offered = desk(taken_over(paused=paused))

    assert "# Övertaget: Nationell patientöversikt" in text
    assert "Mia Sjö har tagit över ärende B-2345678 från dig." in text
    assert "Du behöver inte göra något." in text
    assert offered == ["Visa hela beställningen"]


def test_whoever_had_a_case_that_the_lead_let_go_of_may_take_it_again_and_reads_so_once_she_has():
    free = pressed(situation(taken_over(), SERVICE_COLLEAGUE, grants=(LEAD,)), Action.RELEASE).after
    mine = pressed(situation(free, SERVICE), Action.CLAIM).after
    own = HOLDERS[Part.CUSTOMER_SERVICE][:1]

    text, offered = desk(free, grants=own)
    assert "Ärende B-2345678 är inte längre ditt, och ingen annan har tagit det." in text
    assert offered == ["Ta ärendet", "Visa hela beställningen"]
    text, offered = desk(mine, grants=own)
    assert "Du har ärende B-2345678 igen." in text
    assert offered == ["Visa hela beställningen"]


def test_what_was_taken_over_says_only_that_it_has_gone_on_once_it_has():
    sent = pressed(situation(taken_over(), SERVICE_COLLEAGUE), Action.SEND_INSTRUCTIONS).after

    text, _ = desk(sent, step=sent.step - 1)

    assert "Ärende B-2345678 har gått vidare." in text
    assert "Mia Sjö har tagit över" not in text


def test_the_lead_who_reads_that_time_has_run_out_takes_it_over_there_and_whoever_has_it_reads_so():
    claimed = after(Action.ATTEST, Action.CLAIM)

    text, offered = desk(claimed, CardKind.OVERDUE, SERVICE_COLLEAGUE, (LEAD,))
    assert "Eva Rosén** har tagit ärendet, men det är inte klart." in text
    assert offered == ["Ta över ärendet", "Visa hela beställningen"]
    text, offered = desk(claimed, CardKind.OVERDUE, grants=HOLDERS[Part.CUSTOMER_SERVICE][:1])
    assert "Du har tagit ärendet, men det är inte klart." in text
    assert offered == ["Visa hela beställningen"]
    text, offered = desk(taken_over(), CardKind.OVERDUE, SERVICE_COLLEAGUE, (LEAD,))
    assert "Du har tagit ärendet" in text
    assert offered == ["Visa hela beställningen"]


def test_what_is_late_says_so_with_its_days():
    late, _ = desk(after(Action.ATTEST), CardKind.OVERDUE, SERVICE_COLLEAGUE, (LEAD,))
    ending, _ = desk(after(Action.ATTEST, flow=Flow.TERMINATION), CardKind.OVERDUE, SERVICE_COLLEAGUE, (LEAD,))

    assert "# Försenad: Nationell patientöversikt för Region Exempel" in late
    assert "har väntat hos kundservice sedan 12\u00a0mars\u00a02026" in late
    assert "Det skulle ha varit klart 13\u00a0mars\u00a02026." in late
    assert "# Försenad uppsägning: Nationell patientöversikt för Region Exempel" in ending
    assert "Önskad sista dag | 1\u00a0april\u00a02026" in ending


def test_a_colleague_who_does_not_lead_is_offered_nothing_to_take_it_over_by():
    colleague = replace(LEAD, role=Role.CUSTOMER_SERVICE)

    _, offered = desk(after(Action.ATTEST, Action.CLAIM), CardKind.OVERDUE, SERVICE_COLLEAGUE, (colleague,))

    assert offered == ["Visa hela beställningen"]


def test_an_opened_order_says_to_customer_service_who_has_it_and_to_nobody_else():
    record = builders.dossier(taken_over())

    read_by = {side: as_read(as_sent(DetailsModal.build(view_of(record, side), Language.SV))) for side in Side}

    assert "Mia Sjö" in read_by[Side.INERA]
    assert "Mia Sjö" not in read_by[Side.CUSTOMER] + read_by[Side.AGENT]


@pytest.mark.parametrize("language", Language)
def test_the_text_that_a_telephone_shows_tells_each_order_from_the_others(language):
    cases = [builders.case_in(state, flow) for flow in ORDER_FLOWS for state in State]
    records = [builders.dossier(builders.unanswered(case)) for case in cases if case.decisions]
    texts = [
        (card.kind, record.case.state, made(record, card, language).text)
        for record in records
        for card in cards_of(record.case)
    ]

    service = builders.offer_words().service[language]
    assert [each for each in texts if "B-2345678" not in each[2] or service not in each[2]] == []
