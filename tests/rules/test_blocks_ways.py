"""What real life does to an order is told on its cards: questions, changes, several attestants, new prices, pauses."""

# ruff: noqa: E501 - a line of a snapshot is a line on the screen

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from bot.views.orders.details import DetailsModal
from core.api import ORDER_FLOWS, Action, Block, Flow, Language, Part, Payer, Side, State
from notifications.render.button_values import read_option
from notifications.render.pieces.card_buttons import BUTTONS, PRIMARY, VISIBLE, choices
from notifications.render.pieces.words import CaseWords
from notifications.rules.announcements import CardKind
from tests.support.drawn import detours
from tests.support.drawn.cards import a_card, loose, message, shown
from tests.support.drawn.reading import as_read
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
PLAYED_BY = {
    CardKind.STATUS: Part.ORDERER,
    CardKind.COMPLETION: Part.ORDERER,
    CardKind.INSTRUCTIONS: Part.ORDERER,
    CardKind.AGENT_APPROVAL: Part.AGENT_HANDLER,
    CardKind.AGENT_ATTEST: Part.AGENT_ATTESTANT,
    CardKind.CUSTOMER_ATTEST: Part.CUSTOMER_ATTESTANT,
    CardKind.CUSTOMER_SERVICE: Part.CUSTOMER_SERVICE,
}
CLAIMED = (Action.ATTEST, Action.CLAIM)


def read(given, kind, part=None, language=Language.SV, **changes):
    dossier = given if hasattr(given, "case") else builders.dossier(given)
    return as_read(shown(dossier, a_card(kind, part or PLAYED_BY[kind], dossier.case, **changes), language))


def whole(case, side=Side.CUSTOMER):
    """What "Visa hela beställningen" shows to a side."""
    dossier = case if hasattr(case, "case") else builders.dossier(case)
    return as_read(DetailsModal.build(builders.disclosed(dossier, side), Language.SV))


def revised():
    """A case whose orderer answered by changing what is ordered."""
    found = [case for name, case in builders.journeys(Flow.DIRECT) if name == "submit, request_completion, answer"]
    return next(case for case in found if case.content_version == 2)


# --- questions and answers


def test_the_orderer_is_asked_who_needs_what_and_until_when():
    assert read(after(Action.REQUEST_COMPLETION), CardKind.COMPLETION) == snapshot("""\
# Komplettera beställningen: Nationell patientöversikt
**Bo Lund** behöver en komplettering av beställning **B-2345678**.
Svara senast **27\xa0april\xa02026**. Annars går beställningen ut.
**Frågan**
> Gäller det även Rehab Öster?
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
(Svara och skicka!) (Ta tillbaka beställningen) (Visa hela beställningen)
~ Svara med en text, eller ändra uppgifterna i beställningen. Om du ändrar vårdenheter, fakturareferens eller önskad start börjar den om från första steget.
~ Beställning B-2345678, version 1\
""")


def test_a_question_from_the_agent_names_its_role_and_organisation():
    case = after(Action.APPROVE, Action.REQUEST_COMPLETION, flow=VIA)

    assert "**Agentens attestant hos Journalia AB** behöver en komplettering" in read(case, CardKind.COMPLETION)


def test_a_question_from_customer_service_names_customer_service():
    case = after(*CLAIMED, Action.REQUEST_COMPLETION)

    assert "**Ineras kundservice** behöver en komplettering" in read(case, CardKind.COMPLETION)


def test_a_question_whose_words_are_gone_still_asks():
    case = after(Action.REQUEST_COMPLETION)
    purged = replace(case, decisions=(*case.decisions[:-1], replace(case.decisions[-1], message="")), due_at=None)

    text = read(purged, CardKind.COMPLETION)

    assert "**Frågan**" not in text
    assert "Svara senast" not in text
    assert "(Svara och skicka!)" in text


def test_an_answered_question_asks_nothing_more():
    text = read(after(Action.REQUEST_COMPLETION, Action.ANSWER), CardKind.COMPLETION)

    assert "**✓ Besvarad av dig 12\u00a0mars\u00a02026\u00a0kl.\u00a016.32.** Du behöver inte göra något." in text
    assert "\n(Visa hela beställningen)\n" in text
    assert text.count("(") == 1


def test_the_orderers_living_card_says_that_it_waits_for_an_answer():
    text = read(after(Action.REQUEST_COMPLETION), CardKind.STATUS)

    assert (
        "**● Komplettering begärd av Bo Lund 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32. Väntar på ditt svar.**"
        " Steg 1 av 3. Frågan finns i ett eget meddelande." in text
    )
    assert "**● Beställaren, Region Exempel: ska svara på en fråga, väntar sedan 12\u00a0mars" in whole(
        after(Action.REQUEST_COMPLETION)
    )


def test_the_step_that_asked_gets_the_question_and_the_answer():
    text = read(after(Action.REQUEST_COMPLETION, Action.ANSWER), CardKind.CUSTOMER_ATTEST)

    assert (
        """\
**Fråga från Bo Lund, 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32**
> Gäller det även Rehab Öster?
**Svar från Anna Ek, 12\u00a0mars\u00a02026\u00a0kl.\u00a016.32**
> Ja, från och med maj.
"""
        in text
    )


def said_beside(case, comment="Gärna i maj, och inte före Rehab Öster har flyttat."):
    """The case with something added to what was decided last."""
    *before, last = case.decisions
    return replace(case, decisions=(*before, replace(last, comment=comment)))


@pytest.mark.parametrize(
    ("case", "kind", "who"),
    [
        (after(Action.APPROVE, flow=VIA), CardKind.AGENT_ATTEST, "Cecilia Alm"),
        (after(Action.ATTEST), CardKind.CUSTOMER_SERVICE, "Bo Lund"),
    ],
)
def test_the_next_steps_card_says_what_was_added_to_the_yes_before_it_and_by_whom(case, kind, who):
    assert f"{who}: ”Gärna i maj, och inte före Rehab Öster har flyttat.”" in read(said_beside(case), kind)


def test_the_customers_attestant_reads_what_the_agents_handler_added_and_not_what_its_attestant_did():
    handled = said_beside(after(Action.APPROVE, flow=VIA), "Till alla")
    both = said_beside(after(Action.APPROVE, Action.ATTEST, flow=VIA), "Inom agenten")
    case = replace(both, decisions=(*handled.decisions, both.decisions[-1]))

    text = read(case, CardKind.CUSTOMER_ATTEST)

    assert "Agentens beställare hos Journalia AB: ”Till alla”" in text
    assert "Inom agenten" not in text
    assert "Inom agenten" not in whole(case)
    assert "Inom agenten" in whole(case, Side.AGENT)


def test_what_was_added_to_a_yes_that_counts_no_more_is_read_in_the_whole_order_alone():
    case = said_beside(after(Action.ATTEST))
    void = replace(case, decisions=(*case.decisions[:-1], replace(case.decisions[-1], counts=False)))

    assert "Gärna i maj" not in read(void, CardKind.CUSTOMER_SERVICE)
    assert "”Gärna i maj, och inte före Rehab Öster har flyttat.”" in whole(void)


def test_an_answered_card_quotes_what_was_added():
    case = said_beside(after(Action.ATTEST))

    answered = read(case, CardKind.CUSTOMER_ATTEST, step=case.step - 1)

    assert "**Kommentar**\n> Gärna i maj, och inte före Rehab Öster har flyttat." in answered


def test_an_answer_that_is_a_change_says_so():
    case = revised()
    silent = replace(case, decisions=(*case.decisions[:-1], replace(case.decisions[-1], message="")))

    text = read(silent, CardKind.CUSTOMER_ATTEST)

    assert "Svaret från **Anna Ek** var att ändra uppgifterna, **12\u00a0mars\u00a02026\u00a0kl.\u00a016.32**." in text


def test_customer_service_sees_its_question_wait_and_gets_the_answer_on_a_new_card():
    asked = after(*CLAIMED, Action.REQUEST_COMPLETION)
    answered = after(*CLAIMED, Action.REQUEST_COMPLETION, Action.ANSWER)

    waits, again = read(asked, CardKind.CUSTOMER_SERVICE), read(answered, CardKind.CUSTOMER_SERVICE)

    assert "# Väntar på svar: Region Exempel, Nationell patientöversikt" in waits
    assert "När svaret kommer får kanalen ett nytt meddelande." in waits
    assert "> Gäller det även Rehab Öster?" in waits
    assert "> Ja, från och med maj." in again
    assert "Ett nyare meddelande ersätter det här." in read(answered, CardKind.CUSTOMER_SERVICE, step=2)


def test_customer_service_sees_that_an_order_changed_after_its_question_begins_anew():
    asked = "submit, attest, claim, request_completion, answer"
    found = [case for name, case in builders.journeys(Flow.DIRECT) if name == asked]
    anew = next(case for case in found if case.content_version == 2)

    text = read(anew, CardKind.CUSTOMER_SERVICE)

    assert text.startswith("# Börjar om: Region Exempel, Nationell patientöversikt\n")
    assert "har fått frågan" not in text


def test_the_agents_orderer_sees_why_it_came_back_and_the_customer_does_not():
    case = after(Action.APPROVE, Action.SEND_BACK, flow=VIA)

    handler, orderer = read(case, CardKind.AGENT_APPROVAL), read(case, CardKind.STATUS)

    assert handler.startswith("# Skickad tillbaka av er attestant: Nationell patientöversikt för Region Exempel\n")
    assert (
        "**Fråga från er attestant David Sten, 12\u00a0mars\u00a02026\u00a0kl.\u00a016.32**\n> Gäller det även"
        in handler
    )
    assert "↩ Agentens attestant, Journalia AB: skickad tillbaka av David Sten" in whole(case, Side.AGENT)
    assert "skickad tillbaka" not in orderer + whole(case)
    assert "Rehab Öster?" not in orderer


def test_the_agents_orderer_sees_that_it_came_back_for_jav_and_the_customer_only_that_it_did():
    case = detours.taken_back()

    handler, orderer = read(case, CardKind.AGENT_APPROVAL), read(case, CardKind.STATUS)

    assert handler.startswith("# Att godkänna på nytt efter jäv: Nationell patientöversikt för Region Exempel\n")
    assert "↩ Agentens attestant, Journalia AB: jäv anmält av Ingrid Tall" in whole(case, Side.AGENT)
    assert (
        "Agentens godkännande gäller inte längre. Väntar på ett nytt från agentens beställare hos Journalia AB"
        in orderer
    )
    assert "jäv" not in orderer + whole(case)
    assert "Ingrid" not in orderer + whole(case)


def test_of_a_second_reason_to_approve_anew_the_card_names_the_latest():
    recused = detours.taken_back(after(Action.APPROVE, Action.SEND_BACK, flow=VIA))

    assert read(recused, CardKind.AGENT_APPROVAL).startswith("# Att godkänna på nytt efter jäv")
    assert read(detours.approved_anew(), CardKind.AGENT_APPROVAL).startswith("# Beställning: ")


def on_from(case, *actions, **changes):
    """The case after what its handler does, and what the orderer answers."""
    for hours, action in enumerate(actions, start=9):
        who = builders.ORDERER if action is Action.ANSWER else builders.HANDLER
        now = builders.situation(case, who, **changes)
        case = builders.pressed(now, action, builders.AT + hours * builders.HOUR).after
    return case


@pytest.mark.parametrize(
    ("back", "title"),
    [
        (detours.taken_back(), "# Att godkänna på nytt efter jäv"),
        (after(Action.APPROVE, Action.SEND_BACK, flow=VIA), "# Skickad tillbaka av er attestant"),
    ],
)
def test_a_question_to_the_orderer_meanwhile_hides_not_why_it_is_approved_anew(back, title):
    answered = on_from(on_from(back, Action.REQUEST_COMPLETION), Action.ANSWER)

    assert read(answered, CardKind.AGENT_APPROVAL).startswith(title)


@pytest.mark.parametrize("back", [detours.taken_back(), after(Action.APPROVE, Action.SEND_BACK, flow=VIA)])
def test_an_order_that_the_orderer_changes_meanwhile_is_a_new_one(back):
    asked = on_from(back, Action.REQUEST_COMPLETION)
    changed = on_from(asked, Action.ANSWER, revised=asked.anew())

    assert read(changed, CardKind.AGENT_APPROVAL).startswith("# Att godkänna: ")


def test_the_orderer_reads_the_same_whatever_made_the_agent_approve_anew():
    def said(case):
        return read(case, CardKind.STATUS).split("\n")[1].split(" sedan ")[0]

    assert said(detours.taken_back()) == said(after(Action.APPROVE, Action.SEND_BACK, flow=VIA))
    assert said(after(flow=VIA)).endswith("Mottagen. Väntar på godkännande av agentens beställare hos Journalia AB")


def test_of_many_rounds_a_card_shows_the_latest_and_the_whole_order_all():
    case = after(*detours.ROUND * 5)
    asks, ended = read(case, CardKind.CUSTOMER_ATTEST), after(*detours.ROUND * 5, Action.REJECT)

    assert asks.count("**Fråga från") == 1
    assert whole(case).count("komplettering begärd av") == 5
    told = read(ended, CardKind.OUTCOME, Part.ORDERER)
    assert "\n… och 8 tidigare, under Visa hela beställningen\n" in told
    assert told.count("komplettering begärd av") == 1


# --- another version


def test_a_changed_order_says_who_changed_it_and_that_it_is_asked_anew():
    said = "Ändrad **12\u00a0mars\u00a02026\u00a0kl.\u00a016.32**. Tidigare beslut gäller inte."

    assert said in read(revised(), CardKind.CUSTOMER_ATTEST)
    assert said in read(revised(), CardKind.STATUS)
    assert "Ändrad av beställaren" not in read(after(Action.REPRICE), CardKind.STATUS)


def test_that_an_order_was_changed_is_news_until_somebody_has_decided_about_it_anew():
    changed = revised()
    now = builders.situation(changed, builders.ATTESTANT)
    attested = builders.pressed(now, Action.ATTEST).after

    assert "Ändrad av beställaren" not in read(attested, CardKind.STATUS)
    assert "Ändrad av beställaren" not in read(attested, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE)


def test_decisions_that_no_longer_count_are_marked():
    case = after(Action.APPROVE, Action.SEND_BACK, flow=VIA)

    assert (
        "– Agentens beställare, Journalia AB: godkände 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32 (gäller inte längre)"
        in whole(case)
    )


# --- prices


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        (CardKind.AGENT_APPROVAL, after(flow=VIA)),
        (CardKind.AGENT_ATTEST, after(Action.APPROVE, flow=VIA)),
        (CardKind.CUSTOMER_ATTEST, after(Action.APPROVE, Action.ATTEST, flow=VIA)),
        (CardKind.STATUS, after(flow=VIA)),
    ],
)
def test_a_new_price_is_shown_beside_the_old_to_the_one_who_pays_it(kind, case):
    payer = Payer.AGENT if PLAYED_BY[kind] in {Part.AGENT_HANDLER, Part.AGENT_ATTESTANT} else Payer.CUSTOMER
    (other,) = set(Payer) - {payer}

    dearer, others = read(detours.dearer(case, payer), kind), read(detours.dearer(case, other), kind)

    assert "Nytt pris. Det var **" in dearer
    assert "** när beställningen lades.\n" in dearer
    assert "Nytt pris från **1\u00a0januari\u00a02027**: **" in dearer
    assert "Nytt pris" not in others


def test_a_price_that_the_agent_pays_says_nothing_to_the_customer():
    case = after(Action.APPROVE, Action.ATTEST, flow=VIA)
    back = builders.step(case, repricing(case), builders.AT + builders.HOUR * 9)

    orderer, old = read(back, CardKind.STATUS), read(back, CardKind.CUSTOMER_ATTEST, step=case.step)
    agent = read(back, CardKind.AGENT_ATTEST)

    assert "pris" not in orderer.lower()
    assert "Beställning **B-2345678** har ändrats eller besvarats." in old
    assert "# Att attestera: " in agent
    assert "± Priset ändrat" in whole(back, Side.AGENT)
    assert "± Priset" not in whole(back)


def repricing(case):
    found = builders.find(case.flow, case.state, Action.REPRICE)
    return next(each for each in found if each.target is State.AWAITING_AGENT_ATTEST)


# --- several attestants


def test_a_card_shows_how_many_have_attested_and_whose_turn_it_is():
    text = read(detours.several(Action.ATTEST), CardKind.CUSTOMER_ATTEST, person=builders.COLLEAGUE)
    turn = read(detours.several(rules=detours.IN_TURN), CardKind.CUSTOMER_ATTEST)

    assert "**1** av **2** har attesterat: **Bo Lund**.\n" in text
    assert "~ Om du attesterar får beställaren en instruktion från kundservice inom cirka 1 arbetsdag." in text
    # How many are needed is said once, with who is asked.
    assert "2 attester krävs för Region Exempel. Frågan har gått till dig." in turn
    assert "attester behövs" not in turn
    assert "**1** av **2** har attesterat: **Bo Lund**. Väntar på **Frida Näs**." in whole(
        detours.several(Action.ATTEST)
    )
    assert "~ Efter din attest behövs en till." in turn


def test_it_is_said_whether_all_or_any_of_those_asked_are_waited_for():
    assert "Väntar på **Bo Lund och Frida Näs**." in whole(detours.several())
    assert "väntar på **Bo Lund eller Frida Näs**" in whole(after())


def test_how_many_the_other_side_asks_is_not_shown():
    one = detours.several(Action.APPROVE, Action.ATTEST, flow=VIA)
    both = detours.several(Action.APPROVE, Action.ATTEST, Action.ATTEST, flow=VIA)

    assert "attesterade 12\u00a0mars" not in read(one, CardKind.STATUS)
    assert "av **2**" not in read(one, CardKind.STATUS)
    assert whole(both).count("Agentens attestant, Journalia AB: attesterad") == 1
    assert read(both, CardKind.AGENT_ATTEST).count("Attesterad av") == 2


def test_a_substitute_stands_in_the_chain_with_whom_it_was_for():
    text = whole(detours.substituted(after(Action.ATTEST)))

    assert (
        "✓ Kundens attestant, Region Exempel: attesterad av Bo Lund, ersättare för Frida Näs, 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32"
        in text
    )


# --- customer service pauses, cancels, sends again


def test_a_pause_is_told_with_why():
    case = after(*CLAIMED, Action.HOLD)

    service, orderer = read(case, CardKind.CUSTOMER_SERVICE), read(case, CardKind.STATUS)

    assert service.startswith("# Pausad: Skicka instruktion: Nationell patientöversikt för Region Exempel\n")
    assert "**Varför beställningen är pausad**\n> Vi väntar på besked om enheten." in service
    assert "(Återuppta!) (Visa hela beställningen) (… Släpp ärendet / Avbryt ärendet / Jag är jävig)" in service
    assert "~ Ärendet är pausat. Återuppta det för att kunna skicka." in service
    assert "**Pausad av Ineras kundservice. Du får besked här när den fortsätter.**" in orderer
    assert "> Vi väntar på besked om enheten." in orderer
    assert "**● Ineras kundservice: pausad, har väntat sedan" in whole(case)


def test_a_cancelled_order_is_told_with_why_and_can_be_ordered_again():
    case = after(*CLAIMED, Action.CANCEL)

    outcome, orderer = read(case, CardKind.OUTCOME, Part.ORDERER), read(case, CardKind.STATUS)

    assert "# Beställningen är avbruten: Nationell patientöversikt" in outcome
    assert "**✗ Avbruten av Ineras kundservice 12\u00a0mars\u00a02026\u00a0kl.\u00a017.32.**" in outcome
    assert "> Tjänsten kan inte levereras till enheten." in outcome
    assert "(Beställ igen) (Visa hela beställningen)" in outcome
    assert "> Tjänsten kan inte levereras till enheten." in orderer
    assert "# Avslutad: Region Exempel" in read(case, CardKind.CUSTOMER_SERVICE)


def test_instructions_sent_to_another_say_whose_order_it_is_and_that_they_were_sent_again():
    case = detours.sent_to(builders.ADMINISTRATOR)

    text = read(case, CardKind.INSTRUCTIONS, person=builders.ADMINISTRATOR)

    assert "Beställningen lades av **Anna Ek**. Du får det här meddelandet i stället." in text
    assert "Instruktionen skickades igen **13\u00a0mars\u00a02026\u00a0kl.\u00a018.32**." in text
    assert "Instruktionen skickades till Hans Roos 13\u00a0mars" in read(case, CardKind.STATUS)
    assert "(Skicka igen) (Visa hela beställningen)" in read(case, CardKind.CUSTOMER_SERVICE)


def test_a_change_of_agent_is_noted_for_those_who_must_know():
    """Of an order from before orders named what they replace."""
    said = "Byte av agent: kunden lämnar **Inera AB**, som inte får besked automatiskt."
    attest = detours.changing_agent(after(Action.APPROVE, Action.ATTEST, flow=VIA))
    service = detours.changing_agent(builders.case_in(State.AWAITING_CUSTOMER_SERVICE, VIA))

    assert said in read(attest, CardKind.CUSTOMER_ATTEST)
    assert said in read(service, CardKind.CUSTOMER_SERVICE)
    assert "Byte av agent" not in read(attest, CardKind.AGENT_ATTEST)


# --- buttons


def test_only_one_of_the_buttons_that_may_stand_together_stands_out():
    for flow in ORDER_FLOWS:
        for name, case in builders.journeys(flow):
            for part, offers in builders.view(case).offers.items():
                shown_first = [each for each in BUTTONS.get(part, ()) if any(row.does is each for row in offers)]
                assert len(PRIMARY & set(shown_first[:VISIBLE])) <= 1, name


def test_what_does_not_fit_stands_in_the_menu_the_whole_order_first():
    offers, pointer = (
        builders.view(after()).offers[Part.CUSTOMER_ATTESTANT],
        loose(CardKind.STATUS, Part.ORDERER).pointer(None),
    )

    (row,) = choices(CaseWords(builders.view(after()), Language.SV), Part.CUSTOMER_ATTESTANT, offers, pointer)

    *buttons, menu = row.elements
    assert [each.action_id for each in buttons] == ["kp.attest", "kp.reject", "kp.request_completion"]
    named = [read_option(each.value) for each in menu.options]
    assert named == [(pointer, "kp.details"), (pointer, "kp.hand_over"), (pointer, "kp.recuse")]


def test_the_menu_on_a_card_calls_a_termination_by_its_name():
    view, pointer = builders.view(after(flow=Flow.TERMINATION)), loose(CardKind.STATUS, Part.ORDERER).pointer(None)
    part = Part.CUSTOMER_ATTESTANT

    (row,) = choices(CaseWords(view, Language.SV), part, view.offers[part], pointer)

    assert [each.text for each in row.elements[-1].options] == ["Visa hela uppsägningen", "Lämna över", "Jag är jävig"]


def test_an_attest_in_an_emergency_is_not_a_button_that_lies_close_at_hand():
    offers = builders.view(after()).offers[Part.CUSTOMER_EMERGENCY]

    pointer = loose(CardKind.STATUS, Part.ORDERER).pointer(None)

    (row,) = choices(CaseWords(builders.view(after()), Language.SV), Part.CUSTOMER_EMERGENCY, offers, pointer)

    details, menu = row.elements
    assert details.action_id == "kp.details"
    assert [each.text for each in menu.options] == ["Attestera som reserv"]


# --- what is not as it should be


@pytest.mark.parametrize(
    ("why", "said", "todo"),
    [
        ("no_attestant", "Region Exempel saknar en attestant", "Ge rollen attestant till någon annan"),
        ("over_every_limit", "har en beloppsgräns som räcker", "Höj beloppsgränsen för en attestant"),
        ("agent_roles", "saknar någon som kan godkänna eller attestera", "agentens beställare (handläggare agent)"),
    ],
)
def test_administrators_read_why_nothing_could_be_ordered_and_what_to_do(why, said, todo):
    note = {"why": why, "organisation": "Region Exempel"}

    told = as_read(message(loose(CardKind.NOT_READY, Part.CUSTOMER_ADMINISTRATOR, note=note), None, Language.SV))

    assert said in told
    assert todo in told
    assert "kan göra det igen när det är ordnat" in told


def test_customer_service_reads_which_organisation_has_no_administrator_to_tell():
    note = {"why": "no_attestant", "organisation": "Region Exempel"}

    told = as_read(message(loose(CardKind.NOT_READY, Part.CUSTOMER_SERVICE, note=note), None, Language.SV))

    assert "Kontakta Region Exempel, och hjälp dem att ge någon den roll som behövs" in told


@pytest.mark.parametrize(
    ("state", "why", "part", "said", "todo"),
    [
        (
            State.AWAITING_CUSTOMER_ATTEST,
            Block.NOBODY,
            Part.CUSTOMER_ADMINISTRATOR,
            "ingen som får attestera finns kvar.",
            "Lägg till rollen attestant för någon annan än beställaren.",
        ),
        (
            State.AWAITING_AGENT_ATTEST,
            Block.NOBODY,
            Part.AGENT_ADMINISTRATOR,
            "ingen som får attestera finns kvar hos Journalia AB.",
            "Lägg till rollen attestant för någon annan än den som godkände.",
        ),
        (
            State.AWAITING_AGENT_APPROVAL,
            Block.NOBODY,
            Part.AGENT_ADMINISTRATOR,
            "ingen hos Journalia AB kan godkänna den.",
            "Lägg till rollen agentens beställare (handläggare agent)",
        ),
        (
            State.AWAITING_CUSTOMER_ATTEST,
            Block.OVER_LIMIT,
            Part.CUSTOMER_ADMINISTRATOR,
            "ingen attestant har tillräcklig beloppsgräns.",
            "Höj beloppsgränsen för en attestant",
        ),
        (
            State.AWAITING_CUSTOMER_ATTEST,
            Block.NOBODY,
            Part.CUSTOMER_SERVICE,
            "ingen som får attestera finns kvar.",
            "Region Exempel har ingen administratör som kan få beskedet.",
        ),
        (
            State.AWAITING_AGENT_ATTEST,
            Block.NO_AGENT_ASSIGNMENT,
            Part.CUSTOMER_SERVICE,
            "Journalia AB har inget gällande agentuppdrag för Nationell patientöversikt.",
            "Kontakta Journalia AB om agentuppdraget",
        ),
    ],
)
def test_whoever_can_help_is_told_what_is_blocked_why_and_what_to_do(state, why, part, said, todo):
    text = read(detours.blocked(state, why, VIA), CardKind.BLOCKED, part)

    assert f"**● Beställning B-2345678 kan inte gå vidare: {said}**\n" in text
    assert f"\n{todo}" in text
    assert "Beställningen går vidare av sig själv när det är ordnat." in text
    assert ("Kostnad första året | 37\u00a0000\u00a0kr" in text) is (why is Block.OVER_LIMIT)


def test_once_somebody_can_decide_it_is_solved():
    assert read(after(), CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR) == snapshot("""\
# Löst: beställning B-2345678
**✓ Löst: beställning B-2345678 (Nationell patientöversikt) kan gå vidare igen.** Du behöver inte göra något.
Erbjudande | NPÖ Producent
Kund | Region Exempel (222222-2222)
~ B-2345678 avslutas 27\xa0april\xa02026 om ingen svarar\
""")
    assert "# Avslutad: beställning B-2345678" in read(
        after(Action.WITHDRAW), CardKind.BLOCKED, Part.CUSTOMER_ADMINISTRATOR
    )


def test_why_it_stands_still_is_told_on_the_own_side_alone():
    over = detours.blocked(State.AWAITING_AGENT_ATTEST, Block.OVER_LIMIT, VIA)
    ended = detours.blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NO_CUSTOMER_AGREEMENT)

    assert "beloppsgräns" not in read(over, CardKind.STATUS)
    assert "eftersom Region Exempel inte har något gällande kundavtal" in read(ended, CardKind.STATUS)
    assert "eftersom Region Exempel inte har något gällande kundavtal" in read(ended, CardKind.CUSTOMER_ATTEST)


def test_those_who_could_have_attested_are_told_that_a_reserve_did():
    assert read(after(Action.EMERGENCY_ATTEST), CardKind.EMERGENCY, Part.CUSTOMER_ATTESTANT) == snapshot("""\
# En reservattestant har attesterat: Nationell patientöversikt
**Gun Holm** attesterade **12\xa0mars\xa02026\xa0kl.\xa015.32** beställning **B-2345678** för **Region Exempel**, som reservattestant i stället för er som har rollen attestant.
Du behöver inte göra något. Fråga den som attesterade, eller er administratör, om något inte stämmer.
**Motivering**
> Båda attestanterna är borta till på måndag.
Erbjudande | NPÖ Producent
Kund | Region Exempel (222222-2222)
Anslutning | Direktanslutning
**Steg 2 av 3**
✓ Kundens attestant, Region Exempel: attesterad som reserv av Gun Holm 12\xa0mars\xa02026\xa0kl.\xa015.32
**● Ineras kundservice: väntar sedan 12\xa0mars\xa02026\xa0kl.\xa015.32**
○ Beställaren, Region Exempel: återstår
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_an_emergency_is_marked_on_the_orderers_card_and_where_the_order_ends():
    case = after(Action.EMERGENCY_ATTEST)
    ended = after(Action.EMERGENCY_ATTEST, Action.CLAIM, Action.CANCEL)
    said = "**Gun Holm** attesterade som reservattestant **12\u00a0mars\u00a02026\u00a0kl.\u00a015.32**."

    assert said in read(case, CardKind.STATUS)
    assert said in read(case, CardKind.CUSTOMER_SERVICE)
    assert said in read(ended, CardKind.OUTCOME, Part.ORDERER)
    assert "✓ Attesterad som reserv av Gun Holm" in read(case, CardKind.CUSTOMER_ATTEST)


def test_a_card_of_an_emergency_that_is_nowhere_in_the_chain_can_be_drawn():
    assert "# En reservattestant har attesterat" in read(after(), CardKind.EMERGENCY, Part.CUSTOMER_ATTESTANT)
