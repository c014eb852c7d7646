"""What an organisation has, over HTTP: to its own people by key, to Inera and the operator."""

import pytest
from sqlalchemy import insert

from core.api import OrganisationId, new_id
from core.storage import tables
from tests.http.conftest import OPERATOR, Api
from tests.http.test_orders import VIA_AGENT, place
from tests.support.world.seed import AGENT, ANNA, BO, DAVID, HELENA, INERA, KARIN, NOW, REGION, SARA, role_assignment


async def test_a_person_reads_the_own_organisation(api_on_both: Api):
    order = (await place(api_on_both, VIA_AGENT)).json()

    services = await api_on_both[ANNA].get(f"/organisations/{REGION}/services")
    agreements = await api_on_both[BO].get(f"/organisations/{REGION}/agreements")

    assert services.status_code == 200
    [found] = services.json()["items"]
    assert (found["service"], found["status"], found["units"], found["order"]) == ("npo", "ordered", 1, order["id"])
    assert (found["agent"], found["agent_name"]) == (AGENT, "Journalbolaget AB")
    [agreement] = agreements.json()["items"]
    assert (agreement["type"], agreement["since"][:10], agreement["ended"]) == ("kundavtal", "2024-01-01", None)


async def test_another_organisation_is_one_that_is_not_there(api: Api):
    await place(api)

    for person in (DAVID, HELENA):
        for what in ("services", "agreements"):
            known = await api[person].get(f"/organisations/{REGION}/{what}")
            unknown = await api[person].get(f"/organisations/O-none/{what}")
            assert (known.status_code, unknown.status_code) == (404, 404)
            assert known.json() == unknown.json()


async def test_inera_and_the_operator_read_any(api: Api):
    await place(api)

    for reader in (KARIN, OPERATOR):
        services = await api[reader].get(f"/organisations/{REGION}/services")
        conveys = await api[reader].get(f"/organisations/{AGENT}/services")
        assert [each["service"] for each in services.json()["items"]] == ["siths"]
        assert [each["service"] for each in conveys.json()["conveys"]] == ["npo"]
        assert (await api[reader].get("/organisations/O-none/agreements")).status_code == 404


@pytest.mark.parametrize(
    ("role", "organisation", "status"),
    [
        ("customer_service", INERA, 200),
        ("customer_service_lead", INERA, 200),
        ("administrator", INERA, 404),
        ("agreement_contact", INERA, 404),
        ("customer_service", AGENT, 404),
    ],
)
async def test_only_customer_service_at_inera_reads_what_every_organisation_has(
    api: Api, role: str, organisation: OrganisationId, status: int
):
    grant = role_assignment(SARA, organisation, role)
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), grant))
    sara = api.client(await api.keys.create(new_id, NOW, "test", (SARA, organisation)))

    answers = [await sara.get(f"/organisations/{REGION}/{what}") for what in ("services", "agreements")]

    assert [each.status_code for each in answers] == [status] * 2


async def test_an_agent_does_not_read_what_its_customers_have(api: Api):
    await place(api, VIA_AGENT)

    found = await api[HELENA].get(f"/organisations/{AGENT}/services")

    assert found.json()["items"] == []
    assert [each["service"] for each in found.json()["conveys"]] == ["npo"]


async def test_a_contact_reads_agreements_and_not_services(api: Api):
    key = await api.keys.create(lambda _: "KSARA234567", NOW, "test", (SARA, REGION))
    sara = api.client(key)

    assert (await sara.get(f"/organisations/{REGION}/agreements")).status_code == 200
    assert (await sara.get(f"/organisations/{REGION}/services")).status_code == 403


async def test_a_role_that_has_ended_reads_nothing(api: Api):
    ended = role_assignment(SARA, AGENT, "orderer") | {"valid_to": NOW}
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), ended))
    key = await api.keys.create(lambda _: "KSARA234567", NOW, "test", (SARA, AGENT))

    assert (await api.client(key).get(f"/organisations/{AGENT}/agreements")).status_code == 403
