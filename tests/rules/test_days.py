"""When something ends, to the second: what counts is the Swedish day, and every figure stands here as it was agreed.

Days and hours are written out, from the domain (4.5, 4.7, 9), and never taken from the product's own constants.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.api import Action, CaseId, OrganisationId, PersonId, Purpose, Role, State
from core.audit.retention import Personal, retention_with
from core.identity.personal_links import PersonalLink, check_link, expiry
from core.identity.proofs import Occasion, Proof, check_proof
from core.register.substitutions import Substitution, days
from core.shared.errors import LinkExpired, ProofExpired, TooManyRounds
from core.shared.vocabulary import TO_CONFIRM, LinkId, Part
from core.shared.working_days import STOCKHOLM, day_of, is_quiet, last_day_before
from core.workflow.alarms import NotReady
from core.workflow.deadlines import ASKED_TO_KEEP, POLICY, Nudge, WaitingStep, asked_to_keep_before, is_due
from core.workflow.guards.progress import rounds_left
from tests.support.world import builders

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def stockholm(*at: int) -> datetime:
    """An instant by Swedish clocks, in UTC as it is stored: between midnight and one o'clock it is still yesterday."""
    return datetime(*at, tzinfo=STOCKHOLM).astimezone(UTC)


# --- deadlines (domain: 9)

# The last second of a Wednesday in November and the first of the Thursday, and the same in June, where UTC is two
# hours behind: 30 calendar days, the next working day, and 10 working days more, until offices close.
UNANSWERED = [
    (stockholm(2026, 11, 25, 23, 59, 59), stockholm(2027, 1, 14, 16, 30)),
    (stockholm(2026, 11, 26), stockholm(2027, 1, 14, 16, 30)),
    (stockholm(2026, 11, 27), stockholm(2027, 1, 14, 16, 30)),
    (stockholm(2026, 11, 28), stockholm(2027, 1, 14, 16, 30)),
    (stockholm(2026, 11, 29), stockholm(2027, 1, 15, 16, 30)),
    (stockholm(2026, 6, 30, 23, 59, 59), stockholm(2026, 8, 13, 16, 30)),
    (stockholm(2026, 7, 1), stockholm(2026, 8, 14, 16, 30)),
]
# The next working day, from a Thursday, a Friday, and the evening of one.
TAKEN = [
    (stockholm(2026, 11, 26, 23, 59, 59), stockholm(2026, 11, 27, 16, 30)),
    (stockholm(2026, 11, 27), stockholm(2026, 11, 30, 16, 30)),
    (stockholm(2026, 11, 27, 23, 59, 59), stockholm(2026, 11, 30, 16, 30)),
    (stockholm(2026, 11, 28), stockholm(2026, 11, 30, 16, 30)),
]
# 90 calendar days, and the next working day.
RENEWABLE = [
    (stockholm(2026, 11, 25, 23, 59, 59), stockholm(2027, 2, 23, 16, 30)),
    (stockholm(2026, 11, 26), stockholm(2027, 2, 24, 16, 30)),
]
# 20 working days, Christmas Eve and the days after it aside.
TO_BE_CONFIRMED = [
    (stockholm(2026, 11, 25, 23, 59, 59), stockholm(2026, 12, 23, 16, 30)),
    (stockholm(2026, 11, 26), stockholm(2026, 12, 28, 16, 30)),
]
UNANSWERED_STATES = (
    State.AWAITING_AGENT_APPROVAL,
    State.AWAITING_AGENT_ATTEST,
    State.AWAITING_CUSTOMER_ATTEST,
    State.COMPLETION_REQUESTED,
    State.APPLICATION_COMPLETION_REQUESTED,
    State.AGREEMENT_AWAITING_SIGNATURE,
)
TAKEN_STATES = (State.AWAITING_CUSTOMER_SERVICE, State.AWAITING_REVIEW, State.APPLICATION_SUBMITTED)
ENDS = [
    *((state, since, ends) for state in UNANSWERED_STATES for since, ends in UNANSWERED),
    *((state, since, ends) for state in TAKEN_STATES for since, ends in TAKEN),
    *((State.AGREEMENT_EXPIRED, since, ends) for since, ends in RENEWABLE),
    *((state, since, ends) for state in sorted(TO_CONFIRM) for since, ends in TO_BE_CONFIRMED),
]


@pytest.mark.parametrize(("state", "since", "ends"), ENDS)
def test_a_step_ends_on_the_day_that_was_agreed(state, since, ends):
    assert WaitingStep(state, since).closes == ends


def test_every_step_that_ends_is_tried():
    assert {state for state, *_ in ENDS} == set(POLICY)


@pytest.mark.parametrize("state", [State.APPLICATION_COMPLETION_REQUESTED, State.AGREEMENT_AWAITING_SIGNATURE])
def test_applicants_and_signatories_are_reminded_after_five_and_fifteen_working_days(state):
    last_second, next_day = stockholm(2026, 11, 25, 23, 59, 59), stockholm(2026, 11, 26)

    assert reminders(state, last_second) == [
        (stockholm(2026, 12, 2, 9), (Nudge.ASKED,)),
        (stockholm(2026, 12, 16, 9), (Nudge.ASKED,)),
    ]
    assert [at for at, _ in reminders(state, next_day)] == [stockholm(2026, 12, 3, 9), stockholm(2026, 12, 17, 9)]


def reminders(state, since):
    """When the clock reminds, each time as soon as it is due, and of what."""
    wait, found = WaitingStep(state, since), []
    while not wait.is_all_reminded:
        found.append((wait.due, wait.nudges(wait.due)))
        wait = WaitingStep(state, since, wait.due)
    return found


# 2, 4 and 6 working days, and 30 calendar days and the next working day, at nine in the morning.
WAITS_LONG = {
    stockholm(2026, 11, 25, 23, 59, 59): [(2026, 11, 27), (2026, 12, 1), (2026, 12, 3), (2026, 12, 28)],
    stockholm(2026, 11, 26): [(2026, 11, 30), (2026, 12, 2), (2026, 12, 4), (2026, 12, 28)],
    # Across Christmas and the New Year, Epiphany too, which no working day is.
    stockholm(2026, 12, 23, 12): [(2026, 12, 29), (2027, 1, 4), (2027, 1, 7), (2027, 1, 22)],
    # Across midsummer.
    stockholm(2026, 6, 18, 15): [(2026, 6, 23), (2026, 6, 25), (2026, 6, 29), (2026, 7, 20)],
    # Across the night in which summer time ends: it is nine by Swedish clocks all the same.
    stockholm(2026, 10, 22, 9): [(2026, 10, 26), (2026, 10, 28), (2026, 10, 30), (2026, 11, 23)],
}


@pytest.mark.parametrize("since", WAITS_LONG)
@pytest.mark.parametrize(
    ("state", "nudges"),
    [
        *(
            (state, (Nudge.ASKED, Nudge.OTHERS, Nudge.STANDSTILL, Nudge.KEEP))
            for state in (State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST, State.AWAITING_CUSTOMER_ATTEST)
        ),
        (State.COMPLETION_REQUESTED, (Nudge.ASKED, Nudge.ASKED, Nudge.STANDSTILL, Nudge.ASKED)),
    ],
)
def test_an_order_that_waits_is_reminded_of_on_the_days_that_were_agreed(state, nudges, since):
    days = [stockholm(*day, 9) for day in WAITS_LONG[since]]

    assert reminders(state, since) == [(at, (nudge,)) for at, nudge in zip(days, nudges, strict=True)]


@pytest.mark.parametrize("hour", [(0,), (9,), (23, 59, 59)])
def test_nobody_has_been_asked_whether_to_keep_what_has_waited_for_less_than_a_month(hour):
    assert ASKED_TO_KEEP
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(400)]
    began = [stockholm(day.year, day.month, day.day, *hour) for day in days]
    asked = [(since, reminders(state, since)[-1][0]) for since in began for state in ASKED_TO_KEEP]

    assert [since for since, at in asked if since >= asked_to_keep_before(at)] == []
    # Where the thirtieth day is a working day, not even a day is looked at in vain.
    assert min(asked_to_keep_before(at) - since for since, at in asked) <= DAY


def test_a_clock_that_stood_still_does_once_what_it_missed_and_leaves_time_before_the_end():
    state, since = State.AWAITING_CUSTOMER_ATTEST, stockholm(2026, 3, 2, 10)
    missed = WaitingStep(state, since).nudges(stockholm(2026, 3, 9, 8))
    late = WaitingStep(state, since, stockholm(2026, 5, 11, 8))

    assert missed == (Nudge.ASKED, Nudge.OTHERS)
    assert WaitingStep(state, since, stockholm(2026, 3, 9, 8)).due == stockholm(2026, 3, 10, 9)
    # Long after it should have ended whoever ordered is asked first, and has as many days as always.
    assert WaitingStep(state, since).closes == stockholm(2026, 4, 17, 16, 30)
    assert (late.due, late.closes) == (stockholm(2026, 5, 26, 16, 30), stockholm(2026, 5, 26, 16, 30))


# Asked on a Wednesday; the clock reminds on the Friday and the Tuesday, and tells of a standstill on the Thursday.
ASKED_ON = stockholm(2026, 11, 25, 23, 30)
REMINDED, AGAIN, STANDS_STILL = stockholm(2026, 11, 27, 9), stockholm(2026, 12, 1, 9), stockholm(2026, 12, 3, 9)


@pytest.mark.parametrize(
    ("reminded", "nudged", "today", "again"),
    [
        (None, None, (11, 25), (11, 26)),
        (None, None, (11, 26), (11, 26)),
        # The clock is still to remind, that day or, where it has stood still, as soon as it runs.
        (None, None, (11, 27), (11, 30)),
        (None, None, (11, 28), (11, 28)),
        (None, None, (11, 30), (12, 2)),
        (REMINDED, None, (11, 27), (11, 30)),
        (REMINDED, None, (11, 30), (11, 30)),
        (REMINDED, None, (12, 1), (12, 2)),
        (REMINDED, stockholm(2026, 11, 30, 10), (11, 30), (12, 2)),
        (AGAIN, None, (12, 1), (12, 2)),
        # Of the standstill others hear.
        (AGAIN, None, (12, 3), (12, 3)),
        (STANDS_STILL, None, (12, 3), (12, 3)),
        # A late clock reminded of what it had missed.
        (stockholm(2026, 12, 4, 9), None, (12, 4), (12, 7)),
        (STANDS_STILL, stockholm(2026, 12, 23, 12), (12, 23), (12, 28)),
    ],
)
def test_whoever_ordered_may_remind_on_a_working_day_on_which_those_who_are_asked_hear_of_it_by_nothing_else(
    reminded, nudged, today, again
):
    wait = WaitingStep(State.AWAITING_CUSTOMER_ATTEST, ASKED_ON, reminded, nudged)

    assert wait.may_be_nudged_from(date(2026, *today)) == date(2026, *again)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ((2026, 11, 27, 8, 59, 59), True),
        ((2026, 11, 27, 9), False),
        ((2026, 11, 27, 16, 59, 59), False),
        ((2026, 11, 27, 17), True),
        ((2026, 11, 28, 12), True),
        ((2026, 12, 24, 12), True),
    ],
)
def test_the_clock_does_nothing_in_the_evening_or_on_a_free_day(at, quiet):
    assert is_due(stockholm(2026, 11, 20), stockholm(*at)) is not quiet
    assert not is_due(stockholm(2027, 1, 1), stockholm(*at))
    assert not is_due(None, stockholm(*at))


@pytest.mark.parametrize("since", [stockholm(2026, month, 1, hour) for month in range(1, 13) for hour in (0, 9, 23)])
@pytest.mark.parametrize("state", sorted(POLICY))
def test_nothing_comes_due_while_nobody_is_to_be_disturbed(state, since):
    moments = [at for at, _ in reminders(state, since)] + [WaitingStep(state, since).closes]

    assert [at for at in moments if is_quiet(at)] == []


# --- links


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [(Purpose.DECIDE, timedelta(days=30)), (Purpose.FOLLOW, timedelta(days=365)), (Purpose.READ, timedelta(days=1))],
)
def test_a_link_lasts_as_long_as_was_agreed(purpose, lasts):
    assert expiry(purpose, builders.AT) == builders.AT + lasts


def test_a_link_for_a_step_ends_with_it_and_others_do_not():
    ends = builders.AT + timedelta(days=3)

    assert [expiry(each, builders.AT, ends) for each in (Purpose.DECIDE, Purpose.SIGN)] == [ends, ends]
    assert expiry(Purpose.READ, builders.AT, ends) == builders.AT + timedelta(days=1)
    assert expiry(Purpose.FOLLOW, builders.AT, ends) == builders.AT + timedelta(days=365)


def test_a_link_is_good_until_the_second_before_it_ends():
    link = PersonalLink(LinkId("L"), Purpose.READ, CaseId("B-2345678"), "a@b.example", builders.AT, builders.AT + DAY)

    check_link(link, Purpose.READ, builders.AT + DAY - SECOND)
    for at in (builders.AT + DAY, builders.AT + DAY + SECOND):
        with pytest.raises(LinkExpired):
            check_link(link, Purpose.READ, at)


# --- proofs of identification


@pytest.mark.parametrize(("after", "is_good"), [(-SECOND, True), (timedelta(), False), (SECOND, False)])
def test_a_proof_is_good_until_the_second_before_it_ends(after, is_good):
    wanted = Occasion(builders.ATTESTANT, CaseId("B-2222222"), 2, 1, Action.ATTEST)
    proof = Proof("testid:E1", wanted, "testid", expires_at=builders.AT)

    refusal = check_proof(proof, wanted, builders.AT + after)

    assert refusal is None if is_good else isinstance(refusal, ProofExpired)


# --- days of absences (domain: 4.5)


def lent(first: date, last: date) -> Substitution:
    since, until = days(first, last)
    absent, instead = PersonId("PBO"), PersonId("PCECILIA")
    return Substitution(absent, instead, OrganisationId("O1"), Role.ATTESTANT, since, until, "PBO")


def test_an_absence_begins_and_ends_at_midnight_in_sweden_whatever_the_season():
    across = lent(date(2026, 10, 24), date(2026, 10, 25))

    # Summer time ends in the night between.
    assert across.since == datetime(2026, 10, 23, 22, 0, tzinfo=UTC)
    assert across.until == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert (across.first_day, across.last_day) == (date(2026, 10, 24), date(2026, 10, 25))


def test_absences_on_days_that_follow_each_other_do_not_overlap():
    july, august = lent(date(2026, 7, 1), date(2026, 7, 31)), lent(date(2026, 8, 1), date(2026, 8, 1))

    assert not july.overlaps(august)
    assert not august.overlaps(july)
    assert july.overlaps(lent(date(2026, 7, 31), date(2026, 8, 1)))


def test_the_day_of_an_instant_is_the_swedish_one():
    assert day_of(datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert day_of(datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert day_of(datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert day_of(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert last_day_before(stockholm(2026, 7, 1)) == date(2026, 6, 30)
    assert last_day_before(stockholm(2026, 7, 1, 0, 0, 1)) == date(2026, 7, 1)


# --- retention (domain: 4.7)


@pytest.mark.parametrize(
    ("what", "closed", "goes"),
    [
        (Personal.CARDS, stockholm(2026, 3, 12, 14, 32), stockholm(2026, 4, 11, 15, 32)),
        (Personal.SLACK_IDS, stockholm(2026, 3, 12, 14, 32), stockholm(2026, 6, 10, 15, 32)),
        (Personal.FREE_TEXTS, stockholm(2026, 3, 12, 23, 59, 59), stockholm(2028, 3, 13)),
        (Personal.NAMES, stockholm(2026, 3, 12), stockholm(2028, 3, 13)),
        (Personal.DECISIONS, stockholm(2026, 12, 31, 23, 59, 59), stockholm(2034, 1, 1)),
        (Personal.DECISIONS, stockholm(2027, 1, 1), stockholm(2035, 1, 1)),
        (Personal.AGREEMENTS, stockholm(2026, 12, 31, 23, 59, 59), stockholm(2034, 1, 1)),
    ],
)
def test_what_is_kept_goes_at_its_second_and_not_before(what, closed, goes):
    policy = retention_with({})[what]
    # What was counted from before this instant is due.
    in_utc = goes.astimezone(UTC)

    assert policy.before(in_utc - SECOND) <= closed
    assert policy.before(in_utc + SECOND) > closed


# --- prices and rounds


def test_a_price_holds_from_its_first_day_to_its_last_and_no_longer():
    price = builders.price(valid_from=date(2026, 4, 1), valid_to=date(2026, 4, 30))

    held = [price.holds(date(2026, 4, day)) for day in (1, 30)]
    beside = [price.holds(day) for day in (date(2026, 3, 31), date(2026, 5, 1))]
    assert (held, beside) == ([True, True], [False, False])


@pytest.mark.parametrize(("rounds", "is_left"), [(4, True), (5, False), (6, False)])
def test_five_completions_are_asked_for_and_no_sixth(rounds, is_left):
    refusal = rounds_left(builders.situation(builders.after(rounds=rounds)))

    assert refusal is None if is_left else isinstance(refusal, TooManyRounds)
    assert is_left or refusal.facts["rounds"] == 5


# --- what is told once a week


def test_administrators_hear_of_a_lack_once_from_monday_to_sunday_also_over_new_year():
    def key(at: datetime) -> str:
        return NotReady(OrganisationId("O1"), Part.CUSTOMER_ADMINISTRATOR, "no_attestant", at).key

    week = {key(stockholm(2026, 12, day, 23, 59, 59)) for day in (28, 31)} | {key(stockholm(2027, 1, 1))}

    assert week == {key(stockholm(2027, 1, 3, 23, 59, 59))}
    assert key(stockholm(2027, 1, 4)) not in week
    assert key(stockholm(2026, 12, 27, 23, 59, 59)) not in week
