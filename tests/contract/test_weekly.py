"""The week that ended is told of once, to those who may hear of it, with a picture that lies where nobody guesses."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from core.api import Action, Language, State, Unit, new_id
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.reads.weekly import SqlWeeks, find_span, read_ended, read_placed, read_waiting
from core.storage.retention.purging_rows import PICTURES, REPORTS
from notifications.cards.card import REPAINT, owed
from notifications.documents.chart import png_of
from notifications.mail import mail_switch
from notifications.mail.port import MAIL
from notifications.outbox.relay import Relay
from notifications.reports.pictures import LASTS, Pictures
from notifications.reports.weekly_reports import WeeklyReports
from notifications.rules.announcements import CardKind
from notifications.slack.slack_errors import Never
from tests.contract.office import CHANNEL, open_office, via_agent
from tests.contract.statements import scans
from tests.contract.test_mail import mailing
from tests.fakes.slack import POST
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    REGION,
    role_assignment,
    slack_user,
)

# The Monday after the week in which everything of this world is done, at nine in Stockholm.
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
FIRST_DAY = MONDAY.date() - timedelta(days=7)
PNG = b"\x89PNG\r\n\x1a\n"
ADAS = slack_user(ADA)
OF_REGION = f"2026-W48/{REGION}"
URL = "https://kundportal.example.se"


@pytest.fixture
async def office(database_url):
    made = with_pictures(await open_office(database_url))
    yield made
    await made.database.close()


@pytest.fixture
async def other(office):
    """A second process on the same database."""
    made = with_pictures(await office.another())
    yield made
    await made.database.close()


def pictures_of(office, draw=lambda chart: PNG + chart.title.encode()):
    return Pictures(office.database, office.clock, "of-the-tests-and-of-nobody-else-at-all", draw)


def with_pictures(office, url=URL, **given):
    """The office with pictures that Slack can fetch."""
    delivery = replace(office.delivery, pictures=pictures_of(office, **given), url=url)
    return replace(office, delivery=delivery, relay=Relay(office.leases, delivery, office.clock))


def reports(office):
    return WeeklyReports(office.database, SqlWeeks(office.database), office.clock, new_id)


async def told(office):
    """Make what is due on the Monday after; the cards."""
    office.clock.at = MONDAY
    await reports(office).run()
    return await office.cards(kind=CardKind.WEEKLY_REPORT)


async def weeks(office, **how):
    return await SqlWeeks(**{"database": office.database} | how).week(FIRST_DAY, MONDAY)


async def administers(office, person, organisation):
    held = role_assignment(person, organisation, "administrator")
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments), [held]))


async def count_of(office, table):
    return len(await office.database.read(lambda connection: connection.execute(select(table)).all()))


async def test_a_step_takes_from_when_a_case_came_to_it_until_it_left_in_working_time(office):
    case = await office.place()
    office.clock.forward(hours=3)
    case = await office.attest(case, BO)
    office.clock.at = datetime(2026, 11, 27, 15, tzinfo=UTC)
    other = await office.place(**via_agent())
    # Over a weekend, which is no working time; it ends in the week after.
    office.clock.at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    await office.press(other, HELENA, Action.APPROVE, certified=True)

    week = (await weeks(office))[REGION]

    assert [(step.state, step.count, step.median) for step in week.steps] == [
        (State.AWAITING_CUSTOMER_ATTEST, 1, timedelta(hours=3))
    ]
    assert (week.placed, week.finished, week.refused) == (2, 0, 0)
    assert [each.case for each in week.oldest] == [case.id, other.id]


async def test_what_was_rejected_is_counted_and_waits_no_more(office):
    case = await office.place()
    await office.press(case, BO, Action.REJECT, reason="Nej", reason_code="no_budget")

    week = (await weeks(office))[REGION]

    assert (week.placed, week.refused, week.waiting) == (1, 1, 0)


async def test_each_organisation_reads_of_its_own_orders_and_inera_of_all(office):
    await office.place()
    await office.place(**via_agent())

    found = await weeks(office)

    assert {reader: week.placed for reader, week in found.items()} == {None: 2, REGION: 2, AGENT: 1}


async def test_an_agent_that_came_with_a_changed_order_reads_of_no_step_before_that(office):
    case = await office.place(**via_agent())
    office.clock.forward(hours=1)
    case = await office.press(case, HELENA, Action.REQUEST_COMPLETION, message="Vilken enhet?")
    # Whoever answers may name another agent; which one was there before stands nowhere but in old rows.
    anew = update(tables.cases).where(tables.cases.c.id == case.id).values(content_version=2)
    await office.database.write(lambda connection: connection.execute(anew))

    found = await weeks(office)

    assert [step.state for step in found[REGION].steps] == [State.AWAITING_AGENT_APPROVAL]
    assert found[AGENT].steps == ()


class Watched:
    """A database that knows how many rows each reading gave, none of them within a limit of time."""

    def __init__(self, database):
        self._database, self.rows = database, []

    def unhurried(self):
        self._unhurried = self._database.unhurried()
        return self

    async def read(self, work):
        rows = await self._unhurried.read(work)
        self.rows += [len(rows)] if isinstance(rows, list) else []
        return rows


async def test_of_a_week_no_more_is_read_at_once_than_what_it_names_and_a_page_of_its_steps(office):
    for number in range(5):
        await office.attest(await office.place(**unit(number)), BO)
    for number in range(5, 12):
        await office.place(**unit(number))
    watched = Watched(office.database)

    found = await weeks(office, database=watched, page=2)

    # What was placed, the two that are named of what waits in each place, and pages of steps: the last has one.
    assert watched.rows == [1, 2, 2, 2, 1, 0]
    assert found == await weeks(office)
    assert [step.count for step in found[REGION].steps] == [5]
    assert (found[REGION].placed, found[REGION].waiting) == (12, 12)


def unit(number):
    """What makes an order one of another care unit."""
    return {"units": (Unit(f"Vårdcentralen {number}", f"SE2321000016-A{number}"),), "key": f"V{number}"}


async def test_of_what_waits_those_are_named_that_have_waited_longest_wherever_they_wait(office):
    made = []
    for wish in (via_agent(1), unit(1), via_agent(2), unit(2), via_agent(3)):
        made.append(await office.place(**wish))
        office.clock.forward(minutes=1)

    found = await weeks(office)

    assert {reader: [each.case for each in week.oldest] for reader, week in found.items()} == {
        None: [made[0].id, made[1].id],
        REGION: [made[0].id, made[1].id],
        AGENT: [made[0].id, made[2].id],
    }
    assert {reader: week.waiting for reader, week in found.items()} == {None: 5, REGION: 5, AGENT: 3}


async def test_a_week_is_found_by_indexes_and_nothing_is_read_from_end_to_end(office):
    await office.attest(await office.place(), BO)
    since = beginning_of(FIRST_DAY)

    def everything(connection):
        span = find_span(connection, since, since + timedelta(days=7))
        read_placed(connection, span)
        read_waiting(connection)
        assert len(read_ended(connection, span, span.first - 1, 10)) == 1

    assert await office.database.write(lambda connection: scans(connection, everything)) == []


async def test_administrators_hear_of_their_organisation_and_the_channel_of_all_after_whatever_asks(office):
    await administers(office, DAVID, CLINIC)
    await administers(office, AMIR, AGENT)
    await office.place(**via_agent())
    await office.relay.drain()

    cards = await told(office)

    assert {(card.person_id, card.part, card.about) for card in cards} == {
        (None, "customer_service", "2026-W48"),
        (ADA, "customer_administrator", OF_REGION),
        (AMIR, "agent_administrator", f"2026-W48/{AGENT}"),
    }
    assert {card.priority for card in cards} == {REPAINT}
    await office.relay.drain()
    (of_all,) = [shown for shown in office.slack.in_channel(CHANNEL) if "Veckorapport" in shown.text]
    (of_region,) = [shown for shown in office.slack.in_channel(ADAS) if "Veckorapport" in shown.text]
    assert (of_all.text, of_region.text) == (
        "Veckorapport, vecka 48: alla ärenden", "Veckorapport, vecka 48: Region Exempel",
    )  # fmt: skip


async def test_several_processes_tell_of_a_week_once_and_not_again(office, other):
    await office.place()
    office.clock.at = MONDAY

    made = await asyncio.gather(*(reports(each).run() for each in (office, other, office, other)))
    office.clock.forward(hours=1)

    assert sorted(made) == [0, 0, 0, 2]
    assert await reports(office).run() == 0


async def test_after_a_stop_of_weeks_the_last_week_alone_is_told_of(office):
    await office.place()
    office.clock.at = MONDAY + timedelta(days=22)

    assert await reports(office).run() == 2
    assert await reports(office).run() == 0
    assert {card.about for card in await office.cards(kind=CardKind.WEEKLY_REPORT)} == {
        "2026-W51", f"2026-W51/{REGION}",
    }  # fmt: skip


async def test_nothing_is_told_before_nine_on_monday(office):
    await office.place()
    office.clock.at = MONDAY - timedelta(minutes=1)

    assert await reports(office).run() == 0


async def test_a_product_that_was_begun_with_this_week_tells_of_none_before_it(office):
    office.clock.at = MONDAY
    await office.place()

    assert await told(office) == []
    # Nor does it look for that again and again.
    assert await count_of(office, tables.weekly_reports) == 1


async def test_an_organisation_where_nothing_happened_and_nothing_waits_hears_nothing(office):
    await administers(office, DAVID, CLINIC)
    await office.place()

    cards = await told(office)

    assert DAVID not in {card.person_id for card in cards}


async def test_a_report_that_nobody_could_be_given_for_a_week_is_given_to_nobody(office):
    await office.place()
    await office.relay.drain()
    await told(office)
    office.clock.at = MONDAY + timedelta(days=8)
    before = len(office.slack.messages)

    await office.relay.drain()

    assert len(office.slack.messages) == before


@pytest.mark.parametrize(
    ("table", "which", "changes"),
    [
        (
            tables.role_assignments,
            tables.role_assignments.c.person_id == ADA,
            {"valid_to": MONDAY + timedelta(hours=1)},
        ),
        (tables.persons, tables.persons.c.id == ADA, {"active": False}),
    ],
    ids=["the role ended", "the account ended"],
)
async def test_who_administers_no_more_when_a_report_is_sent_gets_none(office, table, which, changes):
    await office.place()
    await office.relay.drain()
    await told(office)
    # Where they read was found by then.
    await office.leases.owing(office.clock())
    await office.change(table, which, **changes)
    office.clock.forward(hours=2)

    await office.relay.drain()

    assert [shown.text for shown in weekly(office)] == ["Veckorapport, vecka 48: alla ärenden"]
    assert [card.person_id for card in await office.cards(kind=CardKind.WEEKLY_REPORT)] == [None]


def weekly(office):
    """The reports that stand in Slack."""
    return [shown for shown in office.slack.messages.values() if "Veckorapport" in shown.text]


class Slow:
    """Slack, where each message takes some seconds until it stands, and another relay works meanwhile."""

    def __init__(self, office, other, *seconds):
        self._slack, self._clock, self._other, self._seconds = office.slack, office.clock, other, iter(seconds)

    async def post(self, *token, **message):
        self._clock.forward(seconds=next(self._seconds))
        await self._other.relay.drain()
        return await self._slack.post(*token, **message)


async def the_channels_report(office):
    """A week with a chart, told of in the channel alone."""
    await office.attest(await office.place(), BO)
    await office.relay.drain()
    await told(office)
    cards = tables.cards.c
    others = delete(tables.cards).where(cards.kind == CardKind.WEEKLY_REPORT, cards.person_id.is_not(None))
    await office.database.write(lambda connection: connection.execute(others))


async def test_a_report_whose_first_picture_took_nearly_all_of_a_lease_is_posted_once(office, other):
    await the_channels_report(office)
    left = iter([25])

    def draw(chart):
        office.clock.forward(seconds=next(left, 0))
        return PNG

    await slowly(with_pictures(office, draw=draw), other, 10).relay.drain()

    (report,) = weekly(office)
    assert len(images(report)) == 1
    assert {card.doubted_at for card in await office.cards()} == {None}


async def test_a_report_whose_picture_slack_was_slow_to_refuse_is_posted_once(office, other):
    await the_channels_report(office)
    office.slack.trouble(POST, Never("invalid_blocks"))

    await slowly(office, other, 20, 10).relay.drain()

    assert len(weekly(office)) == 1
    assert {card.doubted_at for card in await office.cards()} == {None}


def slowly(office, other, *seconds):
    """The office, whose messages take so long."""
    delivery = replace(office.delivery, slack=Slow(office, other, *seconds))
    return replace(office, relay=Relay(office.leases, delivery, office.clock))


async def test_a_mail_whose_picture_took_too_long_is_left_to_whoever_has_the_time(office, other, post):
    office, other = (mailing_pictures(each, post) for each in (office, other))
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    await the_channels_report(office)
    to_ada = owed("C-ADA", CardKind.WEEKLY_REPORT, "customer_administrator", MONDAY, person_id=ADA, about=OF_REGION)
    there = to_ada | {"workspace_id": MAIL, "address": "ada@example.org"}
    await office.database.write(lambda connection: connection.execute(insert(tables.cards), [there]))
    taken = await office.leases.claim(MAIL)

    def draw(chart):
        office.clock.forward(seconds=60)
        return PNG

    await mailing_pictures(office, post, draw).delivery.deliver(MAIL, taken)

    assert (len(taken), post.to("ada@example.org")) == (1, [])
    await other.relay.drain()
    assert len(post.to("ada@example.org")) == 1


async def a_report_with_a_chart(office):
    """A week in which a step ended, told of and shown."""
    case = await office.place()
    await office.attest(case, BO)
    await office.relay.drain()
    await told(office)
    await office.relay.drain()


def images(shown):
    return [block["image_url"] for block in shown.blocks if block["type"] == "image"]


async def test_the_picture_lies_behind_an_address_of_ours_until_it_expires(office):
    await a_report_with_a_chart(office)

    (address,) = images(office.slack.in_channel(CHANNEL)[-1])
    token = address.removeprefix(f"{URL}/b/").removesuffix(".png")
    pictures = pictures_of(office)

    assert (await pictures.behind(token)).startswith(PNG)
    assert await pictures.behind("nowhere") is None
    office.clock.forward(days=LASTS.days)
    assert await pictures.behind(token) is None


async def test_readers_of_one_report_in_one_language_see_one_picture(office):
    await administers(office, BO, REGION)
    await administers(office, CECILIA, REGION)
    await a_report_with_a_chart(office)

    (adas,), (bos,), (cecilias,) = (
        images(office.slack.in_channel(user)[-1]) for user in (ADAS, *map(slack_user, (BO, CECILIA)))
    )

    assert adas == bos != cecilias


async def test_slack_gets_the_report_without_a_picture_that_it_cannot_fetch(office):
    case = await office.place()
    await office.attest(case, BO)
    await office.relay.drain()
    await told(office)
    office.slack.trouble(POST, Never("invalid_blocks"))

    await office.relay.drain()

    assert sorted(len(images(shown)) for shown in weekly(office)) == [0, 1]


async def test_where_slack_cannot_reach_us_the_report_goes_without_its_picture(office):
    await a_report_with_a_chart(with_pictures(office, url=""))

    assert images(office.slack.in_channel(CHANNEL)[-1]) == []
    assert await count_of(office, tables.report_pictures) == 0


async def test_what_cannot_be_drawn_is_said_in_words(office, caplog):
    def fails(chart):
        raise OSError("no font")

    await a_report_with_a_chart(with_pictures(office, draw=fails))

    assert images(office.slack.in_channel(CHANNEL)[-1]) == []
    assert "picture_not_drawn report=2026-W48" in caplog.text


def mailing_pictures(office, post, *draw):
    """The office with a way to a mail server, for mails with pictures."""
    office = mailing(office, post)
    delivery = replace(office.delivery, mails=replace(office.delivery.mails, pictures=pictures_of(office, *draw)))
    return replace(office, delivery=delivery, relay=Relay(office.leases, delivery, office.clock))


async def test_a_mail_brings_the_picture_along_and_shows_it_where_it_stands(office, post):
    office = mailing_pictures(office, post, png_of)
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    await office.unlink(ADA)
    office.slack.teams[0] = replace(
        office.slack.teams[0], accounts=tuple(a for a in office.slack.teams[0].accounts if a.id != ADAS)
    )
    await a_report_with_a_chart(office)

    (mail,) = post.to("ada@example.org")
    (image,) = [part for part in mail.message.walk() if part.get_content_type() == "image/png"]
    assert image.get_content().startswith(PNG)
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in mail.part("html")
    assert image.get_content_disposition() == "inline"
    assert "Diagram. Tid per steg i arbetstid, vecka 48." in mail.part("plain")


async def test_what_is_stored_of_a_week_names_nobody(office):
    await a_report_with_a_chart(office)

    rows = await office.database.read(lambda connection: connection.execute(select(tables.weekly_reports)).all())

    assert len(rows) == 2
    for row in rows:
        assert not {"Anna", "Bo", "Region"} & set(json.dumps(json.loads(row.content)).replace('"', " ").split())


async def test_pictures_go_when_they_expire_and_reports_when_nobody_could_tell_of_them_again(office):
    await a_report_with_a_chart(office)
    expired, later = MONDAY + LASTS + timedelta(seconds=1), MONDAY + timedelta(seconds=1)

    def purge(connection):
        return PICTURES.take(connection, expired, expired), REPORTS.take(connection, later, later)

    assert await office.database.write(purge) == (2, 2)


async def test_the_figures_of_a_report_that_was_drawn_late_stay_as_long_as_its_picture(office):
    await a_report_with_a_chart(office)
    later = MONDAY + timedelta(seconds=1)

    def purge(connection):
        return REPORTS.count(connection, later), REPORTS.take(connection, later, later)

    assert await office.database.write(purge) == (0, 0)
    assert await count_of(office, tables.report_pictures) == 2
