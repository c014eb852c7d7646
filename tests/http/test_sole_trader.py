"""A sole trader's number is a personnummer: over HTTP it is told to the operator's register and to nobody else."""

import pytest
from sqlalchemy import update

from core.api import PersonId
from core.storage import tables
from tests.http.conftest import OPERATOR, Api
from tests.http.test_orders import VIA_AGENT, place
from tests.support.world.seed import AGENT, ANNA, ASTA, HELENA, KARIN, NPO_AGENT, REGION

NUMBERS = {REGION: "1212121212", AGENT: "8112289874"}


@pytest.fixture
async def order(api: Api) -> str:
    """Anna's order through an agent, both of them sole traders."""
    for organisation, number in NUMBERS.items():
        values = {"org_number": number, "org_number_is_personal": True}
        change = update(tables.organisations).where(tables.organisations.c.id == organisation).values(values)
        await api.database.write(lambda connection, change=change: connection.execute(change))
    return (await place(api, VIA_AGENT)).json()["id"]


@pytest.mark.parametrize("reader", [ANNA, HELENA, ASTA, KARIN, OPERATOR])
async def test_no_order_and_no_list_of_agents_tells_it(api: Api, order: str, reader: PersonId | None) -> None:
    addresses = (f"/orders/{order}", "/orders", "/offers", f"/offers/{NPO_AGENT}/agents")
    answers = [await api[reader].get(each) for each in addresses]

    assert {answer.status_code for answer in answers[:2]} == {200}
    assert [number for answer in answers for number in NUMBERS.values() if number in answer.text] == []


@pytest.mark.parametrize("reader", [ANNA, HELENA, KARIN])
async def test_the_register_is_the_operators_alone(api: Api, order: str, reader: PersonId) -> None:
    answers = [await api[who].get(f"/register/organisations/{REGION}") for who in (reader, OPERATOR)]

    assert [answer.status_code for answer in answers] == [403, 200]
    assert [NUMBERS[REGION] in answer.text for answer in answers] == [False, True]
