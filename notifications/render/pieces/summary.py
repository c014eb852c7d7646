"""The lines that a card is decided by: what it costs, what it is, for which units, how far it is, and who is asked."""

from collections.abc import Iterator
from datetime import datetime

from core.api import TO_CONFIRM, TRAITS, Cost, Payer, Side, day_of
from notifications.render.model import Asked, Bold, Line
from notifications.render.pieces.facts import Why
from notifications.render.pieces.parts import BETWEEN, on_one_line
from notifications.render.pieces.words import UNITS_SHOWN, CaseWords
from notifications.texts import brief_cost, counted, day, money, say

# Of the others who are asked, so many by name.
OTHERS_SHOWN = 2


def decides(words: CaseWords, *, with_orderer: bool = True) -> Line:
    """Return the line that decides: who pays what, for how many units, and who ordered where the reader may know."""
    view, facts = words.view, _payment(words)
    if view.orderer and with_orderer:
        facts.append([words.say("summary.orderer")])
    return [run for fact in facts for run in (BETWEEN, *fact)][1:]


def ordered(words: CaseWords, *, with_agent: bool = True) -> Line:
    """Return which offer, through whom where that is said nowhere else, and from when it is wanted."""
    view = words.view
    start = [words.say("summary.start", day=day(words.language, view.desired_start))] if view.desired_start else []
    # An agent knows through whom, and who is to convey a service is connected by that to nothing.
    is_known = view.side is Side.AGENT or not TRAITS[view.flow].asks_for_units
    said = [] if is_known or not with_agent else _agent(words)
    return [BETWEEN.join([words.names["offer"], *said, *start])]


def units(words: CaseWords, most: int = UNITS_SHOWN) -> Line:
    """Return the first care units by name, and how many more there are; nothing where there are none."""
    return [names] if (names := words.names_of_units(most)) else []


def first_year(words: CaseWords, limit_ore: int | None) -> Line:
    """Return what the first year costs, where a limit, a number of attests or e-identification is held against it."""
    held = {"limit": limit_ore, "eid": words.view.eid_from_ore}
    against = {name: money(words.language, ore) for name, ore in held.items() if ore is not None}
    if not _is_paid(words) or (not against and words.view.attests_needed < 2):
        return []
    line = words.rich("summary.first_year", amount=money(words.language, words.first_year_ore))
    return line + [run for name, ore in against.items() for run in (" ", *words.rich(f"summary.{name}", amount=ore))]


def limited(words: CaseWords) -> Iterator[Line]:
    """Return of how many attestants the amount is over the limit; where it is over everybody's, who may attest."""
    view = words.view
    if view.over_limit < view.attestants:
        yield [words.say("summary.over_limit", over=str(view.over_limit), attestants=str(view.attestants))]
    if view.reserves:
        yield words.rich("summary.reserves", people=words.one_of(view.reserves, 1 + OTHERS_SHOWN))


def asked(words: CaseWords, why: Why | None, reader: str | None) -> Line:
    """Return by when somebody is to answer, and who decides by what right: the reader, or one of the others asked."""
    until: Line = [Bold(day_to_answer)] if (day_to_answer := _until(words)) else []
    current = words.view.current
    if why is None or current is None:
        return until
    if why.in_channel:
        return _asked_together(words, why, until)
    others = [name for name in map(on_one_line, words.view.asked) if name not in _named(why, reader)]
    said = {"organisation": on_one_line(why.organisation), "needed": str(words.view.attests_needed)}
    if words.view.attests_needed > 1:
        you = say(words.language, "why.to_you")
        who = words.say("why.several", people=words.some_of([you, *others], 1 + OTHERS_SHOWN), **said)
    else:
        you = say(words.language, "why.you")
        who = words.say(f"why.{current.part}", people=words.one_of([you, *others], 1 + OTHERS_SHOWN), **said)
    if why.absent:
        who += " " + words.say("why.substitute", absent=on_one_line(why.absent))
    return [*until, " ", who] if until else [who]


def _asked_together(words: CaseWords, why: Why, until: Line) -> Line:
    """Return who decides, where those who are asked read it together, and whether it is they alone.

    For which organisation, everybody in its channel knows.
    """
    if words.view.current is None or not words.view.asked:
        return until
    several = words.view.attests_needed > 1
    names = list(map(on_one_line, words.view.asked))
    # Of more, one: of a crowd nobody reads who they are, and their number says enough.
    shown = len(names) if len(names) <= 1 + OTHERS_SHOWN else 1
    people = (words.some_of if several else words.one_of)(names, shown)
    one = "alone.one" if why.asked_only else f"together.{words.view.current.part}"
    key = f"why.{'alone' if why.asked_only else 'together'}.several" if several else f"why.{one}"
    who = words.rich(key, people=people, needed=str(words.view.attests_needed))
    said: Line = [run if isinstance(run, str) else Asked(run.text) for run in who]
    return [*until, " ", *said] if until else said


def _until(words: CaseWords) -> str:
    ends, wanted = words.view.expires_at, words.view.desired_start
    if ends is None:
        return ""
    key = "why.until_late" if wanted is not None and wanted < day_of(ends) else "why.until"
    return words.say(key, day=day(words.language, ends))


def to_keep(words: CaseWords) -> Line:
    """Return what whoever ordered is asked about what nobody has answered, and when it ends without an answer."""
    ends = words.view.expires_at
    return words.rich("keep_or_withdraw.todo", day="" if ends is None else day(words.language, ends))


def expected(words: CaseWords, at: datetime | None) -> str:
    """Return when the case is expected to be carried out, where that is declared; nothing once the day is over."""
    then = words.view.expected_on
    if then is None or (at is not None and day_of(at) > then):
        return ""
    return words.say("summary.expected", day=day(words.language, then))


def progress(words: CaseWords) -> str:
    """Return at which step of how many the case is, or that no step is left."""
    view = words.view
    if view.current is None:
        return say(words.language, "chain.done" if words.is_finished else "chain.closed")
    n, m = words.place_on_the_way()
    return say(words.language, "chain.count", n=n, m=m)


def then(words: CaseWords) -> str:
    """Return whose step comes after the one that waits, to end a sentence; nothing after the last."""
    step = next((each for each in words.view.steps if each.action is None and not each.is_current), None)
    if step is None:
        return ""
    return words.say(f"chain.then_{'confirms' if step.state in TO_CONFIRM else 'decides'}", whom=words.part(step.part))


def within(words: CaseWords) -> str:
    """Return in how many working days after a yes it is expected to be carried out, to end a sentence, where known."""
    days = words.view.days_after_yes
    if days is None:
        return ""
    return " " + words.say("effect.within", days=counted(words.language, "value.working_days", days))


def waited_for(words: CaseWords) -> str:
    """Return whom the case waits for: by name where the reader may know, else by part and organisation."""
    current = words.view.current
    return words.waited_for(OTHERS_SHOWN) or (words.part_at(current) if current else "")


def waits(words: CaseWords) -> Line:
    """Return the steps folded to a line: how far the case is, and whom it waits for."""
    if words.view.current is None:
        return [Bold(progress(words))]
    return [Bold(progress(words)), BETWEEN, *words.rich("summary.waits", whom=waited_for(words))]


def _named(why: Why, reader: str | None) -> set[str]:
    """Return who is no other: the reader, and whom the reader substitutes for."""
    return {on_one_line(name) for name in (reader, why.absent) if name is not None}


def _is_paid(words: CaseWords) -> bool:
    """Say whether something is paid for what is asked; to end what one has costs nothing by itself."""
    return TRAITS[words.view.flow].is_offered


def _payment(words: CaseWords) -> list[Line]:
    """Return who pays what for how many units; how many there are stands for itself where nothing is paid."""
    many = len(words.view.units)
    units = counted(words.language, "summary.units", many) if many else ""
    alone: list[Line] = [[Bold(units)]] if units else []
    if not _is_paid(words):
        ending = words.view.ending_costs.get(words.payer or Payer.CUSTOMER)
        ends = "" if ending is None else words.say("summary.ends", cost=brief_cost(words.language, ending))
        return [*alone, *([[ends if alone else ends[:1].upper() + ends[1:]]] if ends else [])]
    payer = words.names["customer" if words.view.side is Side.INERA else "organisation"]
    cost = words.view.costs.get(words.payer or Payer.CUSTOMER, Cost())
    if cost == Cost(period=cost.period):
        return [[Bold(words.say("summary.pays_nothing", organisation=payer))], *alone]
    said = {"organisation": payer, "cost": brief_cost(words.language, cost), "units": units}
    return [words.rich("summary.pays_for_units" if units else "summary.pays", **said)]


def _agent(words: CaseWords) -> list[str]:
    """Return which agent takes part, or is named: what an offer is called says the way of most."""
    if words.view.agent is None:
        return [words.say("summary.named")] if words.view.named_agent else []
    return [words.say("summary.via")]
