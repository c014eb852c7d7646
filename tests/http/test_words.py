"""Every refusal of the API, and every problem with a field, has a sentence of its own in both languages."""

import re
from pathlib import Path

import pytest

from bot.wiring.api_words import ApiWords
from core.api import Language
from core.http import problems
from core.register import entries
from core.shared import errors
from core.storage.reads.queries import SqlQueries
from core.storage.register.substitution_entries import PROBLEMS
from notifications.texts import keys, say
from tests.http.conftest import Api
from tests.support.world.seed import ANNA, BO, REGION

ROOT = Path(__file__).parents[2]
REFUSALS = sorted(
    each.code
    for module in (errors, problems)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, errors.OrderError) and each.code != "refused"
)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_has_a_sentence(api: Api, code: str, language: Language):
    sentence = await ApiWords(SqlQueries(api.database)).refusal(language, code, {})

    assert sentence
    assert sentence != say(language, "err.refused")
    assert "{" not in sentence


async def test_people_and_organisations_are_named_and_not_numbered(api: Api):
    words = ApiWords(SqlQueries(api.database))
    sentence = await words.refusal(Language.SV, "no_attestant", {"organisation": REGION})
    person = await words.refusal(Language.SV, "not_chosen", {"person": BO})

    assert "Region Exempel" in sentence
    assert "Bo Ek" in person
    assert ANNA not in sentence + person


def test_every_problem_code_of_an_entry_has_a_sentence() -> None:
    places = [*ROOT.glob("core/register/*.py"), *ROOT.glob("core/catalogue/*.py"), *ROOT.glob("core/storage/*/*.py")]
    sources = "\n".join(place.read_text("utf-8") for place in places)
    known = {key.removeprefix("entry_error.") for key in keys() if key.startswith("entry_error.")}
    codes = set(entries.CODES.values()) | entries.OWN_CODES
    raised = set(re.findall(r'(?:PydanticCustomError\(|problem=|refuse\(None if .* else |refuse\()"(\w+)"', sources))
    broken = {code for code, _ in PROBLEMS.values()}

    assert {"already_begun", "not_attestant", "role_not_for_kind"} <= raised
    assert codes | raised | broken <= known


@pytest.mark.parametrize("language", Language)
def test_a_field_is_spoken_of_by_its_own_sentence_where_there_is_one(api: Api, language: Language) -> None:
    words = ApiWords(SqlQueries(api.database))

    assert words.field(language, "agent", "required") == say(language, "field_error.agent.required")
    assert words.field(language, "email", "required") == say(language, "entry_error.required")
    assert words.field(language, "units", "hsa_id") == say(language, "field_error.hsa_id")
    assert words.field(language, "units", "never_heard_of") == say(language, "entry_error.invalid")
