"""Those who attest are asked together in a channel that their administrator picks, and alone while it is lost."""

from tests.flow.people import ANNA, BO, CECILIA, EVA, IVAR, attest, order_via, place_order
from tests.flow.slack import Json, Person, Slack, option, says, text, until
from tests.flow.test_administration import choose_in
from tests.flow.test_via_agent import approve

ATTESTS = "C0REGATTEST"


def open_channels(eva: Person) -> Json:
    """The form about channels, from what a command finds."""
    eva.close_all()
    eva.command("organisation region")
    choose_in(eva, eva.modal("Region Exempel"), "kp.organisation.menu", "channels")
    return eva.modal("Kanal för rollen attestant")


def keep(eva: Person, form: Json, told: str, **values: Json) -> None:
    """Send the form, filled in further or as it stands, and read what came of it."""
    answer = eva.submit(form, **values)
    assert answer["response_action"] == "update", answer
    eva.modal(told)
    eva.close_all()


def in_channel(who: Person, case: str) -> Json | None:
    """The question about an order in the channel, as somebody reads it there."""
    found = (each for each in who.messages() if each["channel"] == ATTESTS and case in says(each))
    return next((each for each in found if "kp.attest" in who.acts(each)), None)


def asked_there(who: Person, case: str) -> Json:
    """The same, waited for."""
    return until(lambda: in_channel(who, case), what=f"a question about {case} in the channel")


def alone(who: Person, case: str) -> Json:
    """The question about an order that somebody gets alone."""
    asked = who.card("kp.attest", case)
    assert asked["channel"] != ATTESTS
    return asked


def test_a_channel_asks_those_who_attest_from_the_form_to_its_loss_and_back(slack: Slack) -> None:
    anna, bo, cecilia, eva = map(slack.person, (ANNA, BO, CECILIA, EVA))
    picked = {"selected_conversation": ATTESTS}
    keep(eva, open_channels(eva), "Sparat", channel_attestant=picked, notified_attestant=option("all"))

    # One of them decides there, and nobody without the role.
    case = place_order(slack, "npo-producent")
    asked = asked_there(cecilia, case)
    assert {each["channel"] for each in bo.messages() if case in says(each)} == {ATTESTS}
    eva.press(asked, "kp.attest")
    eva.message("Du har inte rollen attestant för Region Exempel")
    bo.press(asked, "kp.attest")
    assert bo.submit(bo.modal("kr"))["response_action"] == "clear"
    anna.message("Hos Ineras kundservice", case)
    until(lambda: in_channel(cecilia, case) is None, what="a message that asks no more")

    # The app is taken out of the channel while another order waits for the agent.
    case = order_via(slack)
    approve(slack, case)
    slack.ask("membership", channel=ATTESTS, is_in=False)
    attest(slack, IVAR, case)
    alone(cecilia, case)
    asked = alone(bo, case)
    eva.message("Kundportalen når inte kanalen", "#attester", "/invite @Kundportalen")
    bo.press(asked, "kp.attest")
    assert bo.submit(bo.modal("kr"))["response_action"] == "clear"
    anna.message("Hos Ineras kundservice", case)

    # The app is invited again, and the form kept as it stands tries the channel with the next question.
    slack.ask("membership", channel=ATTESTS, is_in=True)
    form = open_channels(eva)
    assert "nås inte" in says(form)
    keep(eva, form, "Kanalen prövas igen med nästa fråga.")
    case = place_order(slack, "npo-producent", units=text("Vårdcentralen Väster"))
    asked_there(bo, case)
    assert "nås inte" not in says(open_channels(eva))
