"""The commands about personal data, as an operator meets them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import true
from typer.testing import Result

from core.api import Action, Applications
from core.storage import tables
from core.storage.audit import seal_reads
from core.storage.identity.personal_links import SqlPersonalLinks
from tests.contract.archive import SECRET, Archive
from tests.contract.ledger import Ledger
from tests.contract.office import open_office
from tests.support.world.applicants import wish
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import BO
from tests.tooling.test_history_cli import Operator

LONG_AGO = datetime.now(UTC) - timedelta(days=9 * 366)


@pytest.fixture
async def archive(database_url: str):
    """Anna's order, rejected by Bo nine years ago, and another of then that waits."""
    office = await open_office(database_url)
    for table in (tables.role_assignments, tables.agreements):
        await office.change(table, true(), valid_from=tables.EPOCH)
    await office.change(tables.price_items, true(), valid_from=tables.EPOCH.date())
    office.clock.at = LONG_AGO
    made = Archive(office)
    case = await office.place(comment="Planterad kommentar")
    await office.press(case, BO, Action.REJECT, reason="Nej")
    await office.place(key="V2")
    await made.seal()
    yield made
    await office.database.close()


@pytest.fixture
def operator(archive: Archive) -> Operator:
    made = Operator(archive.office.url)
    made.secret = SECRET
    return made


async def typed(operator: Operator, *words: str) -> Result:
    """A command has an event loop of its own, and so a thread."""
    return await asyncio.to_thread(operator, *words)


async def test_a_dry_run_says_what_would_go_and_changes_nothing(archive: Archive, operator: Operator) -> None:
    before = await archive.stored()
    told = await typed(operator, "purge", "--dry-run")

    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "What would go now:",
        "  messages about 1 order, to one line",
        "  where the messages about 1 order stand in Slack",
        "  0 messages that are about no order",
        "  0 personal links",
        "  0 e-identifications",
        "  0 e-mails to sign in by",
        "  where 0 people were signed in",
        "  the paces of 0 accounts and channels in Slack",
        "  that 0 forms were sent",
        "  0 files whose applications were never sent in",
        "  0 charts of weekly reports",
        "  the figures of 0 weekly reports",
        "  what people wrote in 1 order",
        "  names and addresses of 0 people who have left",
        "  the documents and signatures of 0 agreements that have ended",
        "  who decided what in 1 order",
        "  2 rows of history",
    ]
    assert await archive.stored() == before


async def test_a_purge_says_what_went_and_history_holds_afterwards(archive: Archive, operator: Operator) -> None:
    await archive.office.database.write(lambda connection: write_baseline(connection, archive.office.clock()))
    told = [await typed(operator, *words) for words in (("purge", "--language", "sv"), ("verify-history",))]

    assert [each.exit_code for each in told] == [0, 0]
    assert "Det här är gallrat:\n  meddelanden om 1 beställning, till en rad\n" in told[0].output
    assert "  2 rader historik\n" in told[0].output
    assert "2 rows were purged, decided before 1\u00a0January\u00a0" in told[1].output
    assert "Planterad" not in "".join((await archive.stored()).values())


async def test_another_period_in_the_environment_is_kept_to(archive: Archive, operator: Operator, monkeypatch) -> None:
    monkeypatch.setenv("KEEP_DECISIONS_YEARS", "10")
    told = await typed(operator, "purge")

    assert "  0 rows of history" in told.output
    assert len(await archive.rows(tables.history)) == 3


async def test_history_that_does_not_fit_its_seals_is_kept_and_told(archive: Archive, operator: Operator) -> None:
    operator.secret = "another secret that opens nothing at all"
    told = await typed(operator, "purge")

    assert told.exit_code == 1
    assert "Run kundportal verify-history." in told.stderr
    assert len([row for row in await archive.rows(tables.history) if row.case_id]) == 3


async def test_history_that_stops_fitting_its_seals_after_some_of_it_was_taken_is_told(
    archive: Archive, operator: Operator, monkeypatch
) -> None:
    monkeypatch.setattr(seal_reads, "PAGE", 1)
    office = archive.office
    ledger = Ledger(office.url, office.database, office.clock)
    await ledger.tamper("UPDATE history SET person_id = 'P-x' WHERE id > (SELECT min(id) FROM history)")
    told = await typed(operator, "purge")

    assert "  1 row of history" in told.output
    assert told.exit_code == 1
    assert "Run kundportal verify-history." in told.stderr


async def test_a_wrong_period_is_told_in_one_line(operator: Operator, monkeypatch) -> None:
    monkeypatch.setenv("KEEP_SLACK_IDS_DAYS", "10")
    told = await typed(operator, "purge", "--dry-run")

    assert told.exit_code == 2
    assert "KEEP_SLACK_IDS_DAYS: must be longer, or KEEP_CARDS_DAYS shorter" in told.output


async def test_a_long_purge_shows_how_far_it_has_come(operator: Operator, monkeypatch) -> None:
    monkeypatch.setattr("bot.cli.terminal.SILENT_SECONDS", 0)
    told = await typed(operator, "purge")

    assert "1 of 1 free texts" in told.stderr


async def test_what_is_stored_about_a_person_is_printed_by_address_and_by_id(operator: Operator) -> None:
    told = [await typed(operator, "export-person", named) for named in ("Anna@example.org", "P-anna")]
    found = json.loads(told[0].stdout)

    assert told[0].stdout == told[1].stdout
    assert found["person"][0]["name"] == "Anna Berg"
    assert {each["ordered"]["comment"] for each in found["orders"]} == {"Planterad kommentar", ""}
    assert [each["action"] for each in found["history"]] == ["submit", "submit"]


async def test_what_applications_hold_is_printed_by_an_address_that_nobody_here_has(
    archive: Archive, operator: Operator
) -> None:
    links = SqlPersonalLinks(archive.office.database, SECRET)
    case = await Applications(archive.office.orders.engine, links).apply(wish())
    told = await typed(operator, "export-person", "Kim@bygden.example")
    found = json.loads(told.stdout)

    assert [(each["id"], each["named"][0]["as"]) for each in found["applications"]] == [(case.id, "agreement_contact")]
    assert found["person"] == []


async def test_it_is_written_to_a_file(operator: Operator, tmp_path) -> None:
    told = await typed(operator, "export-person", "P-bo", "--out", str(tmp_path / "bo.json"))

    assert (told.exit_code, told.output) == (0, "")
    assert json.loads((tmp_path / "bo.json").read_text("utf-8"))["person"][0]["id"] == BO
    assert (tmp_path / "bo.json").stat().st_mode & 0o777 == 0o600


async def test_a_person_there_is_not_is_told_so(operator: Operator) -> None:
    told = await typed(operator, "export-person", "nobody@example.org", "--language", "sv")

    assert told.exit_code == 2
    assert "Det finns ingen person med adressen eller id nobody@example.org." in told.output


async def test_programs_read_what_would_go_as_json(operator: Operator) -> None:
    told = json.loads((await typed(operator, "purge", "--dry-run", "--json")).output)

    assert told["cards"] == 1
    assert all(isinstance(count, int) for count in told.values())
