"""What people had better know is read alike on both databases: what nobody can decide, what one has, what happened."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.acts.people import named
from bot.forms.refusal_sentences import refusal
from core.api import Action, Asking, CaseId, Language, Part, Side, Waiting
from core.storage import tables
from core.storage.reads import queries, waiting
from core.storage.reads.queries import SqlQueries
from core.views.timeline import disclose_timeline
from tests.contract.office import Office, identity, open_office
from tests.contract.statements import scans
from tests.support.world.records import records, timeline
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    KARIN,
    NOW,
    NPO_AGENT,
    OLGA,
    REGION,
    RUT,
    SITHS,
)  # fmt: skip


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def reads(office: Office) -> SqlQueries:
    return SqlQueries(office.database)


async def finished(office):
    """An order that has been carried out."""
    case = await office.attest(await office.place(), BO)
    case = await office.press(case, KARIN, Action.CLAIM)
    return await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Läs.")


async def test_what_nobody_can_decide_is_listed_for_the_organisations_administrator(office, reads):
    case = await office.place()
    assert await reads.blocked_for(Asking(ADA), NOW, 10) == []

    roles = tables.role_assignments
    await office.change(roles, roles.c.role == "attestant", valid_to=NOW)
    await office.change(tables.cases, tables.cases.c.id == case.id, review_at=NOW)
    await office.orders.run_clock()

    assert await reads.blocked_for(Asking(ADA), NOW, 10) == [Waiting(case.id, Part.CUSTOMER_ADMINISTRATOR)]
    assert await reads.blocked_for(Asking(ADA), NOW, 0) == []
    assert await reads.blocked_for(Asking(ASTA), NOW, 10) == []


async def test_it_is_found_by_an_index(office):
    work = partial(queries.read_blocked, who=Asking(ADA), at=NOW, limit=6)

    assert await office.database.read(lambda connection: scans(connection, work)) == []


async def test_a_reserve_may_attest_what_waits_for_others_and_not_the_own_order(office, reads):
    others = await office.place()
    assert await reads.for_reserves(Asking(RUT), NOW, 10) == [Waiting(others.id, Part.CUSTOMER_EMERGENCY)]
    assert await reads.for_reserves(Asking(RUT), NOW, 0) == []
    assert await reads.for_reserves(Asking(BO), NOW, 10) == []

    cases = tables.cases
    await office.change(cases, cases.c.id == others.id, orderer_id=RUT)
    assert await reads.for_reserves(Asking(RUT), NOW, 10) == []

    await office.change(cases, cases.c.id == others.id, orderer_id=ANNA)
    await office.attest(others, BO)
    assert await reads.for_reserves(Asking(RUT), NOW, 10) == []


@pytest.mark.parametrize(("limit_ore", "listed"), [(149_999, 0), (150_000, 1)])
async def test_a_reserve_may_attest_up_to_and_with_the_own_limit(office, reads, limit_ore, listed):
    await office.place()
    roles = tables.role_assignments
    await office.change(roles, roles.c.person_id == RUT, attest_limit_ore=limit_ore)

    assert len(await reads.for_reserves(Asking(RUT), NOW, 10)) == listed


async def test_it_is_found_by_an_index_for_a_reserve(office):
    work = partial(waiting.read_for_reserves, who=Asking(RUT), at=NOW, limit=6)

    assert await office.database.read(lambda connection: scans(connection, work)) == []


async def test_a_refusal_names_the_service_in_the_readers_language(reads):
    facts = await named(reads, {"unit": "Eken", "service": "npo"})

    assert refusal(Language.SV, "already_connected", facts).startswith("Eken har redan NPÖ.")
    assert await named(reads, {"service": "unknown"}) == {"service": "unknown"}


async def test_a_customer_has_a_service_once_an_order_of_it_is_carried_out(office, reads):
    case = await office.place()
    assert not await reads.has_service(Asking(KARIN), REGION, SITHS, NOW)

    await office.carry_out(case)

    assert await reads.has_service(Asking(KARIN), REGION, SITHS, NOW)
    assert not await reads.has_service(Asking(KARIN), REGION, NPO_AGENT, NOW)
    assert not await reads.has_service(Asking(KARIN), CLINIC, SITHS, NOW)
    one = partial(queries.has_service, customer=REGION, offer=SITHS, at=NOW)
    assert await office.database.read(lambda connection: scans(connection, one)) == []


async def test_an_agent_that_conveys_a_service_does_not_have_it(office, reads):
    case = await office.place(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT)
    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.APPROVE, confirmed=True)
    case = await office.attest(case, AMIR)
    await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Så här gör ni")

    assert not await reads.has_service(Asking(KARIN), AGENT, SITHS, NOW)


async def test_the_past_of_a_case_names_everybody_in_it(office, reads):
    case = await office.place()
    await office.press(case, BO, Action.HAND_OVER, to=CECILIA)

    past = await timeline(reads, case.id)

    assert [each.action for each in past.decisions] == [Action.SUBMIT, Action.HAND_OVER]
    assert past.decisions[1].to == CECILIA
    assert past.people == {ANNA: "Anna Berg", BO: "Bo Ek", CECILIA: "Cecilia Dahl"}
    assert (await timeline(reads, CaseId("B-nothing"))).decisions == ()


async def test_the_texts_of_a_case_stand_with_what_happened(office, reads):
    case = await office.place()
    await office.press(case, BO, Action.REQUEST_COMPLETION, message="Vilka?")
    dossier = (await records(reads, [case.id]))[case.id]

    told = disclose_timeline(dossier, await timeline(reads, case.id), Side.CUSTOMER)

    assert [(each.action, each.by, each.message) for each in told] == [
        (Action.SUBMIT, "Anna Berg", ""),
        (Action.REQUEST_COMPLETION, "Bo Ek", "Vilka?"),
    ]


async def test_an_order_that_was_carried_out_tells_all_of_it_to_customer_service(office, reads):
    case = await finished(office)
    dossier = (await records(reads, [case.id]))[case.id]

    told = disclose_timeline(dossier, await timeline(reads, case.id), Side.INERA)

    assert [each.action for each in told] == [Action.SUBMIT, Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS]
