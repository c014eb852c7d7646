"""Whoever has much waiting is reminded of all of it by one message a day; on both databases alike."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import insert, select

from core.api import Action, Asking, CaseQuery, Language, Part, Unit, day_of, in_the_morning, new_id, next_working_day
from core.shared.working_days import STOCKHOLM
from core.storage import tables
from core.storage.audit.replaying import replay
from core.storage.reads.waiting import count_waiting
from core.use_cases.clock import Clock
from notifications.accounts.linked_slacks import LinkedSlacks
from notifications.cards.card import owed
from notifications.cards.digests import MOST_APART, PEOPLE_AT_ONCE, awaits_others, gather
from notifications.mail import mail_switch
from notifications.outbox.relay import Relay
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace
from tests.contract.office import account, open_office, via_agent
from tests.contract.readings import reading
from tests.contract.test_mail import BOS_MAIL, mailing
from tests.fakes.slack import Team, buttons
from tests.support.drawn.reading import as_read
from tests.support.world import many
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import AGENT, ANNA, BO, CECILIA, LONG_AGO, REGION, TEAM, role_assignment, slack_user

# Cecilia reads English.
SAID = {
    BO: "Påminnelse: {} beställningar väntar på ditt svar.",
    CECILIA: "Reminder: {} orders are waiting for your answer.",
}
AT_HOME = "UHOME"
REMIND = {CardKind.REMINDER, CardKind.DIGEST}


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    await made.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield made
    await made.database.close()


async def place(office, count, conveyed=0):
    """So many orders, one a minute, of which everybody has been told; of them the last go through the agent."""
    cases, ordered = [], [{"key": f"V{number}", "units": (Unit(f"Enhet {number}"),)} for number in range(count)]
    for each in (*ordered, *map(via_agent, range(conveyed))):
        cases.append(await office.place(**each))
        office.clock.forward(minutes=1)
    await told(office)
    return cases


async def told(office):
    """Slack lets few messages to one person through at once."""
    await office.relay.drain()
    for _ in range(60):
        if not any(row.due_at for row in await office.cards()):
            return
        office.clock.forward(seconds=1)
        await office.relay.drain()


async def remind(office, at):
    """The clock, which stands still between, does what is due, and everybody is told."""
    office.clock.at = at
    changed = await Clock(office.orders.engine).run()
    await told(office)
    return changed


async def stored(office, case):
    """The case as it stands."""
    return (await office.orders.look(CaseQuery(case.id, None, office.clock()))).case


async def reminded(office, person):
    """What somebody has been reminded by, in the order in which it was said: which kind, and what."""
    rows = [row for row in await office.cards(person_id=person) if row.kind in REMIND and row.ts is not None]
    said = [(row.kind, office.slack.messages[MessagePlace(row.channel, row.ts)]) for row in rows]
    return [(kind, message.text) for kind, message in sorted(said, key=lambda each: each[1].text)]


async def the_digest(office, person):
    """The one message of all that waits, as it looks."""
    row = await office.card(person_id=person, kind=CardKind.DIGEST)
    return office.slack.messages[MessagePlace(row.channel, row.ts)]


async def test_whoever_has_more_than_five_waiting_gets_one_message_a_morning_of_all_of_them(office):
    cases = await place(office, 6)

    assert await remind(office, cases[0].due_at) == 6
    first = {person: await reminded(office, person) for person in (BO, CECILIA)}
    message = await the_digest(office, BO)
    # Two working days later, the Tuesday after.
    assert await remind(office, cases[0].due_at + timedelta(days=4)) == 6
    second = await reminded(office, BO)

    one, hers = (CardKind.DIGEST, SAID[BO].format(6)), (CardKind.DIGEST, SAID[CECILIA].format(6))
    assert first == {BO: [one], CECILIA: [hers]}
    assert second == [one, one]
    read = as_read({"blocks": message.blocks})
    assert "6 beställningar väntar på dig" in read
    assert [case.id for case in cases if case.id in read] == [case.id for case in cases[:3]]
    shows = [block["accessory"]["action_id"] for block in message.blocks if "accessory" in block]
    assert shows == ["kp.details"] * 3
    found = await replay(office.database)
    assert (found.holds, found.differences) == (True, [])


async def test_five_that_wait_are_reminded_of_one_by_one(office):
    cases = await place(office, 5)

    await remind(office, cases[0].due_at)

    assert [kind for kind, _ in await reminded(office, BO)] == [CardKind.REMINDER] * 5
    assert await office.cards(kind=CardKind.DIGEST) == []


async def reminds_at(office, organisation, hour):
    """Let an organisation have said at which hour its people are reminded."""
    await office.change(tables.organisations, tables.organisations.c.id == organisation, reminder_hour=hour)


async def test_the_message_comes_at_the_hour_at_which_the_organisation_reminds_and_not_before(office):
    await reminds_at(office, REGION, 14)
    cases = await place(office, 6)
    at_two = datetime(2026, 11, 27, 14, tzinfo=STOCKHOLM)

    before = await remind(office, at_two - timedelta(minutes=1)), await reminded(office, BO)
    then = await remind(office, at_two), await reminded(office, BO)

    assert {case.due_at.astimezone(STOCKHOLM).hour for case in cases} == {14}
    assert before == (0, [])
    assert then == (6, [(CardKind.DIGEST, SAID[BO].format(6))])


@pytest.mark.parametrize("hours", [(9, 14), (14, 9)])
@pytest.mark.parametrize(
    ("count", "earlier", "later"), [(3, [CardKind.DIGEST], []), (2, [CardKind.REMINDER] * 2, [CardKind.REMINDER] * 2)]
)
async def test_somebody_of_two_organisations_is_told_of_all_at_the_first_of_their_hours_or_of_each_at_its_own(
    office, hours, count, earlier, later
):
    await office.database.write(
        lambda connection: connection.execute(
            insert(tables.role_assignments), role_assignment(BO, AGENT, "agent_handler")
        )
    )
    for organisation, hour in zip((REGION, AGENT), hours, strict=True):
        await reminds_at(office, organisation, hour)
    cases = await place(office, count) + [await office.place(**via_agent(number)) for number in range(count)]
    await told(office)

    first, second = sorted({case.due_at for case in cases})
    changed, then = await remind(office, first), [kind for kind, _ in await reminded(office, BO)]
    more, after = await remind(office, second), [kind for kind, _ in await reminded(office, BO)]

    assert (changed, more) == (count, count)
    assert then == earlier
    assert after == earlier + later


async def two_homes(office):
    """Bo is in Region Exempel's own Slack too, which carries that alone, and decides for the agent, which has none."""
    role = role_assignment(BO, AGENT, "agent_handler")
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments), role).close())
    team = Team("TREGION", "xoxb-region", (account(BO, "TREGION", id=AT_HOME),))
    home = await office.connect(team, organisation=REGION)
    await office.directory.offer_link(await office.directory.find_by_slack_user(home, AT_HOME), home, AT_HOME)
    await office.directory.confirm_link(home, AT_HOME, office.clock())


async def reminded_at_each(office, direct, conveyed):
    """What Bo is reminded by in which Slack, of so many orders of either kind; two of them an hour later."""
    cases = await place(office, direct, conveyed)
    later = max(case.due_at for case in cases) + timedelta(hours=1)
    await office.change(tables.cases, tables.cases.c.id.in_([cases[1].id, cases[-1].id]), due_at=later)
    for at in (later - timedelta(hours=1), later):
        await remind(office, at)
    rows = [row for row in await office.cards(person_id=BO) if row.kind in REMIND]
    return {
        address: [
            (row.kind, [case.id for case in cases if case.id in as_read({"blocks": shown(office, row).blocks})])
            for row in rows
            if row.address == address
        ]
        for address in (AT_HOME, slack_user(BO))
    }, [case.id for case in cases]


def shown(office, row):
    return office.slack.messages[MessagePlace(row.channel, row.ts)]


@pytest.mark.parametrize(("direct", "conveyed"), [(6, 7), (6, 1), (1, 6), (6, 0), (1, 1)])
async def test_each_slack_reminds_of_what_it_carries_by_one_message_a_day_or_else_one_by_one(office, direct, conveyed):
    await two_homes(office)

    found, cases = await reminded_at_each(office, direct, conveyed)

    def told_of(mine):
        many = [(CardKind.DIGEST, mine[:3])]
        return many if len(mine) > MOST_APART else [(CardKind.REMINDER, [each]) for each in mine]

    assert found == {AT_HOME: told_of(cases[:direct]), slack_user(BO): told_of(cases[direct:])}


async def test_who_has_chosen_ineras_slack_is_reminded_there_of_everything_at_once(office):
    await two_homes(office)
    await LinkedSlacks(office.database).choose(Asking(BO), TEAM)

    found, cases = await reminded_at_each(office, 3, 3)

    assert found == {AT_HOME: [], slack_user(BO): [(CardKind.DIGEST, cases[:3])]}


async def test_what_is_to_be_kept_or_withdrawn_counts_with_questions_and_says_so_in_the_message_of_all(office):
    first = await office.place(key="first", units=(Unit("Först"),))
    while not (kept := await stored(office, first)).wait.asks_to_keep:
        await remind(office, kept.due_at)
    asked = [await office.press(each, BO, Action.REQUEST_COMPLETION, message="Vem?") for each in await place(office, 5)]

    await remind(office, asked[0].due_at)
    message = await the_digest(office, ANNA)

    assert kept.due_at > office.clock()
    assert await reminded(office, ANNA) == [(CardKind.DIGEST, SAID[BO].format(6))]
    read = as_read({"blocks": message.blocks})
    assert [line for line in read.splitlines() if "behålla eller ta tillbaka?" in line and first.id in line]
    assert read.count("behålla eller ta tillbaka?") == 1


async def test_one_person_is_never_reminded_in_both_ways_on_one_day(office):
    waits = [5]
    office = counting(office, lambda *_: waits[0])
    first, second, third, fourth = await place(office, 4)
    await only_due(office, first)
    await remind(office, first.due_at)
    waits[0] = 6
    await only_due(office, second)
    await remind(office, second.due_at)
    alone = [kind for kind, _ in await reminded(office, BO)]

    # The Monday after the Friday.
    await only_due(office, third)
    await remind(office, third.due_at + timedelta(days=3))
    waits[0] = 5
    await only_due(office, fourth)
    await remind(office, office.clock() + timedelta(hours=1))

    assert alone == [CardKind.REMINDER] * 2
    assert sorted(kind for kind, _ in await reminded(office, BO)) == [CardKind.DIGEST, *alone]
    # What was told of by the message has no card that could be shown later on.
    assert {row.due_at for row in await office.cards()} == {None}


async def test_what_whoever_ordered_asks_for_goes_out_by_itself_however_much_waits(office):
    first, *_ = await place(office, 6)
    office.clock.forward(days=1)

    await office.press(first, ANNA, Action.REMIND_NOW)
    await told(office)
    asked_for = await reminded(office, BO)
    await remind(office, first.due_at)

    assert [kind for kind, _ in asked_for] == [CardKind.REMINDER]
    assert sorted(kind for kind, _ in await reminded(office, BO)) == [CardKind.DIGEST, CardKind.REMINDER]


async def test_of_four_clocks_and_relays_each_person_gets_the_message_once(office):
    first, *_ = await place(office, 12)
    offices = [office, *[await office.another() for _ in range(3)]]
    office.clock.at = first.due_at

    async def work(each):
        for _ in range(4):
            await Clock(each.orders.engine).run()
            await each.relay.drain()

    await asyncio.gather(*map(work, offices))
    await told(office)
    for each in offices[1:]:
        await each.database.close()

    once = {person: [(CardKind.DIGEST, said.format(12))] for person, said in SAID.items()}
    assert {person: await reminded(office, person) for person in SAID} == once
    assert await office.cards(kind=CardKind.REMINDER) == []


def remind_crowd(connection, like, people, got):
    """Owe each of some people five reminders like one, and let them have got so many before."""
    old = like | {"workspace_id": TEAM, "does_show": 1, "due_at": None, "alone_on": None}
    new = [(each, like) for each in people for _ in range(5)] + [(each, old) for each in people for _ in range(got)]
    connection.execute(insert(tables.cards), [row | {"id": new_id("C"), "person_id": each} for each, row in new])


def gather_all(connection, at, waiting):
    """Let all out that is to be, a few people at a time; as much waits for each as is said."""
    for _ in range(-(-len(awaiting(connection)) // PEOPLE_AT_ONCE)):
        gather(connection, at, new_id, lambda *_: waiting)
    assert awaiting(connection) == []


def awaiting(connection):
    cards = tables.cards.c
    return connection.execute(
        select(cards.person_id).where(cards.due_at.is_not(None), awaits_others()).distinct()
    ).all()


@pytest.mark.parametrize("waiting", [MOST_APART, MOST_APART + 1])
async def test_on_sqlite_to_remind_somebody_costs_as_much_however_many_are_reminded_and_have_been(
    fresh_sqlite_url, waiting
):
    office = await open_office(fresh_sqlite_url)
    (case,) = await place(office, 1)
    office.clock.at = case.due_at
    await Clock(office.orders.engine).run()
    like = (await office.card(person_id=BO, kind=CardKind.REMINDER))._asdict()
    await office.database.write(lambda connection: many.add_crowd(connection, 200))
    people, steps = [f"P-X{number:06}" for number in range(200)], []
    for some, count, got in ((people[:50], 50, 5), (people[50:], 200, 200)):
        await office.database.write(partial(remind_crowd, like=like, people=some, got=got))
        found = await reading(office.database, partial(gather_all, at=office.clock(), waiting=waiting))
        steps.append(found.amount / count)
    await office.database.close()

    few, many_more = steps
    assert 0 < many_more < few * 1.1, steps


async def test_where_everything_was_decided_before_it_was_sent_nobody_gets_it(office):
    cases = await place(office, 6)
    office.clock.at = cases[0].due_at
    await Clock(office.orders.engine).run()
    await office.database.write(lambda connection: gather(connection, office.clock(), new_id, count_waiting))
    owed = [row.person_id for row in await office.cards(kind=CardKind.DIGEST)]
    for case in cases:
        await office.attest(case, BO)
    await told(office)

    assert sorted(owed) == [BO, CECILIA]
    assert [await reminded(office, person) for person in (BO, CECILIA)] == [[], []]
    assert {row.due_at for row in await office.cards(kind=CardKind.DIGEST)} <= {None}


async def test_whose_organisations_slack_is_off_gets_one_mail_of_everything(office, post):
    office = mailing(office, post)
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    await office.unlink(BO)
    await two_homes(office)
    office.slack.teams[:] = [replace(team, accounts=()) for team in office.slack.teams]
    regions = tables.workspaces.c.organisation_id == REGION
    await office.change(tables.workspaces, regions, problem="app_uninstalled", is_settled=False)
    cases = await place(office, 3, conveyed=3)
    before = len(post.to(BOS_MAIL))

    await remind(office, max(case.due_at for case in cases))

    assert [mail.message["Subject"] for mail in post.to(BOS_MAIL)[before:]] == [SAID[BO].format(6)]


async def test_whoever_is_not_in_slack_gets_the_message_by_mail_with_the_way_to_all_of_them(office, post):
    office = mailing(office, post)
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    await office.unlink(BO)
    office.slack.teams[0] = replace(office.slack.teams[0], accounts=())
    cases = await place(office, 6)
    before = len(post.to(BOS_MAIL))

    await remind(office, cases[0].due_at)

    (mail,) = post.to(BOS_MAIL)[before:]
    assert mail.message["Subject"] == SAID[BO].format(6)
    for part in ("plain", "html"):
        assert cases[0].id in mail.part(part)
        assert "https://kundportal.example.se/logga-in" in mail.part(part)


def counting(office, count):
    """The office, told by something else how much waits."""
    leases = replace(office.leases, count_waiting=count)
    return replace(office, leases=leases, relay=Relay(leases, office.delivery, office.clock))


async def only_due(office, case):
    """The clock does nothing about the others."""
    due = case.due_at - timedelta(days=1)
    await office.change(tables.cases, tables.cases.c.id != case.id, due_at=None)
    await office.change(tables.cases, tables.cases.c.id == case.id, due_at=due)


async def test_a_case_that_cannot_be_read_keeps_nobody_elses_messages_back(office, caplog):
    def broken(*_):
        raise KeyError("state")

    office = counting(office, broken)
    cases = await place(office, 1)
    await remind(office, cases[0].due_at)

    assert [kind for kind, _ in await reminded(office, BO)] == [CardKind.REMINDER]
    assert "waiting_not_counted person=" in caplog.text


async def test_a_digest_that_cannot_be_read_is_tried_again_and_keeps_nothing_else_back(office, caplog):
    cases = await place(office, 6)

    class Broken:
        async def page(self, *_):
            raise KeyError("state")

    delivery = replace(office.delivery, drawer=replace(office.delivery.drawer, lists=Broken()))
    office = replace(office, delivery=delivery, relay=Relay(office.leases, delivery, office.clock))
    office.clock.at = cases[0].due_at
    await Clock(office.orders.engine).run()
    await office.relay.drain()

    assert await reminded(office, BO) == []
    assert "digest_not_read card=" in caplog.text
    digest = await office.card(person_id=BO, kind=CardKind.DIGEST)
    assert (digest.ts, digest.due_at is None) == (None, False)


async def until_gathered(office, person):
    """Let time pass until somebody is owed the one message, which nobody has sent yet."""
    while not (found := await office.cards(person_id=person, kind=CardKind.DIGEST)):
        await told(office)
        due = [row.due_at for row in await cases_of(office) if row.due_at is not None]
        office.clock.at = max(min(due), office.clock())
        await Clock(office.orders.engine).run()
        await office.leases.owing(office.clock())
    return found[0]


async def cases_of(office):
    return await office.database.read(lambda connection: connection.execute(select(tables.cases)).all())


async def test_what_rests_in_a_message_that_is_lost_goes_out_by_itself_and_at_once(office):
    await place(office, 6)
    digest = await until_gathered(office, ANNA)
    resting = await office.cards(asked_in=digest.id)
    (card,) = [each for each in await office.leases.claim(TEAM) if each.id == digest.id]

    await office.results.give_up(card, "not_drawn")
    await told(office)

    assert [row.kind for row in resting] == [CardKind.STANDSTILL] * 6
    out = [await office.card(id=row.id) for row in resting]
    assert [(row.asked_in, row.ts is None) for row in out] == [(None, False)] * 6


async def test_a_question_that_comes_after_the_message_of_the_day_is_in_the_next_mornings(office):
    await place(office, 6)
    while not (asked := await office.cards(person_id=ANNA, kind=CardKind.KEEP_OR_WITHDRAW)):
        await told(office)
        office.clock.at = min(row.due_at for row in await cases_of(office))
        about = day_of(office.clock()).isoformat()
        told_today = owed(new_id("C"), CardKind.DIGEST, Part.ORDERER, office.clock(), person_id=ANNA, about=about)
        told_today |= {"due_at": None, "does_show": 1}
        await office.database.write(lambda connection, row=told_today: connection.execute(insert(tables.cards), [row]))
        await Clock(office.orders.engine).run()
        await office.leases.owing(office.clock())
    morning = in_the_morning(next_working_day(day_of(office.clock()) + timedelta(days=1)))
    waits = [row.due_at for row in asked]

    office.clock.at = morning
    await told(office)

    assert waits == [morning] * 6
    (digest,) = await office.cards(person_id=ANNA, about=day_of(morning).isoformat())
    message = office.slack.messages[MessagePlace(digest.channel, digest.ts)]
    assert "kp.keep_all" in buttons(message)
