"""What comes in between: pauses, cancellations, people and agreements that go, prices that change."""

import pytest

from tests.flow.book import Book
from tests.flow.office import Office, person, today
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DISA,
    ERIK,
    EVA,
    FARID,
    FILIP,
    GRACE,
    HANNA,
    IVAR,
    TOVE,
    attest,
    decide,
    order_via,
    place_order,
)
from tests.flow.slack import Slack, option, runs, says, text, until
from tests.flow.test_duties import hand_over

OFFER = "npo-producent"
REGION, SOLSIDAN, NORDJOURNAL = "Region Exempel", "Vårdhuset Solsidan AB", "Nordjournal AB"


def claimed(slack: Slack, case: str) -> None:
    disa = slack.person(DISA)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.card("kp.send_instructions", case)


def test_case_09_everybody_asked_sees_that_an_order_is_withdrawn(slack: Slack, book: Book) -> None:
    anna, bo, cecilia = slack.person(ANNA), slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    bo.message("Attestera", case)

    anna.press(anna.message("Ta tillbaka", case), "kp.withdraw")
    anna.submit(anna.modal("ta tillbaka"))

    for each in (bo, cecilia):
        assert "kp.attest" not in each.offered(each.message("Tillbakatagen", case))
    assert book.state(case) == "withdrawn"


def test_case_10_after_the_last_attest_no_button_withdraws(slack: Slack) -> None:
    anna = slack.person(ANNA)
    case = place_order(slack, OFFER)

    attest(slack, BO, case)

    card = anna.message("Vill du avbeställa, kontakta", "Ineras kundservice", case)
    assert "kp.withdraw" not in anna.offered(card)
    anna.command(case)
    assert "kp.withdraw" not in anna.offered(anna.modal(case))


def test_case_05_a_paused_order_waits_with_its_reason_until_it_is_resumed(slack: Slack, book: Book) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    claimed(slack, case)

    disa.choose_more(disa.card("kp.hold", case), "hold")
    assert disa.submit(disa.modal("Varför pausar du?"), reason=text("Vi väntar på TAK."))["response_action"] == "clear"
    anna.message("har pausat", "Vi väntar på TAK.", case)
    held = disa.card("kp.resume", case)
    assert "kp.send_instructions" not in disa.offered(held)
    disa.press(held, "kp.resume")
    anna.message("arbetar med beställning", "igen", case)

    disa.press(disa.card("kp.send_instructions", case), "kp.send_instructions")
    assert disa.submit(disa.modal("Anna Berg"))["response_action"] == "clear"
    assert book.state(case) == "instructions_sent"


def test_case_05_a_cancelled_order_tells_those_who_ordered_and_attested(slack: Slack, book: Book) -> None:
    anna, bo, disa = slack.person(ANNA), slack.person(BO), slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    claimed(slack, case)

    disa.choose_more(disa.card("kp.cancel", case), "cancel")
    disa.submit(disa.modal("Varför avbryter du?"), reason=text("Tjänsten läggs ner."))

    for each in (anna, bo):
        each.message("avbruten", "Tjänsten läggs ner.", case)
    assert book.state(case) == "cancelled"


def test_case_15_when_the_last_attestant_goes_the_administrator_hears_and_a_new_one_is_asked(
    slack: Slack, office: Office, book: Book
) -> None:
    bo, eva, filip = slack.person(BO), slack.person(EVA), slack.person(FILIP)
    case = place_order(slack, OFFER)
    old = bo.message("Attestera", case)

    with slack.frozen():
        for email in ("bo.ek", "cecilia.dahl", "david.lind"):
            office.takes("attestant", f"{email}@region.example", REGION)
        told = eva.message("ingen som får attestera finns kvar", case)
        bo.press(old, "kp.attest")
        assert bo.message("inte rollen attestant")["ephemeral"]

    assert "Lägg till rollen attestant" in says(told)
    eva.press(told, "kp.people")
    eva.modal("Personer och roller", REGION, "Filip Ask")
    eva.close_all()
    assert "ingen som får attestera finns kvar" in says(eva.home("Kan inte gå vidare", case))
    assert book.state(case) == "awaiting_customer_attest"
    office.organisation(REGION, people=[person("Filip Ask", "attestant")])
    attest(slack, FILIP, case)
    eva.message("Löst", case)
    assert book.state(case) == "awaiting_customer_service"
    assert filip.hears_nothing_of("reservattestant", case)


def test_case_16_an_amount_over_everybodys_limit_waits_until_one_is_raised(
    slack: Slack, office: Office, book: Book
) -> None:
    farid, grace, tove = slack.person(FARID), slack.person(GRACE), slack.person(TOVE)
    case = place_order(slack, OFFER, FARID)
    grace.message("Attest", case)
    low = {"role": "attestant", "attest_limit": 10000}

    office.organisation(
        SOLSIDAN,
        people=[person("Grace Holm", low, at="solsidan.example"), person("Karin Ström", low, at="nordjournal.example")],
    )

    tove.message("ingen attestant har tillräcklig beloppsgräns", case)
    farid.message("over the limit", case)
    assert "kp.attest" not in grace.offered(grace.message("no longer", case))
    raised = {"role": "attestant", "attest_limit": 40000}
    office.organisation(SOLSIDAN, people=[person("Grace Holm", raised, at="solsidan.example")])
    grace.press(grace.message("Attest", "SEK\u00a040,000", case), "kp.attest")
    assert grace.submit(grace.modal("You attest"))["response_action"] == "clear"
    assert book.state(case) == "awaiting_customer_service"


def test_case_18_when_the_agents_agreement_ends_customer_service_hears_and_decisions_are_refused(
    slack: Slack, office: Office, book: Book
) -> None:
    hanna, disa = slack.person(HANNA), slack.person(DISA)
    case = order_via(slack)
    asked = hanna.message("Godkänn", case)

    with slack.frozen():
        office.organisation(NORDJOURNAL, agreements=[{"type": "agentavtal", "from": "2023-01-01", "ended": today()}])
        disa.message("inget gällande agentavtal", case)
        hanna.press(asked, "kp.approve")
        assert hanna.message("inget gällande agentavtal")["ephemeral"]

    assert book.state(case) == "awaiting_agent_approval"


def test_case_27_who_has_left_decides_nothing_and_others_are_asked(slack: Slack, office: Office, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    old = bo.message("Attestera", case)

    with slack.frozen():
        office.organisation(REGION, people=[person("Bo Ek", active=False)])
        bo.press(old, "kp.attest")
        assert bo.message("Ditt konto i Kundportalen är avslutat")["ephemeral"]

    attest(slack, CECILIA, case)
    assert book.state(case) == "awaiting_customer_service"


@pytest.mark.may_go_wrong("card_given_up")
def test_case_28_when_the_orderer_has_left_another_orderer_gets_the_answers(slack: Slack, office: Office) -> None:
    cecilia, disa = slack.person(CECILIA), slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)

    office.organisation(REGION, people=[person("Anna Berg", active=False)])
    claimed(slack, case)
    disa.press(disa.card("kp.send_instructions", case), "kp.send_instructions")
    disa.submit(disa.modal(), message=text("Läs på https://example.org/npo"))

    cecilia.message("Så får ni tillgång", "https://example.org/npo", case)


def test_case_34_another_price_asks_again_with_both_amounts(slack: Slack, office: Office, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    old = bo.message("Attestera", case)

    with slack.frozen():
        office.startup_price(OFFER, 18000)
        asked = bo.card("kp.attest", "Nytt pris", case)
        bo.press(old, "kp.attest")
        assert bo.message("Beställningen har")["ephemeral"]

    assert "15\u00a0000\u00a0kr" in runs(asked)
    assert "18\u00a0000\u00a0kr" in runs(asked)
    attest(slack, BO, case)
    assert book.state(case) == "awaiting_customer_service"


def test_case_34_a_new_price_that_the_clock_has_not_seen_is_refused_at_the_press(
    slack: Slack, office: Office, book: Book
) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    modal = bo.modal("15\u00a0000\u00a0kr")

    Office(office.url, lambda: None).startup_price(OFFER, 18000)
    bo.submit(modal)

    refused = bo.modal("Priset har ändrats")
    assert "18\u00a0000\u00a0kr" in says(refused)
    assert book.state(case) == "awaiting_customer_attest"


def test_case_35_an_order_for_a_later_day_shows_both_prices(slack: Slack, office: Office) -> None:
    bo = slack.person(BO)
    coming = {"payer": "customer", "kind": "startup", "unit": "order", "amount": 16000}
    office.prices(OFFER, [{**coming, "amount": 15000, "from": "2025-01-01", "to": "2098-12-31"}])
    office.prices(OFFER, [{**coming, "from": "2099-01-01"}])

    case = place_order(slack, OFFER, desired_start={"selected_date": "2099-02-01"})

    asked = bo.message("Attestera", case)
    assert "Nytt pris från 1\u00a0januari\u00a02099: 16\u00a0000\u00a0kr" in runs(asked)
    bo.press(asked, "kp.attest")
    confirm = runs(bo.modal("Du attesterar"))
    assert "15\u00a0000\u00a0kr" in confirm
    assert "Från 1\u00a0januari\u00a02099: " in confirm
    assert "16\u00a0000\u00a0kr vid start" in confirm


def test_case_46_a_case_that_is_released_can_be_taken_by_another(slack: Slack, book: Book) -> None:
    disa, erik = slack.person(DISA), slack.person(ERIK)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    claimed(slack, case)
    erik.press(erik.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    assert "Disa Fors har tagit ärendet" in says(erik.message("har tagit ärendet"))

    disa.choose_more(disa.card("kp.release", case), "release")
    erik.press(erik.message("Ta ärendet", case), "kp.claim")

    erik.message("Skicka instruktion", "Erik Sand", case)


def test_case_46_the_lead_takes_a_case_over_in_the_opened_order_and_the_colleague_is_told(slack: Slack) -> None:
    disa, erik = slack.person(DISA), slack.person(ERIK)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    claimed(slack, case)
    for reader in (disa, erik):
        reader.command(case)
    assert "kp.take_over" not in disa.offered(disa.modal(case))

    erik.press(erik.modal(case), "kp.take_over")

    told = disa.message("Övertaget", "Erik Sand har tagit över ärende", case)
    assert list(disa.offered(told)) == ["kp.details"]
    until(lambda: "kp.release" in erik.offered(erik.modal(case)), what="the opened order as it stands now")
    disa.press(disa.message("Skicka instruktion", "Erik Sand", case), "kp.send_instructions")
    assert "Erik Sand har tagit ärendet" in says(disa.message("Be Erik Sand släppa det"))
    erik.command(case)
    assert "Erik Sand tog över ärendet" in says(erik.modal("tog över"))


def test_case_47_instructions_are_sent_again_to_somebody_else(slack: Slack, book: Book) -> None:
    cecilia, disa = slack.person(CECILIA), slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    claimed(slack, case)
    disa.press(disa.card("kp.send_instructions", case), "kp.send_instructions")
    written = disa.modal("Anna Berg")
    first = next(each["element"] for each in written["blocks"] if each["block_id"] == "to")
    assert "Anna Berg" in first["initial_option"]["text"]["text"]
    disa.submit(written, message=text("Läs på https://example.org/npo"))
    state = book.state(case)

    disa.press(disa.message("Väntar på bekräftelse", case), "kp.send_again")
    again = disa.modal("skickas igen")
    people = next(each["element"]["options"] for each in again["blocks"] if each["block_id"] == "to")
    other = next(each["value"] for each in people if each["text"]["text"] == "Cecilia Dahl")
    assert disa.submit(again, to=option(other))["response_action"] == "clear"

    cecilia.message("Så får ni tillgång", "https://example.org/npo", case)
    assert book.state(case) == state
    disa.command(case)
    assert "Disa Fors skickade instruktionen igen" in says(disa.modal("till Cecilia Dahl"))


def test_an_emergency_is_marked_and_told_to_those_who_could_have_attested(slack: Slack, book: Book) -> None:
    anna, bo, filip = slack.person(ANNA), slack.person(BO), slack.person(FILIP)
    case = place_order(slack, OFFER)
    # Whoever has handed an order over is not asked any more, and could have attested all the same.
    assert hand_over(slack, BO, case, "Cecilia Dahl")["response_action"] == "clear"

    filip.command(case)
    filip.press(filip.modal(case), "kp.emergency_attest")
    modal = filip.modal("Varför kan det inte vänta?")
    assert "Bo Ek, Cecilia Dahl" in runs(modal)
    assert "Attesten märks som gjord av reservattestant" in says(modal)
    assert filip.submit(modal, reason=text("Driftstopp i natt."))["response_action"] == "clear"

    bo.message("reservattestant", "Driftstopp i natt.", case)
    filip.message("Du har attesterat som reserv", "Driftstopp i natt.", case)
    anna.message("kundservice", case)
    anna.command(case)
    assert "Filip Ask attesterade som reserv" in says(anna.modal(case))
    assert book.state(case) == "awaiting_customer_service"


def test_a_reserve_finds_on_the_home_tab_what_others_do_not_decide(slack: Slack, book: Book) -> None:
    filip = slack.person(FILIP)
    assert "Inget väntar nu som du kan attestera" in says(filip.home("Som reservattestant"))
    case = place_order(slack, OFFER)

    filip.home("Som reservattestant", "väntar på Bo Ek", case)
    filip.press_home("kp.details")
    filip.act(filip.modal(case), "kp.emergency_attest")
    modal = filip.modal("Varför kan det inte vänta?")
    assert filip.submit(modal, reason=text("Driftstopp i natt."))["response_action"] == "clear"

    filip.home_now("Inget väntar nu som du kan attestera")
    assert book.state(case) == "awaiting_customer_service"


def test_two_attests_are_two_peoples(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    case = place_order(slack, "hsa-direkt", units=None)

    attest(slack, BO, case)

    assert "1 av 2 har attesterat" in runs(bo.message("Attesterad av Bo Ek", case))
    assert "1 av 2 har attesterat" in runs(anna.message("har attesterat", case))
    assert book.state(case) == "awaiting_customer_attest"
    decide(slack, CECILIA, case, "kp.attest")
    assert book.state(case) == "awaiting_customer_service"


def test_the_agents_attestant_reads_nothing_of_the_customers_history(slack: Slack) -> None:
    ivar = slack.person(IVAR)
    case = order_via(slack)

    ivar.command(case)

    whole = says(ivar.modal(case))
    assert "Beställaren hos Region Exempel skickade in beställningen" in whole
    assert "Anna Berg" not in whole
    assert "17\u00a0500" not in whole


def test_a_card_that_slack_shows_as_it_was_is_painted_anew_when_it_is_pressed(slack: Slack, office: Office) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    stale = cecilia.message("Attestera", case)
    with slack.frozen():
        bo.press(bo.message("Attestera", case), "kp.attest")
        assert bo.submit(bo.modal())["response_action"] == "clear"
        office.believes_that_every_card_is_shown()
    assert "kp.attest" in cecilia.offered(stale)

    cecilia.press(stale, "kp.attest")

    until(lambda: "kp.attest" not in cecilia.offered(cecilia.message(case)), what="the truth on the card")
