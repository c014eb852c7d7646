"""Whoever runs this follows a press in the log to each message, and reads nothing about anybody there."""

import io

from tests.flow.log_lines import MESSAGE, WRITTEN, called, found
from tests.flow.people import ANNA, BO, CECILIA, DISA, attest, place_order
from tests.flow.slack import Slack, text, until


def test_one_id_leads_from_a_press_to_each_message_that_shows_it(lines: io.StringIO, slack: Slack) -> None:
    case = place_order(slack, "npo-producent")

    attest(slack, BO, case)
    slack.person(DISA).message("Ta ärendet", case)

    assert found(lines, f"case_sent_in case={case} revision=1 press=")
    (pressed,) = found(lines, f"case_changed case={case} revision=2 action=attest surface=slack press=")
    press = pressed.rpartition(" ")[2]
    # The status card, both attestants' and customer service's, and what is told in the orderer's thread.
    until(lambda: len(found(lines, f"card_shown .*case={case} revision=2 {press}$")) >= 5, what="five messages")


def test_a_refusal_is_told_by_its_code_and_its_press(lines: io.StringIO, slack: Slack) -> None:
    case = place_order(slack, "npo-producent")
    cecilia = slack.person(CECILIA)
    asked = cecilia.message("Attestera", case)
    attest(slack, BO, case)

    cecilia.press(asked, "kp.attest")

    pattern = rf"^refused code=already_decided action=attest surface=slack case={case} press=[0-9a-f]{{12}}$"
    until(lambda: found(lines, pattern), what="the refusal")


def test_nothing_that_anybody_is_called_or_writes_is_logged(lines: io.StringIO, slack: Slack) -> None:
    disa = slack.person(DISA)
    case = place_order(slack, "npo-producent")
    attest(slack, BO, case)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    disa.submit(disa.modal("Anna Berg"), message=text(MESSAGE))
    slack.person(ANNA).message("Så får ni tillgång", case)

    assert found(lines, f"case_changed case={case} .*action=send_instructions")
    assert [said for said in (*WRITTEN, *called()) if said.lower() in lines.getvalue().lower()] == []


def test_what_a_process_does_by_itself_is_of_no_press(lines: io.StringIO, slack: Slack) -> None:
    place_order(slack, "npo-producent")

    slack.tick()

    begun = found(lines, "workspace_connected")
    assert begun
    assert [line for line in begun if "press=" in line] == []
