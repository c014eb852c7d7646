"""The cards about an organisation's register: roles given and ended, and rules and invoices changed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from core.api import Happened, Language, Role, channel_called, day_of, last_day_before
from notifications.render.model import Block, CardMessage, Element
from notifications.render.pieces import parts
from notifications.render.pieces.facts import CardFacts, RegisterNews
from notifications.rules.announcements import CardKind
from notifications.texts import counted, day, keys, money, say, say_first, span, whole_hour

Fact = tuple[str, str]
# What an organisation declares: what decisions are judged by, and when whoever is asked is reminded.
DECIDED_BY = frozenset({"self_attest_allowed", "eid_from_ore", "tiers"})
REMINDER_DAYS, REMINDER_HOUR = "reminder_days", "reminder_hour"


def register(card: CardFacts, told: RegisterNews, language: Language) -> CardMessage:
    """Return a card that tells what somebody has changed, and who."""
    said = _said(told, language)
    key = f"register.{card.kind}.{_standing(told)}"
    title = say_first(language, (f"{key}.title", f"register.{card.kind}.title"), **said)
    text_key = next(each for each in (f"{key}.text", f"register.{card.kind}.text") if each in keys(language))
    blocks: list[Block] = [parts.header(title), parts.rich(parts.woven(language, text_key, said))]
    blocks += parts.facts(FACTS.get(card.kind, _nothing)(told, language))
    blocks += _todo(card, told, language)
    blocks += parts.actions(list(_buttons(card, told, language)))
    return CardMessage(title, blocks)


def _standing(told: RegisterNews) -> str:
    """Return what is so now: a role that ends later still holds, and that of rules reminders alone may be others."""
    before: Mapping[str, Any] = told.evidence.get("before") or {}
    changed = {*told.evidence, *before}
    if changed & {REMINDER_DAYS, REMINDER_HOUR} and not changed & DECIDED_BY:
        return "reminders"
    until = _instant(told.evidence.get("valid_to"))
    if told.happened is Happened.ENDED and until is not None and until > told.at:
        return "ends"
    return told.happened


def _said(told: RegisterNews, language: Language) -> dict[str, str]:
    role, until = told.evidence.get("role"), _instant(told.evidence.get("valid_to"))
    return {
        "organisation": parts.on_one_line(told.organisation),
        "by": parts.on_one_line(told.by or say(language, "value.customer_service")),
        "about": parts.on_one_line(told.about) or say(language, "value.unknown_person"),
        "role": say(language, f"role.{role}") if role else "",
        "day": "" if until is None else _last_day(language, until),
    }


def _todo(card: CardFacts, told: RegisterNews, language: Language) -> Iterator[Block]:
    role = told.evidence.get("role")
    is_over = card.kind is CardKind.ROLE and _standing(told) == Happened.ENDED
    wanted = "over" if is_over else role
    key = next(
        (
            each
            for each in (
                f"register.{card.kind}.{_standing(told)}.todo",
                f"register.{card.kind}.todo.{wanted}",
                f"register.{card.kind}.todo",
            )
            if each in keys(language)
        ),
        None,
    )
    if key is not None:
        yield parts.rich([say(language, key)])


def _buttons(card: CardFacts, told: RegisterNews, language: Language) -> Iterator[Element]:
    pointer = card.pointer(None)
    role = told.evidence.get("role")
    may_order = card.kind is CardKind.READY or (card.kind is CardKind.ROLE and role == Role.ORDERER)
    if may_order and _standing(told) != Happened.ENDED:
        yield parts.button(language, "new_order", pointer.value())
    administers = card.kind in {CardKind.COLLEAGUE_ROLE, CardKind.OWN_AUTHORITY, CardKind.OWN_NAME}
    is_made = card.kind is CardKind.ROLE and role == Role.ADMINISTRATOR and _standing(told) != Happened.ENDED
    if administers or is_made:
        yield parts.button(language, "people", pointer.option(told.organisation_id))


# --- facts


def _nothing(told: RegisterNews, language: Language) -> Iterator[Fact]:  # noqa: ARG001 - one signature
    yield from ()


def _role(told: RegisterNews, language: Language) -> Iterator[Fact]:
    evidence, before = told.evidence, told.evidence.get("before", {})
    yield say(language, "register.field.organisation"), parts.on_one_line(told.organisation)
    yield say(language, "register.field.role"), say(language, f"role.{evidence.get('role')}")
    if _standing(told) == Happened.ENDED:
        return
    yield say(language, "register.field.days"), _days(evidence, language)
    if evidence.get("role") in {Role.ATTESTANT, Role.EMERGENCY_ATTESTANT}:
        limit = _limit(evidence.get("attest_limit_ore"), language)
        # What was no limit is not kept among what was otherwise.
        was = _limit(before.get("attest_limit_ore"), language)
        is_other = "attest_limit_ore" in before
        value = say(language, "register.changed", old=was, new=limit) if is_other else limit
        yield say(language, "register.field.limit"), value
    if told.service:
        yield say(language, "register.field.service"), parts.on_one_line(told.service.get(language, ""))


def _substitute(told: RegisterNews, language: Language) -> Iterator[Fact]:
    yield say(language, "register.field.organisation"), parts.on_one_line(told.organisation)
    yield say(language, "register.field.days"), _days(told.evidence, language)


def _rules(told: RegisterNews, language: Language) -> Iterator[Fact]:
    evidence = told.evidence
    before: Mapping[str, Any] = evidence.get("before") or {}
    if "self_attest_allowed" in evidence:
        yield say(language, "register.field.self_attest"), _yes_or_no(evidence["self_attest_allowed"], language)
    if "eid_from_ore" in evidence or "eid_from_ore" in before:
        yield say(language, "register.field.eid_from"), _eid(evidence.get("eid_from_ore"), language)
    if "tiers" in evidence:
        yield say(language, "register.field.tiers"), tiers_said(evidence["tiers"], language)
    if REMINDER_DAYS in evidence:
        days = counted(language, "value.working_days", evidence[REMINDER_DAYS])
        yield say(language, "register.field.reminders"), days
    if REMINDER_HOUR in evidence:
        yield say(language, "register.field.reminder_hour"), whole_hour(language, evidence[REMINDER_HOUR])


def _channels(told: RegisterNews, language: Language) -> Iterator[Fact]:
    channel = told.evidence.get("channel")
    called = parts.on_one_line(channel_called(channel, told.evidence.get("name"))) if channel else ""
    where = say(language, f"admin.where.{'asked' if channel else 'each'}", channel=called)
    yield say(language, "register.field.where"), where
    if channel:
        yield say(language, "admin.notified"), say(language, f"admin.notifies.{told.evidence['notified']}")
        decides = "asked" if told.evidence["asked_only"] else "anybody"
        yield say(language, "admin.decides"), say(language, f"admin.decides_there.{decides}")


FACTS: Mapping[CardKind, Callable[[RegisterNews, Language], Iterator[Fact]]] = {
    CardKind.ROLE: _role,
    CardKind.COLLEAGUE_ROLE: _role,
    CardKind.OWN_AUTHORITY: _role,
    CardKind.OWN_SUBSTITUTE: _substitute,
    CardKind.RULES: _rules,
    CardKind.CHANNELS: _channels,
}


def tiers_said(tiers: list[Mapping[str, Any]], language: Language) -> str:
    """Return what is asked from which amount on, a line each."""
    lines = [
        say(language, "register.tier", amount=money(language, each["from_ore"]), attests=_attests(each, language))
        for each in tiers
    ]
    return "\n".join(lines) or say(language, "register.tiers_none")


def _attests(tier: Mapping[str, Any], language: Language) -> str:
    return counted(language, "register.attests", max(tier["attests"], len(tier.get("sequence", ()))))


def _days(evidence: Mapping[str, Any], language: Language) -> str:
    since, until = _instant(evidence.get("valid_from")), _instant(evidence.get("valid_to"))
    if until is None or since is None:
        return say(language, "register.days_on", start=day(language, since) if since else "")
    # Whatever ends with a day no longer holds from the next one on.
    start, end = span(language, day_of(since), last_day_before(until))
    return say(language, "register.days", start=start, end=end)


def _last_day(language: Language, until: datetime) -> str:
    return day(language, last_day_before(until))


def _limit(ore: int | None, language: Language) -> str:
    return say(language, "register.no_limit") if ore is None else money(language, ore)


def _eid(ore: int | None, language: Language) -> str:
    return say(language, "register.eid_never") if ore is None else money(language, ore)


def _yes_or_no(is_so: object, language: Language) -> str:
    return say(language, "register.yes" if is_so else "register.no")


def _instant(said: object) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) else None
