"""How a refusal is answered, by the few ports that it takes."""

import json
from dataclasses import replace
from datetime import date

import pytest

from bot.acts.refusals import RefusalWords, RefusedWishes
from bot.server.background import RefusalNotes
from bot.slack.refusal_replies import BoltErrors, RefusalFollowUp, RefusalReplies
from bot.slack.replies import NothingShown
from core.api import AccountNotLookedAt, Action, IdentificationRequired, Language
from core.shared.errors import FormError, NotYourOrder, OrderMovedOn
from tests.doors.standing import BY, CASE, CLOCK, CONTEXT, ENVIRONMENT, PERSON, POINTER, Standing, form, people
from tests.fakes.doors import FakeAfterCommit, FakePort, asked_of

DAY = date(2026, 11, 30)


def refusals_of(stage, after=None, *, noted=None, checks=None, identification=None, person=PERSON):
    them, after = people(person_of=person), after or FakeAfterCommit()
    answers = RefusalReplies(them, identification or FakePort(), stage.replies, RefusalWords(them, {}))
    notes = RefusalNotes(noted or FakePort(refused=None), stage.tasks, CLOCK)
    follow_up = RefusalFollowUp(ENVIRONMENT, after, RefusedWishes(notes, after.wake), checks or FakePort(look_at=None))
    return BoltErrors(answers, follow_up)


def press(action):
    element = {"type": "button", "action_id": f"kp.{action}", "block_id": "1", "value": POINTER.value()}
    place = {"type": "message", "channel_id": "D1", "message_ts": "1.1"}
    return {"type": "block_actions", "trigger_id": "1", "actions": [element], "container": place}


async def test_a_press_that_is_refused_is_acknowledged_answered_and_told_to_history():
    stage, noted = Standing(), FakePort(refused=None)

    answer = await refusals_of(stage, noted=noted).answer(NotYourOrder(), press(Action.WITHDRAW), CONTEXT)

    assert (answer.status, [how for how, _ in await stage.sees()]) == (200, ["open"])
    assert [refused.code for _, refused in noted.asked] == ["not_your_order"]


async def test_a_card_that_shows_what_is_no_longer_so_is_painted_anew():
    stage, after = Standing(), FakeAfterCommit()

    await refusals_of(stage, after).answer(OrderMovedOn(case=CASE), press(Action.ATTEST), CONTEXT)
    await stage.tasks.drain(60)

    assert after.told == [("painted anew", CASE), ("home", BY.user)]


async def test_a_form_with_wrong_fields_is_answered_at_the_fields():
    body = {"type": "view_submission", "view": form("kp.order", units="")}

    answer = await refusals_of(Standing()).answer(FormError(fields={"units": "required"}), body, CONTEXT)

    assert '"response_action": "errors"' in answer.body


@pytest.mark.parametrize(
    ("language", "fields", "facts", "said"),
    [
        (Language.SV, "too_early", {"first": DAY}, "Anslutningen började 30\u00a0november\u00a02026. Välj den dagen"),
        (
            Language.SV,
            "too_far",
            {"latest": DAY},
            "mer än ett år fram i tiden. Välj 30\u00a0november\u00a02026 eller",
        ),
        (Language.SV, "not_connected", {}, "är inte längre anslutet. Avbryt uppsägningen."),
        (Language.EN, "too_early", {"first": DAY}, "The connection began 30\u00a0November\u00a02026. Choose that day"),
        (
            Language.EN,
            "too_far",
            {"latest": DAY},
            "more than a year from now. Choose 30\u00a0November\u00a02026 or an earlier",
        ),
        (Language.EN, "not_connected", {}, "is no longer connected. Cancel the termination."),
    ],
)
async def test_a_last_day_that_cannot_be_is_answered_at_its_field(language, fields, facts, said):
    body = {"type": "view_submission", "view": form("kp.last_day", last_day="2026-11-01")}
    wrong = FormError(fields={"last_day": fields}, **facts)

    answer = await refusals_of(Standing(), person=replace(PERSON, language=language)).answer(wrong, body, CONTEXT)

    assert said in json.loads(answer.body)["errors"]["last_day"]


async def test_an_account_that_was_looked_at_long_ago_is_looked_at_beside_the_answer():
    stage, checks = Standing(), FakePort(look_at=None)

    await refusals_of(stage, checks=checks).answer(AccountNotLookedAt(), press(Action.ATTEST), CONTEXT)
    await stage.tasks.drain(60)

    assert checks.asked == [("look_at", BY.account)]


async def test_whoever_must_identify_is_led_there():
    stage, identification = Standing(), FakePort(begin="https://eid.example.org/1")

    await refusals_of(stage, identification=identification).answer(
        IdentificationRequired(), press(Action.ATTEST), CONTEXT
    )

    assert [how for how, _ in await stage.sees()] == ["open"]
    assert asked_of(identification) == ["begin"]


@pytest.mark.parametrize(("raised", "status"), [(NothingShown(), 503), (ValueError("ours"), 500)])
async def test_what_is_no_refusal_is_said_to_slack_to_have_failed(raised, status):
    answer = await refusals_of(Standing()).answer(raised, press(Action.ATTEST), CONTEXT)

    assert answer.status == status


async def test_a_command_is_refused_where_it_was_typed():
    answer = await refusals_of(Standing()).answer(NotYourOrder(), {"command": "/kundportal"}, CONTEXT)

    assert '"response_type": "ephemeral"' in answer.body
