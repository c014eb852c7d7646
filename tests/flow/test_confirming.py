"""What was carried out is confirmed with one press, by whoever knows that it works; before that nothing says so."""

from core.api import CaseId
from tests.flow.people import ANNA, BO, DISA, HANNA, IVAR, attest, order_via, place_order
from tests.flow.slack import Slack, says, text
from tests.flow.test_termination import finish
from tests.flow.test_via_agent import approve

CONFIRM = "kp.confirm_connection"


def carried_out(slack: Slack) -> CaseId:
    case = place_order(slack, "npo-producent")
    attest(slack, BO, case)
    finish(slack, case, "Skicka instruktion", "kp.send_instructions")
    return case


def may_begin(slack: Slack) -> CaseId:
    case = order_via(slack)
    approve(slack, case)
    attest(slack, IVAR, case)
    attest(slack, BO, case)
    finish(slack, case, "Informera agenten", "kp.inform_agent")
    return case


def has(slack: Slack) -> str:
    """What Anna's organisation has, as she sees it."""
    anna = slack.person(ANNA)
    anna.close_all()
    anna.home()
    anna.press_home("kp.holdings")
    said = says(anna.modal("Region Exempel"))
    anna.close_all()
    return said


def test_the_orderer_confirms_a_direct_order_with_one_press(slack: Slack) -> None:
    anna, bo, disa = map(slack.person, (ANNA, BO, DISA))
    case = carried_out(slack)
    instructions = anna.message("Så får ni tillgång", "Bekräfta anslutningen när den fungerar", case)
    assert "Beställaren bekräftar anslutningen" in says(bo.message("Instruktion skickad", case))
    before = has(slack)

    anna.press(instructions, CONFIRM)

    anna.message("Din beställning", "Klar. Anslutningen bekräftades av dig", case)
    assert CONFIRM not in anna.offered(anna.message("Anslutningen bekräftad av dig", "Så får ni tillgång", case))
    disa.message("Klart:", "Anslutningen bekräftad av Anna", case)
    assert "Instruktion skickad" in before
    assert "Ansluten sedan" not in before
    assert "Ansluten sedan" in has(slack)


def test_the_agents_orderer_confirms_and_the_orderer_hears_of_it(slack: Slack) -> None:
    anna, hanna = slack.person(ANNA), slack.person(HANNA)
    case = may_begin(slack)
    asked = anna.message("Agenten är informerad", case)
    assert CONFIRM in anna.offered(asked)
    assert "behöver inte göra något" not in says(asked)

    hanna.press(hanna.message("Ni kan påbörja den tekniska anslutningen", case), CONFIRM)

    told = anna.message("Ansluten:", "Anslutningen bekräftad", case)
    assert "Hanna" not in says(told)
    anna.message("Din beställning", "Klar.", case)
    assert CONFIRM not in hanna.offered(
        hanna.message("Ni kan påbörja den tekniska anslutningen", "bekräftad av Hanna", case)
    )


def test_customer_service_calls_off_what_nobody_confirms(slack: Slack) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = carried_out(slack)

    disa.act(disa.message("Väntar på bekräftelse", case), "cancel")
    assert disa.submit(disa.modal(), reason=text("Det blev inte av."))["response_action"] == "clear"

    anna.message("Beställningen är avbruten", "Det blev inte av.", case)
    assert CONFIRM not in anna.offered(anna.message("Så får ni tillgång", case))
    assert "Nationell patientöversikt" not in has(slack)
