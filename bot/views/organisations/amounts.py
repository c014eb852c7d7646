"""Amounts and rising steps of amounts as people type them, in kronor."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from bot.forms.inputs import InputProblem, Typed, text_in
from core.api import Language, ProposedTier
from notifications.texts import say, say_first

# Thousands may be parted by spaces; öre stand behind a comma or a point.
_KRONOR = re.compile(r"(?P<whole>\d{1,3}( \d{3})+|\d{1,10})([,.](?P<ore>\d{1,2}))?( ?kr)?", re.IGNORECASE)
_GAPS = re.compile(r"[\s\u00a0\u202f]+")
_PARTED = re.compile(r"\s*;\s*")


def read_kronor(text: str) -> int | InputProblem | None:
    """Return an amount in öre, None for nothing typed, or what is wrong."""
    tidy = _GAPS.sub(" ", text).strip()
    if not tidy:
        return None
    found = _KRONOR.fullmatch(tidy)
    if found is None:
        return InputProblem("entry_error.amount")
    return int(found["whole"].replace(" ", "")) * 100 + int((found["ore"] or "0").ljust(2, "0"))


def write_kronor(ore: int | None) -> str:
    """Return an amount as it is typed; nothing for none."""
    if ore is None:
        return ""
    whole = Decimal(ore) / 100
    return f"{whole:.2f}".replace(".", ",") if ore % 100 else f"{whole:.0f}"


def read_tiers(text: str) -> tuple[ProposedTier, ...] | InputProblem:
    """Return steps, a line each: from which amount, and then how many attest or who, by e-mail address."""
    tiers: list[ProposedTier] = []
    for number, line in _lines(text):
        tier = _tier(line)
        if tier is None:
            return InputProblem("field_error.tier", {"line": number})
        tiers.append(tier)
    return tuple(tiers)


def write_tiers(tiers: Sequence[ProposedTier]) -> str:
    """Return steps as they are typed."""
    return "\n".join(
        f"{write_kronor(each.from_ore)}; {', '.join(each.sequence) if each.sequence else each.attests}"
        for each in tiers
    )


def line_of(text: str, index: int) -> int:
    """On which line of the text a step stands, by its place among the steps."""
    numbers = [number for number, _ in _lines(text)]
    return numbers[index] if index < len(numbers) else len(numbers)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())


def _tier(line: str) -> ProposedTier | None:
    pieces = [each for each in _PARTED.split(line.strip()) if each]
    if len(pieces) != 2:
        return None
    amount = read_kronor(pieces[0])
    if not isinstance(amount, int):
        return None
    if pieces[1].isdecimal() and len(pieces[1]) < 4:
        return ProposedTier(amount, attests=int(pieces[1]))
    people = tuple(each.strip() for each in pieces[1].split(",") if each.strip())
    return ProposedTier(amount, sequence=people) if people and all("@" in each for each in people) else None


def entry_problem(language: Language, facts: Mapping[str, object], values: Typed) -> tuple[str, str]:
    """Return the field and the sentence; of one of several lines, which line it is."""
    field, code = str(facts.get("field", "")), str(facts.get("problem", ""))
    keys = (f"field_error.{field}.{code}", f"entry_error.{code}", "field_error.other")
    sentence = say_first(language, keys)
    if "index" not in facts:
        return field, sentence
    line = line_of(text_in(values, field), int(str(facts["index"])))
    return field, say(language, "field_error.line", line=line, problem=sentence)
