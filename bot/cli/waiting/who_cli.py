"""The command that says whom a case waits for: who decides about it, and why, or why not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import typer

from bot.acts.people import named
from bot.cli.terminal import in_database, stop
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
    Grant,
    Language,
    OnSide,
    Part,
    PersonId,
    Side,
    amount_ore,
    attests_needed,
    block,
    deciders,
    that_count,
)
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.storage.reads.queries import SqlQueries
from core.storage.reads.reserves import read_reserves
from notifications.texts import money, particular, say, when

ADMINISTRATORS = (Part.CUSTOMER_ADMINISTRATOR, Part.AGENT_ADMINISTRATOR)


@dataclass(frozen=True)
class FoundCase:
    """An order, whoever has to do with deciding it, and the words for them."""

    now: DecisionContext
    view: CaseView
    deciders: Sequence[Decider]
    names: Mapping[PersonId, str]
    refusals: Mapping[int, str]


def who(order: str, language: Language, url: str | None) -> None:
    """Print whom a case waits for, or say that there is none with this number."""
    case = CaseId(order.strip().upper())
    found = in_database(url, partial(_find, case=case, language=language))
    if found is None:
        stop(say(language, "who.none", number=case))
    for sentence in _sentences(found, language):
        typer.echo(sentence)


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
