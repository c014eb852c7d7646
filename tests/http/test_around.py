"""What the register learns reaches the orders that wait, at the next look of the clock."""

import pytest

from core.api import CaseId
from tests.http.conftest import OPERATOR, Api
from tests.http.test_orders import DIRECT, VIA_AGENT, place
from tests.support.world.seed import AGENT, ANNA, BO, CECILIA, HELENA, KARIN, NOW, REGION, RUT, SITHS


@pytest.fixture
async def order(api: Api) -> CaseId:
    return (await place(api, DIRECT)).json()["id"]


async def told(api: Api, method: str, address: str, body: dict[str, object]):
    answer = await api[OPERATOR].request(method, f"/register/{address}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def seen(api: Api, order: CaseId, by=KARIN):
    """The order once the clock has looked."""
    await api.orders.run_clock()
    return (await api[by].get(f"/orders/{order}")).json()


def asked(order) -> list[tuple[str, str | None]]:
    return [(each["name"], each["substitute_for"]) for each in order["asked"]]


async def role_of(api: Api, person, role="attestant") -> int:
    found = (await api[OPERATOR].get(f"/register/roles?person={person}")).json()["items"]
    return next(each["id"] for each in found if each["role"] == role)


async def test_a_role_that_ends_leaves_the_order_to_the_others_and_then_to_nobody(api: Api, order):
    await told(api, "POST", f"roles/{await role_of(api, BO)}/end", {})
    left = await seen(api, order)
    await told(api, "POST", f"roles/{await role_of(api, CECILIA)}/end", {})
    nobody = await seen(api, order)
    await told(api, "POST", "roles", {"person": RUT, "organisation": REGION, "role": "attestant"})
    released = await seen(api, order)

    assert (asked(left), left["blocked"]) == ([("Cecilia Dahl", None)], None)
    assert (asked(nobody), nobody["blocked"]) == ([], "over_limit")
    assert (asked(released), released["blocked"]) == ([("Rut Moberg", None)], None)


async def test_a_limit_keeps_from_what_is_over_it(api: Api, order):
    await told(api, "PUT", f"roles/{await role_of(api, BO)}", {"attest_limit_ore": 149_999})

    assert asked(await seen(api, order)) == [("Cecilia Dahl", None)]


async def test_a_substitute_is_asked_from_the_first_day_until_the_last(api: Api, order):
    lent = {"absent": BO, "substitute": RUT, "organisation": REGION, "role": "attestant"}
    await told(api, "POST", "substitutions", lent | {"from": "2026-11-27", "to": "2026-11-28"})
    before = await seen(api, order)
    api.clock.at = NOW.replace(day=26, hour=23)
    during = await seen(api, order)
    api.clock.at = NOW.replace(day=28, hour=23)
    after = await seen(api, order)

    assert ("Rut Moberg", "Bo Ek") in asked(during)
    assert asked(before) == asked(after) == [("Bo Ek", None), ("Cecilia Dahl", None)]


async def test_somebody_who_left_is_not_asked(api: Api, order):
    await told(api, "POST", "persons", {"email": "bo@example.org", "name": "Bo Ek", "active": False})

    assert asked(await seen(api, order)) == [("Cecilia Dahl", None)]


async def test_an_agreement_that_ends_stops_the_order_and_the_next_lets_it_go_on(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    address = f"organisations/{AGENT}/agreements/agentavtal"
    await told(api, "PUT", address, {"from": "2024-01-01", "ended": "2026-11-27"})
    before = await seen(api, order)
    api.clock.at = NOW.replace(day=26, hour=23)
    stopped = await seen(api, order)
    await told(api, "PUT", address, {"from": "2026-11-27"})

    assert [each["blocked"] for each in (before, stopped)] == [None, "no_agent_agreement"]
    assert (await seen(api, order))["blocked"] is None


async def test_more_attests_are_asked_for_once_the_organisation_says_so(api: Api, order):
    region = {"org_number": "232100-0016", "name": "Region Exempel", "kinds": ["customer"]}
    await told(api, "POST", "organisations", region | {"tiers": [{"from_ore": 0, "sequence": [CECILIA, BO]}]})

    now = await seen(api, order)
    assert (asked(now), now["attests_needed"]) == ([("Cecilia Dahl", None)], 2)


async def test_a_new_price_is_asked_about_anew_from_the_day_it_holds(api: Api, order):
    price = {"payer": "customer", "kind": "startup", "unit": "order", "amount_ore": 150_000, "from": "2024-01-01"}
    later = price | {"amount_ore": 160_000, "from": "2026-12-01"}
    await told(api, "PUT", f"offers/{SITHS}/prices", {"prices": [price | {"to": "2026-11-30"}, later]})
    before = await seen(api, order, ANNA)
    api.clock.at = NOW.replace(day=30, hour=23)
    after = await seen(api, order, ANNA)

    assert (before["content_version"], before["costs"][0]["startup_ore"]) == (1, 150_000)
    assert (after["content_version"], after["costs"][0]["startup_ore"]) == (2, 160_000)
    assert after["earlier_costs"][0]["startup_ore"] == 150_000


async def test_a_handler_who_is_granted_the_role_is_asked_too(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await told(api, "POST", "roles", {"person": KARIN, "organisation": AGENT, "role": "agent_handler"})

    assert ("Karin Jonsson", None) in asked(await seen(api, order, HELENA))
