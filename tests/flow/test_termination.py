"""A customer ends what it has: from what is connected, by attest, to the last day that customer service confirms."""

import json
import re
from datetime import timedelta

from core.api import CaseId, Language
from notifications.texts import day
from tests.flow.office import today
from tests.flow.people import ANNA, BO, DISA, FARID, GRACE, HANNA, IVAR, attest, order_via, place_order
from tests.flow.slack import Json, Person, Slack, case_in, option, options, says, text


def picked(iso: str) -> Json:
    """A day chosen in a calendar."""
    return {"type": "datepicker", "selected_date": iso}


# A day ahead of whenever this runs.
ENDS = today() + timedelta(days=32)
LAST_DAY = picked(ENDS.isoformat())
IN_SWEDISH, IN_ENGLISH = day(Language.SV, ENDS), day(Language.EN, ENDS)


def flowing(part: Json) -> str:
    """What a part says, as it is read: words that stand out stand in their sentences."""
    return re.sub(r"[ \n]+", " ", says(part))


def finish(slack: Slack, case: CaseId, button: str, action: str) -> None:
    """Customer service does the last thing that an order asks for."""
    disa = slack.person(DISA)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message(button, "Disa Fors", case), action)
    assert disa.submit(disa.modal(), message=text("Så här"))["response_action"] == "clear"


def end_form(orderer: Person, organisation: str, lead: str) -> Json:
    """The form that ends something, opened from what the organisation has."""
    orderer.close_all()
    orderer.home()
    orderer.press_home("kp.holdings")
    orderer.press(orderer.modal(organisation), "kp.end_connection")
    return orderer.modal(lead)


def end(orderer: Person, organisation: str, lead: str, units: str) -> None:
    """Ask for the end of what is connected, from what the organisation has."""
    answer = orderer.submit(end_form(orderer, organisation, lead), units=text(units))
    assert answer["response_action"] == "update", answer
    orderer.close_all()


def confirm(slack: Slack, case: CaseId) -> str:
    """Customer service confirms the last day; what the modal said."""
    disa = slack.person(DISA)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Bekräfta uppsägning", "Disa Fors", case), "kp.confirm_end")
    modal = disa.modal("Du bekräftar när")
    assert disa.submit(modal, last_day=LAST_DAY)["response_action"] == "clear"
    return flowing(modal)


def press_and_submit(person: Person, button: str, case: CaseId, action: str) -> None:
    person.press(person.message(button, case), action)
    assert person.submit(person.modal())["response_action"] == "clear"


def test_a_connection_is_ended_from_what_one_has_to_the_day_that_is_confirmed(slack: Slack) -> None:
    anna = slack.person(ANNA)
    case = place_order(slack, "npo-producent")
    attest(slack, BO, case)
    finish(slack, case, "Skicka instruktion", "kp.send_instructions")

    end(anna, "Region Exempel", "säger upp", "Vårdcentralen Söder")
    ended = case_in(anna.message("Din uppsägning"))
    attest(slack, BO, ended)
    assert "avgift som upphör: " in says(slack.person(BO).message("Uppsägning", ended))
    asked = confirm(slack, ended)

    assert "Du bekräftar när Nationell patientöversikt (NPÖ) upphör för Region Exempel" in asked
    assert IN_SWEDISH in says(anna.message("Uppsagd", ended))


def test_the_form_ends_the_units_of_the_row_that_was_pressed_alone(slack: Slack) -> None:
    anna = slack.person(ANNA)
    for unit in ("Vårdcentralen Norr", "Vårdcentralen Söder"):
        case = place_order(slack, "npo-producent", units=text(unit))
        attest(slack, BO, case)
        finish(slack, case, "Skicka instruktion", "kp.send_instructions")
        if unit == "Vårdcentralen Norr":
            anna.press(anna.message("Så får ni tillgång", case), "kp.confirm_connection")
            anna.message("Klar. Anslutningen bekräftades av dig", case)

    form = json.dumps(end_form(anna, "Region Exempel", "säger upp"), ensure_ascii=False)

    assert "Vårdcentralen Norr" in form
    assert "Vårdcentralen Söder" not in form


def test_a_last_day_before_it_began_or_far_ahead_is_refused_at_its_field(slack: Slack) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = place_order(slack, "npo-producent")
    attest(slack, BO, case)
    finish(slack, case, "Skicka instruktion", "kp.send_instructions")
    form = end_form(anna, "Region Exempel", "säger upp")
    far = anna.submit(form, units=text("Vårdcentralen Söder"), desired_start=picked("2199-12-31"))
    assert "mer än ett år fram i tiden" in far["errors"]["desired_start"]
    anna.close_all()
    end(anna, "Region Exempel", "säger upp", "Vårdcentralen Söder")
    ended = case_in(anna.message("Din uppsägning"))
    attest(slack, BO, ended)
    disa.press(disa.message("Ta ärendet", ended), "kp.claim")
    disa.press(disa.message("Bekräfta uppsägning", "Disa Fors", ended), "kp.confirm_end")
    modal = disa.modal("Du bekräftar när")

    early = disa.submit(modal, last_day=picked("2000-01-01"))["errors"]["last_day"]
    assert early.startswith("Anslutningen började ")
    assert "mer än ett år fram i tiden" in disa.submit(modal, last_day=picked("2199-12-31"))["errors"]["last_day"]
    assert "kp.confirm_end" in str(disa.message("Bekräfta uppsägning", "Disa Fors", ended))


def test_a_connection_through_an_agent_is_ended_without_asking_it_and_it_is_told(slack: Slack) -> None:
    anna, hanna = slack.person(ANNA), slack.person(HANNA)
    case = order_via(slack)
    hanna.press(hanna.message("Godkänn", case), "kp.approve")
    form = hanna.modal("Jag intygar")
    menu = next(each["element"]["options"] for each in form["blocks"] if each["block_id"] == "attestant")
    ivar = next(each["value"] for each in menu if each["text"]["text"] == "Ivar Lund")
    assert hanna.submit(form, certified=options("yes"), attestant=option(ivar))["response_action"] == "clear"
    attest(slack, IVAR, case)
    attest(slack, BO, case)
    finish(slack, case, "Informera agenten", "kp.inform_agent")

    end(anna, "Region Exempel", "säger upp", "Vårdcentralen Söder")
    ended = case_in(anna.message("Din uppsägning"))
    assert "Nordjournal AB" in says(slack.person(BO).message("Uppsägning att attestera", ended))
    assert "Byte av agent" not in says(slack.person(BO).message("Uppsägning att attestera", ended))
    attest(slack, BO, ended)
    assert hanna.hears_nothing_of(ended)
    assert slack.person(IVAR).hears_nothing_of(ended)
    confirm(slack, ended)

    told = flowing(hanna.message("har sagt upp", ended))
    assert f"upphör efter {IN_SWEDISH}" in told
    assert "Vårdcentralen Söder" in told
    assert "Vårdcentralen Norr" not in told
    assert "Anna Berg" not in told
    assert "Bo Ek" not in told
    anna.message("Uppsagd", IN_SWEDISH, ended)


def test_a_connection_is_ended_in_english(slack: Slack) -> None:
    farid, grace = slack.person(FARID), slack.person(GRACE)
    case = place_order(slack, "webcert-siths", FARID, units=text("Solsidan"))
    press_and_submit(grace, "Attest", case, "kp.attest")
    finish(slack, case, "Skicka instruktion", "kp.send_instructions")

    end(farid, "Solsidan", "terminates", "Solsidan")
    ended = case_in(farid.message("Your termination"))
    press_and_submit(grace, "Attest", ended, "kp.attest")
    confirm(slack, ended)

    assert f"ends after {IN_ENGLISH}" in flowing(farid.message("Terminated", ended))
