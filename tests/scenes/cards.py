"""What the journeys of orders do not come to: somebody forgotten, an offer without a text, an answer without words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.forms.orders.modals import modal_of
from bot.views.orders.details import DetailsModal
from core.api import (
    SIDE_OF,
    Action,
    Flow,
    Part,
    Role,
    Side,
    State,
)
from core.views.case_view import disclose
from core.views.record import CaseRecord
from core.workflow.case import Before
from notifications.render.pieces.facts import Why
from notifications.rules.announcements import CardKind
from tests.scenes.orders import means_of
from tests.scenes.scene import SV, Scene
from tests.support.drawn.cards import loose, message
from tests.support.drawn.detours import several
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import METADATA
from tests.support.world import builders

FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


SENDING = {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT}
SENT = (Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
SENT_IN = {Flow.DIRECT: SENT[:2], Flow.VIA_AGENT: (Action.APPROVE, Action.ATTEST, *SENT[:2])}


def of_cards() -> Iterator[Scene]:
    """Cards of orders that came that way."""
    yield _scene("an answer without words", _silent(), CardKind.AGENT_APPROVAL, Part.AGENT_HANDLER)
    waiting = builders.dossier(builders.after())
    handed, giver = {"handed_by": "Gun Holm"}, ("Gun Holm", "did hand_over")
    yield _scene("handed over", waiting, CardKind.HANDED_OVER, Part.CUSTOMER_ATTESTANT, giver, **handed)
    right = {"why": Why(Role.ATTESTANT, "Region Exempel", None, "Frånvarande Person")}
    absent = ("Frånvarande Person", "absent")
    yield _scene("a substitute", waiting, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, absent, **right)
    alone = builders.dossier(replace(builders.after(), asked=()))
    yield _scene("a substitute alone", alone, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, absent, **right)
    for asked_only in (False, True):
        together = {"why": Why(Role.ATTESTANT, "Region Exempel", in_channel=True, asked_only=asked_only)}
        name = f"asked together, alone {asked_only}"
        yield _scene(name, several(), CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, **together)
    over = builders.dossier(builders.case_in(State.REJECTED))
    yield _scene("closed long ago", over, CardKind.OUTCOME, Part.ORDERER, is_reduced=True)
    for actions in (SENT, (*SENT, Action.SEND_AGAIN)):
        forgotten = _forgotten(*actions)
        yield _scene("sent to somebody forgotten", forgotten, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE)
        yield _whole("sent to somebody forgotten", forgotten, Side.INERA)
    yield _scene("said beside a yes", _said(), CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE)
    yield from _elsewhere()
    yield from _empty_templates()
    yield _changed()


def _scene(
    name: str, dossier: CaseRecord, kind: CardKind, part: Part, *more: tuple[str, str], **changes: object
) -> Scene:
    side, facts = SIDE_OF[part], {"step": dossier.case.step} | changes
    view = disclose(dossier, side)
    return Scene(name, means_of(dossier, side, *more), lambda: [message(loose(kind, part, **facts), view, SV)])


def _silent() -> CaseRecord:
    """Of an order whose orderer answered by a change alone."""
    case = builders.after(Action.REQUEST_COMPLETION, Action.ANSWER, flow=Flow.VIA_AGENT)
    *before, answer = case.decisions
    return builders.dossier(replace(case, decisions=(*before, replace(answer, message=""))))


def _said() -> CaseRecord:
    """Of an order to whose attest something was added."""
    case = builders.after(Action.ATTEST)
    *before, attest = case.decisions
    return builders.dossier(replace(case, decisions=(*before, replace(attest, comment="Gärna i maj."))))


def _forgotten(*actions: Action) -> CaseRecord:
    """Of an order whose orderer has no name any more."""
    known = {each: name for each, name in builders.PEOPLE.items() if each != builders.ORDERER}
    return replace(builders.dossier(builders.after(*actions)), people=known)


def _elsewhere() -> Iterator[Scene]:
    """What customer service's card says while the order is with somebody else again."""
    step = builders.after(Action.ATTEST).step
    asked = builders.after(Action.ATTEST, Action.CLAIM, Action.REQUEST_COMPLETION)
    anew = replace(asked, state=State.AWAITING_CUSTOMER_ATTEST, returns_to=None)
    for name, case in (("asked back", asked), ("begun anew", anew)):
        dossier = builders.dossier(case)
        yield _scene(name, dossier, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, step=step)


def _empty_templates() -> Iterator[Scene]:
    """Where an offer has no text to begin with, ours stands."""
    for flow, actions in SENT_IN.items():
        case = builders.after(*actions, flow=flow)
        dossier = replace(builders.dossier(case), offer=builders.offer_words(template={}))
        view = disclose(dossier, Side.INERA)
        rows = [row for row in view.offers[Part.CUSTOMER_SERVICE] if row.does in SENDING]
        yield Scene(
            f"no template, {flow}",
            means_of(dossier, Side.INERA),
            lambda view=view, rows=rows: [modal_of(row).build(view, row, METADATA, SV) for row in rows],
        )


def _changed() -> Scene:
    """An order whose agent, start and reference the answer changed, in the whole order."""
    case = builders.after(flow=Flow.VIA_AGENT)
    before = Before(1, builders.INERA, case.order.units, "före", date(2026, 5, 1), case.order.costs)
    changed = builders.dossier(replace(case, content=replace(case.order, before=before), content_version=2))
    now = [(each, "now") for each in ("Journalia AB", "4711-A", "1\u00a0april\u00a02026")]
    was = [(each, "before") for each in ("Inera AB", "före", "1\u00a0maj\u00a02026")]
    return _whole("changed", changed, Side.CUSTOMER, *now, *was)


def _whole(name: str, dossier: CaseRecord, side: Side, *more: tuple[str, str]) -> Scene:
    """Return the whole of an order to a side."""
    view = disclose(dossier, side)
    return Scene(name, means_of(dossier, side, *more), lambda: [as_sent(DetailsModal.build(view, SV))])
