"""An agent orders the right to convey a service: Inera's two steps around the agent's own attestant."""

from tests.flow.people import ANNA, DISA, HANNA, IVAR, JOHN, decide, open_form, place_order
from tests.flow.slack import Slack, option, runs, says, text

OFFER, CONVEYED = "1177-tidbokning-agentuppdrag", "1177-tidbokning-agent"


def order_assignment(slack: Slack) -> str:
    """Hanna orders an agentuppdrag for 1177 tidbokning."""
    return place_order(slack, OFFER, HANNA, units=None)


def review(slack: Slack, case: str, action: str, *words: str, **answers) -> None:
    """Customer service takes the review and decides it."""
    disa = slack.person(DISA)
    disa.press(disa.message("Granska: Nordjournal AB", case), "kp.claim")
    disa.press(disa.message("Granska: Nordjournal AB", "Disa Fors", case), action)
    assert disa.submit(disa.modal(*words), **answers)["response_action"] == "clear"


def test_an_assignment_travels_to_its_end_and_customers_can_choose_the_agent(slack: Slack) -> None:
    anna, hanna, ivar, disa = map(slack.person, (ANNA, HANNA, IVAR, DISA))
    case = order_assignment(slack)
    card = disa.message("Granska: Nordjournal AB", case)
    asked = says(card)
    assert "vill förmedla" in asked
    assert "Nordjournal AB betalar " in runs(card)
    assert "Kunden" not in asked
    hanna.message("Ineras kundservice granskar den", case)
    assert ivar.hears_nothing_of(case)
    anna.shortcut()
    anna.choose(anna.modal(), "kp.offers", CONVEYED)
    assert "Ingen agent kan ta emot en sådan beställning just nu" in says(anna.modal("Ingen agent"))
    anna.close_all()

    review(slack, case, "kp.approve", "Du godkänner att", "får agentuppdrag för")
    to_attest = says(ivar.message("Att attestera: Agentuppdrag för 1177 tidbokning", case))
    assert "3\u00a0000" in to_attest
    assert "kundens" not in to_attest.lower()
    hanna.message("Godkänd av Ineras kundservice", case)
    assert decide(slack, IVAR, case, "kp.attest")["response_action"] == "clear"
    slack.person(JOHN).message("Attested by Ivar Lund", case)

    disa.press(disa.message("Skicka instruktion: Nordjournal AB", "Disa Fors", case), "kp.send_instructions")
    modal = disa.modal("Agentuppdrag för 1177 tidbokning")
    (written,) = [each["element"] for each in modal["blocks"] if each["block_id"] == "message"]
    assert written["initial_value"].startswith("Nordjournal AB kan nu väljas som agent för 1177 tidbokning.")
    assert disa.submit(modal, message=text("Meddela era kunder."))["response_action"] == "clear"
    hanna.message("Agentuppdraget gäller: 1177 tidbokning", "Meddela era kunder.", case)
    hanna.message("Klar. Agentuppdraget gäller.", case)
    assert agents_of(slack) == {"Nordjournal AB"}


def test_a_rejection_by_customer_service_reaches_the_agents_orderer_with_its_reason(slack: Slack) -> None:
    hanna, ivar = slack.person(HANNA), slack.person(IVAR)
    case = order_assignment(slack)
    said = {"reason": text("Ni saknar dataskyddsombud."), "reason_code": option("not_eligible")}

    review(slack, case, "kp.reject", "Du avslår", "Agentuppdrag för 1177 tidbokning", **said)

    told = says(hanna.message("avslagen", "Ni saknar dataskyddsombud.", case))
    assert "Uppfyller inte kraven på en agent" in told
    assert ivar.hears_nothing_of(case)


def agents_of(slack: Slack) -> set[str]:
    """Whom Anna may choose for 1177 tidbokning; a menu that has nobody in it asks while people type."""
    anna = slack.person(ANNA)
    form = open_form(anna, CONVEYED)
    menu = next(each["element"] for each in form["blocks"] if each["block_id"] == "agent")
    anna.close_all()
    return {each["text"]["text"] for each in menu.get("options", [])}
