"""A disk that is full, or fails, under SQLite: nothing is saved, that is said, and it goes on once it is mended."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli.commands import app
from core.api import new_id
from core.ports.health import HEALTHY
from core.storage import tables
from core.storage.database.database_checks import WriterCheck
from core.storage.identity.api_keys import Keys
from tests.support.machines.folders import small_disk
from tests.support.world.seed import ANNA, NOW, REGION, SITHS
from tests.web.working import Work, working

PAGE = 4096


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Nothing more goes on the disk."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(PAGE)):
            pass
    yield
    filler.unlink()


@contextmanager
def failing(_: Path) -> Iterator[None]:
    """No file of this process grows beyond a few pages: what is written there fails."""
    now = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * PAGE, now[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, now)


Trouble = Callable[[Path], AbstractContextManager[None]]
TROUBLES = {"SQLITE_FULL": filled, "SQLITE_IOERR_WRITE": failing}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "16m") as made:
        yield made


def program(work: Work) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(work.app), base_url="http://kundportal.test")


async def orders(work: Work, key: str) -> tuple[int, dict]:
    """Somebody's system sends an order."""
    body = {"offer": SITHS, "units": [], "invoice_ref": "REF-1", "terms_accepted": True}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a-key-of-the-order"}
    async with program(work) as client:
        answer = await client.post("/api/v1/orders", json=body, headers=headers)
    return answer.status_code, answer.json()


async def placed(work: Work) -> list[str]:
    return await work.database.read(lambda connection: list(connection.execute(select(tables.cases.c.id)).scalars()))


async def is_ready(work: Work) -> tuple[int, dict]:
    async with program(work) as client:
        answer = await client.get("/readyz")
    return answer.status_code, answer.json()["parts"]["writer"]


@pytest.mark.parametrize("error", TROUBLES)
async def test_what_a_disk_does_not_take_is_answered_so_and_can_be_sent_again_when_it_does(disk, error):
    async with working(f"sqlite:///{disk / 'test.db'}") as work:
        key = await Keys(work.database).create(new_id, NOW, "a system", (ANNA, REGION))
        with TROUBLES[error](disk):
            full = [await orders(work, key), await orders(work, key)]
            kept, ready = await placed(work), await is_ready(work)
        # Who asks /readyz again within a second hears the same.
        again, mended = await orders(work, key), await WriterCheck(work.database).look()
        at_last = await placed(work)

    assert [(status, problem["code"]) for status, problem in full] == [(503, "temporary")] * 2
    assert (kept, at_last) == ([], [again[1]["id"]])
    assert (ready[0], ready[1]["code"], ready[1]["about"]) == (503, "writer_refused", {"error": error})
    assert (again[0], mended) == (201, HEALTHY)


def test_migrate_says_in_a_sentence_that_there_is_no_room(tmp_path):
    with small_disk(tmp_path / "disk", "600k") as disk:
        told = CliRunner().invoke(app, ["migrate", "--database-url", f"sqlite:///{disk / 'new.db'}"])

    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        "The disk of the database is full, or fails (SQLITE_FULL). Make room on it, or mend it, and type this again."
    ]
