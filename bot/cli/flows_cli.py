"""The command that prints the tables as one page, which a domain person can read, question and correct."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from core.api import (
    ASK_AT_MOST,
    DISCLOSURE,
    FLOWS,
    NEEDS,
    Asks,
    Flow,
    Guard,
    Language,
    Part,
    Side,
    State,
    Transition,
    all_rows,
    is_final,
)
from notifications.rules.announcements import ANNOUNCEMENTS, BESIDE_CASES, Happening
from notifications.rules.register_announcements import REGISTER_ANNOUNCEMENTS
from notifications.texts import particular, say

TEMPLATE = Path(__file__).with_name("flow_page.md")
COLUMNS = ("while", "who", "does", "if", "asks", "becomes")


def flow_page() -> str:
    """The page docs/flows.md, in Markdown with Mermaid drawings."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        **{f"{flow}_drawing": _drawing(flow) for flow in Flow},
        **{f"{flow}_table": _flow_table(flow) for flow in Flow},
        conditions=_conditions(),
        disclosure=_disclosure(),
        announcements=_announcements(),
        needs=_table(("organisation", "needs"), ((f"`{kind}`", f"`{what}`") for kind, what, _ in NEEDS)),
        register=_table(
            ("change", "hearer", "card"),
            ((f"`{each.change}`", f"`{each.hearer}`", f"`{each.card}`") for each in REGISTER_ANNOUNCEMENTS),
        ),
        ask_at_most=ASK_AT_MOST,
    )


def _flow_table(flow: Flow) -> str:
    return _table(COLUMNS, (_cells(row) for row in all_rows(flow)))


def _cells(row: Transition) -> tuple[str, ...]:
    conditions = ", ".join(map(_condition, row.guards))
    asks = "" if row.asks is Asks.NOTHING else f"`{row.asks}`"
    while_, who = _word("state", row.source, row.flow), _word("part", row.who, row.flow)
    return while_, who, _word("act", row.does, row.flow), conditions, asks, _becomes(row)


def _condition(condition: Guard) -> str:
    # One that is asked of the order as the answer makes it wraps the one that it is named after.
    return f"`{condition.__name__}`" + (" (revised)" if hasattr(condition, "__wrapped__") else "")


def _becomes(row: Transition) -> str:
    return _word("state", row.target, row.flow) if isinstance(row.target, State) else f"`{row.target}`"


def _drawing(flow: Flow) -> str:
    arrows = [(row, target) for row in all_rows(flow) for target in _targets(row)]
    states = dict.fromkeys(state for row, target in arrows for state in (row.source, target))
    lines = [f'    state "{_said("state", state, flow)}" as {state}' for state in states]
    lines += [f"    [*] --> {State.DRAFT}"]
    lines += [f"    {row.source} --> {target}: {row.who} {row.does}" for row, target in arrows]
    lines += [f"    {state} --> [*]" for state in states if is_final(flow, state)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _targets(row: Transition) -> list[State]:
    """Every state that a row may lead to, in the order in which they are declared."""
    return [state for state in State if state in row.targets()]


def _conditions() -> str:
    conditions = {condition.__name__: condition for row in FLOWS for condition in row.guards}
    return _table(
        ("condition", "holds when"),
        ((f"`{name}`", (each.__doc__ or "").strip().partition("\n")[0]) for name, each in conditions.items()),
    )


def _disclosure() -> str:
    cells = ((f"`{fact}`", *("yes" if side in seen else "" for side in Side)) for fact, seen in DISCLOSURE.items())
    return _table(("fact", *Side), cells)


def _announcements() -> str:
    rows = (*ANNOUNCEMENTS, *BESIDE_CASES)
    cells = ((_event(row.becomes), _part(row.part), f"`{row.audience}`", f"`{row.card}`") for row in rows)
    return _table(("becomes", "part", "audience", "card"), cells)


def _event(becomes: State | Happening) -> str:
    return _state(becomes) if isinstance(becomes, State) else f"`{becomes}`"


def _state(state: State) -> str:
    return _word("state", state)


def _part(part: Part) -> str:
    return _word("part", part)


def _word(area: str, word: str, flow: str = "") -> str:
    return f"`{word}` {_said(area, word, flow)}"


def _said(area: str, word: str, flow: str) -> str:
    """What people read, in the words of a flow where it has its own."""
    return say(Language.SV, particular(Language.SV, flow, f"{area}.{word}"))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
