"""A key reads and acts in its own organisation alone, whatever its person is elsewhere."""

import pytest
from sqlalchemy import insert

from core.api import Action, new_id
from core.storage import tables
from tests.http.conftest import Api
from tests.http.test_orders import DIRECT, VIA_AGENT, act, place
from tests.support.world.seed import (
    AGENT,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    KARIN,
    NOW,
    REGION,
    role_assignment,
)


async def numbers(client) -> list[str]:
    return [each["id"] for each in (await client.get("/orders")).json()["items"]]


async def in_both(api: Api):
    """Cecilia orders for the clinic too; her two keys."""
    more = role_assignment(CECILIA, CLINIC, "orderer")
    await api.database.write(lambda connection: connection.execute(insert(tables.role_assignments), more).close())
    token = await api.keys.create(new_id, NOW, "test", (CECILIA, CLINIC))
    return api[CECILIA], api.client(token)


async def test_a_key_of_a_person_with_roles_in_two_organisations_sees_its_own(api: Api):
    regions, clinics = await in_both(api)
    of_region = (await place(api, person=ANNA)).json()["id"]
    placed = await clinics.post("/orders", json=DIRECT, headers={"Idempotency-Key": "2"})
    of_clinic = placed.json()["id"]

    assert placed.json()["customer"]["id"] == CLINIC
    assert (await numbers(regions), await numbers(clinics)) == ([of_region], [of_clinic])
    assert (await regions.get(f"/orders/{of_clinic}")).status_code == 404
    assert (await clinics.get(f"/orders/{of_region}")).status_code == 404
    assert (await clinics.get(f"/orders?customer={REGION}")).json()["items"] == []


async def test_a_key_acts_on_no_order_of_its_persons_other_organisation(api: Api):
    regions, clinics = await in_both(api)
    placed = await clinics.post("/orders", json=DIRECT, headers={"Idempotency-Key": "1"})
    order = placed.json()["id"]

    elsewhere = await regions.post(f"/orders/{order}/withdraw")
    at_home = await clinics.post(f"/orders/{order}/withdraw")

    assert (elsewhere.status_code, at_home.status_code) == (404, 200)


OF_AN_ORDER = (
    ("GET", ""),
    *(("POST", f"/{does}") for does in ("withdraw", "keep", "remind", "confirm")),
    ("POST", "/answer"),
)


@pytest.mark.parametrize(("method", "does"), OF_AN_ORDER)
async def test_an_order_of_others_and_none_at_all_answer_alike(api: Api, method: str, does: str):
    order = (await place(api, person=ANNA)).json()["id"]
    strangers = api.client(await api.keys.create(new_id, NOW, "test", (DAVID, CLINIC)))
    body = {"json": {"message": "Så.", "step": 1}} if does == "/answer" else {}

    told = {}
    for number in (order, "B-2222222"):
        answer = await strangers.request(method, f"/orders/{number}{does}", **body)
        told[number] = answer.status_code, answer.text.replace(number, "")

    assert told[order] == told["B-2222222"]
    assert told[order][0] == 404


async def test_a_key_of_the_agent_never_acts_by_a_grant_of_the_customer(api: Api):
    """Anna ordered, for Region Exempel, and is also an attestant of the agent's: as that she confirms nothing."""
    more = role_assignment(ANNA, AGENT, "attestant")
    await api.database.write(lambda connection: connection.execute(insert(tables.role_assignments), more).close())
    agents = api.client(await api.keys.create(new_id, NOW, "test", (ANNA, AGENT)))
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True)
    await act(api, order, ASTA, Action.ATTEST, confirmed=True)
    await act(api, order, BO, Action.ATTEST, confirmed=True)
    await act(api, order, KARIN, Action.CLAIM)
    await act(api, order, KARIN, Action.INFORM_AGENT, message="Ni kan börja")

    known = await agents.get(f"/orders/{order}")
    refused = await agents.post(f"/orders/{order}/confirm")
    confirmed = await api[ANNA].post(f"/orders/{order}/confirm")

    assert known.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "no_role")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "connected")
