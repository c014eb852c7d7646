"""Every press that comes too late, over whole lives: by anybody, of any action, on every card that there has been.

Whoever presses hears no name and no amount of another side.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Asking,
    Engine,
    OrderError,
    Orders,
    PlaceOrder,
    Rules,
    Seen,
    Surface,
    Tier,
    all_rows,
    new_id,
)
from core.workflow.authorize import authorize
from notifications.rules.announcements import Announcements
from tests.fakes.reading import situation
from tests.fakes.store import seeded_world
from tests.lives.promises import hears_nothing_of_others
from tests.lives.test_lives import UNITS, drive
from tests.support.world import seed
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    NOW,
    OLGA,
    REGION,
    RUT,
)

YES = Answers(confirmed=True, certified=True, reason="Ryms inte", internal="Nästa år", message="Så här")
APPROVED, CLAIMED, ANSWERED = (HELENA, Action.APPROVE), (KARIN, Action.CLAIM), (ANNA, Action.ANSWER)
AT_AGENT = (APPROVED, (AMIR, Action.ATTEST))
ATTESTED = ((CECILIA, Action.ATTEST), (BO, Action.ATTEST), CLAIMED)
INFORMED = (*AT_AGENT, *ATTESTED, (KARIN, Action.INFORM_AGENT))
ASSIGNED = (CLAIMED, (KARIN, Action.APPROVE), (AMIR, Action.ATTEST), (KARIN, Action.SEND_INSTRUCTIONS))
STEPS_ASIDE = ((HELENA, Action.HAND_OVER, ASTA), (ASTA, Action.APPROVE), (ASTA, Action.RECUSE))
SENDS_BACK = (APPROVED, (AMIR, Action.SEND_BACK), APPROVED, (AMIR, Action.REQUEST_COMPLETION), ANSWERED)
IN_EMERGENCY = ((CECILIA, Action.ATTEST), (RUT, Action.EMERGENCY_ATTEST), CLAIMED, (KALLE, Action.TAKE_OVER))
PAUSED = ((KALLE, Action.HOLD), (KALLE, Action.RESUME), (KALLE, Action.REQUEST_COMPLETION), ANSWERED)
LIFE = {
    "the agent's orderer asks and rejects": (
        seed.NPO_AGENT,
        ((HELENA, Action.REQUEST_COMPLETION), ANSWERED, (HELENA, Action.REJECT)),
    ),
    "the agent's people step aside": (seed.NPO_AGENT, (*STEPS_ASIDE, *AT_AGENT)),
    "the agent's attestants send back and reject": (seed.NPO_AGENT, (*SENDS_BACK, (ASTA, Action.REJECT))),
    "the customer asks and rejects": (
        seed.NPO_AGENT,
        (*AT_AGENT, (BO, Action.REQUEST_COMPLETION), ANSWERED, (CECILIA, Action.ATTEST), (BO, Action.REJECT)),
    ),
    "a reserve attests and customer service cancels": (
        seed.NPO_AGENT,
        (*AT_AGENT, *IN_EMERGENCY, *PAUSED, (KALLE, Action.RELEASE), CLAIMED, (KARIN, Action.CANCEL)),
    ),
    "the orderer takes it back": (seed.NPO_AGENT, (*AT_AGENT, (ANNA, Action.WITHDRAW))),
    "nobody answers": (seed.NPO_AGENT, (*AT_AGENT, *["a week"] * 9)),
    "the agent confirms": (seed.NPO_AGENT, (*INFORMED, (HELENA, Action.CONFIRM_CONNECTION))),
    "the customer confirms": (seed.NPO_AGENT, (*INFORMED, (ANNA, Action.CONFIRM_CONNECTION))),
    "customer service confirms": (seed.NPO_AGENT, (*INFORMED, (KARIN, Action.CONFIRM_CONNECTION))),
    "it never works": (seed.NPO_AGENT, (*INFORMED, (KARIN, Action.CANCEL))),
    "instructions are sent without an agent": (
        seed.NPO_KONSUMENT,
        (*ATTESTED, (KARIN, Action.SEND_INSTRUCTIONS), (KARIN, Action.SEND_AGAIN), (ANNA, Action.CONFIRM_CONNECTION)),
    ),
    "an assignment is given": (seed.ASSIGNMENT, ASSIGNED),
    "an assignment is refused": (seed.ASSIGNMENT, (CLAIMED, (KARIN, Action.REJECT))),
}


class Life:
    """One order in a world of its own, and whatever of it anybody has seen."""

    def __init__(self, offer):
        self.world, self.time = seeded_world(), NOW
        self.world.give(KALLE, INERA, "customer_service_lead", self.time)
        self.world.rules |= {REGION: Rules(tiers=(Tier(0, attests=2),))}
        self.orders = Orders(Engine(self.world, Announcements(), lambda: self.time, new_id))
        by, customer = (OLGA, AGENT) if offer == seed.ASSIGNMENT else (ANNA, REGION)
        wish = PlaceOrder(
            by=Asking(by),
            customer=customer,
            offer=offer,
            agent=AGENT if offer == seed.NPO_AGENT else None,
            key="K",
            units=() if offer == seed.ASSIGNMENT else tuple(UNITS[:1]),
            invoice_ref="REF",
            technical_contact="it@example.org",
            terms_accepted=True,
            surface=Surface.SLACK,
        )
        self.id = drive(self.orders.place(wish)).id
        self.cards = {self.seen}
        self.actions = {row.does for row in all_rows(self.case.flow)}

    @property
    def case(self):
        return self.world.cases[self.id]

    @property
    def seen(self):
        return Seen(self.case.step, self.case.content_version)

    def goes_on(self, done):
        if done == "a week":
            self.time += timedelta(days=7)
            drive(self.orders.run_clock())
        else:
            person, action, *to = done
            answers = replace(YES, to=to[0] if to else None)
            drive(self.orders.act(ActOnCase(self.id, action, Asking(person), Surface.SLACK, self.seen, answers)))
        self.cards.add(self.seen)

    def late(self):
        """What each stale press is told: by whom, and what."""
        for reader in self.world.people:
            now = situation(self.world, self.case, reader, self.time)
            for seen in self.cards - {self.seen}:
                for action in self.actions:
                    with pytest.raises(OrderError) as told:
                        authorize(now, action, seen)
                    yield reader, told.value


@pytest.mark.parametrize("name", LIFE)
def test_who_presses_too_late_hears_of_nobody_on_another_side(name):
    offer, course = LIFE[name]
    life, named = Life(offer), 0
    for done in course:
        life.goes_on(done)
        for reader, told in life.late():
            hears_nothing_of_others(life.world, life.case, reader, told, life.time)
            named += bool(told.facts.get("person"))

    # A scan in which nobody is named does not pass.
    assert named
