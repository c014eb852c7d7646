"""The routes of the HTTP API, each called with the few ports that it names and nothing behind them."""

import pytest
from fastapi import Response
from starlette.requests import Request

from core.api import NoRole, OfferId, Part, Person, PersonId, Role, Side, State
from core.catalogue.offers import OfferTerms
from core.http import access, turned_away
from core.http.bodies.order_requests import AnswerBody, OrderBody
from core.http.bodies.register_bodies import PricesBody
from core.http.bodies.role_bodies import EndBody
from core.http.health import HealthChecks
from core.http.ports import FollowUp
from core.http.protocol import cursor
from core.http.routes import applications, documents, holdings, orders, register, roles
from core.http.statuses import NoSuchEntry, OperatorOnly, PersonOnly, TooManyRefused, Unauthorized
from core.identity.accounts import Asking
from core.ports.api_keys import KeyHolder
from core.ports.case_lists import ListPlace, Scope
from core.ports.health import HEALTHY, HealthLog, HealthPart, PartState
from core.ports.register_entries import OfferLine, OrganisationLine, Outcome, RoleLine
from core.register.entries import PersonEntry
from core.register.organisations import Rules
from core.shared.errors import CaseNotFound, FormError, NoDocument, OrderMovedOn
from core.shared.vocabulary import AgentField, AgreementType, Flow
from core.views.holdings import HeldAgreement
from core.views.readers import ApplicationReader, OrderReader
from tests.doors.standing import ANNA, BY, CLOCK, HOME, REGION
from tests.fakes.doors import FakePort, asked_of
from tests.support.world import builders
from tests.support.world.seed import NOW

KEY = access.PersonKey(ANNA, REGION)
HELD = KeyHolder("K1", ANNA, REGION, None)
OPERATORS = KeyHolder("K2", None, None, None)
CUSTOMER = OrderReader(REGION, frozenset({Side.CUSTOMER}))
CASE = builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
ANNAS_ROLE = RoleLine(7, ANNA, REGION, Role.ORDERER, NOW, None, "operator", None, None)
PRICE = {"payer": "customer", "kind": "startup", "unit": "order", "amount_ore": 1, "from": "2027-01-01"}
WORDS = dict.fromkeys(("sv", "en"), "SITHS")
TERMS = OfferTerms(OfferId("siths"), "siths", Flow.DIRECT, AgentField.NONE, False, (), ())
OFFER = OfferLine(TERMS, WORDS, "https://inera.se", WORDS, True, False)


class Followed:
    """What follows calls: how often people began to be told, and whose refusals history was told of."""

    def __init__(self):
        self.changes, self.refused = 0, []
        self.port = FollowUp(self._changed, self.refused.append, CLOCK)

    def _changed(self):
        self.changes += 1


class FakeEntries:
    """Implements RegisterEntries: each write meets a writer that answers as prepared, and notes who wrote what."""

    def __init__(self, **answers):
        self.answers, self.written = answers, []

    async def write(self, by, work):
        return work(_Writer(self, by))


class _Writer:
    def __init__(self, entries, by):
        self._entries, self._by = entries, by

    def __getattr__(self, name):
        def write(*given):
            self._entries.written.append((self._by, name, *given))
            return self._entries.answers[name]

        return write


async def held_now(*names):
    return {REGION: (HOME, frozenset(map(Role, names)))} if names else {}


def roles_now(*names):
    return lambda _: held_now(*names)


def order_body(**changes):
    return OrderBody(offer="siths", invoice_ref="REF", terms_accepted=True, **changes)


# --- who asks


@pytest.mark.parametrize(("names", "sides"), [(("orderer",), {Side.CUSTOMER}), (("administrator",), {Side.CUSTOMER})])
async def test_a_key_sees_what_the_persons_roles_of_this_moment_let_it(names, sides):
    assert (await access.order_reader(roles_now(*names), HELD)).sides == sides


@pytest.mark.parametrize("names", [(), ("agreement_contact",)])
async def test_a_key_of_somebody_without_such_a_role_sees_no_order(names):
    with pytest.raises(NoRole):
        await access.order_reader(roles_now(*names), HELD)


async def test_each_kind_of_key_opens_its_own_doors():
    assert (await access.person_key(HELD), await access.operator_key(OPERATORS)) == (KEY, "K2")

    with pytest.raises(PersonOnly):
        await access.person_key(OPERATORS)
    with pytest.raises(OperatorOnly):
        await access.operator_key(HELD)


# --- orders


async def test_an_order_is_placed_by_the_keys_person_and_answered_as_its_side_sees_it():
    followed, placed, answered = Followed(), FakePort(place=CASE), Response()
    queries = FakePort(views={CASE.id: builders.view(CASE)})

    view = await orders.place(placed, queries, followed.port, KEY, CUSTOMER, order_body(), "once", answered)

    ((_, command),) = placed.asked
    assert (command.by, command.customer, command.key, view.id) == (Asking(ANNA, REGION), REGION, "once", CASE.id)
    assert (answered.headers["location"], followed.changes) == (f"/api/v1/orders/{CASE.id}", 1)


async def test_an_order_that_is_refused_is_told_to_history_and_to_those_who_can_mend_it():
    followed, refusal = Followed(), NoRole(part=Part.ORDERER, organisation=REGION)

    with pytest.raises(NoRole):
        await orders.place(
            FakePort(place=refusal), FakePort(), followed.port, KEY, CUSTOMER, order_body(), "once", Response()
        )

    assert ([record.code for record in followed.refused], followed.changes) == (["no_role"], 1)


async def test_a_list_of_orders_says_where_the_next_page_begins():
    lists = FakePort(list_orders=[ListPlace(NOW, CASE.id), ListPlace(NOW, "B-2")])
    queries = FakePort(views={CASE.id: builders.view(CASE)})

    page = await orders.list_(lists, queries, CUSTOMER, orders.OrderListQuery(limit=1))

    assert ([item.id for item in page.items], page.next) == ([CASE.id], cursor(ListPlace(NOW, CASE.id)))
    assert lists.asked[0][1] == Scope(customer=REGION)


@pytest.mark.parametrize("number", ["B-NOBODYS", "A-7GKX2QP"])
async def test_an_order_that_is_not_the_readers_is_not_found(number):
    with pytest.raises(CaseNotFound):
        await orders.read(FakePort(views={}), CUSTOMER, number)


async def test_an_answer_to_a_question_that_another_has_followed_changes_nothing():
    case = builders.case_in(State.COMPLETION_REQUESTED)
    followed, act = Followed(), FakePort(act=None)
    queries = FakePort(views={case.id: builders.view(case)})
    door = orders.OrdererActions(act, queries, followed.port, CUSTOMER)
    key = access.PersonKey(builders.ORDERER, case.customer)

    with pytest.raises(OrderMovedOn):
        await orders.answer(door, key, case.id, AnswerBody(message="Ja", step=case.step - 1))

    assert (act.asked, followed.changes) == ([], 0)


async def test_what_is_wrong_with_a_revision_is_said_within_it():
    case = builders.case_in(State.COMPLETION_REQUESTED)
    queries = FakePort(views={case.id: builders.view(case)})
    wrong = FakePort(act=FormError(fields={"units": "required"}))
    door = orders.OrdererActions(wrong, queries, Followed().port, CUSTOMER)
    key = access.PersonKey(builders.ORDERER, case.customer)

    with pytest.raises(FormError) as raised:
        await orders.answer(door, key, case.id, AnswerBody(message="Ja", step=case.step))

    assert raised.value.facts["within"] == "revision"


async def test_an_offer_without_agents_has_none():
    found = await orders.agents(FakePort(agents_for=[]), FakePort(organisations_with={}), CLOCK, KEY, "siths")

    assert found.items == []


# --- applications


async def test_an_application_that_is_not_the_readers_is_not_found():
    with pytest.raises(CaseNotFound):
        await applications.read(FakePort(views={}), ApplicationReader(ANNA, is_inera=False), "A-7GKX2QP")


async def test_applications_are_listed_of_the_person_alone_unless_inera_asks():
    lists = FakePort(list_applications=[])
    wanted = applications.ApplicationListQuery()

    for reader in (ApplicationReader(ANNA, is_inera=False), ApplicationReader(ANNA, is_inera=True)):
        await applications.list_(lists, FakePort(views={}), reader, wanted)

    assert [which.sent_by for _, which, *_ in lists.asked] == [ANNA, None]


# --- what an organisation has


def reader_of(held=HELD, *names, known=True):
    line = OrganisationLine(HOME, Rules()) if known else None
    return holdings.OrganisationReader(held, roles_now(*names), FakePort(organisation=line))


async def test_anothers_organisation_is_one_that_is_not_there():
    with pytest.raises(NoSuchEntry):
        await holdings.list_agreements(reader_of(HELD, "orderer"), FakePort(), "O-OTHER")


async def test_the_operator_reads_any_organisation_that_there_is():
    found = FakePort(services=(), conveyed=())

    services = await holdings.list_services(reader_of(OPERATORS), found, CLOCK, REGION)

    assert (services.items, asked_of(found)) == ([], ["services", "conveyed"])
    with pytest.raises(NoSuchEntry):
        await holdings.list_services(reader_of(OPERATORS, known=False), found, CLOCK, "O-NONE")


async def test_a_document_is_read_by_those_alone_who_may():
    with pytest.raises(NoRole):
        await documents.HeldDocuments(reader_of(HELD, "orderer"), FakePort(), CLOCK).find(
            REGION, AgreementType.KUNDAVTAL, None
        )


async def test_a_document_of_another_organisation_is_none():
    own = HeldAgreement(AgreementType.KUNDAVTAL, NOW, None, "1", "a" * 64)
    held = documents.HeldDocuments(reader_of(HELD, "administrator"), FakePort(agreements=(own,), document=None), CLOCK)

    with pytest.raises(NoDocument):
        await held.find(REGION, AgreementType.KUNDAVTAL, "b" * 64)


# --- the register


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.ADDED, 201), (Outcome.CHANGED, None)])
async def test_only_what_is_new_is_said_to_be_added(outcome, status):
    entries, response = FakeEntries(person=(ANNA, outcome)), Response()
    response.status_code = None
    known = FakePort(person=Person(ANNA, "Anna", "anna@example.org"))

    await register.put_person(known, entries, "K2", PersonEntry(name="Anna", email="anna@example.org"), response)

    assert (response.status_code, [(by, what) for by, what, *_ in entries.written]) == (status, [("K2", "person")])


async def test_prices_of_an_offer_that_there_is_not_are_not_written():
    entries = FakeEntries()

    with pytest.raises(NoSuchEntry):
        await register.put_prices(FakePort(offers=[]), entries, "K2", "none", PricesBody(prices=[PRICE]))

    assert entries.written == []


async def test_a_page_of_the_register_says_where_the_next_begins():
    lines = [OrganisationLine(HOME, Rules())] * 2

    page = await register.list_organisations(FakePort(organisations=lines), register.OrganisationQuery(limit=1))

    assert (len(page.items), page.next) == (1, REGION)


@pytest.mark.parametrize(("accounts", "changes"), [([], 0), ([BY.account], 1)])
async def test_whoever_is_unlinked_already_is_told_nothing(accounts, changes):
    followed = Followed()
    known = FakePort(person=Person(PersonId("P1"), "Anna", "anna@example.org"))
    unlinked = FakePort(undo=accounts)

    await register.unlink_person(known, unlinked, followed.port, "K2", "P1")

    assert followed.changes == changes


async def test_a_role_that_there_is_not_ends_never():
    with pytest.raises(NoSuchEntry):
        await roles.end_role(FakePort(role=None), FakeEntries(), "K2", 7, EndBody())


async def test_a_role_is_ended_by_its_number_and_read_as_it_became():
    entries = FakeEntries(end_role=Outcome.CHANGED)

    role = await roles.end_role(FakePort(role=ANNAS_ROLE), entries, "K2", 7, EndBody())

    assert (role.id, entries.written) == (7, [("K2", "end_role", 7, None)])


async def test_every_offer_is_listed_for_the_operator():
    assert len((await register.list_offers(FakePort(offers=[OFFER]))).items) == 1


# --- who is turned away


def asking():
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": ("192.0.2.7", 1), "state": {}}
    return Request(scope)


def test_whoever_keeps_on_with_wrong_keys_is_asked_to_wait():
    begun = []
    turned = turned_away.TurnedAway(FakePort(note_refused=None), lambda work: begun.append(work.close()), CLOCK)

    answered = [turned.answered(asking(), Unauthorized()) for _ in range(turned_away.FAILURES.burst + 1)]

    assert isinstance(answered[0], Unauthorized)
    assert isinstance(answered[-1], TooManyRefused)
    assert len(begun) == turned_away.FAILURES.burst


def test_a_refusal_of_a_right_key_makes_nobody_wait():
    turned = turned_away.TurnedAway(FakePort(), None, CLOCK)

    assert isinstance(turned.answered(asking(), CaseNotFound()), CaseNotFound)


# --- health


async def test_what_stands_on_a_database_that_is_away_is_not_asked():
    away, writer = FakePort(look=RuntimeError("away")), FakePort(look=HEALTHY)
    checks = HealthChecks({HealthPart.DATABASE: away, HealthPart.WRITER: writer}, HealthLog(CLOCK))

    findings = await checks.findings()

    assert (findings[HealthPart.DATABASE].state, findings[HealthPart.WRITER].state, writer.asked) == (
        PartState.FAILING,
        PartState.UNKNOWN,
        [],
    )
