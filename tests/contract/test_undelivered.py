"""Customer service hears of what reached nobody while that matters, in words; on both databases alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from core.api import Action, ReasonCode, Role, Unit
from core.shared.errors import NoAttestant
from core.storage import tables
from notifications.outbox.delivery_results import TRY_AGAIN
from notifications.slack.slack_errors import Never, TryLater
from tests.contract.office import CHANNEL, TOKEN, identity, open_office, team, wish
from tests.fakes.slack import POST, UPDATE, Team, buttons
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, CLINIC, DAVID, REGION, SARA, TEAM, role_assignment

ANNAS, BOS = map(seed.slack_user, (ANNA, BO))
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


async def test_a_card_that_could_not_be_made_is_said_to_be_our_mistake_and_the_log_says_what_was_given_up(
    office, caplog
):
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=10)
    case = await office.place()
    bos, annas = [await office.card(person_id=person, case_id=case.id) for person in (BO, ANNA)]
    await office.change(tables.cards, tables.cards.c.id == bos.id, case_id=None)

    await office.relay.drain()

    assert (await office.card(id=bos.id)).last_error == "not_drawn"
    assert f"card_given_up card={annas.id} case={case.id} error=user_disabled" in caplog.text


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


async def test_whoever_is_active_in_slack_again_gets_what_waits_once_each(office):
    office.slack.change(BOS, is_deleted=True)
    orders = [await office.place(), await office.place(key="V2", units=(Unit("Norr", None),))]
    await pass_time(office)
    assert office.slack.in_channel(BOS) == []
    office.slack.change(BOS, is_deleted=False)

    for _ in range(3):
        office.clock.at += TRY_AGAIN
        await pass_time(office)

    asked = office.slack.in_channel(BOS)
    assert sorted(each.id for each in orders for shown in asked if each.id in str(shown.blocks)) == sorted(
        each.id for each in orders
    )
    assert [{"kp.attest"} - set(buttons(each)) for each in asked] == [set(), set()]
    assert all("går att nå i Slack igen" in each.text for each in office.slack.in_channel(CHANNEL))


async def test_whoever_stays_away_is_told_of_once(office):
    office.slack.change(BOS, is_deleted=True)
    await office.place()

    for _ in range(3):
        await pass_time(office)
        office.clock.at += TRY_AGAIN

    (notice,) = office.slack.in_channel(CHANNEL)
    lost = await office.database.read(
        lambda connection: connection.execute(
            select(tables.history.c.id).where(tables.history.c.kind == "delivery")
        ).all()
    )
    assert (notice.edits, len(lost)) == (0, 1)


@pytest.mark.parametrize(("by", "action", "answers"), [(CECILIA, Action.REJECT, NO), (ANNA, Action.WITHDRAW, {})])
async def test_whoever_is_active_again_is_not_asked_what_was_decided_meanwhile(office, by, action, answers):
    office.slack.change(BOS, is_deleted=True)
    case = await office.place()
    await pass_time(office)
    await office.press(case, by, action, **({"confirmed": True} | answers))
    office.slack.change(BOS, is_deleted=False)

    office.clock.at += TRY_AGAIN
    await pass_time(office)

    assert office.slack.in_channel(BOS) == []
    assert (await office.card(person_id=BO)).due_at is None


async def test_each_order_has_a_notice_of_what_was_lost_in_it(office):
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=10)
    await office.press(await office.place(), BO, Action.REJECT, **NO)
    another = await office.place(key="V2")
    await office.relay.drain()
    # Anna was to get three messages, of which Slack takes two at once.
    office.clock.forward(seconds=1)
    await office.relay.drain()
    await office.press(another, ANNA, Action.WITHDRAW, confirmed=True)

    await pass_time(office)

    told = office.slack.in_channel(CHANNEL)
    assert sorted("Beskedet till Anna Berg" in each.text for each in told) == [False, True]


async def test_a_second_message_of_a_card_is_no_notice_that_another_was_lost(office):
    case = await office.place()
    await office.relay.drain()
    await second_message(office, await office.card(person_id=ANNA), ANNAS)
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=10)
    await office.press(case, BO, Action.REJECT, **NO)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert "Beskedet till Anna Berg" in told.text


async def test_a_second_message_that_is_lost_is_no_loss(office):
    office.slack.trouble(POST, Never("user_disabled"), to=BOS)
    await office.place()
    await office.relay.drain()
    await office.change(tables.cards, tables.cards.c.person_id == BO, given_up_at=None, due_at=office.clock())
    await office.relay.drain()
    copy = await second_message(office, await office.card(person_id=BO), BOS)
    office.slack.trouble(UPDATE, Never("cant_update_message"), to=copy.channel)
    await office.relay.drain()
    await office.store.repaint((await office.card(kind="undelivered")).id)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert (await office.card(ts=copy.ts)).given_up_at is not None
    assert "går att nå i Slack igen" in told.text


async def second_message(office, card, reader):
    """A message of a card that was posted and never recorded, and that was pressed now; where it stands."""
    place = await office.slack.post(TOKEN, channel=reader, text="", blocks=[])
    await office.store.adopt(card.id, place.channel, place.ts)
    return place


async def test_a_notice_is_dropped_only_by_who_holds_it_and_as_it_was_then(office):
    office.slack.trouble(POST, Never("user_disabled"), to=BOS)
    office.slack.trouble(POST, TryLater("http_503"), to=CHANNEL)
    await office.place()
    await office.relay.drain()
    office.clock.forward(seconds=5)
    (notice,) = await office.leases.claim(TEAM)

    await office.results.drop(replace(notice, leased_until=office.clock()))
    await office.results.drop(replace(notice, about="C-lost-since"))
    kept = await office.cards(kind="undelivered")
    await office.results.drop(notice)

    assert (len(kept), await office.cards(kind="undelivered")) == (1, [])


async def test_our_own_reasons_are_told_in_words_and_slacks_as_slack_says_them(office):
    office.slack.teams[0] = Team(team().id, team().token, (), (CHANNEL,))
    await office.unlink(BO, CECILIA)
    await office.place()

    await pass_time(office)

    told = str([each.blocks for each in office.slack.in_channel(CHANNEL)])
    assert told.count("Inget konto i Slack har personens e-postadress") == 2
    assert "not_in_slack" not in told
    assert told.count("channel_not_found") == told.count("Svar från Slack") == 1


async def without_attestants(office):
    """Somebody tries to order where nobody may attest: the administrators of Region Exempel are to be told."""
    await office.change(
        tables.role_assignments, tables.role_assignments.c.role == Role.ATTESTANT, valid_to=office.clock()
    )
    with pytest.raises(NoAttestant):
        await office.place()


async def second_administrator(office):
    also = role_assignment(SARA, REGION, Role.ADMINISTRATOR)
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments), also))


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


async def test_what_is_lacking_elsewhere_and_was_told_is_no_reason_to_keep_silent(office):
    theirs = role_assignment(SARA, CLINIC, Role.ADMINISTRATOR)
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments), theirs).close())
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ADA), times=10)
    await without_attestants(office)
    with pytest.raises(NoAttestant):
        await office.orders.place(wish(by=identity(DAVID), customer=CLINIC, key="V2"))

    await pass_time(office)

    assert (await office.card(kind="not_ready", person_id=SARA)).does_show == 1
    (told,) = office.slack.in_channel(CHANNEL)
    assert "Region Exempel saknar en attestant" in told.text


async def test_customer_service_is_told_whom_it_did_not_reach_and_not_whom_it_did(office):
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ADA), times=10)
    await without_attestants(office)
    await office.relay.drain()
    await second_administrator(office)
    with pytest.raises(NoAttestant):
        await office.place()
    await office.relay.drain()
    await office.store.repaint((await office.card(kind="not_ready", person_id=None)).id)

    await pass_time(office)

    (told,) = office.slack.in_channel(CHANNEL)
    assert (await office.card(kind="not_ready", person_id=SARA)).does_show == 1
    assert "Beskedet till Ada Norén kom inte fram" in str(told.blocks)


async def pass_time(office):
    """Long enough for what waits a little."""
    for _ in range(6):
        await office.relay.drain()
        office.clock.at += timedelta(seconds=30)
