"""Plays the made-up flow through the sandbox: run in the copy that has it, among the tests of whole stories."""

from sqlalchemy import create_engine, update

from bot.demo.run import Demo
from core.api import Flow
from core.storage import tables
from tests.flow.people import ANNA, DISA, place_order
from tests.flow.slack import Slack, says, text

OFFER = "npo-producent"


def test_it_travels_from_the_form_to_its_end(place: Demo, slack: Slack) -> None:
    engine = create_engine(place.database_url)
    with engine.begin() as connection:
        connection.execute(update(tables.offers).where(tables.offers.c.id == OFFER).values(flow=Flow("trial")))
    engine.dispose()
    anna, disa = slack.person(ANNA), slack.person(DISA)

    case = place_order(slack, OFFER)
    assert "Din beställning: Prov av Nationell patientöversikt" in says(anna.message("Prov av", case))
    disa.press(disa.message("Granska", case), "kp.claim")
    disa.press(disa.message("Granska", "Disa Fors", case), "kp.approve")
    assert disa.submit(disa.modal("Prov av"))["response_action"] == "clear"
    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    sent = disa.submit(disa.modal("Anna Berg"), message=text("Läs på https://example.org/prov"))
    assert sent["response_action"] == "clear"

    anna.message("https://example.org/prov", case)
