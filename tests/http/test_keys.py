"""Keys to the API are shown once, stored as a digest, and end at once."""

import asyncio
import json
import string
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.api import HEALTHY, UNKNOWN, FaultCode, PartState, new_id
from core.http.turned_away import FAILURES, LINES, Failures
from core.identity.tokens import token_hash
from core.storage import migrations, tables
from core.storage.database.database import open_database
from core.storage.identity.api_keys import Keys
from core.storage.identity.expiring_keys import KeysCheck, KeyWarnings
from tests.contract import former
from tests.http.conftest import OPERATOR, Api
from tests.http.test_orders import place
from tests.support.world.seed import ANNA, BO, CECILIA, NOW, REGION


async def stored(api: Api):
    return await api.database.read(lambda c: c.execute(tables.api_keys.select()).all())


async def test_a_key_is_stored_as_a_digest_alone(api: Api):
    token = await api.keys.create(new_id, NOW, "test", (ANNA, REGION))
    prefix, id_, secret = token.split("_", 2)
    rows = await stored(api)

    assert prefix == "kp"
    assert secret not in str(rows)
    assert [row.hash for row in rows if row.id == id_] == [token_hash(secret)]


async def test_a_secret_holds_256_random_bits(api: Api):
    secrets = {(await api.keys.create(new_id, NOW, "", None)).split("_", 2)[2] for _ in range(20)}

    assert len(secrets) == 20
    assert all(
        len(secret) == 43 and set(secret) <= set(string.ascii_letters + string.digits + "-_") for secret in secrets
    )


async def test_a_key_speaks_for_its_person_in_its_organisation(api: Api):
    held = await api.keys.holder(await api.keys.create(new_id, NOW, "", (ANNA, REGION)), NOW)
    operator = await api.keys.holder(await api.keys.create(new_id, NOW, "", None), NOW)

    assert held is not None
    assert (held.person, held.organisation) == (ANNA, REGION)
    assert operator is not None
    assert (operator.person, operator.organisation) == (None, None)


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda t: t[:-1], lambda t: t + "A", lambda t: t[:-1] + ("A" if t[-1] != "A" else "B")]
)
async def test_anything_but_the_whole_key_is_nobodys(api: Api, spoil):
    token = await api.keys.create(new_id, NOW, "", None)

    assert await api.keys.holder(spoil(token), NOW) is None


async def test_the_secret_of_one_key_does_not_open_another(api: Api):
    one, other = [await api.keys.create(new_id, NOW, "", None) for _ in range(2)]

    assert await api.keys.holder("_".join([*one.split("_", 2)[:2], other.split("_", 2)[2]]), NOW) is None


async def test_a_revoked_key_opens_nothing_from_then_on(api: Api):
    token = await api.keys.create(new_id, NOW, "", None)
    client = api.client(token)
    before = await client.get("/orders")
    ended = [await api.keys.revoke(token.split("_")[1], NOW) for _ in range(2)]

    assert before.status_code == 200
    assert ended == [True, False]
    assert (await client.get("/orders")).status_code == 401


async def test_keys_are_listed_without_their_secrets(api: Api):
    token = await api.keys.create(new_id, NOW, "till journalsystemet", (ANNA, REGION))
    lines = await Keys(api.database).list()
    line = next(each for each in lines if each.id == token.split("_")[1])

    assert (line.label, line.person, line.organisation) == (
        "till journalsystemet",
        "anna@example.org",
        "Region Exempel",
    )
    assert token.split("_", 2)[2] not in str(lines)


async def test_the_newest_key_is_listed_first(api: Api):
    for label, days in (("older", 1), ("newest", 3), ("newer", 2)):
        await api.keys.create(new_id, NOW + timedelta(days=days), label, None)

    assert [line.label for line in await api.keys.list()][:3] == ["newest", "newer", "older"]


async def test_the_operators_key_places_no_order(api: Api):
    answer = await api[OPERATOR].post("/orders", json={}, headers={"Idempotency-Key": "1"})

    assert answer.status_code in {403, 422}


async def test_a_key_opens_for_a_year_unless_somebody_says_otherwise(api: Api):
    year = await api.keys.create(new_id, NOW, "year", None)
    week = await api.keys.create(new_id, NOW, "week", None, lasts=timedelta(days=7))

    until = {line.id: line.expires_at for line in await api.keys.list()}
    assert until[year.split("_")[1]] == NOW + timedelta(days=365)
    assert until[week.split("_")[1]] == NOW + timedelta(days=7)


async def test_a_key_that_is_over_is_refused_by_name_from_that_instant(api_on_both: Api):
    api = api_on_both
    client = api.client(await api.keys.create(new_id, NOW, "", (ANNA, REGION), lasts=timedelta(days=30)))
    api.clock.at = NOW + timedelta(days=30) - timedelta(microseconds=1)
    before = await client.get("/orders")
    api.clock.at = NOW + timedelta(days=30)
    after = await client.get("/orders")

    assert before.status_code == 200
    assert (after.status_code, after.json()["code"]) == (401, "key_expired")
    assert after.headers["www-authenticate"] == "Bearer"


async def test_who_has_not_the_secret_does_not_hear_that_a_key_is_over(api: Api):
    token = await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=1))
    api.clock.forward(days=2)
    answer = await api.client(token[:-1] + ("A" if token[-1] != "A" else "B")).get("/orders")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_a_key_from_before_opens_for_a_year_from_the_upgrade(database_url: str):
    database = open_database(database_url)
    await migrations.upgrade_database(database, "0017")
    await database.write(former.fill)
    begun = datetime.now(UTC)
    await migrations.upgrade_database(database)
    ended = datetime.now(UTC)
    lines = await Keys(database).list()
    await database.close()

    assert lines
    assert all(begun <= line.expires_at - timedelta(days=365) <= ended for line in lines)


async def test_the_day_of_the_last_use_is_noted_beside_the_answer_and_once_a_day(api_on_both: Api):
    api, writes = api_on_both, []
    token = await api.keys.create(new_id, NOW, "", (ANNA, REGION))
    client, write = api.client(token), api.database.write

    async def counted(work):
        writes.append(work)
        return await write(work)

    async def used() -> date | None:
        for _ in range(3):
            assert (await client.get("/orders")).status_code == 200
            await api.tasks.drain(60)
        return next(line.used_on for line in await api.keys.list() if line.id == token.split("_")[1])

    api.database.write = counted
    # In Sweden it is the day after from 23 o'clock in UTC.
    api.clock.at = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)
    first = await used()
    api.clock.forward(minutes=1)
    second = await used()

    assert (first, second) == (date(2026, 11, 30), date(2026, 12, 1))
    assert len(writes) == 2


async def test_no_answer_waits_for_the_note_of_its_key(api: Api):
    held, begun = asyncio.Event(), []
    client, write = api.client(await api.keys.create(new_id, NOW, "", (ANNA, REGION))), api.database.write

    async def late(work):
        begun.append(work)
        await held.wait()
        return await write(work)

    api.database.write = late
    answers = [await client.get("/orders") for _ in range(3)]
    held.set()

    assert [answer.status_code for answer in answers] == [200] * 3
    # Nor do those who come meanwhile begin it anew.
    assert len(begun) == 1


async def test_a_refused_key_counts_as_not_used(api: Api):
    token = await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=1))
    api.clock.forward(days=2)
    await api.client(token).get("/orders")
    await api.client(token[:-1]).get("/orders")
    await api.tasks.drain(60)

    assert [line.used_on for line in await api.keys.list() if line.id == token.split("_")[1]] == [None]


async def test_the_operator_is_warned_once_with_thirty_and_once_with_seven_days_left(api_on_both: Api, caplog):
    api = api_on_both
    id_ = (await api.keys.create(new_id, NOW, "", (ANNA, REGION), lasts=timedelta(days=60))).split("_")[1]
    ended = (await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=60))).split("_")[1]
    await api.keys.revoke(ended, NOW)
    told = []
    for day in range(70):
        api.clock.at = NOW + timedelta(days=day)
        # Several processes are several that warn.
        warned = [await KeyWarnings(api.database, api.clock).warn() for _ in range(2)]
        told += [(day, warned)] if any(warned) else []

    assert told == [(30, [1, 0]), (53, [1, 0])]
    assert [record.getMessage() for record in caplog.records if "api_key_expires" in record.getMessage()] == [
        f"api_key_expires key={id_} on={NOW + timedelta(days=60):%Y-%m-%d} days=30",
        f"api_key_expires key={id_} on={NOW + timedelta(days=60):%Y-%m-%d} days=7",
    ]


async def test_a_key_that_was_made_for_days_is_warned_of_once(api: Api):
    await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=5))
    warnings = KeyWarnings(api.database, api.clock)

    assert [await warnings.warn() for _ in range(2)] == [1, 0]


async def test_a_week_before_a_key_expires_the_process_says_so_until_it_is_ended_or_over(api_on_both: Api):
    api = api_on_both
    id_ = (await api.keys.create(new_id, NOW, "", None, lasts=timedelta(days=10))).split("_")[1]
    check, found = KeysCheck(api.database, api.clock), []
    for days in (0, 2, 3, 10):
        api.clock.at = NOW + timedelta(days=days)
        found.append(await check.look())
    api.clock.at = NOW + timedelta(days=5)
    await api.keys.revoke(id_, NOW)

    assert [each.state for each in found] == [PartState.OK, PartState.OK, PartState.FAILING, PartState.OK]
    assert (found[2].code, found[2].about) == (FaultCode.KEYS_EXPIRE, {id_: f"{NOW + timedelta(days=10):%Y-%m-%d}"})
    assert await check.look() == HEALTHY


async def test_of_keys_in_a_database_that_cannot_be_asked_nothing_is_known(database_url: str):
    database = open_database(database_url)
    look = await KeysCheck(database, lambda: NOW).look()
    await database.close()

    assert look == UNKNOWN


WRONG = "kp_K2222222222_" + "x" * 43
SCHEMES = {"a name": "kp_K2222222222", "a key": WRONG, "words": "open sesame", "nothing": None}


async def noted(api: Api) -> list[tuple[str | None, str | None, str, dict[str, object]]]:
    """What history tells of refused keys."""
    await api.tasks.drain(60)
    history = tables.history.c
    query = select(history.about_id, history.organisation_id, history.surface, history.evidence)
    mine = query.where(history.kind == "key", history.action == "refused").order_by(history.id)
    rows = await api.database.read(lambda c: c.execute(mine).all())
    return [(*row[:3], json.loads(row.evidence)) for row in rows]


def logged(caplog) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.getMessage().startswith("api_call_refused")]


def from_elsewhere(api: Api, host: str, token: str | None = WRONG, app=None) -> httpx.AsyncClient:
    client = api.client(token)
    client._transport = httpx.ASGITransport(app or api.app, client=(host, 50000))
    return client


async def codes(client: httpx.AsyncClient, times: int, **headers: str) -> list[int]:
    return [(await client.get("/orders", headers=headers)).status_code for _ in range(times)]


@pytest.mark.parametrize("brought", SCHEMES)
async def test_a_wrong_key_is_told_of_in_log_and_history_by_its_name_at_most(api_on_both: Api, caplog, brought):
    api, token = api_on_both, SCHEMES[brought]
    answer = await from_elsewhere(api, "192.0.2.7", token).get("/orders")

    named = "K2222222222" if token and token.startswith("kp_") else ""
    facts = {"code": "unauthorized"} | ({"number": named} if named else {})
    assert answer.status_code == 401
    assert logged(caplog) == [f"api_call_refused code=unauthorized key={named} address=192.0.2.7"]
    assert await noted(api) == [(None, None, "api", facts)]
    assert "xxx" not in caplog.text
    assert "sesame" not in caplog.text


async def test_what_a_key_may_not_reach_is_told_of_with_whose_key_it_is(api_on_both: Api, caplog):
    api = api_on_both
    token = await api.keys.create(new_id, NOW, "", (ANNA, REGION))
    id_ = token.split("_")[1]
    refused = await api.client(token).get("/register/organisations")
    let = await api.client(token).get("/orders")

    assert (refused.status_code, let.status_code) == (403, 200)
    assert logged(caplog) == [f"api_call_refused code=operator_only key={id_} address=127.0.0.1"]
    assert await noted(api) == [(ANNA, REGION, "api", {"code": "operator_only", "number": id_})]


async def test_a_refusal_about_an_order_is_told_of_once_and_not_as_one_of_the_key(api_on_both: Api, caplog):
    api = api_on_both
    order = (await place(api)).json()["id"]
    withdrawn = await api[CECILIA].post(f"/orders/{order}/withdraw")
    placed = await place(api, person=BO, key="2")

    assert [each.json()["code"] for each in (withdrawn, placed)] == ["not_your_order", "no_role"]
    assert [(each.by.person, each.code) for each in api.noted] == [(CECILIA, "not_your_order"), (BO, "no_role")]
    assert await noted(api) == []
    # They count, and stand in the log, as everything that a key is refused.
    assert [line.split()[1] for line in logged(caplog)] == ["code=not_your_order", "code=no_role"]


async def test_a_key_that_is_over_or_whose_person_has_left_is_told_of(api: Api, caplog):
    over = await api.keys.create(new_id, NOW, "", (ANNA, REGION), lasts=timedelta(days=1))
    left = await api.keys.create(new_id, NOW, "", (ANNA, REGION))
    await api[OPERATOR].post("/register/persons", json={"email": "anna@example.org", "name": "Anna", "active": False})
    api.clock.forward(days=2)
    for token in (over, left):
        await api.client(token).get("/orders")

    told = [(each["code"], each["number"]) for *_, each in await noted(api)]
    assert told == [("key_expired", over.split("_")[1]), ("inactive", left.split("_")[1])]


async def test_an_address_that_keeps_on_failing_is_asked_to_wait_and_then_looked_at_again(api_on_both: Api, caplog):
    api, burst = api_on_both, FAILURES.burst
    tokens = (f"kp_K{number:010d}_{'x' * 43}" for number in range(burst + 5))
    failed = [await from_elsewhere(api, "192.0.2.7", token).get("/orders") for token in tokens]
    other = await from_elsewhere(api, "192.0.2.8", "kp_KOTHER00000").get("/orders")
    api.clock.at += FAILURES.interval
    later = await codes(from_elsewhere(api, "192.0.2.7", None), 2)

    assert [each.status_code for each in failed] == [401] * burst + [429] * 5
    assert {each.headers["retry-after"] for each in failed[burst:]} == {str(FAILURES.interval.seconds)}
    assert failed[-1].json()["code"] == "too_many_refused"
    assert other.status_code == 401
    assert later == [401, 429]
    # What is told to wait says nothing new.
    assert len(logged(caplog)) == len(await noted(api)) == burst + 2


async def test_a_key_that_is_guessed_at_from_many_addresses_is_held_to_one_pace(api: Api):
    answers = [
        (await from_elsewhere(api, f"192.0.2.{number}").get("/orders")).status_code
        for number in range(FAILURES.burst + 1)
    ]

    assert answers == [401] * FAILURES.burst + [429]


async def test_a_right_key_is_answered_whatever_others_do_with_its_name_and_from_its_address(api: Api):
    token = await api.keys.create(new_id, NOW, "", (ANNA, REGION))
    wrong = await codes(api.client(token[:-2] + "AA"), FAILURES.burst + 1)
    right = await codes(api.client(token), FAILURES.burst * 2)

    assert wrong[-1] == 429
    assert set(right) == {200}


async def test_reaching_too_far_is_held_to_the_pace_and_the_rest_of_the_key_is_not(api: Api):
    client = api.client(await api.keys.create(new_id, NOW, "", (ANNA, REGION)))
    far = [(await client.get("/register/organisations")).status_code for _ in range(FAILURES.burst + 1)]

    assert far == [403] * FAILURES.burst + [429]
    assert await codes(client, 3) == [200] * 3


@pytest.mark.parametrize(("proxy", "last"), [("192.0.2.9", 401), ("192.0.2.1", 429)])
async def test_an_address_that_was_forwarded_counts_only_from_a_proxy_that_is_believed(api: Api, proxy, last):
    app = ProxyHeadersMiddleware(api.app, trusted_hosts=proxy)
    client = from_elsewhere(api, "192.0.2.9", None, app)
    answers = [
        (await client.get("/orders", headers={"X-Forwarded-For": f"198.51.100.{number}"})).status_code
        for number in range(FAILURES.burst + 1)
    ]

    assert answers == [401] * FAILURES.burst + [last]


async def test_of_a_long_address_what_one_connection_has_for_itself_counts_as_one(api: Api):
    answers = [
        (await from_elsewhere(api, f"2001:db8:0:1::{number:x}", None).get("/orders")).status_code
        for number in range(FAILURES.burst + 1)
    ]
    other = await from_elsewhere(api, "2001:db8:0:2::1", None).get("/orders")

    assert answers[-1] == 429
    assert other.status_code == 401


async def test_nobody_fills_history_from_however_many_addresses(api: Api):
    for number in range(LINES.burst + 20):
        await from_elsewhere(api, f"10.0.{number}.1", f"kp_K{number:010d}").get("/orders")

    assert len(await noted(api)) == LINES.burst


def test_what_is_remembered_of_failures_has_an_end_and_whoever_keeps_on_is_not_forgotten():
    failures = Failures(FAILURES, remembered=50)
    waits = [failures.count({"address 192.0.2.7": 1, f"key {number}": 1}, NOW) for number in range(1_000)]

    assert len(failures) <= 50
    assert [not each for each in waits] == [True] * FAILURES.burst + [False] * (1_000 - FAILURES.burst)
    for number in range(1_000):
        failures.count({f"address 10.0.0.{number}": 1}, NOW)
    assert len(failures) == 50


def test_a_wider_network_fails_as_often_as_two_of_those_in_it():
    failures = Failures(FAILURES, remembered=1_000)
    waits = [failures.count({f"a /64, {number}": 1, "the /56": 2}, NOW) for number in range(5 * FAILURES.burst)]

    assert [not each for each in waits].count(True) == 2 * FAILURES.burst


async def test_whoever_has_no_key_is_answered_before_a_byte_of_a_body_is_read(api: Api):
    described = (await api.client().get("/openapi.json")).json()["paths"]
    taking = [
        (verb, path) for path, verbs in described.items() for verb, each in verbs.items() if "requestBody" in each
    ]
    read: list[str] = []

    async def body(path: str) -> AsyncIterator[bytes]:
        read.append(path)
        yield b"[[],"

    async def answer(client: httpx.AsyncClient, verb: str, path: str) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Idempotency-Key": "1"}
        return await client.request(verb, path.removeprefix("/api/v1"), content=body(path), headers=headers)

    clients = (api.client(), api.client("kp_K2222222222_" + "x" * 43))
    answers = [await answer(client, *each) for each in taking for client in clients]

    assert len(answers) > FAILURES.burst
    assert [each.status_code for each in answers[: FAILURES.burst]] == [401] * FAILURES.burst
    assert {each.status_code for each in answers[FAILURES.burst :]} == {429}
    assert read == []
