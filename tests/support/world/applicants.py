"""Organisations that apply, their people and what those do, on a real database."""

from dataclasses import dataclass, replace

from sqlalchemy import insert, select, update

from bot.web.links.signing_methods import LinkConfirm
from core.api import (
    Action,
    ActOnCase,
    AgreementType,
    Answers,
    ApplicationForm,
    Applications,
    Apply,
    CaseQuery,
    Contact,
    CustomerCategory,
    Engine,
    Flow,
    Identity,
    LinkId,
    NewId,
    Orders,
    PersonalLink,
    Purpose,
    Seen,
    State,
    Surface,
    expiry,
    new_id,
)
from core.register.administration import Author
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.queries import SqlQueries
from core.storage.register.holding_entries import note_holding
from core.views.case_view import disclose
from core.workflow.deadlines import WaitingStep
from notifications.rules.announcements import Announcements
from tests.fakes.clock import FakeClock
from tests.support.world import seed
from tests.support.world.records import records
from tests.support.world.seed import KARIN, TEAM

ADMIN = Contact("Alva Admin", "alva@bygden.example")
FIRST, SECOND = Contact("Frej Firma", "frej@bygden.example"), Contact("Signe Ström", "signe@bygden.example")
CONTACT = Contact("Kim Kontakt", "kim@bygden.example")
NUMBER = "222222-2222"
METHOD = LinkConfirm.name


def form(**changes: object) -> ApplicationForm:
    """Bygdens region applies; two of its two signatories must sign."""
    made = ApplicationForm(
        organisation="Bygdens region",
        org_number=NUMBER,
        category=CustomerCategory.REGION,
        invoice_address="Fakturagatan 1, 123 45 Bygden",
        invoice_ref="4711-B",
        administrator=ADMIN,
        signatories=(FIRST, SECOND),
        signatures_needed=2,
        agreement_contact=CONTACT,
        terms_accepted=True,
    )
    return replace(made, **changes)


def wish(flow: Flow = Flow.CUSTOMER_APPLICATION, key: str = "first", **changes: object) -> Apply:
    """An application sent in on the web."""
    return Apply(flow, form(**changes), key, Surface.WEB)


@dataclass
class Hall:
    """Where applications come in, and what came of them. `clock` moves when a test moves it."""

    database: Database
    clock: FakeClock
    orders: Orders
    applications: Applications
    links: SqlPersonalLinks
    queries: SqlQueries

    async def apply(self, **changes: object):
        """An organisation applies."""
        return await self.applications.apply(wish(**changes))

    async def press(self, case, action, person=KARIN, **answers):
        """Somebody at customer service presses a button of a card that shows the case as it is given."""
        account = Identity(TEAM, seed.slack_user(person))
        seen = Seen(case.step, case.content_version, case.claim)
        command = ActOnCase(case.id, action, account, Surface.SLACK, seen, Answers(**answers))
        return (await self.orders.act(command)).after

    async def approve(self, case, person=KARIN):
        """Customer service takes an application and approves it."""
        claimed = await self.press(case, Action.CLAIM, person)
        return await self.press(claimed, Action.APPROVE, person, confirmed=True)

    async def reject(self, case, reason="Ni kan inte teckna avtalet."):
        """Customer service takes an application and rejects it."""
        return await self.press(await self.press(case, Action.CLAIM), Action.REJECT, reason=reason)

    async def ask(self, case, question="Vem är firmatecknare?"):
        """Customer service asks the applicant."""
        return await self.press(await self.press(case, Action.CLAIM), Action.REQUEST_COMPLETION, message=question)

    async def link(self, case, contact: Contact = ADMIN, purpose: Purpose = Purpose.FOLLOW, number: int = 1) -> str:
        """The token in a mail to a contact."""
        named = next((each for each in case.application.contacts if each.email == contact.email), contact)
        at, document = self.clock(), case.application.document
        # Whoever holds a link to sign by got it while that was waited for.
        state = State.AGREEMENT_AWAITING_SIGNATURE if purpose is Purpose.SIGN else case.state
        made = PersonalLink(
            id=LinkId(f"L-{case.id}-{contact.email}-{purpose}-{number}"),
            purpose=purpose,
            case=case.id,
            email=contact.email,
            created_at=at,
            expires_at=expiry(purpose, at, WaitingStep(state, case.waiting_since).closes),
            person=named.person if purpose is Purpose.SIGN else None,
            document_hash=document.hash if document and purpose is Purpose.SIGN else None,
        )
        return await self.links.make(made)

    async def sign(self, case, contact: Contact, number: int = 1, method: str = METHOD):
        """A signatory opens the mailed link and signs."""
        token = await self.link(case, contact, Purpose.SIGN, number)
        shown = await self.applications.to_sign(token)
        return (await self.applications.sign(token, shown.document.hash, method)).after

    async def become_customer(self, **changes: object):
        """The whole way to a signed agreement."""
        case = await self.approve(await self.apply(**changes))
        for contact in case.application.signatories[: case.application.signatures_needed]:
            case = await self.sign(case, contact)
        return case

    async def tick(self):
        """The clock does what is due."""
        while await self.orders.run_clock():
            pass

    async def wait_until_due(self, case):
        """The clock comes to a case's next time."""
        due = (await self.now(case)).due_at
        self.clock.at = due
        await self.tick()
        return await self.now(case)

    async def now(self, case):
        """The case as it stands."""
        return (await self.orders.look(CaseQuery(case.id, None, self.clock()))).case

    async def view(self, case, side):
        """The case as a side may see it."""
        return disclose((await records(self.queries, [case.id]))[case.id], side)

    async def cases(self):
        """Every application, as it stands, the oldest first."""
        ids = [
            row.id
            for row in await self._read(
                select(tables.cases.c.id).order_by(tables.cases.c.created_at, tables.cases.c.id)
            )
        ]
        return [(await self.orders.look(CaseQuery(id_, None, self.clock()))).case for id_ in ids]

    async def mails(self, case):
        """Which mails are owed: kind and address, in the order they came to be."""
        cards = tables.cards.c
        query = select(cards.kind, cards.email).where(cards.case_id == case.id, cards.email.is_not(None))
        return [tuple(row) for row in await self._read(query.order_by(cards.must_show, cards.kind, cards.email))]

    async def rows(self, table, **where):
        """The rows of a table in which columns have these values."""
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        return [dict(row._mapping) for row in await self._read(query)]

    async def tables(self, *tables):
        """All rows of these tables, by name."""

        def look(connection):
            return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}

        return await self.database.read(look)

    async def assign(self, agent, service):
        """Inera gives an agent an assignment."""
        row = {"agent_id": agent, "service_id": service, "valid_from": self.clock(), "valid_to": None}

        def write(connection):
            connection.execute(insert(tables.agent_assignments), row)
            self._tell(connection, agent, {"service_id": service}, None, row, "valid_to")

        await self.database.write(write)

    async def end_agreement(self, organisation, *kinds):
        """An agreement ends today; of several those of some kinds."""
        made = tables.agreements.c
        ending = select(tables.agreements).where(made.organisation_id == organisation, made.ended_at.is_(None))
        ending = ending.where(made.valid_from.is_not(None), made.type.in_(kinds or list(AgreementType)))

        def write(connection):
            for row in connection.execute(ending).mappings().all():
                after = {"valid_from": row["valid_from"], "ended_at": self.clock()}
                connection.execute(update(tables.agreements).where(made.id == row["id"]).values(after))
                what = {"type": row["type"], "number": row["id"], "document_hash": row["document_hash"]}
                self._tell(connection, organisation, what, row, after, "ended_at")

        await self.database.write(write)

    def _tell(self, connection, organisation, what, before, after, end):
        author = Author("file", Surface.FILE)
        note_holding(connection, organisation, what, before, after, end, at=self.clock(), author=author)

    async def _read(self, query):
        return await self.database.read(lambda connection: connection.execute(query).all())


async def open_hall(url: str) -> Hall:
    """The small world of tests/support/world/seed.py, to which organisations apply."""
    await (await seed.seeded(url)).close()
    return await over(url)


async def over(url: str, made_of: NewId = new_id) -> Hall:
    """The same over a database that has that world in it; `made_of` makes the ids of what comes to be."""
    return hall_over(open_database(url), made_of)


def hall_over(database: Database, made_of: NewId = new_id) -> Hall:
    """The same over a database that is open."""
    clock = FakeClock(seed.NOW)
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), clock, made_of))
    links = SqlPersonalLinks(database, "a secret of tests")
    return Hall(database, clock, orders, Applications(orders.engine, links), links, SqlQueries(database))
