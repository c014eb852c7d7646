"""Everything that can be done, each with the past that it needs, by a scene in which ids are no matter of chance."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from core.api import (
    Action,
    Administration,
    AgreementType,
    Asking,
    ChangeRole,
    EndRole,
    EndSubstitution,
    GrantRoles,
    Identity,
    Language,
    LinkId,
    Notified,
    OnSide,
    Part,
    Payer,
    Period,
    Person,
    PersonalLink,
    Price,
    PriceKind,
    PriceUnit,
    ProposedChannel,
    ProposedTier,
    Purpose,
    RefusalRecord,
    Role,
    SessionId,
    SetChannels,
    SetInvoices,
    SetLanguage,
    SetRules,
    SetSubstitute,
    Side,
    SignInId,
    Surface,
    Unit,
    expiry,
)
from core.applications.attachment import FileKind
from core.identity.proofs import Occasion
from core.identity.sign_ins import NewSignIn, NewWebSession
from core.ports.documents import FormKey
from core.register.entries import Holding, OrganisationEntry
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.audit import history_reads
from core.storage.audit.refusal_log import SqlRefusalLog
from core.storage.cases.attachments import SqlAttachments
from core.storage.identity.api_keys import Keys
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.identity.proofs import SqlProofs
from core.storage.identity.sessions import SqlSessions
from core.storage.identity.sign_ins import SqlSignIns
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from core.workflow.alarms import MissingPrice, NotReady
from core.workflow.events import NewCard
from notifications.accounts.directory import Directory
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.repository import CardStore
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.port import MessagePlace
from tests.contract.office import identity, via_agent
from tests.contract.test_personal_links import attest_by
from tests.contract.test_revising import changed
from tests.contract.test_setting_channels import give_slack
from tests.support.world import seed
from tests.support.world.absent import absences
from tests.support.world.applicants import FIRST, SECOND, hall_over
from tests.support.world.applicants import wish as application_wish
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    BO,
    CECILIA,
    CLINIC,
    ERIK,
    HELENA,
    KARIN,
    NOW,
    NPO_AGENT,
    NPO_KONSUMENT,
    OLGA,
    REGION,
    SARA,
    SITHS,
    TEAM,
)  # fmt: skip

SECOND_WISH = application_wish(key="second", org_number="2321000990")
THIRD_WISH = application_wish(key="third", org_number="2321000883")
FOURTH_WISH = application_wish(key="fourth", org_number="5566778899")


class Scene:
    """An office in which much has been done already, and what is about to be done there."""

    def __init__(self, office):
        self.office = office
        self.numbers = itertools.count(1)
        self.hall = hall_over(office.database, self.new_id)
        self.store = CardStore(office.database, office.clock, self.new_id)
        self.results = DeliveryResults(office.database, office.clock, self.new_id)
        spaces, slack = office.workspaces, office.slack
        self.directory = Directory(office.database, spaces, slack, now=office.clock, new_id=self.new_id)
        self.absences = absences(office.database, office.clock)
        registrar = SqlRegistrar(office.database, self.new_id)
        self.administration = Administration(registrar, RegisterAnnouncements(), office.clock, self.new_id)
        self.links = SqlPersonalLinks(office.database, "a secret")
        self.register = Register(office.database, office.clock, self.new_id)
        self.queries = SqlQueries(office.database)
        self.keys = Keys(office.database)

    def new_id(self, kind):
        """An id that is the same in every run."""
        return f"{kind}{next(self.numbers):010}"

    async def placed(self, **changes):
        """One more order of Anna's."""
        number = next(self.numbers)
        return await self.office.place(**{"key": f"K{number}", "units": (Unit(f"Enhet {number}"),)} | changes)

    async def at_the_agent(self):
        return await self.placed(**via_agent(next(self.numbers)))

    async def claimed(self):
        case = await self.office.attest(await self.placed(), BO)
        return await self.office.press(case, KARIN, Action.CLAIM)

    async def role(self, person, role):
        held = tables.role_assignments.c
        query = select(held.id).where(held.person_id == person, held.role == role, held.organisation_id == REGION)
        return await self.office.database.read(lambda connection: connection.execute(query).scalars().first())


async def place(scene):
    return scene.placed


async def place_via_agent(scene):
    return scene.at_the_agent


async def attest(scene):
    case = await scene.placed()
    return lambda: scene.office.attest(case, BO)


async def reject(scene):
    case = await scene.placed()
    return lambda: scene.office.press(case, BO, Action.REJECT, reason="Nej")


async def withdraw(scene):
    case = await scene.placed()
    return lambda: scene.office.press(case, ANNA, Action.WITHDRAW, confirmed=True)


async def approve(scene):
    case = await scene.at_the_agent()
    return lambda: scene.office.press(case, HELENA, Action.APPROVE, certified=True, attestant=AMIR)


async def ask(scene):
    case = await scene.at_the_agent()
    return lambda: scene.office.press(case, HELENA, Action.REQUEST_COMPLETION, message="Vilken?")


async def answer(scene):
    case = await scene.at_the_agent()
    asked = await scene.office.press(case, HELENA, Action.REQUEST_COMPLETION, message="Vilken?")
    return lambda: scene.office.press(asked, ANNA, Action.ANSWER, revision=changed(units=(Unit("En annan"),)))


async def claim(scene):
    case = await scene.office.attest(await scene.placed(), BO)
    return lambda: scene.office.press(case, KARIN, Action.CLAIM)


async def send_instructions(scene):
    case = await scene.claimed()
    return lambda: scene.office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här.")


async def change_agent(scene):
    wanted = via_agent(next(scene.numbers))
    await scene.office.carry_out(await scene.placed(**wanted), agent_id=CLINIC)
    case = await scene.placed(**wanted | {"key": "changed", "change_of_agent": True})
    case = await scene.office.press(case, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
    case = await scene.office.attest(await scene.office.attest(case, AMIR), BO)
    case = await scene.office.press(case, KARIN, Action.CLAIM)
    return lambda: scene.office.press(case, KARIN, Action.INFORM_AGENT, message="Ni kan börja.")


async def look_at_what_is_connected(scene):
    case = await scene.at_the_agent()
    await scene.office.carry_out(case)

    async def do():
        return (
            await scene.queries.has_service(Asking(KARIN), REGION, NPO_AGENT, NOW),
            await scene.queries.refused_units(Asking(KARIN), REGION, NPO_AGENT, AGENT, case.order.units, NOW),
            await scene.queries.earlier_connections(Asking(KARIN), REGION, NPO_AGENT, CLINIC, case.order.units, NOW),
        )

    return do


async def assign(scene):
    case = await scene.placed(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT, units=())
    case = await scene.office.press(case, KARIN, Action.CLAIM)
    case = await scene.office.press(case, KARIN, Action.APPROVE, confirmed=True)
    case = await scene.office.press(case, AMIR, Action.ATTEST, confirmed=True)
    return lambda: scene.office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här.")


async def attest_by_link(scene):
    case = await scene.placed()
    link = PersonalLink(
        id=LinkId("L1"), purpose=Purpose.DECIDE, case=case.id, email="bo@example.org", created_at=NOW,
        expires_at=expiry(Purpose.DECIDE, NOW), person=BO, step=case.step, content_version=case.content_version,
    )  # fmt: skip
    await scene.links.make(link)
    return lambda: scene.office.orders.act(attest_by(link))


async def apply(scene):
    return lambda: scene.hall.applications.apply(FOURTH_WISH)


async def approve_application(scene):
    case = await scene.hall.apply()
    (card,) = await scene.office.cards(case_id=case.id, kind="application")
    case = await scene.office.press(case, KARIN, Action.CLAIM, card=card.id)
    return lambda: scene.office.press(case, KARIN, Action.APPROVE, card=card.id, confirmed=True)


async def sign(scene):
    case = await scene.hall.approve(await scene.hall.applications.apply(SECOND_WISH))
    hash_ = case.application.document.hash
    tokens = [await scene.hall.link(case, each, Purpose.SIGN) for each in (FIRST, SECOND)]
    await scene.hall.applications.sign(tokens[0], hash_, "link_confirm")

    async def do():
        await scene.hall.applications.sign(tokens[1], hash_, "link_confirm")
        return await scene.administration.registrar.document(Asking(KARIN), hash_, NOW)

    return do


async def cancel(scene):
    case = await scene.hall.approve(await scene.hall.applications.apply(THIRD_WISH))
    await scene.hall.link(case, FIRST, Purpose.SIGN)
    return lambda: scene.hall.press(case, Action.CANCEL, reason="Nej", confirmed=True)


# --- the register


async def grant(scene):
    wish = GrantRoles(Asking(ADA), REGION, "ny@example.org", "Nils Ny", frozenset({Role.ORDERER, Role.ATTESTANT}))
    return lambda: scene.administration.grant(wish)


async def change_a_role(scene):
    role = await scene.role(ERIK, Role.ATTESTANT)
    return lambda: scene.administration.change_role(ChangeRole(Asking(ADA), REGION, role, limit_ore=5))


async def end_a_role(scene):
    role = await scene.role(CECILIA, Role.ORDERER)
    return lambda: scene.administration.end_role(EndRole(Asking(ADA), REGION, role))


async def set_invoices(scene):
    first = SetInvoices(Asking(ADA), REGION, "Gatan 1", "REF", "npo", "REF-NPO")
    await scene.administration.set_invoices(first)
    return lambda: scene.administration.set_invoices(SetInvoices(Asking(ADA), REGION, "Gatan 2", "REF", "npo", ""))


async def set_rules(scene):
    tiers = (ProposedTier(10_000_000, 2, ()),)
    return lambda: scene.administration.set_rules(SetRules(Asking(ADA), REGION, False, None, tiers))


async def set_language(scene):
    return lambda: scene.administration.set_language(SetLanguage(Asking(ADA), REGION, Language.EN))


async def set_channels(scene):
    await give_slack(scene.office.database, REGION)
    wish = ProposedChannel(Role.ATTESTANT, "C0123456789", Notified.ALL, asked_only=True)
    await scene.administration.set_channels(SetChannels(Asking(ADA), REGION, (wish,)))
    return lambda: scene.administration.set_channels(
        SetChannels(Asking(ADA), REGION, (replace(wish, asked_only=False),))
    )


async def set_a_substitute(scene):
    wish = SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, date(2026, 12, 21), date(2027, 1, 6))
    return lambda: scene.absences.set_substitute(wish)


async def end_a_substitution(scene):
    wish = SetSubstitute(Asking(CECILIA), REGION, Role.ATTESTANT, SARA, date(2027, 2, 1), date(2027, 2, 5))
    made = (await scene.absences.set_substitute(wish)).substitution
    return lambda: scene.absences.end_substitution(EndSubstitution(Asking(CECILIA), made.id))


def registering(work):
    async def written(scene):
        return lambda: scene.register.write("seed", work)

    written.__name__ = work.__name__
    return written


def rename(writer):
    return writer.organisation(OrganisationEntry(org_number="2321000016", name="Ny Region", kinds=["customer"]))


def price(writer):
    days = (date(2019, 1, 1), date(2019, 2, 1))
    return writer.prices(
        NPO_KONSUMENT, [Price(Payer.CUSTOMER, PriceKind.STARTUP, PriceUnit.ORDER, 7, Period.YEAR, *days)]
    )


def end_an_agreement(writer):
    return writer.agreement(CLINIC, AgreementType.KUNDAVTAL, holding("2026-11-25"))


def end_an_assignment(writer):
    return writer.agent_assignment(AGENT, "npo", holding("2027-11-25"))


def holding(ended):
    return Holding.model_validate({"from": "2024-01-01", "ended": ended})


# --- messages and accounts


async def cards(scene):
    """What becomes of cards that somebody worked on."""
    case = await scene.placed()
    (status,) = await scene.office.cards(case_id=case.id, kind="status")
    attests = await scene.office.cards(case_id=case.id, kind="customer_attest")
    store, results = scene.store, scene.results

    async def do():
        await results.record(await store.find(status.id), MessagePlace("D1", "1.1"), shown=1)
        await store.adopt(status.id, "D1", "1.2")
        await store.repaint(status.id)
        await results.give_up(await store.find(attests[0].id), "not_in_slack")
        await results.fail(await store.find(attests[1].id), "timeout", chance=0.5)

    return do


async def an_account(scene):
    """Somebody is asked whose an account is, says yes, and chooses a language."""
    directory, workspace = scene.directory, await scene.office.workspaces.by_id(TEAM)
    await scene.office.unlink(SARA)
    await scene.placed()

    async def do():
        await directory.offer_link(Person(SARA, "Sara Ohlin", "sara@example.org"), workspace, "USARA")
        await directory.answer_link(Identity(TEAM, "USARA"), yes=True, at=NOW)
        await directory.choose_language(SARA, Language.EN)

    return do


async def a_refusal(scene):
    case = await scene.placed()
    (card, *_) = await scene.office.cards(case_id=case.id, kind="customer_attest")
    no = RefusalRecord(case.id, identity(HELENA), Action.ATTEST, "no_role", Surface.SLACK, NOW, None, card.id)
    order = replace(no, case=None, card=None, action=Action.SUBMIT, customer=REGION, offer=SITHS)

    async def do():
        for each in (no, order):
            await SqlRefusalLog(scene.office.database).refused(each)

    return do


async def a_key(scene):
    token = await scene.keys.create(scene.new_id, NOW, "en nyckel", (ANNA, REGION))

    async def do():
        holder = await scene.keys.holder(token, NOW)
        await scene.keys.note_use(holder, NOW)
        return holder, await scene.keys.revoke(holder.key, NOW), await scene.keys.holder(token, NOW)

    return do


async def a_proof(scene):
    """Somebody comes back with what a method of identification says."""
    case = await scene.placed()
    proofs, until = SqlProofs(scene.office.database, scene.new_id), NOW + timedelta(minutes=5)
    occasion = Occasion(BO, case.id, case.step, case.content_version, Action.ATTEST)
    await proofs.begin("an attempt", occasion, method="eid:test", at=NOW, until=until)
    return lambda: proofs.complete("an attempt", identity(BO), "a token", at=NOW, until=until)


async def a_file(scene):
    """Somebody chooses another file for a form, and customer service reads that of an application."""
    case, files = await scene.placed(), SqlAttachments(scene.office.database, scene.new_id)
    for place in (case.id, FormKey("a form")):
        await files.keep(place, FileKind.PDF, b"before", networks=["a"], at=NOW)

    async def do():
        await files.keep(FormKey("a form"), FileKind.PNG, b"after", networks=["a"], at=NOW)
        return await files.attached(FormKey("a form")), await files.attached(case.id), await files.read(case.id)

    return do


def _asked(number, at=NOW):
    return NewSignIn(SignInId(f"I{number}"), *(f"{name}{number}" for name in ("link", "code", "browser")), at)


def _session(number):
    return NewWebSession(SessionId(f"S{number}"), f"token{number}", "Firefox", NOW)


async def a_sign_in(scene):
    """Bo asks for a mail, and then by its code; Cecilia has asked too."""
    sign_ins = SqlSignIns(scene.office.database)
    await sign_ins.ask(_asked(1), "cecilia@example.org")

    async def do():
        return (
            await sign_ins.ask(_asked(2), "bo@example.org"),
            await sign_ins.ask(_asked(3), "nobody@example.org"),
            await sign_ins.by_code("browser2", "code2", _session(2)),
            await sign_ins.holder("link1", NOW),
        )

    return do


async def a_session(scene):
    """Cecilia looks where she is signed in, and signs out of one browser; Bo is signed in too."""
    sign_ins, sessions = SqlSignIns(scene.office.database), SqlSessions(scene.office.database)
    for number, email in ((4, "bo@example.org"), (5, "cecilia@example.org"), (6, "cecilia@example.org")):
        await sign_ins.ask(_asked(number), email)
        await sign_ins.by_link(f"link{number}", _session(number))

    async def do():
        found = await sessions.find("token5", NOW + timedelta(minutes=2))
        ended = await sessions.end(CECILIA, SessionId("S6"))
        return found, ended, await sessions.of(CECILIA, NOW), await sessions.find("token4", NOW)

    return do


async def a_link_to_read(scene):
    """Bo gets one; of those that are over, neither Cecilia's goes with it nor Bo's for something else."""
    case = await scene.placed()
    link = PersonalLink(
        id=LinkId("L2"), purpose=Purpose.READ, case=case.id, email="bo@example.org", created_at=seed.LONG_AGO,
        expires_at=NOW, person=CECILIA,
    )  # fmt: skip
    await scene.links.make(link)
    await scene.links.make(replace(link, id=LinkId("L3"), person=BO, purpose=Purpose.DECIDE))
    new = replace(link, id=LinkId("L4"), person=BO, created_at=NOW, expires_at=NOW + timedelta(days=1))
    return lambda: scene.links.make(new)


async def told_what_is_lacking(scene):
    lacking = NotReady(REGION, Part.CUSTOMER_ADMINISTRATOR, "over_every_limit", NOW)

    cards = [NewCard(scene.new_id("C"), "not_ready", Part.CUSTOMER_ADMINISTRATOR, None)]
    return lambda: scene.office.orders.engine.cases.transact(lambda unit: unit.tell(lacking, cards))


async def told_what_has_no_price(scene):
    missing = MissingPrice(SITHS, NOW.date(), NOW)

    cards = [NewCard(scene.new_id("C"), "price_missing", Part.CUSTOMER_SERVICE, None)]
    return lambda: scene.office.orders.engine.cases.transact(lambda unit: unit.tell(missing, cards))


# --- what is read


async def read(scene):
    """What neighbours say nothing about."""
    case, queries, office = await scene.placed(comment="Min"), scene.queries, scene.office
    await office.attest(case, BO)

    async def do():
        return (
            await queries.views([case.id], OnSide(Side.INERA)),
            await queries.whole(case.id, Side.INERA),
            await queries.person_of(identity(BO)),
            await queries.person_by_email("bo@example.org"),
            await queries.names([BO, ANNA], [REGION, AGENT]),
            await queries.service_name("npo"),
            await queries.has_service(Asking(KARIN), REGION, NPO_AGENT, NOW),
            await queries.refused_units(Asking(KARIN), REGION, NPO_AGENT, AGENT, case.order.units, NOW),
            await queries.earlier_connections(Asking(KARIN), REGION, NPO_AGENT, CLINIC, case.order.units, NOW),
            await queries.invoice_reference(Asking(KARIN), CLINIC, "npo", NOW),
            await queries.invoice_reference(Asking(KARIN), REGION, "npo", NOW),
            await scene.administration.readiness(Asking(ADA), [REGION]),
            await scene.absences.colleagues(Asking(BO), REGION),
            [each.id for each in await history_reads.read_case(office.database, case.id)],
        )

    return do


DEEDS = (
    read, place, place_via_agent, attest, reject, withdraw, approve, ask, answer, claim, send_instructions, assign,
    change_agent, look_at_what_is_connected,
    attest_by_link, apply, approve_application, sign, cancel, grant, change_a_role, end_a_role, set_invoices,
    set_rules, set_language, set_channels, set_a_substitute, end_a_substitution, cards, an_account, a_refusal, a_key,
    a_proof, a_file, a_link_to_read,
    a_sign_in, a_session,
    told_what_is_lacking,
    told_what_has_no_price,
    *map(registering, (rename, price, end_an_agreement, end_an_assignment)),
)  # fmt: skip
