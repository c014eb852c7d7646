"""A bucket lets through what its pace allows, whoever asks and whenever, and never much more."""

from datetime import timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from core.storage.tables import from_micros
from notifications.slack.pacing import A_MINUTE, CHANNEL, PACES, POST, UPDATE, Buckets, bucket
from tests.support.world.builders import AT

PACE = PACES[POST]
POSTS = bucket("slack:T1", POST)
EDITS = bucket("slack:T1", UPDATE)
IN_CHANNEL = bucket("slack:T1", "C1")
gaps = st.lists(st.integers(0, 5_000), min_size=1, max_size=300)


def let_through(name, gaps_in_ms):
    """The instants, of those at which somebody asks, at which a token was there and was taken."""
    rows, back_at, taken = {}, {}, []
    for ms in accumulate(gaps_in_ms):
        at = AT + timedelta(milliseconds=ms)
        # Each asker is another relay, which knows nothing but the row.
        buckets = Buckets(rows, at, back_at)
        if buckets.free_at([name]) <= at:
            buckets.spend([name], at)
            taken.append(at)
        stored = buckets.rows([name] if taken else [])
        rows = {row["bucket"]: row["full_at"] for row in stored}
        back_at = {row["bucket"]: [*map(from_micros, row["back_at"])] for row in stored if row["back_at"]}
    return taken


@given(gaps)
def test_no_stretch_of_time_holds_more_than_its_length_allows_and_one_burst(asked):
    taken = let_through(POSTS, asked)

    for first, start in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            assert last - first + 1 <= PACE.burst + (end - start) / PACE.interval


@given(gaps)
def test_whoever_asks_no_faster_than_the_pace_never_waits(asked):
    slow = [gap + 200 for gap in asked]

    assert len(let_through(POSTS, slow)) == len(asked)


@given(gaps)
def test_no_minute_holds_more_edits_than_slack_takes_and_none_waits_without_need(asked):
    taken, whole = let_through(EDITS, asked), A_MINUTE.span
    times = [AT + timedelta(milliseconds=ms) for ms in accumulate(asked)]

    for at in times:
        lately = [each for each in taken if at - whole < each <= at]
        assert len(lately) <= A_MINUTE.tokens
        assert at in taken or len(lately) == A_MINUTE.tokens


@given(st.integers(1, 300))
def test_of_many_edits_as_many_go_at_once_as_a_minute_holds_and_each_next_minute_as_many(tokens):
    buckets, turns = Buckets({}, AT), []
    for _ in range(tokens):
        turn = buckets.free_at([EDITS])
        buckets.spend([EDITS], turn)
        turns.append(turn - AT)

    assert turns == [number // A_MINUTE.tokens * A_MINUTE.span for number in range(tokens)]


@given(st.integers(1, 200))
def test_a_rested_bucket_gives_its_burst_at_once_and_then_one_at_a_time(tokens):
    buckets = Buckets({}, AT)
    turns = []
    for _ in range(tokens):
        turn = buckets.free_at([IN_CHANNEL])
        buckets.spend([IN_CHANNEL], turn)
        turns.append(turn - AT)

    assert turns == [max(number - CHANNEL.burst + 1, 0) * CHANNEL.interval for number in range(tokens)]


@given(st.integers(0, 100), st.integers(0, 120))
def test_edits_that_slack_would_not_take_wait_as_long_as_it_asks_and_then_go_one_at_a_time(spent, seconds):
    buckets, until = Buckets({}, AT), AT + timedelta(seconds=seconds)
    for _ in range(spent):
        buckets.spend([EDITS], max(AT, buckets.free_at([EDITS])))
    before = buckets.free_at([EDITS])
    buckets.close([EDITS], until)
    turns = []
    for _ in range(60):
        turns.append(buckets.free_at([EDITS]))
        buckets.spend([EDITS], turns[-1])

    assert turns[0] == max(before, until)
    assert all(turn >= until + number * A_MINUTE.interval for number, turn in enumerate(turns))
    assert all(later - first >= A_MINUTE.span for first, later in zip(turns, turns[A_MINUTE.tokens :], strict=False))


@given(st.integers(0, 100), st.integers(0, 120))
def test_a_closed_bucket_gives_one_token_when_it_opens_and_then_keeps_its_pace(spent, seconds):
    buckets, until = Buckets({}, AT), AT + timedelta(seconds=seconds)
    for _ in range(spent):
        buckets.spend([POSTS], AT)
    before = buckets.free_at([POSTS])
    buckets.close([POSTS], until)
    opens = buckets.free_at([POSTS])
    buckets.spend([POSTS], opens)

    assert opens == max(before, until)
    assert buckets.free_at([POSTS]) == opens + PACE.interval


def test_a_call_waits_for_the_slowest_of_its_buckets():
    buckets = Buckets({POSTS: AT + timedelta(hours=1)}, AT)

    assert buckets.free_at([IN_CHANNEL]) == AT
    assert buckets.free_at([IN_CHANNEL, POSTS]) == buckets.free_at([POSTS]) > AT


def test_planning_ahead_spends_nothing():
    buckets = Buckets({}, AT)
    plan = buckets.copy()
    for _ in range(10):
        plan.spend([IN_CHANNEL], AT)

    assert buckets.free_at([IN_CHANNEL]) == AT
