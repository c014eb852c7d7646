"""A backup made beside the running product, as the page says, is put back whole: history verifies, work goes on."""

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from core.api import Action, Unit
from core.storage.audit.sealing import Sealer
from tests.contract.ledger import SECRET
from tests.contract.office import Office, open_office
from tests.support.machines.postgres import Postgres
from tests.support.machines.product import ROOT
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import BO

PAGE = (ROOT / "docs" / "deploying.md").read_text("utf-8")
CHAPTER = PAGE.partition("## Back up, and put back")[2].partition("\n## ")[0]
# Of SQLite, of PostgreSQL, putting that back, and what looks at the copy.
SQLITE, POSTGRESQL, PUT_BACK, LOOKS = re.findall(r"```sh\n(.*?)```", CHAPTER, re.DOTALL)

NUMBERS = count(1)


async def decided(office: Office) -> None:
    """An order that somebody decided."""
    number = next(NUMBERS)
    case = await office.place(key=f"V{number}", units=(Unit(f"Enhet {number}"),))
    await office.press(case, BO, Action.REJECT, reason="Nej", reason_code="no_budget")


async def busy(office: Office) -> None:
    """People work on, until they are stopped."""
    while True:
        await decided(office)


async def backed_up(office: Office, blocks: Sequence[str], folder: Path, **more: str) -> None:
    """Carry out what the page says, while people work."""
    await decided(office)
    await Sealer(office.database, SECRET, office.clock).seal()
    await office.database.write(lambda connection: write_baseline(connection, office.clock()))
    people = asyncio.create_task(busy(office))
    try:
        for block in blocks:
            await asyncio.to_thread(shell, block, folder, more)
    finally:
        people.cancel()
        with suppress(asyncio.CancelledError):
            await people


def shell(block: str, folder: Path, more: Mapping[str, str]) -> None:
    """Type a few lines, in a shell without settings."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | more
    done = subprocess.run(["bash", "-ec", block], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def is_its_owners_alone(file: Path) -> bool:
    """Nobody else on the machine reads it."""
    return file.stat().st_mode & 0o777 == 0o600


def operator(url: str, *words: str) -> Result:
    """Type a command of ours against the copy."""
    return CliRunner().invoke(app, [*words], env={"DATABASE_URL": url, "SECRET_KEY": SECRET, "COLUMNS": "200"})


async def looks_whole(office: Office, url: str) -> None:
    """The copy is of this version, its history holds against what was kept outside, and it takes the next decision."""
    kept = (await asyncio.to_thread(operator, office.url, "checkpoint")).output.strip()
    plan = await asyncio.to_thread(operator, url, "migrate", "--plan")
    verified = await asyncio.to_thread(operator, url, "verify-history", "--checkpoint", kept)
    copy = await replace(office, url=url).another()
    await decided(copy)
    await copy.database.close()

    assert "Nothing is to be done." in plan.output
    assert verified.exit_code == 0, verified.output


async def test_of_sqlite(tmp_path: Path) -> None:
    office = await open_office(f"sqlite:///{tmp_path / 'kundportal.db'}")
    await backed_up(office, [SQLITE], tmp_path)

    assert is_its_owners_alone(tmp_path / "copy.db")
    await looks_whole(office, f"sqlite:///{tmp_path / 'copy.db'}")
    await office.database.close()


async def test_of_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    here, there = postgres.create("backed_up"), postgres.create("restored")
    office = await open_office(here)
    (tmp_path / ".env").write_text(f"ENVIRONMENT=test\nDATABASE_URL={here.replace('+asyncpg', '')}\n", "utf-8")
    path = f"{postgres.programs}:{os.environ['PATH']}"
    await backed_up(office, [POSTGRESQL, PUT_BACK], tmp_path, PATH=path, RESTORED_URL=there.replace("+asyncpg", ""))

    assert is_its_owners_alone(tmp_path / "kundportal.dump")
    await looks_whole(office, there)
    await office.database.close()
    for name in ("backed_up", "restored"):
        postgres.drop(name)


@pytest.mark.parametrize("block", [POSTGRESQL, PUT_BACK])
def test_without_an_address_no_other_database_is_taken(block: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=\n", "utf-8")

    with pytest.raises(AssertionError, match="_URL: parameter null or not set"):
        shell(block, tmp_path, {})


def test_what_looks_at_a_copy_is_what_the_page_says() -> None:
    assert LOOKS.splitlines() == [
        "kundportal migrate --plan",
        'kundportal verify-history --checkpoint "$(tail -1 checkpoints.txt)"',
    ]
