"""What Slack has lost of open orders is found without a further scope, and sent anew; on both databases alike."""

from dataclasses import replace
from datetime import datetime

import pytest

from core.api import Action
from core.storage import tables
from notifications.outbox.reconciling.reconciliation import Reconciliation
from notifications.rules.announcements import CardKind
from notifications.slack.slack_errors import TryLater, Wait
from tests.contract.office import CHANNEL, open_office, team
from tests.fakes.slack import LINK_TO, buttons, direct
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, CECILIA, TEAM

ANNAS, BOS, CECILIAS = (seed.slack_user(person) for person in (ANNA, BO, CECILIA))


class Desk:
    """Somebody who reconciles, and remembers the pauses."""

    def __init__(self, office):
        self.office, self.slept = office, []

    async def sleep(self, seconds):
        self.slept.append(seconds)

    @property
    def made(self):
        parts = (self.office.database, self.office.workspaces, self.office.slack, self.office.clock)
        return Reconciliation(*parts, self.sleep)

    async def __call__(self, *, repair=False):
        return await self.made.run(repair=repair)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def case(office):
    placed = await office.place()
    await office.relay.drain()
    return placed


@pytest.fixture
def reconcile(office, case):
    return Desk(office)


def lose(office, user):
    """Somebody deletes what stands in a person's direct messages."""
    for place in [each for each in office.slack.messages if each.channel == direct(user)]:
        del office.slack.messages[place]


async def test_where_slack_has_everything_nothing_differs_and_nothing_is_written(office, reconcile):
    before = await office.cards()

    found = await reconcile(repair=True)

    assert (found.looked_for, found.lost, found.left_out) == (3, [], {})
    assert await office.cards() == before


async def test_a_message_that_is_gone_is_named_and_left_where_nobody_asks_for_more(office, case, reconcile):
    lose(office, BOS)

    (gone,) = (await reconcile()).lost
    await office.relay.drain()

    assert (gone.case, gone.kind, gone.workspace, gone.error) == (
        case.id, CardKind.CUSTOMER_ATTEST, TEAM, "message_not_found",
    )  # fmt: skip
    assert not gone.is_mended
    assert office.slack.in_channel(BOS) == []


async def test_a_message_that_is_gone_is_sent_anew_as_the_order_is_now_and_can_be_decided(office, case, reconcile):
    lose(office, BOS)

    (gone,) = (await reconcile(repair=True)).lost
    await office.relay.drain()

    (anew,) = office.slack.in_channel(BOS)
    assert gone.is_mended
    assert "kp.attest" in buttons(anew)
    assert len(office.slack.in_channel(ANNAS)) == len(office.slack.in_channel(CECILIAS)) == 1
    assert (await reconcile()).lost == []


async def test_what_asks_nobody_any_more_is_missed_by_nobody_but_whoever_ordered(office, case, reconcile):
    await office.attest(case, BO)
    await office.relay.drain()
    lose(office, BOS)
    lose(office, ANNAS)

    found = await reconcile(repair=True)

    assert {each.kind for each in found.lost} == {CardKind.STATUS}
    # Anna's, and the question in customer service's channel.
    assert found.looked_for == 2


async def test_of_what_has_ended_nothing_is_looked_for(office, case, reconcile):
    await office.press(case, BO, Action.REJECT, reason="Nej", reason_code="no_budget")
    await office.relay.drain()

    assert (await reconcile()).looked_for == 0


async def test_what_is_on_its_way_is_left_to_the_relay(office, reconcile):
    lose(office, BOS)
    await office.change(tables.cards, tables.cards.c.kind == CardKind.CUSTOMER_ATTEST, due_at=office.clock())

    found = await reconcile(repair=True)

    assert (found.looked_for, found.lost) == (1, [])


async def test_a_card_that_was_taken_up_while_slack_was_asked_is_not_owed_twice(office, reconcile):
    lose(office, BOS)
    (card,) = await office.cards(person_id=BO)
    asked = office.slack.has_message

    async def meanwhile(token, place):
        await office.change(tables.cards, tables.cards.c.id == card.id, ts="1764000099.000100")
        return await asked(token, place)

    office.slack.has_message = meanwhile

    (gone,) = (await reconcile(repair=True)).lost

    assert not gone.is_mended
    assert (await office.card(person_id=BO)).due_at is None


async def test_a_channel_that_takes_nothing_more_is_a_difference_too(office, case, reconcile):
    await office.attest(case, BO)
    await office.relay.drain()
    office.slack.archived.add(CHANNEL)

    (lost,) = (await reconcile()).lost

    assert (lost.kind, lost.error) == (CardKind.CUSTOMER_SERVICE, "is_archived")


async def test_silence_that_slack_asks_for_is_kept_and_then_the_same_message_is_asked_for(office, reconcile):
    office.slack.trouble(LINK_TO, Wait("ratelimited", 7), times=2)

    found = await reconcile()

    assert reconcile.slept == [7, 7]
    assert (found.looked_for, found.left_out) == (3, {})


async def test_a_slack_that_asks_for_silence_again_and_again_holds_up_nobody(office, reconcile):
    office.slack.trouble(LINK_TO, Wait("ratelimited", 7), times=100)

    found = await reconcile()

    assert reconcile.slept == [7, 7, 7]
    assert (found.looked_for, found.left_out) == (0, {TEAM: "ratelimited"})


async def test_a_silence_costs_one_message_alone(office, reconcile):
    office.slack.trouble(LINK_TO, TryLater("timeout"))

    found = await reconcile()

    assert (found.looked_for, found.left_out) == (2, {})


async def test_a_slack_that_is_silent_again_and_again_is_left_out_and_named(office, reconcile, monkeypatch, caplog):
    monkeypatch.setattr("notifications.outbox.reconciling.reconciliation.SILENCES", 1)
    office.slack.trouble(LINK_TO, TryLater("timeout"), times=100)

    found = await reconcile()

    assert len(office.slack.sent(LINK_TO)) == 2
    assert found.left_out == {TEAM: "timeout"}
    assert f"workspace_left_out workspace={TEAM} error=timeout" in caplog.text


@pytest.mark.parametrize(("at", "sent"), [("2026-12-23", 1), ("2026-12-24", 0), ("2026-12-27", 0), ("2026-12-28", 1)])
async def test_the_server_sends_anew_on_working_days_alone(office, case, reconcile, at, sent):
    lose(office, BOS)
    office.clock.at = datetime.fromisoformat(f"{at}T08:10:00+00:00")

    await reconcile.made.run_by_day()
    await office.relay.drain()

    assert len(office.slack.in_channel(BOS)) == sent


@pytest.mark.parametrize(("problem", "error"), [(Wait("ratelimited", 61), "ratelimited")])
async def test_a_slack_that_does_not_answer_is_left_out_and_the_others_are_looked_through(
    office, case, reconcile, problem, error
):
    await office.change(tables.cards, tables.cards.c.person_id == BO, workspace_id="slack:T0ELSEWHERE")
    await office.connect(_elsewhere())
    office.slack.trouble(LINK_TO, problem, to=direct(BOS))

    found = await reconcile(repair=True)

    assert found.left_out == {"slack:T0ELSEWHERE": error}
    assert (found.looked_for, found.lost) == (2, [])


async def test_a_slack_that_is_off_is_left_out_unasked(office, reconcile):
    await office.workspaces.note_problem(TEAM, "token_revoked")

    found = await reconcile(repair=True)

    assert (found.looked_for, found.left_out) == (0, {TEAM: "token_revoked"})
    assert office.slack.sent(LINK_TO) == []


async def test_a_workspace_that_nobody_knows_is_named_and_said_to_be_unknown(office, reconcile):
    await office.change(tables.cards, tables.cards.c.person_id == BO, workspace_id="slack:T0NOWHERE01")

    assert (await reconcile()).left_out == {"slack:T0NOWHERE01": "unknown_workspace"}


async def test_more_than_one_page_is_looked_through(office, reconcile, monkeypatch):
    monkeypatch.setattr("notifications.outbox.reconciling.reconciliation.AT_ONCE", 1)

    assert (await reconcile()).looked_for == 3


def _elsewhere():
    return replace(team(), id="T0ELSEWHERE", token="xoxb-elsewhere", channels=())
