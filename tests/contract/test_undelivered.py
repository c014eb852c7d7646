"""Customer service hears of what reached nobody while that matters, in words; on both databases alike."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from core import db
from core.api import Action, ReasonCode, Role
from core.errors import NoAttestant
from notifications.slack_errors import Never
from tests import seed
from tests.contract.office import CHANNEL, identity, open_office, team
from tests.fakes.slack import POST, Team
from tests.seed import ADA, ANNA, BO, CECILIA, REGION, SARA, role_assignment

ANNAS = seed.slack_user(ANNA)
NO = {"reason_code": ReasonCode.NO_BUDGET, "reason": "Nej"}


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_a_request_that_reached_nobody_is_not_told_of_once_the_case_is_closed(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(BO), times=10)
    case = await office.place()
    await office.press(case, ANNA, Action.WITHDRAW, confirmed=True)

    await pass_time(office)

    assert (await office.card(person_id=BO)).given_up_at is not None
    assert office.slack.in_channel(CHANNEL) == []


async def test_a_notice_that_waits_for_its_channel_is_let_go_of_when_the_case_is_closed(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(BO), times=10)
    office.slack.trouble(POST, Never("is_archived"), to=CHANNEL)
    case = await office.place()
    await office.relay.drain()
    await office.press(case, ANNA, Action.WITHDRAW, confirmed=True)

    await pass_time(office)

    assert office.slack.in_channel(CHANNEL) == []
    assert await office.cards(kind="undelivered") == []


async def test_a_notice_that_stands_says_when_the_case_is_closed(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(BO), times=10)
    case = await office.place()
    await office.relay.drain()
    await office.press(case, ANNA, Action.WITHDRAW, confirmed=True)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert "men beställningen är avslutad" in told.text
    assert "kan besluta" not in str(told.blocks)


async def test_a_notice_says_that_the_outcome_reached_nobody_either(office):
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=10)
    case = await office.place()
    await office.relay.drain()
    await office.press(case, BO, Action.REJECT, **NO)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert "Beskedet till Anna Berg" in told.text


async def test_a_notice_says_that_its_card_has_arrived_after_all(office):
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())
    await office.relay.drain()
    (before,) = office.slack.in_channel(CHANNEL)
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())

    await pass_time(office)

    (after,) = office.slack.in_channel(CHANNEL)
    assert "kom inte fram" in before.text
    assert "går att nå i Slack igen" in after.text


async def test_our_own_reasons_are_told_in_words_and_slacks_as_slack_says_them(office):
    office.slack.teams[0] = Team(team().id, team().token, (), (CHANNEL,))
    await office.unlink(BO, CECILIA)
    await office.place()

    await pass_time(office)

    told = str([each.blocks for each in office.slack.in_channel(CHANNEL)])
    assert told.count("Inget konto i Slack har personens mejladress") == 2
    assert "not_in_slack" not in told
    assert told.count("channel_not_found") == told.count("Svar från Slack") == 1


async def without_attestants(office):
    """Somebody tries to order where nobody may attest: the administrators of Region Exempel are to be told."""
    await office.change(db.role_assignments, db.role_assignments.c.role == Role.ATTESTANT, valid_to=office.clock())
    with pytest.raises(NoAttestant):
        await office.place()


async def second_administrator(office):
    also = role_assignment(SARA, REGION, Role.ADMINISTRATOR)
    await office.database.write(lambda connection: connection.execute(insert(db.role_assignments), also))


async def test_what_an_administrator_was_to_mend_is_told_to_customer_service_when_it_reached_nobody(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ADA), times=10)
    await without_attestants(office)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert "Region Exempel saknar en attestant" in told.text
    assert "Beskedet till Ada Norén kom inte fram" in str(told.blocks)


async def test_what_one_of_two_administrators_was_told_is_no_matter_of_customer_service(office):
    await second_administrator(office)
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ADA), times=10)
    await without_attestants(office)

    await pass_time(office)

    assert (await office.card(kind="not_ready", person_id=ADA)).given_up_at is not None
    assert (await office.card(kind="not_ready", person_id=SARA)).does_show == 1
    assert office.slack.in_channel(CHANNEL) == []


async def test_what_reached_none_of_two_administrators_is_told_to_customer_service_once(office):
    await second_administrator(office)
    for person in (ADA, SARA):
        office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(person), times=10)
    await without_attestants(office)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert "Beskedet till Ada Norén, Sara Ohlin kom inte fram" in str(told.blocks)


async def pass_time(office):
    """Long enough for what waits a little."""
    for _ in range(6):
        await office.relay.drain()
        office.clock.at += timedelta(seconds=30)
