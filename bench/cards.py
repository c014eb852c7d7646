"""`python -m bench.cards`: processor time that disclosing a case and drawing a card or home tab of it take.

Cases are made, not loaded. A figure is the least of many rounds that take turns, in microseconds: what the product
remembers is remembered. Two trees are compared by running it in both, in turns.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Annotated, Any

import typer

from bot.server.serving import settle
from bot.views.home.home import ORDERED_SHOWN, HomeFacts
from bot.views.home.home import build as draw_home
from core.api import (
    SIDE_OF,
    Action,
    CaseList,
    CaseView,
    Flow,
    InboxPage,
    InboxQuery,
    Language,
    ListedCase,
    Part,
    Role,
)
from core.ports.inbox import PAGE_SIZE
from core.views.case_view import disclose
from core.views.record import CaseRecord
from notifications.render.drawings import draw_card
from notifications.render.surfaces import block_kit
from notifications.rules.announcements import CardKind
from tests.support.drawn import applied
from tests.support.drawn.cards import PORTAL, a_card, facts_of, loose
from tests.support.world import builders

STAGES = ("disclose", "draw")
ROUNDS, BURST = 100, 5
APPROVED = (Action.APPROVE, Action.ATTEST)
ASKED = (Action.REQUEST_COMPLETION, Action.ANSWER)
DIRECT = builders.dossier(builders.after())
VIA_AGENT = builders.dossier(builders.after(*APPROVED, flow=Flow.VIA_AGENT))
# Asked about at both ends.
LIFE = (*ASKED, *APPROVED, Action.ATTEST, Action.CLAIM, *ASKED)
LONG = builders.dossier(builders.after(*LIFE, flow=Flow.VIA_AGENT))
APPLICATION = applied.dossier(applied.applied(*applied.WAYS["claimed"]))
Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Drawing:
    """Something to draw, in two stages; the second is given what the first makes."""

    name: str
    disclose: Callable[[], Any]
    draw: Callable[[Any], object]

    def stages(self) -> dict[str, Callable[[], object]]:
        """What is done in each stage."""
        return dict(zip(STAGES, (self.disclose, partial(self.draw, self.disclose())), strict=True))


def main(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,  # noqa: FBT002 - a switch of the command line
    rounds: Annotated[int, typer.Option(help="Rounds, of which the quickest counts.")] = ROUNDS,
) -> None:
    """Measure what cards and home tabs cost once their cases are read."""
    settle()
    found = measure(rounds)
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    typer.echo(f"{'us':<44}{'disclose':>10}{'draw':>10}{'total':>10}")
    for name, took in found.items():
        typer.echo(f"{name:<44}{took['disclose']:>10.1f}{took['draw']:>10.1f}{took['total']:>10.1f}")


def measure(rounds: int) -> Figures:
    """Microseconds of each stage, by what is drawn, and of all cards together."""
    drawn, tabs = list(cards()), list(homes())
    took = _least([*drawn, *tabs], rounds)
    together = {stage: sum(took[each.name][stage] for each in drawn) for stage in STAGES}
    listed = {each.name: took[each.name] for each in drawn} | {"all cards": together}
    listed |= {each.name: took[each.name] for each in tabs}
    return {name: _rounded({**stages, "total": sum(stages.values())}) for name, stages in listed.items()}


def cards() -> Iterator[Drawing]:
    """Cards of a short and of a long life."""
    yield _card("direct, for the attestant", DIRECT, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT)
    yield _card("via agent, for the customer's attestant", VIA_AGENT, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT)
    yield _card("long chain, for customer service", LONG, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE)
    yield _card("long chain, for the orderer", LONG, CardKind.STATUS, Part.ORDERER)
    yield _card("application, for customer service", APPLICATION, CardKind.APPLICATION, Part.CUSTOMER_SERVICE)


def homes() -> Iterator[Drawing]:
    """Home tabs with little and with as much as one shows."""
    yield _home("home tab, one of each list", 1, 1)
    yield _home("home tab, full lists", PAGE_SIZE, ORDERED_SHOWN)


def _card(name: str, dossier: CaseRecord, kind: CardKind, part: Part) -> Drawing:
    case = dossier.case
    facts = facts_of(dossier, a_card(kind, part, case)) if case.is_order else loose(kind, part)

    def draw(view: CaseView) -> object:
        return block_kit.message(draw_card(facts, view, Language.SV))

    return Drawing(name, lambda: disclose(dossier, SIDE_OF[part], (part,)), draw)


def _home(name: str, waiting: int, ordered: int) -> Drawing:
    listed = [(VIA_AGENT, Part.CUSTOMER_ATTESTANT)] * waiting, [(LONG, Part.ORDERER)] * ordered
    roles = [("Region Exempel", [Role.ORDERER, Role.ATTESTANT])]

    def draw(lists: Sequence[list[ListedCase]]) -> object:
        first, second = map(_page, (CaseList.WAITING, CaseList.ORDERED), lists)
        facts = HomeFacts("test", "Anna Ek", roles, first, second, PORTAL, at=builders.AT)
        return block_kit.home(draw_home(facts, Language.SV), facts.metadata)

    return Drawing(name, lambda: [[_item(*each) for each in one] for one in listed], draw)


def _page(listed: CaseList, rows: list[ListedCase]) -> InboxPage:
    """A list of one case, or the first of many pages with every menu."""
    more = int(len(rows) > 1)
    return InboxPage(InboxQuery(listed), rows, len(rows) + more, bool(more), tuple(CaseList)[:4])


def _item(dossier: CaseRecord, part: Part) -> ListedCase:
    return ListedCase(disclose(dossier, SIDE_OF[part], ()), part)


def _least(drawings: Sequence[Drawing], rounds: int) -> Figures:
    works = [(each.name, stage, work) for each in drawings for stage, work in each.stages().items()]
    least: Figures = {each.name: dict.fromkeys(STAGES, inf) for each in drawings}
    for _ in range(rounds):
        for name, stage, work in works:
            least[name][stage] = min(least[name][stage], _microseconds(work))
    return least


def _microseconds(work: Callable[[], object]) -> float:
    began = time.process_time_ns()
    for _ in range(BURST):
        work()
    return (time.process_time_ns() - began) / BURST / 1_000


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}


if __name__ == "__main__":
    typer.run(main)
