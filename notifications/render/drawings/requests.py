"""The cards that ask somebody to decide: the agent's orderer, the agent's attestant, the customer's attestant."""

from collections.abc import Iterator

from core.api import SIDE_OF, Action, Side, State, StepView
from notifications.render.drawings.answered import answered
from notifications.render.model import Block, CardMessage, Line
from notifications.render.pieces import parts, summary
from notifications.render.pieces.chain import attests
from notifications.render.pieces.prices import changed_price, coming_price
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import ATTESTED
from notifications.texts import counted, money

# What brings an order back from the agent's attest, and what the card is called then.
TOOK_APPROVAL_BACK = {Action.SEND_BACK: "sent_back", Action.RECUSE: "recused"}


def agent_approval(sheet: Sheet) -> CardMessage:
    """Asks the agent's orderer: which customer, which service and units, what to check, what follows."""
    check = "agent_approval.check_processor" if sheet.view.handles_personal_data else "agent_approval.check"
    return _request(sheet, "agent_approval", [[sheet.words.say(check)]], sheet.words.say("effect.agent_approval"))


def agent_attest(sheet: Sheet) -> CardMessage:
    """Asks the agent's attestant: what the own handler approved, and what it commits the agent to."""
    approval = _approval(sheet)
    approved: Line = [] if approval is None else [sheet.decided(approval)]
    return _request(sheet, "agent_attest", [approved, sheet.said()], _effect(sheet, "effect.agent_attest"))


def customer_attest(sheet: Sheet) -> CardMessage:
    """Asks the customer's attestant: what, for how much, for which units, who ordered it and why."""
    effects = [_agents_attest(sheet), _effect(sheet, f"effect.customer_attest.{sheet.view.flow}")]
    effect = " ".join(filter(None, effects))
    return _request(sheet, "customer_attest", [sheet.comment(), sheet.said()], effect)


def _request(sheet: Sheet, kind: str, lines: list[Line], effect: str) -> CardMessage:
    """Return what is to be decided in a few lines, what differs from the usual, the buttons, and what follows."""
    if not sheet.offers:
        return answered(sheet)
    headline, words = _headline(sheet, kind), sheet.words
    title = words.say(f"{headline}.title_{sheet.view.flow}", f"{headline}.title")
    ordered = summary.ordered(words, with_agent=words.names["agent"] not in title)
    facts = (summary.decides(words), sheet.first_year(), ordered, summary.units(words))
    blocks = [parts.header(title), parts.rich(*facts, *lines), *_news(sheet), *talk(words)]
    blocks += [parts.rich(sheet.asked()), *sheet.buttons(), sheet.print_of_request(effect)]
    return CardMessage(_notification(sheet, headline), blocks)


def _notification(sheet: Sheet, headline: str) -> str:
    """Return what is to be decided in a line, with what the first year costs where the reader's side pays."""
    ore = sheet.words.first_year_ore
    cost = sheet.words.say("effect.costs", amount=money(sheet.language, ore)) if ore else ""
    return sheet.words.say(f"{headline}.text", cost=cost)


def _news(sheet: Sheet) -> Iterator[Block]:
    """Return what differs from the usual."""
    return sheet.lines(
        sheet.handed(),
        sheet.blocked(),
        summary.limited(sheet.words),
        sheet.version(),
        changed_price(sheet.words),
        coming_price(sheet.words),
        sheet.earlier(),
        attests(sheet.words, with_asked=False) if sheet.view.attested_by else iter(()),
    )


def _headline(sheet: Sheet, kind: str) -> str:
    """Return what the card is called: where the approval is to be done anew, by why that is."""
    if sheet.view.state is not State.AWAITING_AGENT_APPROVAL:
        return kind
    # What the orderer was asked meanwhile, and answered in words, changes nothing of why.
    why = next((each for each in reversed(sheet.view.steps) if each.action in TOOK_APPROVAL_BACK), None)
    if why is None or why.action is None or sheet.is_revised_since(why):
        return kind
    return f"{kind}.{TOOK_APPROVAL_BACK[why.action]}"


def _effect(sheet: Sheet, key: str) -> str:
    """Return what follows if the reader attests: the next step, or the attests that are needed besides."""
    more = sheet.view.attests_needed - sheet.view.attests - 1
    if more > 0:
        return counted(sheet.language, "effect.more_attests", more)
    return sheet.words.say(key, within=summary.within(sheet.words))


def _agents_attest(sheet: Sheet) -> str:
    """Return that the agent has attested, where one takes part."""
    attests = (each for each in sheet.view.steps if each.action in ATTESTED and each.counts)
    is_attested = any(SIDE_OF.get(each.part) is Side.AGENT for each in attests)
    return sheet.words.say("effect.agent_attested") if is_attested else ""


def _approval(sheet: Sheet) -> StepView | None:
    done = (each for each in reversed(sheet.view.steps) if each.action is Action.APPROVE and each.counts)
    return next(done, None)
