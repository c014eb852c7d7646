"""What only says that something has happened, as its reader sees it, and as it looks when that is over."""

from dataclasses import replace

import pytest

from core.api import Action, Block, Flow, Language, Part, State
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import a_card, shown
from tests.support.drawn.detours import blocked
from tests.support.drawn.reading import as_read
from tests.support.world import builders
from tests.support.world.builders import ATTESTANT, COLLEAGUE, SERVICE, after, pressed, situation


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

    assert "Det gör du under Personer och roller på appens flik Hem." in administrator
    assert "(Personer och roller!)" in administrator
    assert "(Personer och roller!)" not in inera
    assert "(Personer och roller!)" not in read(ineras_matter, CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR)


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
