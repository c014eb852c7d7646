"""A direct order, from the form to the instructions."""

from tests.flow.people import ANNA, BO, CECILIA, DISA, attest, place_order
from tests.flow.slack import Slack, says, text


def test_a_direct_order_travels_from_the_form_to_the_instructions(slack: Slack) -> None:
    anna, bo, disa = slack.person(ANNA), slack.person(BO), slack.person(DISA)
    case = place_order(slack, "npo-producent")

    asked = bo.message("Attestera", case)
    assert "Region Exempel" in says(asked)
    assert "17\u00a0500\u00a0kr" in says(asked) or "15\u00a0000\u00a0kr" in says(asked)
    assert bo.press(asked, "kp.attest")["status"] == 200
    confirm = bo.modal("Region Exempel", "kr")
    assert bo.submit(confirm)["response_action"] == "clear"

    bo.message("Attesterad av Bo Ek", case)
    anna.message("kundservice", case)
    waiting = disa.message("Ta ärendet", case)
    disa.press(waiting, "kp.claim")
    claimed = disa.message("Skicka instruktion", "Disa Fors", case)
    disa.press(claimed, "kp.send_instructions")
    written = disa.modal("Anna Berg")
    assert disa.submit(written, message=text("Läs på https://example.org/npo"))["response_action"] == "clear"

    anna.message("Så får ni tillgång", "https://example.org/npo", case)
    disa.message("Instruktion", case)
    bo.message("Instruktion skickad", "Du behöver inte göra något", case)
    assert slack.person(CECILIA).message("Attesterad av Bo Ek", case)


def test_whoever_ordered_is_proposed_first_as_who_gets_the_instructions(slack: Slack) -> None:
    disa = slack.person(DISA)
    case = place_order(slack, "npo-producent", CECILIA)
    attest(slack, BO, case)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")

    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")

    form = disa.modal("Cecilia Dahl")
    chosen = next(each["element"] for each in form["blocks"] if each.get("element", {}).get("options"))
    assert [each["text"]["text"].split(" (")[0] for each in chosen["options"]] == ["Cecilia Dahl", "Anna Berg"]
