"""Loads a file of services and organisations into the register, or names all that is wrong in it, by line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from core.errors import RegisterError
from core.lines import FILE, author_of_register
from core.ports import NewId
from core.register_file import (
    File,
    FileOffer,
    FileOrganisation,
    FilePerson,
    FileService,
    FileSubstitution,
    FileTier,
    LoadFailed,
    Marks,
    Path,
    Problem,
    read_file,
)
from core.situation import Tier
from core.storage.register import Writer, write_register
from core.storage.rows import Outcome
from core.words import OfferId, OrganisationId

__all__ = ["LoadFailed", "Problem", "Tally", "load"]

T = TypeVar("T")
Progress = Callable[[int, int], None]


@dataclass
class Tally:
    """How many entries were added, changed, and found as the file says."""

    count: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def written(self) -> int:
        """How many entries were added or changed."""
        return self.count[Outcome.ADDED] + self.count[Outcome.CHANGED]

    def note(self, outcome: Outcome) -> None:
        """Count one more."""
        self.count[outcome] += 1


def load(connection: Connection, text: str, *, at: datetime, new_id: NewId, progress: Progress | None = None) -> Tally:
    """Write a file into the register, inside one transaction; `progress` is told how many entries of how many.

    Raises LoadFailed with every problem; the caller's transaction is then rolled back.
    """
    file, marks = read_file(text)
    loading = _Loading(write_register(connection, at, new_id, author_of_register(FILE)), marks, progress, _size(file))
    loading.run(file)
    if loading.problems:
        raise LoadFailed(loading.problems)
    return loading.tally


@dataclass
class _Loading:
    writer: Writer
    marks: Marks
    progress: Progress | None
    size: int
    tally: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list[Problem])
    done: int = 0

    def run(self, file: File) -> None:
        for index, service in enumerate(file.services):
            self._service(("services", index), service)
        for index, organisation in enumerate(file.organisations):
            self._organisation(("organisations", index), organisation)

    def _service(self, path: Path, service: FileService) -> None:
        self._count(path, lambda: self.writer.service(service.code, service))
        for index, offer in enumerate(service.offers):
            self._offer((*path, "offers", index), service.code, offer)

    def _offer(self, path: Path, service: str, offer: FileOffer) -> None:
        if self._count(path, lambda: self.writer.offer(offer.code, service, offer)) is None or not offer.prices:
            return
        prices = [each.price() for each in offer.prices]
        for outcome in self._try((*path, "prices"), lambda: self.writer.prices(OfferId(offer.code), prices)) or ():
            self.tally.note(outcome)

    def _organisation(self, path: Path, organisation: FileOrganisation) -> None:
        found = self._try(path, lambda: self.writer.organisation(organisation))
        if found is None:
            return
        id_, outcome = found
        self.tally.note(outcome)
        for index, agreement in enumerate(organisation.agreements):
            where = (*path, "agreements", index)
            self._count(where, lambda each=agreement: self.writer.agreement(id_, each.type, each))
        for index, given in enumerate(organisation.agent_assignments):
            where = (*path, "agent_assignments", index)
            self._count(where, lambda each=given: self.writer.agent_assignment(id_, each.service, each))
        for index, person in enumerate(organisation.people):
            self._person((*path, "people", index), id_, person)
        # What names people comes when they are there.
        if "tiers" in organisation.model_fields_set:
            self._count((*path, "tiers"), lambda: self.writer.tiers(id_, list(self._tiers(organisation.tiers))))
        for index, lent in enumerate(organisation.substitutions):
            self._count((*path, "substitutions", index), lambda each=lent: self._substitution(id_, each))

    def _person(self, path: Path, organisation: OrganisationId, person: FilePerson) -> None:
        found = self._try(path, lambda: self.writer.person(person))
        if found is None:
            return
        id_, outcome = found
        self.tally.note(outcome)
        for index, held in enumerate(person.roles):
            self._count((*path, "roles", index), lambda each=held: self.writer.role(id_, organisation, each)[1])

    def _tiers(self, tiers: Sequence[FileTier]) -> Iterator[Tier]:
        for index, each in enumerate(tiers):
            people = [self.writer.person_with(email, field="sequence", index=index) for email in each.sequence]
            yield Tier(each.from_ore, each.attests, tuple(people))

    def _substitution(self, organisation: OrganisationId, lent: FileSubstitution) -> Outcome:
        absent = self.writer.person_with(lent.absent, field="absent")
        substitute = self.writer.person_with(lent.substitute, field="substitute")
        return self.writer.substitution(organisation, absent, substitute, lent)[1]

    def _count(self, path: Path, write: Callable[[], Outcome]) -> Outcome | None:
        outcome = self._try(path, write)
        if outcome is not None:
            self.tally.note(outcome)
        return outcome

    def _try(self, path: Path, write: Callable[[], T]) -> T | None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.size)
        try:
            return write()
        except RegisterError as refusal:
            within: Path = () if "index" not in refusal.facts else (int(str(refusal.facts["index"])),)
            # What is stored in öre, the file says in kronor.
            problem, about = str(refusal.facts["problem"]), str(refusal.facts["field"]).removesuffix("_ore")
            self.problems.append(self.marks.problem((*path, *within, about), problem))
            return None


def _size(file: File) -> int:
    offers = sum(len(service.offers) + sum(bool(offer.prices) for offer in service.offers) for service in file.services)
    return len(file.services) + offers + sum(map(_size_of, file.organisations))


def _size_of(organisation: FileOrganisation) -> int:
    people = sum(1 + len(person.roles) for person in organisation.people)
    declared = int("tiers" in organisation.model_fields_set) + len(organisation.substitutions)
    return 1 + len(organisation.agreements) + len(organisation.agent_assignments) + people + declared
