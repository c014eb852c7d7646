"""What is left of an application when its time is up: that there was one, and nobody's name."""

import json
from datetime import date

import pytest

from bot.wiring.purging import purge_of
from core.api import Action, FileKind, Flow, FormKey, Language, Side, State, new_id, retention_with
from core.shared.traits import TRAITS
from core.storage import tables
from core.storage.audit.sealing import Sealer
from core.storage.cases.attachments import SqlAttachments
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, SECOND, open_hall

SECRET = "a secret that the operator has in the environment"


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    yield made
    await made.database.close()


async def purged(hall, **time):
    hall.clock.forward(**time)
    await Sealer(hall.database, SECRET, hall.clock).seal()
    purge = purge_of(hall.database, retention_with({}), secret_key=SECRET, language=Language.SV)
    return await purge.run(hall.clock())


async def kept(hall):
    """How many documents and signatures there are."""
    return tuple([len(await hall.rows(table)) for table in (tables.documents, tables.signatures)])


async def test_two_years_after_a_rejection_nobody_is_named(hall) -> None:
    case = await hall.reject(await hall.apply())
    await hall.database.write(lambda connection: connection.execute(tables.cards.update().values(due_at=None)))

    await purged(hall, days=100)
    await purged(hall, days=750)

    [row] = await hall.rows(tables.cases, id=case.id)
    assert not [each for each in (ADMIN, FIRST, SECOND, CONTACT) if each.email in str(row) or each.name in str(row)]
    assert "2222222222" not in str(row)
    assert json.loads(row["content"])["organisation"] == "Bygdens region"
    view = await hall.view(case, Side.INERA)
    assert (view.state, view.application.org_number) == (State.APPLICATION_REJECTED, None)


async def files(hall):
    return [row["content"] for row in await hall.rows(tables.attachments)]


async def test_a_file_goes_with_what_was_written_in_its_application(hall) -> None:
    attachments = SqlAttachments(hall.database, new_id)
    case = await hall.reject(await hall.apply())
    open_one = await hall.apply(key="open")
    for each, content in ((case, b"closed"), (open_one, b"open")):
        await attachments.keep(each.id, FileKind.PDF, content, networks=["b"], at=hall.clock())
    await hall.database.write(lambda connection: connection.execute(tables.cards.update().values(due_at=None)))

    await purged(hall, days=100)
    before = await files(hall)
    await purged(hall, days=650)

    assert (sorted(before), await files(hall)) == ([b"closed", b"open"], [b"open"])


async def test_a_file_whose_application_was_not_sent_in_goes_after_a_day_and_is_counted(hall) -> None:
    attachments = SqlAttachments(hall.database, new_id)
    case = await hall.apply()
    await attachments.keep(FormKey("a form"), FileKind.PDF, b"never sent", networks=["b"], at=hall.clock())
    await attachments.keep(case.id, FileKind.PDF, b"sent in", networks=["b"], at=hall.clock())

    told = [(await purged(hall, **time)).get("unsent_files", 0) for time in ({"hours": 23}, {"hours": 1, "seconds": 1})]

    assert (told, await files(hall)) == ([0, 1], [b"sent in"])


async def test_the_document_of_an_agreement_that_holds_is_kept_however_old(hall) -> None:
    await hall.become_customer()

    await purged(hall, days=20 * 366)

    assert await kept(hall) == (1, 2)


async def test_the_document_of_one_agreement_is_kept_though_the_other_ended_long_ago(hall) -> None:
    as_customer = await hall.become_customer()
    as_agent = await hall.become_customer(key="agent", flow=Flow.AGENT_APPLICATION, category=None)
    await hall.end_agreement(as_agent.customer, TRAITS[Flow.AGENT_APPLICATION].agreement)

    gone = await purged(hall, days=9 * 366)

    assert (as_customer.customer, gone["agreements"]) == (as_agent.customer, 1)
    assert [row["case_id"] for row in await hall.rows(tables.documents)] == [as_customer.id]


async def test_seven_years_after_its_own_an_agreement_that_ended_names_nobody(hall) -> None:
    case = await hall.become_customer()
    await hall.end_agreement(case.customer)
    ended = hall.clock().year

    await purged(hall, days=(date(ended + 7, 12, 30) - hall.clock().date()).days)
    before = await kept(hall)
    gone = await purged(hall, days=3)

    assert (before, gone["agreements"], await kept(hall)) == ((1, 2), 1, (0, 0))
    [row] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert None not in {row["valid_from"], row["ended_at"]}
    assert (row["document_version"], row["document_hash"]) == (None, None)


async def test_an_earlier_document_of_an_agreement_taken_up_again_goes_before_the_one_that_holds(hall) -> None:
    first = await hall.become_customer()
    await hall.end_agreement(first.customer)
    hall.clock.forward(days=400)
    second = await hall.become_customer(key="second")

    gone = await purged(hall, days=8 * 366)

    assert gone["agreements"] == 1
    assert [row["case_id"] for row in await hall.rows(tables.documents)] == [second.id]
    assert {row["case_id"] for row in await hall.rows(tables.signatures)} == {second.id}
    [bare] = await hall.rows(tables.agreements, case_id=first.id)
    [row] = await hall.rows(tables.agreements, case_id=second.id)
    assert (bare["document_hash"], row["document_hash"]) == (None, second.application.document.hash)
    assert (bare["valid_from"], bare["ended_at"]) == (first.closed_at, first.closed_at)


async def test_an_earlier_document_goes_by_when_its_own_agreement_ended_and_not_by_the_next(hall) -> None:
    first = await hall.become_customer()
    await hall.end_agreement(first.customer)
    hall.clock.forward(days=400)
    second = await hall.become_customer(key="second")
    hall.clock.forward(days=5 * 366)
    await hall.end_agreement(second.customer)

    gone = await purged(hall, days=3 * 366)

    assert gone["agreements"] == 1
    assert [row["case_id"] for row in await hall.rows(tables.documents)] == [second.id]


@pytest.mark.parametrize("comes_to_nothing", [True, False])
async def test_what_becomes_of_the_next_makes_an_earlier_document_neither_older_nor_younger(
    hall, comes_to_nothing
) -> None:
    first = await hall.become_customer()
    await hall.end_agreement(first.customer)
    hall.clock.forward(days=7 * 365)
    waiting = await hall.approve(await hall.apply(key="second"))
    if comes_to_nothing:
        await hall.press(waiting, Action.CANCEL, reason="Fel firmatecknare.")

    early = await purged(hall, days=1)
    gone = await purged(hall, days=367)

    assert [each["agreements"] for each in (early, gone)] == [0, 1]
    assert await hall.rows(tables.documents, case_id=first.id) == []
