"""What an order meets that is not the first: the same again, units that have the service, another agent."""

from typing import Any

import pytest

from tests.flow.book import Book
from tests.flow.office import Office, person
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DISA,
    GRACE,
    HANNA,
    IVAR,
    KARIN,
    agents,
    attest,
    decide,
    fill,
    open_form,
    order_via,
    place_order,
)
from tests.flow.slack import Json, Slack, case_in, option, options, runs, says, text

OFFER, VIA = "npo-producent", "npo-producent-agent"
WEST = "Vårdsystem Väst AB"


def finish(slack: Slack, case: str, action: str = "kp.send_instructions") -> None:
    """Customer service does its part."""
    disa = slack.person(DISA)
    disa.press(disa.card("kp.claim", case), "kp.claim")
    disa.press(disa.card(action, case), action)
    assert disa.submit(disa.modal(), message=text("Klart."))["response_action"] == "clear"


def connect(slack: Slack, offer: str = OFFER) -> str:
    """An order that has been carried out."""
    case = place_order(slack, offer)
    attest(slack, BO, case)
    finish(slack, case)
    slack.person(ANNA).message("Så får ni tillgång", case)
    return case


def connect_via_agent(slack: Slack) -> str:
    case = order_via(slack)
    approved = decide(slack, HANNA, case, "kp.approve", certified=options("yes"), attestant=option("all"))
    assert approved["response_action"] == "clear", approved
    attest(slack, IVAR, case)
    attest(slack, BO, case)
    finish(slack, case, "kp.inform_agent")
    slack.person(ANNA).message("informerad", case)
    return case


def gets_people(office: Office) -> None:
    """Somebody approves and somebody attests for the other agent, both of whom Inera's Slack speaks for."""
    office.takes("agent_handler", "hans.alm@vast.example", WEST)
    people = [
        person("Karin Ström", "agent_handler", at="nordjournal.example"),
        person("Lena Strand", "attestant", at="strand.example"),
    ]
    office.organisation(WEST, people=people)


def fields(form: Json) -> dict[str, Any]:
    return {each["block_id"]: each["element"] for each in form["blocks"] if each["type"] == "input"}


def choices(form: Json) -> set[str]:
    """What may become of what the units have."""
    return {each["value"] for each in fields(form)["existing"]["options"]}


def test_case_24_a_unit_that_has_the_service_is_refused_and_new_ones_meet_a_warning(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    connect(slack)

    form = open_form(anna, OFFER)
    assert "En tilläggsbeställning ger en ny uppstartskostnad" in says(form)
    refused = anna.submit(form, **fill(form, OFFER))
    accepted = anna.submit(form, **fill(form, OFFER, units=text("Rehab Öster")))

    assert "har redan" in refused["errors"]["units"]
    assert accepted["response_action"] == "update"
    assert book.cases() == 2


def test_case_25_a_change_of_agent_is_ticked_in_the_form_and_told_to_customer_service(
    slack: Slack, office: Office, book: Book
) -> None:
    anna = slack.person(ANNA)
    connect_via_agent(slack)
    gets_people(office)
    form = open_form(anna, VIA)
    west = option(agents(form)[WEST])

    asked = anna.submit(form, **fill(form, VIA, agent=west))

    assert asked["response_action"] == "update", asked
    form = anna.modal(
        "Ni har redan", "anslutningen via Nordjournal AB (", "Vårdcentralen Norr", "Lägg till eller ersätt"
    )
    assert fields(form)["invoice_ref"]["initial_value"] == "ZZ1234"
    assert fields(form)["terms_accepted"]["initial_options"]
    assert fields(form)["agent"]["initial_option"]["text"]["text"] == WEST
    assert book.cases() == 1
    replaced = f"replace:{VIA}:{agents(form)['Nordjournal AB']}"
    assert choices(form) == {"add", replaced}
    done = anna.submit(form, existing=option(replaced))
    assert done["response_action"] == "update"
    assert "är skickad" in says(anna.modal("är skickad"))
    assert book.cases() == 2


def test_case_24_a_unit_that_has_it_directly_goes_to_an_agent_and_those_who_decide_read_what_that_replaces(
    slack: Slack, book: Book
) -> None:
    anna, bo, disa = slack.person(ANNA), slack.person(BO), slack.person(DISA)
    connect(slack)
    form = open_form(anna, VIA)
    agent = option(agents(form)["Nordjournal AB"])
    asked = anna.submit(form, **fill(form, VIA, agent=agent))
    form = anna.modal("genom ett annat erbjudande", "direktanslutningen (")

    (replaced,) = choices(form) - {"add"}
    done = anna.submit(form, existing=option(replaced))

    assert (asked["response_action"], done["response_action"]) == ("update", "update")
    case = book.newest()
    decide(slack, HANNA, case, "kp.approve", certified=options("yes"), attestant=option("all"))
    assert "Ersätter" not in says(slack.person(HANNA).message(case))
    attest(slack, IVAR, case)
    assert "Ersätter direktanslutningen (" in runs(bo.card("kp.attest", case))
    attest(slack, BO, case)
    assert "Ersätter direktanslutningen (" in runs(disa.card("kp.claim", case))
    finish(slack, case, "kp.inform_agent")
    anna.close_all()
    form = open_form(anna, OFFER)
    asked = anna.submit(form, **fill(form, OFFER))
    assert asked["response_action"] == "update"
    form = anna.modal("anslutningen via Nordjournal AB (")
    assert anna.submit(form, existing=option("add"))["response_action"] == "update"
    added = book.newest()
    assert "Utöver anslutningen via Nordjournal AB (" in runs(bo.card("kp.attest", added))


def test_what_an_answer_says_stands_there_when_its_form_asks_about_the_change_of_agent(
    slack: Slack, office: Office, book: Book
) -> None:
    anna, karin = slack.person(ANNA), slack.person(KARIN)
    connect_via_agent(slack)
    gets_people(office)
    case = order_via(slack, WEST, units=text("Rehab Öster"))
    karin.press(karin.card("kp.request_completion", case), "kp.request_completion")
    karin.submit(karin.modal(), message=text("Ska Norr vara med?"))
    anna.press(anna.message("Svara", case), "kp.answer")
    anna.press(anna.modal("Frågan"), "kp.change_order")
    form = anna.modal("Om du ändrar vårdenheter")

    both = text("Rehab Öster\nVårdcentralen Norr; SE2222222222-A1B2")
    anna.submit(form, units=both, message=text("Ja, båda två."))

    form = anna.modal("Lägg till eller ersätt")
    assert fields(form)["message"]["initial_value"] == "Ja, båda två."
    assert anna.submit(form, existing=option("add"))["response_action"] == "clear"
    assert "Ja, båda två." in says(karin.card("kp.approve", case))
    assert book.state(case) == "awaiting_agent_approval"


def test_case_26_who_is_not_the_agents_customer_is_led_to_another_agent(slack: Slack) -> None:
    anna = slack.person(ANNA)
    case = order_via(slack)

    decide(slack, HANNA, case, "kp.approve")
    slack.person(HANNA).close_all()
    hanna = slack.person(HANNA)
    hanna.press(hanna.card("kp.reject", case), "kp.reject")
    hanna.submit(hanna.modal("avslår"), reason_code=option("not_our_customer"), reason=text("Ni finns inte hos oss."))

    told = anna.card("kp.order_again", "Ni finns inte hos oss.", case)
    assert "Nordjournal AB känner inte igen er som kund" in runs(told)
    anna.press(told, "kp.order_again")
    form = anna.modal("Uppgifterna kommer från beställning", case)
    assert fields(form)["agent"]["initial_option"]["text"]["text"] == "Nordjournal AB"


def test_a_closed_order_fills_in_a_new_one_that_refers_to_it(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    old = place_order(slack, OFFER)
    decide(slack, BO, old, "kp.reject", reason_code=option("wrong_invoice"), reason=text("Fel referens."))

    anna.press(anna.card("kp.order_again", "avslagen", old), "kp.order_again")
    form = anna.modal("Uppgifterna kommer från beställning", old)

    assert fields(form)["units"]["initial_value"].startswith("Vårdcentralen Norr; SE2222222222-A1B2")
    assert f"Avser tidigare beställning {old}." in fields(form)["comment"]["initial_value"]
    assert not fields(form)["terms_accepted"].get("initial_options")
    sent = anna.submit(form, invoice_ref=text("ZZ9999"), terms_accepted=options("yes"))
    assert sent["response_action"] == "update", sent
    asked = bo.message("Attestera", f"Avser tidigare beställning {old}.")
    assert case_in(asked) != old
    bo.choose_more(asked, "details")
    bo.modal("ZZ9999", case_in(asked))
    assert (book.state(old), book.cases()) == ("rejected", 2)


def test_units_that_are_connected_already_are_not_ordered_again(slack: Slack) -> None:
    anna = slack.person(ANNA)
    case = connect(slack)

    anna.command(case)
    anna.press(anna.modal(case), "kp.order_again")

    form = anna.modal("Uppgifterna kommer från beställning", "är därför inte med", "Vårdcentralen Norr")
    assert "initial_value" not in fields(form)["units"]


@pytest.mark.may_go_wrong("card_given_up")
def test_units_that_another_agent_connected_since_stay_in_the_form_for_the_change_to_be_asked_about(
    slack: Slack, office: Office
) -> None:
    anna = slack.person(ANNA)
    office.organisation(WEST, people=[person("Lena Strand", "attestant", at="strand.example")])
    old = order_via(slack, WEST)
    anna.press(anna.card("kp.withdraw", old), "kp.withdraw")
    anna.submit(anna.modal("ta tillbaka"))
    anna.close_all()
    connect_via_agent(slack)

    anna.command(old)
    anna.press(anna.modal("Tillbakatagen", old), "kp.order_again")

    form = anna.modal("Uppgifterna kommer från beställning", old)
    assert fields(form)["units"]["initial_value"].startswith("Vårdcentralen Norr; SE2222222222-A1B2")


def test_the_whole_order_offers_the_same_again_once_it_is_closed(slack: Slack) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    case = place_order(slack, OFFER)
    anna.command(case)
    assert "kp.order_again" not in anna.offered(anna.modal(case))
    anna.close_all()
    decide(slack, BO, case, "kp.reject", reason_code=option("no_budget"), reason=text("Inte i år."))

    anna.command(case)
    anna.press(anna.modal("Inte i år.", case), "kp.order_again")

    anna.modal("Uppgifterna kommer från beställning", case)
    bo.command(case)
    assert "kp.order_again" not in bo.offered(bo.modal(case))


def test_nobody_of_another_customer_orders_the_same_again(slack: Slack) -> None:
    anna, grace = slack.person(ANNA), slack.person(GRACE)
    case = place_order(slack, OFFER)
    decide(slack, BO, case, "kp.reject", reason_code=option("no_budget"), reason=text("Inte i år."))
    anna.card("kp.order_again", case)

    grace.command(case)

    assert grace.message("no such order")["ephemeral"]


def test_an_order_of_a_hundred_units_is_filled_in_again_whole(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    names = [f"Vårdcentralen nummer {number}; SE2222222222-{number:04}" for number in range(60)]
    case = place_order(slack, OFFER, units=text("\n".join(names)))
    cecilia = slack.person(CECILIA)
    cecilia.press(cecilia.card("kp.request_completion", case), "kp.request_completion")
    cecilia.submit(cecilia.modal(), message=text("Är det inte fler?"))
    anna.press(anna.card("kp.answer", case), "kp.answer")
    anna.press(anna.modal("Frågan"), "kp.change_order")
    form = anna.modal("Om du ändrar vårdenheter")

    more = "\n".join(f"Rehabmottagningen {number}; SE2222222222-R{number:03}" for number in range(55))
    answer = anna.submit(form, units=text(more))

    assert answer["response_action"] == "clear", answer
    anna.press(anna.card("kp.withdraw", "på att Cecilia Dahl och David Lind attesterar", case), "kp.withdraw")
    anna.submit(anna.modal("ta tillbaka"))
    anna.command(case)
    anna.press(anna.modal("Tillbakatagen", case), "kp.order_again")
    again = fields(anna.modal("Uppgifterna kommer"))
    units = "\n".join(again[each].get("initial_value", "") for each in again if each.startswith("units"))
    assert units.strip() == more
