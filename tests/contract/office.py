"""A whole office for the tests of the relay: database, cases, a fake Slack, and relays that work there."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from core.api import (
    TRAITS,
    Action,
    ActOnCase,
    Answers,
    Engine,
    Identity,
    Language,
    Orders,
    PlaceOrder,
    Seen,
    Surface,
    Unit,
    new_id,
)
from core.storage import tables
from core.storage.cases.effects import connections_of
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from core.storage.reads.waiting import count_waiting
from notifications.accounts.directory import Directory
from notifications.cards.drawer import CardDrawer
from notifications.outbox.card_relocation import CardRelocation
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.leases import CardLeases
from notifications.outbox.relay import Relay
from notifications.outbox.repository import CardStore
from notifications.outbox.slack_delivery import Delivery
from notifications.render.drawings import draw_card
from notifications.rules.announcements import Announcements
from notifications.slack.port import Account
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspace, Workspaces
from tests.fakes.clock import FakeClock
from tests.fakes.slack import FakeSlack, Team
from tests.support.machines.copies import PATIENT
from tests.support.world import seed
from tests.support.world.seed import AGENT, ANNA, NPO_AGENT, REGION, SITHS, TEAM

CHANNEL = "CKUNDSERVICE"
TOKEN = "xoxb-inera"
TEAM_ID = TEAM.removeprefix("slack:")


@dataclass
class Office:
    """One process: its database connection, its relay, and what tests look at."""

    url: str
    clock: FakeClock
    slack: FakeSlack
    database: Database
    workspaces: Workspaces
    store: CardStore
    leases: CardLeases
    results: DeliveryResults
    directory: Directory
    delivery: Delivery
    relocation: CardRelocation
    relay: Relay
    orders: Orders

    async def another(self) -> "Office":
        """A second process on the same database, Slack and clock."""
        return _office(self.url, open_database(self.url, limits=PATIENT), self.clock, self.slack)

    async def connect(self, team: Team, *, channel: str | None = None, organisation=None) -> Workspace:
        """Install the app in one more workspace, Inera's or an organisation's."""
        self.slack.teams.append(team)
        return await self.workspaces.ensure(
            team_id=team.id,
            enterprise_id=team.enterprise_id,
            name=team.name,
            token=team.token,
            bot_user_id=team.bot_user_id,
            channel=channel,
            language=Language.SV,
            organisation=organisation,
        )

    async def place(self, **changes):
        """Anna's order, waiting for the attestants of Region Exempel."""
        return await self.orders.place(wish(**changes))

    async def press(self, case, person, action, *, card=None, by=TEAM, **answers):
        """Somebody presses a button of the step the case stands at, by an account in some workspace."""
        seen = Seen(case.step, case.content_version, case.claim)
        account = Identity(by, seed.slack_user(person))
        command = ActOnCase(case.id, action, account, Surface.SLACK, seen, Answers(**answers), card)
        return (await self.orders.act(command)).after

    async def attest(self, case, person, *, card=None, by=TEAM):
        """An attestant says yes."""
        return await self.press(case, person, Action.ATTEST, card=card, by=by, confirmed=True)

    async def cards(self, **columns):
        """Rows of `cards` with these values, in the order they were made."""
        wanted = [tables.cards.c[name] == value for name, value in columns.items()]
        statement = select(tables.cards).where(*wanted).order_by(tables.cards.c.must_show, tables.cards.c.id)
        return await self.database.read(lambda connection: connection.execute(statement).all())

    async def card(self, **columns):
        """The one such row."""
        (found,) = await self.cards(**columns)
        return found

    async def change(self, table, which, **values):
        """Set columns behind the product's back."""
        await self.database.write(lambda connection: connection.execute(update(table).where(which).values(**values)))

    async def carry_out(self, case, *, at=seed.NOW, **values):
        """Let an order have been carried out and closed by it, behind the product's back, with what that connects."""
        made = TRAITS[case.flow].takes_effect
        await self.change(tables.cases, tables.cases.c.id == case.id, closed_at=at, due_at=None, state=made)
        await self.database.write(lambda connection: connect(connection, case, at, values))

    async def unlink(self, *people):
        """Take away the people's Slack accounts."""
        gone = tables.identities.delete().where(tables.identities.c.person_id.in_(people))
        await self.database.write(lambda connection: connection.execute(gone))


def connect(connection, case, at, values):
    """Write what an order connects, with other values in some columns."""
    rows = [row | values for row in connections_of(case, at)]
    connection.execute(insert(tables.connections).values(rows))


async def open_office(url: str, **seeded) -> Office:
    """The office with the small world of `tests.support.world.seed` in it and the app installed in one workspace."""
    clock = FakeClock(seed.NOW)
    office = _office(url, await seed.seeded(url), clock, FakeSlack(clock))
    await office.connect(team(), channel=CHANNEL)
    return office


def team() -> Team:
    """Everybody's workspace."""
    accounts = tuple(account(person) for person, *_ in seed.PEOPLE)
    return Team(TEAM_ID, TOKEN, accounts, (CHANNEL,))


def account(person, team_id=TEAM_ID, **changes) -> Account:
    """A person's account in a workspace."""
    made = {
        "id": seed.slack_user(person),
        "team_id": team_id,
        "email": f"{person.removeprefix('P-')}@example.org",
        "locale": "sv-SE",
    }
    return Account(**made | changes)


def identity(person) -> Identity:
    """A person's confirmed account."""
    return Identity(TEAM, seed.slack_user(person))


def wish(**changes) -> PlaceOrder:
    """Anna orders SITHS for Region Exempel."""
    given = {
        "by": identity(ANNA),
        "customer": REGION,
        "offer": SITHS,
        "units": (),
        "invoice_ref": "REF-1",
        "terms_accepted": True,
        "key": "V1",
        "surface": Surface.SLACK,
    }
    return PlaceOrder(**given | changes)


def via_agent(number=1) -> dict[str, object]:
    """What makes the order go through the agent; each number is another care unit."""
    unit = Unit(f"Vårdcentralen {number}", f"SE2321000016-A{number}")
    contact = "it@example.org"
    return {"offer": NPO_AGENT, "agent": AGENT, "units": (unit,), "technical_contact": contact, "key": f"A{number}"}


def _office(url, database, clock, slack) -> Office:
    workspaces = Workspaces(database, TokenSeal("secret"), clock)
    store, leases = CardStore(database, clock, new_id), CardLeases(database, clock, new_id, count_waiting)
    results = DeliveryResults(database, clock, new_id)
    directory = Directory(database, workspaces, slack, now=clock, new_id=new_id)
    pages = CardDrawer(
        database,
        SqlQueries(database),
        SqlInbox(database),
        draw_card,
        environment="test",
        portal_url="https://portal.example.org",
    )
    relocation = CardRelocation(database, clock, new_id)
    delivery = Delivery(results, pages, directory, workspaces, slack, clock, lambda: 0.5, relocation=relocation)
    return Office(
        url=url,
        clock=clock,
        slack=slack,
        database=database,
        workspaces=workspaces,
        store=store,
        leases=leases,
        results=results,
        directory=directory,
        delivery=delivery,
        relocation=relocation,
        relay=Relay(leases, delivery, clock, elapsed=clock.elapsed),
        orders=Orders(Engine(SqlCaseRepository(database), Announcements(), clock, new_id)),
    )
