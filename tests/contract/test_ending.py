"""What may be ended, by which day, and what opens again: alike on every store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import Action, Flow, Revision, State, Unit
from core.shared import errors
from core.shared.working_days import day_of
from tests.contract.test_revising import carried_out
from tests.contract.worlds import ASKEN, EKEN, press, wish
from tests.support.world.seed import AGENT, BO, CLINIC, DAVID, KARIN, NOW, NPO_AGENT, SARA, SITHS

TODAY = day_of(NOW)
DAY, YEAR = timedelta(days=1), timedelta(days=365)


def later(orders, days):
    """The same after some days."""
    return replace(orders, engine=replace(orders.engine, now=lambda: NOW + days * DAY))


async def connect(orders, **wished):
    """A direct order that has come to its end."""
    case = await orders.place(wish(**wished))
    return await finish(orders, case, Action.SEND_INSTRUCTIONS, message="Så här")


async def finish(orders, case, action, **answers):
    """Attested, and carried out by customer service."""
    for person, does, said in (
        (BO, Action.ATTEST, {"confirmed": True}),
        (KARIN, Action.CLAIM, {}),
        (KARIN, action, answers),
    ):
        case = (await orders.act(press(case, person, does, **said))).after
    return case


async def ask(orders, **changes):
    """A termination that Anna sends in."""
    return await orders.place(wish(**{"flow": Flow.TERMINATION, "invoice_ref": "", "key": "T1"} | changes))


async def ask_via_agent(orders, **changes):
    return await ask(orders, **{"offer": NPO_AGENT, "agent": AGENT, "units": (EKEN,)} | changes)


async def confirm(orders, case, last_day):
    return await finish(orders, case, Action.CONFIRM_END, last_day=last_day)


async def refused(asking):
    with pytest.raises(errors.FormError) as told:
        await asking
    return told.value.facts


@pytest.mark.parametrize("last_day", [TODAY, TODAY + YEAR])
async def test_a_last_day_is_from_the_day_it_began_to_a_year_ahead(orders, last_day):
    await connect(orders, units=(EKEN,))

    case = await confirm(orders, await ask(orders, units=(EKEN,)), last_day)

    assert (case.state, case.decisions[-1].last_day) == (State.TERMINATED, last_day)


@pytest.mark.parametrize(
    ("last_day", "problem"),
    [
        (TODAY - DAY, {"fields": {"last_day": "too_early"}, "first": TODAY}),
        (TODAY + YEAR + DAY, {"fields": {"last_day": "too_far"}, "latest": TODAY + YEAR}),
    ],
)
async def test_no_other_day_is_the_last_and_nothing_is_decided_by_it(orders, world, last_day, problem):
    await connect(orders, units=(EKEN,))

    assert await refused(confirm(orders, await ask(orders, units=(EKEN,)), last_day)) == problem
    assert (await world.lines())[-1][0] == Action.CLAIM
    with pytest.raises(errors.DuplicateOrder):
        await ask(orders, units=(EKEN,), key="T2")


async def test_of_units_that_began_on_different_days_the_latest_counts(orders):
    await connect(orders, units=(EKEN,))
    tomorrow = later(orders, 1)
    await connect(tomorrow, units=(ASKEN,), key="V2")

    problem = await refused(confirm(tomorrow, await ask(tomorrow, units=(EKEN, ASKEN)), TODAY))
    assert problem == {"fields": {"last_day": "too_early"}, "first": TODAY + DAY}


async def test_a_day_that_has_passed_is_told_afterwards(orders):
    await connect(orders, units=(EKEN,))
    later_on = later(orders, 10)

    await confirm(later_on, await ask(later_on, units=(EKEN,)), TODAY + 3 * DAY)

    assert await later_on.place(wish(units=(EKEN,), key="V2"))


@pytest.mark.parametrize(("day", "problem"), [(TODAY - DAY, "past"), (TODAY + YEAR + DAY, "too_far")])
async def test_a_day_is_wished_for_within_a_year(orders, day, problem):
    await connect(orders, units=(EKEN,))

    assert (await refused(ask(orders, units=(EKEN,), desired_start=day)))["fields"] == {"desired_start": problem}
    assert await ask(orders, units=(EKEN,), desired_start=TODAY + YEAR, key="T2")
    assert await orders.place(wish(units=(ASKEN,), desired_start=TODAY + YEAR + DAY, key="V2"))


@pytest.mark.parametrize(
    "changes",
    [
        {"units": (ASKEN,)},
        {"units": ()},
        {"units": (EKEN, ASKEN)},
        {"units": (Unit("Vårdcentralen Björken"),)},
        {"units": (EKEN,), "offer": NPO_AGENT, "agent": AGENT},
    ],
)
async def test_only_what_is_connected_is_ended(orders, changes):
    await connect(orders, units=(EKEN,))

    assert (await refused(ask(orders, **changes)))["fields"] == {"units": "not_connected"}


async def test_what_goes_through_an_agent_is_ended_as_that_alone(orders):
    await carried_out(orders)

    assert (await refused(ask_via_agent(orders, agent=CLINIC)))["fields"] == {"units": "not_connected"}
    assert (await refused(ask_via_agent(orders, agent=None)))["fields"] == {"agent": "required"}
    assert (await ask_via_agent(orders)).agent == AGENT


async def test_what_names_no_unit_is_ended_as_a_whole(orders):
    await connect(orders)

    assert (await refused(ask(orders, units=(EKEN,))))["fields"] == {"units": "not_connected"}
    assert (await ask(orders)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_what_has_ended_is_not_ended_again(orders):
    await connect(orders, units=(EKEN, ASKEN))
    await confirm(orders, await ask(orders, units=(EKEN,)), TODAY)
    tomorrow = later(orders, 1)

    assert (await refused(ask(tomorrow, units=(EKEN,), key="T2")))["fields"] == {"units": "not_connected"}
    assert await ask(tomorrow, units=(ASKEN,), key="T3")


async def test_a_last_day_that_is_confirmed_stands(orders):
    """A second end would move a day that everybody has been told."""
    await connect(orders, units=(EKEN, ASKEN))
    await confirm(orders, await ask(orders, units=(EKEN,)), TODAY + 30 * DAY)

    for units in ((EKEN,), (EKEN, ASKEN), (Unit(EKEN.name),)):
        assert (await refused(ask(orders, units=units, key=units[-1].name)))["fields"] == {"units": "not_connected"}
    assert await ask(orders, units=(ASKEN,), key="T3")


async def test_after_the_last_day_and_not_before_it_is_ordered_anew(orders):
    await connect(orders, units=(EKEN, ASKEN))
    await confirm(orders, await ask(orders, units=(EKEN,)), TODAY + DAY)

    with pytest.raises(errors.AlreadyConnected):
        await later(orders, 1).place(wish(units=(EKEN,), key="V2"))
    after = later(orders, 2)
    with pytest.raises(errors.AlreadyConnected):
        await after.place(wish(units=(ASKEN,), key="V3"))
    assert await after.place(wish(units=(EKEN,), key="V4"))


async def completed(orders, case, **changes):
    """Anna answers the attestant's question by a change of what is to end."""
    case = (await orders.act(press(case, BO, Action.REQUEST_COMPLETION, message="Alla?"))).after
    revision = Revision(**{"units": (EKEN,), "invoice_ref": ""} | changes)
    return (await orders.act(press(case, case.orderer, Action.ANSWER, revision=revision))).after


async def test_a_unit_that_has_changed_agent_is_ended_through_the_later_one_alone(orders, world):
    await world.another_agent()
    await carried_out(orders)
    await carried_out(orders, DAVID, SARA, key="V2", agent=CLINIC, change_of_agent=True)

    assert (await refused(ask_via_agent(orders)))["fields"] == {"units": "not_connected"}
    assert (await ask_via_agent(orders, agent=CLINIC, key="T2")).agent == CLINIC


async def test_an_answer_changes_what_is_ended_and_never_the_way_it_goes(orders):
    await carried_out(orders, units=(EKEN, ASKEN))
    case = await completed(orders, await ask_via_agent(orders, units=(EKEN, ASKEN)), invoice_ref="REF-9")

    assert (case.agent, case.order.units, case.content_version) == (AGENT, (EKEN,), 2)
    assert case.order.invoice_ref == ""
    assert (await confirm(orders, case, TODAY)).state is State.TERMINATED


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"units": (Unit("Vårdcentralen Björken"),)}, {"units": "not_connected"}),
        ({"desired_start": TODAY + YEAR + DAY}, {"desired_start": "too_far"}),
    ],
)
async def test_an_answer_ends_nothing_that_could_not_have_been_asked_for(orders, changes, fields):
    await connect(orders, units=(EKEN,))

    assert (await refused(completed(orders, await ask(orders, units=(EKEN,)), **changes)))["fields"] == fields


async def test_an_offer_that_is_no_longer_to_be_had_is_ended_all_the_same(orders, world):
    await connect(orders, units=(EKEN,))
    await world.take_out(SITHS)

    assert (await confirm(orders, await ask(orders, units=(EKEN,), terms_accepted=False), TODAY)).closed_at == NOW
