"""Applications over HTTP: sent in once, read by whoever sent them in and by Inera, decided by nobody's key."""

import pytest
from sqlalchemy import insert, update

from core.api import Action, ReasonCode, new_id
from core.storage import tables
from tests.http.test_orders import act
from tests.support.world.seed import AGENT, ANNA, BO, INERA, KARIN, NOW, SARA, role_assignment

OPERATOR = None
BODY = {
    "agreement": "kundavtal",
    "organisation": "Bygdens region",
    "org_number": "222222-2222",
    "category": "region",
    "invoice_address": "Fakturagatan 1, 123 45 Bygden",
    "invoice_ref": "4711",
    "administrator": {"name": "Alva Admin", "email": "Alva@Bygden.example"},
    "signatories": [
        {"name": "Frej Firma", "email": "frej@bygden.example"},
        {"name": "Signe Ström", "email": "signe@bygden.example"},
    ],
    "signatures_needed": 2,
    "agreement_contact": {"name": "Kim Kontakt", "email": "kim@bygden.example"},
    "terms_accepted": True,
}


async def send(api, who, key="one", **changes):
    return await api[who].post("/applications", json=BODY | changes, headers={"Idempotency-Key": key})


async def test_an_application_is_sent_in_and_read(api) -> None:
    sent = await send(api, ANNA)

    assert sent.status_code == 201
    number = sent.json()["id"]
    assert sent.headers["Location"] == f"/api/v1/applications/{number}"
    read = await api[ANNA].get(f"/applications/{number}")
    assert read.json() == sent.json()
    assert (read.json()["state"], read.json()["closed_at"]) == ("application_submitted", None)
    assert (read.json()["invoice_address"], read.json()["invoice_ref"]) == ("Fakturagatan 1, 123 45 Bygden", "4711")
    assert read.json()["named"][0] == {
        "role": "administrator",
        "name": "Alva Admin",
        "email": "alva@bygden.example",
        "has_signed": False,
        "is_user": False,
        "has_left": False,
    }
    assert api.told


async def test_inera_alone_reads_who_administers_the_organisation_and_whom_of_the_named_it_knows(api) -> None:
    gone = update(tables.persons).where(tables.persons.c.id == SARA).values(active=False)
    await api.database.write(lambda c: c.execute(gone))
    signatories = [{"name": "Bo Ek", "email": "bo@example.org"}, {"name": "Sara Ohlin", "email": "sara@example.org"}]
    sent = await send(api, ANNA, org_number="2321000016", signatories=signatories)

    read = (await api[OPERATOR].get(f"/applications/{sent.json()['id']}")).json()

    assert (read["is_new_administrator"], read["administrators"]) == (True, ["Ada Norén"])
    assert [(each["is_user"], each["has_left"]) for each in read["named"]] == [
        (False, False), (True, False), (False, True), (False, False),
    ]  # fmt: skip
    mine = sent.json()
    assert (mine["is_new_administrator"], mine["administrators"]) == (False, [])
    assert not any(each["is_user"] or each["has_left"] for each in mine["named"])


@pytest.mark.parametrize(
    ("role", "organisation", "reads"),
    [
        ("customer_service", INERA, True),
        ("customer_service_lead", INERA, True),
        ("administrator", INERA, False),
        ("customer_service", AGENT, False),
    ],
)
async def test_only_customer_service_at_inera_reads_others_applications(api, role, organisation, reads) -> None:
    number = (await send(api, ANNA)).json()["id"]
    grant = role_assignment(SARA, organisation, role)
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), grant))
    sara = api.client(await api.keys.create(new_id, NOW, "test", (SARA, organisation)))

    one, listed = [await sara.get(path) for path in (f"/applications/{number}", "/applications")]

    assert one.status_code == (200 if reads else 404)
    assert [each["id"] for each in listed.json()["items"]] == [number] * reads


async def test_an_application_that_has_ended_says_when(api) -> None:
    number = (await send(api, ANNA)).json()["id"]
    await act(api, number, KARIN, Action.CLAIM)
    api.clock.forward(hours=1)
    await act(api, number, KARIN, Action.REJECT, reason_code=ReasonCode.OTHER, reason="Nej")

    ended = (await api[ANNA].get(f"/applications/{number}")).json()

    assert (ended["is_open"], ended["sent_in_at"], ended["closed_at"]) == (
        False, "2026-11-25T09:00:00Z", "2026-11-25T10:00:00Z",
    )  # fmt: skip


async def test_applications_are_listed_by_whether_they_are_open(api) -> None:
    closed, still_open = [(await send(api, ANNA, key)).json()["id"] for key in ("one", "two")]
    await act(api, closed, KARIN, Action.CLAIM)
    await act(api, closed, KARIN, Action.REJECT, reason_code=ReasonCode.OTHER, reason="Nej")

    lists = [(await api[ANNA].get("/applications", params={"open": wanted})).json() for wanted in ("false", "true")]

    assert [[each["id"] for each in found["items"]] for found in lists] == [[closed], [still_open]]


async def test_a_whole_number_is_one_however_it_is_written(api) -> None:
    written, text = await send(api, ANNA, signatures_needed=2.0), await send(api, ANNA, "two", signatures_needed="2")

    assert (written.status_code, written.json()["signatures_needed"]) == (201, 2)
    assert text.status_code == 422


async def test_the_same_key_gives_the_same_application(api) -> None:
    first, again = await send(api, OPERATOR), await send(api, OPERATOR)
    other = await send(api, OPERATOR, organisation="En annan")

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_others_do_not_find_it_but_inera_does(api) -> None:
    number = (await send(api, ANNA)).json()["id"]

    assert (await api[BO].get(f"/applications/{number}")).status_code == 404
    assert (await api[BO].get("/applications")).json()["items"] == []
    for inera in (OPERATOR, KARIN):
        assert (await api[inera].get(f"/applications/{number}")).status_code == 200
        assert [each["id"] for each in (await api[inera].get("/applications")).json()["items"]] == [number]


async def test_it_is_no_order(api) -> None:
    number = (await send(api, ANNA)).json()["id"]

    assert (await api[ANNA].get(f"/orders/{number}")).status_code == 404
    assert (await api[OPERATOR].get("/orders")).json()["items"] == []
    assert (await api[ANNA].post(f"/orders/{number}/withdraw")).status_code == 404


async def test_wrong_fields_are_pointed_at(api) -> None:
    wrong = await send(api, ANNA, signatures_needed=3, terms_accepted=False, invoice_ref="811218-9876")

    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_application")
    assert {each["pointer"]: each["code"] for each in wrong.json()["errors"]} == {
        "/signatures_needed": "more_than_signatories",
        "/terms_accepted": "terms_not_accepted",
        "/invoice_ref": "personal_number",
    }


async def test_a_name_that_holds_an_address_is_pointed_at(api) -> None:
    answer = await send(api, ANNA, organisation="Logga in på https://evil.example")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_application")
    assert "address_in_name" in answer.text
    assert (await api[OPERATOR].get("/applications")).json()["items"] == []


async def test_a_number_that_is_not_valid_is_pointed_at(api) -> None:
    wrong = await send(api, ANNA, org_number="556559-4231")

    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/org_number")


async def test_a_page_leads_to_the_next(api) -> None:
    for key in ("a", "b", "c"):
        await send(api, OPERATOR, key)

    first = (await api[OPERATOR].get("/applications", params={"limit": 2})).json()
    rest = (await api[OPERATOR].get("/applications", params={"limit": 2, "cursor": first["next"]})).json()

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert rest["items"][0]["others"]
