"""Who was refused what is written down beside the answer: which case, by which rule, and not without end."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import db
from core.api import Action, Identity, PersonId, Refused, Seen, Surface
from core.storage.past import read_past
from core.storage.witness import AT_MOST, SqlWitness
from tests.contract.office import identity, open_office
from tests.contract.statements import scans
from tests.seed import ANNA, BO, NOW, REGION


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def case(office):
    return await office.place()


def no_to(placed, **changes) -> Refused:
    """Bo's attest came too late."""
    given = {
        "case": placed.id, "by": identity(BO), "action": Action.ATTEST, "code": "already_decided",
        "surface": Surface.SLACK, "at": NOW, "seen": Seen(1, 1),
    }  # fmt: skip
    return Refused(**given | changes)


async def noted(office):
    query = select(db.history).where(db.history.c.kind != "change").order_by(db.history.c.id)
    return await office.database.read(lambda connection: connection.execute(query).mappings().all())


async def test_a_refusal_is_a_line_that_says_who_where_and_by_which_rule(office, case) -> None:
    (card, *_) = await office.cards(person_id=BO)

    await SqlWitness(office.database).refused(no_to(case, card=card.id))

    (line,) = await noted(office)
    said = {name: value for name, value in line.items() if value is not None and name != "id"}
    assert said == {
        "kind": "refusal", "case_id": case.id, "at": NOW, "action": "attest", "step": 1, "content_version": 1,
        "part": "customer_attestant", "person_id": BO, "organisation_id": REGION, "surface": "slack",
        "assurance": "click", "evidence": '{"code":"already_decided"}',
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"by": PersonId("P-x")}, {"by": Identity("slack:T1", "U1")}, {"case": "B-X"}])
async def test_whom_and_what_nobody_knows_leaves_no_line(office, case, changes) -> None:
    await SqlWitness(office.database).refused(no_to(case, **changes))

    assert await noted(office) == []


async def test_a_person_who_keeps_on_leaves_a_few_lines_a_minute(office, case) -> None:
    witness = SqlWitness(office.database)
    for _ in range(AT_MOST + 20):
        await witness.refused(no_to(case))
    await witness.refused(no_to(case, by=ANNA))
    await witness.refused(no_to(case, at=NOW + timedelta(minutes=2)))

    assert [line["person_id"] for line in await noted(office)] == [BO] * AT_MOST + [ANNA, BO]


async def test_what_is_shown_of_an_order_knows_of_changes_alone(office, case) -> None:
    await SqlWitness(office.database).refused(no_to(case))

    past = await office.database.read(lambda connection: read_past(connection, case.id))

    assert [each.action for each in past.decisions] == [Action.SUBMIT]


async def test_the_count_of_a_persons_refusals_reads_nobody_elses_lines(office, case) -> None:
    refusals = select(db.history.c.id).where(db.history.c.case_id == case.id, db.history.c.revision.is_(None))

    assert await office.database.write(lambda c: scans(c, lambda c: c.execute(refusals).close())) == []


async def test_a_refusal_is_a_line_of_a_case_only(office, case) -> None:
    await SqlWitness(office.database).refused(no_to(case, card="C-nobody", code="no_role"))

    (line,) = await noted(office)
    assert (line["part"], line["organisation_id"], json.loads(line["evidence"])) == (None, None, {"code": "no_role"})
