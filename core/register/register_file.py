"""The register file that `load` reads: its format, and the line and column of every problem."""

import reprlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, cast

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from yaml.constructor import ConstructorError

from core.catalogue.prices import Price
from core.register.entries import (
    FROM_FILE,
    LARGEST_ORE,
    MOST_ATTESTS,
    MOST_TIERS,
    NO_WHOLE_NUMBER,
    Attests,
    ChannelEntry,
    Code,
    Day,
    Email,
    Entry,
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    RoleEntry,
    ServiceEntry,
    SubstitutionEntry,
    problem_code,
)
from core.shared.vocabulary import AgreementType, Payer, Period, PriceKind, PriceUnit, Role

Path = tuple[str | int, ...]
# Deeper than any file of this format: an anchor that holds itself would have no end.
DEEPEST = 12
# Of a file that repeats itself by aliases; one that has none has fewer places than characters.
MOST_PLACES = 100_000
# Digits of a number, of which none here has more than a few.
LONGEST_NUMBER = 100
# An amount in kronor goes by no other name than the one without öre in it.
IN_KRONOR = ConfigDict(populate_by_name=False)


def _ore(kronor: object) -> int:
    try:
        ore = Decimal(str(kronor)) * 100
    except ArithmeticError:
        ore = Decimal("NaN")
    if isinstance(kronor, bool) or not ore.is_finite() or not 0 <= ore <= LARGEST_ORE or ore != int(ore):
        raise PydanticCustomError("amount", "amount")
    return int(ore)


Kronor = Annotated[int, BeforeValidator(_ore)]


def _with_name(value: object) -> object:
    return {"role": value} if isinstance(value, str) else value


class FilePrice(Entry):
    """A price of an offer; `amount` in kronor."""

    payer: Payer
    kind: PriceKind
    unit: PriceUnit
    amount: Kronor
    period: Period = Period.YEAR
    from_: Day = Field(alias="from")
    to: Day | None = None

    def price(self) -> Price:
        """Return the price as the core knows it."""
        return Price(self.payer, self.kind, self.unit, self.amount, self.period, self.from_, self.to)


class FileOffer(OfferEntry):
    """An offer and its prices."""

    code: Code
    prices: list[FilePrice] = Field(default=[])


class FileService(ServiceEntry):
    """A service and its offers."""

    code: Code
    offers: list[FileOffer] = Field(default=[])


class FileAgreement(Holding):
    """An agreement of an organisation."""

    type: AgreementType


class FileAssignment(Holding):
    """An agent's assignment for a service."""

    service: Code


class FileRole(RoleEntry):
    """A role, alone or with days, a limit in kronor and a service."""

    model_config = IN_KRONOR

    attest_limit_ore: Kronor | None = Field(default=None, alias="attest_limit")


class FileTier(Entry):
    """From an amount in kronor on, how many attest, and in whose order."""

    model_config = IN_KRONOR

    from_ore: Kronor = Field(alias="from")
    attests: Attests = 1
    sequence: list[Email] = Field(default=[], max_length=MOST_ATTESTS)


class FileSubstitution(SubstitutionEntry):
    """Who decides in whose place; people by e-mail address."""

    absent: Email
    substitute: Email


class FileChannel(ChannelEntry):
    """Where those who have a role are asked."""

    role: Role


class FilePerson(PersonEntry):
    """A person and the roles in one organisation."""

    roles: list[Annotated[FileRole, BeforeValidator(_with_name)]] = Field(default=[])


class FileOrganisation(OrganisationEntry):
    """An organisation with its agreements, people and what it has declared about its decisions."""

    model_config = IN_KRONOR

    eid_from_ore: Kronor | None = Field(default=None, alias="eid_from")
    tiers: list[FileTier] = Field(default=[], max_length=MOST_TIERS)
    agreements: list[FileAgreement] = Field(default=[])
    agent_assignments: list[FileAssignment] = Field(default=[])
    people: list[FilePerson] = Field(default=[])
    substitutions: list[FileSubstitution] = Field(default=[])
    channels: list[FileChannel] = Field(default=[])


class File(Entry):
    """The whole file."""

    services: list[FileService] = Field(default=[])
    organisations: list[FileOrganisation] = Field(default=[])


@dataclass(frozen=True, order=True)
class FileProblem:
    """Something wrong in the file: where it stands, a code, and what it is about.

    `said` is the YAML reader's own, `facts` what our sentence of the code names.
    """

    line: int
    column: int
    path: str
    code: str
    said: str = ""
    facts: Mapping[str, object] = field(default_factory=dict[str, object], compare=False)


class LoadFailed(Exception):
    """The file is wrong, and nothing was written."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(f"{len(problems)}")
        self.problems = sorted(problems)


class LoadOvertaken(Exception):
    """The register was changed while the file was written, and does not take the entry any more.

    `written` entries stand as the file says. Of those that were to be written together with this one, none does.
    """

    def __init__(self, problem: FileProblem, written: int) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.written = written


class Marks:
    """Where in the text every key and item stands."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.repeated: list[Path] = []
        self._marks: dict[Path, yaml.Mark] = {}
        if root is not None:
            self._most = max(MOST_PLACES, root.end_mark.index)
            self._note((), root.start_mark, root)

    def problem(self, path: Path, code: str, said: str = "", **facts: object) -> FileProblem:
        """Return a problem with the line and column of a path, or of the nearest place around it that exists."""
        nearest = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self._marks), None)
        mark = None if nearest is None else self._marks[nearest]
        line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        return FileProblem(line, column, ".".join(map(str, path)), code, said, facts)

    def _note(self, path: Path, mark: yaml.Mark, node: yaml.Node) -> None:
        if path in self._marks:
            self.repeated.append(path)
        self._marks[path] = mark
        if len(self._marks) > self._most:
            raise LoadFailed([FileProblem(mark.line + 1, mark.column + 1, "", "aliases")])
        if len(path) > DEEPEST:
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._note((*path, str(key.value)), key.start_mark, value)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._note((*path, index), item.start_mark, item)


class _Loader(yaml.SafeLoader):
    """Reads days as text, so that a day that does not exist is a problem with a place and not a crash."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_file(text: str) -> tuple[File, Marks]:
    """Parse and check a register file. Raise LoadFailed with every problem that can be seen without the database."""
    data, marks = _parse(text)
    problems = [marks.problem(path, "repeated") for path in marks.repeated]
    try:
        file = File.model_validate({} if data is None else data, context=FROM_FILE)
    except ValidationError as wrong:
        raise LoadFailed([*problems, *(_problem(marks, problem) for problem in wrong.errors())]) from None
    problems += [marks.problem(path, code) for path, code in _contradictions(file)]
    if problems:
        raise LoadFailed(problems)
    return file, marks


def _problem(marks: Marks, found: Mapping[str, Any]) -> FileProblem:
    """Return a problem that pydantic has found. Of numbers the bounds are said, which over HTTP the document says."""
    path = tuple(found["loc"])
    if found["type"] == NO_WHOLE_NUMBER:
        return marks.problem(path, NO_WHOLE_NUMBER, value=reprlib.repr(found["input"]), **found["ctx"])
    return marks.problem(path, problem_code(found), found["msg"])


class _Quick(yaml.CSafeLoader):
    """The same in a tenth of the time, by libyaml, whose words about what is no YAML are others."""


_Quick.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def _number(loader: _Loader | _Quick, node: yaml.ScalarNode) -> int | str:
    """Read a number as YAML does, unless Python would rather not write that many digits; sixtieths are no number."""
    if ":" in node.value:
        return node.value
    if len(node.value) > LONGEST_NUMBER:
        raise ConstructorError(problem_mark=node.start_mark)
    return loader.construct_yaml_int(node)


for _kind in (_Loader, _Quick):
    _kind.add_constructor("tag:yaml.org,2002:int", _number)


def _parse(text: str) -> tuple[Any, Marks]:
    try:
        return _read_by(_Quick(text))
    except (yaml.YAMLError, RecursionError):
        return _parse_in_words(text)


def _parse_in_words(text: str) -> tuple[Any, Marks]:
    try:
        return _read_by(_Loader(text))
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        raise LoadFailed([FileProblem(line, column, "", "yaml", wrong.problem or "")]) from None
    except (yaml.YAMLError, RecursionError) as wrong:
        raise LoadFailed([FileProblem(1, 1, "", "yaml", str(wrong))]) from None


def _read_by(loader: yaml.SafeLoader | yaml.CSafeLoader) -> tuple[Any, Marks]:
    root = loader.get_single_node()
    # The reader's own methods carry no types.
    data: Any = None if root is None else cast(Any, loader).construct_document(root)
    return data, Marks(root)


def _contradictions(file: File) -> Iterator[tuple[Path, str]]:
    """Find where the file says the same thing twice, or two things about one person."""
    offers = [
        (("services", s, "offers", o), offer)
        for s, service in enumerate(file.services)
        for o, offer in enumerate(service.offers)
    ]
    people = [
        (("organisations", o, "people", p), organisation.org_number, person)
        for o, organisation in enumerate(file.organisations)
        for p, person in enumerate(organisation.people)
    ]
    yield from _repeats([(("services", s, "code"), service.code) for s, service in enumerate(file.services)])
    yield from _repeats([((*path, "code"), offer.code) for path, offer in offers])
    for path, offer in offers:
        yield from _repeats([((*path, "prices", i, "from"), _key(price)) for i, price in enumerate(offer.prices)])
    numbers = [
        (("organisations", o, "org_number"), organisation.org_number)
        for o, organisation in enumerate(file.organisations)
    ]
    yield from _repeats(numbers)
    for o, organisation in enumerate(file.organisations):
        path = ("organisations", o, "channels")
        yield from _repeats([((*path, c, "role"), channel.role) for c, channel in enumerate(organisation.channels)])
    yield from _repeats([((*path, "email"), (number, person.email)) for path, number, person in people])
    yield from _differences([(path, person) for path, _, person in people])


def _key(price: FilePrice) -> Hashable:
    return price.payer, price.kind, price.unit, price.from_


def _repeats(entries: Sequence[tuple[Path, Hashable]]) -> Iterator[tuple[Path, str]]:
    seen: set[Hashable] = set()
    for path, key in entries:
        if key in seen:
            yield path, "repeated"
        seen.add(key)


def _differences(people: Sequence[tuple[Path, FilePerson]]) -> Iterator[tuple[Path, str]]:
    values: dict[tuple[str, str], object] = {}
    for path, person in people:
        for name in sorted(person.model_fields_set & {"name", "language", "active"}):
            value = getattr(person, name)
            if values.setdefault((person.email, name), value) != value:
                yield (*path, name), "differs"
