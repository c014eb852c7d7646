"""The command that says whom each open case waits for; of one, who decides about it, and why, or why not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import typer
from sqlalchemy import Connection, select

from bot.acts.people import named
from bot.cli.terminal import Progress, in_database, print_json, stop
from bot.forms.refusal_sentences import refusal_of_another
from core.api import (
    PART_WAITED_FOR,
    SIDE_OF,
    Assignee,
    Block,
    Case,
    CaseId,
    CaseNotFound,
    CaseQuery,
    CaseView,
    Decider,
    DecisionContext,
    Flow,
    Grant,
    Language,
    OnSide,
    Part,
    PersonId,
    Side,
    State,
    amount_ore,
    attests_needed,
    block,
    deciders,
    that_count,
)
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.storage.reads.queries import SqlQueries
from core.storage.reads.reserves import read_reserves
from notifications.texts import counted, money, particular, say, when

ADMINISTRATORS = (Part.CUSTOMER_ADMINISTRATOR, Part.AGENT_ADMINISTRATOR)


@dataclass(frozen=True)
class FoundCase:
    """An order, whoever has to do with deciding it, and the words for them."""

    now: DecisionContext
    view: CaseView
    deciders: Sequence[Decider]
    names: Mapping[PersonId, str]
    refusals: Mapping[int, str]


@dataclass(frozen=True)
class OpenCase:
    """A case that waits: for which part, of which organisation, and for whom there by name."""

    case: CaseId
    flow: Flow
    state: State
    since: datetime
    waits_for: Part
    organisation: str | None
    people: Sequence[str]


def who(order: str | None, language: Language, url: str | None, *, as_json: bool) -> None:
    """Print all that is open, or whom one case waits for; say so where there is none with this number."""
    if order is None:
        cases = in_database(url, _open_cases)
        if as_json:
            print_json(cases)
            return
        for each in cases:
            typer.echo(_line(each, language))
        typer.echo(counted(language, "who.open", len(cases)))
        return
    case = CaseId(order.strip().upper())
    found = in_database(url, partial(_find, case=case, language=language))
    if found is None:
        stop(say(language, "who.none", number=case))
    if as_json:
        print_json(_facts(found))
        return
    for sentence in _sentences(found, language):
        typer.echo(sentence)


async def _open_cases(database: Database) -> Sequence[OpenCase]:
    """Every case that is not closed, the longest waiting first."""
    at, queries, cases = datetime.now(UTC), SqlQueries(database), SqlCaseRepository(database)
    ids = await database.read(_open_ids)
    found, progress = list[OpenCase](), Progress("cases")
    for done, id_ in enumerate(ids):
        progress(done, len(ids))
        views = await queries.views([id_], OnSide(Side.INERA))
        try:
            case = (await cases.look(CaseQuery(id_, None, at))).case
        except CaseNotFound:
            continue
        if case.closed_at is None and id_ in views:
            found.append(await _open_case(queries, case, views[id_]))
    progress.end()
    return found


def _open_ids(connection: Connection) -> Sequence[CaseId]:
    cases = tables.cases.c
    is_open = select(cases.id).where(cases.closed_at.is_(None))
    return connection.scalars(is_open.order_by(cases.waiting_since, cases.id)).all()


async def _open_case(queries: SqlQueries, case: Case, view: CaseView) -> OpenCase:
    part = PART_WAITED_FOR.get(case.state, Part.CLOCK)
    asked = [case.claimed_by] if case.claimed_by else [each.person for each in case.asked]
    names, _ = await queries.names(asked, ())
    organisation, people = _organisation(view, part), [names.get(each, each) for each in asked]
    return OpenCase(case.id, view.flow, case.state, case.waiting_since, part, organisation, people)


def _line(each: OpenCase, language: Language) -> str:
    def own(key: str) -> str:
        return say(language, particular(language, each.flow, key))

    who = own(f"part.{each.waits_for}")
    if each.organisation is not None:
        who = say(language, "part.at", part=who, organisation=each.organisation)
    people = ", ".join(each.people) or say(language, "who.nobody")
    state, since = own(f"state.{each.state}"), when(language, each.since)
    return say(language, "who.line", number=each.case, state=state, who=who, since=since, people=people)


def _facts(found: FoundCase) -> Mapping[str, object]:
    """What `_sentences` tells, for programs: people with ids and names, and why somebody may not by its code."""
    case, part = found.now.case, PART_WAITED_FOR.get(found.now.case.state)
    decided = () if part in {None, Part.CUSTOMER_SERVICE} or not case.is_order else found.deciders
    return {
        "case": case.id,
        "flow": found.view.flow,
        "state": case.state,
        "since": case.waiting_since,
        "waits_for": part,
        "organisation": part and _organisation(found.view, part),
        "claimed_by": case.claimed_by and found.names.get(case.claimed_by),
        "asked": [_person(each, found) for each in case.asked],
        "may": [_person(each.grant, found) for each in decided if each.refusal is None],
        "may_not": [
            {**_person(each.grant, found), "code": each.refusal.code} for each in decided if each.refusal is not None
        ],
    }


def _person(held: Grant | Assignee, found: FoundCase) -> dict[str, object]:
    absent = held.absent and _name(found, held.absent)
    limit = {"limit_ore": held.limit_ore, "substitute_for": absent}
    return {"id": held.person, "name": _name(found, held.person), "role": held.role, **limit}


async def _find(database: Database, case: CaseId, language: Language) -> FoundCase | None:
    at, queries = datetime.now(UTC), SqlQueries(database)
    try:
        seen = await SqlCaseRepository(database).look(CaseQuery(case, None, at))
    except CaseNotFound:
        return None
    reserves = await database.read(partial(read_reserves, case=seen.case, at=at))
    now = replace(seen, holders={**seen.holders, **reserves})
    decided, views = deciders(now), await queries.views([case], OnSide(Side.INERA))
    people, _ = await queries.names(sorted(_people(now, decided)), ())
    refusals = {index: each.refusal for index, each in enumerate(decided) if each.refusal is not None}
    others = {i: (await named(queries, no.facts)).get("person") for i, no in refusals.items()}
    said = {
        i: refusal_of_another(
            language, no.code, people.get(decided[i].grant.person, decided[i].grant.person), others[i]
        )
        for i, no in refusals.items()
    }
    return FoundCase(now, views[case], decided, people, said)


def _people(now: DecisionContext, decided: Sequence[Decider]) -> set[PersonId]:
    administrators = (each for part in ADMINISTRATORS for each in now.holders.get(part, ()))
    grants = [*(each.grant for each in decided), *administrators, *now.case.asked]
    claimed = () if now.case.claimed_by is None else (now.case.claimed_by,)
    return {person for each in grants for person in (each.person, each.absent) if person is not None} | {*claimed}


def _sentences(found: FoundCase, language: Language) -> Iterator[str]:
    case = found.now.case
    yield say(language, "who.title", number=case.id, state=_own(case, f"state.{case.state}", language))
    part = PART_WAITED_FOR.get(case.state)
    if part is None:
        yield say(language, "who.over")
        return
    yield from _waits(found, part, language)
    if not case.is_order:
        # Whom an application names holds no role that decides here, and it has no administrator yet.
        return
    if part is not Part.CUSTOMER_SERVICE:
        yield from _decide(found, language)
    yield from _listed("who.administrators", list(_administrators(found, language)), language)


def _decide(found: FoundCase, language: Language) -> Iterator[str]:
    may = [index for index, each in enumerate(found.deciders) if each.refusal is None]
    may_not = [index for index in range(len(found.deciders)) if index not in may]
    yield from _listed("who.asked", [_right(each, found, language) for each in found.now.case.asked], language)
    yield from _listed("who.may", [_right(found.deciders[i].grant, found, language) for i in may], language)
    yield from _listed("who.may_not", [_kept_out(found, index, language) for index in may_not], language)


def _waits(found: FoundCase, part: Part, language: Language) -> Iterator[str]:
    now, case = replace(found.now, part=part), found.now.case
    who = _own(case, f"part.{part}", language)
    organisation = _organisation(found.view, part)
    if organisation is not None:
        who = say(language, "part.at", part=who, organisation=organisation)
    yield say(language, "who.waits", who=who, since=when(language, case.waiting_since))
    if part is Part.CUSTOMER_SERVICE:
        claimed = case.claimed_by and found.names.get(case.claimed_by)
        yield say(language, "who.claimed" if claimed else "who.unclaimed", person=claimed)
        return
    if part is not Part.ORDERER and case.is_order:
        amount, needed = money(language, amount_ore(now)), attests_needed(now)
        yield say(language, "who.amount", amount=amount, done=len(that_count(now)), needed=needed)
    why = block(found.now)
    if why is not None:
        yield _blocked(found, why, part, language)


def _blocked(found: FoundCase, why: Block, part: Part, language: Language) -> str:
    view, keys = found.view, (f"blocked.why.{why}.{part}", f"blocked.why.{why}")
    names = {"customer": Part.CUSTOMER_ATTESTANT, "agent": Part.AGENT_ATTESTANT}
    organisations = {name: _organisation(view, each) for name, each in names.items()}
    service = view.service[language]
    key = particular(language, view.flow, *keys)
    return say(language, key, number=view.case, service=service, **organisations)


def _organisation(view: CaseView, part: Part) -> str | None:
    """The name of the organisation that a part acts for, None for Inera's own people."""
    side = SIDE_OF.get(part)
    if side is Side.AGENT:
        return None if view.agent is None else view.agent.name
    return view.customer.name if side is Side.CUSTOMER else None


def _own(case: Case, key: str, language: Language) -> str:
    """What something is called in the case's own flow."""
    return say(language, particular(language, case.flow, key))


def _listed(key: str, lines: Sequence[str], language: Language) -> Iterator[str]:
    yield ""
    yield say(language, key)
    yield from ("  " + line for line in lines or (say(language, "who.nobody"),))


def _right(held: Grant | Assignee, found: FoundCase, language: Language) -> str:
    """Somebody by name, and the right that counts: role, limit, service, and for whom."""
    facts = [say(language, f"role.{held.role}")]
    if held.limit_ore is not None:
        facts.append(say(language, "who.limit", limit=money(language, held.limit_ore)))
    if isinstance(held, Grant) and held.service is not None:
        facts.append(say(language, "who.service", service=held.service))
    if held.absent is not None:
        facts.append(say(language, "who.substitute", absent=_name(found, held.absent)))
    return say(language, "who.right", person=_name(found, held.person), facts=", ".join(facts))


def _kept_out(found: FoundCase, index: int, language: Language) -> str:
    right = _right(found.deciders[index].grant, found, language)
    return say(language, "who.kept_out", right=right, sentence=found.refusals[index])


def _administrators(found: FoundCase, language: Language) -> Iterator[str]:
    for part in ADMINISTRATORS:
        for each in found.now.holders.get(part, ()):
            organisation = _organisation(found.view, part)
            yield say(language, "who.administrator", person=_name(found, each.person), organisation=organisation)


def _name(found: FoundCase, person: PersonId) -> str:
    return found.names.get(person, person)
