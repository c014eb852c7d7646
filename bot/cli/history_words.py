"""A line of an order's history in plain words, for whoever looks into it at a terminal."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.forms.refusal_sentences import refusal_of_another
from core.api import Cost, Language, LineKind, OrganisationId, Payer, Period, PersonId
from core.storage.audit.history_reads import HistoryLine
from notifications.texts import cost, counted, keys, particular, say, when


@dataclass(frozen=True)
class NamesAround:
    """The names that the lines of a case mention, and the flow, which calls some things by words of its own.

    `outsiders` are the ids of lines that tell of a refused person who did not have the role of the card pressed.
    """

    people: Mapping[PersonId, str]
    organisations: Mapping[OrganisationId, str]
    flow: str
    outsiders: frozenset[int] = frozenset()

    def own(self, language: Language, key: str) -> str:
        """What something is called in the flow."""
        return say(language, particular(language, self.flow, key))


def told_of(line: HistoryLine, around: NamesAround, language: Language) -> Iterator[str]:
    """The sentences of a line of an order: a change, a refusal, or what became of a message."""
    tell = TELLS.get(LineKind(line.kind), _changed)
    first, *more = tell(line, around, language)
    yield first
    yield from (f"  {each}" for each in more)


def _changed(line: HistoryLine, around: NamesAround, language: Language) -> Iterator[str]:
    yield _headed(line, _who(line, around, language), around.own(language, f"act.{line.action}"), language)
    before, after = (around.own(language, f"state.{each}") for each in (line.from_state, line.to_state))
    yield say(language, "history.moved" if before != after else "history.stayed", before=before, after=after)
    yield from _evidence(json.loads(line.evidence), around, language)
    surface, sealed = _surface(line, language), _sealed(line, language)
    yield say(language, "history.small", version=line.content_version, surface=surface, sealed=sealed)


def _refused(line: HistoryLine, around: NamesAround, language: Language) -> Iterator[str]:
    button = f"btn.{line.action}"
    wished = say(language, button if button in keys(language) else f"act.{line.action}")
    wish = say(language, "history.refused", button=wished)
    # A press on somebody else's card is told with that card's part.
    told = line._replace(part=None) if line.id in around.outsiders else line
    yield _headed(line, _who(told, around, language), wish, language)
    code: str = json.loads(line.evidence)["code"]
    sentence = refusal_of_another(language, code, _name(line.person_id, around, language))
    yield say(language, "history.why", sentence=sentence)
    yield _small(line, language)


def _delivered_or_not(line: HistoryLine, around: NamesAround, language: Language) -> Iterator[str]:
    yield _headed(line, say(language, "part.clock"), say(language, f"history.message.{line.action}"), language)
    person = around.people.get(PersonId(line.about_id or ""), line.about_id)
    yield say(language, "history.to" if person else "history.to_channel", person=person)
    error: str | None = json.loads(line.evidence).get("error")
    if error is not None:
        key = f"undelivered.why.{error}"
        yield say(language, "history.error", error=say(language, key if key in keys(language) else "history.not_taken"))
    yield _small(line, language)


def _connected(line: HistoryLine, around: NamesAround, language: Language) -> Iterator[str]:  # noqa: ARG001 - one signature
    made = counted(language, f"history.connections.{line.action}", len(json.loads(line.evidence)["connections"]))
    yield _headed(line, say(language, "part.clock"), made, language)
    yield _small(line, language)


TELLS = {LineKind.REFUSAL: _refused, LineKind.DELIVERY: _delivered_or_not, LineKind.CONNECTION: _connected}


def _headed(line: HistoryLine, who: str, did: str, language: Language) -> str:
    return say(language, "history.line", at=when(language, line.at), who=who, did=did)


def _small(line: HistoryLine, language: Language) -> str:
    return say(language, "history.beside", surface=_surface(line, language), sealed=_sealed(line, language))


def _surface(line: HistoryLine, language: Language) -> str:
    return say(language, f"history.surface.{line.surface}")


def _sealed(line: HistoryLine, language: Language) -> str:
    return say(language, "history.unsealed" if line.seal is None else "history.sealed", seal=line.seal)


def _who(line: HistoryLine, around: NamesAround, language: Language) -> str:
    name = line.person_id and _name(line.person_id, around, language)
    if line.part is None:
        return name or say(language, "value.unknown_person")
    part = around.own(language, f"part.{line.part}")
    if line.organisation_id is not None:
        organisation = around.organisations.get(OrganisationId(line.organisation_id), line.organisation_id)
        part = say(language, "part.at", part=part, organisation=organisation)
    return part if name is None else say(language, "history.who", person=name, part=part)


def _name(person: str | None, around: NamesAround, language: Language) -> str:
    return around.people.get(PersonId(person or ""), person) or say(language, "value.unknown_person")


def _evidence(evidence: Mapping[str, Any], around: NamesAround, language: Language) -> Iterator[str]:
    if to := evidence.get("to"):
        yield say(language, "history.to", person=_name(to, around, language))
    for payer, (startup, recurring, period) in evidence.get("costs", {}).items():
        if startup or recurring:
            whole = cost(language, Cost(startup, recurring, Period(period)))
            yield say(language, "history.fact", name=around.own(language, f"field.{Payer(payer)}_cost"), value=whole)
    if reason := evidence.get("reason_code"):
        yield _fact("field.reason", around.own(language, f"reason.{reason}"), language)
    if document := evidence.get("document_hash"):
        yield _fact("history.document", document, language)
    if method := evidence.get("method"):
        key = f"web.document.method.{method}"
        yield _fact("history.signature", say(language, key if key in keys(language) else "history.signed"), language)


def _fact(name: str, value: str, language: Language) -> str:
    return say(language, "history.fact", name=say(language, name), value=value)
