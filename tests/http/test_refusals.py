"""Every refusal there is, and every problem with a field, is met: by HTTP, by a press, by file or in Slack."""

import inspect

import pytest
from sqlalchemy import insert, update

from bot.refusals import ButtonIsGone, LinkIsGone, NothingToOrder, OtherEnvironment
from core import db, errors
from core.api import Action, ActOnCase, Answers, CaseId, Identity, Language, Seen, Surface
from core.http.problems import HttpRefusal
from notifications.texts import keys, say
from tests.contract import test_absences, test_identification, test_loading, test_store
from tests.flow import test_home, test_order_form
from tests.flow import test_refusals as test_slack
from tests.http import test_presses, test_problems, test_register
from tests.http.conftest import Api
from tests.http.test_orders import DIRECT, MET, VIA_AGENT, place
from tests.rules.test_texts import FIELD_CODES
from tests.seed import AMIR, ANNA, ASTA, BO, CECILIA, HELENA, KALLE, KARIN, REGION, TEAM, role_assignment

OLD_CARD = Seen(1, 1)


async def press(api: Api, order, by, action, seen=None, **answers):
    await api.orders.act(ActOnCase(CaseId(order), action, by, Surface.SLACK, seen, Answers(**answers)))


async def placed(api: Api, body=DIRECT, person=ANNA):
    return (await place(api, body, person=person)).json()["id"]


async def attested(api: Api):
    order = await placed(api)
    await press(api, order, BO, Action.ATTEST, OLD_CARD, confirmed=True)
    return order


async def approved(api: Api, by=HELENA, attestant=None):
    order = await placed(api, VIA_AGENT)
    await press(api, order, by, Action.APPROVE, certified=True, attestant=attestant)
    return order


async def account_of_nobody(api: Api):
    await press(api, await placed(api), Identity(TEAM, "U0NOBODY001"), Action.ATTEST, confirmed=True)


async def slower(api: Api):
    await press(api, await attested(api), CECILIA, Action.ATTEST, OLD_CARD, confirmed=True)


async def own_repeat(api: Api):
    await press(api, await attested(api), BO, Action.ATTEST, OLD_CARD, confirmed=True)


async def old_card(api: Api):
    await press(api, await approved(api), ANNA, Action.WITHDRAW, OLD_CARD, confirmed=True)


async def changed_order(api: Api):
    order = await placed(api)
    await api.database.write(lambda c: c.execute(update(db.cases).values(content_version=2)))
    await press(api, order, BO, Action.ATTEST, OLD_CARD, confirmed=True)


async def own_order(api: Api):
    await press(api, await placed(api, person=CECILIA), CECILIA, Action.ATTEST, confirmed=True)


async def own_approval(api: Api):
    await press(api, await approved(api, by=ASTA), ASTA, Action.ATTEST, confirmed=True)


async def both_sides(api: Api):
    role = role_assignment(HELENA, REGION, "attestant")
    await api.database.write(lambda c: c.execute(insert(db.role_assignments), role))
    order = await approved(api)
    await press(api, order, AMIR, Action.ATTEST, confirmed=True)
    await press(api, order, HELENA, Action.ATTEST, confirmed=True)


async def not_chosen(api: Api):
    await press(api, await approved(api, attestant=AMIR), ASTA, Action.ATTEST, confirmed=True)


async def claimed_by_another(api: Api):
    order = await attested(api)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KALLE, Action.CLAIM)


async def not_claimed(api: Api):
    await press(api, await attested(api), KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")


async def no_reason(api: Api):
    await press(api, await placed(api), BO, Action.REJECT)


async def no_certificate(api: Api):
    await press(api, await placed(api, VIA_AGENT), HELENA, Action.APPROVE)


async def no_message(api: Api):
    order = await attested(api)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KARIN, Action.SEND_INSTRUCTIONS)


async def no_confirmation(api: Api):
    await press(api, await placed(api), BO, Action.ATTEST)


async def attestant_of_another(api: Api):
    await approved(api, attestant=BO)


# What HTTP cannot meet, since no key decides and an account is Slack's.
PRESSED = [
    (account_of_nobody, "not_linked"),
    (slower, "already_decided"),
    (own_repeat, "already_decided_by_you"),
    (old_card, "stale"),
    (changed_order, "changed"),
    (own_order, "self_attest"),
    (own_approval, "own_approval"),
    (both_sides, "both_sides"),
    (not_chosen, "not_chosen"),
    (claimed_by_another, "already_claimed"),
    (not_claimed, "not_claimed"),
    (no_reason, "reason_required"),
    (no_certificate, "certificate_required"),
    (no_message, "message_required"),
    (no_confirmation, "confirmation_required"),
    (attestant_of_another, "attestant_not_eligible"),
]
# What only the chat refuses: its tests read sentences, so these are the words and the test that asks for them.
BUTTONS = test_slack.test_a_button_of_another_environment_or_time_gets_a_sentence
IN_SLACK = [
    (ButtonIsGone.code, BUTTONS, "Knappen används inte längre"),
    (OtherEnvironment.code, BUTTONS, "en annan miljö"),
    (NothingToOrder.code, test_order_form.test_who_orders_for_nobody_is_told_so, "inte rollen beställare"),
    (LinkIsGone.code, test_home.test_a_yes_that_nobody_asked_for_is_refused, "Kopplingen går inte"),
]


@pytest.mark.parametrize(("meet", "code"), PRESSED, ids=[each[0].__name__ for each in PRESSED])
async def test_a_press_that_may_not_count_is_refused_by_name(api: Api, meet, code):
    with pytest.raises(errors.OrderError) as told:
        await meet(api)

    assert told.value.code == code


@pytest.mark.parametrize(("code", "test", "words"), IN_SLACK, ids=[each[0] for each in IN_SLACK])
def test_a_refusal_of_the_chat_is_asked_for_by_its_words(code, test, words):
    assert words in say(Language.SV, f"err.{code}")
    assert words in inspect.getsource(test)


def test_refusals_about_identification_are_met_where_it_is_tested() -> None:
    for refusal, test in test_identification.refused().items():
        assert f"errors.{refusal.__name__}" in inspect.getsource(test)


def test_every_refusal_is_met() -> None:
    identifying = {each.code for each in test_identification.refused()}
    answered = {code for _, _, code in [*MET, *test_problems.MET_HERE]}
    pressed = {code for _, code in [*PRESSED, *test_presses.REFUSED, *test_absences.REFUSED]}

    assert answered | pressed | identifying | {code for code, _, _ in IN_SLACK} == {
        each.code for each in _below(errors.OrderError)
    }


def _below(refusal: type[errors.OrderError]) -> set[type[errors.OrderError]]:
    children = {each for each in refusal.__subclasses__() if each is not HttpRefusal}
    return children.union(*(_below(each) for each in refusal.__subclasses__()))


def test_every_problem_with_a_field_is_met() -> None:
    tables = (test_register.BROKEN, test_loading.WRONG, test_store.WRONG_FORMS, test_problems.WRONG_PARTS)
    known = {key.removeprefix("entry_error.") for key in keys() if key.startswith("entry_error.")}

    assert {row[-1] for table in tables for row in table} == known | FIELD_CODES
