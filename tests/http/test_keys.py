"""Keys to the API are shown once, stored as a digest, and end at once."""

import string
from datetime import timedelta

import pytest

from core import db
from core.api import new_id
from core.storage.keys import Keys, digest
from tests.http.conftest import OPERATOR, Api
from tests.seed import ANNA, NOW, REGION


async def stored(api: Api):
    return await api.database.read(lambda c: c.execute(db.api_keys.select()).all())


async def test_a_key_is_stored_as_a_digest_alone(api: Api):
    token = await api.keys.create(new_id, NOW, "test", (ANNA, REGION))
    prefix, id_, secret = token.split("_", 2)
    rows = await stored(api)

    assert prefix == "kp"
    assert secret not in str(rows)
    assert [row.hash for row in rows if row.id == id_] == [digest(secret)]


async def test_a_secret_holds_256_random_bits(api: Api):
    secrets = {(await api.keys.create(new_id, NOW, "", None)).split("_", 2)[2] for _ in range(20)}

    assert len(secrets) == 20
    assert all(
        len(secret) == 43 and set(secret) <= set(string.ascii_letters + string.digits + "-_") for secret in secrets
    )


async def test_a_key_speaks_for_its_person_in_its_organisation(api: Api):
    held = await api.keys.holder(await api.keys.create(new_id, NOW, "", (ANNA, REGION)))
    operator = await api.keys.holder(await api.keys.create(new_id, NOW, "", None))

    assert held is not None
    assert (held.person, held.organisation) == (ANNA, REGION)
    assert operator is not None
    assert (operator.person, operator.organisation) == (None, None)


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda t: t[:-1], lambda t: t + "A", lambda t: t[:-1] + ("A" if t[-1] != "A" else "B")]
)
async def test_anything_but_the_whole_key_is_nobodys(api: Api, spoil):
    token = await api.keys.create(new_id, NOW, "", None)

    assert await api.keys.holder(spoil(token)) is None


async def test_the_secret_of_one_key_does_not_open_another(api: Api):
    one, other = [await api.keys.create(new_id, NOW, "", None) for _ in range(2)]

    assert await api.keys.holder("_".join([*one.split("_", 2)[:2], other.split("_", 2)[2]])) is None


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
