"""Those who have a role are asked together in a channel that their organisation has chosen, or each by themselves."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.util import await_

from core.api import Action, Notified, Role, State
from core.shared import errors
from core.storage import tables
from notifications.cards.drawer import CardDrawer
from notifications.outbox.delivery_results import CHANNEL_ATTEMPTS
from notifications.slack.slack_errors import Never, TryLater
from notifications.slack.workspaces import UNINSTALLED
from tests.contract.office import CHANNEL, account, open_office
from tests.contract.test_channel import pass_time
from tests.contract.test_slack_off import consumed
from tests.contract.test_unlinking import turn_mail_on, unlink
from tests.fakes.slack import POST, UPDATE, Team, buttons, decides
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, ERIK, REGION

REGIONS = "slack:TREGION"
TOKEN, ATTESTS, OTHER = "xoxb-region", "CATTESTER1", "CATTESTER2"
BOS, CECILIAS, ADAS, ERIKS = map(seed.slack_user, (BO, CECILIA, ADA, ERIK))
THERE = (ADA, BO, CECILIA, ERIK)


@pytest.fixture
async def office(database_url):
    made = await regions_office(database_url)
    yield made
    await made.database.close()


async def regions_office(url):
    """Those who attest at Region Exempel are asked in a channel of its own Slack; Anna, who orders, is in Inera's."""
    made = await open_office(url)
    made.slack.teams[0] = replace(made.slack.teams[0], accounts=(account(ANNA),))
    theirs = tuple(account(person, "TREGION") for person in THERE)
    await made.connect(Team("TREGION", TOKEN, theirs, (ATTESTS,), name="Regionens Slack"), organisation=REGION)
    mine = tables.identities.c.person_id.in_(THERE)
    await made.change(tables.identities, mine, issuer=REGIONS, organisation_id=REGION)
    await choose(made)
    return made


async def choose(office, notified=Notified.NOBODY, *, asked_only=False, channel=ATTESTS):
    """The organisation chooses where its attestants are asked, anew."""
    chosen = {
        "organisation_id": REGION,
        "role": Role.ATTESTANT,
        "channel": channel,
        "notified": notified,
        "asked_only": asked_only,
        "changed_at": office.clock(),
    }

    def work(connection):
        connection.execute(tables.role_channels.delete())
        connection.execute(insert(tables.role_channels).values(**chosen))

    await office.database.write(work)


async def setting(office):
    return await office.database.read(lambda connection: connection.execute(select(tables.role_channels)).one())


async def placed(office, **changes):
    case = await office.place(**changes)
    await office.relay.drain()
    return case


def leave(office):
    """The app is taken out of the channel."""
    office.slack.teams = [replace(each, channels=()) if each.id == "TREGION" else each for each in office.slack.teams]


def join(office):
    office.slack.teams = [
        replace(each, channels=(ATTESTS,)) if each.id == "TREGION" else each for each in office.slack.teams
    ]


def said_in(shown):
    return str(shown.blocks)


def asks(shown):
    """The line that says by when and who is to answer."""
    *_, lines = (block for block in shown.blocks if block["type"] == "rich_text")
    return "".join(each.get("text") or f"<@{each['user_id']}>" for each in lines["elements"][-1]["elements"])


async def the_card(office):
    """The card in the channel."""
    return await office.card(kind="customer_attest", person_id=None)


# --- asked together


async def test_a_question_to_several_stands_once_in_their_channel_and_nowhere_else(office):
    await placed(office)

    (shown,) = office.slack.in_channel(ATTESTS)
    assert decides(shown)
    assert [office.slack.in_channel(each) for each in (BOS, CECILIAS)] == [[], []]
    assert asks(shown).endswith(" Bo Ek eller Cecilia Dahl attesterar.")


async def test_two_relays_that_find_the_same_question_post_it_once(office):
    other = await office.another()
    await office.place()

    await asyncio.gather(office.relay.drain(), other.relay.drain())

    assert len(office.slack.in_channel(ATTESTS)) == 1
    await other.database.close()


async def test_what_one_of_them_decides_reduces_the_message_and_nobody_else_gets_one(office):
    case = await placed(office)
    card = await the_card(office)

    await office.attest(case, BO, card=card.id, by=REGIONS)
    await office.relay.drain()

    (shown,) = office.slack.in_channel(ATTESTS)
    assert (shown.edits, decides(shown)) == (1, False)
    assert "Bo Ek" in said_in(shown)
    assert [office.slack.in_channel(each) for each in (BOS, CECILIAS)] == [[], []]


async def test_who_has_no_right_is_refused_and_the_message_stays(office):
    case = await placed(office)

    with pytest.raises(errors.NoRole):
        await office.attest(case, ADA, card=(await the_card(office)).id, by=REGIONS)

    await office.relay.drain()
    assert [shown.edits for shown in office.slack.in_channel(ATTESTS)] == [0]


async def test_whoever_is_not_in_that_slack_is_asked_alone(office):
    mine = tables.identities.c.person_id == CECILIA
    office.slack.teams[0] = replace(office.slack.teams[0], accounts=(account(ANNA), account(CECILIA)))
    await office.change(tables.identities, mine, issuer=seed.TEAM, organisation_id=None)

    await placed(office)

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS)] == [1, 0, 1]


async def test_whoever_is_asked_later_at_the_same_step_is_asked_alone_since_an_edit_calls_nobody(office):
    case = await later_attestant(office)

    await office.press(case, BO, Action.HAND_OVER, by=REGIONS, to=ERIK)
    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, ERIKS, CECILIAS)] == [1, 0, 1, 0]
    assert "Erik Lind" in said_in(office.slack.in_channel(ATTESTS)[0])


async def test_without_a_choice_each_is_asked_alone(office):
    await office.database.write(lambda connection: connection.execute(tables.role_channels.delete()))

    await placed(office)

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS)] == [0, 1, 1]


async def test_a_choice_for_another_role_is_none_for_attestants(office):
    await office.change(tables.role_channels, tables.role_channels.c.role == Role.ATTESTANT, role=Role.AGENT_HANDLER)

    await placed(office)

    assert office.slack.in_channel(ATTESTS) == []


# --- whom it calls, and who decides


@pytest.mark.parametrize(
    ("notified", "called", "said"),
    [
        (Notified.NOBODY, set(), "Bo Ek eller Cecilia Dahl attesterar."),
        (Notified.ASKED, {BOS, CECILIAS}, f"<@{BOS}> eller <@{CECILIAS}> attesterar."),
        (Notified.ALL, {BOS, CECILIAS, ERIKS}, f"<@{BOS}> eller <@{CECILIAS}> attesterar. <@{ERIKS}>"),
    ],
)
async def test_it_calls_whom_the_organisation_has_chosen(office, notified, called, said):
    # Erik attests too, up to an amount that this order is over.
    await choose(office, notified)

    await placed(office)

    (shown,) = office.slack.in_channel(ATTESTS)
    assert {each for each in (BOS, CECILIAS, ADAS, ERIKS) if f"<@{each}>" in shown.text} == called
    assert asks(shown).endswith(f" {said}")


@pytest.mark.parametrize(("colleagues", "is_crowd"), [(2, False), (3, True)])
async def test_of_a_crowd_those_alone_are_mentioned_in_the_message_whose_names_stand_there(
    office, colleagues, is_crowd
):
    # Erik and colleagues of his are called besides the two who are asked.
    people = [f"P-{place}" for place in range(colleagues)]
    for person in people:
        rows = (
            (tables.persons, {"id": person, "name": f"Nr {person}", "email": f"{person}@example.org", "active": True}),
            (tables.role_assignments, seed.role_assignment(person, REGION, Role.ATTESTANT, 100)),
            (tables.identities, seed.identity(person) | {"issuer": REGIONS, "organisation_id": REGION}),
        )
        for table, row in rows:
            await office.database.write(lambda c, table=table, row=row: c.execute(insert(table), row))
    await choose(office, Notified.ALL)

    await placed(office)

    (shown,) = office.slack.in_channel(ATTESTS)
    others = {ERIKS, *map(seed.slack_user, people)}
    assert {each for each in (BOS, CECILIAS, *others) if f"<@{each}>" in shown.text} == {BOS, CECILIAS, *others}
    assert f"<@{BOS}> eller <@{CECILIAS}> attesterar." in asks(shown)
    assert {each for each in others if f"<@{each}>" in asks(shown)} == (set() if is_crowd else others)
    # What stands first is what the message is about.
    assert not shown.text.startswith("<@")


async def later_attestant(office):
    """Erik may attest the order that waits, and was not asked when it came."""
    case = await placed(office)
    assert ERIK not in {each.person for each in case.asked}
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == ERIK, attest_limit_ore=None)
    return case


async def test_in_a_channel_anybody_who_may_decides(office):
    case = await later_attestant(office)

    done = await office.attest(case, ERIK, card=(await the_card(office)).id, by=REGIONS)

    assert done.state is State.AWAITING_CUSTOMER_SERVICE
    assert "Bara " not in said_in(office.slack.in_channel(ATTESTS)[0])


async def test_where_the_organisation_says_so_those_alone_decide_in_the_channel_who_are_asked_there(office):
    await choose(office, asked_only=True)
    case, card = await later_attestant(office), (await the_card(office)).id

    with pytest.raises(errors.NotAskedHere):
        await office.attest(case, ERIK, card=card, by=REGIONS)

    assert asks(office.slack.in_channel(ATTESTS)[0]).endswith("Bara Bo Ek eller Cecilia Dahl svarar här.")
    done = await office.attest(case, BO, card=card, by=REGIONS)
    assert done.state is State.AWAITING_CUSTOMER_SERVICE


async def test_a_second_message_of_it_lets_nobody_else_decide_either(office):
    await choose(office, asked_only=True)
    case, card = await later_attestant(office), await the_card(office)
    await office.store.adopt(card.id, ATTESTS, "1763999999.000100")
    copy = await office.card(about=card.id)

    with pytest.raises(errors.NotAskedHere):
        await office.attest(case, ERIK, card=copy.id, by=REGIONS)


async def test_whoever_is_not_asked_in_the_channel_decides_elsewhere_all_the_same(office):
    await choose(office, asked_only=True)
    case = await later_attestant(office)

    done = await office.attest(case, ERIK, by=REGIONS)

    assert done.state is State.AWAITING_CUSTOMER_SERVICE


# --- the channel takes nothing


async def test_a_channel_that_the_app_is_not_in_loses_nobody_and_the_administrator_is_told_once(office):
    leave(office)

    await placed(office)
    join(office)
    await placed(office, **consumed(2))

    # Nobody tells us that the channel is mended: it is not tried again at once.
    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS)] == [0, 2, 2]
    (told,) = office.slack.in_channel(ADAS)
    assert "channel_not_found" not in said_in(told)
    assert "Bjud in appen i kanalen med /invite @Kundportalen" in said_in(told)
    assert ATTESTS in said_in(told)
    assert await office.cards(kind="customer_attest", person_id=None) == []


async def test_a_channel_that_fails_for_now_is_waited_for_some_minutes_and_then_each_is_asked_alone(office):
    office.slack.trouble(POST, TryLater("internal_error"), to=ATTESTS, times=CHANNEL_ATTEMPTS)
    await placed(office)

    await pass_time(office, minutes=3)
    assert [office.slack.in_channel(each) for each in (ATTESTS, BOS, CECILIAS)] == [[], [], []]

    await pass_time(office, minutes=12)
    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS, ADAS)] == [0, 1, 1, 1]


async def test_a_message_that_cannot_be_changed_for_now_is_tried_on_as_long_as_it_stands(office):
    case = await placed(office)
    await office.attest(case, BO, card=(await the_card(office)).id, by=REGIONS)
    office.slack.trouble(UPDATE, TryLater("internal_error"), to=ATTESTS, times=CHANNEL_ATTEMPTS + 1)

    await pass_time(office, minutes=40)

    assert not decides(office.slack.in_channel(ATTESTS)[0])


async def test_what_cannot_be_drawn_for_a_channel_asks_each_alone_and_is_no_matter_of_the_administrators(
    office, monkeypatch
):
    drawn = CardDrawer.drawn

    def for_people_alone(self, card, *more):
        if card.is_in_role_channel:
            raise ValueError
        return drawn(self, card, *more)

    monkeypatch.setattr(CardDrawer, "drawn", for_people_alone)
    await placed(office)

    await pass_time(office, minutes=15)

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS, ADAS)] == [0, 1, 1, 0]


async def test_a_channel_is_tried_again_after_an_hour_and_is_well_once_it_takes_a_message(office):
    leave(office)
    await placed(office)
    assert (await setting(office)).problem == "channel_not_found"
    office.clock.forward(hours=1)
    join(office)

    await placed(office, **consumed(2))

    assert len(office.slack.in_channel(ATTESTS)) == 1
    assert (await setting(office)).problem is None


async def test_another_loss_of_the_same_choice_tells_nobody_again_but_one_of_a_new_choice_does(office):
    leave(office)
    await placed(office)
    office.clock.forward(hours=2)
    await placed(office, **consumed(2))
    assert len(office.slack.in_channel(ADAS)) == 1

    await choose(office)
    await placed(office, **consumed(3))

    assert len(office.slack.in_channel(ADAS)) == 2


async def test_a_channel_that_is_lost_again_once_it_was_well_is_told_of_again(office):
    leave(office)
    await placed(office)
    office.clock.forward(hours=1)
    join(office)
    await placed(office, **consumed(2))
    office.clock.forward(days=60)
    leave(office)

    await placed(office, **consumed(3))

    _, again = office.slack.in_channel(ADAS)
    assert "Bjud in appen i kanalen med /invite @Kundportalen" in said_in(again)
    assert ATTESTS in said_in(again)


@pytest.mark.parametrize(("days", "told"), [(0, 1), (1, 1), (2, 2)])
async def test_a_channel_that_comes_and_goes_is_told_of_again_once_it_was_well_for_a_working_day(office, days, told):
    # It is Wednesday morning, and an order an hour.
    for count in (1, 2, 3):
        leave(office)
        await placed(office, **consumed(2 * count))
        join(office)
        office.clock.forward(hours=1)
        await placed(office, **consumed(2 * count + 1))
    assert len(office.slack.in_channel(ADAS)) == 1
    office.clock.forward(days=days)
    leave(office)

    await placed(office, **consumed(8))

    assert len(office.slack.in_channel(ADAS)) == told


async def test_a_channel_whose_messages_can_be_changed_is_not_well_until_one_is_posted(office):
    case = await placed(office)
    office.slack.trouble(POST, Never("restricted_action"), to=ATTESTS, times=2)
    await placed(office, **consumed(2))

    await office.attest(case, BO, by=REGIONS)
    await office.relay.drain()
    office.clock.forward(hours=1)
    await placed(office, **consumed(3))

    assert not decides(office.slack.in_channel(ATTESTS)[0])
    assert (await setting(office)).problem == "restricted_action"
    assert len(office.slack.in_channel(ADAS)) == 1


async def test_a_message_that_can_be_changed_no_more_while_it_asks_asks_each_alone(office):
    case = await placed(office)
    office.slack.trouble(UPDATE, Never("is_archived"), to=ATTESTS)

    await office.database.write(
        lambda connection: connection.execute(
            update(tables.cards).where(tables.cards.c.person_id.is_(None)).values(due_at=office.clock())
        )
    )
    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (BOS, CECILIAS)] == [1, 1]
    assert (await the_card(office)).given_up_at is not None
    await office.attest(case, BO, by=REGIONS)
    await office.relay.drain()
    assert [shown.edits for shown in office.slack.in_channel(CECILIAS)] == [1]


async def test_a_message_that_can_be_changed_no_more_once_it_is_decided_asks_nobody(office):
    case = await placed(office)
    office.slack.trouble(UPDATE, Never("is_archived"), to=ATTESTS)

    await office.attest(case, BO, by=REGIONS)
    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (BOS, CECILIAS)] == [0, 0]
    assert (await setting(office)).problem == "is_archived"


async def test_a_message_that_somebody_has_deleted_is_posted_anew(office):
    await placed(office)
    (place,) = (place for place in office.slack.messages if place.channel == ATTESTS)
    del office.slack.messages[place]

    await office.database.write(
        lambda connection: connection.execute(
            update(tables.cards).where(tables.cards.c.person_id.is_(None)).values(due_at=office.clock())
        )
    )
    await office.relay.drain()

    assert len(office.slack.in_channel(ATTESTS)) == 1


async def test_a_question_that_is_being_taken_out_of_the_channel_keeps_nobody_waiting_there(fresh_postgres_url):
    office = await regions_office(fresh_postgres_url)
    other = await office.another()
    case = await on_its_way(office)
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == ERIK, attest_limit_ore=None)
    await office.press(case, BO, Action.HAND_OVER, by=REGIONS, to=ERIK)
    theirs = tables.cards.c.id == (await the_card(office)).id

    def ends_while_another_looks(connection):
        connection.execute(tables.cards.delete().where(theirs))
        await_(office.leases.owing(office.clock()))

    await other.database.write(ends_while_another_looks)

    eriks = await office.card(kind="customer_attest", person_id=ERIK)
    assert (eriks.asked_in, eriks.workspace_id) == (None, REGIONS)
    for each in (office, other):
        await each.database.close()


# --- another choice while it is on its way


async def on_its_way(office):
    """A question is owed to the channel, and stands nowhere yet."""
    case = await office.place()
    await office.leases.owing(office.clock())
    assert (await the_card(office)).address == ATTESTS
    return case


async def test_nothing_is_posted_in_a_channel_that_has_been_taken_away_meanwhile(office):
    await on_its_way(office)

    await office.database.write(lambda connection: connection.execute(tables.role_channels.delete()))
    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, BOS, CECILIAS)] == [0, 1, 1]


async def test_what_was_on_its_way_to_a_channel_stands_in_the_one_that_was_chosen_meanwhile(office):
    await on_its_way(office)
    office.slack.teams = [
        replace(each, channels=(ATTESTS, OTHER)) if each.id == "TREGION" else each for each in office.slack.teams
    ]

    await choose(office, channel=OTHER)
    await office.relay.drain()

    assert [len(office.slack.in_channel(each)) for each in (ATTESTS, OTHER, BOS, CECILIAS)] == [0, 1, 0, 0]


# --- the app is taken away


@pytest.mark.parametrize("is_posted", [True, False])
async def test_a_slack_that_takes_the_app_away_lets_each_be_asked_elsewhere_and_customer_service_sees_nothing(
    office, is_posted
):
    await office.place()
    if is_posted:
        await office.relay.drain()
    else:
        await office.leases.owing(office.clock())
        assert (await the_card(office)).channel is None
    office.slack.teams = [team for team in office.slack.teams if team.id != "TREGION"]
    assert await office.workspaces.note_problem(REGIONS, UNINSTALLED)

    await office.relocation.run()
    await office.relay.drain()

    waiting = await office.cards(kind="customer_attest", asked_in=None)
    assert {row.person_id for row in waiting if row.due_at is not None} == {BO, CECILIA}
    assert not [shown for shown in office.slack.in_channel(CHANNEL) if buttons(shown).keys() - {"kp.details"}]
    assert not [shown for shown in office.slack.in_channel(CHANNEL) if "attest" in said_in(shown)]


# --- somebody's account is theirs no longer


async def test_whoever_is_unlinked_while_asked_in_the_channel_is_asked_otherwise_and_the_rest_go_on_there(office):
    await placed(office)
    await turn_mail_on(office)

    await unlink(office, BO)

    bos, cecilias = [await office.card(kind="customer_attest", person_id=person) for person in (BO, CECILIA)]
    assert (bos.asked_in, bos.workspace_id, bos.due_at) == (None, "mail", office.clock())
    assert (cecilias.asked_in, cecilias.due_at) == ((await the_card(office)).id, None)


async def test_whoever_is_unlinked_once_it_is_decided_is_asked_nothing_more(office):
    case = await placed(office)
    await turn_mail_on(office)
    await office.attest(case, CECILIA, by=REGIONS)

    await unlink(office, BO)

    assert (await office.card(kind="customer_attest", person_id=BO)).due_at is None
