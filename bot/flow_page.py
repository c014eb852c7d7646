"""Prints the three tables as one page that a domain person can read, question and correct."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from core.api import DISCLOSURE, FLOWS, Flow, Language, Part, Side, State, Transition, is_final
from notifications.announcements import ANNOUNCEMENTS, ASK_AT_MOST
from notifications.texts import say

TEMPLATE = Path(__file__).with_name("flow_page.md")
COLUMNS = ("while", "who", "does", "if", "asks", "becomes")


def flow_page() -> str:
    """The page docs/flows.md, in Markdown with Mermaid drawings."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        direct_drawing=_drawing(Flow.DIRECT),
        direct_table=_flow_table(Flow.DIRECT),
        via_agent_drawing=_drawing(Flow.VIA_AGENT),
        via_agent_table=_flow_table(Flow.VIA_AGENT),
        conditions=_conditions(),
        disclosure=_disclosure(),
        announcements=_announcements(),
        ask_at_most=ASK_AT_MOST,
    )


def _rows(flow: Flow) -> list[Transition]:
    return [row for row in FLOWS if row.flow is flow]


def _flow_table(flow: Flow) -> str:
    return _table(COLUMNS, (_cells(row) for row in _rows(flow)))


def _cells(row: Transition) -> tuple[str, ...]:
    conditions = ", ".join(f"`{condition.__name__}`" for condition in row.if_)
    asks = "" if row.asks == "nothing" else f"`{row.asks}`"
    return _state(row.while_), _part(row.who), _word("act", row.does), conditions, asks, _becomes(row)


def _becomes(row: Transition) -> str:
    return _state(row.becomes) if isinstance(row.becomes, State) else f"`{row.becomes}`"


def _drawing(flow: Flow) -> str:
    rows = _rows(flow)
    states = dict.fromkeys(state for row in rows for state in (row.while_, row.target()))
    lines = [f'    state "{say(Language.SV, f"state.{state}")}" as {state}' for state in states]
    lines += [f"    [*] --> {State.DRAFT}"]
    lines += [f"    {row.while_} --> {row.target()}: {row.who} {row.does}" for row in rows]
    lines += [f"    {state} --> [*]" for state in states if is_final(flow, state)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _conditions() -> str:
    conditions = dict.fromkeys(condition for row in FLOWS for condition in row.if_)
    return _table(
        ("condition", "holds when"),
        ((f"`{each.__name__}`", (each.__doc__ or "").strip().partition("\n")[0]) for each in conditions),
    )


def _disclosure() -> str:
    cells = ((f"`{fact}`", *("yes" if side in seen else "" for side in Side)) for fact, seen in DISCLOSURE.items())
    return _table(("fact", *Side), cells)


def _announcements() -> str:
    cells = ((_state(row.becomes), _part(row.part), f"`{row.audience}`", f"`{row.card}`") for row in ANNOUNCEMENTS)
    return _table(("becomes", "part", "audience", "card"), cells)


def _state(state: State) -> str:
    return _word("state", state)


def _part(part: Part) -> str:
    return _word("part", part)


def _word(area: str, word: str) -> str:
    return f"`{word}` {say(Language.SV, f'{area}.{word}')}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
