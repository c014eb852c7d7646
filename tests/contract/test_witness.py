"""Who was refused what is written down beside the answer: which case, by which rule, and not without end."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.api import Action, Asking, Identity, OrganisationId, PersonId, RefusalRecord, Seen, Surface, refusal_of_order
from core.shared.errors import NoAttestant
from core.storage import tables
from core.storage.audit.refusal_log import AT_MOST, SqlRefusalLog
from core.storage.reads.case_views import read_timeline
from tests.contract.office import identity, open_office, wish
from tests.contract.statements import plan_of, scans
from tests.support.world.seed import ANNA, BO, NOW, REGION, SITHS


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def case(office):
    return await office.place()


def no_to(placed, **changes) -> RefusalRecord:
    """Bo's attest came too late."""
    given = {
        "case": placed.id, "by": identity(BO), "action": Action.ATTEST, "code": "already_decided",
        "surface": Surface.SLACK, "at": NOW, "seen": Seen(1, 1),
    }  # fmt: skip
    return RefusalRecord(**given | changes)


async def noted(office):
    query = select(tables.history).where(tables.history.c.kind != "change").order_by(tables.history.c.id)
    return await office.database.read(lambda connection: connection.execute(query).mappings().all())


async def test_a_refusal_is_a_line_that_says_who_where_and_by_which_rule(office, case) -> None:
    (card, *_) = await office.cards(person_id=BO)

    await SqlRefusalLog(office.database).refused(no_to(case, card=card.id))

    (line,) = await noted(office)
    said = {name: value for name, value in line.items() if value is not None and name != "id"}
    assert said == {
        "kind": "refusal", "case_id": case.id, "at": NOW, "action": "attest", "step": 1, "content_version": 1,
        "part": "customer_attestant", "person_id": BO, "organisation_id": REGION, "surface": "slack",
        "assurance": "click", "evidence": '{"code":"already_decided"}',
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"by": Asking(PersonId("P-x"))}, {"by": Identity("slack:T1", "U1")}, {"case": "B-X"}]
)
async def test_whom_and_what_nobody_knows_leaves_no_line(office, case, changes) -> None:
    await SqlRefusalLog(office.database).refused(no_to(case, **changes))

    assert await noted(office) == []


async def test_a_person_who_keeps_on_leaves_a_few_lines_a_minute(office, case) -> None:
    witness = SqlRefusalLog(office.database)
    for _ in range(AT_MOST + 20):
        await witness.refused(no_to(case))
    await witness.refused(no_to(case, by=Asking(ANNA)))
    await witness.refused(no_to(case, at=NOW + timedelta(minutes=2)))

    assert [line["person_id"] for line in await noted(office)] == [BO] * AT_MOST + [ANNA, BO]


def no_to_an_order(**changes) -> RefusalRecord:
    """Anna's order that was not taken."""
    return replace(refusal_of_order(wish(), NoAttestant(organisation=REGION), NOW), **changes)


@pytest.mark.parametrize("by", [Asking(ANNA), identity(ANNA)])
async def test_an_order_that_was_refused_is_a_line_without_a_case(office, by) -> None:
    await SqlRefusalLog(office.database).refused(no_to_an_order(by=by))

    (line,) = await noted(office)
    said = {name: value for name, value in line.items() if value is not None and name != "id"}
    assert said == {
        "kind": "refusal", "at": NOW, "action": "submit", "part": "orderer", "person_id": ANNA,
        "organisation_id": REGION, "surface": "slack", "assurance": "click",
        "evidence": f'{{"code":"no_attestant","offer":"{SITHS}"}}',
    }  # fmt: skip


async def test_an_order_of_nobody_leaves_no_line_and_one_for_nobody_names_no_organisation(office) -> None:
    witness = SqlRefusalLog(office.database)
    await witness.refused(no_to_an_order(by=Identity("slack:T1", "U1")))
    await witness.refused(no_to_an_order(customer=OrganisationId("O-x")))

    (line,) = await noted(office)
    assert (line["person_id"], line["organisation_id"]) == (ANNA, None)


async def test_a_person_who_keeps_on_ordering_leaves_a_few_lines_a_minute(office, case) -> None:
    witness = SqlRefusalLog(office.database)
    for _ in range(AT_MOST + 3):
        await witness.refused(no_to_an_order())
    await witness.refused(no_to_an_order(by=Asking(BO)))
    await witness.refused(no_to(case, by=Asking(ANNA)))
    await witness.refused(no_to_an_order(at=NOW + timedelta(minutes=2)))

    assert [line["person_id"] for line in await noted(office)] == [ANNA] * AT_MOST + [BO, ANNA, ANNA]


async def test_the_count_of_a_persons_refused_orders_reads_nobody_elses_lines(office) -> None:
    mine = text(
        "SELECT id FROM history WHERE case_id IS NULL AND kind = 'refusal' AND person_id = :person AND at > :at"
    )
    values = {"person": ANNA, "at": 0}

    plan = await office.database.write(lambda connection: plan_of(connection, mine, values))
    assert "ix_history_refused_orders" in plan


async def test_what_is_shown_of_an_order_knows_of_changes_alone(office, case) -> None:
    await SqlRefusalLog(office.database).refused(no_to(case))

    past = await office.database.read(lambda connection: read_timeline(connection, case.id))

    assert [each.action for each in past.decisions] == [Action.SUBMIT]


async def test_the_count_of_a_persons_refusals_reads_nobody_elses_lines(office, case) -> None:
    refusals = select(tables.history.c.id).where(
        tables.history.c.case_id == case.id, tables.history.c.revision.is_(None)
    )

    assert await office.database.write(lambda c: scans(c, lambda c: c.execute(refusals).close())) == []


async def test_a_refusal_is_a_line_of_a_case_only(office, case) -> None:
    await SqlRefusalLog(office.database).refused(no_to(case, card="C-nobody", code="no_role"))

    (line,) = await noted(office)
    assert (line["part"], line["organisation_id"], json.loads(line["evidence"])) == (None, None, {"code": "no_role"})
