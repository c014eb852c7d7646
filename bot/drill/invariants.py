"""What must hold after a drill, whatever has gone wrong: each is held against the database and what Slack shows."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.config.settings import Settings
from bot.drill.crowd import CrowdMember, CrowdTold, SentForm, wishes_in
from bot.drill.recovery import Recovery
from bot.drill.stack import DrilledProcess
from bot.sandbox.block_kit.elements import with_ids
from bot.sandbox.shapes import Json
from bot.sandbox.world.world import PostedMessage
from core.api import Action, LineKind, Surface
from core.storage import tables
from core.storage.audit.replaying import replay
from core.storage.audit.verifying import verify
from core.storage.database.database import Database
from notifications.cards.card import Card
from notifications.cards.drawer import DrawnCard
from notifications.render.surfaces import block_kit
from notifications.slack.workspaces import issuer

# So many are named; of what is wrong all through, the rest is counted.
NAMED = 20

Line = Row[Any]

DECISIONS = frozenset({Action.APPROVE, Action.ATTEST, Action.EMERGENCY_ATTEST, Action.REJECT})


class Invariant(StrEnum):
    """A promise that no trouble excuses."""

    KEPT = "kept"  # what was answered as counting counts
    ONCE = "once"  # a step is decided once
    TRUE = "true"  # Slack shows what the database says
    REPLAYS = "replays"  # history leads to what stands, and is as it was sealed
    RETURNS = "returns"  # a process ends when it is told to or killed, and comes back


@dataclass
class Judgement:
    """Whether an invariant holds: how much was looked at, and what was found wrong, by ids and codes."""

    invariant: Invariant
    looked_at: int = 0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def holds(self) -> bool:
        """True where something was looked at and nothing is wrong with it."""
        return self.looked_at > 0 and not self.wrong


@dataclass(frozen=True)
class Stored:
    """What the database says after a drill: lines about changes by case, cases, and whose accounts are."""

    lines: Mapping[str, Sequence[Line]]
    cases: Mapping[str, Line]
    people: Mapping[tuple[str, str], str]
    lost: Sequence[Line]


def read_stored(connection: Connection) -> Stored:
    """Read it."""
    lines = defaultdict[str, list[Line]](list)
    history = tables.history
    changes = select(history).where(history.c.kind == LineKind.CHANGE).order_by(history.c.case_id, history.c.revision)
    for line in connection.execute(changes):
        lines[line.case_id].append(line)
    cases = {row.id: row for row in connection.execute(select(tables.cases))}
    people = {(row.issuer, row.subject): row.person_id for row in connection.execute(select(tables.identities))}
    lost = select(tables.cards).where(tables.cards.c.given_up_at.is_not(None), tables.cards.c.workspace_id.is_not(None))
    return Stored(lines, cases, people, connection.execute(lost).all())


def judge_kept(told: CrowdTold, stored: Stored) -> Judgement:
    """No acknowledged press is lost: a line of history tells of each, and each order that was placed is one."""
    found = Judgement(Invariant.KEPT, len(told.acknowledged) + len(told.orders))
    done = {(line.case_id, line.step, line.action, line.person_id) for line in _all(stored)}
    for each in told.acknowledged:
        if _pressed(each, stored) not in done:
            found.wrong.append(f"lost {_named(each)}")
    placed = Counter(case.external_case_ref for case in stored.cases.values() if case.external_case_ref)
    by_key = {case.external_case_ref: case.id for case in stored.cases.values()}
    found.wrong += [f"lost order={order}" for key, order in told.orders.items() if by_key.get(key) != order]
    found.wrong += [f"placed twice key={key}" for key, times in placed.items() if times > 1]
    return found


def judge_once(told: CrowdTold, stored: Stored) -> Judgement:
    """A step is left once, nobody decides it twice, and nobody has done what they did not press."""
    found = Judgement(Invariant.ONCE, sum(map(len, stored.lines.values())))
    for case, lines in stored.lines.items():
        found.wrong += [f"{wrong} case={case}" for wrong in _wrong_in(lines, stored.cases[case])]
    pressed = {(_person(by, stored), wish.pointer.case, wish.action) for by, wish in told.wishes}
    for line in _all(stored):
        if line.surface == Surface.SLACK and (line.person_id, line.case_id, line.action) not in pressed:
            found.wrong.append(f"never_pressed={line.action} case={line.case_id} step={line.step}")
    return found


async def judge_true(recovery: Recovery, stored: Stored, *, is_settled: bool) -> Judgement:
    """Every message is the card that the database says, nothing is owed or lost, and no message is nobody's.

    A card that need not follow every change of its order shows it as it was, and offers nothing that is over.
    """
    drawn = await recovery.drawn()
    found = Judgement(Invariant.TRUE, len(drawn))
    found.wrong += [] if is_settled else ["owed_for_ever"]
    found.wrong += [f"given_up={card.id} case={card.case_id} error={card.last_error}" for card in stored.lost]
    for card, now in drawn:
        if wrong := _untrue(card, now, recovery.shown(card)):
            found.wrong.append(f"{wrong} card={card.id} kind={card.kind} case={card.case}")
    found.wrong += [f"nobodys channel={where.id} ts={each.ts}" for where, each in await recovery.copies()]
    return found


def _untrue(card: Card, now: DrawnCard, shown: PostedMessage | None) -> str:
    """Say in a word what is not true of a message; nothing where all is."""
    if shown is None:
        return "missing"
    message = block_kit.message(now.message, now.called)
    if card.case is None or card.does_show >= now.revision:
        is_same = (shown.text, _said(shown.blocks)) == (message["text"], _said(message["blocks"]))
        return "" if is_same else "stale"
    marks = {block["block_id"].rpartition(".")[2] for block in shown.blocks or ()}
    if marks != {str(card.does_show)}:
        return "other_revision"
    actions = ({wish.action for wish in wishes_in(blocks)} for blocks in (shown.blocks or (), message["blocks"]))
    return "" if next(actions) <= next(actions) else "offers"


async def judge_replays(database: Database, settings: Settings) -> Judgement:
    """History is as it was sealed, and every case and the register are what it makes of them."""
    secret, earlier = settings.history_keys()
    report = await verify(database, secret, datetime.now(UTC), earlier=earlier)
    replayed = await replay(database)
    found = Judgement(Invariant.REPLAYS, report.sealed)
    found.wrong += [f"{each.kind} row={each.row} seal={each.seal}" for each in report.findings]
    found.wrong += [f"unsealed={report.unsealed}"] if report.unsealed else []
    found.wrong += [f"{each.kind} case={each.case} row={each.row} {each.what}" for each in replayed.differences]
    return found


def judge_returns(processes: Sequence[DrilledProcess], absent: Sequence[str]) -> Judgement:
    """Nobody ends unless killed or told to, and whoever was killed answers again."""
    found = Judgement(Invariant.RETURNS, len(processes))
    found.wrong += [f"absent={name}" for name in absent]
    found.wrong += [
        f"ended={process.name} code={fall.code} said={fall.said}" for process in processes for fall in process.falls
    ]
    return found


def _all(stored: Stored) -> Iterator[Line]:
    return (line for lines in stored.lines.values() for line in lines)


def _person(by: CrowdMember, stored: Stored) -> str | None:
    return stored.people.get((issuer(by.team), by.user))


def _pressed(form: SentForm, stored: Stored) -> tuple[str, int, str, str | None]:
    pointer = form.wish.pointer
    return pointer.case, pointer.seen.step, form.wish.action, _person(form.by, stored)


def _named(form: SentForm) -> str:
    pointer = form.wish.pointer
    return f"press={form.wish.action} case={pointer.case} step={pointer.seen.step} by={form.by.user}"


def _wrong_in(lines: Sequence[Line], case: Line) -> Iterator[str]:
    if [line.revision for line in lines] != list(range(1, case.revision + 1)):
        yield "revisions"
    for one, following in pairwise(lines):
        if one.to_state != following.from_state or following.step - one.step not in (0, 1):
            yield f"chain revision={following.revision}"
    if lines[-1].to_state != case.state:
        yield "state"
    left = Counter(line.step for line in lines if line.from_state != line.to_state)
    yield from (f"left_twice step={step}" for step, times in left.items() if times > 1)
    decided = Counter((line.step, line.person_id, line.action) for line in lines if line.action in DECISIONS)
    yield from (f"decided_twice step={step} {action}" for (step, _, action), times in decided.items() if times > 1)


def _said(blocks: Sequence[Json] | None) -> list[Json]:
    """What blocks say and offer. Their ids name the revision that they were drawn at, which may change nothing else."""
    filled = with_ids(list(blocks or ()), str)
    return [{name: part for name, part in block.items() if name != "block_id"} for block in filled]
