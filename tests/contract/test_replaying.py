"""Every case is what its rows of history make of it, and what is not is named, whoever wrote it."""

import json

import pytest
from sqlalchemy import select

from core.api import Action, Revision, Role, Surface, new_id
from core.audit.change_records import flow_tables
from core.audit.differences import Difference, Differs
from core.register.administration import Author
from core.register.entries import RoleEntry
from core.register.organisations import Tier
from core.storage import tables
from core.storage.audit import replaying
from core.storage.audit.replaying import replay
from core.storage.audit.sealing import Sealer
from core.storage.register.register import write_register
from core.workflow.flows import FLOWS, VERSION
from tests.contract.archive import Archive
from tests.contract.ledger import SECRET, Ledger, statements_of
from tests.contract.office import Office, identity, open_office, via_agent
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    HELENA,
    KALLE,
    KARIN,
    LONG_AGO,
    NPO_KONSUMENT,
    OLGA,
    REGION,
)

OPERATOR = Author("file", Surface.FILE)
YES = {"confirmed": True, "certified": True, "message": "Så här", "reason": "Ryms inte"}


class Ledgered:
    """An office with somebody who writes in its database past the product."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ledger = Ledger(office.url, office.database, office.clock)

    async def keep(self, work, author=OPERATOR):
        """Whoever keeps the register writes in it."""
        at = self.office.clock()
        return await self.office.database.write(lambda c: work(write_register(c, lambda: at, new_id, author)))

    async def replayed(self):
        return await replay(self.office.database)

    async def differs(self) -> set[tuple[str, str]]:
        """What is named: kind, and of what."""
        return {(each.kind, each.what) for each in (await self.replayed()).differences}

    async def row(self, case):
        (row,) = await self.office.database.read(
            lambda connection: connection.execute(select(tables.cases).where(tables.cases.c.id == case.id)).all()
        )
        return row

    async def set(self, case, **values) -> None:
        await self.office.change(tables.cases, tables.cases.c.id == case.id, **values)


@pytest.fixture
async def world(database_url: str):
    office = await open_office(database_url)
    await office.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield Ledgered(office)
    await office.database.close()


@pytest.fixture
async def case(world: Ledgered):
    """Anna's order, attested by Bo, claimed by Karin."""
    office = world.office
    case = await office.place()
    case = await office.press(case, BO, Action.ATTEST, **YES)
    return await office.press(case, KARIN, Action.CLAIM)


async def lived(office: Office) -> None:
    """Orders of all kinds of ends, and some that wait."""
    far = await office.place(**via_agent())
    far = await office.press(far, HELENA, Action.APPROVE, **YES)
    far = await office.press(far, AMIR, Action.ATTEST, **YES)
    far = await office.press(far, BO, Action.REQUEST_COMPLETION, **YES)
    far = await office.press(far, ANNA, Action.ANSWER, **YES)
    far = await office.press(far, CECILIA, Action.ATTEST, **YES)
    far = await office.press(far, KARIN, Action.CLAIM)
    far = await office.press(far, KARIN, Action.HOLD, **YES)
    far = await office.press(far, KARIN, Action.RESUME)
    await office.press(far, KARIN, Action.INFORM_AGENT, **YES)
    served = await office.place(key="served")
    served = await office.press(served, BO, Action.ATTEST, **YES)
    served = await office.press(served, KARIN, Action.CLAIM)
    served = await office.press(served, KARIN, Action.SEND_INSTRUCTIONS, **YES)
    await office.press(served, KARIN, Action.SEND_AGAIN, **YES)
    await office.place(**via_agent(2))
    await office.place(key="waits")
    await office.press(await office.place(**via_agent(3)), ANNA, Action.WITHDRAW, **YES)


@pytest.mark.parametrize("page", [2, 1_000])
async def test_cases_that_nobody_touched_are_what_their_history_says(world: Ledgered, monkeypatch, page: int) -> None:
    monkeypatch.setattr(replaying, "PAGE", page)
    await lived(world.office)
    replayed = await world.replayed()

    assert (replayed.differences, replayed.cases, replayed.not_replayable) == ([], 5, 0)


BY_HAND = {
    "state": {"state": "awaiting_customer_attest"},
    "step": {"step": 7},
    "revision": {"revision": 9},
    "content_version": {"content_version": 2},
    "orderer": {"orderer_id": CECILIA},
    "claimed_by": {"claimed_by_id": None},
    "customer": {"customer_id": "O-clinic"},
    "is_closed": {"closed_at": tables.from_micros(0)},
    "amounts": {"customer_ore": 1},
    "decisions": {"decisions": "[]"},
}


@pytest.mark.parametrize("what", BY_HAND)
async def test_what_is_changed_by_hand_in_a_case_is_named(world: Ledgered, case, what: str) -> None:
    await world.set(case, **BY_HAND[what])

    (difference,) = (await world.replayed()).differences
    assert (difference.kind, difference.case, difference.what) == (Differs.CASE, case.id, what)


ORDERED = {
    "unit": {"units": [["Vårdcentralen Boken", None]]},
    "invoice reference": {"invoice_ref": "ANNAN"},
    "start": {"desired_start": "2027-05-01"},
    "name": {"offer_name": {"sv": "Något annat", "en": "Something else"}},
    "terms": {"terms_url": "https://example.org/andra-villkor"},
}


@pytest.mark.parametrize("what", ORDERED)
async def test_what_was_ordered_is_what_was_decided_about(world: Ledgered, case, what: str) -> None:
    stored = json.loads((await world.row(case)).content)
    await world.set(case, content=json.dumps(stored | ORDERED[what]))

    (difference,) = (await world.replayed()).differences
    assert (difference.kind, difference.case, difference.what) == (Differs.CASE, case.id, "content")


async def test_another_offer_in_the_case_is_named(world: Ledgered, case) -> None:
    await world.set(case, offer_id=NPO_KONSUMENT)

    assert (Differs.CASE, "content") in await world.differs()


async def test_an_answer_that_changes_the_order_is_what_is_decided_about_from_then_on(world: Ledgered) -> None:
    case = await world.office.press(await world.office.place(), BO, Action.REQUEST_COMPLETION, **YES)
    changed = Revision((), "NY-REF")
    await world.office.press(case, ANNA, Action.ANSWER, revision=changed)

    assert (await world.replayed()).differences == []


async def test_another_decider_in_the_case_is_named_with_both(world: Ledgered, case) -> None:
    stored = json.loads((await world.row(case)).decisions)
    stored[1]["person"] = CECILIA
    await world.set(case, decisions=json.dumps(stored))

    (difference,) = (await world.replayed()).differences
    assert (difference.what, BO in difference.expected, CECILIA in difference.stands) == ("decisions", True, True)


async def test_another_price_in_the_case_is_named(world: Ledgered, case) -> None:
    stored = json.loads((await world.row(case)).content)
    stored["costs"]["customer"][0] = 1
    await world.set(case, content=json.dumps(stored))

    assert await world.differs() == {(Differs.CASE, "costs")}


async def test_a_case_that_is_closed_is_held_against_all_that_happened_to_it_later_too(world: Ledgered) -> None:
    office = world.office
    case = await office.press(await office.place(), BO, Action.ATTEST, **YES)
    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, **YES)
    await lived(office)
    await office.press(case, KARIN, Action.SEND_AGAIN, **YES)
    whole = await world.replayed()
    await world.set(case, state="rejected")

    assert whole.holds
    assert await world.differs() == {(Differs.CASE, "state")}


FORGED = """INSERT INTO history (case_id, at, action, from_state, to_state, step, revision, content_version, part,
  person_id, organisation_id, surface, assurance, evidence) SELECT case_id, at, {action}, from_state, to_state,
  step, {revision}, content_version, {part}, person_id, organisation_id, surface, assurance, evidence
  FROM history WHERE case_id = '{case}' AND revision = {of}"""


FORGED_STEP = "UPDATE history SET step = 7 WHERE case_id = '{case}' AND revision = 3"
GONE = "DELETE FROM history WHERE case_id = '{case}' AND revision {which}"
BRIBED = "UPDATE history SET action = 'bribe' WHERE case_id = '{case}' AND revision = 2"


async def test_a_row_forged_before_it_is_sealed_is_named(world: Ledgered, case) -> None:
    same = {"case": case.id, "action": "action", "part": "part"}
    await world.ledger.tamper(FORGED.format(of=2, revision=4, **same))
    await Sealer(world.office.database, SECRET, world.office.clock).seal()

    assert (await world.ledger.verify()).holds
    assert {(Differs.ROW, "state"), (Differs.CASE, "revision")} <= await world.differs()


async def test_a_row_that_the_table_does_not_have_is_named_also_where_the_case_goes_with_it(world, case) -> None:
    await world.ledger.tamper(
        FORGED.format(of=3, revision=4, case=case.id, action="'withdraw'", part="'orderer'"),
    )
    await world.set(case, revision=4)

    assert await world.differs() >= {(Differs.ROW, "action")}


@pytest.mark.parametrize(("gone", "named"), [(2, (Differs.ROW, "revision")), (3, (Differs.CASE, "revision"))])
async def test_a_row_removed_before_it_is_sealed_is_named(world: Ledgered, case, gone: int, named) -> None:
    await world.ledger.tamper(GONE.format(case=case.id, which=f"= {gone}"))

    assert named in await world.differs()


async def test_a_case_without_its_first_row_or_without_any_is_named(world: Ledgered, case) -> None:
    await world.ledger.tamper(GONE.format(case=case.id, which="= 1"))
    first = (await world.replayed()).differences
    await world.ledger.tamper(GONE.format(case=case.id, which="> 1"))
    all_ = (await world.replayed()).differences

    assert [(each.kind, each.case) for each in first] == [(Differs.NO_BEGINNING, case.id)]
    assert all_ == [Difference(Differs.NO_ROWS, case.id)]


async def test_rows_of_a_case_that_there_is_not_are_named_once(world: Ledgered, case) -> None:
    for revision in (1, 2, 3):
        await world.ledger.tamper(
            FORGED.format(of=revision, revision=revision, case=case.id, action="action", part="part").replace(
                "SELECT case_id", "SELECT 'B-9999999'"
            )
        )

    assert [(each.kind, each.case) for each in (await world.replayed()).differences] == [(Differs.NO_CASE, "B-9999999")]


async def test_words_that_are_none_of_ours_are_named_and_stop_nothing(world: Ledgered, case) -> None:
    await world.ledger.tamper(BRIBED.format(case=case.id))

    assert (Differs.ROW, "words") in await world.differs()


UNREADABLE = "UPDATE history SET {change} WHERE case_id = '{case}' AND kind = 'change' AND revision = {revision}"


@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize("change", ["action = 'x'", "evidence = '[]'", """evidence = '{{"costs"\\: []}}'"""])
async def test_a_row_that_cannot_be_read_is_named_also_where_it_is_the_first(world, case, revision, change) -> None:
    await world.ledger.tamper(UNREADABLE.format(change=change.format(), case=case.id, revision=revision))

    found = (await world.replayed()).differences

    assert (Differs.ROW, case.id, "words") in [(each.kind, each.case, each.what) for each in found]


# SQLAlchemy takes a colon for the beginning of a parameter.
NAMED = rf"""UPDATE history SET evidence = replace(evidence, '"flows"\:{VERSION}', '"{{name}}"\:{{version}}')
  WHERE case_id = '{{case}}'"""  # noqa: S608 - ours


async def test_a_row_is_followed_by_the_table_that_it_was_made_under(world: Ledgered, case) -> None:
    without = [each for each in FLOWS if each.does is not Action.CLAIM]
    tables = flow_tables({VERSION: FLOWS, VERSION + 1: without})
    before = await replay(world.office.database, tables=tables)
    await world.ledger.tamper(NAMED.format(name="flows", version=VERSION + 1, case=case.id))
    after = await replay(world.office.database, tables=tables)

    assert before.holds
    assert next((each.kind, each.what) for each in after.differences) == (Differs.ROW, "action")


async def test_a_row_names_its_version_and_one_of_a_version_that_there_is_not_is_named(world: Ledgered, case) -> None:
    rows = await world.ledger.rows("SELECT evidence FROM history WHERE kind = 'change'")
    await world.ledger.tamper(NAMED.format(name="flows", version=VERSION + 1, case=case.id))

    assert {json.loads(said)["flows"] for (said,) in rows} == {VERSION}
    assert (Differs.ROW, "version") in await world.differs()


UNNAMED = {"name": "was", "version": 1}


async def test_a_case_from_before_rows_named_their_version_is_followed_where_it_can_be(world: Ledgered, case) -> None:
    await world.ledger.tamper(NAMED.format(case=case.id, **UNNAMED))
    whole = await world.replayed()
    await world.set(case, decisions="[]")
    kept_otherwise = await world.differs()
    await world.set(case, claimed_by_id=None)
    changed = await world.differs()
    await world.ledger.tamper(FORGED_STEP.format(case=case.id))
    other = await world.replayed()

    assert (whole.holds, whole.cases, whole.not_replayable) == (True, 1, 0)
    assert (kept_otherwise, changed) == (set(), {(Differs.CASE, "claimed_by")})
    assert (other.holds, other.cases, other.not_replayable) == (True, 0, 1)


async def test_a_row_that_names_no_version_after_one_that_did_is_named(world: Ledgered, case) -> None:
    later = await world.office.place(**via_agent())
    await world.ledger.tamper(NAMED.format(case=later.id, **UNNAMED))

    assert await world.differs() == {(Differs.ROW, "version")}


def told(*sets: str, of: int = 2) -> str:
    """A row of the case that is told otherwise before anybody seals it."""
    return f"UPDATE history SET {', '.join(sets)} WHERE case_id = '{{case}}' AND revision = {of}"  # noqa: S608 - ours


def evidence(was: str, becomes: str) -> str:
    """What a row proves, told otherwise."""
    return f"evidence = replace(evidence, '{was}', '{becomes}')".replace(":", r"\:")


# Each before anything is sealed, and the decision in the case goes with it: only the rows before tell.
FORGERIES = {
    "another right's limit": (
        [told(evidence('"amount_ore"', '"limit_ore":100,"amount_ore"'))],
        (Differs.RIGHT, "other_limit"),
    ),
    "another amount": ([told(evidence('"amount_ore":150000', '"amount_ore":100'))], (Differs.ROW, "amount")),
    "the orderer claims": ([told(f"person_id = '{ANNA}'", of=3)], (Differs.RIGHT, "involved")),
    "the attestant claims": ([told(f"person_id = '{BO}'", of=3)], (Differs.RIGHT, "involved")),
    "another part": ([told("part = 'agent_attestant'")], (Differs.ROW, "action")),
    "another action": ([told("action = 'approve'")], (Differs.ROW, "action")),
    "another way": ([told("to_state = 'rejected'")], (Differs.ROW, "to_state")),
    "another beginning": ([told("from_state = 'awaiting_agent_attest'")], (Differs.ROW, "state")),
    "another step": ([told("step = 4")], (Differs.ROW, "step")),
    "another version of the contents": ([told("content_version = 4")], (Differs.ROW, "content_version")),
    "another decider": ([told(f"person_id = '{CECILIA}'")], (Differs.CASE, "decisions")),
    "another absent": (
        [told(evidence('"reason_code"', f'"absent":"{CECILIA}","reason_code"'))],
        (Differs.CASE, "decisions"),
    ),
    "another time": ([told("at = at + 1")], (Differs.CASE, "decisions")),
    "another price": ([told(evidence("[150000,", "[1,"), of=3)], (Differs.CASE, "costs")),
    "another orderer": ([told(f"person_id = '{CECILIA}'", of=1)], (Differs.CASE, "orderer")),
    "another customer": ([told("organisation_id = 'O-clinic'", of=1)], (Differs.CASE, "customer")),
    "another that claims": ([told("person_id = 'P-kalle'", of=3)], (Differs.CASE, "claimed_by")),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_is_told_otherwise_before_it_is_sealed_is_named(world: Ledgered, case, forgery: str) -> None:
    statements, named = FORGERIES[forgery]
    await world.ledger.tamper(*(each.format(case=case.id) for each in statements))
    await Sealer(world.office.database, SECRET, world.office.clock).seal()

    assert (await world.ledger.verify()).holds
    assert named in await world.differs()


async def test_one_person_twice_is_named_where_two_must_attest(world: Ledgered) -> None:
    office = world.office
    await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, attests=2)]))
    case = await office.press(await office.place(), BO, Action.ATTEST, **YES)
    case = await office.press(case, CECILIA, Action.ATTEST, **YES)
    whole = await world.replayed()
    await world.ledger.tamper(told(f"person_id = '{BO}'", of=3).format(case=case.id))
    stored = json.loads((await world.row(case)).decisions)
    stored[2]["person"] = BO
    await world.set(case, decisions=json.dumps(stored))

    assert whole.holds
    assert await world.differs() == {(Differs.RIGHT, "already_attested")}


async def test_whoever_acts_for_both_sides_or_has_recused_is_named(world: Ledgered) -> None:
    office = world.office
    case = await office.press(await office.place(**via_agent()), HELENA, Action.APPROVE, **YES)
    case = await office.press(case, AMIR, Action.ATTEST, **YES)
    case = await office.press(case, CECILIA, Action.RECUSE, **YES)
    case = await office.press(case, BO, Action.ATTEST, **YES)
    whole, named = await world.replayed(), []
    for person in (HELENA, CECILIA):
        await world.ledger.tamper(told(f"person_id = '{person}'", of=5).format(case=case.id))
        named.append(await world.differs())

    assert whole.holds
    assert [(Differs.RIGHT, "both_sides") in named[0], (Differs.RIGHT, "recused") in named[1]] == [True, True]


async def test_jav_that_left_an_own_approval_standing_is_named_unless_it_is_from_before_it_fell(
    world: Ledgered,
) -> None:
    office = world.office
    case = await office.press(await office.place(**via_agent()), ASTA, Action.APPROVE, **YES)
    back = await office.press(case, ASTA, Action.RECUSE, **YES)
    whole = await world.replayed()
    await world.ledger.tamper(told("to_state = 'awaiting_agent_attest'", of=3).format(case=case.id))
    now = await world.differs()
    await world.ledger.tamper(told(evidence(f'"flows":{VERSION}', '"flows":2'), of=3).format(case=case.id))
    then = await world.differs()

    assert (whole.holds, back.state) == (True, "awaiting_agent_approval")
    assert {kind for kind, _ in now} == {Differs.RIGHT, Differs.CASE}
    assert {kind for kind, _ in then} == {Differs.CASE}


async def test_what_begins_before_the_history_that_is_kept_is_counted_and_accused_of_nothing(world: Ledgered) -> None:
    archive = Archive(world.office)
    await lived(world.office)
    await archive.drain()
    await archive.after(days=9 * 366)
    case = await world.office.place(**via_agent(9))
    replayed = await world.replayed()

    assert replayed.holds
    assert replayed.not_replayable > 0
    assert replayed.cases >= 1
    await world.set(case, state="rejected")
    assert await world.differs() == {(Differs.CASE, "state")}


async def waited(world: Ledgered):
    """An order that waited at customer service for longer than history is kept, and went on then."""
    office, archive = world.office, Archive(world.office)
    case = await office.press(await office.press(await office.place(), BO, Action.ATTEST, **YES), KARIN, Action.CLAIM)
    await archive.drain()
    await archive.after(days=9 * 366)
    for person, action in ((KARIN, Action.REQUEST_COMPLETION), (ANNA, Action.ANSWER), (KARIN, Action.RELEASE)):
        case = await office.press(case, person, action, **YES)
    return await office.press(case, KALLE, Action.CLAIM)


# What is changed by hand in a case whose first rows are gone, or in its decisions of since then.
WAITED = {
    "state": {"state": "awaiting_customer_attest"},
    "step": {"step": 9},
    "revision": {"revision": 9},
    "content_version": {"content_version": 2},
    "claimed_by": {"claimed_by_id": KARIN},
    "is_closed": {"closed_at": tables.from_micros(0)},
    "decisions": None,
}


async def test_a_case_whose_first_rows_a_purge_took_is_held_against_those_that_are_left(world: Ledgered) -> None:
    case = await waited(world)
    whole = await world.replayed()
    before, named = (await world.row(case))._mapping, []
    forged = json.loads(before["decisions"])
    forged[-1]["person"] = CECILIA
    for values in WAITED.values():
        changed = values or {"decisions": json.dumps(forged)}
        await world.set(case, **changed)
        named.append(await world.differs())
        stood = {name: tables.from_micros(before[name]) if name == "at" else before[name] for name in changed}
        await world.set(case, **stood)
    await world.ledger.tamper(GONE.format(case=case.id, which=f"= {case.revision - 1}"))

    assert (whole.differences, whole.not_replayable) == ([], 1)
    assert named == [{(Differs.CASE, what)} for what in WAITED]
    assert (Differs.ROW, "revision") in await world.differs()


async def run_out(world: Ledgered, *, purged: bool = False):
    """An order whose time at customer service has run out for whoever has it, and the row of history that says so."""
    office, archive = world.office, Archive(world.office)
    case = await office.press(await office.press(await office.place(), BO, Action.ATTEST, **YES), KARIN, Action.CLAIM)
    if purged:
        await archive.drain()
        # A Monday: the clock does nothing on a free day.
        await archive.after(days=9 * 366 + 1)
    else:
        office.clock.forward(days=7)
    await office.orders.run_clock()
    return case, case.revision + 1


@pytest.mark.parametrize("purged", [False, True])
async def test_a_case_that_the_clock_took_from_whoever_had_it_is_nobodys_in_the_versions_that_did_so(
    world: Ledgered, purged
) -> None:
    case, row = await run_out(world, purged=purged)
    kept = await world.differs()
    await world.ledger.tamper(told(evidence(f'"flows":{VERSION}', '"flows":5'), of=row).format(case=case.id))
    then = await world.differs()
    await world.set(case, claimed_by_id=None)

    assert kept == set()
    assert then == {(Differs.CASE, "claimed_by")}
    assert await world.differs() == set()


async def test_an_order_that_became_another_is_nobodys_though_its_first_rows_were_purged(world: Ledgered) -> None:
    office, archive = world.office, Archive(world.office)
    case = await office.press(await office.press(await office.place(), BO, Action.ATTEST, **YES), KARIN, Action.CLAIM)
    await archive.drain()
    await archive.after(days=9 * 366)
    for action in (Action.RELEASE, Action.CLAIM, Action.REQUEST_COMPLETION):
        case = await office.press(case, KARIN, action, **YES)
    case = await office.press(case, ANNA, Action.ANSWER, revision=Revision((), "NY-REF"), message="Så här")
    replayed = await world.replayed()
    await world.set(case, claimed_by_id=KARIN)

    assert (case.claimed_by, replayed.differences, replayed.not_replayable) == (None, [], 1)
    assert await world.differs() == {(Differs.CASE, "claimed_by")}


async def test_a_mark_of_the_purge_that_no_purge_told_of_hides_nothing(world: Ledgered, case) -> None:
    other = await world.office.press(await world.office.place(**via_agent(9)), ANNA, Action.WITHDRAW, **YES)
    for each in (case, other):
        await world.set(each, purged=4, decisions="[]")
    open_and_closed = await world.replayed()

    assert {(each.kind, each.case, each.what) for each in open_and_closed.differences} == {
        (Differs.CASE, each.id, what) for each in (case, other) for what in ("purged", "decisions")
    }


async def test_what_a_purge_took_from_a_case_is_no_difference_as_long_as_it_says_so(world: Ledgered) -> None:
    archive = Archive(world.office)
    await lived(world.office)
    await archive.drain()
    world.office.clock.forward(days=9 * 366)
    # Nothing is sealed, and so no row goes.
    for _ in range(2):
        gone = await archive.purge.run(world.office.clock())
        await archive.drain()
    whole = await world.replayed()
    await world.ledger.tamper("DELETE FROM history WHERE kind = 'purge'")

    assert (gone["decisions"] > 0, gone["history"], whole.differences) == (True, 0, [])
    assert (Differs.CASE, "purged") in await world.differs()


async def test_closed_cases_are_forgotten_while_it_walks(world: Ledgered, monkeypatch) -> None:
    monkeypatch.setattr(replaying, "PAGE", 4)
    remembered, step = [], replaying._ReplayWalk._follow_page

    async def watched(walk, page):
        await step(walk, page)
        remembered.append(len(walk._open))

    monkeypatch.setattr(replaying._ReplayWalk, "_follow_page", watched)
    await world.office.place(**via_agent())
    for number in range(20):
        case = await world.office.place(key=f"{number}")
        await world.office.press(case, ANNA, Action.WITHDRAW, confirmed=True)
    replayed = await world.replayed()

    assert (replayed.holds, replayed.cases) == (True, 21)
    assert max(remembered) <= 3


async def test_replaying_takes_as_many_statements_as_there_are_pages(world: Ledgered, monkeypatch) -> None:
    monkeypatch.setattr(replaying, "PAGE", 10)
    asked, counts = statements_of(world.office.database), []
    for _ in range(2):
        for number in range(30 * (1 + 2 * len(counts))):
            await world.office.press(
                await world.office.place(key=f"{len(counts)} {number}"), ANNA, Action.WITHDRAW, confirmed=True
            )
        asked.clear()
        assert (await world.replayed()).holds
        counts.append(len(asked))

    assert counts[1] < 4.5 * counts[0]


async def test_a_row_is_judged_by_the_conditions_of_its_own_version(world: Ledgered) -> None:
    office = world.office
    case = await office.place(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT)
    for person, action in ((KARIN, Action.CLAIM), (KARIN, Action.APPROVE), (AMIR, Action.ATTEST)):
        case = await office.press(case, person, action, **YES)
    stored = json.loads((await world.row(case)).decisions)
    stored[-1]["person"] = KARIN
    await world.set(case, decisions=json.dumps(stored))
    await world.ledger.tamper(told(f"person_id = '{KARIN}'", of=4).format(case=case.id))

    # That the register gives her no role there is named under each version.
    assert (Differs.RIGHT, "acted_for_inera") in await world.differs()
    await world.ledger.tamper(told(evidence(f'"flows":{VERSION}', '"flows":1'), of=4).format(case=case.id))
    assert await world.differs() == {(Differs.RIGHT, "no_role")}


async def test_a_claim_of_the_first_version_fixed_no_side_for_what_is_decided_later(world: Ledgered) -> None:
    office = world.office
    case = await office.place(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT)
    for person, action in ((KARIN, Action.CLAIM), (KARIN, Action.RELEASE), (KALLE, Action.CLAIM)):
        case = await office.press(case, person, action, **YES)
    await world.ledger.tamper(told(evidence(f'"flows":{VERSION}', '"flows":1'), of=2).format(case=case.id))
    progress = json.loads((await world.row(case)).progress)
    progress["acted"] = [each for each in progress["acted"] if each[1] != KARIN]
    await world.set(case, progress=json.dumps(progress))
    await world.keep(lambda writer: writer.role(KARIN, AGENT, RoleEntry(role=Role.ATTESTANT)))
    office.clock.forward(hours=1)
    case = await office.press(case, KALLE, Action.APPROVE, **YES)
    await office.press(case, KARIN, Action.ATTEST, **YES)
    whole = await world.differs()
    await world.ledger.tamper(told(evidence('"flows":1', f'"flows":{VERSION}'), of=2).format(case=case.id))

    assert whole == set()
    assert await world.differs() == {(Differs.RIGHT, "acted_for_inera")}
