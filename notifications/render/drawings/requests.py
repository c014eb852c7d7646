"""The cards that ask somebody to decide: the agent's orderer, the agent's attestant, the customer's attestant."""

from collections.abc import Iterator

from core.api import Action, State, StepView
from notifications.render.drawings.answered import answered
from notifications.render.model import Block, CardMessage
from notifications.render.pieces import parts
from notifications.render.pieces.prices import changed_price, cost_lines
from notifications.render.pieces.sheet import Row, Sheet
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import UNITS_SHOWN
from notifications.texts import counted, say

# What brings an order back from the agent's attest, and what the card is called then.
TOOK_APPROVAL_BACK = {Action.SEND_BACK: "sent_back", Action.RECUSE: "recused"}


def agent_approval(sheet: Sheet) -> CardMessage:
    """Asks the agent's orderer: which customer, which service and units, what is certified, what follows."""
    rows = [sheet.customer(), *sheet.category(), sheet.service(), *sheet.start()]
    notes = [*sheet.words.unit_list(), *sheet.contact()]
    hints = [sheet.words.say("agent_approval.check"), sheet.words.say("effect.agent_approval")]
    if sheet.view.handles_personal_data:
        hints.insert(1, sheet.words.say("agent_approval.personal_data"))
    return _request(sheet, "agent_approval", rows, notes, hints)


def agent_attest(sheet: Sheet) -> CardMessage:
    """Asks the agent's attestant: what the own handler approved, and what it commits the agent to."""
    rows = [sheet.customer(), sheet.service(), *sheet.start(), *_approved(sheet)]
    notes = list(sheet.words.unit_list())
    return _request(sheet, "agent_attest", rows, notes, [_effect(sheet, "effect.agent_attest")])


def customer_attest(sheet: Sheet) -> CardMessage:
    """Asks the customer's attestant: what, for whom, for how much, who ordered it and why."""
    rows = [sheet.offer(), sheet.connection(), sheet.customer("for"), sheet.ordered_by()]
    rows += [*sheet.invoice(), *sheet.start(), *sheet.change_of_agent()]
    notes = [*_units(sheet), *sheet.comment()]
    hints = [_effect(sheet, f"effect.customer_attest.{sheet.view.flow}")]
    return _request(sheet, "customer_attest", rows, notes, hints)


def _request(sheet: Sheet, kind: str, rows: list[Row], notes: list[Row], hints: list[str]) -> CardMessage:
    if not sheet.offers:
        return answered(sheet)
    headline = _headline(sheet, kind)
    title = parts.header(sheet.words.say(f"{headline}.title"))
    news = sheet.lines(
        sheet.handed(), sheet.blocked(), sheet.version(), changed_price(sheet.words, f"price.changed.{kind}")
    )
    blocks = [title, *news, *parts.facts(rows), *parts.notes(*notes), *talk(sheet.words), *_commitment(sheet)]
    blocks += [sheet.chain(), *sheet.buttons(), sheet.print(*hints)]
    return CardMessage(sheet.words.say(f"{headline}.text"), blocks)


def _headline(sheet: Sheet, kind: str) -> str:
    """Return what the card is called: where the approval is to be done anew, by why that is."""
    if sheet.view.state is not State.AWAITING_AGENT_APPROVAL:
        return kind
    # What the orderer was asked meanwhile, and answered in words, changes nothing of why.
    why = next((each for each in reversed(sheet.view.steps) if each.action in TOOK_APPROVAL_BACK), None)
    if why is None or why.action is None or sheet.is_revised_since(why):
        return kind
    return f"{kind}.{TOOK_APPROVAL_BACK[why.action]}"


def _commitment(sheet: Sheet) -> Iterator[Block]:
    yield from sheet.lines(cost_lines(sheet.words), filter(None, [sheet.why()]))


def _effect(sheet: Sheet, key: str) -> str:
    """Return what follows if the reader attests: the next step, or the attests that are needed besides."""
    more = sheet.view.attests_needed - sheet.view.attests - 1
    return counted(sheet.language, "effect.more_attests", more) if more > 0 else sheet.words.say(key)


def _units(sheet: Sheet) -> Iterator[Row]:
    """Return a few with their HSA-ids, many by name."""
    return sheet.words.unit_list() if len(sheet.view.units) <= UNITS_SHOWN else sheet.words.unit_names()


def _approved(sheet: Sheet) -> Iterator[Row]:
    """Return who at the agent approved, and when."""
    step = _approval(sheet)
    if step is not None:
        who_when = say(sheet.language, "value.who_when", who=sheet.words.who(step), at=sheet.words.at(step))
        yield sheet.words.field("approved_by"), who_when


def _approval(sheet: Sheet) -> StepView | None:
    done = (each for each in reversed(sheet.view.steps) if each.action is Action.APPROVE and each.counts)
    return next(done, None)
