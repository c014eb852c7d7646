"""A card is live for whom it asks, at the step it was made for; otherwise it says why not, and leads on."""

# ruff: noqa: E501 - a line of a snapshot is a line on the screen

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from core.api import (
    ORDER_FLOWS,
    SIDE_OF,
    Action,
    Assignee,
    Flow,
    Language,
    Organisation,
    OrganisationId,
    Part,
    Role,
    State,
)
from core.views.case_view import disclose
from notifications.cards.card import ASKS, is_of_another, stands, why
from notifications.render.pieces.facts import CardStanding, Why
from notifications.rules.announcements import ASKING, CardKind
from tests.support.drawn import detours
from tests.support.drawn.applied import WAYS, applied
from tests.support.drawn.applied import dossier as applied_dossier
from tests.support.drawn.cards import a_card, cards_of, facts_of, loose, message, shown, to_reader
from tests.support.drawn.drawings import nodes
from tests.support.drawn.reading import as_read
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
ATTEST, APPROVAL = CardKind.CUSTOMER_ATTEST, CardKind.AGENT_APPROVAL
BO, FRIDA = builders.ATTESTANT, builders.COLLEAGUE


def stands_of(dossier, card):
    return stands(card, to_reader(dossier, card))


def why_of(dossier, card):
    return why(card, to_reader(dossier, card))


def standing(case, kind=ATTEST, part=Part.CUSTOMER_ATTESTANT, **changes):
    whole = builders.dossier(case) if case.is_order else applied_dossier(case)
    return stands_of(whole, a_card(kind, part, case, **changes))


def read(dossier, kind=ATTEST, part=Part.CUSTOMER_ATTESTANT, **changes):
    return as_read(shown(dossier, a_card(kind, part, dossier.case, **changes)))


def buttons_in(drawn):
    return [node["action_id"] for node in nodes(drawn) if node.get("type") in {"button", "overflow"}]


# --- how a card stands


def test_a_card_is_live_for_everybody_who_is_asked():
    assert standing(after()) is standing(after(), person=FRIDA) is CardStanding.LIVE


@pytest.mark.parametrize("action", [Action.ATTEST, Action.REJECT, Action.WITHDRAW, Action.EXPIRE])
def test_once_its_step_is_decided_a_card_says_so(action):
    assert standing(after(action)) is standing(after(action), person=FRIDA) is CardStanding.DECIDED


def test_a_card_of_an_earlier_step_leads_to_the_newer_one():
    asked_again = after(Action.REQUEST_COMPLETION, Action.ANSWER)

    assert standing(asked_again, step=1) is CardStanding.CHANGED
    assert standing(asked_again, step=asked_again.step) is CardStanding.LIVE


def test_a_new_price_makes_the_cards_of_the_step_before_it_old():
    assert standing(after(Action.REPRICE), step=1) is CardStanding.CHANGED
    assert standing(after(Action.REPRICE), step=2) is CardStanding.LIVE


def test_who_is_not_asked_again_has_no_newer_card_to_be_led_to():
    case = after(Action.REQUEST_COMPLETION, Action.ANSWER)
    others = replace(case, asked=tuple(each for each in case.asked if each.person != BO))

    assert standing(others, step=1) is CardStanding.DECIDED


def test_while_the_orderer_has_the_question_the_askers_card_is_decided():
    assert standing(after(Action.REQUEST_COMPLETION)) is CardStanding.DECIDED


def test_of_several_attestants_who_has_attested_is_told_so_and_the_others_still_asked():
    one = detours.several(Action.ATTEST).case

    assert standing(one) is CardStanding.ATTESTED
    assert standing(one, person=FRIDA) is CardStanding.LIVE


def test_an_attest_by_a_substitute_is_also_the_absent_persons():
    one = detours.several(Action.ATTEST).case
    lent = replace(one, decisions=(*one.decisions[:-1], replace(one.decisions[-1], person=FRIDA, absent=BO)), asked=())

    assert standing(lent) is standing(lent, person=FRIDA) is CardStanding.ATTESTED


def test_who_recused_or_handed_over_is_told_so():
    assert standing(after(Action.RECUSE)) is CardStanding.RECUSED
    assert standing(after(Action.HAND_OVER)) is CardStanding.HANDED_OVER
    assert standing(after(Action.HAND_OVER), person=FRIDA) is CardStanding.LIVE


def test_who_has_lost_the_role_is_no_longer_asked():
    assert standing(replace(after(), asked=())) is CardStanding.NO_LONGER_ASKED


def test_customer_services_card_is_the_one_of_the_latest_asking():
    asked_back = (Action.ATTEST, Action.CLAIM, Action.REQUEST_COMPLETION, Action.ANSWER)
    again, sent = after(*asked_back), after(*asked_back, Action.SEND_INSTRUCTIONS)
    service = {"kind": CardKind.CUSTOMER_SERVICE, "part": Part.CUSTOMER_SERVICE}

    assert standing(again, **service, step=2) is CardStanding.CHANGED
    assert standing(again, **service, step=again.step) is CardStanding.LIVE
    assert standing(sent, **service, step=2) is CardStanding.CHANGED
    assert standing(sent, **service, step=again.step) is CardStanding.DECIDED


def test_of_an_application_that_came_again_the_newer_card_is_the_one_to_answer():
    again, approved = applied(*WAYS["answered"]), applied(*WAYS["answered"], Action.APPROVE)
    service = {"kind": CardKind.APPLICATION, "part": Part.CUSTOMER_SERVICE}

    assert standing(again, **service, step=1) is standing(approved, **service, step=1) is CardStanding.CHANGED
    assert (
        standing(again, **service, step=again.step)
        is standing(approved, **service, step=again.step)
        is CardStanding.LIVE
    )


def test_the_older_card_of_an_application_leads_to_the_newer_one():
    again = applied(*WAYS["answered"])
    facts = loose(CardKind.APPLICATION, Part.CUSTOMER_SERVICE, stands=CardStanding.CHANGED)

    text = as_read(message(facts, disclose(applied_dossier(again), SIDE_OF[Part.CUSTOMER_SERVICE]), Language.SV))

    assert text.startswith("# Kundansökan: Bygdens region\nAnsökan **A-2345678** har gått vidare.")


@pytest.mark.parametrize("kind", [each for each in CardKind if each not in ASKS])
def test_a_card_that_only_shows_always_stands(kind):
    assert all(standing(case, kind) is CardStanding.LIVE for _, case in builders.journeys(Flow.DIRECT))


def test_only_a_live_card_has_buttons_that_decide():
    for flow in ORDER_FLOWS:
        for name, case in builders.journeys(flow):
            dossier = builders.dossier(case)
            for card in cards_of(case):
                if card.kind in ASKING.values() and stands_of(builders.dossier(case), card) is not CardStanding.LIVE:
                    acts = set(buttons_in(shown(dossier, card)))
                    assert acts <= {"kp.details"}, (name, card.kind, card.step, card.person)


def moved():
    """An order that has gone to another agent after a question."""
    other = Organisation(OrganisationId("OOTHER"), "Nya Journalen AB", "5560000001", False, frozenset())
    organisations = {each: builders.organisation(each) for each in (builders.CUSTOMER, builders.AGENT)}
    case = replace(after(Action.REQUEST_COMPLETION, Action.ANSWER, flow=VIA), agent=other.id)
    return builders.dossier(case, organisations={**organisations, other.id: other})


def test_an_agent_that_the_order_has_left_is_told_that_and_nothing_else():
    for kind in (APPROVAL, CardKind.AGENT_START, CardKind.OUTCOME):
        assert read(moved(), kind, Part.AGENT_HANDLER, step=1) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**Beställningen går inte längre via er.** Du behöver inte göra något.
NPÖ Producent
~ Beställning B-2345678, version 1\
""")


def test_the_agent_that_the_order_has_come_to_is_asked():
    dossier = moved()

    card = a_card(APPROVAL, Part.AGENT_HANDLER, dossier.case, step=dossier.case.step)
    assert stands_of(dossier, card) is CardStanding.LIVE


# --- what it says then


def test_a_replaced_card_is_a_line_that_leads_to_the_newer_one():
    answered = builders.dossier(after(Action.REQUEST_COMPLETION, Action.ANSWER))
    dearer = builders.dossier(after(Action.REPRICE))

    assert read(answered, step=1) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
Beställning **B-2345678** har ändrats eller besvarats. Ett nyare meddelande ersätter det här.
~ Beställning B-2345678, version 1\
""")
    assert "Priset på beställning **B-2345678** har ändrats. Ett nyare meddelande ersätter det här." in read(
        dearer, step=1
    )


def test_whoever_asked_sees_the_question_and_that_it_waits_for_the_answer():
    assert read(builders.dossier(after(Action.REQUEST_COMPLETION))) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**? Komplettering begärd av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa015.32.** När beställaren har svarat går beställningen tillbaka till det steg där frågan ställdes.
**Fråga från Bo Lund, 12\xa0mars\xa02026\xa0kl.\xa015.32**
> Gäller det även Rehab Öster?
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_who_has_given_the_first_of_two_attests_sees_whom_it_waits_for():
    assert read(detours.several(Action.ATTEST)) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**✓ Attesterad av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa015.32.**
**1** av **2** har attesterat: **Bo Lund**. Väntar på **Frida Näs**.
Du behöver inte göra något.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_both_who_attested_stand_on_the_card_afterwards():
    text = read(detours.several(Action.ATTEST, Action.ATTEST))

    assert "**✓ Attesterad av Bo Lund 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32.**" in text
    assert (
        "**✓ Attesterad av Frida Näs 12\u00a0mars\u00a02026\u00a0kl.\u00a016.32.** Du behöver inte göra något." in text
    )


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (Action.RECUSE, "**Du har anmält jäv och deltar inte i den här beställningen.** Du behöver inte göra något."),
        (Action.HAND_OVER, "**Du har lämnat över beställningen.** Du behöver inte göra något."),
    ],
)
def test_who_stepped_aside_sees_that_and_whom_it_waits_for(action, sentence):
    text = read(builders.dossier(after(action)))

    assert sentence in text
    assert "Den väntar nu på **Frida Näs**." in text


def test_when_nobody_is_left_to_ask_the_card_says_that_it_is_known():
    case = detours.blocked(State.AWAITING_CUSTOMER_ATTEST, detours.Block.NOBODY)
    alone = replace(case, recused=(BO,))

    text = read(builders.dossier(alone))

    assert "Ingen hos Region Exempel kan besluta om beställningen just nu." in text
    assert "Den väntar nu på" not in text


def test_a_decision_that_a_later_change_made_void_says_so():
    back = after(Action.APPROVE, Action.SEND_BACK, flow=VIA)
    handed = replace(back, state=State.AWAITING_AGENT_ATTEST)

    text = read(builders.dossier(handed), APPROVAL, Part.AGENT_HANDLER, step=1)

    assert "**– Godkänd av Cecilia Alm 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32." in text
    assert "Beställningen har ändrats efter det, så beslutet gäller inte längre." in text


def test_an_answer_is_no_decision_that_ceases_to_count():
    found = [case for name, case in builders.journeys(Flow.DIRECT) if name == "submit, request_completion, answer"]
    changed = next(case for case in found if case.content_version == 2)

    text = read(builders.dossier(changed), CardKind.COMPLETION, Part.ORDERER, step=2)

    assert "✓ Besvarad av dig" in text
    assert "gäller inte längre" not in text


def test_a_step_that_was_sent_back_says_what_comes_next():
    text = read(
        builders.dossier(after(Action.APPROVE, Action.SEND_BACK, flow=VIA)),
        CardKind.AGENT_ATTEST,
        Part.AGENT_ATTESTANT,
    )

    assert "När agentens beställare har godkänt på nytt går beställningen tillbaka till den som ska attestera." in text


def test_so_does_a_step_that_ended_with_jav_also_once_a_later_change_has_made_all_void():
    case = detours.taken_back(rules=detours.TWO, attested=True)
    void = case.void(lambda _: True)

    for each in (case, void):
        text = read(builders.dossier(each), CardKind.AGENT_ATTEST, Part.AGENT_ATTESTANT)
        assert "– Attesterad av David Sten" in text
        assert "↩ Jäv anmält av Ingrid Tall" in text
        assert "Godkännandet gäller inte längre. När agentens beställare har godkänt på nytt" in text


def test_a_card_from_before_steps_were_kept_still_says_who_decided():
    assert "Attesterad av Bo Lund" in read(builders.dossier(after(Action.ATTEST)), step=0)
    assert "Gick ut" in read(builders.dossier(after(Action.EXPIRE)), APPROVAL, Part.AGENT_HANDLER, step=0)


def test_that_an_order_was_kept_is_no_answer_to_what_its_attestants_were_asked():
    text = read(builders.dossier(after(Action.KEEP, Action.ATTEST)), step=1)

    assert "Attesterad av Bo Lund" in text
    assert "Behållen" not in text


def test_a_card_whose_step_nobody_decided_says_that_it_is_elsewhere():
    dossier = builders.dossier(after())
    facts = loose(APPROVAL, Part.AGENT_HANDLER, stands=CardStanding.DECIDED)

    text = as_read(message(facts, disclose(dossier, SIDE_OF[Part.AGENT_HANDLER]), Language.SV))

    assert "**Beställningen väntar inte längre på dig.** Du behöver inte göra något." in text


# --- why it is the reader's


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "\n**Svara senast 27\u00a0april\u00a02026, efter önskad start.** Du attesterar för Region Exempel.\n"),
        (
            {"limit_ore": 5_000_000},
            "Kostnad första året: **37\u00a0000\u00a0kr**. Din gräns är **50\u00a0000\u00a0kr**.",
        ),
        ({"absent": FRIDA}, " Du attesterar för Region Exempel. Du är ersättare för Frida Näs.\n"),
    ],
)
def test_a_card_says_in_one_line_why_its_reader_gets_it(asked, sentence):
    assert sentence in read(builders.dossier(detours.asked_as(after(), BO, **asked)))


def test_the_right_is_that_of_the_reader_and_gone_with_the_question():
    dossier = builders.dossier(detours.asked_as(after(), BO, limit_ore=7))

    assert why_of(dossier, a_card(ATTEST, Part.CUSTOMER_ATTESTANT, dossier.case)) == Why(
        Role.ATTESTANT, "Region Exempel", 7
    )
    assert why_of(dossier, a_card(ATTEST, Part.CUSTOMER_ATTESTANT, dossier.case, person=FRIDA)) is None
    assert why_of(dossier, a_card(CardKind.STATUS, Part.ORDERER, dossier.case)) is None


def test_an_absent_person_whose_name_is_gone_is_left_unnamed():
    case = replace(after(), asked=(Assignee(BO, Role.ATTESTANT, absent=FRIDA),))

    assert facts_of(builders.dossier(case, people={}), a_card(ATTEST, Part.CUSTOMER_ATTESTANT, case)).why == Why(
        Role.ATTESTANT, "Region Exempel"
    )


def test_a_card_to_another_than_the_orderer_says_whose_order_it_is():
    case = after()
    card = a_card(CardKind.STATUS, Part.ORDERER, case, person=builders.ADMINISTRATOR)

    assert is_of_another(card, to_reader(builders.dossier(case), card))
    own = a_card(CardKind.STATUS, Part.ORDERER, case)
    assert not is_of_another(own, to_reader(builders.dossier(case), own))
    assert "Beställningen lades av **Anna Ek**. Du får det här meddelandet i stället." in as_read(
        shown(builders.dossier(case), card)
    )
