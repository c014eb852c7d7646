"""The product without Slack: the use cases on a real database, and a register that changes as in life."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, update

from core.api import (
    Action,
    ActOnCase,
    AgreementType,
    Answers,
    CaseQuery,
    Engine,
    Identity,
    Orders,
    PlaceOrder,
    Price,
    Revision,
    Role,
    Seen,
    Surface,
    Unit,
    new_id,
)
from core.register.entries import Holding, OfferEntry, OrganisationEntry, PersonEntry, RoleEntry, SubstitutionEntry
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from core.views.case_view import disclose
from notifications.rules.announcements import Announcements
from tests.fakes.clock import FakeClock
from tests.support.world import seed
from tests.support.world.records import records
from tests.support.world.seed import AGENT, AMIR, ANNA, ASTA, NPO_AGENT, REGION, SITHS, TEAM

UNIT = Unit("Vårdcentralen Eken", "SE2321000016-A1B2")
OTHER_UNIT = Unit("Vårdcentralen Alen", "SE2321000016-A1B3")


@dataclass
class Portal:
    """What people, the clock and administrators do, and what came of it. `clock` moves when a test moves it."""

    database: Database
    clock: FakeClock
    orders: Orders
    queries: SqlQueries
    register: Register
    agreed: dict[object, date] = field(default_factory=dict[object, date])  # first days of agreements that followed

    # --- what people do

    async def place(self, by=ANNA, **changes):
        """Somebody orders SITHS for Region Exempel."""
        return await self.orders.place(wish(by, **changes))

    async def press(self, case, person, action, *, surface=Surface.SLACK, **answers):
        """Somebody presses a button of a card that shows the case as it is given."""
        seen = Seen(case.step, case.content_version, case.claim)
        command = ActOnCase(case.id, action, account(person), surface, seen, Answers(**answers))
        return (await self.orders.act(command)).after

    async def attest(self, case, person):
        """An attestant says yes."""
        return await self.press(case, person, Action.ATTEST, confirmed=True)

    async def approve(self, case, person, attestant=None):
        """The agent's orderer says yes."""
        return await self.press(case, person, Action.APPROVE, certified=True, attestant=attestant)

    async def reject(self, case, person, reason="Ryms inte i budgeten", **answers):
        """Somebody says no."""
        return await self.press(case, person, Action.REJECT, reason=reason, **answers)

    async def ask(self, case, person, question="Vilken enhet gäller det?"):
        """Somebody asks the orderer."""
        return await self.press(case, person, Action.REQUEST_COMPLETION, message=question)

    async def answer(self, case, person, message="Den i norr.", **changes):
        """The orderer answers, with changes of the order or in words alone."""
        return await self.press(case, person, Action.ANSWER, message=message, revision=revision(case, **changes))

    async def tick(self):
        """The clock looks at what is due, and at what that leaves it to look at."""
        while await self.orders.run_clock():
            pass

    # --- what came of it

    async def now(self, case):
        """The case as it stands."""
        return (await self.orders.look(CaseQuery(case.id, None, self.clock()))).case

    async def told(self, case, kind=None):
        """Who has a card of a kind, the first asked first; None is customer service's channel."""
        cards = tables.cards.c
        query = select(cards.kind, cards.person_id).where(cards.case_id == case.id).order_by(cards.must_show, cards.id)
        found = await self.database.read(lambda connection: connection.execute(query).all())
        return {row.person_id for row in found if kind in (None, row.kind)}

    async def rows_of(self, case, kind):
        """Every card of a kind that a case has."""
        cards = tables.cards.c
        query = select(cards.person_id).where(cards.case_id == case.id, cards.kind == kind).order_by(cards.id)
        found = await self.database.read(lambda connection: connection.execute(query).all())
        return [row._asdict() for row in found]

    async def was_due(self, case, at):
        """As an earlier version left a case: the clock has something to do at an instant."""
        late = update(tables.cases).where(tables.cases.c.id == case.id).values(due_at=at)
        await self.database.write(lambda connection: connection.execute(late))

    async def shows(self, case):
        """The revision that each card of the case must show, by kind and person."""
        query = select(tables.cards).where(tables.cards.c.case_id == case.id)
        found = await self.database.read(lambda connection: connection.execute(query).all())
        return {(row.kind, row.person_id): row.must_show for row in found}

    async def history(self, case):
        """What happened to a case, and who did it."""
        lines = tables.history.c
        mine = (lines.case_id == case.id) & (lines.kind == "change")
        query = select(lines.action, lines.person_id).where(mine).order_by(lines.id)
        return [tuple(row) for row in await self.database.read(lambda connection: connection.execute(query).all())]

    async def view(self, case, side):
        """The case as a side may see it."""
        return disclose((await records(self.queries, [case.id]))[case.id], side)

    # --- what changes around it

    async def write(self, work):
        """Let somebody write in the register."""
        return await self.register.write("test", work)

    async def give(self, person, organisation, role, **scope):
        """Somebody gets a role, or another limit in it."""
        await self.write(lambda writer: writer.role(person, organisation, RoleEntry(role=Role(role), **scope)))

    async def take(self, person, organisation, role):
        """Somebody loses a role."""
        held = tables.role_assignments.c
        mine = (held.person_id == person, held.organisation_id == organisation, held.role == role)
        query = select(held.id).where(*mine, held.valid_to.is_(None))
        ids = await self.database.read(lambda connection: connection.execute(query).scalars().all())
        for id_ in ids:
            await self.write(lambda writer, id_=id_: writer.end_role(id_, None))

    async def leave(self, person):
        """Somebody's account is turned off."""
        name = next(each[1] for each in seed.PEOPLE if each[0] == person)
        entry = PersonEntry(email=f"{person.removeprefix('P-')}@example.org", name=name, active=False)
        await self.write(lambda writer: writer.person(entry))

    async def substitute(self, absent, substitute, organisation=REGION, role="attestant", days=14):
        """Somebody decides in another's place from today on."""
        today = self.clock().date()
        entry = SubstitutionEntry(role=Role(role), from_=today, to=date.fromordinal(today.toordinal() + days))
        await self.write(lambda writer: writer.substitution(organisation, absent, substitute, entry))

    async def end_agreement(self, organisation, kind=AgreementType.KUNDAVTAL):
        """The agreement that goes on ends today."""
        since = self.agreed.get((organisation, kind), seed.LONG_AGO.date())
        entry = Holding(from_=since, ended=self.clock().date())
        await self.write(lambda writer: writer.agreement(organisation, kind, entry))

    async def renew_agreement(self, organisation, kind=AgreementType.KUNDAVTAL):
        """Another agreement follows on one that ended today."""
        self.agreed[organisation, kind] = today = self.clock().date()
        entry = Holding(from_=today)
        await self.write(lambda writer: writer.agreement(organisation, kind, entry))

    async def end_assignment(self, agent, service="npo"):
        """An agent's assignment for a service ends today."""
        entry = Holding(from_=seed.LONG_AGO.date(), ended=self.clock().date())
        await self.write(lambda writer: writer.agent_assignment(agent, service, entry))

    async def price(self, offer, payer, kind, unit, amount_ore, day, ended=None):
        """A price from a day on."""
        price = Price(payer, kind, unit, amount_ore, "year", day, ended)
        await self.write(lambda writer: writer.prices(offer, [price]))

    async def declare(self, organisation, **declared):
        """What an organisation declares about its decisions."""
        _, name, number, kinds, category = next(each for each in seed.ORGANISATIONS if each[0] == organisation)
        entry = OrganisationEntry(
            **{"org_number": number, "name": name, "kinds": kinds, "category": category} | declared
        )
        await self.write(lambda writer: writer.organisation(entry))

    async def tiers(self, organisation, *tiers):
        """How many attest from which amount on."""
        await self.write(lambda writer: writer.tiers(organisation, tiers))

    async def offer(self, code, **changes):
        """Something about an offer changes."""
        _, service, flow, agent, needs_units, categories = next(each for each in seed.OFFERS if each[0] == code)
        words = {"sv": code, "en": code}
        given = {
            "name": words,
            "flow": flow,
            "agent": agent,
            "needs_units": needs_units,
            "categories": categories,
            "terms_url": "https://example.org/villkor",
            "template": words,
        }
        await self.write(lambda writer: writer.offer(code, service, OfferEntry(**given | changes)))

    async def another_agent(self):
        """A second agent for NPÖ, where Asta and Amir work as well."""

        def write(writer):
            entry = OrganisationEntry(org_number="559900-0006", name="Nya Journalen AB", kinds=["agent"])
            organisation, _ = writer.organisation(entry)
            writer.agreement(organisation, AgreementType.AGENTAVTAL, Holding(from_=seed.LONG_AGO.date()))
            writer.agent_assignment(organisation, "npo", Holding(from_=seed.LONG_AGO.date()))
            writer.role(ASTA, organisation, RoleEntry(role=Role.AGENT_HANDLER))
            writer.role(AMIR, organisation, RoleEntry(role=Role.ATTESTANT))
            return organisation

        return await self.write(write)


async def open_portal(url: str) -> Portal:
    """The small world of `tests.support.world.seed`, on a fresh database."""
    database, clock = await seed.seeded(url), FakeClock(seed.NOW)
    await database.write(seed.note_reviews)
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), clock, new_id))
    return Portal(database, clock, orders, SqlQueries(database), Register(database, clock, new_id))


def account(person) -> Identity:
    """A person's confirmed account."""
    return Identity(TEAM, seed.slack_user(person))


def wish(by=ANNA, **changes) -> PlaceOrder:
    """Somebody's wish for SITHS, which goes straight to Region Exempel's attestants."""
    given = {
        "by": account(by),
        "customer": REGION,
        "offer": SITHS,
        "units": (),
        "invoice_ref": "REF-1",
        "terms_accepted": True,
        "key": new_id("K"),
        "surface": Surface.SLACK,
    }
    return PlaceOrder(**given | changes)


def via_agent(**changes) -> dict[str, object]:
    """What makes the order one of NPÖ through the agent."""
    given = {"offer": NPO_AGENT, "agent": AGENT, "units": (UNIT,), "technical_contact": "it@example.org"}
    return given | changes


def revision(case, **changes) -> Revision | None:
    """The order with changes; None without any."""
    order = case.order
    given = {
        "units": order.units,
        "invoice_ref": order.invoice_ref,
        "agent": case.agent or order.named_agent,
        "desired_start": order.desired_start,
        "technical_contact": order.technical_contact,
        "comment": order.comment,
    }
    return Revision(**given | changes) if changes else None
