"""An agent orders the right to convey a service (agentuppdrag): who decides, what stops it, and what it makes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.api import Action, AgreementType, Asking, Block, Blocked, Side, State
from core.register.entries import OfferEntry
from core.shared import errors
from core.storage import tables
from tests.edges.portal import via_agent
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CLINIC,
    DAVID,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    OLGA,
    REGION,
    SARA,
)

AGENTAVTAL = AgreementType.AGENTAVTAL
CLAIM, APPROVE, SEND = Action.CLAIM, Action.APPROVE, Action.SEND_INSTRUCTIONS


def assignment(**changes):
    """What makes the order one of the agent's own."""
    return {"by": OLGA, "customer": AGENT, "offer": ASSIGNMENT} | changes


async def reviewed(portal, case):
    """Customer service has approved it."""
    return await portal.press(await portal.press(case, KARIN, CLAIM), KARIN, APPROVE, confirmed=True)


async def attested(portal, **changes):
    """The agent's attestant has said yes as well."""
    return await portal.attest(await reviewed(portal, await portal.place(**assignment(**changes))), AMIR)


async def carried_out(portal, **changes):
    """The instructions are sent."""
    return await portal.press(await attested(portal, **changes), KARIN, SEND, message="Så här gör ni")


async def assignments(portal):
    """Which services the agent conveys, from when to when."""
    given = tables.agent_assignments.c
    query = select(given.service_id, given.valid_from, given.valid_to).where(given.agent_id == AGENT)
    return {row[0]: tuple(row[1:]) for row in await portal.database.read(lambda c: c.execute(query).all())}


async def told_of_agreements(portal):
    """What history tells of what an agent has agreed."""
    lines = tables.history.c
    query = select(lines.action, lines.person_id, lines.organisation_id).where(lines.kind == "agreement")
    return [tuple(row) for row in await portal.database.read(lambda c: c.execute(query).all())]


async def test_inera_reviews_the_agents_attestant_attests_and_with_the_instructions_the_assignment_begins(portal):
    case = await portal.place(**assignment())
    approved = await reviewed(portal, case)
    assert (case.state, approved.state) == (State.AWAITING_REVIEW, State.AWAITING_CUSTOMER_ATTEST)
    assert {each.person for each in approved.asked} == {AMIR, ASTA}

    done = await portal.attest(approved, AMIR)
    assert (done.state, "siths" in await assignments(portal)) == (State.AWAITING_CUSTOMER_SERVICE, False)

    sent = await portal.press(done, KARIN, SEND, message="Så här gör ni")
    since, until = (await assignments(portal))["siths"]
    assert (sent.state, until) == (State.INSTRUCTIONS_SENT, None)
    assert since <= portal.clock() < since + timedelta(days=1)
    assert await told_of_agreements(portal) == [("granted", KARIN, AGENT)]


async def test_the_agent_is_chosen_for_the_service_once_the_assignment_has_begun(portal):
    code = "siths-agent"
    await portal.write(lambda writer: writer.offer(code, "siths", _via_agent_offer()))
    before = await portal.queries.agents_for(Asking(KARIN), code, REGION, portal.clock(), "", 10)
    with pytest.raises(errors.AgentNotAllowed):
        await portal.place(**via_agent(offer=code))

    await carried_out(portal)
    after = await portal.queries.agents_for(Asking(KARIN), code, REGION, portal.clock(), "", 10)
    case = await portal.place(**via_agent(offer=code))
    assert (before, [id_ for id_, _ in after], case.state) == ([], [AGENT], State.AWAITING_AGENT_APPROVAL)


def _via_agent_offer():
    words = {"sv": "SITHS via agent", "en": "SITHS through an agent"}
    return OfferEntry(
        name=words,
        flow="via_agent",
        categories=["region"],
        terms_url="https://example.org/villkor",
        template=words,
    )


async def test_only_agents_are_offered_assignments_and_only_they_order_them(portal):
    offered = {
        organisation: {
            each.terms.id
            for each in await portal.queries.offers_for(Asking(KARIN), organisation, "", portal.clock(), 20)
        }
        for organisation in (AGENT, REGION, CLINIC)
    }
    assert ASSIGNMENT in offered[AGENT]
    assert ASSIGNMENT not in offered[REGION] | offered[CLINIC]

    with pytest.raises(errors.ForAgentsOnly):
        await portal.place(ANNA, offer=ASSIGNMENT)


async def test_nothing_is_applied_for_without_an_agreement_or_twice(portal):
    case = await portal.place(**assignment())
    with pytest.raises(errors.DuplicateOrder) as told:
        await portal.place(**assignment())
    assert told.value.facts["case"] == case.id

    await portal.press(case, OLGA, Action.WITHDRAW, confirmed=True)
    await portal.end_agreement(AGENT, AGENTAVTAL)
    with pytest.raises(errors.NoAgentAgreement):
        await portal.place(**assignment())

    await portal.renew_agreement(AGENT, AGENTAVTAL)
    await carried_out(portal)
    with pytest.raises(errors.HasAssignment):
        await portal.place(**assignment())


async def test_an_assignment_that_has_ended_can_be_ordered_again(portal):
    await carried_out(portal)
    await portal.end_assignment(AGENT, "siths")
    portal.clock.forward(days=3)

    await carried_out(portal)
    since, until = (await assignments(portal))["siths"]
    assert (since.date(), until) == ((portal.clock() - timedelta(days=1)).date(), None)


async def test_nothing_is_applied_for_where_nobody_else_may_attest(portal):
    await portal.take(AMIR, AGENT, "attestant")
    await portal.take(ASTA, AGENT, "attestant")
    await portal.give(OLGA, AGENT, "attestant")

    with pytest.raises(errors.NoAttestant):
        await portal.place(**assignment())


async def test_the_orderer_does_not_attest_and_a_stranger_decides_nothing(portal):
    await portal.give(OLGA, AGENT, "attestant")
    case = await reviewed(portal, await portal.place(**assignment()))

    with pytest.raises(errors.OwnOrder):
        await portal.attest(case, OLGA)
    with pytest.raises(errors.NoRole):
        await portal.attest(case, BO)
    with pytest.raises(errors.NoRole):
        await portal.attest(case, HELENA)


async def test_who_has_taken_the_review_decides_it_and_the_others_hear_who(portal):
    case = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)

    with pytest.raises(errors.AlreadyClaimed):
        await portal.press(case, KALLE, APPROVE, confirmed=True)
    released = await portal.press(case, KARIN, Action.RELEASE)
    with pytest.raises(errors.NotClaimed):
        await portal.press(released, KALLE, APPROVE, confirmed=True)
    taken = await portal.press(released, KALLE, CLAIM)
    assert (await portal.press(taken, KALLE, APPROVE, confirmed=True)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_the_lead_takes_over_a_review_from_whoever_has_it(portal):
    await portal.give(SARA, INERA, "customer_service_lead")
    case = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)

    taken = await portal.press(case, SARA, Action.TAKE_OVER)

    assert await portal.told(taken, "taken_over") == {KARIN}
    assert (await portal.press(taken, SARA, APPROVE, confirmed=True)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_inera_rejects_with_a_reason_that_the_orderer_reads(portal):
    case = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)
    with pytest.raises(errors.ReasonRequired):
        await portal.press(case, KARIN, Action.REJECT)

    ended = await portal.reject(case, KARIN, reason="Ni saknar dataskyddsombud")
    view = await portal.view(ended, Side.CUSTOMER)
    assert (ended.state, view.last and view.last.reason) == (State.REJECTED, "Ni saknar dataskyddsombud")
    assert await portal.told(ended, "outcome") == {OLGA}
    assert "siths" not in await assignments(portal)


async def test_a_question_goes_back_to_the_review_and_a_change_begins_it_anew(portal):
    case = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)
    asked = await portal.ask(case, KARIN)
    answered = await portal.answer(asked, OLGA)
    assert (asked.state, answered.state, answered.content_version) == (
        State.COMPLETION_REQUESTED,
        State.AWAITING_REVIEW,
        1,
    )

    attesting = await portal.press(answered, KARIN, APPROVE, confirmed=True)
    changed = await portal.answer(await portal.ask(attesting, AMIR), OLGA, invoice_ref="REF-2")
    assert (changed.state, changed.content_version) == (State.AWAITING_REVIEW, 2)
    assert "siths" not in await assignments(portal)


async def test_an_agreement_that_ends_meanwhile_stops_everybody_also_the_last_step(portal):
    waiting = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)
    await portal.end_agreement(AGENT, AGENTAVTAL)
    with pytest.raises(errors.NoAgentAgreement):
        await portal.press(waiting, KARIN, APPROVE, confirmed=True)

    await portal.renew_agreement(AGENT, AGENTAVTAL)
    approved = await portal.press(waiting, KARIN, APPROVE, confirmed=True)
    await portal.end_agreement(AGENT, AGENTAVTAL)
    await portal.tick()
    stopped = await portal.now(approved)
    assert stopped.blocked == Blocked(Block.NO_CUSTOMER_AGREEMENT, told=True)
    assert await portal.told(approved, "blocked") == {None}
    with pytest.raises(errors.NoAgentAgreement):
        await portal.attest(stopped, AMIR)

    await portal.renew_agreement(AGENT, AGENTAVTAL)
    await portal.tick()
    attested = await portal.attest(await portal.now(approved), AMIR)
    await portal.end_agreement(AGENT, AGENTAVTAL)
    with pytest.raises(errors.NoAgentAgreement):
        await portal.press(attested, KARIN, SEND, message="Så här gör ni")
    assert "siths" not in await assignments(portal)


async def test_the_time_of_a_review_runs_out_and_whoever_has_it_keeps_it_and_is_told(portal):
    case = await portal.press(await portal.place(**assignment()), KARIN, CLAIM)
    portal.clock.forward(days=6)
    await portal.tick()

    late = await portal.now(case)
    assert (late.state, late.claimed_by) == (State.AWAITING_REVIEW, KARIN)
    assert await portal.told(case, "overdue") == {None, KARIN}
    assert ("escalate", None) in await portal.history(case)


async def test_who_conveys_a_service_does_not_have_it(portal):
    case = await attested(portal)
    ordered = await portal.queries.has_service(Asking(KARIN), AGENT, ASSIGNMENT, portal.clock())
    await portal.press(case, KARIN, SEND, message="Så här gör ni")

    assert not ordered
    assert not await portal.queries.has_service(Asking(KARIN), AGENT, ASSIGNMENT, portal.clock())


async def test_the_customers_and_the_agents_sides_are_one_organisation_and_nobody_else_sees_it(portal):
    case = await portal.place(**assignment())

    with pytest.raises(errors.CaseNotFound):
        await portal.press(case, DAVID, Action.SEND_AGAIN)
    with pytest.raises(errors.NoRole):
        await portal.press(case, DAVID, Action.WITHDRAW, confirmed=True)
    assert (await portal.view(case, Side.CUSTOMER)).agent is None
