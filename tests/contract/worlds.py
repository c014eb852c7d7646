"""The real store and the fake one, seen alike, and the orders that people place there."""

from sqlalchemy import insert, select, update

from core.api import ActOnCase, AgreementType, Answers, Grant, Identity, PlaceOrder, Role, Seen, Surface, Unit
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from tests.fakes.store import seeded_world
from tests.support.world import seed
from tests.support.world.seed import AGENT, ANNA, CLINIC, DAVID, NOW, NPO_AGENT, REGION, SARA, SITHS, TEAM

EKEN, ASKEN = Unit("Vårdcentralen Eken", "SE2321000016-A1B2"), Unit("Vårdcentralen Asken", "SE2321000016-C3D4")


class SqlWorld:
    """The real thing, seen as the fake lets itself be seen."""

    def __init__(self, database):
        self.database = database
        self.store = SqlCaseRepository(database)

    async def lines(self):
        changes = select(tables.history).where(tables.history.c.kind == "change").order_by(tables.history.c.id)
        rows = await self.database.read(lambda c: c.execute(changes).all())
        return [(row.action, row.revision, row.person_id) for row in rows]

    async def owed(self):
        rows = await self.database.read(lambda c: c.execute(select(tables.cards)).all())
        return {(row.kind, row.person_id, row.must_show) for row in rows}

    async def states(self):
        return await self.database.read(lambda c: list(c.execute(select(tables.cases.c.state)).scalars()))

    async def another_agent(self):
        """The clinic conveys NPÖ as well, through David and Sara."""
        agreement = {"organisation_id": CLINIC, "type": "agentavtal", "valid_from": seed.LONG_AGO}
        roles = [seed.role_assignment(*each) for each in OTHER_AGENTS_PEOPLE]
        await self._write(insert(tables.agreements).values(agreement))
        await self._write(insert(tables.agent_assignments).values(agent_id=CLINIC, service_id="npo", valid_from=NOW))
        await self._write(insert(tables.role_assignments).values(roles))

    async def orders_for(self, person, organisation):
        """Somebody orders for one more organisation."""
        await self._write(insert(tables.role_assignments).values(seed.role_assignment(person, organisation, "orderer")))

    async def take_out(self, offer):
        await self._write(update(tables.offers).where(tables.offers.c.id == offer).values(active=False))

    async def for_sole_traders(self, offer):
        await self._write(update(tables.offers).where(tables.offers.c.id == offer).values(sole_traders_only=True))

    async def _write(self, statement):
        await self.database.write(lambda connection: connection.execute(statement))


class FakedWorld:
    """The fake that the life-long test trusts."""

    def __init__(self):
        self.store = seeded_world()

    async def lines(self):
        events = [change.event for change in self.store.history]
        return [(event.decision.action, event.after.revision, event.decision.person) for event in events]

    async def owed(self):
        return {(card.kind, card.person, card.must_show) for card in self.store.cards.values()}

    async def states(self):
        return [case.state for case in self.store.cases.values()]

    async def another_agent(self):
        self.store.agreements.add((CLINIC, AgreementType.AGENTAVTAL))
        self.store.assignments.add((CLINIC, "npo"))
        self.store.roles += [Grant(person, where, Role(role)) for person, where, role in OTHER_AGENTS_PEOPLE]

    async def orders_for(self, person, organisation):
        self.store.roles.append(Grant(person, organisation, Role.ORDERER))

    async def take_out(self, offer):
        self.store.inactive_offers.add(offer)

    async def for_sole_traders(self, offer):
        self.store.sole_trader_offers.add(offer)


OTHER_AGENTS_PEOPLE = ((DAVID, CLINIC, "agent_handler"), (SARA, CLINIC, "attestant"))


def identity(person):
    return Identity(TEAM, seed.slack_user(person))


def wish(**changes):
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


def via_agent(**changes):
    given = {"offer": NPO_AGENT, "agent": AGENT, "units": (EKEN,), "technical_contact": "it@example.org"}
    return wish(**given | changes)


def press(case, person, action, *, step=None, **answers):
    seen = Seen(case.step if step is None else step, case.content_version)
    return ActOnCase(case.id, action, identity(person), Surface.SLACK, seen, Answers(**answers))
