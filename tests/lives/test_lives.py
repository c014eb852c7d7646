"""Any people pressing any buttons in any order, stale or not; what always holds, written apart from the tables."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Identity,
    OrderError,
    Orders,
    PlaceOrder,
    Role,
    Seen,
    State,
    Surface,
    Unit,
    new_id,
)
from notifications.announcements import Announcements
from tests import seed
from tests.fakes.store import seeded_world

CLOSED = {"instructions_sent", "agent_informed", "rejected", "withdrawn", "expired"}
EVERYBODY = [each[0] for each in seed.PEOPLE]
CUSTOMERS = [seed.REGION, seed.CLINIC, seed.AGENT]
ANSWERS = Answers(confirmed=True, certified=True, reason="Ryms inte", internal="Vi tar det nästa år", message="Så här")


def has(world, person, organisation, role):
    return (person, organisation, Role(role)) in world.roles


class Lives(RuleBasedStateMachine):
    """One world, many orders. Time is a fake clock; every step may be refused, and a refusal changes nothing."""

    def __init__(self):
        super().__init__()
        self.world = seeded_world()
        self.time = seed.NOW
        self.orders = Orders(self.world, Announcements(), lambda: self.time, new_id)
        self.closed = {}
        self.keys = 0

    @rule(
        person=st.sampled_from(EVERYBODY),
        customer=st.sampled_from(CUSTOMERS),
        offer=st.sampled_from(seed.OFFERS),
        agent=st.sampled_from([None, seed.AGENT, seed.REGION]),
        unit=st.integers(1, 9),
    )
    def order(self, person, customer, offer, agent, unit):
        self.keys += 1
        wish = PlaceOrder(
            by=self._account(person),
            customer=customer,
            offer=offer[0],
            agent=agent,
            key=f"V{self.keys}",
            units=(Unit(f"Enhet {unit}"),),
            invoice_ref="REF",
            technical_contact="it@example.org",
            terms_accepted=True,
            surface=Surface.SLACK,
        )
        self._try(self.orders.place(wish), lambda: self._check_placed(wish, person))

    @precondition(lambda self: self.world.cases)
    @rule(
        data=st.data(),
        person=st.sampled_from(EVERYBODY),
        action=st.sampled_from(list(Action)),
        age=st.sampled_from([0, 0, 0, 1, 2]),
        attestant=st.sampled_from([None, seed.AMIR, seed.ASTA]),
    )
    def press(self, data, person, action, age, attestant):
        case = self.world.cases[data.draw(st.sampled_from(sorted(self.world.cases)))]
        step = max(case.step - age, 0)
        answers = Answers(**vars(ANSWERS) | {"attestant": attestant})
        command = ActOnCase(case.id, action, self._account(person), Surface.SLACK, Seen(step, 1), answers)
        self._try(self.orders.act(command), lambda: self._check_decision(case, person, step))

    @rule(days=st.integers(1, 60))
    def time_passes(self, days):
        self.time += timedelta(days=days)
        before = dict(self.world.cases)
        drive(self.orders.run_clock())
        for case in self.world.cases.values():
            if case != before[case.id]:
                assert case.state in {State.EXPIRED, State.AWAITING_CUSTOMER_SERVICE}

    @rule(index=st.integers(0, 20))
    def somebody_loses_a_role(self, index):
        if len(self.world.roles) > 4:
            self.world.roles.pop(index % len(self.world.roles))

    @rule(
        person=st.sampled_from(EVERYBODY),
        organisation=st.sampled_from([seed.REGION, seed.AGENT]),
        role=st.sampled_from(["orderer", "attestant", "agent_handler"]),
    )
    def somebody_gets_a_role(self, person, organisation, role):
        entry = (person, organisation, Role(role))
        if entry not in self.world.roles:
            self.world.roles.append(entry)

    def _account(self, person):
        return Identity(seed.TEAM, seed.slack_user(person))

    def _try(self, work, check):
        before = (dict(self.world.cases), list(self.world.history), dict(self.world.cards))
        try:
            drive(work)
        except OrderError:
            assert before == (self.world.cases, self.world.history, self.world.cards), "a refusal changed something"
        else:
            assert len(self.world.history) == len(before[1]) + 1
            check()

    def _check_placed(self, wish, person):
        event = self.world.history[-1].event
        assert has(self.world, person, wish.customer, "orderer")
        assert event.after.agent != wish.customer
        via_agent = wish.offer == seed.NPO_AGENT
        assert event.after.state == ("awaiting_agent_approval" if via_agent else "awaiting_customer_attest")

    def _check_decision(self, before, person, step):
        change = self.world.history[-1]
        decision, after = change.event.decision, change.event.after
        assert before.state not in CLOSED, "a closed order moved"
        assert step == before.step, "a stale button counted"
        assert after.revision == before.revision + 1
        self._check_authority(decision, after, person)

    def _check_authority(self, decision, case, person):
        world, action = self.world, decision.action
        if action == "attest" and decision.state == "awaiting_customer_attest":
            assert has(world, person, case.customer, "attestant")
            assert person != case.orderer
        elif action == "attest":
            assert has(world, person, case.agent, "attestant")
            assert person not in {each.person for each in case.decisions if each.action == "approve"}
            assert case.chosen_attestant in {None, person}
        elif action == "approve":
            assert has(world, person, case.agent, "agent_handler")
        elif action == "withdraw":
            assert person == case.orderer
        elif action == "reject":
            assert decision.reason
        else:
            assert has(world, person, seed.INERA, "customer_service")

    @invariant()
    def closed_orders_stay_closed(self):
        for case in self.world.cases.values():
            if case.id in self.closed:
                assert case == self.closed[case.id]
            elif case.state in CLOSED:
                assert case.closed_at is not None
                self.closed[case.id] = case

    @invariant()
    def nobody_acts_for_both_sides(self):
        for case in self.world.cases.values():
            customers = {case.orderer} | {
                d.person for d in case.decisions if d.part in {"orderer", "customer_attestant"}
            }
            agents = {d.person for d in case.decisions if d.part in {"agent_handler", "agent_attestant"}}
            assert not customers & agents

    @invariant()
    def one_decision_a_step_and_none_by_the_clock_but_expiry(self):
        for case in self.world.cases.values():
            steps = [each.step for each in case.decisions]
            assert steps == sorted(set(steps))
            assert all(each.action == "expire" for each in case.decisions if each.person is None)

    @invariant()
    def inera_and_the_customers_attestant_hear_nothing_too_early(self):
        for card in self.world.cards.values():
            done = [(each.action, each.state) for each in self.world.cases[card.case].decisions]
            if card.kind == "customer_service":
                assert ("attest", "awaiting_customer_attest") in done
            if card.kind == "customer_attest" and self.world.cases[card.case].agent:
                assert ("attest", "awaiting_agent_attest") in done

    @invariant()
    def whoever_is_asked_may_answer_as_long_as_the_role_lasts(self):
        for card in self.world.cards.values():
            case = self.world.cases[card.case]
            if card.kind == "customer_attest":
                assert card.person != case.orderer

    @invariant()
    def each_history_line_raises_the_revision_by_one(self):
        for case in self.world.cases.values():
            lines = [change.event.after.revision for change in self.world.history if change.event.after.id == case.id]
            assert lines == list(range(1, case.revision + 1))

    @invariant()
    def every_open_order_has_a_due_time_and_every_closed_one_has_none(self):
        for case in self.world.cases.values():
            assert (case.due_at is None) == (case.state in CLOSED)


def drive(work):
    """Run a coroutine of the fake world, which never really waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the fake world waited for something")


Lives.TestCase.settings = settings(stateful_step_count=40)
TestLives = Lives.TestCase
