"""The document of an agreement over HTTP: to whom it concerns, as a page and as a PDF."""

import pytest
from sqlalchemy import insert, update

from core.api import new_id
from core.storage import tables
from tests.http.conftest import OPERATOR, Api
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, hall_over
from tests.support.world.seed import ANNA, BO, DAVID, KARIN, NOW, REGION, role_assignment

PAGE, PDF = "document.html", "document.pdf"


@pytest.fixture
async def signed(api: Api):
    return await hall_over(api.database).become_customer()


def address(case, name: str, agreement: str = "kundavtal") -> str:
    return f"/organisations/{case.customer}/agreements/{agreement}/{name}"


async def reader(api: Api, case, contact):
    person = next(each.person for each in case.application.contacts if each.email == contact.email)
    return api.client(await api.keys.create(new_id, NOW, "test", (person, case.customer)))


@pytest.mark.parametrize("contact", [ADMIN, CONTACT, FIRST])
async def test_whom_it_concerns_reads_it_with_the_signatures(api: Api, signed, contact):
    client = await reader(api, signed, contact)

    page, pdf = [await client.get(address(signed, each)) for each in (PAGE, PDF)]

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert signed.application.document.hash in page.text
    assert all(each.name in page.text for each in signed.application.signatories)
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert {each.headers["content-language"] for each in (page, pdf)} == {"sv"}


@pytest.mark.parametrize("name", [PAGE, PDF])
async def test_no_browser_keeps_it_or_takes_it_for_something_else(api: Api, signed, name):
    """Whoever may read it today may not tomorrow."""
    headers = (await api[OPERATOR].get(address(signed, name))).headers

    assert headers["cache-control"] == "private, no-store"
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_hash_is_the_one_that_the_list_of_agreements_names(api: Api, signed):
    client = await reader(api, signed, CONTACT)

    [listed] = (await client.get(f"/organisations/{signed.customer}/agreements")).json()["items"]

    assert listed["document_hash"] in (await client.get(address(signed, PAGE))).text


async def test_an_earlier_agreement_is_read_by_the_hash_of_its_document(api: Api, signed):
    hall = hall_over(api.database)
    await hall.end_agreement(signed.customer)
    again = await hall.become_customer(key="again")
    other = await hall.become_customer(key="other", org_number="559900-0006", organisation="Ett annat landsting")
    client = await reader(api, again, CONTACT)
    listed = (await client.get(f"/organisations/{signed.customer}/agreements")).json()["items"]
    hashes = [each.application.document.hash for each in (again, signed, other)]

    pages = [await client.get(address(signed, PAGE), params={"hash": hash_}) for hash_ in hashes]
    plain, pdf = await client.get(address(signed, PAGE)), await client.get(address(signed, PDF) + f"?hash={hashes[1]}")

    assert [each["document_hash"] for each in listed] == hashes[:2]
    assert [each.status_code for each in pages] == [200, 200, 404]
    assert [hash_ in page.text for hash_, page in zip(hashes, pages, strict=True)] == [True, True, False]
    assert hashes[0] in plain.text
    assert f"{signed.id}.pdf" in pdf.headers["content-disposition"]


async def test_without_a_hash_it_is_the_agreement_in_force_and_not_one_that_is_to_come(api: Api, signed):
    ends, comes = NOW.replace(year=2027), {"organisation_id": signed.customer, "type": "kundavtal"}

    def follow(connection):
        connection.execute(update(tables.agreements).values(ended_at=ends))
        connection.execute(insert(tables.agreements), comes | {"valid_from": ends})

    await api.database.write(follow)
    client = await reader(api, signed, CONTACT)

    assert signed.application.document.hash in (await client.get(address(signed, PAGE))).text


async def test_inera_and_the_operator_read_any(api: Api, signed):
    for who in (KARIN, OPERATOR):
        assert (await api[who].get(address(signed, PDF))).status_code == 200
        assert (await api[who].get("/organisations/O-none/agreements/kundavtal/" + PDF)).status_code == 404


async def test_who_only_orders_or_attests_is_refused(api: Api, signed):
    grant = role_assignment(BO, signed.customer, "attestant")
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), grant))
    bo = api.client(await api.keys.create(new_id, NOW, "test", (BO, signed.customer)))

    for name in (PAGE, PDF):
        answer = await bo.get(address(signed, name))
        assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_organisation_is_one_that_is_not_there(api: Api, signed):
    for person in (ANNA, DAVID):
        answer = await api[person].get(address(signed, PDF))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_entry")


async def test_an_agreement_without_a_document_is_refused_by_its_own_name(api: Api, signed):
    elsewhere = await api[OPERATOR].get(f"/organisations/{REGION}/agreements/kundavtal/{PDF}")
    none = await api[OPERATOR].get(address(signed, PDF, "agentavtal"))

    assert [(each.status_code, each.json()["code"]) for each in (elsewhere, none)] == [(404, "no_document")] * 2


async def test_a_document_that_is_not_what_it_was_is_refused(api: Api, signed):
    await api.database.write(lambda c: c.execute(update(tables.documents).values(text="Något annat")))

    answer = await api[OPERATOR].get(address(signed, PAGE))

    assert (answer.status_code, answer.json()["code"]) == (409, "document_changed")


async def test_without_a_key_nothing_is_read(api: Api, signed):
    assert (await api.client().get(address(signed, PDF))).status_code == 401


async def test_the_description_names_what_comes(api: Api):
    described = (await api[OPERATOR].get("/openapi.json")).json()["paths"]

    ways = [
        list(described[f"/organisations/{{organisation}}/agreements/{{agreement}}/{name}"]["get"]["responses"]["200"]["content"])
        for name in (PAGE, PDF)
    ]  # fmt: skip
    assert ways == [["text/html"], ["application/pdf"]]
