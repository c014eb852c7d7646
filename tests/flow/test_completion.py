"""Questions and answers: an order is completed in words or in its fields, and old cards lead to the new ones."""

import pytest

from tests.flow.book import Book
from tests.flow.office import today_and_tomorrow
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DISA,
    HANNA,
    IVAR,
    agents,
    attest,
    decide,
    fill,
    open_form,
    place_order,
)
from tests.flow.slack import Json, Person, Slack, case_in, option, options, says, text

OFFER = "npo-producent"


def ask(slack: Slack, user: str, case: str, question: str) -> None:
    answer = decide(slack, user, case, "kp.request_completion", message=text(question))
    assert answer["response_action"] == "clear", answer


def answers(anna: Person, case: str, words: str) -> None:
    anna.press(anna.message("Svara", case), "kp.answer")
    assert anna.submit(anna.modal("Frågan"), message=text(words))["response_action"] == "clear"


def changing(anna: Person, case: str) -> Json:
    """The order's form, opened from the question."""
    anna.press(anna.message("Svara", case), "kp.answer")
    anna.press(anna.modal("Frågan"), "kp.change_order")
    return anna.modal("Om du ändrar vårdenheter")


def test_case_08_an_answer_in_words_brings_the_order_back_to_whoever_asked(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    case = place_order(slack, OFFER)
    ask(slack, BO, case, "Gäller det även Rehab Öster?")

    asked = anna.message("Gäller det även Rehab Öster?", case)
    assert "Bo Ek" in says(asked)
    assert {"kp.answer", "kp.withdraw"} <= set(anna.offered(asked))
    anna.home("Väntar på komplettering", case)
    assert book.state(case) == "completion_requested"
    answers(anna, case, "Ja, från och med maj.")

    again = bo.message("Attestera", "Ja, från och med maj.", case)
    assert "version" not in says(again)
    attest(slack, BO, case)
    assert book.state(case) == "awaiting_customer_service"


def test_case_08_changed_fields_restart_the_order_as_a_new_version(slack: Slack, book: Book) -> None:
    anna, hanna = slack.person(ANNA), slack.person(HANNA)
    form = open_form(anna, "npo-producent-agent")
    agent = option(agents(form)["Nordjournal AB"])
    anna.close_all()
    _, start = today_and_tomorrow()
    case = place_order(slack, "npo-producent-agent", agent=agent, desired_start={"selected_date": str(start)})
    ask_agent = hanna.message("Godkänn", case)
    hanna.press(ask_agent, "kp.request_completion")
    hanna.submit(hanna.modal("komplettera"), message=text("En enhet saknas."))

    form = changing(anna, case)
    fields = {each["block_id"]: each["element"] for each in form["blocks"] if each["type"] == "input"}
    assert fields["invoice_ref"]["initial_value"] == "ZZ1234"
    assert fields["desired_start"]["initial_date"] == str(start)
    assert "Vårdcentralen Norr; SE2222222222-A1B2" in fields["units"]["initial_value"]
    units = text("Vårdcentralen Norr; SE2222222222-A1B2\nVårdcentralen Söder\nRehab Öster")
    answer = anna.submit(form, units=units, message=text("Nu är den med."))

    assert answer["response_action"] == "clear", answer
    assert "Rehab Öster" in says(hanna.message("Godkänn", "Ändrad ", case))
    assert book.state(case) == "awaiting_agent_approval"
    anna.command(case)
    anna.modal("Anna Berg svarade och ändrade beställningen", "blev version 2")


def test_what_was_written_comes_along_to_the_form(slack: Slack) -> None:
    anna = slack.person(ANNA)
    case = place_order(slack, OFFER)
    ask(slack, BO, case, "Vilka enheter?")
    anna.press(anna.message("Svara", case), "kp.answer")

    typed = {"type": "plain_text_input", "value": "Alla tre."}
    anna.press(anna.modal("Frågan"), "kp.change_order", values={"message": {"message": typed}})

    form = anna.modal("Om du ändrar vårdenheter")
    fields = {each["block_id"]: each["element"] for each in form["blocks"] if each["type"] == "input"}
    assert fields["message"]["initial_value"] == "Alla tre."


def test_the_agent_that_was_named_stands_in_the_form(slack: Slack) -> None:
    anna = slack.person(ANNA)
    north = agents(open_form(anna, "npo-konsument-agent"))["Nordjournal AB"]
    anna.close_all()
    case = place_order(slack, "npo-konsument-agent", agent=option(north), technical_contact=None)
    ask(slack, BO, case, "Vilka enheter?")

    form = changing(anna, case)

    agent = next(each["element"] for each in form["blocks"] if each["block_id"] == "agent")
    assert agent["initial_option"]["value"] == north


def test_what_is_wrong_in_a_changed_order_is_said_at_its_field(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    case = place_order(slack, OFFER)
    ask(slack, BO, case, "Vilka enheter?")
    lines = book.lines(case)

    form = changing(anna, case)
    wrong = anna.submit(form, units=text("Norr; SE12"))
    personal = anna.submit(form, units=text("Norr"), comment=text("Ring 19811218-9876"))

    assert "SE2222222222-A1B2" in wrong["errors"]["units"]
    assert "personnummer" in personal["errors"]["comment"]
    assert book.lines(case) == lines


@pytest.mark.parametrize("user", [BO, CECILIA])
def test_case_39_a_press_on_a_card_of_an_older_version_is_refused_and_leads_to_the_new(
    slack: Slack, book: Book, user: str
) -> None:
    anna, person = slack.person(ANNA), slack.person(user)
    case = place_order(slack, OFFER)
    old = person.message("Attestera", case)
    with slack.frozen():
        ask(slack, BO, case, "Vilken referens?")
        anna.submit(changing(anna, case), invoice_ref=text("ZZ9999"))
        person.message("Attestera", "ZZ9999", case)
        lines = book.lines(case)

        person.press(old, "kp.attest")

        told = person.message("Beställningen har ändrats")
        assert told["ephemeral"]
        assert case_in(told) == case
        assert book.lines(case) == lines
        person.press(told, "kp.details")
        whole = person.modal("ZZ9999", "Vad som har hänt")
        assert "kp.attest" in person.offered(whole)
        person.press(whole, "kp.attest")
        assert person.submit(person.modal("Du attesterar"))["response_action"] == "clear"
        assert book.state(case) == "awaiting_customer_service"


def test_a_form_that_was_open_while_the_order_changed_is_answered_with_a_way_to_the_new(slack: Slack) -> None:
    anna, cecilia = slack.person(ANNA), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    cecilia.press(cecilia.message("Attestera", case), "kp.attest")
    form = cecilia.modal("Du attesterar")
    ask(slack, BO, case, "Vilken referens?")
    anna.submit(changing(anna, case), invoice_ref=text("ZZ9999"))

    cecilia.submit(form)

    cecilia.press(cecilia.modal("Beställningen har ändrats"), "kp.details")
    cecilia.modal("ZZ9999", "Vad som har hänt")
    assert len(cecilia.modals()) == 2


def test_case_44_a_personnummer_in_a_text_is_stopped_at_its_field(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    form = open_form(anna, OFFER)
    filled = {"comment": text("Patienten 811218-9876 väntar")}
    refused = anna.submit(form, **fill(form, OFFER, **filled))
    assert "personnummer" in refused["errors"]["comment"]
    assert book.cases() == 0
    anna.close_all()
    case = place_order(slack, OFFER)

    question = decide(slack, BO, case, "kp.request_completion", message=text("Gäller 19811218-9876?"))
    bo.close_all()
    rejected = decide(slack, BO, case, "kp.reject", reason_code=option("other"), reason=text("Enligt 8112189876"))

    assert "personnummer" in question["errors"]["message"]
    assert "personnummer" in rejected["errors"]["reason"]
    assert book.lines(case) == 1
    assert anna.hears_nothing_of("9876")


def test_customer_service_asks_and_gets_its_answer(slack: Slack, book: Book) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.request_completion")
    assert disa.submit(disa.modal("komplettera"), message=text("Vem är teknisk kontakt?"))["response_action"] == "clear"

    asked = anna.message("Vem är teknisk kontakt?", case)
    assert "Disa Fors" not in says(asked)
    assert "kp.withdraw" not in anna.offered(asked)
    answers(anna, case, "Tekla, som det står.")

    assert "Tekla, som det står." in says(disa.message("Tekla, som det står.", case))
    assert book.state(case) == "awaiting_customer_service"


def test_what_is_sent_back_within_the_agent_stays_there(slack: Slack) -> None:
    anna, hanna, ivar = slack.person(ANNA), slack.person(HANNA), slack.person(IVAR)
    form = open_form(anna, "npo-producent-agent")
    agent = option(agents(form)["Nordjournal AB"])
    anna.close_all()
    case = place_order(slack, "npo-producent-agent", agent=agent)
    hanna.press(hanna.message("Godkänn", case), "kp.approve")
    modal = hanna.modal("Jag intygar")
    assert hanna.submit(modal, certified=options("yes"), attestant=option("all"))["response_action"] == "clear"

    ivar.choose_more(ivar.message("Attestera", case), "send_back")
    sent = ivar.submit(ivar.modal("agentens beställare se över"), message=text("Har ni avtal med dem?"))

    assert sent["response_action"] == "clear", sent
    hanna.message("Godkänn", "Har ni avtal med dem?", case)
    assert anna.hears_nothing_of("Har ni avtal med dem?")
    anna.command(case)
    assert "Har ni avtal" not in says(anna.modal(case))
