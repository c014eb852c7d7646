"""Cards answer their readers' questions: each as its reader sees it, and what all of them promise."""

# ruff: noqa: E501 - a line of a snapshot is a line on the screen

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.views.orders.details import DetailsModal
from core.api import (
    ORDER_FLOWS,
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    Cost,
    Flow,
    Language,
    Part,
    Payer,
    ReasonCode,
    Seen,
    Side,
    State,
    Unit,
    find,
)
from core.views.case_view import disclose
from notifications.render import button_values
from notifications.render.drawings import draw_card
from notifications.render.pieces import parts
from notifications.render.pieces.facts import CardStanding
from notifications.render.surfaces.block_kit import blocks_of, escape
from notifications.rules.announcements import ANNOUNCEMENTS, ASKING, ORDERS, CardKind
from tests.support.drawn.cards import a_card, loose, message, shown
from tests.support.drawn.drawings import HOSTILE, nodes
from tests.support.drawn.reading import as_read
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
PART_OF = {each.card: each.part for each in ANNOUNCEMENTS if each.card is not CardKind.OUTCOME}
ATTESTED_BY_ALL = (Action.APPROVE, Action.ATTEST, Action.ATTEST)


def drawn(kind, case, part=None, language=Language.SV, person=None, **facts):
    """The last card of a kind, to whoever is asked by it."""
    part = part or PART_OF[kind]
    asked = [each.person for each in case.asked if PART_WAITED_FOR.get(case.state) is part]
    who = person or next(iter(asked), None) or a_card(kind, part).person
    return shown(builders.dossier(case), a_card(kind, part, case, person=who), language, **facts)


def read(*args, **facts):
    return as_read(drawn(*args, **facts))


def buttons_of(message):
    return {node["action_id"]: node for node in nodes(message) if node.get("type") == "button"}


def acts_of(message):
    """What can be done from a card: by its buttons, and by its menu."""
    menus = (node for node in nodes(message) if node.get("type") == "overflow")
    options = (button_values.read_option(option["value"]) for menu in menus for option in menu["options"])
    return {*buttons_of(message), *(action for _, action in filter(None, options))}


# --- the pieces


def test_small_print_has_a_line_each_and_an_emojis_code_stays_a_code():
    said = {"type": "plain_text", "text": "Nummer :100:\nVersion 2", "emoji": False}

    assert blocks_of([parts.small("Nummer :100:", "", "Version 2")]) == [{"type": "context", "elements": [said]}]


# --- who is asked


def test_the_customers_attestant_is_asked_with_what_for_whom_and_how_much():
    assert read(CardKind.CUSTOMER_ATTEST, after()) == snapshot("""\
# Att attestera: Nationell patientöversikt
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
”Vi byter journalsystem i april.”
**Svara senast 27\xa0april\xa02026, efter önskad start.** Du eller Frida Näs attesterar för Region Exempel.
(Attestera!) (Avslå) (Begär komplettering) (… Visa hela beställningen / Lämna över / Jag är jävig)
~ Om du attesterar får beställaren en instruktion från kundservice inom cirka 1 arbetsdag. Om du avslår eller ingen svarar avslutas beställningen. Begär du komplettering svarar beställaren först. B-2345678 · Steg 1 av 3\
""")


def test_the_customers_attestant_sees_that_the_agent_has_attested():
    assert read(CardKind.CUSTOMER_ATTEST, after(Action.APPROVE, Action.ATTEST, flow=VIA)) == snapshot("""\
# Att attestera: Nationell patientöversikt via Journalia AB
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
”Vi byter journalsystem i april.”
**Svara senast 27\xa0april\xa02026, efter önskad start.** Du eller Frida Näs attesterar för Region Exempel.
(Attestera!) (Avslå) (Begär komplettering) (… Visa hela beställningen / Lämna över / Jag är jävig)
~ Journalia AB har attesterat. Om du attesterar får Journalia AB börja ansluta inom cirka 1 arbetsdag. Om du avslår eller ingen svarar avslutas beställningen. Begär du komplettering svarar beställaren först. B-2345678 · Steg 3 av 5\
""")


def test_of_many_units_the_first_are_named_and_all_are_counted_and_none_are_left_out():
    case = after()
    many = tuple(Unit(f"Enhet {number}", f"SE2222222222-A{number}") for number in range(5))

    crowded = read(CardKind.CUSTOMER_ATTEST, replace(case, content=replace(case.order, units=many)))
    empty = read(CardKind.CUSTOMER_ATTEST, replace(case, content=replace(case.order, units=(), comment="")))

    assert "\nEnhet 0, Enhet 1 och 3 till\n" in crowded
    assert "**5\u00a0vårdenheter**" in crowded
    assert "vårdenhet" not in empty


def test_a_withdrawal_is_the_orderers_and_named_where_the_name_is_shown():
    case = after(Action.WITHDRAW)

    whole = as_read(DetailsModal.build(builders.view(case), Language.SV))

    assert "**↩ Tillbakatagen av dig 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32.**" in read(
        CardKind.STATUS, case, Part.ORDERER
    )
    assert "Kundens attestant, Region Exempel: beställaren Anna Ek tog tillbaka beställningen 12\u00a0mars" in whole


def test_the_same_in_english():
    case = after(Action.APPROVE, Action.ATTEST, flow=VIA)

    assert read(CardKind.CUSTOMER_ATTEST, case, language=Language.EN) == snapshot("""\
# Attest: National Patient Overview via Journalia AB
**Region Exempel** pays **SEK\xa025,000 one-off + SEK\xa012,000/year** excl.\xa0VAT in total for **3\xa0care units** · ordered by Anna Ek
NPÖ Producer · desired start 1\xa0April\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
“Vi byter journalsystem i april.”
**Answer by 27\xa0April\xa02026, after the desired start.** You or Frida Näs attest for Region Exempel.
(Attest!) (Reject) (Request completion) (… Show the whole order / Hand over / I have a conflict of interest)
~ Journalia AB has attested. If you attest, Journalia AB may begin to connect within about 1 working day. If you reject or nobody answers, the order is closed. If you request completion, the orderer answers first. B-2345678 · Step 3 of 5\
""")


def test_the_agents_orderer_is_asked_who_the_customer_is_and_what_to_check():
    assert read(CardKind.AGENT_APPROVAL, after(flow=VIA)) == snapshot("""\
# Att godkänna: Nationell patientöversikt för Region Exempel
**Journalia AB** betalar totalt **3\xa0000\xa0kr en gång** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
Kontrollera att kunden använder ert system och har PUB-avtal med er.
**Svara senast 27\xa0april\xa02026, efter önskad start.** Du eller Ingrid Tall godkänner för Journalia AB.
(Godkänn!) (Avslå) (Begär komplettering) (… Visa hela beställningen / Lämna över / Jag är jävig)
~ Om du godkänner går beställningen till er attestant. Om du avslår eller ingen svarar avslutas beställningen. Begär du komplettering svarar kunden först. B-2345678 · Steg 1 av 5\
""")


def test_the_agents_attestant_is_asked_with_what_the_own_orderer_approved():
    assert read(CardKind.AGENT_ATTEST, after(Action.APPROVE, flow=VIA)) == snapshot("""\
# Att attestera: Nationell patientöversikt för Region Exempel
**Journalia AB** betalar totalt **3\xa0000\xa0kr en gång** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
Godkänd av Cecilia Alm 12\xa0mars\xa02026\xa0kl.\xa015.32.
**Svara senast 27\xa0april\xa02026, efter önskad start.** Du eller Jonas Vik attesterar för Journalia AB.
(Attestera!) (Avslå) (Begär komplettering) (… Visa hela beställningen / Skicka tillbaka / Lämna över / Jag är jävig)
~ Om du attesterar går beställningen till kundens attestant. Om du avslår eller ingen svarar avslutas beställningen. Begär du komplettering svarar kunden först. B-2345678 · Steg 2 av 5\
""")


def test_an_attest_that_costs_nothing_says_so():
    case = after(flow=VIA)
    free = replace(case, content=replace(case.order, costs={Payer.AGENT: Cost()}))

    assert "\n**Journalia AB betalar inget** · **3\u00a0vårdenheter**\n" in read(CardKind.AGENT_APPROVAL, free)


# --- once it is decided


def test_a_decided_card_says_who_decided_and_asks_nothing_more():
    assert read(CardKind.CUSTOMER_ATTEST, after(Action.ATTEST)) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**✓ Attesterad av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa015.32.** Du behöver inte göra något.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_a_withdrawn_card_says_by_whom():
    assert read(CardKind.AGENT_APPROVAL, after(Action.WITHDRAW, flow=VIA)) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**↩ Tillbakatagen av beställaren hos Region Exempel 12\xa0mars\xa02026\xa0kl.\xa015.32.** Du behöver inte göra något.
**Journalia AB** betalar totalt **3\xa0000\xa0kr en gång** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_an_expired_card_says_that_nobody_answered():
    assert read(CardKind.CUSTOMER_ATTEST, after(Action.EXPIRE)) == snapshot("""\
# Beställning: Nationell patientöversikt för Region Exempel
**✗ Gick ut 12\xa0mars\xa02026\xa0kl.\xa015.32 utan svar.** Du behöver inte göra något.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


@pytest.mark.parametrize("flow", ORDER_FLOWS)
def test_a_card_that_asks_offers_to_decide_while_its_step_waits_and_never_after(flow):
    for name, case in builders.journeys(flow):
        for state, kind in ASKING.items():
            if (
                kind not in {each.card for each in ANNOUNCEMENTS if each.becomes in passed(case)}
                or kind is CardKind.AGENT_START
            ):
                continue
            assert bool(acts_of(drawn(kind, case)) - {"kp.details"}) is (case.state is state), (name, kind)


def passed(case):
    return {each.state for each in case.decisions} | {case.state}


LEADS_ON = (CardStanding.CHANGED, CardStanding.LEFT)


@pytest.mark.parametrize("stands", [each for each in CardStanding if each is not CardStanding.LIVE])
def test_a_reader_who_may_no_longer_decide_can_show_the_whole_order_unless_it_is_another_cards_matter(stands):
    acts = acts_of(drawn(CardKind.CUSTOMER_ATTEST, after(), stands=stands))

    assert acts == (set() if stands in LEADS_ON else {"kp.details"})


def test_a_decided_card_keeps_its_amount_and_the_whole_order_but_no_references():
    card = drawn(CardKind.CUSTOMER_ATTEST, after(Action.ATTEST))

    assert "**25\u00a0000\u00a0kr en gång + 12\u00a0000\u00a0kr/år**" in as_read(card)
    assert acts_of(card) == {"kp.details"}
    assert "4711-A" not in str(card)


@pytest.mark.parametrize("stands", LEADS_ON)
def test_a_card_that_leads_on_holds_no_amounts(stands):
    assert "kr" not in as_read(drawn(CardKind.CUSTOMER_ATTEST, after(), stands=stands)).split()


# --- the orderer


def test_the_orderer_sees_who_has_the_order_and_what_follows():
    assert read(CardKind.STATUS, after(flow=VIA)) == snapshot("""\
# Din beställning: Nationell patientöversikt för Region Exempel
**● Mottagen. Väntar på godkännande av agentens beställare hos Journalia AB sedan 12\xa0mars\xa02026\xa0kl.\xa014.32.** Steg 1 av 5. Därefter attesterar agentens attestant, och sist er egen attestant. Du får besked här.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
(Påminn) (Ta tillbaka beställningen) (Visa hela beställningen)
~ Frågor? Kontakta [Ineras kundservice](mailto:kundservice@example.se). B-2345678: påminnelse skickas 16\xa0mars\xa02026\xa0kl.\xa009.00\
""")


def test_the_orderer_sees_why_it_was_rejected():
    assert read(CardKind.STATUS, after(Action.APPROVE, Action.REJECT, flow=VIA)) == snapshot("""\
# Din beställning: Nationell patientöversikt för Region Exempel
**✗ Avslagen av agentens attestant hos Journalia AB 12\xa0mars\xa02026\xa0kl.\xa016.32.** Finns behovet kvar kan du lägga en ny beställning.
**Motivering: Fel vårdenhet**
> Rehab Öster hör inte till oss.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
(Visa hela beställningen)
~ Frågor? Kontakta [Ineras kundservice](mailto:kundservice@example.se). Beställning B-2345678, version 1\
""")


@pytest.mark.parametrize("flow", ORDER_FLOWS)
def test_the_orderer_may_withdraw_until_the_last_attest(flow):
    for name, case in builders.journeys(flow):
        is_attested = case.returns_to is State.AWAITING_CUSTOMER_SERVICE
        may = bool(find(flow, case.state, Action.WITHDRAW)) and not is_attested
        assert ("kp.withdraw" in buttons_of(drawn(CardKind.STATUS, case))) is may, name


def test_the_orderer_gets_the_instructions_in_customer_services_own_words():
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)

    assert read(CardKind.INSTRUCTIONS, case) == snapshot("""\
# Så får ni tillgång till Nationell patientöversikt
**● **Följ instruktionen från Ineras kundservice. Bekräfta anslutningen när den fungerar.
**Meddelande från Ineras kundservice**
Börja på [https://exempel.se/start](https://exempel.se/start) och följ stegen.
Erbjudande | NPÖ Producent
Frågor | Kontakta <mailto:kundservice@example.se|Ineras kundservice>
**Vårdenheter (3): **
Vårdcentralen Norr (SE2222222222-A1B2)
Vårdcentralen Söder (SE2222222222-A1B3)
Rehab Öster
**Teknisk kontakt: **Ulf Teknik, 010-123 45 67
(Bekräfta anslutning!) (Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_the_technical_contact_gets_the_same_instructions_and_hears_neither_of_money_nor_of_who_decided():
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)

    assert read(CardKind.CONTACT_INSTRUCTIONS, case) == snapshot("""\
# Så får ni tillgång till Nationell patientöversikt
Du är teknisk kontakt i en beställning från **Region Exempel**. Följ instruktionen från Ineras kundservice.
**Meddelande från Ineras kundservice**
Börja på [https://exempel.se/start](https://exempel.se/start) och följ stegen.
Kund | Region Exempel (222222-2222)
Erbjudande | NPÖ Producent
Önskad start | 1\u00a0april\u00a02026
Frågor | Kontakta <mailto:kundservice@example.se|Ineras kundservice>
**Vårdenheter (3): **
Vårdcentralen Norr (SE2222222222-A1B2)
Vårdcentralen Söder (SE2222222222-A1B3)
Rehab Öster
~ Beställning B-2345678, version 1\
""")


def test_the_technical_contact_hears_that_the_agent_may_begin_and_nothing_of_what_the_agent_was_told():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)

    assert read(CardKind.CONTACT_START, case) == snapshot("""\
# Journalia AB kan börja ansluta er
Du är teknisk kontakt i en beställning från **Region Exempel**. **Journalia AB** kan nu påbörja den tekniska anslutningen till **Nationell patientöversikt**. Agenten ser dina kontaktuppgifter och kan höra av sig till dig.
Kund | Region Exempel (222222-2222)
Erbjudande | NPÖ Producent
Önskad start | 1\u00a0april\u00a02026
Frågor | Kontakta <mailto:kundservice@example.se|Ineras kundservice>
**Vårdenheter (3): **
Vårdcentralen Norr (SE2222222222-A1B2)
Vårdcentralen Söder (SE2222222222-A1B3)
Rehab Öster
~ Beställning B-2345678, version 1\
""")


def test_the_orderer_is_told_the_end_and_offered_a_new_order():
    case = after(Action.REJECT)

    assert read(CardKind.OUTCOME, case, Part.ORDERER) == snapshot("""\
# Beställningen är avslagen: Nationell patientöversikt
**✗ Avslagen av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa015.32.**
Finns behovet kvar kan du lägga en ny beställning med rätt uppgifter.
**Motivering: Fel vårdenhet**
> Rehab Öster hör inte till oss.
**Intern anteckning, visas bara hos Region Exempel**
> Hör av dig till Karin.
Erbjudande | NPÖ Producent
Kund | Region Exempel (222222-2222)
Anslutning | Direktanslutning
**Stegen**
✗ Kundens attestant, Region Exempel: avslagen av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa015.32
(Beställ igen) (Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_a_customer_whom_the_agent_does_not_know_is_told_what_to_do():
    case = after(Action.REJECT, flow=VIA)
    wrong = replace(
        case, decisions=(*case.decisions[:-1], replace(case.decisions[-1], reason_code=ReasonCode.NOT_OUR_CUSTOMER))
    )

    assert "**Journalia AB** känner inte igen er som kund." in read(CardKind.OUTCOME, wrong, Part.ORDERER)


def test_the_agent_is_told_not_to_begin_when_the_customer_rejects():
    case = after(Action.APPROVE, Action.ATTEST, Action.REJECT, flow=VIA)

    assert read(CardKind.OUTCOME, case, Part.AGENT_HANDLER) == snapshot("""\
# Beställningen är avslagen: Nationell patientöversikt
**✗ Avslagen av kundens attestant hos Region Exempel 12\xa0mars\xa02026\xa0kl.\xa017.32.**
Beställningen är avslutad. Påbörja inte anslutningen av kunden.
**Motivering: Fel vårdenhet**
> Rehab Öster hör inte till oss.
Erbjudande | NPÖ Producent
Kund | Region Exempel (222222-2222)
Anslutning | Via agent: Journalia AB
**Stegen**
✓ Agentens beställare, Journalia AB: godkänd av Cecilia Alm 12\xa0mars\xa02026\xa0kl.\xa015.32
✓ Agentens attestant, Journalia AB: attesterad av David Sten 12\xa0mars\xa02026\xa0kl.\xa016.32
✗ Kundens attestant, Region Exempel: avslog 12\xa0mars\xa02026\xa0kl.\xa017.32
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


# --- customer service, and the agent that may begin


def test_customer_service_reads_by_when_to_take_a_case_while_that_is_to_come_and_no_longer():
    case = after(Action.ATTEST)
    minute, before = timedelta(minutes=1), "Ta ärendet senast "
    asked_anew = replace(case, due_at=case.due_at + timedelta(days=1), is_escalated=True)

    def said(case, at):
        return read(CardKind.CUSTOMER_SERVICE, case, at=at)

    assert before in said(case, case.due_at - minute)
    for text in (said(case, case.due_at), said(asked_anew, case.due_at + minute)):
        # The day that it should have been taken by, also where the clock has set another since.
        late = "Ta ärendet nu. Tiden att ta det gick ut 13\u00a0mars\u00a02026, och er ansvariga får veta det."
        assert f"**{late} Ärendet ligger kvar här.**" in text
        assert "väntat" not in text
        assert before not in text


def test_customer_service_sees_what_to_do_and_that_nobody_has_taken_it():
    late = builders.AT + timedelta(days=5)

    assert read(CardKind.CUSTOMER_SERVICE, after(Action.ATTEST), at=late) == snapshot("""\
# Skicka instruktion: Nationell patientöversikt för Region Exempel
**● **Skicka en instruktion till **Anna Ek hos Region Exempel** om hur organisationen får tillgång till tjänsten.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter**
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr och 2 till
**Ta ärendet nu. Tiden att ta det gick ut 13\xa0mars\xa02026, och er ansvariga får veta det. Ärendet ligger kvar här.**
(Ta ärendet!) (Visa hela beställningen) (… Jag är jävig)
~ Alla här kan ta ärendet. Inget skickas förrän du väljer Skicka instruktion. B-2345678 · Steg 2 av 3, sedan bekräftar beställaren\
""")


def test_customer_service_sees_who_has_taken_it():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, flow=VIA)

    assert read(CardKind.CUSTOMER_SERVICE, case, at=builders.AT) == snapshot("""\
# Informera agenten: Nationell patientöversikt för Region Exempel
**● **Informera **Journalia AB** om att anslutningen kan påbörjas.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr och 2 till
**Eva Rosén** har ärendet. Det har väntat mindre än en arbetsdag.
(Informera agenten!) (Begär komplettering) (Visa hela beställningen) (… Släpp ärendet / Pausa / Avbryt ärendet / Jag är jävig)
~ Texten är förberedd. Du kan ändra den innan du skickar. B-2345678 · Steg 4 av 5, sedan bekräftar agenten eller beställaren\
""")


def test_customer_service_sees_an_agent_that_is_named_and_a_case_number_of_the_portal():
    case = after(Action.ATTEST)
    named = replace(case, content=replace(case.order, named_agent=builders.AGENT, external_case_ref="RITM0012345"))

    text = read(CardKind.CUSTOMER_SERVICE, named, at=None)

    assert "NPÖ Producent · agent Journalia AB (för kännedom) · önskad start" in text
    assert "\n~ Ärende i Kundportalen: RITM0012345\n" in text
    assert "**Ta ärendet senast 13\u00a0mars\u00a02026.**" in text


def test_customer_service_sees_that_it_is_done():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)

    assert read(CardKind.CUSTOMER_SERVICE, case) == snapshot("""\
# Väntar på bekräftelse: Region Exempel, Nationell patientöversikt
**✓ Agenten informerad av Eva Rosén 12\xa0mars\xa02026\xa0kl.\xa019.32.**
Beställaren eller agenten bekräftar när anslutningen fungerar. Du kan också bekräfta den, eller avbryta beställningen om den inte blir av.
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
NPÖ Producent · via Journalia AB · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
(Bekräfta anslutning!) (Visa hela beställningen) (… Avbryt ärendet)
~ Beställning B-2345678, version 1\
""")


def test_who_ordered_is_asked_to_confirm_and_who_attested_has_nothing_to_do():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)
    orderer, attestant = (read(CardKind.OUTCOME, case, part) for part in (Part.ORDERER, Part.CUSTOMER_ATTESTANT))

    assert "Bekräfta anslutningen när den fungerar." in orderer
    assert "(Bekräfta anslutning!)" in orderer
    assert "behöver inte göra något" not in orderer
    assert "Beställaren eller agenten bekräftar när den fungerar. Du behöver inte göra något." in attestant
    assert "Bekräfta anslutning!" not in attestant


def test_the_agents_orderer_confirms_where_it_was_told_to_begin():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)
    asked = read(CardKind.AGENT_START, case, Part.AGENT_HANDLER)
    done = step_on(case, Action.CONFIRM_CONNECTION)

    assert "Bekräfta anslutningen när den fungerar." in asked
    assert "(Bekräfta anslutning!)" in asked
    told = read(CardKind.AGENT_START, done, Part.AGENT_HANDLER)
    assert "✓ Anslutningen bekräftad" in told
    assert "Bekräfta anslutning!" not in told


def step_on(case, action):
    return builders.step(case, find(case.flow, case.state, action)[0], builders.AT + timedelta(days=3))


def test_the_agent_is_told_that_it_may_begin():
    case = after(*ATTESTED_BY_ALL, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)

    assert read(CardKind.AGENT_START, case) == snapshot("""\
# Ni kan påbörja den tekniska anslutningen av Region Exempel
**● **Från och med **12\xa0mars\xa02026\xa0kl.\xa019.32** kan **Journalia AB** påbörja den tekniska anslutningen av **Region Exempel** till **Nationell patientöversikt**. Kom överens med kunden om en tid.
**Meddelande från Ineras kundservice**
Börja på [https://exempel.se/start](https://exempel.se/start) och följ stegen.
Beställning | B-2345678
Kund | Region Exempel (222222-2222)
Erbjudande | NPÖ Producent
Önskad start | 1\xa0april\xa02026
Frågor | Kontakta <mailto:kundservice@example.se|Ineras kundservice>
**Vårdenheter (3): **
Vårdcentralen Norr (SE2222222222-A1B2)
Vårdcentralen Söder (SE2222222222-A1B3)
Rehab Öster
**Teknisk kontakt: **Ulf Teknik, 010-123 45 67
(Visa hela beställningen)
~ Beställning B-2345678, version 1\
""")


def test_customer_service_is_told_what_reached_nobody():
    facts = loose(CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE, note={"person": "Bo Lund", "error": "user_not_found"})
    view = builders.view(after(), SIDE_OF[Part.CUSTOMER_SERVICE])

    assert as_read(message(facts, view, Language.SV)) == snapshot("""\
# Ett meddelande kom inte fram
Ett meddelande till **Bo Lund** kom inte fram.
Kontakta **Bo Lund** på annat sätt, till exempel via mejl eller telefon. Beställningen ligger kvar, och personen kan besluta när meddelanden kommer fram igen.
Beställning | B-2345678
Tjänst | Nationell patientöversikt
Kund | Region Exempel (222222-2222)
Läge | Väntar på kundens attest
Svar från Slack | user_not_found
(Visa hela beställningen)\
""")


# --- accounts


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            "offered",
            snapshot("""\
# Är det du?
Det här Slack-kontot har samma e-postadress som **Anna Ek** i Kundportalen. Är det du?
Svara ja så får du dina beställningar och godkännanden här. Svara nej om det inte är du, så kopplas inget.
(Ja, det är jag!) (Nej, det är inte jag)
~ Anna Ek, anna.ek@exempel.se\
"""),
        ),
        (
            "confirmed",
            snapshot("""\
# Välkommen, Anna Ek
Ditt Slack-konto är nu kopplat till **Anna Ek** i Kundportalen.
Beställningar som väntar på dig kommer hit som meddelanden, med det du behöver för att besluta. På fliken Hem ser du vad som väntar och vad du har beställt.
(Så fungerar det) (Öppna Kundportalen) (Nej, det är inte jag)
~ Anna Ek, anna.ek@exempel.se\
"""),
        ),
        (
            "declined",
            snapshot("""\
# Inget är kopplat
Du svarade att det inte är du, så ditt Slack-konto är inte kopplat.
Blev det fel? Skriv /kundportal så får du frågan igen. Din administratör kan rätta e-postadressen i Kundportalen.
~ Anna Ek, anna.ek@exempel.se\
"""),
        ),
    ],
)
def test_an_account_is_linked_by_a_question_and_a_greeting(state, expected):
    note = {"name": "Anna Ek", "email": "anna.ek@exempel.se", "state": state}

    assert as_read(message(loose(CardKind.LINK, Part.ORDERER, note=note), None, Language.SV)) == expected


@pytest.mark.parametrize(("state", "asks"), [("offered", False), ("confirmed", True)])
def test_the_no_that_ends_a_link_asks_first_whether_it_is_meant(state, asks):
    note = {"name": "Anna Ek", "email": "anna.ek@exempel.se", "state": state}
    found = nodes(message(loose(CardKind.LINK, Part.ORDERER, note=note), None, Language.SV))

    (no,) = (node for node in found if node.get("action_id") == "kp.link_no")
    assert ("Du kan inte koppla det igen härifrån" in str(no.get("confirm"))) is asks


# --- what every card promises


def test_a_card_is_blocks_with_ids_and_a_sentence():
    blocks = drawn(CardKind.OUTCOME, after(Action.WITHDRAW), Part.AGENT_HANDLER)

    assert blocks == snapshot(
        {
            "text": "Beställning B-2345678 (Nationell patientöversikt för Region Exempel): Tillbakatagen.",
            "blocks": [
                {
                    "type": "header",
                    "text": {
                        "type": "plain_text",
                        "text": "Beställningen är tillbakatagen: Nationell patientöversikt",
                        "emoji": False,
                    },
                    "block_id": "0.2",
                },
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {
                                    "type": "text",
                                    "text": "↩ Tillbakatagen av beställaren hos Region Exempel 12\xa0mars\xa02026\xa0kl.\xa015.32.",
                                    "style": {"bold": True},
                                }
                            ],
                        },
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {
                                    "type": "text",
                                    "text": "Påbörja inte anslutningen av kunden. Du behöver inte göra något mer.",
                                }
                            ],
                        },
                    ],
                    "block_id": "1.2",
                },
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": "*Erbjudande*"},
                        {"type": "plain_text", "text": "NPÖ Producent", "emoji": False},
                        {"type": "mrkdwn", "text": "*Kund*"},
                        {"type": "plain_text", "text": "Region Exempel (222222-2222)", "emoji": False},
                        {"type": "mrkdwn", "text": "*Anslutning*"},
                        {"type": "plain_text", "text": "Direktanslutning", "emoji": False},
                    ],
                    "block_id": "2.2",
                },
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "Stegen", "style": {"bold": True}}],
                        },
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {
                                    "type": "text",
                                    "text": "↩ Kundens attestant, Region Exempel: beställaren tog tillbaka beställningen 12\xa0mars\xa02026\xa0kl.\xa015.32",
                                }
                            ],
                        },
                    ],
                    "block_id": "3.2",
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "kp.details",
                            "text": {"type": "plain_text", "text": "Visa hela beställningen", "emoji": False},
                            "value": "test|C23456789BCDF|B-2345678|2|1",
                            "accessibility_label": "Visa hela beställningen: Nationell patientöversikt, Region Exempel",
                        }
                    ],
                    "block_id": "4.2",
                },
                {
                    "type": "context",
                    "elements": [{"type": "plain_text", "text": "Beställning B-2345678, version 1", "emoji": False}],
                    "block_id": "5.2",
                },
            ],
        }
    )


def test_buttons_are_those_of_the_table_with_at_most_one_that_stands_out():
    for flow in ORDER_FLOWS:
        for name, case in builders.journeys(flow):
            for kind, part in PART_OF.items():
                if kind in {CardKind.INSTRUCTIONS, CardKind.AGENT_START} or part is None:
                    continue
                if kind is not CardKind.STATUS and ASKING.get(case.state) is not kind:
                    continue
                made = drawn(kind, case)
                view = builders.view(case, SIDE_OF[part])
                assert acts_of(made) == {f"kp.{row.does}" for row in view.offers[part]} | {"kp.details"}, (name, kind)
                styles = {name: each["style"] for name, each in buttons_of(made).items() if "style" in each}
                assert sum(style == "primary" for style in styles.values()) <= 1
                ends = {"kp.reject", "kp.cancel"} & set(buttons_of(made))
                assert {name for name, style in styles.items() if style == "danger"} == ends


def test_a_button_points_to_the_step_that_was_shown():
    case = after(Action.APPROVE, Action.ATTEST, flow=VIA)

    value = buttons_of(drawn(CardKind.CUSTOMER_ATTEST, case))["kp.attest"]["value"]

    pointer = button_values.read(value)
    assert pointer is not None
    assert pointer.case == case.id
    assert pointer.seen == Seen(3, 1)
    assert pointer.card == "C23456789BCDF"
    assert pointer.environment == "test"


def test_a_changed_card_has_new_block_ids():
    before, now = after(Action.ATTEST), after(Action.ATTEST, Action.CLAIM)

    ids = [{block["block_id"] for block in drawn(CardKind.CUSTOMER_SERVICE, case)["blocks"]} for case in (before, now)]

    assert not ids[0] & ids[1]


def test_a_card_about_an_account_has_new_block_ids_once_that_is_answered():
    cards = (loose(CardKind.LINK, Part.ORDERER, note={"state": each}) for each in ("offered", "confirmed"))

    asked, answered = ({block["block_id"] for block in message(each, None, Language.SV)["blocks"]} for each in cards)

    assert not asked & answered


def test_many_units_are_cut_and_counted():
    case = after()
    many = replace(case, content=replace(case.order, units=tuple(Unit(f"Enhet {number}") for number in range(17))))

    text = read(CardKind.CUSTOMER_ATTEST, many)

    assert "\nEnhet 0, Enhet 1 och 15 till\n" in text
    assert "**17\u00a0vårdenheter**" in text
    assert "(… Visa hela beställningen /" in text


def test_what_people_write_is_shown_as_it_was_written():
    case = after(Action.REJECT)
    rude = replace(case.decisions[-1], reason="<!channel> *nej* <http://x.se|y> :tada:")

    text = read(CardKind.STATUS, replace(case, decisions=(*case.decisions[:-1], rude)))

    assert "> <!channel> *nej* <http://x.se|y> :tada:" in text


def test_the_sentence_of_a_message_is_escaped():
    dossier = builders.dossier(after(), offer=builders.offer_words(service=dict.fromkeys(Language, HOSTILE)))
    facts = loose(CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT)

    text = message(facts, disclose(dossier, SIDE_OF[facts.part]), Language.SV)["text"]

    assert "&lt;!channel&gt;" in text
    assert "&amp;" in text
    assert "\n" not in text


def test_escaping_is_of_exactly_three_signs():
    assert escape("<&>*_~`\"'") == "&lt;&amp;&gt;*_~`\"'"


def test_addresses_in_instructions_are_links_that_show_where_they_lead():
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    message = "https://a.se/x?y=1. Inte <http://b.se|här> eller (https://c.se). Se https://d.se"
    told = replace(case.decisions[-1], message=message)

    text = read(CardKind.INSTRUCTIONS, replace(case, decisions=(*case.decisions[:-1], told)))

    assert (
        "[https://a.se/x?y=1](https://a.se/x?y=1). Inte <http://b.se|här> eller ([https://c.se](https://c.se))." in text
    )
    assert " Se [https://d.se](https://d.se)\n" in text


def test_terms_without_an_address_for_the_web_are_no_link():
    dossier = builders.dossier(after(), offer=builders.offer_words(terms_url="javascript:alert(1)"))

    whole = as_read(DetailsModal.build(disclose(dossier, Side.CUSTOMER), Language.SV))

    assert "[Läs villkoren](https://exempel.se/villkor/npo)" in as_read(
        DetailsModal.build(builders.view(after()), Language.SV)
    )
    assert "Läs villkoren" not in whole


def test_only_what_ends_by_itself_says_when():
    waiting, attested = drawn(CardKind.STATUS, after()), drawn(CardKind.STATUS, after(Action.ATTEST))
    reminded = drawn(CardKind.STATUS, builders.unanswered(after()))

    # First of all somebody is reminded.
    assert "B-2345678: påminnelse skickas 16\u00a0mars\u00a02026\u00a0kl.\u00a009.00" in as_read(waiting)
    assert "B-2345678 avslutas 27\u00a0april\u00a02026 om ingen svarar" in as_read(reminded)
    assert not any(said in as_read(attested) for said in ("påminns", "avslutas"))


@pytest.mark.parametrize("side", [Side.CUSTOMER, Side.INERA])
def test_the_whole_of_what_was_ended_says_which_day_is_the_last(side):
    waiting, ended = (
        builders.case_in(state, Flow.TERMINATION) for state in (State.AWAITING_CUSTOMER_SERVICE, State.TERMINATED)
    )

    assert "Sista dag | " not in as_read(DetailsModal.build(builders.view(waiting, side), Language.SV))
    assert "Sista dag | 30\u00a0april\u00a02026" in as_read(DetailsModal.build(builders.view(ended, side), Language.SV))


def test_a_number_that_is_a_personnummer_is_not_shown():
    customer = builders.organisation(org_number="1912121212", org_number_is_personal=True)
    dossier = builders.dossier(after(), organisations={builders.CUSTOMER: customer})

    whole = as_read(DetailsModal.build(disclose(dossier, Side.CUSTOMER), Language.SV))

    assert "Kund | Region Exempel\n" in whole
    assert "1212" not in whole


def test_a_card_about_a_case_cannot_be_drawn_without_one():
    with pytest.raises(LookupError):
        draw_card(loose(CardKind.STATUS, Part.ORDERER), None, Language.SV)


@pytest.mark.slow
def test_any_kind_of_card_can_be_drawn_in_any_state():
    for flow in ORDER_FLOWS:
        for _, case in builders.journeys(flow):
            for kind, part in {(each.card, each.part) for each in ORDERS}:
                assert drawn(kind, case, part)["blocks"]


def test_every_state_has_a_sentence_on_the_orderers_card():
    for state in builders.ORDER_STATES - {State.DRAFT}:
        flow = Flow.DIRECT if state is State.INSTRUCTIONS_SENT else VIA
        text = drawn(CardKind.STATUS, builders.case_in(state, flow))["text"]
        assert text.startswith("Beställning B-2345678 (Nationell patientöversikt): "), state
