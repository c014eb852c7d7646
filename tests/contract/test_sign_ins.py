"""What is mailed to sign in by opens one session, and a session lasts as long as it may; on both databases."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from secrets import token_urlsafe

import pytest
from sqlalchemy import select, text, update

from core.api import Assurance, SigningIn, SignInSecrets, code_key, new_id, token_hash
from core.identity.sign_ins import CODE_TRIES, NOTED_EVERY, SESSION_LASTS, SESSION_RESTS, SIGN_IN_LASTS
from core.shared import errors
from core.storage import tables
from core.storage.database.database import Database
from core.storage.identity.sessions import SqlSessions
from core.storage.identity.sign_ins import SqlSignIns
from core.storage.retention.purging_rows import SESSIONS, SIGN_INS
from tests.fakes.clock import FakeClock
from tests.support.world.seed import BO, CECILIA, NOW, seeded

MINUTE, MOMENT = timedelta(minutes=1), timedelta(microseconds=1)
BO_AT, CECILIA_AT, NOBODY_AT = "bo@example.org", "cecilia@example.org", "nobody@example.org"


@dataclass
class Desk:
    """Signing in on a database, by a clock that tests set."""

    database: Database
    clock: FakeClock
    signing: SigningIn
    sessions: SqlSessions

    async def begun(self, email=BO_AT):
        """A session, by the link of a mail."""
        asked = await self.signing.ask(email)
        return await self.signing.by_link(asked.letter.link, "Firefox")

    async def find(self, begun):
        return await self.sessions.find(token_hash(begun.token), self.clock())

    async def rows(self, table):
        return await self.database.read(lambda connection: connection.execute(select(table)).all())

    async def leave(self, person):
        people = tables.persons
        left = update(people).where(people.c.id == person).values(active=False)
        await self.database.write(lambda connection: connection.execute(left).close())


@pytest.fixture
async def desk(database_url):
    database, clock, codes = await seeded(database_url), FakeClock(NOW), count(48_210_973)
    secrets = SignInSecrets(lambda: token_urlsafe(32), lambda: str(next(codes)), code_key("secret"))
    yield Desk(database, clock, SigningIn(SqlSignIns(database), secrets, clock, new_id), SqlSessions(database))
    await database.close()


async def over(signing_in) -> bool:
    try:
        await signing_in
    except errors.SignInOver:
        return True
    return False


@pytest.mark.parametrize("first", ["link", "code"])
@pytest.mark.parametrize("second", ["link", "code"])
async def test_one_of_link_and_code_is_used_and_once(desk, first, second):
    asked = await desk.signing.ask(BO_AT)
    ways = {
        "link": lambda: desk.signing.by_link(asked.letter.link, "Firefox"),
        "code": lambda: desk.signing.by_code(asked.browser, asked.letter.code, "Firefox"),
    }

    begun = await ways[first]()

    assert (begun.session.person.id, begun.session.assurance) == (BO, Assurance(f"mail_{first}"))
    assert await over(ways[second]())
    assert len(await desk.rows(tables.sessions)) == 1


@pytest.mark.parametrize("ways", [("link", "link"), ("code", "code"), ("link", "code")])
async def test_of_two_who_use_one_mail_at_once_one_is_signed_in(desk, ways):
    asked = await desk.signing.ask(BO_AT)

    async def use(way):
        if way == "link":
            return await over(desk.signing.by_link(asked.letter.link, "Firefox"))
        return await over(desk.signing.by_code(asked.browser, asked.letter.code, "Firefox"))

    assert sorted(await asyncio.gather(*map(use, ways))) == [False, True]
    assert len(await desk.rows(tables.sessions)) == 1


@pytest.mark.parametrize(("later", "is_over"), [(SIGN_IN_LASTS - MOMENT, False), (SIGN_IN_LASTS, True)])
async def test_link_and_code_last_a_quarter_of_an_hour(desk, later, is_over):
    by_link, by_code = await desk.signing.ask(BO_AT), await desk.signing.ask(BO_AT)
    desk.clock.at += later

    assert await over(desk.signing.holder(by_link.letter.link)) is is_over
    assert await over(desk.signing.by_link(by_link.letter.link, "")) is is_over
    assert await over(desk.signing.by_code(by_code.browser, by_code.letter.code, "")) is is_over


async def test_five_codes_may_be_tried_and_the_right_one_is_too_late_after_them(desk):
    asked, left = await desk.signing.ask(BO_AT), []
    for _ in range(CODE_TRIES - 1):
        with pytest.raises(errors.WrongCode) as wrong:
            await desk.signing.by_code(asked.browser, "00000000", "")
        left.append(wrong.value.facts["left"])

    assert left == [4, 3, 2, 1]
    with pytest.raises(errors.SignInOver):
        await desk.signing.by_code(asked.browser, "00000000", "")
    assert await over(desk.signing.by_code(asked.browser, asked.letter.code, ""))
    # Whoever guesses at codes keeps nobody from using the link.
    assert not await over(desk.signing.by_link(asked.letter.link, ""))


async def test_the_fifth_code_may_be_the_right_one(desk):
    asked = await desk.signing.ask(BO_AT)
    for _ in range(CODE_TRIES - 1):
        with pytest.raises(errors.WrongCode):
            await desk.signing.by_code(asked.browser, "00000000", "")

    assert not await over(desk.signing.by_code(asked.browser, asked.letter.code, ""))


async def test_codes_that_are_tried_at_once_are_counted_one_after_another(desk):
    asked = await desk.signing.ask(BO_AT)

    async def guess(number):
        try:
            await desk.signing.by_code(asked.browser, f"{number:08}", "")
        except (errors.WrongCode, errors.SignInOver) as refusal:
            return type(refusal)

    told = await asyncio.gather(*map(guess, range(12)))

    assert told.count(errors.WrongCode) == CODE_TRIES - 1
    assert told.count(errors.SignInOver) == 12 - CODE_TRIES + 1


async def test_a_code_counts_in_the_browser_that_asked_and_no_other(desk):
    asked, another = await desk.signing.ask(BO_AT), await desk.signing.ask(BO_AT)

    with pytest.raises(errors.WrongCode):
        await desk.signing.by_code(another.browser, asked.letter.code, "")
    assert await over(desk.signing.by_code("a browser that asked for nothing", asked.letter.code, ""))
    assert not await over(desk.signing.by_code(asked.browser, asked.letter.code, ""))


async def test_for_an_address_that_is_nobodys_all_is_the_same_but_the_mail(desk):
    known, unknown = await desk.signing.ask(BO_AT), await desk.signing.ask(NOBODY_AT)

    assert (known.letter is None, unknown.letter is None) == (False, True)
    for asked in (known, unknown):
        for left in (4, 3, 2, 1):
            with pytest.raises(errors.WrongCode) as wrong:
                await desk.signing.by_code(asked.browser, "00000000", "")
            assert wrong.value.facts == {"left": left}
        assert await over(desk.signing.by_code(asked.browser, "00000000", ""))
    assert await desk.rows(tables.sessions) == []


async def test_no_address_is_kept_of_those_that_were_typed(desk):
    await desk.signing.ask(NOBODY_AT)

    (row,) = await desk.rows(tables.sign_ins)
    assert NOBODY_AT not in str(row)
    assert row.person_id is None


async def test_whoever_has_left_is_sent_nothing_and_a_mail_of_before_opens_nothing(desk):
    by_link, by_code = await desk.signing.ask(BO_AT), await desk.signing.ask(BO_AT)

    await desk.leave(BO)

    assert (await desk.signing.ask(BO_AT)).letter is None
    assert await over(desk.signing.holder(by_link.letter.link))
    assert await over(desk.signing.by_link(by_link.letter.link, ""))
    assert await over(desk.signing.by_code(by_code.browser, by_code.letter.code, ""))


async def test_an_address_is_known_whatever_the_size_of_its_letters(desk):
    assert (await desk.signing.ask("Bo@Example.ORG")).letter.to.id == BO


# --- sessions


async def test_a_session_ends_at_once_where_its_person_leaves(desk):
    bo, cecilia = await desk.begun(), await desk.begun(CECILIA_AT)

    await desk.leave(BO)

    assert await desk.find(bo) is None
    assert (await desk.find(cecilia)).person.id == CECILIA


async def test_a_session_lasts_eight_hours_however_much_it_is_used(desk):
    begun = await desk.begun()
    for _ in range(7):
        desk.clock.at += timedelta(hours=1)
        assert await desk.find(begun) is not None
    desk.clock.at = NOW + SESSION_LASTS - MOMENT
    assert await desk.find(begun) is not None

    desk.clock.at = NOW + SESSION_LASTS

    assert await desk.find(begun) is None
    assert await desk.sessions.of(BO, desk.clock()) == []


async def test_a_session_that_rests_for_two_hours_is_over(desk):
    begun = await desk.begun()
    desk.clock.at += SESSION_RESTS - MOMENT
    assert await desk.find(begun) is not None
    desk.clock.at += SESSION_RESTS - MOMENT
    assert await desk.find(begun) is not None

    desk.clock.at += SESSION_RESTS

    assert await desk.find(begun) is None


async def test_the_use_of_a_session_is_noted_once_a_minute(desk):
    begun = await desk.begun()
    noted = []
    for later in (NOTED_EVERY - MOMENT, NOTED_EVERY):
        desk.clock.at = NOW + later
        await desk.find(begun)
        noted.append((await desk.rows(tables.sessions))[0].used_at - NOW)

    assert noted == [timedelta(0), NOTED_EVERY]


async def test_a_person_ends_one_session_or_all_and_nobody_elses(desk):
    first, second, third = await desk.begun(), await desk.begun(), await desk.begun()
    cecilias = await desk.begun(CECILIA_AT)

    assert await desk.sessions.end(BO, cecilias.session.id) == 0
    assert await desk.sessions.end(BO, first.session.id) == 1
    assert await desk.find(first) is None
    assert {each.id for each in await desk.sessions.of(BO, NOW)} == {second.session.id, third.session.id}
    assert await desk.sessions.end(BO) == 2
    assert await desk.sessions.of(BO, NOW) == []
    assert await desk.find(cecilias) is not None


async def test_the_session_used_last_is_listed_first(desk):
    first, second = await desk.begun(), await desk.begun()
    desk.clock.at += 2 * MINUTE
    await desk.find(first)

    listed = await desk.sessions.of(BO, desk.clock())

    assert [(each.id, each.browser) for each in listed] == [
        (first.session.id, "Firefox"),
        (second.session.id, "Firefox"),
    ]


# --- what is kept


async def test_a_stolen_database_opens_no_session_and_no_link(desk):
    asked, waiting = await desk.signing.ask(BO_AT), await desk.signing.ask(CECILIA_AT)
    begun = await desk.signing.by_link(asked.letter.link, "Firefox")

    def everything(connection):
        names = [table.name for table in tables.metadata.sorted_tables]
        return [str(row) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608 - names of ours

    stored = "\n".join(await desk.database.read(everything))
    secrets = [begun.token, *(secret for each in (asked, waiting) for secret in (each.browser, *_of(each)))]
    assert [secret for secret in secrets if secret in stored] == []
    # What is stored opens nothing by itself either, and a code's hash is none that a thief could try all codes against.
    (session,) = await desk.rows(tables.sessions)
    row = next(row for row in await desk.rows(tables.sign_ins) if row.used_at is None)
    assert await desk.sessions.find(session.hash, NOW) is not None  # it is the hash of what the browser holds
    assert await desk.sessions.find(token_hash(session.hash), NOW) is None
    assert await over(desk.signing.by_link(row.link_hash, ""))
    assert row.code_hash not in {
        token_hash(waiting.letter.code),
        token_hash(f"{waiting.browser} {waiting.letter.code}"),
    }


def _of(asked):
    return asked.letter.link, asked.letter.code


async def test_nothing_that_is_printed_of_a_secret_says_it(desk):
    asked = await desk.signing.ask(BO_AT)
    begun = await desk.signing.by_link(asked.letter.link, "Firefox")

    told = repr((asked, begun, desk.signing))

    assert [secret for secret in (asked.browser, *_of(asked), begun.token, "code_key=") if secret in told] == []


async def test_what_is_over_is_taken_when_the_next_one_comes(desk):
    await desk.begun()
    desk.clock.at += SESSION_LASTS

    begun = await desk.begun(CECILIA_AT)

    assert [row.id for row in await desk.rows(tables.sessions)] == [begun.session.id]
    assert [row.person_id for row in await desk.rows(tables.sign_ins)] == [CECILIA]


async def test_what_nobody_came_after_goes_by_night(desk):
    await desk.begun()

    def take(purge, before):
        return desk.database.write(lambda connection: purge.take(connection, before, NOW))

    assert [await take(SIGN_INS, NOW + SIGN_IN_LASTS), await take(SESSIONS, NOW + SESSION_LASTS)] == [0, 0]
    assert [await take(SIGN_INS, NOW + SIGN_IN_LASTS + MOMENT), await take(SESSIONS, NOW + SESSION_LASTS + MOMENT)] == [
        1,
        1,
    ]
