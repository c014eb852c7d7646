"""The table of who may do what, run over the pages: everybody, in every state that waits, and every action there is.

What is expected is the domain's own answer, written by hand in tests/rules/who_may.py.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.acts.orders.decisions import AT_ONCE
from bot.forms.orders.modals import MODALS, modal_of
from core.api import FLOWS, Action, Asking, Case, Flow, Part, PersonId, PlaceOrder, Side, Surface, Unit
from core.http import status_of
from core.shared import errors
from notifications.render import button_values
from notifications.render.button_values import NO_CARD, Pointer
from tests.flow.office import today
from tests.rules.who_may import ANOTHER, HATS, KNOW_NOTHING, ME, Cell, Hat, expected
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    BO,
    CECILIA,
    ERIK,
    HELENA,
    INERA,
    KARIN,
    NPO_AGENT,
    OLGA,
    PEOPLE,
    REGION,
    SITHS,
)
from tests.web.desk import Desk
from tests.web.working import Work, working

YES, WORDS = {"confirmed": True}, {"message": "Vilken enhet?"}
ATTESTED = ((BO, Action.ATTEST, YES),)
TAKEN = (*ATTESTED, (KARIN, Action.CLAIM, {}))
APPROVED = ((HELENA, Action.APPROVE, {"certified": True}),)
BY_AGENT = (*APPROVED, (AMIR, Action.ATTEST, YES))
AT_SERVICE = (*BY_AGENT, *ATTESTED)
REVIEWED = ((KARIN, Action.CLAIM, {}),)
# What has been done to an order, by whom: one for each way to wait, or to be over.
SITUATIONS = {
    "to be attested": (Flow.DIRECT, ()),
    "asked by an attestant": (Flow.DIRECT, ((BO, Action.REQUEST_COMPLETION, WORDS),)),
    "at customer service": (Flow.DIRECT, ATTESTED),
    "taken": (Flow.DIRECT, TAKEN),
    "paused": (Flow.DIRECT, (*TAKEN, (KARIN, Action.HOLD, {"reason": "Väntar"}))),
    "asked by customer service": (Flow.DIRECT, (*TAKEN, (KARIN, Action.REQUEST_COMPLETION, WORDS))),
    "instructions sent": (Flow.DIRECT, (*TAKEN, (KARIN, Action.SEND_INSTRUCTIONS, WORDS))),
    "rejected": (Flow.DIRECT, ((BO, Action.REJECT, {"reason": "Nej", "reason_code": "other"}),)),
    "to be approved": (Flow.VIA_AGENT, ()),
    "approved": (Flow.VIA_AGENT, APPROVED),
    "attested by the agent": (Flow.VIA_AGENT, BY_AGENT),
    "agent to be informed": (Flow.VIA_AGENT, (*AT_SERVICE, (KARIN, Action.CLAIM, {}))),
    "agent informed": (
        Flow.VIA_AGENT,
        (*AT_SERVICE, (KARIN, Action.CLAIM, {}), (KARIN, Action.INFORM_AGENT, WORDS)),
    ),
    "to be reviewed": (Flow.AGENT_ASSIGNMENT, ()),
    "reviewed": (Flow.AGENT_ASSIGNMENT, (*REVIEWED, (KARIN, Action.APPROVE, YES))),
    "end to be attested": (Flow.TERMINATION, ()),
    "end to be confirmed": (Flow.TERMINATION, TAKEN),
}
# Those that every run plays; the others take their time.
QUICK = {"taken", "approved"}
EVERYBODY = [each[0] for each in PEOPLE]
ROLES = {each[0]: each[3] for each in PEOPLE}
STATUS = {
    each.code: status_of(each) for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "code")
}
FORM = {row.does: modal_of(row).CALLBACK for row in FLOWS if row.asks in MODALS}
# What any form asks for, filled in so that it is what its sender may do that decides.
FILLED = {
    "message": "Vilken enhet?",
    "reason": "För dyrt",
    "reason_code": "other",
    "certified": "1",
    "last_day": str(today() + timedelta(60)),
    "to": CECILIA,
}


@pytest.fixture
async def work(fresh_sqlite_url):
    async with working(fresh_sqlite_url) as made:
        yield made


async def placed(work: Work, flow: Flow) -> Case:
    """An order by Anna, or by Olga for the agent."""
    offer = {Flow.VIA_AGENT: NPO_AGENT, Flow.AGENT_ASSIGNMENT: ASSIGNMENT}.get(flow, SITHS)
    by, customer = (OLGA, AGENT) if flow is Flow.AGENT_ASSIGNMENT else (ANNA, REGION)
    wish = PlaceOrder(
        by=Asking(by),
        customer=customer,
        offer=offer,
        units=(Unit("Norr"),),
        invoice_ref="REF-1",
        terms_accepted=True,
        key=f"key of {flow}",
        surface=Surface.API,
        agent=AGENT if flow is Flow.VIA_AGENT else None,
        technical_contact="it@example.org" if flow is Flow.VIA_AGENT else "",
        flow=flow if flow is Flow.TERMINATION else None,
    )
    return await work.joined.orders.place(wish)


async def come_to(work: Work, situation: str) -> Case:
    """A case of which this has been done."""
    flow, done = SITUATIONS[situation]
    if flow is Flow.TERMINATION:
        connected = await placed(work, Flow.DIRECT)
        for person, action, words in SITUATIONS["instructions sent"][1]:
            connected = await work.act(connected, person, action, **words)
    case = await placed(work, flow)
    for person, action, words in done:
        case = await work.act(case, person, action, **words)
    return case


def hats(case: Case, person: PersonId) -> list[Hat]:
    """What somebody is in a case."""
    sides = {case.agent: Side.AGENT, case.customer: Side.CUSTOMER, INERA: Side.INERA}
    held = [(role, sides.get(organisation)) for organisation, role in ROLES[person]]
    return [hat for hat in HATS if (hat.role, hat.side) in held]


def cells(case: Case, person: PersonId, action: Action) -> Iterator[Cell]:
    """The ways in which somebody meets a case with an action."""
    asked = next((each for each in reversed(case.decisions) if each.action is Action.REQUEST_COMPLETION), None)
    for hat in hats(case, person):
        yield Cell(
            case.flow,
            case.state,
            hat,
            action,
            # What ends costs nothing.
            over_limit=person == ERIK and case.flow is not Flow.TERMINATION,
            ordered=ME if person == case.orderer else None,
            approved=ME
            if any((each.person, each.action) == (person, Action.APPROVE) for each in case.decisions)
            else None,
            held=bool(case.hold),
            claimed_by=None if case.claimed_by is None else ME if case.claimed_by == person else ANOTHER,
            asked_by_service=asked is not None and asked.part is Part.CUSTOMER_SERVICE,
        )


def reads(case: Case, person: PersonId) -> bool:
    """Whether somebody knows that a case is there."""
    return any(hat.name not in KNOW_NOTHING for hat in hats(case, person))


def reasons(case: Case, person: PersonId, action: Action) -> set[str]:
    """Why somebody is kept from an action, nothing for whoever may. Others are told of no case, whatever they try."""
    met = [expected(each) for each in cells(case, person, action)]
    if not reads(case, person):
        return {"not_found"}
    if set() in met:
        # Whoever is asked has heard of it today.
        return {"reminded_lately"} if action is Action.REMIND_NOW else set()
    return set().union(*met)


def offered(desk: Desk) -> set[Action]:
    """What a page lets its reader do to the case."""
    links = [
        parse_qs(urlsplit(link).query).get("_act", [""])[0]
        for link in re.findall(r'href="([^"]+)"', desk.html.replace("&amp;", "&"))
    ]
    sent = [form.fields.get("_act", "") for form in desk.page.forms]
    found = (button_values.action_of(each) for each in (*links, *sent))
    return {action for action in found if action is not None}


async def tried(desk: Desk, case: Case, action: Action) -> int:
    """The status of the answer to a button, or a form that is filled in, which no page had for its sender."""
    pointer = Pointer("test", NO_CARD, case.id, button_values.Seen(case.step, case.content_version)).value()
    data = {"form_token": desk.form_token}
    if action in AT_ONCE:
        data |= {"_act": button_values.action_id(action), "_value": pointer}
    else:
        data |= FILLED | {"_name": FORM.get(action, "kp.confirm"), "_about": f"{pointer}\n{action}\n\n.", "_do": "send"}
    return (await desk.browser.post("/arbete/gor", data=data)).status_code


@pytest.mark.parametrize(
    "situation", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SITUATIONS]
)
async def test_everybody_reads_is_offered_and_may_do_what_the_domain_says_and_nothing_else(work, situation):
    case, wrong = await come_to(work, situation), []
    for person in EVERYBODY:
        why = {action: reasons(case, person, action) for action in Action}
        async with work(person) as desk:
            await desk.open(f"/arbete/arende/{case.id}")
            may = {each for each in why if not why[each]}
            if (desk.status, offered(desk)) != (200 if reads(case, person) else 404, may):
                wrong.append((person, desk.status, offered(desk), may))
            for action in (each for each in Action if why[each]):
                status = await tried(desk, case, action)
                if status not in {STATUS[code] for code in why[action]}:
                    wrong.append((person, action, status, why[action]))

    assert not wrong, "\n".join(map(str, wrong))
    assert await work.case(case.id) == case
