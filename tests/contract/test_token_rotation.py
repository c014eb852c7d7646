"""Tokens that expire are exchanged for the next in good time, each once, and nobody who presses or waits notices."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.cli.doctor.slack_look import SlackLook, StoredOfSlack
from bot.config.settings import load_settings
from bot.server.background import Tasks
from bot.slack.switch import SlackSwitch
from bot.wiring.slack_connection import LONGEST_PAUSE, SlackConnection
from core.api import Language
from core.storage import tables
from notifications.slack.port import Granted, SlackApp, TokenPair
from notifications.slack.slack_errors import Never, TryLater, Wait
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_rotation import AHEAD, LEASE, TokenRotation
from notifications.slack.token_seal import TokenSeal
from tests.contract.office import CHANNEL, account, open_office
from tests.fakes.slack import Team
from tests.rules.test_settings import GOOD as SETTINGS
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, REGION

APP = SlackApp("1.2", "the client's secret", "https://slack.test/oauth/v2/authorize", ())
REGIONS = "slack:TREGION"
HOURS = 12
BOS = seed.slack_user(BO)


@pytest.fixture
async def office(database_url):
    """Those who attest at Region Exempel are in a Slack of its own, whose tokens expire."""
    made = await open_office(database_url)
    theirs = tuple(account(person, "TREGION") for person in (ADA, BO, CECILIA))
    made.slack.teams[0] = replace(made.slack.teams[0], accounts=(account(ANNA),))
    made.slack.teams.append(Team("TREGION", "xoxe.xoxb-0-TREGION", theirs, name="Regionens Slack"))
    await install(made, "TREGION")
    mine = tables.identities.c.person_id.in_([ADA, BO, CECILIA])
    await made.change(tables.identities, mine, issuer=REGIONS, organisation_id=REGION)
    yield made
    await made.database.close()


async def install(office, team, organisation=REGION):
    """Somebody has installed the app."""
    tokens = TokenPair(f"xoxe.xoxb-0-{team}", f"xoxe-0-{team}", HOURS * 3_600)
    await office.workspaces.install(organisation, Granted(team, None, team, "UBOT", tokens), Language.SV)


@dataclass(repr=False)
class Exchange:
    """Slack, as far as it gives tokens: each refresh token counts once, and the older access token lives on."""

    office: object
    asked: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    reaches: asyncio.Event | None = None
    goes_on: asyncio.Event | None = None
    hours: int = HOURS

    async def rotate(self, app, refresh_token):
        if self.problems:
            raise self.problems.pop(0)
        _, number, team = refresh_token.split("-", 2)
        if refresh_token in self.asked or app != APP:
            raise Never("invalid_refresh_token")
        self.asked.append(refresh_token)
        if self.reaches is not None:
            self.reaches.set()
            await self.goes_on.wait()
        await asyncio.sleep(0)
        follows = f"{int(number) + 1}-{team}"
        known = [each for each in self.office.slack.teams if each.id == team]
        self.office.slack.teams += [replace(each, token=f"xoxe.xoxb-{follows}") for each in known[-1:]]
        return TokenPair(f"xoxe.xoxb-{follows}", f"xoxe-{follows}", self.hours * 3_600)


def rotation_of(office, exchange, **changes):
    """What rotates in one process."""

    async def relocate():
        await office.relocation.run()

    switch = SlackSwitch(office.workspaces, relocate, Tasks())
    parts = {"database": office.database, "seal": TokenSeal("secret"), "workspaces": office.workspaces}
    more = {"slack": exchange, "app": APP, "off": switch.off, "now": office.clock}
    return TokenRotation(**parts | more | changes)


async def rows(office):
    """What is stored of tokens: by workspace the two, and the row."""
    seal, known = TokenSeal("secret"), tables.workspaces
    found = await office.database.read(
        lambda connection: connection.execute(select(known).where(known.c.refresh_token.is_not(None))).all()
    )
    return {row.id: (seal.open(row.bot_token), seal.open(row.refresh_token), row) for row in found}


async def tokens(office):
    """The two of Region Exempel's Slack."""
    return (await rows(office))[REGIONS][:2]


async def test_a_token_is_exchanged_once_two_hours_are_left_of_it(office):
    exchange = Exchange(office)
    rotation = rotation_of(office, exchange)
    office.clock.forward(hours=HOURS - 2, seconds=-1)
    before = await rotation.run()
    office.clock.forward(seconds=1)

    after = await rotation.run()

    assert (before, after, exchange.asked) == (0, 1, ["xoxe-0-TREGION"])
    assert await tokens(office) == ("xoxe.xoxb-1-TREGION", "xoxe-1-TREGION")
    assert (await rows(office))[REGIONS][2].expires_at == office.clock() + timedelta(hours=HOURS)


async def test_it_goes_on_from_pair_to_pair(office):
    rotation = rotation_of(office, Exchange(office))

    for _ in range(5):
        office.clock.forward(hours=HOURS - 2)
        assert await rotation.run() == 1

    assert await tokens(office) == ("xoxe.xoxb-5-TREGION", "xoxe-5-TREGION")


async def test_a_token_that_is_due_again_as_it_comes_is_rotated_no_more_than_once_in_a_run(office):
    exchange = Exchange(office, hours=1)
    office.clock.forward(hours=HOURS - 2)

    assert [await rotation_of(office, exchange).run() for _ in range(2)] == [1, 1]


async def test_of_two_who_rotate_at_once_each_row_is_one_s_alone(office):
    for number in range(19):
        await install(office, f"T{number}", f"O-{number}")
    office.clock.forward(hours=HOURS - 2)
    other, exchange = await office.another(), Exchange(office)

    done = await asyncio.gather(*(rotation_of(each, exchange).run() for each in (office, other, office, other)))

    assert (sum(done), len(exchange.asked), len(set(exchange.asked))) == (20, 20, 20)
    kept = await rows(office)
    teams = [id_.removeprefix("slack:") for id_ in kept]
    assert [pair for *pair, _ in kept.values()] == [[f"xoxe.xoxb-1-{team}", f"xoxe-1-{team}"] for team in teams]
    assert {row.problem for *_, row in kept.values()} == {None}
    await other.database.close()


async def test_whoever_presses_has_the_token_of_before_until_the_next_is_read(office):
    other = await office.another()
    before = await other.workspaces.by_team("TREGION", None)
    office.clock.forward(hours=HOURS - 2)

    await rotation_of(office, Exchange(office)).run()

    here, there = [await each.workspaces.by_team("TREGION", None) for each in (office, other)]
    assert (here.token, there.token) == ("xoxe.xoxb-1-TREGION", before.token)
    await other.workspaces.by_id(REGIONS)
    assert (await other.workspaces.by_team("TREGION", None)).token == "xoxe.xoxb-1-TREGION"
    await other.database.close()


async def test_what_slack_says_of_the_token_of_before_counts_for_nothing(office):
    office.clock.forward(hours=HOURS - 2)
    await rotation_of(office, Exchange(office)).run()

    assert not await office.workspaces.note_problem(REGIONS, "token_revoked", token="xoxe.xoxb-0-TREGION")

    assert (await office.workspaces.by_id(REGIONS)).problem is None


async def test_where_whoever_rotates_dies_another_goes_on_once_the_lease_is_over(office):
    exchange = Exchange(office, reaches=asyncio.Event(), goes_on=asyncio.Event())
    office.clock.forward(hours=HOURS - 2)
    dying = asyncio.create_task(rotation_of(office, exchange).run())
    await exchange.reaches.wait()
    dying.cancel()
    await asyncio.wait({dying})
    exchange.reaches = None

    early = await rotation_of(office, exchange).run()
    # Slack takes the same refresh token for a short while.
    exchange.asked.clear()
    office.clock.forward(seconds=LEASE.total_seconds())

    assert (early, await rotation_of(office, exchange).run()) == (0, 1)
    assert await tokens(office) == ("xoxe.xoxb-1-TREGION", "xoxe-1-TREGION")


@pytest.mark.parametrize("error", ["invalid_refresh_token", "token_revoked", "account_inactive"])
async def test_a_refresh_token_that_is_taken_no_more_switches_the_slack_off(office, error, caplog):
    office.clock.forward(hours=HOURS - 2)

    assert await rotation_of(office, Exchange(office, problems=[Never(error)])).run() == 0
    await office.relocation.run()

    assert ((await office.workspaces.by_id(REGIONS)).problem, (await office.workspaces.by_id(REGIONS)).is_off) == (
        error,
        True,
    )
    assert len(await office.cards(kind="slack_off")) == 1
    assert f"token_not_rotated workspace={REGIONS} error={error}" in caplog.text
    assert await rotation_of(office, never()).run() == 0


def never():
    """Nobody is to be asked."""
    return Exchange(None, problems=[AssertionError("asked")])


@pytest.mark.parametrize("error", ["bad_client_secret", "invalid_client_id", "unknown_method"])
async def test_a_mistake_of_ours_switches_no_slack_off(office, error):
    office.clock.forward(hours=HOURS - 2)
    rotation = rotation_of(office, Exchange(office, problems=[Never(error)]))

    assert await rotation.run() == 0
    office.clock.forward(seconds=LEASE.total_seconds())

    assert (await office.workspaces.by_id(REGIONS)).problem is None
    assert await rotation.run() == 1


@pytest.mark.parametrize(
    ("problem", "seconds"), [(TryLater("timeout"), 30), (Wait("ratelimited", 90), 90), (Wait("ratelimited", 1), 30)]
)
async def test_what_passes_is_tried_again_while_the_token_lives(office, problem, seconds):
    office.clock.forward(hours=HOURS - 2)
    rotation = rotation_of(office, Exchange(office, problems=[problem]))

    tried = [await rotation.run()]
    office.clock.forward(seconds=seconds - 1)
    tried.append(await rotation.run())
    office.clock.forward(seconds=1)
    tried.append(await rotation.run())

    assert tried == [0, 0, 1]
    assert (await office.workspaces.by_id(REGIONS)).problem is None


async def test_an_answer_to_an_older_token_does_not_take_the_place_of_what_was_installed_meanwhile(office):
    exchange = Exchange(office, reaches=asyncio.Event(), goes_on=asyncio.Event())
    office.clock.forward(hours=HOURS - 2)
    late = asyncio.create_task(rotation_of(office, exchange).run())
    await exchange.reaches.wait()
    again = TokenPair("xoxe.xoxb-anew", "xoxe-anew", HOURS * 3_600)
    await office.workspaces.install(REGION, Granted("TREGION", None, "Regionens", "UBOT", again), Language.SV)
    exchange.goes_on.set()

    assert await late == 0

    assert await tokens(office) == ("xoxe.xoxb-anew", "xoxe-anew")


async def test_an_answer_that_comes_after_the_lease_is_kept_all_the_same(office):
    """The one who was late has the only pair; the other was refused, since the refresh token was used."""
    exchange = Exchange(office, reaches=asyncio.Event(), goes_on=asyncio.Event())
    office.clock.forward(hours=HOURS - 2)
    late = asyncio.create_task(rotation_of(office, exchange).run())
    await exchange.reaches.wait()
    exchange.reaches = None
    office.clock.forward(seconds=LEASE.total_seconds())
    assert await rotation_of(office, exchange).run() == 0
    assert (await office.workspaces.by_id(REGIONS)).is_off
    exchange.goes_on.set()

    assert await late == 1

    assert await tokens(office) == ("xoxe.xoxb-1-TREGION", "xoxe-1-TREGION")
    assert (await office.workspaces.by_id(REGIONS)).problem is None


async def test_what_slack_has_given_is_kept_though_the_database_is_away_for_a_while(office, caplog):
    away = Away(office.database, 4)
    office.clock.forward(hours=HOURS - 2)
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    assert await rotation_of(office, Exchange(office), database=away, sleep=sleep).run() == 1

    assert (len(slept), caplog.text.count("token_not_kept")) == (3, 3)
    assert await tokens(office) == ("xoxe.xoxb-1-TREGION", "xoxe-1-TREGION")


class Away:
    """A database that takes one write, and then none for a while."""

    def __init__(self, database, until):
        self.database, self.until, self.writes = database, until, 0
        self.read = database.read

    async def write(self, work):
        self.writes += 1
        if 1 < self.writes <= self.until:
            raise OSError("away")
        return await self.database.write(work)


async def test_seals_that_are_made_anew_meanwhile_lose_nothing(office):
    exchange = Exchange(office, reaches=asyncio.Event(), goes_on=asyncio.Event())
    office.clock.forward(hours=HOURS - 2)
    both = TokenSeal("another secret", ["secret"])
    late = asyncio.create_task(rotation_of(office, exchange, seal=both).run())
    await exchange.reaches.wait()
    other = await office.another()
    other.workspaces._seal = both
    await other.workspaces.seal_anew()
    exchange.goes_on.set()

    assert await late == 1
    row = await office.database.read(lambda c: c.execute(select(tables.workspaces).filter_by(id=REGIONS)).one())
    assert [both.open(each) for each in (row.bot_token, row.refresh_token)] == ["xoxe.xoxb-1-TREGION", "xoxe-1-TREGION"]
    await other.database.close()


# --- a token that has run out


async def test_cards_wait_for_the_next_token_and_nobody_is_told_that_the_app_is_gone(office):
    """The server was away for a night."""
    office.clock.forward(hours=HOURS)
    await office.place()
    await office.relay.drain()
    waited = (office.slack.in_channel(BOS), (await office.workspaces.by_id(REGIONS)).problem)

    await rotation_of(office, Exchange(office)).run()
    office.clock.forward(seconds=5)
    await office.relay.drain()

    assert waited == ([], None)
    assert len(office.slack.in_channel(BOS)) == 1
    assert await office.cards(kind="slack_off") == []


async def test_an_answer_that_a_token_has_run_out_asks_for_the_next_at_once(office):
    rotation = rotation_of(office, Exchange(office))
    early = await rotation.run()

    assert not await office.workspaces.note_problem(REGIONS, "token_expired", token="xoxe.xoxb-0-TREGION")

    assert (early, (await office.workspaces.by_id(REGIONS)).problem, await rotation.run()) == (0, None, 1)


async def test_a_slack_that_is_off_because_its_token_ran_out_is_mended_by_the_next(office):
    """As it was noted before tokens were rotated."""
    await office.change(tables.workspaces, tables.workspaces.c.id == REGIONS, problem="token_expired", is_settled=True)
    office.clock.forward(hours=HOURS)

    assert await rotation_of(office, Exchange(office)).run() == 1

    row = (await rows(office))[REGIONS][2]
    assert (row.problem, row.is_settled) == (None, False)


async def test_a_token_that_does_not_expire_and_one_that_nobody_can_open_are_let_alone(office):
    office.clock.forward(hours=HOURS)
    unreadable = rotation_of(office, never(), seal=TokenSeal("another secret"))

    assert await unreadable.run() == 0

    await office.change(tables.workspaces, tables.workspaces.c.id == REGIONS, refresh_token=None, expires_at=None)
    assert await rotation_of(office, never()).run() == 0


# --- Inera's own, whose first token is a setting

FIRST = {"token": "xoxe.xoxb-0-TINERA", "refresh_token": "xoxe-0-TINERA"}


def connection_of(office, **changes):
    """What keeps Inera's own Slack connected in one process."""
    given = {"channel": CHANNEL, "language": Language.SV, "wake": lambda: None} | FIRST | changes
    return SlackConnection(office.slack, office.workspaces, **given)


async def ineras(office):
    """The two of Inera's Slack."""
    return (await rows(office))["slack:TINERA"][:2]


@pytest.fixture
async def own(office):
    """Inera's own Slack gives tokens that expire."""
    office.slack.teams.append(Team("TINERA", FIRST["token"], name="Inera"))
    return office


async def test_the_first_token_of_a_setting_is_rotated_at_once_and_goes_on_in_the_database(own):
    rotation = rotation_of(own, Exchange(own))
    await connection_of(own).look()
    first = await own.workspaces.by_id("slack:TINERA")

    assert not first.is_late(own.clock()), "nothing is wrong while the next is on its way"
    assert (await rotation.run(), first.token, first.organisation) == (1, FIRST["token"], None)
    own.slack.teams = [team for team in own.slack.teams if team.token != FIRST["token"]]
    later = await own.another()
    assert await connection_of(later).look() == LONGEST_PAUSE
    assert await ineras(own) == ("xoxe.xoxb-1-TINERA", "xoxe-1-TINERA")
    assert (await later.workspaces.by_id("slack:TINERA")).problem is None
    await later.database.close()


async def test_a_process_that_begins_with_the_same_token_a_moment_later_puts_none_back(own):
    """Both have asked Slack whose the token is when the first is known in the database."""
    other = await own.another()
    installed = await own.slack.auth_test(FIRST["token"])
    await connection_of(own).look()
    await rotation_of(own, Exchange(own)).run()

    await other.workspaces.ensure(
        team_id=installed.team_id, enterprise_id=None, name="Inera", bot_user_id="UBOT", channel=CHANNEL,
        language=Language.SV, **FIRST,
    )  # fmt: skip

    assert await ineras(own) == ("xoxe.xoxb-1-TINERA", "xoxe-1-TINERA")
    await other.database.close()


async def test_what_stands_beside_the_tokens_follows_the_settings(own):
    await connection_of(own).look()
    await rotation_of(own, Exchange(own)).run()

    await connection_of(own, channel="CANOTHER", language=Language.EN).look()

    made = await own.workspaces.by_id("slack:TINERA")
    assert (made.channel, made.language, made.token) == ("CANOTHER", Language.EN, "xoxe.xoxb-1-TINERA")


async def test_other_tokens_in_the_settings_begin_a_new_row_also_where_the_former_was_refused(own, caplog):
    await connection_of(own).look()
    await rotation_of(own, Exchange(own, problems=[Never("invalid_refresh_token")])).run()
    await connection_of(own).look()
    refused = (await own.workspaces.by_id("slack:TINERA")).problem
    own.slack.teams.append(Team("TINERA", "xoxe.xoxb-7-TINERA", name="Inera"))

    await connection_of(own, token="xoxe.xoxb-7-TINERA", refresh_token="xoxe-7-TINERA").look()

    assert (refused, "slack_not_reached error=invalid_refresh_token" in caplog.text) == ("invalid_refresh_token", True)
    assert await rotation_of(own, Exchange(own)).run() == 1
    assert await ineras(own) == ("xoxe.xoxb-8-TINERA", "xoxe-8-TINERA")


class Asked(list):
    """Slack, as far as it is asked whose a token is; it does not answer."""

    async def inspect(self, token):
        self.append(token)
        raise TryLater("timeout")


async def test_the_doctor_asks_with_the_token_that_has_followed_the_one_of_the_settings(own):
    settings = load_settings(_env_file=None, **SETTINGS | {
        "slack_bot_token": FIRST["token"], "slack_refresh_token": FIRST["refresh_token"],
        "slack_client_id": "1.2", "slack_client_secret": "0f14e45fceea167a5a36dedd4bea2540",
    })  # fmt: skip
    asked = Asked()

    for _ in range(2):
        look = SlackLook(settings, asked, own.clock, StoredOfSlack(own.workspaces, None, None))
        assert [each.key async for each in look.look()] == ["doctor.slack.unreachable", "doctor.slack.unseen"]
        await connection_of(own).look()
        await rotation_of(own, Exchange(own)).run()

    assert asked == [FIRST["token"], "xoxe.xoxb-1-TINERA"]


async def test_a_token_that_does_not_expire_may_take_their_place(own):
    await connection_of(own).look()
    own.slack.teams.append(Team("TINERA", "xoxb-lasting", name="Inera"))

    await connection_of(own, token="xoxb-lasting", refresh_token=None).look()

    assert "slack:TINERA" not in await rows(own)
    assert (await own.workspaces.by_id("slack:TINERA")).token == "xoxb-lasting"


# --- nothing in clear


async def test_no_token_shows_in_tables_in_the_log_in_errors_or_in_what_holds_it(office, caplog):
    caplog.set_level(logging.DEBUG)
    office.clock.forward(hours=HOURS - 2)
    exchange = Exchange(office, problems=[Never("internal_words")])
    rotation = rotation_of(office, exchange)
    await rotation.run()
    office.clock.forward(seconds=LEASE.total_seconds())
    await rotation.run()

    async with open_gateway("http://127.0.0.1:9/api/") as gateway:
        with pytest.raises(TryLater) as told:
            await gateway.rotate(APP, "xoxe-1-TREGION")

    shown = [*caplog.messages, repr(told.value), str(told.value.__cause__), repr(rotation)]
    shown.append(repr(TokenPair("xoxe.xoxb-1-TREGION", "xoxe-1-TREGION", 1)))
    shown.append(repr(await office.workspaces.all()))
    tables_as_text = await office.database.read(
        lambda c: [repr(tuple(row)) for each in tables.metadata.sorted_tables for row in c.execute(select(each))]
    )
    assert [each for each in (*shown, *tables_as_text) if "xoxe" in each or APP.client_secret in each] == []


def test_two_hours_are_time_for_many_tries():
    assert AHEAD / LEASE >= 100
