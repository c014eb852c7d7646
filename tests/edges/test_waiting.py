"""What people hear of an order that waits, to the minute, whatever the calendar: cases 12, 46 and 48.

Each scenario of `waiting.yaml` is played by a clock that stands still until something is to happen.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from core.api import Action, Asking, Language, Part, PersonId, Side, State, Tier
from core.shared import errors
from core.shared.working_days import STOCKHOLM
from core.storage import tables
from notifications.texts import when
from tests.edges.portal import Portal, revision, via_agent
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    ERIK,
    HELENA,
    KARIN,
    REGION,
)

SCENARIOS = yaml.safe_load(Path(__file__).with_name("waiting.yaml").read_text("utf-8"))
ORGANISATIONS = {"region": REGION, "agent": AGENT}
DECLARED = {"reminds": "reminder_days", "reminds_at": "reminder_hour"}
HALF_AN_HOUR = timedelta(minutes=30)
# What is answered where more than a press is asked.
ANSWERS = {
    Action.ATTEST: {"confirmed": True},
    Action.WITHDRAW: {"confirmed": True},
    Action.REQUEST_COMPLETION: {"message": "Vilken enhet gäller det?"},
    Action.HOLD: {"reason": "Vi väntar på besked."},
}


@dataclass
class Scenario:
    """An order, and what is done and heard of it."""

    portal: Portal
    ticks: bool = True

    async def play(self, told):
        """Everything that is heard of the order after it was placed: when, which message, and who."""
        self.portal.clock.at = at(told["placed"])
        for does, what in DECLARED.items():
            for name, number in told.get(does, {}).items():
                await self.portal.declare(ORGANISATIONS[name], **{what: number})
        if "attests" in told:
            await self.portal.tiers(REGION, Tier(0, attests=told["attests"]))
        if "sequence" in told:
            in_turn = tuple(PersonId(f"P-{each}") for each in told["sequence"])
            await self.portal.tiers(REGION, Tier(0, sequence=in_turn))
        case = await self.portal.place(**(via_agent() if told["way"] == "via_agent" else {}))
        seen = await self.cards(case)
        heard, steps, until = [], [step.split() for step in told.get("does", ())], at(told["until"])
        while self.portal.clock() < until:
            self.portal.clock.at = min(await self.next(case, steps), until)
            while steps and at(" ".join(steps[0][:2])) <= self.portal.clock():
                await self.do(case, *steps.pop(0)[2:])
            if self.ticks:
                await self.portal.tick()
            cards = await self.cards(case)
            heard += self.said(cards.keys() - seen.keys(), cards)
            seen = cards
        return heard

    async def next(self, case, steps):
        """When something happens next: a step, or the clock, which looks again while it may not do what is due."""
        now, due = self.portal.clock(), (await self.portal.now(case)).due_at
        ticks = [max(due, now + HALF_AN_HOUR)] if due and self.ticks else []
        return min([*ticks, *(at(" ".join(step[:2])) for step in steps[:1]), now + timedelta(days=200)])

    async def do(self, case, who, does, to=None):
        """Somebody does something, or the clock stops."""
        if who == "clock":
            self.ticks = does == "starts"
            return
        case, person = await self.portal.now(case), PersonId(f"P-{who}")
        if does == "agreement_ends":
            await self.portal.end_agreement(REGION)
        elif does in DECLARED:
            await self.portal.declare(ORGANISATIONS[who], **{DECLARED[does]: int(to)})
        elif does == "may_not":
            with pytest.raises(errors.RemindedLately):
                await self.portal.press(case, person, Action(to))
        elif does == "substitute":
            await self.portal.substitute(person, PersonId(f"P-{to}"), days=300)
        elif does == "approve":
            await self.portal.approve(case, person, PersonId(f"P-{to}"))
        elif does == "answer":
            await self.portal.press(case, person, Action.ANSWER, message="Den i norr.", revision=revision(case))
        else:
            handed = {"to": PersonId(f"P-{to}")} if to else {}
            await self.portal.press(case, person, Action(does), **ANSWERS.get(Action(does), {}), **handed)

    async def cards(self, case):
        """Every card of the order."""
        cards = tables.cards.c
        query = select(cards.id, cards.kind, cards.person_id).where(cards.case_id == case.id)
        found = await self.portal.database.read(lambda connection: connection.execute(query).all())
        return {row.id: (row.kind, (row.person_id or "channel").removeprefix("P-")) for row in found}

    def said(self, new, cards):
        """New cards, as a scenario writes them."""
        when = self.portal.clock().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
        kinds = {kind: sorted(cards[each][1] for each in new if cards[each][0] == kind) for kind, _ in cards.values()}
        order = sorted(kind for kind, to in kinds.items() if to)
        return [f"{when} {kind} {', '.join(sorted(kinds[kind], key=_channel_first))}" for kind in order]


def _channel_first(name):
    return name != "channel", name


def at(written):
    """An instant by Swedish clocks."""
    return datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize("told", SCENARIOS, ids=[each["title"] for each in SCENARIOS])
async def test_of_an_order_that_waits_people_hear_exactly_this(portal, told):
    assert await Scenario(portal).play(told) == told["messages"]


async def test_what_waits_says_when_it_is_reminded_of_by_the_hour_that_its_organisation_had(portal):
    await portal.declare(REGION, reminder_hour=14)
    case = await portal.place()
    await portal.declare(REGION, reminder_hour=16)

    views = [await portal.view(case, side) for side in (Side.CUSTOMER, Side.INERA)]

    assert {when(Language.SV, view.reminds_at) for view in views} == {"27\u00a0november\u00a02026\u00a0kl.\u00a014.00"}


async def test_whoever_ordered_reminds_once_on_a_working_day_and_nobody_else_does(portal):
    # The clock's first reminder is the Tuesday's.
    await portal.declare(REGION, reminder_days=4)
    case = await portal.place()
    with pytest.raises(errors.RemindedLately) as asked_today:
        await portal.press(case, ANNA, Action.REMIND_NOW)
    # A Friday, and the Saturday after it.
    portal.clock.forward(days=2)
    with pytest.raises(errors.NotYourOrder):
        await portal.press(case, CECILIA, Action.REMIND_NOW)

    reminded = await portal.press(case, ANNA, Action.REMIND_NOW)
    portal.clock.forward(days=1)
    with pytest.raises(errors.RemindedLately) as reminded_today:
        await portal.press(case, ANNA, Action.REMIND_NOW)

    assert [each.value.facts["from_day"] for each in (asked_today, reminded_today)] == [
        date(2026, 11, 26),
        date(2026, 11, 30),
    ]
    assert (reminded.step, reminded.due_at, reminded.asked) == (case.step, case.due_at, case.asked)
    assert await portal.told(case, "reminder") == {BO, CECILIA}
    assert (await portal.history(case))[-1] == ("remind_now", ANNA)


async def test_nobody_is_reminded_of_an_order_that_nobody_may_decide(portal):
    case = await portal.place()
    portal.clock.forward(days=1)
    await portal.end_agreement(REGION)
    await portal.tick()

    with pytest.raises(errors.Stopped):
        await portal.press(case, ANNA, Action.REMIND_NOW)
    assert await portal.told(case, "reminder") == set()


async def test_nobody_keeps_an_order_before_being_asked_and_only_whoever_ordered_does(portal):
    case = await portal.place()
    with pytest.raises(errors.ActionNotPossible):
        await portal.press(case, ANNA, Action.KEEP)
    for _ in range(4):
        portal.clock.at = (await portal.now(case)).due_at
        await portal.tick()
    ends = (await portal.now(case)).due_at
    with pytest.raises(errors.NotYourOrder):
        await portal.press(case, CECILIA, Action.KEEP)

    kept = await portal.press(case, ANNA, Action.KEEP)

    assert (kept.state, kept.step, kept.due_at < ends) == (State.AWAITING_CUSTOMER_ATTEST, case.step, True)
    with pytest.raises(errors.ActionNotPossible):
        await portal.press(case, ANNA, Action.KEEP)
    # Whoever was asked answers by the card that was there from the beginning.
    assert (await portal.attest(case, BO)).state is State.AWAITING_CUSTOMER_SERVICE


async def waits(portal, case, *people):
    """As what an order stands in the list of what waits for each of some people, None where it does not."""
    found = {each: await portal.queries.waiting_for(Asking(each), portal.clock(), 9) for each in people}
    return [next((row.part for row in rows if row.case == case.id), None) for rows in found.values()]


async def until_asked_to_keep(portal, case, orderer):
    """The order when the clock has asked whoever ordered whether to keep it, for whom it has not waited before."""
    while not (await portal.now(case)).wait.asks_to_keep:
        assert Part.ORDERER not in await waits(portal, case, orderer)
        portal.clock.at = (await portal.now(case)).due_at
        await portal.tick()
    assert await portal.told(case, "keep_or_withdraw") == {orderer}
    return await portal.now(case)


ENDS = {
    "kept": (ANNA, Action.KEEP, {}),
    "taken back": (ANNA, Action.WITHDRAW, {"confirmed": True}),
    "attested": (BO, Action.ATTEST, {"confirmed": True}),
    "rejected": (BO, Action.REJECT, {"reason": "Ryms inte i budgeten"}),
    "handed over": (BO, Action.HAND_OVER, {"to": CECILIA}),
    "expired": None,
}


@pytest.mark.parametrize("ends", ENDS)
async def test_an_order_stands_among_what_waits_for_whoever_is_asked_to_keep_it_until_that_is_over(portal, ends):
    case = await until_asked_to_keep(portal, await portal.place(), ANNA)
    # Bo and Cecilia may attest it, and whether it is kept is asked of nobody but Anna, though Cecilia orders as well.
    assert await waits(portal, case, ANNA, BO, CECILIA) == [Part.ORDERER, *[Part.CUSTOMER_ATTESTANT] * 2]
    assert await waits(portal, case, ERIK, ADA, KARIN) == [None] * 3

    if ENDS[ends] is None:
        portal.clock.at = case.due_at
        await portal.tick()
    else:
        person, action, answers = ENDS[ends]
        await portal.press(case, person, action, **answers)

    assert await waits(portal, case, ANNA) == [None]


async def test_what_somebody_may_attest_and_is_asked_to_keep_waits_for_the_attest(portal):
    await portal.declare(CLINIC, self_attest_allowed=True)
    case = await until_asked_to_keep(portal, await portal.place(DAVID, customer=CLINIC), DAVID)

    assert await waits(portal, case, DAVID) == [Part.CUSTOMER_ATTESTANT]


async def test_where_the_orderer_has_left_it_waits_for_another_who_has_left_the_step_to_a_colleague(portal):
    case = await portal.place()
    await portal.leave(ANNA)
    case = await portal.press(case, CECILIA, Action.HAND_OVER, to=BO)
    left = await waits(portal, case, CECILIA, BO)

    case = await until_asked_to_keep(portal, case, CECILIA)

    assert left == [None, Part.CUSTOMER_ATTESTANT]
    assert await waits(portal, case, ANNA, CECILIA, BO) == [None, Part.ORDERER, Part.CUSTOMER_ATTESTANT]


async def test_while_the_agent_is_waited_for_the_customers_orderer_is_asked_and_the_agents_people_are_not(portal):
    case = await until_asked_to_keep(portal, await portal.place(**via_agent()), ANNA)

    assert await waits(portal, case, ANNA, HELENA, AMIR, BO) == [Part.ORDERER, Part.AGENT_HANDLER, None, None]
