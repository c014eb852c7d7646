"""The order form: what it offers, what it keeps, and where it says what is wrong."""

from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DISA, FARID, LENA, OSCAR, block, fill, open_form, place_order
from tests.flow.slack import Json, Slack, option, options, says, text, until
from tests.flow.wire import Wire, altered

OFFER = "npo-producent"


def offers(form: Json) -> set[str]:
    menu = next(each["element"] for each in form["blocks"] if each["block_id"].startswith("offer"))
    return {each["value"] for group in menu["option_groups"] for each in group["options"]}


def test_case_21_it_offers_what_the_organisations_category_may_order(slack: Slack) -> None:
    anna, farid = slack.person(ANNA), slack.person(FARID)
    anna.shortcut()
    farid.command("new")

    assert "hsa-direkt" in offers(anna.modal())
    assert "hsa-direkt" not in offers(farid.modal())
    assert "webcert-eid" in offers(farid.modal())


def test_another_offer_keeps_what_was_typed_but_no_terms_and_asks_for_an_agent(slack: Slack) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)
    assert "agent" not in [each["block_id"] for each in form["blocks"]]

    typed = {"invoice_ref": text("ZZ1234"), "units": text("Vårdcentralen Norr"), "terms_accepted": options("yes")}
    anna.choose(form, "kp.offers", "npo-producent-agent", **typed)

    drawn = anna.modal("Nordjournal AB")
    fields = {each["block_id"]: each["element"] for each in drawn["blocks"] if each["type"] == "input"}
    assert fields["invoice_ref"]["initial_value"] == "ZZ1234"
    assert fields["units"]["initial_value"] == "Vårdcentralen Norr"
    assert not fields["terms_accepted"].get("initial_options")


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_ordered(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)

    units = text("Vårdcentralen Norr; SE12\nVårdcentralen, Umeå\nB; FEL ID\n")
    answer = anna.submit(form, **fill(form, OFFER, units=units))

    assert answer["response_action"] == "errors"
    assert answer["errors"]["units"].startswith("Rad 1: ”SE12” är inget HSA-id. Rad 3: ”FEL ID” är inget HSA-id. Skriv")
    assert book.cases() == 0


def test_everything_wrong_is_said_at_once_also_beside_what_cannot_be_read(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)

    wrong = {"units": text("Norr; SE12"), "technical_contact.email": text("tekla"), "comment": text("811218-9876")}
    answer = anna.submit(form, **fill(form, OFFER, **wrong))

    assert set(answer["errors"]) == set(wrong)
    assert book.cases() == 0


def test_the_sum_follows_what_is_typed_and_nothing_typed_is_lost(slack: Slack) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)
    assert "Summan visas här när du har skrivit vårdenheterna." in says(form)

    anna.type(form, "units", "Vårdcentralen Norr; SE5555555555-A1B2")
    one = anna.modal("Summa för 1 vårdenhet: ", "Kontrollera HSA-id för ", "Vårdcentralen Norr")
    anna.type(one, "units", "Vårdcentralen Norr; SE5555555555-A1B2\nVårdcentralen Söder")
    two = anna.modal("Summa för 2 vårdenheter: ")

    assert anna.submit(two, **fill(two, OFFER, units=None))["response_action"] == "update"


def test_a_list_of_two_hundred_units_is_pasted_field_by_field_and_ordered(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)
    lines = [f"Vårdcentralen nummer {number}\tSE2321000016-V{number}" for number in range(200)]

    for number, first in enumerate(range(0, 200, 70), start=1):
        block = "units" if number == 1 else f"units.{number}"
        anna.type(form, block, "\n".join(lines[first : first + 70]))
        form = anna.modal(f"Summa för {min(first + 70, 200)} vårdenheter")

    answer = anna.submit(form, **fill(form, OFFER, units=None))
    assert answer["response_action"] == "update", answer
    assert book.cases() == 1


def test_an_order_without_units_is_refused_by_the_core_at_the_same_field(slack: Slack, wire: Wire, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)
    anna.submit(form, **fill(form, OFFER))
    sent = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "view_submission"][-1]

    blank = altered(sent, "view", "state", "values", "units", "kp.units", "value", value=" ")
    blank["view"] |= {"id": "V0ANOTHER01", "root_view_id": "V0ANOTHER01"}
    answer = wire.interact(blank).json()

    assert answer["errors"] == {"units": "Skriv minst en vårdenhet, en per rad."}
    assert book.cases() == 1
    until(lambda: book.refusals(None), what="the line about Anna")
    assert [each[1:] for each in book.refusals(None)] == [("submit", "invalid_order")]


def test_case_22_a_form_sent_twice_is_one_order(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, OFFER)
    slack.faults(faults=[{"kind": "duplicate_delivery", "times": 1}])

    assert anna.submit(form, **fill(form, OFFER))["response_action"] == "update"

    first, second = [each["answer"] for each in slack.log()["deliveries"] if each["type"] == "view_submission"]
    assert says(first) == says(second)
    assert book.cases() == 1


def test_case_23_the_same_again_is_refused_with_the_number_of_the_open_order(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    case = place_order(slack, OFFER)
    form = open_form(anna, OFFER)

    answer = anna.submit(form, **fill(form, OFFER))

    assert case in answer["errors"]["units"]
    assert book.cases() == 1


def test_a_sole_trader_attests_the_own_order_where_that_is_allowed(slack: Slack) -> None:
    lena, disa = slack.person(LENA), slack.person(DISA)
    lena.shortcut()
    lena.choose(lena.modal(), "kp.offers", "webcert-eid")
    form = lena.modal("kr")
    filled = {block(form, "offer"): option("webcert-eid"), "invoice_ref": text("LS"), "terms_accepted": options("yes")}
    assert lena.submit(form, **filled)["response_action"] == "update"
    lena.close_all()

    asked = lena.message("Attestera")
    assert "121212" not in says(asked)
    lena.press(asked, "kp.attest")
    assert lena.submit(lena.modal("Lena Strand Psykologi"))["response_action"] == "clear"
    assert "121212" not in says(disa.message("Ta ärendet", "Lena Strand Psykologi"))


def test_who_orders_for_nobody_is_told_so(slack: Slack) -> None:
    bo, oscar = slack.person(BO), slack.person(OSCAR)

    bo.command("ny")
    oscar.shortcut()

    bo.message("inte rollen beställare")
    assert "inte kopplat" in says(oscar.modal())
