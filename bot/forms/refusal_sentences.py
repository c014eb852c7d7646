"""The sentence for every "no": what is the matter, and what to do next."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from core.api import Action, Cost, Language, Part, is_application
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.words import local
from notifications.texts import cost, day, keys, particular, say, when

# Somebody was first: what ended the order, what did not come to be, and what the reader may have wanted otherwise.
_ENDED_BY = {Action.WITHDRAW: "err.already_withdrawn", Action.EXPIRE: "err.already_expired"}
_MISSED = dict.fromkeys((Action.APPROVE, Action.ATTEST, Action.REJECT), "err.already_decided_otherwise") | {
    Action.WITHDRAW: "err.not_withdrawn"
}


def refusal(language: Language, error_code: str, facts: Mapping[str, object]) -> str:
    """Return a refusal's code and facts as a sentence, plain text.

    Facts are those of the error with names in the place of ids (person, organisation, agent, and service, by language);
    codes of parts, actions and categories and times are put into words here, and what is missing is said in general
    words.
    """
    key = _in_own_words(language, _key(language, error_code, facts), facts)
    sentence = say(language, key, **_Said(language, facts))
    return sentence[:1].upper() + sentence[1:]


def refusal_of_another(language: Language, error_code: str, person: str, other: str | None = None) -> str:
    """Return the same said of a person by name, to whoever looks into it: why, without what the person is to do next.

    `other` is who else the refusal names; without a name it is said in general words.
    """
    key, whole = f"told_no.{error_code}", keys(language)
    if other is not None and f"{key}_by" in whole:
        key += "_by"
    return say(language, key if key in whole else "told_no.refused", person=person, other=other)


def _key(language: Language, error_code: str, facts: Mapping[str, object]) -> str:
    if error_code == "no_role" and facts.get("part") == Part.CUSTOMER_SERVICE:
        return "err.no_role_inera"
    if error_code == "already_decided" and facts.get("ended"):
        return "err.ended"
    if error_code == "already_decided":
        return _key_of_the_slower(facts.get("action"), facts.get("wanted"))
    if error_code == "handed_over" and not (facts.get("person") and facts.get("at")):
        return "err.handed_over_before"
    key = f"err.{error_code}"
    return key if key in keys(language) else "err.refused"


def _in_own_words(language: Language, key: str, facts: Mapping[str, object]) -> str:
    """Return the same as a flow says it, where the sentence names an order and the case is something else."""
    area = "applied" if is_application(str(facts.get("case", ""))) else str(facts.get("flow", ""))
    return particular(language, area, key)


def _key_of_the_slower(done: object, wanted: object) -> str:
    if done in _ENDED_BY:
        return _ENDED_BY[Action(str(done))]
    same = wanted == done or wanted not in _MISSED
    return "err.already_decided" if same else _MISSED[Action(str(wanted))]


class _Said(dict[str, str]):
    """The facts in words."""

    def __init__(self, language: Language, facts: Mapping[str, object]) -> None:
        given = {name: _word(language, name, fact) for name, fact in facts.items() if fact not in (None, "")}
        super().__init__(_in_general(language) | given)
        self["role"] = say(language, f"role_of.{facts['part']}") if facts.get("part") in _PARTS else self["role"]
        self["who"] = self._who(language, facts)
        self["decision"] = self["action"]

    def _who(self, language: Language, facts: Mapping[str, object]) -> str:
        if facts.get("person"):
            return self["person"]
        if not facts.get("part"):
            return say(language, "value.unknown_person")
        if not facts.get("organisation"):
            return self["part"]
        return say(language, "part.at", part=self["part"], organisation=self["organisation"])


_PARTS = frozenset(Part)
_WORDED = {"part": "part", "role": "role", "action": "act", "ended": "state"}
_NAMED = (
    *("agent", "service", "case", "role", "part", "action", "at", "categories", "problem"),
    *("unit", "old", "new", "rounds", "from_day", "to_day"),
)


def _in_general(language: Language) -> dict[str, str]:
    unknown = {"person": "value.unknown_person", "organisation": "value.unknown_organisation"}
    return {name: say(language, f"unknown.{name}") for name in _NAMED} | {
        name: say(language, key) for name, key in unknown.items()
    }


def _word(language: Language, name: str, fact: object) -> str:
    if isinstance(fact, datetime):
        return when(language, fact)
    if isinstance(fact, date):
        return day(language, fact)
    if isinstance(fact, Mapping):
        return on_one_line(local(cast("Mapping[Language, str]", fact), language))
    if isinstance(fact, Cost):
        return cost(language, fact)
    if name == "categories" and isinstance(fact, tuple | list):
        return ", ".join(_word(language, "category", each) for each in fact)
    key = f"{_WORDED.get(name, name)}.{fact}"
    return say(language, key) if key in keys(language) else on_one_line(str(fact))
