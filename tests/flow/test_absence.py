"""Somebody is away: substitutes are named in three presses, decide in their own name, and are ended again."""

from datetime import date

from tests.flow.book import Book
from tests.flow.office import Office, today_and_tomorrow
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    EVA,
    FARID,
    FILIP,
    GRACE,
    OSCAR,
    TOVE,
    attest,
    place_order,
)
from tests.flow.slack import Json, Person, Slack, elements, runs, says

OFFER = "npo-producent"


def menu(modal: Json, block: str) -> dict[str, str]:
    """Who can be chosen: name -> value."""
    element = next(each["element"] for each in modal["blocks"] if each["block_id"].partition(".")[0] == block)
    return {each["text"]["text"]: each["value"] for each in element["options"]}


def block_of(modal: Json, name: str) -> str:
    return next(each["block_id"] for each in modal["blocks"] if each["block_id"].partition(".")[0] == name)


def chosen(modal: Json, block: str, name: str) -> dict[str, Json]:
    return {block_of(modal, block): {"selected_option": {"value": menu(modal, block)[name]}}}


def name_substitute(who: Person, name: str, days: tuple[date, date] | None = None) -> Json:
    """The three presses: the button, the form, send."""
    who.home("Ersättare")
    who.press_home("kp.substitute")
    modal = who.modal("Ange ersättare") if who.user != GRACE else who.modal()
    first, last = ({"selected_date": str(day)} for day in days or today_and_tomorrow())
    return who.submit(modal, **chosen(modal, "substitute", name), first=first, last=last)


def test_case_11_a_substitute_is_named_in_three_presses_and_decides_in_the_own_name(slack: Slack, book: Book) -> None:
    anna, bo, eva = slack.person(ANNA), slack.person(BO), slack.person(EVA)
    case = place_order(slack, OFFER)

    answer = name_substitute(bo, "Eva Nord")

    assert answer["response_action"] == "update", answer
    bo.modal("Eva Nord är ersättare för dig")
    bo.close_all()
    eva.message("Du är ersättare för Bo Ek")
    asked = eva.message("Attestera", case)
    assert "Du är ersättare för Bo Ek." in runs(asked)
    assert "du ersätter Bo Ek" in runs(eva.home("1 väntar på dig", case))
    bo.message("Attestera", case)
    eva.press(asked, "kp.attest")
    assert "som ersättare för Bo Ek" in runs(eva.modal("Du attesterar"))
    assert eva.submit(eva.modal())["response_action"] == "clear"
    bo.message("Attesterad av Eva Nord, ersättare för Bo Ek", case)
    anna.command(case)
    assert "Eva Nord attesterade" in says(anna.modal("ersättare för Bo Ek"))
    assert book.state(case) == "awaiting_customer_service"


def test_a_substitute_asks_when_an_order_comes_and_the_absent_person_may_still_decide(slack: Slack) -> None:
    bo, eva = slack.person(BO), slack.person(EVA)
    name_substitute(bo, "Eva Nord")
    bo.close_all()
    case = place_order(slack, OFFER)
    eva.message("Attestera", case)

    attest(slack, BO, case)

    eva.message("Attesterad av Bo Ek", case)


def test_case_13_a_substitute_who_ordered_is_not_asked(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    name_substitute(bo, "Anna Berg")
    bo.close_all()
    bo.home_now("Anna Berg ersätter dig")
    anna.message("Du är ersättare för Bo Ek")

    case = place_order(slack, OFFER)

    bo.message("Attestera", case)
    assert anna.hears_nothing_of("Attestera", case)
    anna.command(case)
    assert {"kp.attest", "kp.recuse"}.isdisjoint(anna.offered(anna.modal(case)))
    attest(slack, CECILIA, case)
    assert book.state(case) == "awaiting_customer_service"


def test_what_is_wrong_with_the_days_is_said_at_them(slack: Slack) -> None:
    bo = slack.person(BO)
    day, next_day = today_and_tomorrow()

    backwards = name_substitute(bo, "Eva Nord", (next_day, day))
    bo.close_all()
    name_substitute(bo, "Eva Nord", (day, next_day))
    bo.close_all()
    overlapping = name_substitute(bo, "Eva Nord", (next_day, next_day))

    assert "Slutdagen ligger före" in backwards["errors"]["last"]
    assert "redan ersättare" in overlapping["errors"]["first"]


def test_a_substitute_is_ended_on_the_home_tab(slack: Slack) -> None:
    bo, eva = slack.person(BO), slack.person(EVA)
    name_substitute(bo, "Eva Nord")
    bo.close_all()
    case = place_order(slack, OFFER)
    eva.message("Attestera", case)
    bo.home("Eva Nord ersätter dig")

    bo.press_home("kp.end_substitute")

    bo.modal("Eva Nord är inte längre ersättare för dig")
    eva.message("Du är inte längre ersättare för Bo Ek")
    assert "kp.attest" not in eva.offered(eva.message("väntar inte längre på dig", case))
    bo.home_now("Du har ingen ersättare")


def test_an_administrator_names_and_ends_a_substitute_for_somebody_else(slack: Slack) -> None:
    bo, eva, filip = slack.person(BO), slack.person(EVA), slack.person(FILIP)
    case = place_order(slack, OFFER)
    eva.home("Ersättare")
    eva.press_home("kp.substitute_for")
    modal = eva.modal("Vem är borta?")
    assert "Bo Ek, attestant" in menu(modal, "absent")
    absent, substitute = chosen(modal, "absent", "Bo Ek, attestant"), chosen(modal, "substitute", "Filip Ask")
    first, last = ({"selected_date": str(day)} for day in today_and_tomorrow())

    answer = eva.submit(modal, **absent, **substitute, first=first, last=last)

    assert answer["response_action"] == "update", answer

    eva.modal("Filip Ask är ersättare för Bo Ek")
    eva.close_all()
    bo.message("Filip Ask är ersättare för dig")
    filip.message("Du är ersättare för Bo Ek")
    assert "Du är ersättare för Bo Ek." in runs(filip.message("Attestera", case))
    eva.home("Filip Ask ersätter Bo Ek")
    eva.press_home("kp.end_substitute")
    eva.modal("Filip Ask är inte längre ersättare för Bo Ek")
    bo.message("Filip Ask är inte längre ersättare för dig")


def test_the_demos_substitute_decides_for_the_one_who_is_away(slack: Slack, book: Book) -> None:
    tove = slack.person(TOVE)
    case = place_order(slack, OFFER, FARID)

    attest(slack, TOVE, case)

    assert "Du ersätter Karin Ström" in says(tove.home("Ersättare"))
    assert not [each for _, each in elements(tove.home("Ersättare")) if each["action_id"] == "kp.end_substitute"]
    assert book.state(case) == "awaiting_customer_service"


def test_who_decides_nothing_has_nothing_about_absence_on_the_tab(slack: Slack) -> None:
    anna, oscar = slack.person(ANNA), slack.person(OSCAR)

    assert "kp.substitute" not in anna.offered(anna.home("Anna Berg"))
    assert "kp.substitute" not in oscar.offered(oscar.home("inte kopplat"))


def test_a_role_that_ends_takes_the_substitute_with_it(slack: Slack, office: Office) -> None:
    bo, eva = slack.person(BO), slack.person(EVA)
    name_substitute(bo, "Eva Nord")
    bo.close_all()
    case = place_order(slack, OFFER)
    old = eva.message("Attestera", case)

    office.takes("attestant", "bo.ek@region.example", "Region Exempel")
    eva.press(old, "kp.attest")

    assert eva.message("inte rollen attestant")["ephemeral"]
