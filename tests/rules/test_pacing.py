"""A bucket lets through what its pace allows, whoever asks and whenever, and never much more."""

from datetime import timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from notifications.slack.pacing import CHANNEL, PACES, UPDATE, Buckets, bucket
from tests.support.world.builders import AT

PACE = PACES[UPDATE]
EDITS = bucket("slack:T1", UPDATE)
IN_CHANNEL = bucket("slack:T1", "C1")
gaps = st.lists(st.integers(0, 5_000), min_size=1, max_size=300)


def let_through(name, gaps_in_ms):
    """The instants, of those at which somebody asks, at which a token was there and was taken."""
    rows, taken = {}, []
    for ms in accumulate(gaps_in_ms):
        at = AT + timedelta(milliseconds=ms)
        # Each asker is another relay, which knows nothing but the row.
        buckets = Buckets(rows, at)
        if buckets.free_at([name]) <= at:
            buckets.spend([name], at)
            taken.append(at)
        rows = {row["bucket"]: row["full_at"] for row in buckets.rows([name] if taken else [])}
    return taken


@given(gaps)
def test_no_stretch_of_time_holds_more_than_its_length_allows_and_one_burst(asked):
    taken = let_through(EDITS, asked)

    for first, start in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            assert last - first + 1 <= PACE.burst + (end - start) / PACE.interval


@given(gaps)
def test_whoever_asks_no_faster_than_the_pace_never_waits(asked):
    slow = [gap + 1_200 for gap in asked]

    assert len(let_through(EDITS, slow)) == len(asked)


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
def test_a_closed_bucket_gives_one_token_when_it_opens_and_then_keeps_its_pace(spent, seconds):
    buckets, until = Buckets({}, AT), AT + timedelta(seconds=seconds)
    for _ in range(spent):
        buckets.spend([EDITS], AT)
    before = buckets.free_at([EDITS])
    buckets.close([EDITS], until)
    opens = buckets.free_at([EDITS])
    buckets.spend([EDITS], opens)

    assert opens == max(before, until)
    assert buckets.free_at([EDITS]) == opens + PACE.interval


def test_a_call_waits_for_the_slowest_of_its_buckets():
    buckets = Buckets({EDITS: AT + timedelta(hours=1)}, AT)

    assert buckets.free_at([IN_CHANNEL]) == AT
    assert buckets.free_at([IN_CHANNEL, EDITS]) == buckets.free_at([EDITS]) > AT


def test_planning_ahead_spends_nothing():
    buckets = Buckets({}, AT)
    plan = buckets.copy()
    for _ in range(10):
        plan.spend([IN_CHANNEL], AT)

    assert buckets.free_at([IN_CHANNEL]) == AT
