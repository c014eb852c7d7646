"""The store keeps every promise about orders on both databases alike."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.api import Action, Asking, ConnectionWay, Engine, Existing, Orders, State, TechnicalContact, Unit, new_id
from core.ports.cases import CaseQuery
from core.shared import errors
from notifications.rules.announcements import Announcements
from tests.contract.worlds import SqlWorld, identity, press, via_agent, wish
from tests.support.world import seed
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    HELENA,
    KALLE,
    KARIN,
    NPO_KONSUMENT,
    REGION,
)


async def test_a_direct_order_goes_from_the_orderer_to_customer_service(orders):
    case = await orders.place(wish())
    attested = await orders.act(press(case, BO, Action.ATTEST, confirmed=True))
    claimed = await orders.act(press(attested.after, KARIN, Action.CLAIM))
    sent = await orders.act(press(claimed.after, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här"))

    assert case.state is State.AWAITING_CUSTOMER_ATTEST
    assert attested.after.state is State.AWAITING_CUSTOMER_SERVICE
    assert claimed.after.state is State.AWAITING_CUSTOMER_SERVICE
    assert sent.after.state is State.INSTRUCTIONS_SENT
    assert sent.after.closed_at is None


async def test_an_order_via_an_agent_passes_the_agent_before_the_customers_attestant(orders):
    case = await orders.place(via_agent())
    approved = await orders.act(press(case, HELENA, Action.APPROVE, certified=True, attestant=AMIR))
    agent = await orders.act(press(approved.after, AMIR, Action.ATTEST, confirmed=True))
    customer = await orders.act(press(agent.after, BO, Action.ATTEST, confirmed=True))
    claimed = await orders.act(press(customer.after, KARIN, Action.CLAIM))
    done = await orders.act(press(claimed.after, KARIN, Action.INFORM_AGENT, message="Ni kan börja"))

    states = [each.after.state for each in (approved, agent, customer, done)]
    assert states == [
        State.AWAITING_AGENT_ATTEST,
        State.AWAITING_CUSTOMER_ATTEST,
        State.AWAITING_CUSTOMER_SERVICE,
        State.AGENT_INFORMED,
    ]


async def test_every_advance_leaves_one_line_of_history_and_raises_the_revision_by_one(orders, world):
    case = await orders.place(wish())
    await orders.act(press(case, BO, Action.ATTEST, confirmed=True))

    assert await world.lines() == [("submit", 1, ANNA), ("attest", 2, BO)]


async def test_the_cards_of_a_step_are_owed_with_the_step_itself(orders, world):
    case = await orders.place(wish())
    await orders.act(press(case, BO, Action.ATTEST, confirmed=True))

    assert await world.owed() == {
        ("progress", ANNA, 2),
        ("status", ANNA, 2),
        ("customer_attest", BO, 2),
        ("customer_attest", CECILIA, 2),
        ("customer_service", None, 2),
    }


async def test_the_slower_of_two_attestants_is_told_who_was_first(orders):
    case = await orders.place(wish())
    await orders.act(press(case, BO, Action.ATTEST, confirmed=True))

    with pytest.raises(errors.AlreadyDecided) as told:
        await orders.act(press(case, CECILIA, Action.REJECT, reason="Nej"))
    assert told.value.facts["person"] == BO
    assert told.value.facts["action"] is Action.ATTEST


async def test_pressing_twice_says_that_one_has_already_decided(orders):
    case = await orders.place(wish())
    await orders.act(press(case, BO, Action.ATTEST, confirmed=True))

    with pytest.raises(errors.AlreadyDecidedByYou):
        await orders.act(press(case, BO, Action.ATTEST, confirmed=True))


async def test_of_fifty_presses_at_once_one_decides(orders, world):
    case = await orders.place(wish())
    wishes = [
        press(case, person, action, confirmed=True, reason="Nej")
        for person in (BO, CECILIA)
        for action in (Action.ATTEST, Action.REJECT)
    ]

    answers = await asyncio.gather(*(orders.act(wishes[n % 4]) for n in range(50)), return_exceptions=True)

    won = [each for each in answers if not isinstance(each, Exception)]
    lost = [each for each in answers if isinstance(each, Exception)]
    assert len(won) == 1
    assert all(isinstance(each, errors.AlreadyDecided | errors.AlreadyDecidedByYou) for each in lost)
    assert len(await world.lines()) == 2


async def test_nobody_attests_the_own_order(orders):
    case = await orders.place(wish(by=identity(CECILIA)))

    with pytest.raises(errors.OwnOrder):
        await orders.act(press(case, CECILIA, Action.ATTEST, confirmed=True))


async def test_a_stranger_is_refused_and_learns_nothing(orders):
    case = await orders.place(wish())
    await orders.act(press(case, BO, Action.ATTEST, confirmed=True))

    with pytest.raises(errors.NoRole):
        await orders.act(press(case, HELENA, Action.ATTEST, confirmed=True))


async def test_the_same_key_gives_the_same_order(orders):
    first = await orders.place(wish())
    again = await orders.place(wish())

    assert again.id == first.id


@pytest.mark.parametrize(
    "other",
    [
        {"customer": CLINIC},
        {"offer": NPO_KONSUMENT},
        {"units": (Unit("Asken"),)},
        {"invoice_ref": "REF-2"},
        {"agent": CLINIC},
        {"desired_start": date(2027, 1, 1)},
        {"technical_contact": "it@example.com"},
        {"comment": "Bråttom"},
        {"external_case_ref": "X-2"},
        {"change_of_agent": True},
        {"existing": Existing.ADD},
        {"replaces": (ConnectionWay(NPO_KONSUMENT),)},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_the_same_key_with_another_order_is_refused_whatever_differs(orders, world, other):
    await world.orders_for(ANNA, CLINIC)
    await orders.place(via_agent())

    with pytest.raises(errors.KeyReused):
        await orders.place(via_agent(**other))


async def test_one_key_for_two_customers_at_once_makes_one_order(orders, world):
    await world.orders_for(ANNA, CLINIC)
    customers = [REGION, CLINIC] * 5

    wishes = [orders.place(wish(customer=each)) for each in customers]
    answers = await asyncio.gather(*wishes, return_exceptions=True)

    made = {each.id for each in answers if not isinstance(each, Exception)}
    refused = {type(each) for each in answers if isinstance(each, Exception)}
    assert (len(made), refused) == (1, {errors.KeyReused})


async def test_a_second_open_order_for_the_same_unit_is_refused_and_named(orders):
    first = await orders.place(via_agent())

    with pytest.raises(errors.DuplicateOrder) as told:
        await orders.place(via_agent(key="V2"))
    assert told.value.facts["case"] == first.id


async def test_twenty_equal_orders_at_once_make_one(orders):
    answers = await asyncio.gather(*(orders.place(via_agent(key=f"V{n}")) for n in range(20)), return_exceptions=True)

    assert sum(not isinstance(each, Exception) for each in answers) == 1
    assert sum(isinstance(each, errors.DuplicateOrder) for each in answers) == 19


async def test_a_refusal_saves_nothing(orders, world):
    with pytest.raises(errors.FormError):
        await orders.place(wish(invoice_ref=""))

    assert await world.states() == []


async def test_an_unanswered_order_expires_by_the_clock_and_only_then(world):
    times = [seed.NOW]
    orders = Orders(Engine(world.store, Announcements(), lambda: times[-1], new_id))
    case = await orders.place(wish())

    early, ticked = await orders.run_clock(), []
    while case.closed_at is None:
        assert await world.states() == [State.AWAITING_CUSTOMER_ATTEST]
        times.append(case.due_at + timedelta(seconds=1))
        ticked.append(await orders.run_clock())
        case = (await orders.look(CaseQuery(case.id, None, times[-1]))).case

    # It is reminded of, told of and asked about before it ends, each once.
    assert (early, ticked, await orders.run_clock()) == (0, [1] * 5, 0)
    assert await world.states() == [State.EXPIRED]


async def test_a_claim_is_exclusive_until_it_is_released(orders):
    case = await orders.place(wish())
    attested = (await orders.act(press(case, BO, Action.ATTEST, confirmed=True))).after
    await orders.act(press(attested, KARIN, Action.CLAIM))

    with pytest.raises(errors.AlreadyClaimed) as told:
        await orders.act(press(attested, KALLE, Action.CLAIM))
    assert told.value.facts["person"] == KARIN

    await orders.act(press(attested, KARIN, Action.RELEASE))
    claimed = await orders.act(press(attested, KALLE, Action.CLAIM))
    assert claimed.after.claimed_by == KALLE


async def test_the_handler_who_approved_does_not_attest_as_well(orders):
    case = await orders.place(via_agent())
    approved = (await orders.act(press(case, ASTA, Action.APPROVE, certified=True))).after

    with pytest.raises(errors.OwnApproval):
        await orders.act(press(approved, ASTA, Action.ATTEST, confirmed=True))


async def test_an_order_never_gets_a_number_that_another_has(world):
    numbers = iter(["B-2222222", "B-2222222", "B-3333333"])
    orders = Orders(
        Engine(
            world.store, Announcements(), lambda: seed.NOW, lambda kind: next(numbers) if kind == "B-" else new_id(kind)
        )
    )

    first, second = await orders.place(wish()), await orders.place(via_agent(key="V2"))

    assert (first.id, second.id) == ("B-2222222", "B-3333333")


WRONG_FORMS = [
    ({"desired_start": date(2026, 11, 24)}, "desired_start", "past"),
    ({"invoice_ref": "9" * 101}, "invoice_ref", "too_long"),
    ({"technical_contact": "x" * 201}, "technical_contact", "too_long"),
    ({"technical_contact": TechnicalContact("Tea Tek")}, "technical_contact.email", "unreachable"),
    ({"technical_contact": TechnicalContact("Tea Tek", "tea@example")}, "technical_contact.email", "email"),
    ({"technical_contact": TechnicalContact("", "x" * 250 + "@example.org")}, "technical_contact.email", "email"),
    ({"technical_contact": TechnicalContact("Tea Tek", phone="08-123")}, "technical_contact.phone", "phone"),
    ({"technical_contact": TechnicalContact("x" * 201, "it@a.se")}, "technical_contact.name", "too_long"),
    ({"technical_contact": TechnicalContact("www.a.se", "it@a.se")}, "technical_contact.name", "address_in_name"),
    ({"technical_contact": TechnicalContact("19811218-9876", "it@a.se")}, "technical_contact.name", "personal_number"),
    ({"comment": "Ring 19811218-9876"}, "comment", "personal_number"),
    ({"comment": "Ring 19811218-9876" + "x" * 2_000}, "comment", "too_long"),
    ({"terms_accepted": False}, "terms_accepted", "terms_not_accepted"),
    ({"agent": AGENT}, "agent", "not_asked"),
    ({"units": tuple(Unit(str(number)) for number in range(201))}, "units", "too_many"),
    ({"units": (Unit("Eken"), Unit("Eken"))}, "units", "repeated"),
    ({"units": (Unit("x" * 201), Unit("x" * 201))}, "units", "too_long"),
    ({"units": (Unit("Eken"), Unit("E\u2060ken\u3164"))}, "units", "repeated"),
    ({"comment": "Ring 19811218\u20609876"}, "comment", "personal_number"),
    ({"units": (Unit("Eken", "SE1"),)}, "units", "hsa_id"),
    ({"units": (Unit("Eken; FEL ID"),)}, "units", "unit_name_only"),
    ({"units": (Unit("Eken\nAsken"),)}, "units", "unit_name_only"),
    ({"units": (Unit("Eken SE2321000016-A1B2"),)}, "units", "unit_name_only"),
]


@pytest.mark.parametrize(("changed", "field", "problem"), WRONG_FORMS)
async def test_a_form_is_refused_by_field(orders, changed, field, problem):
    with pytest.raises(errors.FormError) as told:
        await orders.place(wish(**changed))

    assert told.value.facts["fields"] == {field: problem}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            TechnicalContact("Tea Tek", "Tea.Tek@Example.org", "070-174 06 05"),
            TechnicalContact("Tea Tek", "tea.tek@example.org", "+46701740605"),
        ),
        (TechnicalContact(phone="0046 8 12 34 56"), TechnicalContact(phone="+468123456")),
        (TechnicalContact(email="it@example.org"), TechnicalContact(email="it@example.org")),
        (TechnicalContact(), ""),
        ("Drift, 08-123", "Drift, 08-123"),
    ],
)
async def test_whom_to_ask_about_technology_is_kept_in_one_form(orders, world, given, kept):
    case = await orders.place(wish(technical_contact=given))

    assert case.order.technical_contact == kept
    assert (await world.store.look(CaseQuery(case.id, Asking(ANNA), seed.NOW))).case == case


async def test_an_agent_gets_somebody_to_ask(orders):
    with pytest.raises(errors.FormError) as told:
        await orders.place(via_agent(technical_contact=TechnicalContact()))

    assert told.value.facts["fields"] == {"technical_contact": "required"}


async def test_an_order_may_be_wished_for_today(orders):
    assert await orders.place(wish(desired_start=date(2026, 11, 25)))


async def test_a_claim_lasts_when_the_clock_asks_again(world):
    times = [seed.NOW]
    orders = Orders(Engine(world.store, Announcements(), lambda: times[-1], new_id))
    case = await orders.place(wish())
    attested = (await orders.act(press(case, BO, Action.ATTEST, confirmed=True))).after
    claimed = (await orders.act(press(attested, KARIN, Action.CLAIM))).after
    times.append(claimed.due_at)

    await orders.run_clock()

    with pytest.raises(errors.AlreadyClaimed):
        await orders.act(press(attested, KALLE, Action.CLAIM))


async def test_whoever_approved_for_the_agent_hears_that_it_may_begin(orders, world):
    case = await orders.place(via_agent())
    approved = (await orders.act(press(case, ASTA, Action.APPROVE, certified=True))).after
    agent = (await orders.act(press(approved, AMIR, Action.ATTEST, confirmed=True))).after
    customer = (await orders.act(press(agent, BO, Action.ATTEST, confirmed=True))).after
    claimed = (await orders.act(press(customer, KARIN, Action.CLAIM))).after
    await orders.act(press(claimed, KARIN, Action.INFORM_AGENT, message="Ni kan börja"))

    told = [person for kind, person, _ in await world.owed() if kind == "agent_start"]
    assert set(told) == {ASTA, HELENA}


class Losing:
    """A repository where somebody else saves between every load and its save."""

    def __init__(self, real):
        self.real = real

    async def press(self, use_case):
        return await self.real.press(lambda unit: use_case(Losing(unit)))

    async def load(self, query):
        return await self.real.load(query)

    async def save(self, change):
        before = replace(change.event.before, revision=change.event.before.revision + 7)
        return await self.real.save(replace(change, event=replace(change.event, before=before)))


async def test_a_decision_whose_revision_is_lost_twice_is_refused_and_saves_nothing(database_url):
    database = await seed.seeded(database_url)
    world = SqlWorld(database)
    orders = Orders(Engine(world.store, Announcements(), lambda: seed.NOW, new_id))
    case = await orders.place(wish())

    losing = replace(orders, engine=replace(orders.engine, cases=Losing(world.store)))

    with pytest.raises(errors.TryAgain):
        await losing.act(press(case, BO, Action.ATTEST, confirmed=True))
    assert await world.lines() == [("submit", 1, ANNA)]
    await database.close()
