"""The tables as Swedish sentences: when something is so, who may do what, if what, and who hears of it then."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, cast

import yaml

from core.api import ASK_AT_MOST, DISCLOSURE, ENTITLED, SIDE_OF, Flow, Language, Part, Side, State, Transition, all_rows
from notifications.rules.announcements import ANNOUNCEMENTS, BESIDE_CASES, Announcement, Happening
from notifications.rules.audiences import Audience
from notifications.texts import particular, say

FOLDER = Path(__file__).parent
# More conditions than these stand in a list, and so do those that would make a sentence of more words than these.
IN_A_SENTENCE, WORDS_OF_A_SENTENCE = 2, 25
# So many are told in one sentence.
TOLD_AT_ONCE = 2


def sentence_page() -> str:
    """The page docs/flows.sv.md. Raises KeyError for a word of the tables that has no words."""
    page = Template((FOLDER / "page.sv.md").read_text("utf-8"))
    flows = {str(flow): "\n\n".join(_states(flow)) for flow in Flow}
    return page.substitute(
        flows,
        entitled="\n\n".join(_entitled()),
        happenings=_list(_happenings()),
        facts=_list(_facts()),
        ask_at_most=ASK_AT_MOST,
    )


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return cast("Any", yaml.safe_load((FOLDER / "words.sv.yaml").read_text("utf-8")))


def _say(area: str, word: str, **values: str) -> str:
    return _words()[area][word].format(**values)


def _list(sentences: Iterable[str], before: str = "") -> str:
    lines = [f"- {sentence}" for sentence in sentences]
    return "".join(f"{before}{line}" for line in lines) if before else "\n".join(lines)


def _states(flow: Flow) -> Iterator[str]:
    """Return what may happen in each state of a flow, the state first."""
    rows = list(all_rows(flow))
    for source in dict.fromkeys(row.source for row in rows):
        sentences = dict.fromkeys(_row(row) for row in rows if row.source is source)
        yield f"{_say('sentence', 'state', state=_state(source, flow))}\n\n{_list(sentences)}"


def _row(row: Transition) -> str:
    does, how = ("clock", "must") if row.who is Part.CLOCK else ("may", "may")
    conditions = list(_conditions(row))
    if_ = _say("sentence", "if", conditions=_together(conditions)) if conditions else ""
    said = {"who": _begin(_part(row.who, row.flow)), "does": _say(does, row.does), "more": _say("asks", row.asks)}
    whole = _say("sentence", how, **said, **{"if": if_})
    if len(conditions) <= IN_A_SENTENCE and len(whole.split()) <= WORDS_OF_A_SENTENCE:
        return whole + _becomes(row)
    alone = _say("sentence", how, **said, **{"if": ""}) + _becomes(row) + _say("sentence", "all_of")
    return alone + _list(conditions, "\n  ")


def _becomes(row: Transition) -> str:
    """Return what a row leads to, and who hears of it."""
    if not isinstance(row.target, State):
        return _say("target", row.target)
    becomes = _say("sentence", "becomes", state=_state(row.target, row.flow))
    return (becomes if row.target is not row.source else "") + _hear(row.target, row.flow)


def _conditions(row: Transition) -> Iterator[str]:
    """Return the conditions of a row, those that make somebody entitled to decide as one."""
    entitled = ENTITLED.get(row.who, ())
    is_whole = bool(entitled) and set(entitled) <= set(row.guards)
    if is_whole:
        yield _say("sentence", "is_entitled", who=_part(row.who, row.flow))
    left = (guard for guard in row.guards if not is_whole or guard not in entitled)
    yield from dict.fromkeys(_say("condition", guard.__name__) for guard in left)


def _entitled() -> Iterator[str]:
    """Return who is entitled to decide, by what they are."""
    for part, guards in ENTITLED.items():
        yield (
            _say("sentence", "entitled", who=_begin(_part(part, "")))
            + "\n\n"
            + _list(_say("condition", guard.__name__) for guard in guards)
        )


def _hear(becomes: State, flow: Flow) -> str:
    """Return who is asked and who is told when a case of a flow becomes a state."""
    found = [each for each in ANNOUNCEMENTS if each.becomes is becomes and _concerns(each, flow)]
    asked = [_audience(each, flow) for each in found if each.audience is Audience.ASKED]
    told = [_audience(each, flow) for each in found if each.audience is not Audience.ASKED]
    return _told(told, _say("sentence", "then")) + _asked(asked)


def _asked(audiences: Iterable[str]) -> str:
    people = list(dict.fromkeys(audiences))
    return _say("sentence", "asked", people=_together(people)) if people else ""


def _told(audiences: Iterable[str], then: str) -> str:
    """Return who is told when, a few in each sentence."""
    people = list(dict.fromkeys(audiences))
    some = [people[at : at + TOLD_AT_ONCE] for at in range(0, len(people), TOLD_AT_ONCE)]
    return "".join(
        _say("sentence", "told_too" if number else "told", then=then, people=_together(each))
        for number, each in enumerate(some)
    )


def _concerns(announced: Announcement, flow: Flow) -> bool:
    """Say whether a row of the announcements is about a flow; some states are those of several."""
    parts = _parts(flow)
    applies = announced.part in {Part.APPLICANT, Part.SIGNATORY} or announced.audience is Audience.PRESENT
    if applies or announced.part is Part.CUSTOMER_SERVICE:
        return announced.part in parts or (applies and Part.SIGNATORY in parts)
    if SIDE_OF.get(announced.part) is Side.AGENT:
        # What flows with and without an agent come to, an agent hears of where there is one.
        others = (each for each in Flow if any(announced.becomes in row.targets() for row in all_rows(each)))
        return _has_agent(flow) or not any(map(_has_agent, others))
    return Part.SIGNATORY not in parts


def _parts(flow: Flow) -> frozenset[Part]:
    return frozenset(each.who for each in all_rows(flow))


def _has_agent(flow: Flow) -> bool:
    return any(SIDE_OF.get(part) is Side.AGENT for part in _parts(flow))


def _happenings() -> Iterator[str]:
    rows = (*ANNOUNCEMENTS, *BESIDE_CASES)
    for happening in dict.fromkeys(each.becomes for each in rows if isinstance(each.becomes, Happening)):
        people = [_audience(each, "") for each in rows if each.becomes is happening]
        yield _told(people, _say("happening", happening))


def _facts() -> Iterator[str]:
    """Return which sides see which facts, those of the same sides in one list."""
    for sides in dict.fromkeys(DISCLOSURE.values()):
        facts = _list((_say("fact", fact) for fact, seen in DISCLOSURE.items() if seen == sides), "\n  ")
        seeing, others = ([_say("side", side) for side in Side if (side in sides) is sees] for sees in (True, False))
        if not others:
            yield _say("facts", "all", facts=facts)
            continue
        yield _say("facts", "some", sides=_begin(_together(seeing)), facts=facts, others=_begin(_together(others)))


def _audience(announced: Announcement, flow: str) -> str:
    return _say("audience", announced.audience, part=_part(announced.part, flow))


def _part(part: Part, flow: str) -> str:
    own = _words()["part"].get(part)
    return own or say(Language.SV, particular(Language.SV, flow, f"part.{part}"))


def _state(state: State, flow: str) -> str:
    return say(Language.SV, particular(Language.SV, flow, f"state.{state}"))


def _together(said: Sequence[str]) -> str:
    *first, last = said
    return _say("sentence", "and", first=", ".join(first), last=last) if first else last


def _begin(said: str) -> str:
    return said[:1].upper() + said[1:]
