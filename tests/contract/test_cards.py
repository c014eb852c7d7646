"""Taking cards to work on costs what is due, and not what there is; on both databases alike."""

import asyncio
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, insert

from core.api import Identity, Language, Part, new_id
from core.storage import tables
from core.storage.reads.waiting import count_waiting
from notifications.accounts import account_links
from notifications.accounts.account_links import LinkState
from notifications.cards.card import REPAINT, card_from_row, owed
from notifications.cards.notes import read_notes
from notifications.outbox import delivery_results, leases, repository
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace
from tests.contract.meters import metered
from tests.contract.office import open_office, via_agent
from tests.contract.statements import scans
from tests.fakes.slack import Team
from tests.support.world.seed import ANNA, BO, CECILIA, HELENA, TEAM


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_every_look_up_of_a_card_uses_an_index(office):
    await office.place()
    await office.relay.drain()
    card, at = card_from_row(await office.card(person_id=BO)), office.clock()

    def everything(connection):
        repository.adopt(connection, card.id, MessagePlace("D1", "1.1"), at=at, new_id=new_id)
        repository.repaint(connection, card.id, at)
        leases.owed_in(connection)
        leases.find_readers(connection, at, new_id, count_waiting)
        (taken, _) = leases.lease_due(connection, TEAM, at)
        leases.lease_homeless(connection, at, new_id, count_waiting)
        read_notes(connection, [taken, replace(taken, kind=CardKind.UNDELIVERED, about=taken.id)], at)
        delivery_results.record(connection, taken, taken.place, shown=1, at=at)
        delivery_results.fail(connection, taken, "timeout", at=at, chance=0.5, new_id=new_id)
        delivery_results.give_up(connection, taken, "is_archived", at=at, new_id=new_id)
        account_links.offer(connection, Identity("slack:T2", "U2"), BO, at=at, new_id=new_id)
        account_links.answer(connection, Identity("slack:T2", "U2"), LinkState.CONFIRMED, at, new_id=new_id)

    found = await office.database.write(lambda connection: scans(connection, everything))

    # What is owed, and whom to remind, is read from indexes that hold nothing else: from the beginning, or whole.
    assert [line for line in found if not re.search(r"ix_cards_(due|gathered)", line)] == []


async def test_a_claim_costs_no_more_statements_for_a_long_queue(office):
    counts = [await statements_of_a_claim(office, cases) for cases in (range(1, 3), range(3, 40))]

    # The sixth gives those over the limits their turns.
    assert counts == [5, 6]


async def statements_of_a_claim(office, cases):
    """The statements of a claim once these cases have been ordered, and somebody may be written to again."""
    office.clock.forward(seconds=1)
    for number in cases:
        await office.place(**via_agent(number))
    await office.leases.owing(office.clock())
    with counting() as asked:
        assert await office.leases.claim(TEAM)
    return len(asked)


async def test_a_message_more_begins_no_transaction_more(fresh_postgres_url):
    office = await open_office(fresh_postgres_url)
    await office.place()
    await office.leases.owing(office.clock())
    batch = await office.leases.claim(TEAM)
    async with metered(fresh_postgres_url) as (meter, url):
        other = await replace(office, url=url).another()
        await other.delivery.deliver(TEAM, batch)
        await other.database.close()
        sent = meter.words()
    await office.database.close()

    # Of each that it is on its way, and where it stands.
    assert sent.count("UPDATE") == 2 * len(batch) > 2
    assert {"BEGIN", "COMMIT"} & {each.rstrip(";") for each in sent} == set()


async def test_a_batch_is_read_in_the_same_statements_whatever_its_size(office):
    for number in range(1, 9):
        await office.place(**via_agent(number))
    await office.leases.owing(office.clock())
    batch = await office.leases.claim(TEAM)
    with counting() as few:
        await office.delivery.drawer.read(batch[:1], Language.SV, office.clock())
    with counting() as many:
        await office.delivery.drawer.read(batch, Language.SV, office.clock())

    assert len({card.case for card in batch}) > 1
    assert len(few) == len(many) <= 5


async def test_looking_for_work_where_nothing_is_owed_is_one_statement(office):
    await office.place()
    await office.relay.drain()

    with counting() as asked:
        await office.relay.drain()

    assert len(asked) == 1


@pytest.mark.parametrize("first", [ANNA, HELENA])
async def test_a_long_queue_gets_turns_of_its_own_and_is_not_looked_at_again_before(office, first):
    for number in range(1, 21):
        await office.place(**via_agent(number))
    await office.change(tables.cards, tables.cards.c.person_id == first, due_at=office.clock() - timedelta(seconds=1))
    await office.relay.drain()

    turns = [row.due_at for row in await office.cards(person_id=HELENA) if row.due_at is not None]

    assert sorted(turns) == [office.clock() + timedelta(seconds=second) for second in range(1, 19)]


async def test_what_asks_is_taken_before_what_repaints_and_what_has_waited_longest_first(office):
    await office.place()
    await office.leases.owing(office.clock())
    rows = await office.cards()
    for seconds, row in enumerate(rows):
        await office.change(
            tables.cards, tables.cards.c.id == row.id, due_at=office.clock() - timedelta(seconds=seconds)
        )
    await office.change(tables.cards, tables.cards.c.id == rows[2].id, priority=REPAINT)

    batch = await office.leases.claim(TEAM)

    assert [card.id for card in batch] == [rows[1].id, rows[0].id, rows[2].id]


async def test_nothing_is_taken_of_a_workspace_in_trouble_whatever_another_does(office):
    await office.connect(Team("TOTHER", "xoxb-other"))
    await office.place()
    await office.leases.owing(office.clock())
    await office.workspaces.note_problem(TEAM, "token_revoked")

    assert await office.leases.claim(TEAM) == []


async def test_those_whose_account_is_not_known_keep_nobody_else_from_being_found(office):
    await office.unlink(BO)
    what = CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, office.clock()
    rows = [owed(f"C{number}", *what, person_id=BO) for number in range(leases.PLACE_AT_ONCE)]
    await office.database.write(lambda connection: connection.execute(insert(tables.cards), rows).close())
    await office.place()

    await office.leases.owing(office.clock())

    assert (await office.card(person_id=ANNA)).workspace_id == TEAM


async def test_a_card_that_is_dropped_takes_no_other_of_its_batch_with_it(office):
    await office.place()
    await office.leases.owing(office.clock())
    (bos,) = [card for card in await office.leases.claim(TEAM) if card.person == BO]

    await office.results.drop(bos)

    assert {row.person_id for row in await office.cards()} == {ANNA, CECILIA}


async def test_a_copy_is_about_the_card_it_copies_whichever_message_was_pressed(office):
    await office.place()
    await office.relay.drain()
    bos = await office.card(person_id=BO)
    await office.store.adopt(bos.id, "D1", "1.1")
    copy = await office.card(about=bos.id)

    await office.store.adopt(copy.id, "D1", "1.2")
    known = await office.store.adopt(copy.id, "D1", "1.1")

    assert [row.ts for row in await office.cards(about=bos.id, channel="D1")].count("1.2") == 1
    assert known is False


async def test_a_press_on_a_message_of_nobodys_card_is_owed_nothing(office):
    assert await office.store.adopt("CNOBODYS", "D1", "1.1") is False


async def test_two_presses_on_one_unknown_message_make_one_copy(office):
    other = await office.another()
    await office.place()
    await office.relay.drain()
    bos = await office.card(person_id=BO)

    await asyncio.gather(*(each.store.adopt(bos.id, "D1", "1.1") for each in (office, other) * 5))

    assert len(await office.cards(about=bos.id)) == 1
    await other.database.close()


@contextmanager
def counting():
    """The statements that are run meanwhile."""
    asked = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
