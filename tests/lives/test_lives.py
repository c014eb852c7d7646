"""Any people pressing any buttons in any order, stale or not, while everything around them changes as in life."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.api import (
    Action,
    ActOnCase,
    AgreementType,
    Answers,
    Engine,
    Identity,
    OrderError,
    Orders,
    PlaceOrder,
    Revision,
    Rules,
    Seen,
    Surface,
    Tier,
    Unit,
    new_id,
)
from notifications.rules.announcements import Announcements
from tests.fakes.store import seeded_world
from tests.lives.able import DECIDERS, able
from tests.lives.promises import CARRIED_OUT, CLOSED, hears_nothing_of_others, keeps_its_promises
from tests.lives.replayed import Replayed, rights_of
from tests.support.machines.large import IN_CI, at_night
from tests.support.world import seed
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    ERIK,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    OLGA,
    REGION,
    RUT,
    SARA,
)

EVERYBODY = [each[0] for each in seed.PEOPLE]
DECIDING = [ANNA, BO, CECILIA, ERIK, RUT, SARA, HELENA, AMIR, ASTA]
SERVICE = [KARIN, KALLE]
YES = {
    "awaiting_agent_approval": Action.APPROVE,
    "awaiting_agent_attest": Action.ATTEST,
    "awaiting_customer_attest": Action.ATTEST,
    "completion_requested": Action.ANSWER,
    "agent_informed": Action.CONFIRM_CONNECTION,
    "instructions_sent": Action.CONFIRM_CONNECTION,
}
AT_SERVICE = {"awaiting_customer_service", "awaiting_review", *CARRIED_OUT}
AT_INERA = {"awaiting_customer_service", "awaiting_review"}
# Offers without care units.
WHOLE = {seed.SITHS, seed.ASSIGNMENT}
ROUTES = [(ANNA, REGION, seed.NPO_KONSUMENT, None), (ANNA, REGION, seed.NPO_AGENT, AGENT)]
ROUTES += [ROUTES[1], (OLGA, AGENT, seed.ASSIGNMENT, None)]
ROLES = [
    (REGION, "attestant"),
    (AGENT, "agent_handler"),
    (AGENT, "attestant"),
    (REGION, "emergency_attestant"),
    (AGENT, "emergency_attestant"),
    (REGION, "orderer"),
]
AWAY = [
    (BO, SARA, REGION, "attestant"),
    (CECILIA, ANNA, REGION, "attestant"),
    (BO, CECILIA, REGION, "attestant"),
    (CECILIA, HELENA, REGION, "attestant"),
    (HELENA, AMIR, AGENT, "agent_handler"),
    (AMIR, HELENA, AGENT, "attestant"),
    (ASTA, SARA, AGENT, "attestant"),
    (RUT, SARA, REGION, "emergency_attestant"),
]
DECLARED = [
    Rules(),
    Rules(tiers=(Tier(0, attests=2),)),
    Rules(tiers=(Tier(0), Tier(200_000, attests=2))),
    Rules(tiers=(Tier(0, sequence=(CECILIA, BO)),)),
    Rules(tiers=(Tier(0, attests=2, sequence=(AMIR,)),)),
    Rules(self_attest_allowed=True),
    Rules(eid_from_ore=1),
]
AGREEMENTS = [(REGION, AgreementType.KUNDAVTAL), (AGENT, AgreementType.AGENTAVTAL)]
WORDS = Answers(confirmed=True, certified=True, reason="Ryms inte", internal="Vi tar det nästa år", message="Så här")
UNITS = [Unit(f"Enhet {number}") for number in range(4)]
WHICH = st.integers(0, 9)


def _added(action):
    return {"comment": "Gärna i maj"} if action in {Action.ATTEST, Action.APPROVE} else {}


def one_of(*values):
    return st.sampled_from(values)


class Lives(RuleBasedStateMachine):
    """One world, some orders. Every press may be refused, and a refusal changes nothing and tells nobody."""

    def __init__(self):
        super().__init__()
        self.world = seeded_world()
        self.time = seed.NOW
        self.world.give(KALLE, INERA, "customer_service_lead", self.time)
        self.orders = Orders(Engine(self.world, Announcements(), lambda: self.time, new_id))
        self.opened = []
        self.checked = 0
        self.replayed = Replayed()

    @initialize(
        route=st.sampled_from(ROUTES),
        away=st.sampled_from([None, None, *AWAY]),
        customer=st.sampled_from(DECLARED[:4]),
        agent=st.sampled_from(DECLARED[:2]),
        far=st.integers(0, 6),
        question=st.booleans(),
    )
    def once_upon_a_time(self, route, away, customer, agent, far, question):
        self.world.rules |= {REGION: customer, AGENT: agent}
        if away is not None:
            self.world.substitute(*away, self.time, self.time + timedelta(days=40))
        self._place(*route, 0)
        for who in range(far):
            self._say_yes(0, who)
        case = self._case(0, {*DECIDERS, *AT_INERA})
        if question and case is not None:
            self._act(self._command(case, self._asked(case, 0), Action.REQUEST_COMPLETION))

    # --- people order and press

    @rule(
        person=one_of(ANNA, CECILIA, DAVID, HELENA, OLGA),
        customer=one_of(REGION, REGION, CLINIC, AGENT),
        offer=one_of(seed.SITHS, seed.NPO_AGENT, seed.NPO_AGENT, seed.NPO_KONSUMENT, seed.ASSIGNMENT),
        agent=one_of(None, AGENT, AGENT, REGION),
        unit=st.integers(0, 3),
    )
    def somebody_orders(self, person, customer, offer, agent, unit):
        self._place(person, customer, offer, agent if offer not in WHOLE else None, unit)

    @rule(
        which=WHICH, person=st.sampled_from(EVERYBODY), action=st.sampled_from(list(Action)), age=one_of(0, 0, 0, 1, 2)
    )
    def anybody_presses_anything(self, which, person, action, age):
        case = self._case(which)
        seen = Seen(max(case.step - age, 0), case.content_version)
        self._act(self._command(case, person, action, seen=seen))

    @rule(which=WHICH, person=st.sampled_from(EVERYBODY), age=one_of(0, 0, 1, 2))
    def anybody_says_yes_to_an_old_card_or_a_new_one(self, which, person, age):
        case = self._case(which)
        seen = Seen(max(case.step - age, 0), case.content_version)
        self._act(self._command(case, person, self._yes(case), seen=seen))

    @rule(which=WHICH, who=WHICH)
    def somebody_says_yes(self, which, who):
        self._say_yes(which, who)

    @rule(which=WHICH, who=WHICH)
    def somebody_else_says_yes(self, which, who):
        self._say_yes(which, who)

    @rule(which=WHICH, who=WHICH, chosen=one_of(None, None, AMIR, ASTA))
    def the_next_one_says_yes(self, which, who, chosen):
        self._say_yes(which, who, attestant=chosen)

    @rule(
        which=WHICH,
        who=WHICH,
        action=one_of(Action.REQUEST_COMPLETION, Action.HAND_OVER, Action.RECUSE, Action.SEND_BACK, Action.REJECT),
        to=WHICH,
    )
    def somebody_asked_does_something_else(self, which, who, action, to):
        case = self._case(which, DECIDERS)
        if case is not None:
            colleagues = [*able(self.world, case, self.time), ANNA]
            self._act(self._command(case, self._asked(case, who), action, to=colleagues[to % len(colleagues)]))

    @rule(which=WHICH)
    def whoever_approved_for_the_agent_declares_jav(self, which):
        case = self._case(which, {"awaiting_agent_attest"})
        if case is not None:
            approval = next(each for each in reversed(case.decisions) if each.action is Action.APPROVE)
            self._act(self._command(case, approval.absent or approval.person, Action.RECUSE))

    @rule(which=WHICH, person=one_of(RUT, RUT, SARA, *DECIDING))
    def a_reserve_attests(self, which, person):
        case = self._case(which, DECIDERS)
        if case is not None:
            self._act(self._command(case, person, Action.EMERGENCY_ATTEST))

    @rule(
        which=WHICH,
        action=one_of(
            *(Action.REQUEST_COMPLETION, Action.HOLD, Action.RELEASE, Action.CANCEL, Action.SEND_AGAIN, Action.REJECT),
            *(Action.TAKE_OVER, Action.RECUSE),
        ),
        to=one_of(None, ANNA, CECILIA, HELENA),
    )
    def customer_service_does_something_else(self, which, action, to):
        case = self._case(which, AT_SERVICE)
        if case is not None:
            wanted = Action.RESUME if case.hold and action is Action.HOLD else action
            by = KALLE if wanted is Action.TAKE_OVER else case.claimed_by or KARIN
            self._act(self._command(case, by, wanted, to=to))

    @rule(which=WHICH, person=one_of(ANNA, ANNA, CECILIA, HELENA, HELENA, ASTA, KARIN, KALLE, BO))
    def somebody_says_that_it_works(self, which, person):
        case = self._case(which, CARRIED_OUT)
        if case is not None:
            self._act(self._command(case, person, Action.CONFIRM_CONNECTION))

    @rule(
        which=WHICH,
        person=one_of(ANNA, ANNA, CECILIA, OLGA),
        change=one_of("same", "comment", "units", "invoice", "agent"),
    )
    def an_orderer_changes_the_order(self, which, person, change):
        case = self._case(which, {"completion_requested"})
        if case is not None:
            self._act(self._command(case, person, Action.ANSWER, revision=_revision(case, change)))

    @rule(which=WHICH, person=one_of(ANNA, ANNA, CECILIA, OLGA))
    def an_orderer_withdraws(self, which, person):
        if which > 6:
            self._act(self._command(self._case(which), person, Action.WITHDRAW))

    @rule(which=WHICH, person=one_of(ANNA, ANNA, CECILIA, OLGA))
    def an_orderer_reminds(self, which, person):
        case = self._case(which, set(DECIDERS))
        if case is not None:
            self._act(self._command(case, person, Action.REMIND_NOW))

    # --- a modal is open while the world changes

    @rule(which=WHICH, who=WHICH)
    def somebody_opens_a_modal(self, which, who):
        case = self._case(which)
        self.opened.append(self._command(case, self._asked(case, who), self._yes(case)))

    @precondition(lambda self: self.opened)
    @rule()
    def and_sends_it(self):
        self._act(self.opened.pop(0))

    # --- time passes, and what is around the orders changes

    @rule(hours=one_of(0, 0, 1, 30, 24 * 50))
    def the_clock_ticks(self, hours):
        self.time += timedelta(hours=hours)
        drive(self.orders.run_clock())
        self._check_what_is_new()

    @rule(
        person=st.sampled_from(DECIDING),
        held=st.sampled_from(ROLES),
        limit=one_of(None, None, 100_000, 200_000),
        service=one_of(None, None, "npo", "siths"),
    )
    def somebody_gets_a_role_or_another_limit(self, person, held, limit, service):
        scope = {} if held[1] == "orderer" else {"service": service}
        attests = "attestant" in held[1]
        self.world.give(person, *held, self.time, limit_ore=limit if attests else None, **scope)

    @precondition(lambda self: self.world.roles)
    @rule(index=st.integers(0, 20), how=one_of("role", "role", "leaves", "returns"))
    def somebody_is_gone(self, index, how):
        gone = self.world.roles[index % len(self.world.roles)]
        if how == "role" and len(self.world.roles) > 6:
            self.world.take(gone.person, gone.organisation, gone.role, self.time)
        else:
            self.world.leave(gone.person, self.time)
            if how == "returns":
                self.world.people[gone.person] = replace(self.world.people[gone.person], active=True)

    @rule(away=st.sampled_from(AWAY), starts=one_of(0, 1), lasts=one_of(1, 20))
    def somebody_is_away(self, away, starts, lasts):
        start = self.time + timedelta(days=starts)
        self.world.substitute(*away, start, start + timedelta(days=lasts))

    @rule(
        where=one_of(REGION, AGENT),
        rules=st.sampled_from(DECLARED),
        agreement=st.sampled_from([None, None, *AGREEMENTS]),
    )
    def an_organisation_declares_or_agrees_otherwise(self, where, rules, agreement):
        if agreement is not None:
            self.world.agreements ^= {agreement}
            where = agreement[0]
        else:
            self.world.rules[where] = rules
        self.world.reviews.append((where, self.time))

    @rule(
        offer=one_of(seed.NPO_KONSUMENT, seed.NPO_AGENT, seed.ASSIGNMENT),
        payer=one_of("customer", "agent"),
        more=one_of(0, 1_000, 1_000),
    )
    def a_price_changes(self, offer, payer, more):
        terms = self.world.offers[offer]
        changed = [replace(each, amount_ore=each.amount_ore + more * (each.payer == payer)) for each in terms.prices]
        self.world.offers[offer] = replace(terms, prices=tuple(changed))
        self.world.reviews.append((offer, self.time))

    # --- what always holds

    @invariant()
    def an_open_order_is_the_only_one_for_its_units(self):
        taken = [
            (case.customer, case.order.offer, unit)
            for case in self.world.cases.values()
            if case.state not in CLOSED | CARRIED_OUT
            for unit in case.order.units
        ]
        assert len(set(taken)) == len(taken)

    @invariant()
    def an_agent_conveys_what_customer_service_has_sent_instructions_for(self):
        events = [change.event for change in self.world.history]
        sent = {
            (each.after.customer, self.world.offers[each.after.order.offer].service)
            for each in events
            if each.after.flow == "agent_assignment" and each.decision.action == "send_instructions"
        }
        assert self.world.assignments == {(AGENT, "npo"), *sent}

    # --- helpers

    def _case(self, which, states=None):
        """One of the three newest orders, or of those in some states; None where there is none."""
        found = [case for case in self.world.cases.values() if states is None or case.state in states]
        return found[-1 - which % min(len(found), 3)] if found else None

    def _asked(self, case, who):
        if case.asked:
            return case.asked[who % len(case.asked)].person
        return case.claimed_by or (SERVICE[who % 2] if case.state in AT_SERVICE else ANNA)

    def _yes(self, case):
        if case.state not in AT_INERA:
            return YES.get(case.state, Action.SEND_AGAIN)
        if case.claimed_by is None:
            return Action.CLAIM
        if case.state == "awaiting_review":
            return Action.APPROVE
        return Action.INFORM_AGENT if case.flow == "via_agent" else Action.SEND_INSTRUCTIONS

    def _say_yes(self, which, who, **answers):
        case = self._case(which, {*YES, *AT_INERA})
        if case is not None:
            self._act(self._command(case, self._asked(case, who), self._yes(case), **answers))

    def _command(self, case, person, action, *, seen=None, **answers):
        seen = seen or Seen(case.step, case.content_version)
        return ActOnCase(
            case.id, action, _account(person), Surface.SLACK, seen, replace(WORDS, **_added(action) | answers)
        )

    def _place(self, person, customer, offer, agent, unit):
        wish = PlaceOrder(
            by=_account(person),
            customer=customer,
            offer=offer,
            agent=agent,
            key=new_id("K"),
            units=tuple(UNITS[unit : unit + 2]) if offer not in WHOLE else (),
            invoice_ref="REF",
            technical_contact="it@example.org",
            terms_accepted=True,
            surface=Surface.SLACK,
        )
        self._try(self.orders.place(wish))

    def _act(self, command):
        before = self.world.cases[command.case]
        told = self._try(self.orders.act(command))
        if told is None:
            assert command.seen == Seen(before.step, before.content_version), "a stale button counted"
        else:
            reader, named = self.world.identities[command.by], {command.answers.to, command.answers.attestant}
            hears_nothing_of_others(self.world, before, reader, told, self.time, named)

    def _try(self, work):
        before = (dict(self.world.cases), len(self.world.history), dict(self.world.cards))
        try:
            drive(work)
        except OrderError as told:
            after = (self.world.cases, len(self.world.history), self.world.cards)
            assert before == after, "a refusal changed something"
            return told
        assert len(self.world.history) == before[1] + 1
        self._check_what_is_new()
        return None

    def _check_what_is_new(self):
        for change in self.world.history[self.checked :]:
            keeps_its_promises(self.world, change, self.time)
            rights = rights_of(self.world, self.time)
            told = self.replayed.differences(change, change.event.after, rights)
            assert told == [], "a life is another by its history"
        self.checked = len(self.world.history)


def _account(person):
    return Identity(seed.TEAM, seed.slack_user(person))


def _revision(case, change):
    order = case.order
    same = Revision(
        units=order.units,
        invoice_ref=order.invoice_ref,
        agent=case.agent or order.named_agent,
        desired_start=order.desired_start,
        technical_contact=order.technical_contact,
        comment=order.comment,
    )
    changes = {
        "same": {},
        "comment": {"comment": f"{order.comment}!"},
        "units": {"units": tuple(UNITS[2:]) if order.units else ()},
        "invoice": {"invoice_ref": f"{order.invoice_ref}1"},
        "agent": {"agent": AGENT if case.agent is None else REGION},
    }
    return replace(same, **changes[change])


def drive(work):
    """Run a coroutine of the fake world, which never really waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the fake world waited for something")


Lives.TestCase.settings = settings(max_examples=at_night(2_000, 300 if IN_CI else 50), stateful_step_count=40)
TestLives = Lives.TestCase
