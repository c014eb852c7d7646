"""Plays the made-up flow on a database: run in the copy that has it, among the contract tests."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from core.api import Action, Flow, State, Unit
from core.register.entries import OfferEntry
from core.shared import errors
from core.storage import tables
from tests.contract.office import Office, open_office
from tests.support.world.seed import ANNA, KARIN, NOW, SITHS

NORTH = {"units": (Unit("Norra mottagningen"),)}


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    offer = update(tables.offers).where(tables.offers.c.id == SITHS).values(flow=Flow("trial"))
    await made.database.write(lambda connection: connection.execute(offer))
    yield made
    await made.database.close()


async def test_it_travels_from_the_form_to_its_end_and_connects(office: Office) -> None:
    case = await office.place(**NORTH)
    assert (case.flow, case.state) == (Flow("trial"), State.AWAITING_REVIEW)
    with pytest.raises(errors.DuplicateOrder):
        await office.place(**NORTH, key="V2")

    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.REQUEST_COMPLETION, message="Vilken enhet?")
    case = await office.press(case, ANNA, Action.ANSWER, message="Den norra")
    case = await office.press(case, KARIN, Action.APPROVE, confirmed=True)
    case = await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    assert (case.state, case.closed_at) == (State.INSTRUCTIONS_SENT, NOW)

    held = select(tables.connections.c.case_id, tables.connections.c.unit_name)
    rows = await office.database.read(lambda connection: connection.execute(held).all())
    assert [tuple(row) for row in rows] == [(case.id, "Norra mottagningen")]
    with pytest.raises(errors.AlreadyConnected):
        await office.place(**NORTH, key="V3")


async def test_its_cards_are_drawn_and_its_clock_runs(office: Office) -> None:
    case = await office.place(**NORTH)
    await office.relay.drain()
    assert {card.kind for card in await office.cards()} >= {"status"}
    assert all(card.does_show == card.must_show for card in await office.cards())

    office.clock.forward(days=12)
    await office.orders.run_clock()
    lines = select(tables.history.c.action).where(tables.history.c.case_id == case.id)
    told = await office.database.read(lambda connection: list(connection.execute(lines).scalars()))
    assert told == ["submit", "escalate"]


def test_an_offer_may_follow_it() -> None:
    words = {"sv": "Prov", "en": "Trial"}
    offer = {"name": words, "flow": "trial", "categories": ["region"], "terms_url": "https://example.org/t"}

    assert OfferEntry.model_validate(offer | {"template": words}).flow is Flow("trial")
