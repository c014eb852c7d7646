"""Nobody's name or address reaches a log by an error of the database, whatever fails, and in whichever call."""

import traceback

import httpx
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, StatementError

from core.api import new_id
from core.storage import tables
from core.storage.database.sessions import Constant
from core.storage.identity.api_keys import Keys
from tests.http.conftest import make_app
from tests.support.world import seed
from tests.support.world.seed import NOW

PLANTED = "planterad.person@example.org"


@pytest.fixture
async def database(database_url):
    opened = await seed.seeded(database_url)
    await opened.write(lambda c: c.execute(insert(tables.persons), person("P-first")))
    yield opened
    await opened.close()


def person(id_):
    return {"id": id_, "name": "Planterad Person", "email": PLANTED, "language": "sv"}


def said(error):
    """All that a log would say of an error."""
    return "".join(traceback.format_exception(error))


async def test_an_address_that_somebody_has_already_is_not_repeated(database):
    with pytest.raises(IntegrityError) as failed:
        await database.write(lambda c: c.execute(insert(tables.persons), person("P-second")))

    assert "planterad" not in said(failed.value).lower()
    assert "persons" in str(failed.value)


async def test_what_a_press_was_asked_with_is_not_repeated(database):
    sql = "SELECT json(:who)" if database.dialect == "sqlite" else "SELECT CAST(CAST(:who AS text) AS bigint)"

    async def asking(session):
        await session.fetch(Constant(sql), {"who": PLANTED})

    for run in (database.look, database.press):
        with pytest.raises(Exception) as failed:  # noqa: PT011 - each driver has its own
            await run(asking)
        assert PLANTED not in said(failed.value)
        assert "sql" not in str(failed.value).lower() or database.dialect == "sqlite"


async def test_what_the_driver_itself_refuses_is_not_repeated(database):
    query = text("SELECT * FROM persons WHERE id = :id AND name = :name")
    for work in (database.read, database.write, database.inspect):
        with pytest.raises(StatementError) as failed:
            await work(lambda c: c.execute(query, {"id": [PLANTED], "name": {PLANTED}}))
        assert PLANTED not in said(failed.value)


@pytest.mark.parametrize(
    "error", [MemoryError(), ValueError(None), TimeoutError()], ids=lambda each: type(each).__name__
)
async def test_an_error_of_something_else_stays_what_it_is(database, error):
    def work(_):
        raise error

    with pytest.raises(type(error)) as failed:
        await database.read(work)

    assert failed.value.args == error.args


class Breaking:
    """A database on which one call fails, with what somebody wrote in hand."""

    def __init__(self, database, call):
        self.database, self.left, self.dialect = database, call, database.dialect

    def __getattr__(self, name):
        return getattr(self.database, name)

    async def _count(self):
        self.left -= 1
        if not self.left:
            await self.database.write(lambda c: c.execute(insert(tables.persons), person("P-second")))

    async def read(self, work):
        await self._count()
        return await self.database.read(work)

    async def write(self, work):
        await self._count()
        return await self.database.write(work)

    async def look(self, use):
        await self._count()
        return await self.database.look(use)

    async def press(self, use):
        await self._count()
        return await self.database.press(use)


async def test_whichever_call_of_a_request_fails_the_log_names_nobody(database, caplog):
    token = await Keys(database).create(new_id, NOW, "test", None)
    body = {"email": PLANTED, "name": "Planterad Person"}
    codes = []
    while 200 not in codes:
        app, _, _ = make_app(Breaking(database, len(codes) + 1), lambda: NOW, [], [], lambda beside: beside.close())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://kundportal.test/api/v1") as client:
            answer = await client.post("register/persons", json=body, headers={"Authorization": f"Bearer {token}"})
        codes.append(answer.status_code)

    assert codes == [500] * (len(codes) - 1) + [200]
    assert len(codes) > 2
    assert caplog.text.count("request_failed") == len(codes) - 1
    assert "planterad" not in caplog.text.lower()
