"""What came of fifty at once on one order: whether its history, its state, its cards and every answer tell the same."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select, text

from core.api import Action, Case, CaseId, Language, PersonId, Seen, State, find, is_final
from core.storage import tables
from core.storage.context.coding import case_from_row
from notifications.rules.announcements import ASKING, CardKind
from notifications.texts import keys
from notifications.texts.catalogue import written
from tests.flow.slack import says
from tests.kill.storm import Press
from tests.support.world.seed import ANNA

Json = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """A case as it stands, the lines about its changes and the cards that it has; where the fifty found it."""

    case: Case
    lines: list[Any]
    cards: list[Any]
    began: Seen
    dismissed: frozenset[PersonId]
    names: Mapping[PersonId, str]

    def at(self, step: int) -> list[Any]:
        """What was done at a step."""
        return [each for each in self.lines if each.step == step]

    def left(self, step: int) -> Any:
        """The line that the step ended with; None while the case stands there, and where it has not been."""
        return self.at(step)[-1] if step < self.case.step and self.at(step) else None

    def state_at(self, step: int) -> State | None:
        """What the case was at a step, None where it has not been."""
        lines = self.at(step)
        return State(lines[0].from_state) if lines else self.case.state if step == self.case.step else None

    def did(self, person: PersonId | None, action: Action, step: int) -> bool:
        """Somebody did something at a step."""
        return any((each.person_id, each.action) == (person, action) for each in self.at(step))


def read_past(connection: Connection, case: CaseId, **around: Any) -> Past:
    """Everything that is stored about a case, read between two of its changes."""
    lines, cards = tables.history.c, tables.cards.c
    changes = select(tables.history).where(lines.case_id == case, lines.kind == "change").order_by(lines.revision)
    shown = select(tables.cards).where(cards.case_id == case)
    while True:
        before = _read_case(connection, case)
        past = Past(before, [*connection.execute(changes)], [*connection.execute(shown)], **around)
        if _read_case(connection, case).revision == before.revision:
            return past


def _read_case(connection: Connection, case: CaseId) -> Case:
    return case_from_row(connection.execute(text("SELECT * FROM cases WHERE id = :case"), {"case": case}).one())


# --- history and state


def history_leads_to_the_state(past: Past) -> None:
    """Every revision has one line, each begins where the one before ended, and the last ends where the case is."""
    case, lines = past.case, past.lines
    assert [each.revision for each in lines] == list(range(1, case.revision + 1))
    for one, next_ in pairwise(lines):
        assert one.to_state == next_.from_state
        assert next_.step - one.step in (0, 1)
        assert next_.content_version - one.content_version in (0, 1)
    assert (lines[-1].to_state, lines[-1].content_version) == (case.state, case.content_version)
    told = {(each.step, each.action, each.person_id) for each in lines}
    assert {(each.step, each.action, each.person) for each in case.decisions} <= told


def what_was_said_to_count_is_what_is_told(past: Past, counted: list[Press]) -> None:
    """A line for each press that was answered as counting, and no other by anybody since."""
    since = [each for each in past.lines if each.step >= past.began.step and each.action != Action.REVIEW]
    told = Counter((each.person_id, each.action, each.step) for each in since)
    assert told == Counter((each.person, str(each.action), each.seen.step) for each in counted)


# --- cards


def cards_ask_whom_the_case_asks(past: Past) -> None:
    """Whoever is asked has a card of this step, nobody without the role is, and what is old is owed the truth."""
    case, kind = past.case, ASKING.get(past.case.state)
    people = {each.person for each in case.asked}
    assert not people & past.dismissed
    mine = [each for each in past.cards if each.kind == kind and each.step == case.step]
    assert people <= {each.person_id for each in mine}
    assert len({each.person_id for each in mine}) == len(mine)
    for card in past.cards:
        moved = past.left(card.step)
        if card.kind in {*ASKING.values(), CardKind.STATUS} and moved is not None:
            assert card.must_show >= moved.revision, (card.kind, card.person_id)
        assert max(card.does_show, card.must_show) <= case.revision


def everybody_has_the_cards_that_the_state_calls_for(past: Past) -> None:
    """By the domain's rules, apart from the table of announcements."""
    found = Counter((each.kind, each.person_id) for each in past.cards)
    attested = past.case.state is State.AWAITING_CUSTOMER_SERVICE
    asks = past.case.state is State.COMPLETION_REQUESTED
    assert found[CardKind.STATUS, ANNA] == 1
    assert found[CardKind.CUSTOMER_SERVICE, None] == attested
    assert found[CardKind.OUTCOME, ANNA] == (past.case.state is State.REJECTED)
    assert (
        asks <= found[CardKind.COMPLETION, ANNA] <= sum(each.to_state == "completion_requested" for each in past.lines)
    )
    blocked = past.case.blocked is not None
    assert not blocked or sum(count for (kind, _), count in found.items() if kind == CardKind.BLOCKED)


# --- answers


def is_true(past: Past, press: Press, answer: Json) -> str:
    """The key of the sentence that a press was answered with, which must be so; "" when it counts."""
    if answer == {"response_action": "clear"}:
        return ""
    told = says(answer["view"]) if "view" in answer else "\n".join(answer["errors"].values())
    found = [(key, said) for key, shape in _SENTENCES.items() if (said := shape.search(told))]
    assert len(found) == 1, told
    key, said = found[0]
    assert key in _HOLDS, told
    assert _HOLDS[key](past, press, said.groupdict()), (told, press, [*past.lines])
    return key


Said = Mapping[str, str]


def _somebody_was_first(past: Past, press: Press, said: Said) -> bool:
    left = past.left(press.seen.step)
    return left is not None and left.person_id != press.person and past.names[left.person_id] == said["who"]


def _you_were_first(past: Past, press: Press, said: Said) -> bool:
    left = past.left(press.seen.step)
    return left is not None and left.person_id == press.person


def _is_elsewhere(past: Past, press: Press, said: Said) -> bool:
    return past.case.step > press.seen.step or press.seen.step > past.began.step


def _is_another(past: Past, press: Press, said: Said) -> bool:
    versions = {each.content_version for each in past.lines} - {press.seen.content_version}
    return bool(versions) and _is_elsewhere(past, press, said)


def _lost_the_role(past: Past, press: Press, said: Said) -> bool:
    return press.person in past.dismissed


def _has_attested(past: Past, press: Press, said: Said) -> bool:
    return past.did(press.person, Action.ATTEST, press.seen.step) and past.names[press.person] == said["person"]


def _has_handed_over(past: Past, press: Press, said: Said) -> bool:
    return past.did(press.person, Action.HAND_OVER, press.seen.step) and said["person"] in past.names.values()


def _colleague_may_not(past: Past, press: Press, said: Said) -> bool:
    assert press.to is not None
    out = press.to in past.dismissed or past.did(press.to, Action.ATTEST, press.seen.step)
    return out and past.names[press.to] == said["person"]


def _nobody_else_may(past: Past, press: Press, said: Said) -> bool:
    others = past.names.keys() - {press.person, ANNA}
    return all(each in past.dismissed or past.did(each, Action.ATTEST, press.seen.step) for each in others)


def _cannot_be_done(past: Past, press: Press, said: Said) -> bool:
    state = past.state_at(press.seen.step)
    return state is not None and not find(past.case.flow, state, press.action)


def _is_no_longer_theirs(past: Past, press: Press, said: Said) -> bool:
    """Who has lost the role does not learn what has become of the order, nor that it had not come to a step."""
    is_made_up = press.seen.step > past.began.step
    return _lost_the_role(past, press, said) and (is_made_up or _cannot_be_done(past, press, said))


def _is_over(past: Past, press: Press, said: Said) -> bool:
    return is_final(past.case.flow, past.case.state)


def _much_happened(past: Past, press: Press, said: Said) -> bool:
    """Two others were faster while the press was judged and judged anew; it has left nothing."""
    return len([each for each in past.lines if each.step >= past.began.step]) >= 2


_HOLDS: Mapping[str, Callable[[Past, Press, Said], bool]] = {
    **dict.fromkeys(("already_decided", "already_decided_otherwise"), _somebody_was_first),
    **dict.fromkeys(("already_withdrawn", "not_withdrawn"), _somebody_was_first),
    "already_decided_by_you": _you_were_first,
    "stale": _is_elsewhere,
    "changed": _is_another,
    "no_role": _lost_the_role,
    "not_found": _is_no_longer_theirs,
    "already_attested": _has_attested,
    "handed_over": _has_handed_over,
    "colleague_not_eligible": _colleague_may_not,
    "nobody_left": _nobody_else_may,
    "not_possible": _cannot_be_done,
    **dict.fromkeys(("closed", "ended"), _is_over),
    "temporary": _much_happened,
}


def _sentences() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every refusal's sentence as a pattern that finds what was filled in."""
    for key in keys(Language.SV):
        area, _, name = key.partition(".")
        if area == "err" and "." not in name:
            yield name, re.compile(f"^{_pattern(written(Language.SV, key))}$", re.MULTILINE)


# A link is a piece of its own; where there is none, the address stands beside it.
CONTACT = r"\n?Ineras kundservice(?: \([^)]*\))?\n?"


def _pattern(sentence: str) -> str:
    known: set[str] = set()

    def group(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == "customer_service":
            return CONTACT
        again = name in known
        known.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.+)"

    return re.sub(r"\\\{(\w+)\\\}", group, re.escape(sentence))


_SENTENCES = dict(_sentences())
