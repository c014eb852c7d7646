"""The week as it is told: when, of what, and in which words; the chart says the same as the text."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from inline_snapshot import snapshot
from PIL import Image, ImageColor

from core.api import CaseId, Flow, Language, Part, Side, State, StepTimes, StillWaiting, WeekView, report_id, week_due
from core.shared.working_days import working_time_between
from core.views.weekly import EndedStep, KnownWeek, week_view
from notifications.cards.week_notes import week_from_json, week_to_json
from notifications.documents.chart import DARK, LIGHT, Bar, Chart, png_of
from notifications.render.drawings import draw_card
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import Picture, picture_in, with_picture_at
from notifications.render.surfaces import block_kit
from notifications.render.surfaces.text import as_text
from notifications.rules.announcements import CardKind
from notifications.texts import working_time
from tests.support.drawn.cards import loose

MONDAY = date(2026, 11, 23)
MADE = datetime(2026, 11, 30, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(hours=8)


def at(day, hour, minute=0, month=11):
    """A time in Stockholm in the winter of 2026."""
    return datetime(2026, month, day, hour - 1, minute, tzinfo=UTC)


def a_week(**changes):
    """A week in which something happened."""
    steps = (
        StepTimes(Side.CUSTOMER, State.AWAITING_AGENT_APPROVAL, 1, 0 * HOUR, 0 * HOUR),
        StepTimes(Side.CUSTOMER, State.AWAITING_CUSTOMER_ATTEST, 4, 3 * HOUR, 12 * HOUR),
        StepTimes(Side.CUSTOMER, State.AWAITING_CUSTOMER_SERVICE, 2, 8 * HOUR, 20 * HOUR),
        StepTimes(Side.CUSTOMER, State.COMPLETION_REQUESTED, 1, 7 * HOUR, 7 * HOUR),
    )
    oldest = (
        StillWaiting(Side.CUSTOMER, CaseId("B-23456789"), State.AWAITING_CUSTOMER_ATTEST, at(20, 10)),
        StillWaiting(Side.CUSTOMER, CaseId("A-23456789"), State.APPLICATION_SUBMITTED, at(30, 9)),
    )
    made = {"placed": 5, "finished": 3, "refused": 1, "waiting": 7, "steps": steps, "oldest": oldest}
    return WeekView(side=Side.CUSTOMER, first_day=MONDAY, made_at=MADE, **made | changes)


def drawn(week, language=Language.SV, organisation="Region Exempel"):
    part = Part.CUSTOMER_ADMINISTRATOR if organisation else Part.CUSTOMER_SERVICE
    return draw_card(
        loose(CardKind.WEEKLY_REPORT, part, note={"organisation": organisation}, week=week), None, language
    )


def said(message):
    """What a card says beside its picture."""
    return as_text(block for block in message.blocks if not isinstance(block, Picture))


@pytest.mark.parametrize(
    ("began", "ended", "hours"),
    [
        (at(25, 9), at(25, 17), 8),
        (at(25, 6), at(25, 23), 8),
        (at(25, 16, 30), at(26, 9, 15), 0.75),
        # A weekend between.
        (at(27, 16), at(30, 10), 2),
        (at(28, 10), at(29, 15), 0),
        # Christmas: from the eve to the second day nobody is at work.
        (at(23, 15, month=12), at(28, 10, month=12), 3),
        (at(25, 10), at(25, 10), 0),
    ],
)
def test_time_counts_from_nine_to_five_on_working_days(began, ended, hours):
    assert working_time_between(began, ended) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(30, 8, 59), None),
        (at(30, 9), MONDAY),
        (at(30, 17), None),
        (at(1, 9, month=12), MONDAY),
        (at(4, 16, 59, month=12), MONDAY),
        (at(5, 12, month=12), None),
        (at(7, 9, month=12), MONDAY + timedelta(days=7)),
        # Christmas Eve is free.
        (at(24, 12, month=12), None),
    ],
)
def test_a_week_is_told_of_from_nine_on_the_first_working_day_after_it_and_never_at_rest(now, due):
    assert week_due(now) == due


def test_where_monday_is_free_it_is_told_of_on_the_day_after():
    easter_monday = datetime(2026, 4, 6, 10, tzinfo=UTC)

    assert week_due(easter_monday) is None
    assert week_due(easter_monday + timedelta(days=1)) == date(2026, 3, 30)


def test_a_report_is_known_by_its_week_and_its_organisation():
    assert report_id(date(2026, 12, 28)) == "2026-W53"
    assert report_id(date(2027, 1, 4), "O-region") == "2027-W01/O-region"


def ended(state, target, hours, flow=Flow.DIRECT):
    return EndedStep(flow, state, target, at(25, 9), at(25, 9) + timedelta(hours=hours))


def test_a_step_has_its_median_and_its_slowest_and_what_closed_is_counted_by_how():
    attest, service = State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_CUSTOMER_SERVICE
    steps = [ended(attest, service, hours) for hours in (1, 2, 6)]
    steps += [ended(attest, State.REJECTED, 3), ended(attest, State.WITHDRAWN, 3), ended(attest, State.EXPIRED, 3)]
    steps += [ended(service, State.TERMINATED, 5, Flow.TERMINATION)]
    # What is placed has waited for nobody.
    steps += [ended(State.DRAFT, attest, 8)]
    oldest = [(CaseId(f"B-{number}"), attest, at(number, 9)) for number in (2, 3, 4)]
    known = KnownWeek({Side.CUSTOMER, Side.AGENT}, placed=2, waiting=4, oldest=oldest)
    for step in steps:
        known.add(step)

    week = week_view(known, MONDAY, MADE)

    assert [(step.state, step.count, step.median, step.slowest) for step in week.steps] == [
        (attest, 6, 3 * HOUR, 6 * HOUR),
        (service, 1, 5 * HOUR, 5 * HOUR),
    ]
    assert (week.side, week.placed, week.finished, week.refused, week.waiting) == (Side.CUSTOMER, 2, 1, 1, 4)
    assert [each.case for each in week.oldest] == ["B-2", "B-3"]


@pytest.mark.parametrize("what", ["placed", "finished", "refused", "waiting", "steps"])
def test_a_week_has_news_where_anything_happened_or_waits(what):
    nothing = {"placed": 0, "finished": 0, "refused": 0, "waiting": 0, "steps": ()}

    assert not a_week(**nothing).has_news
    assert a_week(**nothing | {what: getattr(a_week(), what)}).has_news


def test_a_week_is_read_as_it_was_stored():
    assert week_from_json(week_to_json(a_week())) == a_week()


def test_the_card_says_what_came_of_orders_the_slowest_steps_and_what_waits():
    assert said(drawn(a_week())) == snapshot("""\
VECKORAPPORT, VECKA 48: REGION EXEMPEL

Nya beställningar: 5. Slutförda: 3. Avslagna: 1.
Tid per steg i arbetstid, median
Hos Ineras kundservice: 1 arbetsdag, längst 2,5 arbetsdagar
Väntar på komplettering: 7 timmar

7 väntar nu, de äldsta först
B-23456789 · Väntar på kundens attest · 6\xa0dagar
A-23456789 · Ansökan inskickad · i dag\
""")
    assert said(drawn(a_week(), Language.EN, "")) == snapshot("""\
WEEKLY REPORT, WEEK 48: ALL CASES

New cases: 5. Completed: 3. Rejected: 1.
Working time per step, median
With Inera customer service: 1 working day, longest 2.5 working days
Waiting for completion: 7 hours

7 waiting now, the oldest first
B-23456789 · Waiting for the customer to attest · 6\xa0days
A-23456789 · Application sent in · today\
""")


def test_where_no_step_ended_there_is_no_chart_and_where_nothing_waits_that_is_said():
    message = drawn(a_week(steps=(), waiting=0, oldest=()))

    assert picture_in(message) is None
    assert said(message) == snapshot("""\
VECKORAPPORT, VECKA 48: REGION EXEMPEL

Nya beställningar: 5. Slutförda: 3. Avslagna: 1.

Inget väntar på svar nu.\
""")


@pytest.mark.parametrize(
    ("time", "swedish"),
    [
        (timedelta(minutes=59), "under 1 timme"),
        (HOUR, "1 timme"),
        (timedelta(hours=7, minutes=59), "7 timmar"),
        (DAY, "1 arbetsdag"),
        (1.5 * DAY, "1,5 arbetsdagar"),
        (12 * DAY, "12 arbetsdagar"),
    ],
)
def test_time_is_said_in_hours_and_from_a_working_day_on_in_days(time, swedish):
    assert working_time(Language.SV, time) == swedish


def test_the_chart_has_every_step_and_its_text_alternative_says_as_much():
    picture = picture_in(drawn(a_week()))

    assert len(picture.chart.bars) == 4
    for bar in picture.chart.bars:
        assert bar.label in picture.alt
        assert bar.usual_words in picture.alt
        assert bar.longest_words in picture.alt
    assert (picture.chart.bars[1].usual, picture.chart.bars[1].longest) == (3 / 8, 1.5)


def test_slack_is_given_the_picture_where_it_lies_and_none_where_it_lies_nowhere():
    there = block_kit.message(with_picture_at(drawn(a_week()), "https://kundportal.example.se/b/token.png"))
    nowhere = block_kit.message(drawn(a_week()))

    (image,) = [block for block in there["blocks"] if block["type"] == "image"]
    assert image["image_url"] == "https://kundportal.example.se/b/token.png"
    assert image["alt_text"] == picture_in(drawn(a_week())).alt
    assert [block["type"] for block in nowhere["blocks"]] == ["header", "rich_text", "rich_text"]


def test_a_mail_shows_the_picture_that_it_brings_and_says_it_in_its_text():
    paper = draw_mail(with_picture_at(drawn(a_week()), "cid:chart.png@kundportalen"), Enclosed("Ada"), Language.SV)

    assert '<img src="cid:chart.png@kundportalen" alt="Diagram. Tid per steg i arbetstid, vecka 48.' in paper.html
    assert picture_in(drawn(a_week())).alt in paper.text
    assert paper.subject == "Veckorapport, vecka 48: Region Exempel"


def test_a_picture_is_a_png_as_high_as_it_has_bars_and_reads_without_colours():
    bars = [Bar("Väntar på kundens attest", 0.5, "4 timmar", 2.0, "2 arbetsdagar")] * 3
    chart = Chart("Arbetstid per steg", "Arbetsdagar", "Median", "Längst", bars)

    one, three = (Image.open(BytesIO(png_of(chart._replace(bars=bars[:count])))) for count in (1, 3))

    assert (one.format, one.width) == ("PNG", three.width)
    assert three.height > one.height
    # Both bars and the paper, far apart: the darkest stands for the median.
    greys = {grey for count, grey in three.convert("L").getcolors() if count > 10_000}
    assert len(greys) == 3
    assert all(abs(one - other) > 50 for one in greys for other in greys if one != other)


def test_a_bar_is_as_long_as_what_it_measures():
    bars = [Bar("Väntar på kundens attest", 0.5, "4 timmar", 2.0, "2 arbetsdagar")]

    picture = Image.open(BytesIO(png_of(Chart("Arbetstid per steg", "Arbetsdagar", "Median", "Längst", bars))))

    # Across the middle of either bar, which is its longest line of its own colour.
    usual, longest = (_longest_line(picture.convert("RGB"), colour) for colour in (DARK, LIGHT))
    assert longest / usual == pytest.approx(4, rel=0.05)


def _longest_line(picture, colour):
    """How many points of a colour stand in a row of a picture, at most."""
    wanted, width = ImageColor.getrgb(colour), picture.width
    rows = (picture.crop((0, row, width, row + 1)) for row in range(picture.height))
    return max(count for row in rows for count, found in row.getcolors(width) if found == wanted)
