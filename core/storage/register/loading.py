"""Loading a register file into the database, or naming every problem in it by line.

First all of it is checked, and nothing is written where anything is wrong. Then what differs is written in short
transactions with pauses between: the register keeps its rules after each, and a load that was cut short is run again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

from sqlalchemy import Connection

from core.ports.cases import NewId, Now
from core.ports.register_entries import Outcome
from core.register.administration import FILE, register_author
from core.register.entries import OrganisationEntry, PersonEntry
from core.register.organisations import Tier
from core.register.register_file import (
    File,
    FileOffer,
    FileOrganisation,
    FilePerson,
    FileProblem,
    FileService,
    FileSubstitution,
    FileTier,
    LoadFailed,
    LoadOvertaken,
    Marks,
    Path,
    read_file,
)
from core.shared.errors import RegisterError
from core.shared.vocabulary import OfferId, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.database.database import Database
from core.storage.register.register import Writer, write_register
from core.storage.register.rehearsal import Named, Rows, read_stored, rehearse

__all__ = ["FileProblem", "LoadFailed", "LoadOvertaken", "Tally", "load"]

Progress = Callable[[int, int], None]
Rest = Callable[[float], Awaitable[None]]

AUTHOR = register_author(FILE)
# So many entries share a transaction. An organisation is written whole, in one: only what has more entries than the
# second figure is cut, see `_pieces`. Somebody else may have to wait for as long as one takes, which is some hundredths
# of a second.
ENTRIES, WHOLE = 20, 200
# Seconds between two transactions, at least; else as many as the last one took, so that half of the time is others'.
REST = 0.005


@dataclass
class Tally:
    """How many entries were added, changed, and found as the file says."""

    count: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def written(self) -> int:
        """How many entries were added or changed."""
        return self.count[Outcome.ADDED] + self.count[Outcome.CHANGED]

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Count more."""
        for outcome in outcomes:
            self.count[outcome] += 1


def no_progress(done: int, size: int) -> None:
    """Ignore how far the load has come."""


async def load(
    database: Database,
    text: str,
    *,
    now: Now,
    new_id: NewId,
    checked: Progress = no_progress,
    written: Progress = no_progress,
    rest: Rest = asyncio.sleep,
) -> Tally:
    """Check a file against itself and the register, then write what differs; what was written already stays as it is.

    `checked` and `written` are told how many entries of how many; `rest` lets so many seconds pass between two
    transactions. Raise LoadFailed with every problem, where nothing was written, and LoadOvertaken where somebody
    changed the register between the check and the writing.
    """
    file, marks = read_file(text)
    groups = list(_groups(file))
    rows = await read_stored(database, _named(file))
    check = _Check(marks, checked, sum(map(_size, groups)))
    differing = await asyncio.to_thread(
        rehearse, rows, lambda connection: check.run(groups, Writer(connection, now(), new_id, AUTHOR))
    )
    tally, done, size = check.tally, 0, sum(map(len, differing))

    def write(connection: Connection, batch: Sequence[_Entry]) -> Sequence[Outcome]:
        pen = _Pen(write_register(connection, now, new_id, AUTHOR))
        return [outcome for entry in batch for outcome in _put(entry, pen, marks, tally.written)]

    agreed = _agreed(rows)
    stands = [bool(group) and _number(file, group[0].path) in agreed for group in differing]
    for batch in _batches(zip(differing, stands, strict=True)):
        began = time.perf_counter()
        tally.note(await database.write(partial(write, batch=batch)))
        written(done := done + len(batch), size)
        await rest(max(REST, time.perf_counter() - began))
    return tally


class _Pen:
    """Writes entries in one transaction, and knows whom it has met in it."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._organisations: dict[str, OrganisationId] = {}
        self._people: dict[str, PersonId] = {}

    def put_organisation(self, entry: OrganisationEntry) -> Outcome:
        self._organisations[entry.org_number], outcome = self.writer.organisation(entry)
        return outcome

    def put_person(self, entry: PersonEntry) -> Outcome:
        self._people[entry.email], outcome = self.writer.person(entry)
        return outcome

    def organisation(self, number: str) -> OrganisationId:
        if number not in self._organisations:
            self._organisations[number] = self.writer.organisation_with(number)
        return self._organisations[number]

    def person(self, email: str, **where: object) -> PersonId:
        if email not in self._people:
            self._people[email] = self.writer.person_with(email, **where)
        return self._people[email]


class _Turn(IntEnum):
    """In which order the entries of an organisation are written that is cut."""

    PEOPLE = 1  # who has no role yet can do nothing
    RIGHTS = 2
    ADMINISTRATORS = 3  # they could change what is to come
    AGREEMENTS = 4  # without one nobody orders, and nothing can be decided


@dataclass(frozen=True)
class _Entry:
    """Something to write, where it stands in the file, and what is about it: nothing, unless it is there itself."""

    path: Path
    write: Callable[[_Pen], Sequence[Outcome]]
    about: Sequence["_Entry"] = ()
    turn: _Turn = _Turn.RIGHTS


# --- checking


@dataclass
class _Check:
    """Tries every entry on a register that nobody keeps: what is wrong, and which entries would change anything."""

    marks: Marks
    told: Progress
    size: int
    tally: Tally = field(default_factory=Tally)
    problems: list[FileProblem] = field(default_factory=list[FileProblem])
    done: int = 0

    def run(self, groups: Sequence[_Entry], writer: Writer) -> list[list[_Entry]]:
        """Return the entries of each group that differ, in their order. Raise LoadFailed."""
        pen = _Pen(writer)
        differing = [list(self._differing(group, pen)) for group in groups]
        if self.problems:
            raise LoadFailed(self.problems)
        return differing

    def _differing(self, entry: _Entry, pen: _Pen) -> Iterator[_Entry]:
        self.done += 1
        self.told(self.done, self.size)
        try:
            outcomes = entry.write(pen)
        except RegisterError as refusal:
            self.problems.append(_problem(self.marks, entry, refusal))
            return
        if set(outcomes) <= {Outcome.SAME}:
            self.tally.note(outcomes)
        else:
            yield entry
        for part in entry.about:
            yield from self._differing(part, pen)


def _problem(marks: Marks, entry: _Entry, refusal: RegisterError) -> FileProblem:
    within: Path = () if "index" not in refusal.facts else (int(str(refusal.facts["index"])),)
    # What is stored in öre, the file says in kronor.
    problem, about = str(refusal.facts["problem"]), str(refusal.facts["field"]).removesuffix("_ore")
    return marks.problem((*entry.path, *within, about), problem)


# --- writing


def _agreed(rows: Rows) -> frozenset[str]:
    """Return the numbers of organisations that have, or have had, an agreement."""
    agreed = {row["organisation_id"] for row in rows[tables.agreements]}
    return frozenset(row["org_number"] for row in rows[tables.organisations] if row["id"] in agreed)


def _number(file: File, path: Path) -> str | None:
    """Return the number of the organisation that an entry is about; None of the catalogue."""
    return file.organisations[int(path[1])].org_number if path[0] == "organisations" else None


def _batches(groups: Iterable[tuple[Sequence[_Entry], bool]]) -> Iterator[Sequence[_Entry]]:
    """Yield what is written together: small groups, or one, or a piece of one that is larger than any should be."""
    batch: list[_Entry] = []
    for group, stands in groups:
        if batch and len(batch) + len(group) > ENTRIES:
            yield batch
            batch = []
        *pieces, last = _pieces(group, stands=stands)
        yield from pieces
        batch += last
    if batch:
        yield batch


def _pieces(group: Sequence[_Entry], *, stands: bool) -> Iterator[Sequence[_Entry]]:
    """Cut a group that is too large so that between two pieces nobody may do more than before it or after it.

    Where people order already, all their rights and rules are one piece, however large: half of the one with half of
    the other may let somebody do what neither lets.
    """
    if len(group) <= WHOLE:
        yield group
        return
    in_turn = sorted(group, key=lambda entry: entry.turn)
    small = sum(entry.turn is _Turn.PEOPLE for entry in in_turn) if stands else len(in_turn)
    yield from (in_turn[start : min(start + WHOLE, small)] for start in range(0, small, WHOLE))
    yield in_turn[small:]


def _put(entry: _Entry, pen: _Pen, marks: Marks, written: int) -> Sequence[Outcome]:
    try:
        return entry.write(pen)
    except RegisterError as refusal:
        raise LoadOvertaken(_problem(marks, entry, refusal), written) from None


# --- what a file says, as entries


def _named(file: File) -> Named:
    people = {person.email for organisation in file.organisations for person in organisation.people}
    for organisation in file.organisations:
        people |= {email for tier in organisation.tiers for email in tier.sequence}
        people |= {email for lent in organisation.substitutions for email in (lent.absent, lent.substitute)}
    return Named({organisation.org_number for organisation in file.organisations}, people)


def _groups(file: File) -> Iterator[_Entry]:
    for index, service in enumerate(file.services):
        yield _service(("services", index), service)
    for index, organisation in enumerate(file.organisations):
        yield _organisation(("organisations", index), organisation)


def _size(entry: _Entry) -> int:
    return 1 + sum(map(_size, entry.about))


def _service(path: Path, service: FileService) -> _Entry:
    offers = [_offer((*path, "offers", index), service.code, offer) for index, offer in enumerate(service.offers)]
    return _Entry(path, lambda pen: [pen.writer.service(service.code, service)], offers)


def _offer(path: Path, service: str, offer: FileOffer) -> _Entry:
    prices = [price.price() for price in offer.prices]
    priced = _Entry((*path, "prices"), lambda pen: pen.writer.prices(OfferId(offer.code), prices))
    return _Entry(path, lambda pen: [pen.writer.offer(offer.code, service, offer)], [priced] if prices else [])


def _organisation(path: Path, organisation: FileOrganisation) -> _Entry:
    return _Entry(path, lambda pen: [pen.put_organisation(organisation)], list(_about(path, organisation)))


def _about(path: Path, organisation: FileOrganisation) -> Iterator[_Entry]:
    number = organisation.org_number
    for index, agreement in enumerate(organisation.agreements):
        yield _Entry(
            (*path, "agreements", index),
            lambda pen, agreement=agreement: [
                pen.writer.agreement(pen.organisation(number), agreement.type, agreement)
            ],
            turn=_Turn.AGREEMENTS,
        )
    for index, assignment in enumerate(organisation.agent_assignments):
        yield _Entry(
            (*path, "agent_assignments", index),
            lambda pen, assignment=assignment: [
                pen.writer.agent_assignment(pen.organisation(number), assignment.service, assignment)
            ],
            turn=_Turn.AGREEMENTS,
        )
    for index, person in enumerate(organisation.people):
        yield _person((*path, "people", index), number, person)
    for index, channel in enumerate(organisation.channels):
        yield _Entry(
            (*path, "channels", index),
            lambda pen, channel=channel: [pen.writer.channel(pen.organisation(number), channel.role, channel)],
        )
    # What names people comes when they are there.
    if "tiers" in organisation.model_fields_set:
        yield _Entry((*path, "tiers"), lambda pen: [_put_tiers(pen, number, organisation.tiers)])
    for index, lent in enumerate(organisation.substitutions):
        where = (*path, "substitutions", index)
        yield _Entry(where, lambda pen, substitution=lent: [_put_substitution(pen, number, substitution)])


def _person(path: Path, number: str, person: FilePerson) -> _Entry:
    roles = [
        _Entry(
            (*path, "roles", index),
            lambda pen, role=held: [pen.writer.role(pen.person(person.email), pen.organisation(number), role)[1]],
            turn=_Turn.ADMINISTRATORS if held.role is Role.ADMINISTRATOR else _Turn.RIGHTS,
        )
        for index, held in enumerate(person.roles)
    ]
    # Who has left loses every right.
    turn = _Turn.PEOPLE if person.active else _Turn.RIGHTS
    return _Entry(path, lambda pen: [pen.put_person(person)], roles, turn)


def _put_tiers(pen: _Pen, number: str, tiers: Sequence[FileTier]) -> Outcome:
    rows: list[Tier] = []
    for index, tier in enumerate(tiers):
        people = [pen.person(email, field="sequence", index=index) for email in tier.sequence]
        rows.append(Tier(tier.from_ore, tier.attests, tuple(people)))
    return pen.writer.tiers(pen.organisation(number), rows)


def _put_substitution(pen: _Pen, number: str, lent: FileSubstitution) -> Outcome:
    absent = pen.person(lent.absent, field="absent")
    substitute = pen.person(lent.substitute, field="substitute")
    return pen.writer.substitution(pen.organisation(number), absent, substitute, lent)[1]
