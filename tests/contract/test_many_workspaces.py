"""Many workspaces at once are told all they are owed nearly as fast as Slack's limits allow, whatever some of them do.

The relay, its database and the sandbox that holds it to those limits are the real ones; time alone is moved by hand, as
soon as nothing more can be done at an instant: so what is measured is how the limits are used, on any machine.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from bot.sandbox.app import create_app
from bot.sandbox.box import Box
from bot.sandbox.config import Channel, SandboxConfig, SandboxWorkspace, WorkspaceMember
from bot.sandbox.manifest import load_manifest
from bot.sandbox.server import serve
from bot.sandbox.slack_api.faults import CHANNEL_BURST, MINUTE, PER_MINUTE, Fault, FaultKind
from core.api import CardId, Unit
from core.storage.tables import cards
from core.use_cases.clock import Clock
from notifications.cards import digests
from notifications.cards.card import REPAINT, REQUEST
from notifications.outbox import relay
from notifications.outbox.relay import Relay
from notifications.rules.announcements import CardKind
from notifications.slack.slack_gateway import open_gateway
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, Office, open_office
from tests.fakes.clock import FakeClock
from tests.fakes.slack import POST, UPDATE, Team
from tests.support.machines.large import at_night
from tests.support.machines.product import token_of, workspace_of
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, CECILIA

ROOT = Path(__file__).parents[2]
WORKSPACES, CONVERSATIONS, EACH = at_night(50, 3), at_night(20, 6), 10
ORDERS = at_night(500, 12)
SLOW, REFUSING = "T00", "T01"
# What whoever is slow answers is waited for by nobody here: time goes on by so much at most.
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Rush:
    """Workspaces that are owed messages, processes that send them, and the Slack that they go to."""

    offices: Sequence[Office]
    relays: Sequence[Relay]
    box: Box
    teams: Sequence[str]

    @property
    def clock(self) -> FakeClock:
        """Everybody's."""
        return self.offices[0].clock

    async def told(self, teams: Sequence[str], *, edits: bool = True) -> timedelta:
        """Let the relays work until these workspaces have been told everything; how long that took.

        With `edits` each message changes as soon as it stands.
        """
        began = self.clock()
        running = [asyncio.create_task(each.run()) for each in self.relays]
        try:
            while (first := await self.next_turn(teams, edits=edits)) is not None:
                if first > self.clock():
                    self.clock.at = min(first, self.clock() + A_MOMENT)
                for each in self.relays:
                    each.wake()
                await asyncio.sleep(0.005)
            return self.clock() - began
        finally:
            # What is on its way to whoever is slow arrives.
            self.box.faults.plan([])
            self.clock.forward(minutes=1)
            for each in running:
                each.cancel()
            await asyncio.wait(running)

    async def next_turn(self, teams: Sequence[str], *, edits: bool) -> datetime | None:
        """When something is to be done next: now, while something is; None once everything was."""
        at, here = self.clock(), cards.c.workspace_id.in_([f"slack:{team}" for team in teams])
        return await self.offices[0].database.write(lambda connection: next_turn(connection, here, at, edits=edits))

    def answers(self, teams: Sequence[str], status: int) -> int:
        """How many calls from workspaces were answered so."""
        return sum(call["http_status"] == status for call in self.box.traffic.calls if call["team"] in teams)


def next_turn(connection: Connection, here: ColumnElement[bool], at: datetime, *, edits: bool) -> datetime | None:
    """As above; with `edits` whatever stands and has not been edited changes now."""
    stands = and_(here, cards.c.priority == REQUEST, cards.c.ts.is_not(None), cards.c.due_at.is_(None))
    if edits:
        connection.execute(update(cards).where(stands).values(priority=REPAINT, due_at=at))
    first, held = connection.execute(
        select(func.min(cards.c.due_at), func.max(cards.c.leased_until)).where(here, cards.c.due_at.is_not(None))
    ).one()
    return at if held is not None and held > at else first


@asynccontextmanager
async def rushing(url: str, processes: int = 1) -> AsyncIterator[Rush]:
    """As many workspaces as are wanted, on a real Slack, and as many processes' relays."""
    office = await open_office(url)
    offices = [office, *[await office.another() for _ in range(1, processes)]]
    teams = [f"T{number:02}" for number in range(WORKSPACES)]
    for team in teams:
        await office.connect(Team(team, token_of(team)))
    with slack(office, teams) as (slack_url, box):
        async with open_gateway(f"{slack_url}/api/") as gateway:
            relays = [Relay(each.leases, replace(each.delivery, slack=gateway), each.clock) for each in offices]
            yield Rush(offices, relays, box, teams)
    for each in offices:
        await each.database.close()


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rests here rests by the clock on the wall."""
    monkeypatch.setattr(relay, "REST_SECONDS", 0.01)


@pytest.fixture
async def rush(database_url: str) -> AsyncIterator[Rush]:
    """One process."""
    async with rushing(database_url) as made:
        yield made


async def test_all_are_told_within_a_tenth_more_than_slacks_limits_ask_for(rush):
    await owe(rush)

    took = await rush.told(rush.teams)

    wanted = WORKSPACES * CONVERSATIONS * EACH
    made = [call["method"] for call in rush.box.traffic.calls if call["ok"]]
    assert (made.count(POST), made.count(UPDATE)) == (wanted, wanted)
    assert took <= shortest() * 1.1
    assert rush.answers(rush.teams, 429) < 0.001 * len(rush.box.traffic.calls)


async def test_one_that_is_slow_and_one_that_refuses_everything_hold_up_nobody_else(rush):
    await owe(rush)
    slow = Fault(kind=FaultKind.LATE, team=SLOW, seconds=10)
    rush.box.faults.plan([slow, Fault(kind=FaultKind.RATELIMITED, team=REFUSING)])
    others = [team for team in rush.teams if team not in {SLOW, REFUSING}]

    took = await rush.told(others)

    assert took <= shortest() * 1.1
    assert rush.answers(others, 429) == 0
    # As often as it asks to be asked again: once a second for what is posted.
    assert rush.answers([REFUSING], 429) <= took / A_MOMENT + 1
    assert rush.answers([SLOW], 200)


async def test_of_four_clocks_and_four_relays_each_reminder_and_each_message_comes_once(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    # Each is reminded of by itself, however many wait for one person.
    monkeypatch.setattr(digests, "MOST_APART", 100 * ORDERS)
    async with rushing(fresh_postgres_url, 4) as rush:
        rush.box.limits_on = False
        first, *_ = rush.offices
        cases = [await first.place(key=f"V{number}", units=(Unit(f"Enhet {number}"),)) for number in range(ORDERS)]
        here = [*rush.teams, TEAM_ID]
        await rush.told(here, edits=False)
        rush.clock.at = cases[0].due_at
        await owe(rush, keep=True)

        clocks = [Clock(each.orders.engine) for each in rush.offices]
        ticking = asyncio.gather(*(until_nothing_is_due(each) for each in clocks))
        await rush.told(here, edits=False)
        changed = await ticking
        await rush.told(here, edits=False)

        reminders = Counter((card.case_id, card.person_id) for card in await first.cards(kind=CardKind.REMINDER))
        sent = [call for call in rush.box.traffic.calls if call["method"] == POST]
        rows = await first.cards()
    assert sum(changed) == ORDERS
    assert reminders == Counter((case.id, person) for case in cases for person in (BO, CECILIA))
    assert {call["ok"] for call in sent} == {True}
    assert len(sent) == len(rows) == len({(row.channel, row.ts) for row in rows})
    assert len(rows) > len(rush.teams) * CONVERSATIONS * EACH + len(reminders)


async def until_nothing_is_due(clock: Clock) -> int:
    """Tick until nothing is due; how many cases that changed."""
    changed = 0
    while some := await clock.run():
        changed += some
    return changed


def shortest() -> timedelta:
    """The least time in which the limits let a workspace have all its messages, and all edited."""
    edits = (CONVERSATIONS * EACH - 1) // PER_MINUTE["t3"] * MINUTE
    return timedelta(seconds=max(edits, EACH - CHANNEL_BURST))


@contextmanager
def slack(office: Office, teams: Sequence[str]) -> Iterator[tuple[str, Box]]:
    """A sandbox that keeps Slack's limits by the office's clock, with people in each workspace."""
    everybody = tuple(
        WorkspaceMember(id=seed.slack_user(id_), name=id_.lower(), real_name=name) for id_, name, *_ in seed.PEOPLE
    )
    ours = SandboxWorkspace(
        id=TEAM_ID,
        name="Inera",
        domain="inera",
        bot_token=TOKEN,
        bot_user="UBOT",
        users=everybody,
        channels=(Channel(id=CHANNEL, name="kundservice", bot=True),),
    )
    others = [workspace_of(team, people(team)) for team in teams]
    config = SandboxConfig(
        manifest=load_manifest(ROOT / "app.yaml"),
        request_url="http://127.0.0.1:9/slack/events",
        signing_secret="of-nobody",
        workspaces=(ours, *others),
    )
    app = create_app(config, lambda: office.clock().timestamp())
    with serve(app) as url:
        yield url, app.state.box


def people(team: str) -> list[str]:
    """Those who are written to in a workspace."""
    return [f"U{team}{number:02}" for number in range(CONVERSATIONS)]


async def owe(rush: Rush, *, keep: bool = False) -> None:
    """Let everybody in each workspace be owed ten messages of one order; nothing else, unless it is to be kept."""
    await rush.offices[0].place(key="W", units=(Unit("Enheten"),))
    pattern = (await rush.offices[0].cards(person_id=ANNA))[-1]
    rows = [
        pattern._asdict() | {"id": CardId(f"C-{user}-{number}"), "workspace_id": f"slack:{team}", "address": user}
        for team in rush.teams
        for number in range(EACH)
        for user in people(team)
    ]
    await rush.offices[0].database.write(lambda connection: also(connection, rows, keep=keep))


def also(connection: Connection, rows: Sequence[dict[str, object]], *, keep: bool) -> None:
    """Owe these cards, and no others unless they are to be kept."""
    if not keep:
        connection.execute(update(cards).values(due_at=None))
    connection.execute(insert(cards), rows)
