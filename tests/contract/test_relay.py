"""Slack shows what the database says, whatever happens on the way; on both databases alike."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from sqlalchemy import Engine, event

from core.api import Action, ReasonCode, TryAgain, Unit
from core.storage import tables
from notifications.outbox import leases
from notifications.outbox.leases import Owing
from notifications.outbox.relay import SWEEP, Relay
from notifications.outbox.slack_delivery import POSTED_AT_ONCE
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Gone, Never, TryLater, Wait
from tests.contract.office import CHANNEL, account, open_office, via_agent
from tests.fakes.slack import POST, UPDATE, FakeSlack, Team, buttons, decides, direct
from tests.support.world import seed
from tests.support.world.seed import AMIR, ANNA, ASTA, BO, CECILIA, HELENA, KARIN, TEAM

ANNAS, BOS, CECILIAS = map(seed.slack_user, (ANNA, BO, CECILIA))
# What makes an order another one.
OTHER, ANOTHER = ({"key": name, "units": (Unit(name),)} for name in ("Norr", "Söder"))


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def another(office):
    made = await office.another()
    yield made
    await made.database.close()


async def test_a_new_order_is_shown_to_the_orderer_and_to_those_who_may_attest(office):
    await office.place()

    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (ANNAS, BOS, CECILIAS, CHANNEL)] == [1, 1, 1, 0]
    assert {row.does_show for row in await office.cards()} == {1}
    assert {row.due_at for row in await office.cards()} == {None}


async def test_a_decision_reaches_every_message_that_shows_the_step(office):
    case = await office.place()
    await office.relay.drain()
    await office.attest(case, BO)

    await office.relay.drain()

    assert sorted(shown.edits for shown in office.slack.messages.values()) == [0, 0, 1, 1, 1]
    assert len(office.slack.in_channel(CHANNEL)) == 1
    assert [decides(shown) for shown in office.slack.in_channel(CECILIAS)] == [False]


async def test_progress_stands_in_the_thread_of_the_orderers_card(office):
    case = await office.place()
    await office.relay.drain()
    (status,) = [place for place in office.slack.messages if place.channel == direct(ANNAS)]
    await office.attest(case, BO)
    await office.relay.drain()

    (card,) = await office.cards(kind="progress")
    told = office.slack.messages[MessagePlace(card.channel, card.ts)]
    assert (card.person_id, card.channel, told.thread) == (ANNA, status.channel, status.ts)
    assert [row.kind for row in await office.cards(kind="progress")] == ["progress"]


async def test_progress_stands_by_itself_where_the_orderers_card_has_been_deleted(office):
    case = await office.place()
    await office.relay.drain()
    await office.attest(case, BO)
    office.slack.trouble(POST, Never("cannot_reply_to_message"), to=direct(ANNAS))

    await office.relay.drain()

    (card,) = await office.cards(kind="progress")
    assert office.slack.messages[MessagePlace(card.channel, card.ts)].thread is None
    assert card.given_up_at is None


async def test_five_changes_are_one_edit(office):
    case = await office.place()
    await office.attest(case, BO)
    await office.relay.drain()
    case = await office.press(replace_step(case), KARIN, Action.CLAIM)
    for action in (Action.RELEASE, Action.CLAIM, Action.RELEASE, Action.CLAIM):
        case = await office.press(case, KARIN, action)

    await office.relay.drain()

    assert [shown.edits for shown in office.slack.in_channel(CHANNEL)] == [1]


def replace_step(case):
    return replace(case, step=case.step + 1)


async def test_a_change_made_while_a_card_is_sent_is_shown_afterwards(office):
    case = await office.place()
    sending = asyncio.Event()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True, hang=sending)
    draining = asyncio.create_task(office.relay.drain())
    await until(lambda: len(office.slack.sent(POST)) == 3)
    await office.attest(case, CECILIA)
    sending.set()
    await draining

    office.clock.forward(minutes=1)
    await office.relay.drain()

    assert not decides(office.slack.in_channel(BOS)[-1])
    assert {row.does_show >= row.must_show for row in await office.cards()} == {True}


async def test_what_asks_goes_before_what_repaints_and_the_pressed_message_before_all(office):
    first = await office.place()
    second = await office.place(**via_agent())
    await office.relay.drain()
    bos = await office.card(case_id=first.id, person_id=BO)
    office.slack.calls.clear()
    await office.press(second, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
    await office.attest(first, BO, card=bos.id)

    batch = await office.leases.claim(TEAM)

    assert batch[0].id == bos.id
    assert [card.priority for card in batch] == sorted(card.priority for card in batch)


async def test_retry_after_is_obeyed_by_every_relay_and_is_no_failure(office, another):
    await office.place()
    office.slack.trouble(POST, Wait("ratelimited", 20), times=2)
    await office.relay.drain()
    refused = len(office.slack.calls)
    office.clock.forward(seconds=19)

    await another.relay.drain()

    assert len(office.slack.calls) == refused
    assert {row.attempts for row in await office.cards()} == {0}
    office.clock.forward(seconds=5)
    await another.relay.drain()
    assert len(office.slack.messages) == 3


async def test_once_slack_asks_for_silence_the_others_that_were_taken_wait_too(office):
    await office.place()
    office.slack.trouble(POST, Wait("ratelimited", 20), times=3)
    await office.leases.owing(office.clock())
    taken = await office.leases.claim(TEAM)

    await office.delivery.deliver(TEAM, [*taken, *taken])

    assert len(office.slack.sent(POST)) == POSTED_AT_ONCE < len(taken)


async def test_what_is_posted_in_one_conversation_stands_there_in_the_order_in_which_it_was_taken(office):
    first, second = await office.place(), await office.place(**OTHER)
    arrives = asyncio.Event()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, hang=arrives)
    await office.leases.owing(office.clock())
    taken = await office.leases.claim(TEAM)
    carrying = asyncio.create_task(office.delivery.deliver(TEAM, taken))
    await until(lambda: len(office.slack.messages) == 4)
    sent = [call.to for call in office.slack.sent(POST)]
    arrives.set()
    await carrying

    assert {first.id, second.id} == {card.case for card in taken if card.address == BOS}
    assert sent.count(BOS) == 1
    assert len(office.slack.in_channel(BOS)) == 1


async def test_while_slack_asks_for_silence_nobody_is_written_to_and_messages_are_still_edited(office):
    case = await office.place()
    await office.relay.drain()
    office.slack.trouble(POST, Wait("ratelimited", 20), to=BOS)
    await office.place(**OTHER)
    await office.relay.drain()
    asked = len(office.slack.sent(POST))
    await office.place(**ANOTHER)
    await office.attest(case, CECILIA)

    await office.relay.drain()

    assert (len(office.slack.sent(POST)), len(office.slack.sent(UPDATE))) == (asked, 3)
    # Whoever is owed three by then gets two at once.
    for seconds in (30, 1):
        office.clock.forward(seconds=seconds)
        await office.relay.drain()
    assert [len(office.slack.in_channel(each)) for each in (ANNAS, BOS, CECILIAS, CHANNEL)] == [4, 3, 3, 1]


async def test_while_slack_asks_for_no_edits_no_message_is_edited_and_people_are_still_written_to(office):
    first, second = await office.place(), await office.place(**OTHER)
    await office.relay.drain()
    office.slack.trouble(UPDATE, Wait("ratelimited", 20))
    await office.attest(first, CECILIA)
    await office.relay.drain()
    asked = len(office.slack.sent(UPDATE))
    await office.attest(second, CECILIA)

    await office.relay.drain()

    assert len(office.slack.sent(UPDATE)) == asked
    assert len(office.slack.in_channel(CHANNEL)) == 2


async def test_a_message_that_is_gone_is_posted_anew_once(office):
    case = await office.place()
    await office.relay.drain()
    office.slack.messages.pop(place_of(await office.card(person_id=BO)))
    await office.attest(case, CECILIA)

    await office.relay.drain()

    (shown,) = office.slack.in_channel(BOS)
    assert not decides(shown)
    assert (await office.card(person_id=BO)).last_error is None


async def test_a_message_that_may_no_longer_be_edited_is_posted_anew_once(office):
    case = await office.place()
    await office.relay.drain()
    office.slack.trouble(UPDATE, Gone("edit_window_closed"), times=100)
    await office.attest(case, CECILIA)
    await office.relay.drain()
    office.clock.forward(seconds=1)

    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (ANNAS, BOS, CECILIAS)] == [3, 2, 2]
    assert {row.due_at for row in await office.cards()} == {None}


async def test_what_can_never_be_shown_is_given_up_and_told_to_customer_service_once(office):
    case = await office.place()
    await office.relay.drain()
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=100)
    await office.press(case, BO, Action.REJECT, reason_code=ReasonCode.NO_BUDGET, reason="Nej")
    await office.relay.drain()
    lost = await office.card(person_id=ANNA, kind="outcome")

    assert lost.given_up_at == office.clock()
    assert lost.last_error == "user_disabled"
    (told,) = office.slack.in_channel(CHANNEL)
    assert "Anna Berg" in told.text


async def test_somebody_who_cannot_be_reached_is_told_of_once_for_each_order(office):
    office.slack.trouble(POST, Never("user_disabled"), to=ANNAS, times=100)
    case = await office.place()
    await office.relay.drain()
    await office.press(case, BO, Action.REJECT, reason_code=ReasonCode.NO_BUDGET, reason="Nej")

    await office.relay.drain()

    assert len(await office.cards(person_id=ANNA)) == 2
    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_a_revoked_token_stops_the_workspace_and_loses_no_card(office):
    await office.place()
    office.slack.trouble(POST, Never("token_revoked"), times=100)
    await office.relay.drain()
    tried = len(office.slack.calls)
    office.clock.forward(minutes=10)
    await office.relay.drain()

    assert len(office.slack.calls) == tried <= 4
    assert {row.given_up_at for row in await office.cards()} == {None}
    assert (await office.workspaces.by_team("T0INERA001", None)).problem == "token_revoked"


async def test_a_workspace_that_is_connected_anew_gets_what_it_missed(office):
    await office.place()
    office.slack.trouble(POST, Never("token_revoked"), times=1)
    await office.relay.drain()
    await office.connect(replace(office.slack.teams[0], token="xoxb-new"), channel=CHANNEL)
    office.clock.forward(minutes=1)

    await office.relay.drain()

    assert len(office.slack.messages) == 3


async def test_a_workspace_mended_by_another_process_is_served_at_once(office, another):
    await office.place()
    office.slack.trouble(POST, Never("token_revoked"), times=1)
    await office.relay.drain()
    await another.connect(replace(office.slack.teams[0], token="xoxb-new"), channel=CHANNEL)

    await office.relay.drain()

    assert len(office.slack.messages) == 3


async def test_a_token_that_cannot_be_read_stops_the_workspace_until_it_is_given_anew(office):
    await office.place()
    await office.change(tables.workspaces, tables.workspaces.c.id == TEAM, bot_token="unreadable")
    office.clock.forward(minutes=1)
    await office.relay.drain()
    stopped = await office.workspaces.by_id(TEAM)
    await office.connect(office.slack.teams[0], channel=CHANNEL)

    await office.relay.drain()

    assert stopped.problem == "unreadable_token"
    assert len(office.slack.messages) == 3


async def test_a_server_in_trouble_is_asked_again_ever_more_seldom(office):
    await office.place()
    office.slack.trouble(POST, TryLater("http_503"), to=BOS, times=3)
    for _ in range(200):
        await office.relay.drain()
        office.clock.forward(seconds=1)

    times = [call.at for call in office.slack.sent(POST) if call.to == BOS]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert pauses == [2, 4, 8]
    assert len(office.slack.in_channel(BOS)) == 1


async def test_after_a_day_of_trouble_a_card_is_given_up(office):
    await office.place()
    office.slack.trouble(POST, TryLater("http_503"), to=BOS, times=1000)
    for _ in range(24 * 7):
        await office.relay.drain()
        office.clock.forward(minutes=10)

    bos = await office.card(person_id=BO)
    assert timedelta(hours=22) < bos.given_up_at - seed.NOW < timedelta(hours=26)
    assert bos.last_error == "http_503"
    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_a_time_out_after_the_effect_leaves_one_extra_copy(office):
    await office.place()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True)
    await office.relay.drain()
    office.clock.forward(seconds=5)

    await office.relay.drain()

    assert len(office.slack.in_channel(BOS)) == 2
    assert (await office.card(person_id=BO)).does_show == 1


async def test_before_a_message_is_posted_it_is_written_down_that_it_may_stand_and_that_ends_with_the_answer(office):
    await office.place()
    arrives = asyncio.Event()
    office.slack.trouble(POST, Wait("ratelimited", 20), to=BOS, hang=arrives)
    draining = asyncio.create_task(office.relay.drain())
    await until(lambda: BOS in {call.to for call in office.slack.sent(POST)})
    meanwhile = await office.card(person_id=BO)
    arrives.set()
    await draining

    assert meanwhile.doubted_at == office.clock()
    assert {row.doubted_at for row in await office.cards()} == {None}


@pytest.mark.parametrize("dies", [False, True], ids=["nothing is heard", "the relay dies"])
async def test_a_message_says_that_it_may_stand_once_more_until_that_one_is_pressed(office, another, dies):
    await office.place()
    hangs = asyncio.Event()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True, hang=hangs if dies else None)
    draining = asyncio.create_task(office.relay.drain())
    await until(lambda: office.slack.in_channel(BOS))
    if not dies:
        await draining
    # What the others got is written down: it is Bo's alone that nobody has heard of.
    while any(row.does_show < row.must_show for row in await office.cards() if row.person_id != BO):  # noqa: ASYNC110 - as below
        await asyncio.sleep(0.01)
    (unknown,) = [place for place in office.slack.messages if place.channel == direct(BOS)]
    office.clock.forward(seconds=40)
    await another.relay.drain()
    before = [speaks_of_another(shown) for shown in office.slack.in_channel(BOS)]
    card = await office.card(person_id=BO)
    hangs.set()
    await draining

    await office.store.adopt(card.id, unknown.channel, unknown.ts)
    office.clock.forward(seconds=40)
    await another.relay.drain()

    assert before == [False, True]
    assert [speaks_of_another(shown) for shown in office.slack.in_channel(BOS)] == [False, False]
    assert not any(map(speaks_of_another, office.slack.in_channel(CECILIAS)))


def speaks_of_another(shown):
    """Say whether a message says that the same may be there once more."""
    return "en gång till, längre upp" in str(shown.blocks)


@pytest.mark.parametrize(("seats", "at_once"), [(8, 2), (1, 1)], ids=["in a workspace", "of a relay"])
async def test_few_messages_are_on_their_way_at_once(office, seats, at_once):
    for number in range(1, 4):
        await office.place(**via_agent(number))
    await office.leases.owing(office.clock())
    taken = await office.leases.claim(TEAM)
    slack = Crowded(office.slack, at_once)

    await replace(office.delivery, slack=slack, seats=asyncio.Semaphore(seats)).deliver(TEAM, taken)

    assert len({card.address for card in taken}) > at_once
    assert slack.most == at_once


@dataclass
class Crowded:
    """A Slack that takes its time over what is posted, until enough has met there, and knows how much did at most."""

    slack: FakeSlack
    enough: int
    now: int = 0
    most: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, token, **message):
        self.now += 1
        self.most = max(self.most, self.now)
        if self.most >= self.enough:
            self.met.set()
        async with asyncio.timeout(60):
            await self.met.wait()
        # Whoever else might come has come by then.
        await asyncio.sleep(0.05)
        self.now -= 1
        return await self.slack.post(token, **message)


async def attested_beside_an_unknown_copy(office):
    """Bo's card, to be edited since he attested, and where a second message of it stands that nobody heard of."""
    case = await office.place()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True)
    await office.relay.drain()
    office.clock.forward(seconds=5)
    await office.relay.drain()
    bos = await office.card(person_id=BO)
    unknown = next(place for place in office.slack.messages if place.channel == direct(BOS) and place.ts != bos.ts)
    await office.attest(case, BO, card=bos.id)
    return bos, unknown


async def test_a_pressed_copy_is_adopted_and_shows_the_truth_from_then_on(office):
    bos, unknown = await attested_beside_an_unknown_copy(office)
    await office.store.adopt(bos.id, unknown.channel, unknown.ts)
    await office.store.adopt(bos.id, unknown.channel, unknown.ts)

    await office.relay.drain()

    assert [decides(shown) for shown in office.slack.in_channel(BOS)] == [False, False]
    assert len(await office.cards(about=bos.id)) == 1
    assert len(office.slack.in_channel(BOS)) == 2


ENDS = {
    "released": lambda results, card: results.release(card),
    "recorded": lambda results, card: results.record(card, card.place, shown=card.must_show),
    "put off": lambda results, card: results.put_off(card, card.due_at, None),
}


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
async def test_no_doubt_comes_back_that_ended_while_an_edit_was_on_its_way(office, ends):
    bos, unknown = await attested_beside_an_unknown_copy(office)
    (edit,) = [card for card in await office.leases.claim(TEAM) if card.id == bos.id]
    await office.store.adopt(bos.id, unknown.channel, unknown.ts)

    await ends(office.results, edit)

    assert bos.doubted_at is not None
    assert (await office.card(id=bos.id)).doubted_at is None


async def test_a_copy_that_is_gone_is_forgotten(office):
    case = await office.place()
    await office.relay.drain()
    bos = await office.card(person_id=BO)
    await office.store.adopt(bos.id, bos.channel, "1763999999.000100")

    await office.relay.drain()

    assert await office.cards(about=bos.id) == []
    assert len(office.slack.in_channel(BOS)) == 1
    assert case.id == bos.case_id


async def test_a_card_whose_post_was_never_recorded_takes_the_place_it_was_pressed_at(office):
    await office.place()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, after=True)
    await office.relay.drain()
    bos = await office.card(person_id=BO)
    (posted,) = [place for place in office.slack.messages if place.channel == direct(BOS)]
    await office.store.adopt(bos.id, posted.channel, posted.ts)

    await office.relay.drain()

    assert [shown.edits for shown in office.slack.in_channel(BOS)] == [1]
    assert place_of(await office.card(person_id=BO)) == posted


async def test_a_stale_message_that_was_pressed_is_repainted_before_others(office):
    await office.place()
    await office.relay.drain()
    bos = await office.card(person_id=BO)
    await office.store.repaint(bos.id)

    await office.relay.drain()

    assert [shown.edits for shown in office.slack.messages.values()].count(1) == 1
    assert office.slack.in_channel(BOS)[0].edits == 1


async def test_two_relays_at_once_send_every_card_once(office, another):
    for number in range(1, 13):
        await office.place(**via_agent(number))
    relays = (office.relay, another.relay)

    for _ in range(60):
        await asyncio.gather(*(relay.drain() for relay in relays))
        office.clock.forward(seconds=1)

    assert len(office.slack.sent(POST)) == len(office.slack.messages) == len(await office.cards()) == 36
    assert {row.does_show for row in await office.cards()} == {1}


async def test_presses_and_relays_in_each_others_way_end_with_every_card_shown(office, another, caplog):
    cases = [await office.place(**via_agent(number)) for number in range(1, 13)]
    working = [asyncio.create_task(each.relay.run()) for each in (office, another)]

    async def press_on(place, case):
        approved = partial(place.press, case, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
        case = await in_the_end(approved)
        place.relay.wake()
        case = await in_the_end(partial(place.attest, case, AMIR))
        place.relay.wake()
        bos = (await place.cards(case_id=case.id, person_id=BO))[0]
        await in_the_end(partial(place.store.adopt, bos.id, "D1", f"{case.id}.1"))
        await in_the_end(partial(place.attest, case, BO))
        place.relay.wake()

    await asyncio.gather(*(press_on((office, another)[n % 2], case) for n, case in enumerate(cases)))
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    for _ in range(300):
        await asyncio.gather(office.relay.drain(), another.relay.drain())
        office.clock.forward(seconds=1)

    assert {row.does_show >= row.must_show and row.due_at is None for row in await office.cards()} == {True}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def in_the_end(work):
    """What comes of it for whoever tries again after hearing that it could not be saved just then.

    A machine with much else to do holds a lock for longer than a press waits.
    """
    for _ in range(20):
        try:
            return await work()
        except TryAgain:
            continue
    return await work()


async def test_no_more_is_taken_at_once_than_is_sent_before_the_lease_ends(office, monkeypatch):
    monkeypatch.setattr(leases, "BATCH", 2)
    await office.place()
    await office.leases.owing(office.clock())

    taken = [len(await office.leases.claim(TEAM)) for _ in range(3)]

    assert taken == [2, 1, 0]


async def test_what_a_dead_relay_had_taken_is_sent_by_another_when_its_lease_ends(office, another):
    await office.place()
    await office.leases.owing(office.clock())
    taken = await office.leases.claim(TEAM)
    await another.relay.drain()
    assert (len(taken), len(office.slack.messages)) == (3, 0)
    office.clock.forward(seconds=30)

    await another.relay.drain()

    assert len(office.slack.messages) == 3


async def test_a_card_whose_lease_could_end_before_the_call_is_left_to_another(office, another):
    await office.place()
    await office.leases.owing(office.clock())
    taken = await office.leases.claim(TEAM)
    office.clock.forward(seconds=25)
    ended = []

    @contextmanager
    def around(card):
        yield
        ended.append(card.id)

    await replace(office.delivery, around=around).deliver(TEAM, taken)

    assert (len(taken), len(office.slack.messages)) == (3, 0)
    # That is no fault of what was begun for it.
    assert {*ended} == {card.id for card in taken}
    await another.relay.drain()
    assert len(office.slack.messages) == 3


async def test_a_relay_that_lost_its_lease_owns_up_to_the_second_message(office, another):
    await office.place()
    await office.leases.owing(office.clock())
    slow = next(card for card in await office.leases.claim(TEAM) if card.person == BO)
    office.clock.forward(seconds=30)
    await another.relay.drain()
    late = await office.slack.post("xoxb-inera", channel=BOS, text="", blocks=[])

    await office.results.record(slow, late, shown=1)
    await another.relay.drain()

    assert [bool(buttons(shown)) for shown in office.slack.in_channel(BOS)] == [True, True]
    assert {place_of(row) for row in await office.cards(person_id=BO)} == set(
        place for place in office.slack.messages if place.channel == direct(BOS)
    )


async def test_a_workspace_that_hangs_delays_nobody_else(office):
    agents = Team("TAGENT", "xoxb-agent", tuple(account(each, "TAGENT") for each in (HELENA, ASTA)))
    await office.connect(agents)
    await office.change(tables.identities, tables.identities.c.person_id.in_([HELENA, ASTA]), issuer="slack:TAGENT")
    never = asyncio.Event()
    for person in (HELENA, ASTA):
        office.slack.trouble(POST, TryLater("timeout"), to=seed.slack_user(person), times=10, hang=never)
    await office.place(**via_agent())
    draining = asyncio.create_task(office.relay.drain())

    await until(lambda: len(office.slack.in_channel(ANNAS)) == 1)

    assert not draining.done()
    never.set()
    await draining


async def test_a_channel_gets_a_short_burst_and_then_one_post_a_second(office):
    for number in range(1, 11):
        await office.place(**via_agent(number))
    times = await posts_over_time(office, seed.slack_user(HELENA), seconds=10)

    assert times == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]


async def test_edits_keep_to_the_workspaces_minute(office):
    cases = [await office.place(**via_agent(number)) for number in range(1, 31)]
    for _ in range(60):
        await office.relay.drain()
        office.clock.forward(seconds=1)
    office.slack.calls.clear()
    for case in cases:
        await office.press(case, HELENA, Action.REJECT, reason_code=ReasonCode.NO_BUDGET, reason="Nej")

    for _ in range(240):
        await office.relay.drain()
        office.clock.forward(milliseconds=500)

    edits = [(call.at - office.slack.calls[0].at).total_seconds() for call in office.slack.sent(UPDATE)]
    assert len(edits) == 90
    assert sum(second < 1 for second in edits) == 50
    assert 62 <= edits[50] <= edits[-1] < 63


async def test_a_reader_gets_the_card_in_the_language_chosen_and_a_channel_in_the_workspaces(office):
    case = await office.place()
    await office.relay.drain()
    await office.attest(case, BO)
    await office.relay.drain()

    (bos,), (cecilias,) = office.slack.in_channel(BOS), office.slack.in_channel(CECILIAS)
    assert bos.text != cecilias.text
    assert "siths-direkt in English" in str(cecilias.blocks)
    assert "siths-direkt på svenska" in str(bos.blocks)
    assert "siths-direkt på svenska" in str(office.slack.in_channel(CHANNEL)[0].blocks)


async def test_a_relay_with_nothing_to_do_asks_the_database_nothing(office):
    await office.place()
    running = asyncio.create_task(office.relay.run())
    await until(lambda: len(office.slack.messages) == 3)
    asked = []
    event.listen(Engine, "before_cursor_execute", note := lambda *about: asked.append(about[2]))
    # What was posted is recorded, and looked at once more after a rest; then whole seconds pass without a question.
    async with asyncio.timeout(60):
        await asyncio.sleep(1)
        while asked:
            asked.clear()
            await asyncio.sleep(1)
    event.remove(Engine, "before_cursor_execute", note)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_relay_lets_presses_go_first_that_are_being_answered(office):
    heard = []

    async def no_press():
        heard.append("no press")

    relay = Relay(office.leases, office.delivery, office.clock, lambda _: heard.append("looked"), no_press)
    await office.place()
    running = asyncio.create_task(relay.run())
    await until(lambda: heard.count("looked") == 2)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert heard[:2] == ["no press", "looked"]


class Owed:
    """Some batches that are owed in one place: what a relay leases, and what delivers it."""

    def __init__(self, workspace, batches, heard):
        self.workspace, self.batches, self.heard = workspace, batches, heard

    async def owing(self, at):
        return [Owing(self.workspace, at)] if self.batches else []

    async def claim_homeless(self):
        if not self.batches:
            return []
        self.batches -= 1
        return ["a card"]

    async def claim(self, workspace):
        return await self.claim_homeless()

    async def is_owed(self, workspace):
        return self.batches > 0

    async def seek(self, batch):
        self.heard.append("sent")

    async def deliver(self, workspace, batch):
        self.heard.append("sent")


@pytest.mark.parametrize("workspace", ["W1", None], ids=["messages", "readers"])
async def test_before_it_takes_more_a_relay_lets_presses_go_first(workspace):
    heard = []
    owed = Owed(workspace, 3, heard)

    async def no_press():
        heard.append("no press")

    await Relay(owed, owed, lambda: datetime.now(UTC), no_press=no_press).drain()

    assert heard == ["sent", "no press"] * 3


async def test_a_relay_goes_on_after_a_moment_though_presses_stream_in(office):
    relay = Relay(office.leases, office.delivery, office.clock, no_press=asyncio.Event().wait)
    await office.place()
    running = asyncio.create_task(relay.run())

    await until(lambda: len(office.slack.messages) == 3)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_woken_relay_shows_what_came_while_it_slept(office):
    running = asyncio.create_task(office.relay.run())
    await asyncio.sleep(0.1)
    await office.place()
    office.relay.wake()

    await until(lambda: len(office.slack.messages) == 3)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_comes_while_a_round_ends_waits_for_no_sweep(office, monkeypatch):
    is_owed, owing, looks = office.leases.is_owed, office.leases.owing, []

    async def look(at):
        found = await owing(at)
        looks.append(at)
        return found

    async def last_asked(workspace):
        is_more = await is_owed(workspace)
        if not is_more and len(office.slack.messages) == 3:
            before = len(looks)
            await office.place(**via_agent())
            office.relay.wake()
            await until(lambda: len(looks) > before)
        return is_more

    monkeypatch.setattr(type(office.leases), "owing", lambda _, at: look(at))
    monkeypatch.setattr(type(office.leases), "is_owed", lambda _, workspace: last_asked(workspace))
    await office.place()
    running = asyncio.create_task(office.relay.run())

    await until(lambda: len(office.slack.messages) > 3)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_relay_that_stops_lets_what_is_on_its_way_arrive(office):
    await office.place()
    arrives = asyncio.Event()
    office.slack.trouble(POST, TryLater("timeout"), to=BOS, hang=arrives)
    running = asyncio.create_task(office.relay.run())
    await until(lambda: len(office.slack.sent(POST)) == 3)
    running.cancel()
    asyncio.get_running_loop().call_later(0.05, arrives.set)
    await asyncio.gather(running, return_exceptions=True)

    assert {row.leased_until for row in await office.cards()} == {None}


async def until(holds):
    """Let others work until something holds; what only the next sweep would find is not waited for."""
    async with asyncio.timeout(SWEEP.total_seconds() - 5):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


async def posts_over_time(office, user, *, seconds):
    """When posts to somebody were made, in whole seconds from now."""
    start = office.clock()
    for _ in range(seconds):
        await office.relay.drain()
        office.clock.forward(seconds=1)
    return [(call.at - start).total_seconds() for call in office.slack.sent(POST) if call.to == user]


def place_of(row):
    """Where a card's row says that it stands."""
    return MessagePlace(row.channel, row.ts)
