"""What is answered as done is durable, and what is not leaves no trace: also when it is the commit that fails."""

import asyncio
import sqlite3
import threading
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.util import await_

from core.api import (
    Action,
    ActOnCase,
    Administration,
    Answers,
    Asking,
    GrantRoles,
    LinkId,
    PersonalLink,
    Purpose,
    Role,
    SetSubstitute,
    State,
    Surface,
    TryAgain,
    Unit,
    expiry,
    new_id,
)
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import open_database
from core.storage.database.timeouts import TimeLimits
from core.storage.identity.personal_links import SqlPersonalLinks
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.archive import stored
from tests.contract.commits import failing, writing
from tests.contract.office import identity, open_office, via_agent
from tests.contract.test_personal_links import attest_by
from tests.contract.test_revising import changed
from tests.support.world import seed
from tests.support.world.absent import absences
from tests.support.world.applicants import FIRST, hall_over
from tests.support.world.seed import ADA, AGENT, AMIR, ANNA, ASSIGNMENT, BO, CECILIA, HELENA, KARIN, NOW, OLGA, REGION

# However the two drivers call it.
FAILED = (DBAPIError, sqlite3.Error, asyncpg.PostgresError)
IMPATIENT = TimeLimits(lock_seconds=0.05)
PLANTED = {"A": NOW + timedelta(days=1), "B": NOW + timedelta(days=2)}
OTHER = {
    "id": "slack:T2", "team_id": "T2", "name": "T2", "bot_token": "", "bot_user_id": "", "language": "sv",
    "changed_at": NOW,
}  # fmt: skip


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def place(office):
    return office.place


async def attest(office):
    case = await office.place()
    return lambda: office.attest(case, BO)


async def attest_by_link(office):
    case = await office.place()
    link = PersonalLink(
        id=LinkId("L1"), purpose=Purpose.DECIDE, case=case.id, email="bo@example.org", created_at=NOW,
        expires_at=expiry(Purpose.DECIDE, NOW), person=BO, step=case.step, content_version=case.content_version,
    )  # fmt: skip
    await SqlPersonalLinks(office.database, "secret").make(link)
    return lambda: office.orders.act(attest_by(link))


async def answer(office):
    case = await office.place(**via_agent())
    asked = await office.press(case, HELENA, Action.REQUEST_COMPLETION, message="Vilken?")
    revision = changed(units=(Unit("En annan"),))
    return lambda: office.press(asked, ANNA, Action.ANSWER, revision=revision)


async def send_instructions(office):
    case = await office.place(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT)
    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.APPROVE, confirmed=True)
    case = await office.press(case, AMIR, Action.ATTEST, confirmed=True)
    return lambda: office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här.")


async def apply(office):
    return hall_over(office.database).apply


async def approve(office):
    hall = hall_over(office.database)
    case = await hall.press(await hall.apply(), Action.CLAIM)
    return lambda: hall.press(case, Action.APPROVE, confirmed=True)


async def sign(office):
    hall = hall_over(office.database)
    case = await hall.approve(await hall.apply())
    token = await hall.link(case, FIRST, Purpose.SIGN)
    return lambda: hall.applications.sign(token, case.application.document.hash, "link_confirm")


async def set_substitute(office):
    days = (date(2026, 12, 21), date(2027, 1, 6))
    wish = SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, *days)
    return lambda: absences(office.database, office.clock).set_substitute(wish)


async def grant(office):
    registrar = SqlRegistrar(office.database, new_id)
    wish = GrantRoles(Asking(ADA), REGION, "ny@example.org", "Nils Ny", frozenset({Role.ORDERER}))
    return lambda: Administration(registrar, RegisterAnnouncements(), office.clock, new_id).grant(wish)


async def say_yes(office):
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    return lambda: office.directory.answer_link(identity(BO), yes=True, at=office.clock())


# What is done, and what history calls it.
USES = {
    place: "submit",
    attest: "attest",
    attest_by_link: "attest",
    answer: "answer",
    send_instructions: "granted",
    apply: "submit",
    approve: "approve",
    sign: "sign",
    set_substitute: "set",
    grant: "granted",
    say_yes: "confirmed",
}


@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
async def test_what_could_not_be_committed_has_not_happened_and_can_be_done_again(office, use):
    do = await use(office)
    before = await office.database.read(stored)

    async with failing(office.database, USES[use]):
        with pytest.raises(FAILED):
            await do()
        assert await office.database.read(stored) == before

    await do()
    assert await office.database.read(stored) != before


# --- several at once


async def test_of_presses_at_once_those_that_were_answered_are_kept_and_no_others(office):
    cases = [await office.place(key=f"V{n}", units=(Unit(str(n)),)) for n in range(6)]
    presses = [(each, Action.ATTEST if n % 3 else Action.REJECT) for n, each in enumerate(cases)]

    async with failing(office.database, "reject"):
        answers = await asyncio.gather(
            *(office.press(case, BO, does, confirmed=True, reason="Nej") for case, does in presses),
            return_exceptions=True,
        )

    done = {case.id for case, told in zip(cases, answers, strict=True) if not isinstance(told, BaseException)}
    moved = select(tables.cases.c.id).where(tables.cases.c.revision > 1)
    assert set(await office.database.read(lambda connection: connection.execute(moved).scalars())) == done
    assert all(isinstance(told, FAILED) for told in answers if isinstance(told, BaseException))
    assert sum(isinstance(told, BaseException) for told in answers) >= 2


async def test_units_that_share_a_commit_are_each_told_when_it_fails(fresh_sqlite_url):
    database = await seed.seeded(fresh_sqlite_url)
    before = await database.read(stored)

    answers = await together(database, *map(adding, "ABC"), failing_to_commit)

    assert [type(each) for each in answers] == [sqlite3.IntegrityError] * 4
    assert await database.read(stored) == before
    assert await together(database, *map(adding, "ABC")) == ["A", "B", "C"]
    await database.close()


async def test_a_unit_that_fails_takes_nothing_of_the_others_that_share_its_commit(fresh_sqlite_url):
    database = await seed.seeded(fresh_sqlite_url)

    def fails(connection):
        adding("X")(connection)
        adding("A")(connection)

    answers = await together(database, adding("A"), fails, adding("B"))

    assert [type(each) for each in answers] == [str, IntegrityError, str]
    assert await database.read(buckets) == ["A", "B"]
    await database.close()


async def test_a_disk_that_is_full_takes_none_that_share_the_commit_and_all_are_told_so(fresh_sqlite_url):
    database = await seed.seeded(fresh_sqlite_url)
    await database.write(limited_to_pages(8))

    answers = await together(database, adding("A"), adding("B" * 10**6), adding("C"))
    await database.write(lambda connection: connection.execute(text("PRAGMA max_page_count = 1000000")).close())
    again = await database.write(adding("D"))

    assert [type(each) for each in answers] == [TryAgain] * 3
    assert await database.read(buckets) == [again]
    await database.close()


# --- a writer that does not get its turn, or loses its connection


async def test_a_lock_that_another_process_holds_too_long_is_told_and_the_next_write_succeeds(database_url):
    other = await seed.seeded(database_url)
    database = open_database(database_url, limits=IMPATIENT)

    async with writing(other, lock_orders):
        with pytest.raises(TryAgain):
            await database.write(adding_two_rows)

    await database.write(adding("B"))
    assert await database.read(buckets) == ["B"]
    await other.close()
    await database.close()


async def test_a_press_that_waits_too_long_is_refused_and_counts_once_when_it_is_done_again(office, database_url):
    case = await office.place()
    database = open_database(database_url, limits=IMPATIENT)
    orders = replace(office.orders, engine=replace(office.orders.engine, cases=SqlCaseRepository(database)))
    press = ActOnCase(case.id, Action.ATTEST, identity(BO), Surface.SLACK, answers=Answers(confirmed=True))
    before = await office.database.read(stored)

    async with writing(office.database, lock_orders):
        with pytest.raises(TryAgain):
            await asyncio.wait_for(orders.act(press), 60)
    between = await office.database.read(stored)
    done = await orders.act(press)
    await database.close()

    assert between == before
    assert done.after.state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_connection_lost_between_a_statement_and_the_commit_saves_nothing(fresh_postgres_url):
    database = await seed.seeded(fresh_postgres_url)

    def lost(connection):
        adding("A")(connection)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(TryAgain):
        await database.write(lost)

    await database.write(adding("B"))
    assert await database.read(buckets) == ["B"]
    await database.close()


async def test_of_two_writes_that_wait_for_each_other_one_is_told_and_one_is_kept(fresh_postgres_url):
    database = await seed.seeded(fresh_postgres_url)
    await database.write(adding("A"))
    await database.write(adding("B"))
    both = asyncio.Barrier(2)

    def crossing(first, second):
        def work(connection):
            for bucket in (first, second):
                connection.execute(
                    update(tables.paces).where(tables.paces.c.bucket == bucket).values(full_at=PLANTED[first])
                )
                if bucket == first:
                    await_(both.wait())

        return work

    answers = await asyncio.gather(
        database.write(crossing("A", "B")), database.write(crossing("B", "A")), return_exceptions=True
    )

    (failed,) = [each for each in answers if each is not None]
    kept = await database.read(lambda connection: set(connection.execute(select(tables.paces.c.full_at)).scalars()))
    assert isinstance(failed, DBAPIError)
    assert kept == {PLANTED["B" if answers[0] is failed else "A"]}
    await database.close()


# --- pieces of work


def adding(bucket):
    """Writes one row, and says so."""

    def work(connection):
        connection.execute(insert(tables.paces).values(bucket=bucket, full_at=NOW))
        return bucket

    return work


def buckets(connection):
    """Which of those rows there are."""
    return list(connection.execute(select(tables.paces.c.bucket).order_by(tables.paces.c.bucket)).scalars())


def failing_to_commit(connection):
    """Goes well, and cannot be made durable."""
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    lost = {"person_id": ANNA, "key": "K", "fingerprint": "F", "case_id": "nobody"}
    connection.execute(insert(tables.placements).values(lost))


def limited_to_pages(more):
    """Leaves the file room for so many more pages."""

    def work(connection):
        size = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {size + more}")).close()

    return work


def adding_two_rows(connection):
    """Writes a row, and another in a table that somebody may hold."""
    connection.execute(insert(tables.workspaces).values(OTHER))
    adding("A")(connection)


def lock_orders(connection):
    connection.execute(text("LOCK TABLE paces, cases IN SHARE MODE"))


async def together(database, *works):
    """What becomes of units that SQLite's writer finds waiting all at once, in this order."""
    begun, go_on = threading.Event(), threading.Event()

    def before(_):
        begun.set()
        go_on.wait()

    first = asyncio.ensure_future(database.write(before))
    await asyncio.to_thread(begun.wait)
    waiting = [asyncio.ensure_future(database.write(work)) for work in works]
    await asyncio.sleep(0)
    go_on.set()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)
