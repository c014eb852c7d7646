"""Who cannot be reached yet is found by e-mail, asked once, and gets what waited once the answer is yes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Asking,
    CaseList,
    CaseNotFound,
    EndSubstitution,
    FormError,
    Identity,
    InboxQuery,
    Language,
    NoRole,
    RenamePerson,
    Role,
    Seen,
    SetSubstitute,
    State,
    Surface,
    Unit,
    day_of,
    new_id,
)
from core.shared.errors import NoSubstitution
from core.storage import tables
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from notifications.accounts import account_links
from notifications.accounts.directory import Nobody
from notifications.accounts.holder import NotSaid
from notifications.slack.slack_errors import Never, TryLater, Wait
from tests.contract.office import CHANNEL, account, identity, open_office, team, via_agent, wish
from tests.contract.test_mail import administration
from tests.fakes.slack import INFO, LOOK_UP, POST, UPDATE, Team, buttons
from tests.support.world import seed
from tests.support.world.absent import absences
from tests.support.world.seed import AGENT, ANNA, ASTA, BO, CECILIA, DAVID, NPO_KONSUMENT, REGION, TEAM

BOS, CECILIAS = map(seed.slack_user, (BO, CECILIA))
OTHER = "slack:TOTHER"


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    await made.unlink(BO)
    yield made
    await made.database.close()


async def test_somebody_without_an_account_is_found_by_e_mail_and_asked_once(office):
    await office.place()
    await office.relay.drain()
    await office.place(**direct_again())
    office.clock.forward(hours=2)

    await office.relay.drain()

    (asked,) = office.slack.in_channel(BOS)
    assert set(buttons(asked)) == {"kp.link_yes", "kp.link_no"}
    assert len(office.slack.sent(LOOK_UP)) == 1


async def test_the_question_whose_an_account_is_says_when_something_waits_for_the_answer(office):
    await office.place()

    await office.relay.drain()

    (asked,) = office.slack.in_channel(BOS)
    assert asked.text.startswith("Något väntar på dig i Kundportalen.")


async def test_whoever_comes_unasked_is_not_told_that_something_waits(office):
    workspace = await home(office)
    await office.directory.offer_link(await office.directory.find_by_slack_user(workspace, BOS), workspace, BOS)

    await office.relay.drain()

    (asked,) = office.slack.in_channel(BOS)
    assert "väntar" not in str(asked)


async def test_what_waited_is_shown_as_soon_as_the_person_says_yes(office):
    case = await office.place()
    await office.relay.drain()
    linked = await office.directory.answer_link(identity(BO), yes=True, at=office.clock())

    await office.relay.drain()

    greeting, request = office.slack.in_channel(BOS)
    assert linked.person == BO
    assert buttons(greeting).get("kp.link_yes") is None
    assert "kp.attest" in buttons(request)
    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_a_greeting_names_the_first_organisations_that_each_administers(office):
    await office.unlink(CECILIA)
    administers = [(BO, name) for name in (*"ABCDEFGH",)] + [(CECILIA, "Ö"), (CECILIA, "Ended")]
    await office.database.write(lambda connection: _administrators(connection, administers))
    ended = tables.role_assignments.c.organisation_id == "O-Ended"
    await office.change(tables.role_assignments, ended, valid_to=office.clock())
    await office.place()
    await office.relay.drain()
    for person in (BO, CECILIA):
        await office.directory.answer_link(identity(person), yes=True, at=office.clock())

    await office.relay.drain()

    bos, cecilias = (str(office.slack.in_channel(seed.slack_user(each))[0].blocks) for each in (BO, CECILIA))
    assert "'A, B, C'" in bos
    assert "'Ö'" in cecilias


async def test_who_says_no_is_told_to_customer_service(office):
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())

    await office.relay.drain()

    bos = await office.card(person_id=BO, kind="customer_attest")
    assert (bos.last_error, bos.given_up_at) == ("declined", office.clock())
    (told,) = office.slack.in_channel(CHANNEL)
    assert "Bo Ek" in told.text


async def test_who_does_not_answer_for_days_is_told_to_customer_service_and_may_answer_still(office):
    await office.place()
    await office.relay.drain()
    assert office.slack.in_channel(CHANNEL) == []

    # A Wednesday and four working days.
    for _ in range(6):
        office.clock.forward(days=1)
        await office.relay.drain()

    (told,) = office.slack.in_channel(CHANNEL)
    assert "Bo Ek" in told.text
    assert "Är det du?" in str(told.blocks)
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    await office.relay.drain()
    bos = await office.card(person_id=BO, kind="customer_attest")
    assert (bos.given_up_at, bos.does_show > 0) == (None, True)


async def test_who_is_in_no_workspace_is_told_to_customer_service(office):
    office.slack.teams[0] = Team(team().id, team().token, (), (CHANNEL,))
    await office.place()
    await office.unlink(ANNA, CECILIA)
    await office.relay.drain()
    office.clock.forward(seconds=1)

    await office.relay.drain()

    assert {row.last_error for row in await office.cards(kind="customer_attest")} == {"not_in_slack"}
    assert len(office.slack.in_channel(CHANNEL)) == 3


@pytest.mark.parametrize("what", ["is_bot", "is_deleted", "is_stranger"])
async def test_bots_strangers_and_people_who_have_left_are_not_asked(office, what):
    office.slack.teams[0] = Team(team().id, team().token, (account(BO, **{what: True}),), (CHANNEL,))

    assert await office.directory.seek(BO) == Nobody("not_in_slack")
    assert await office.directory.find_by_slack_user(await home(office), BOS) is None


@pytest.mark.parametrize("problem", [Wait("ratelimited", 30), TryLater("http_503"), Never("token_revoked")])
async def test_where_slack_does_not_say_whose_an_account_is_that_is_no_no(office, problem):
    workspace = await home(office)
    office.slack.trouble(INFO, problem, times=2)

    found = await office.directory.find_by_slack_user(workspace, BOS)

    assert found == NotSaid(problem)
    with pytest.raises(type(problem)):
        await office.directory.confirm_link(workspace, BOS, office.clock())


async def test_an_account_that_its_slack_does_not_know_is_nobodys(office):
    assert await office.directory.find_by_slack_user(await home(office), "U0NOBODY01") is None


async def test_somebody_of_the_same_enterprise_may_be_asked(office):
    workspace = await office.connect(Team("TGRID", "xoxb-grid", (), enterprise_id="E1"))
    office.slack.teams[-1] = Team("TGRID", "xoxb-grid", (account(BO, "TOTHER", enterprise_id="E1"),))

    found = await office.directory.find_by_slack_user(workspace, BOS)

    assert found.id == BO


async def test_a_person_is_found_by_account_for_the_home_tab_and_offered_the_link_once(office):
    workspace = await home(office)
    bo = await office.directory.find_by_slack_user(workspace, BOS)

    first = await office.directory.offer_link(bo, workspace, BOS)
    second = await office.directory.offer_link(bo, workspace, BOS)

    assert (bo.id, first, second) == (BO, True, False)
    assert len(await office.cards(kind="link")) == 1


async def test_nobody_answers_what_was_not_asked(office):
    assert await office.directory.answer_link(identity(BO), yes=True, at=office.clock()) is None


async def test_a_confirmed_account_stays_confirmed(office):
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())

    again = await office.directory.answer_link(identity(BO), yes=False, at=office.clock())

    assert again.state == "confirmed"


async def test_another_workspace_is_tried_when_the_account_in_the_first_was_declined(office):
    await office.place()
    await office.relay.drain()
    await office.connect(Team("TOTHER", "xoxb-other", (account(BO, "TOTHER", id="UBOTHER"),)))
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())

    await office.relay.drain()

    assert len(office.slack.in_channel("UBOTHER")) == 1
    assert office.slack.in_channel(CHANNEL) == []


async def test_a_workspace_in_trouble_is_asked_again_later(office):
    office.slack.trouble(LOOK_UP, TryLater("http_503"))
    await office.place()
    await office.relay.drain()
    office.clock.forward(seconds=3)

    await office.relay.drain()

    assert len(office.slack.in_channel(BOS)) == 1
    assert office.slack.in_channel(CHANNEL) == []


async def test_a_look_up_that_must_wait_is_no_failure_and_waits_in_every_process(office):
    other = await office.another()
    office.slack.trouble(LOOK_UP, Wait("ratelimited", 20))
    await office.place()
    await office.relay.drain()
    with pytest.raises(Wait, match="paced"):
        await other.directory.seek(BO)
    waiting = await office.card(person_id=BO)
    office.clock.forward(seconds=21)

    await other.relay.drain()

    assert waiting.attempts == 0
    await other.database.close()
    assert len(office.slack.in_channel(BOS)) == 1


async def test_a_missing_scope_stops_the_workspace_instead_of_giving_people_up(office):
    office.slack.trouble(LOOK_UP, Never("missing_scope"), times=10)

    with pytest.raises(TryLater):
        await office.directory.seek(BO)

    assert (await home(office)).problem == "missing_scope"


async def test_a_question_that_cannot_be_delivered_gives_up_what_waited_for_it(office):
    office.slack.trouble(POST, Never("user_disabled"), to=BOS, times=10)
    await office.place()

    await office.relay.drain()

    assert (await office.card(person_id=BO, kind="customer_attest")).given_up_at == office.clock()
    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_cards_that_were_given_up_are_owed_again_once_the_person_is_linked(office):
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())

    await office.relay.drain()

    assert "kp.attest" in buttons(office.slack.in_channel(BOS)[-1])
    assert (await office.card(person_id=BO, kind="customer_attest")).given_up_at is None


async def test_what_slack_says_a_person_reads_counts_until_the_person_chooses(office):
    await office.change(tables.persons, tables.persons.c.id == BO, language=None)
    office.slack.teams[0] = Team(team().id, team().token, (account(BO, locale="en-GB"),), (CHANNEL,))

    await office.directory.seek(BO)

    assert (await office.directory.find_by_slack_user(await home(office), BOS)).language is Language.EN
    assert len(office.slack.sent(INFO)) == 2


async def test_what_slack_says_counts_for_that_person_and_where_nothing_is_chosen(office):
    await office.change(tables.persons, tables.persons.c.id.in_([BO, DAVID]), language=None)
    for person in (BO, ANNA):
        await office.database.write(
            lambda connection, who=person: account_links.set_language(connection, who, Language.EN)
        )

    reads = [(await office.directory.whereabouts(person)).language for person in (BO, ANNA, DAVID)]

    assert reads == [Language.EN, Language.SV, None]


async def test_before_any_workspace_is_known_nobody_is_given_up(office):
    await office.database.write(lambda connection: connection.execute(tables.workspaces.delete()))
    unknowing = await office.another()
    await office.place()
    await unknowing.relay.drain()
    await unknowing.connect(unknowing.slack.teams[0], channel=CHANNEL)
    office.clock.forward(seconds=5)

    await unknowing.relay.drain()

    assert [len(office.slack.in_channel(seed.slack_user(each))) for each in (ANNA, BO, CECILIA)] == [1, 1, 1]
    assert office.slack.in_channel(CHANNEL) == []
    await unknowing.database.close()


async def test_while_a_workspace_cannot_be_asked_nobody_is_given_up(office):
    await office.workspaces.note_problem(TEAM, "token_revoked")

    with pytest.raises(TryLater, match="token_revoked"):
        await office.directory.seek(BO)


async def test_who_has_left_is_not_looked_for(office):
    await office.change(tables.persons, tables.persons.c.id == BO, active=False)

    assert await office.directory.seek(BO) == Nobody("inactive")
    assert office.slack.calls == []


async def test_the_account_of_somebody_who_has_left_is_nobodys(office):
    await office.change(tables.persons, tables.persons.c.id == BO, active=False)

    assert await office.directory.find_by_slack_user(await home(office), BOS) is None


async def test_the_newest_confirmed_account_gets_the_cards(office):
    await office.connect(Team("TNEW", "xoxb-new", (account(ANNA, "TNEW", id="UANNANEW"),)))
    link = {"issuer": "slack:TNEW", "subject": "UANNANEW", "person_id": ANNA, "state": "confirmed"}
    row = link | {"at": office.clock() - timedelta(days=1)}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(**row)))
    await office.place()

    await office.relay.drain()

    assert len(office.slack.in_channel("UANNANEW")) == 1


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize(("problem", "place"), [(None, "slack:TREGION"), ("missing_scope", TEAM)])
async def test_the_own_organisations_slack_gets_the_cards_before_ineras(office, days, problem, place):
    """Whichever was confirmed last, unless nothing is sent there for now."""
    await office.connect(Team("TREGION", "xoxb-region", (account(ANNA, "TREGION", id="UANNA1"),)), organisation=REGION)
    if problem is not None:
        await office.workspaces.note_problem("slack:TREGION", problem)
    await office.change(tables.identities, tables.identities.c.person_id == ANNA, at=office.clock())
    link = {"issuer": "slack:TREGION", "subject": "UANNA1", "person_id": ANNA, "state": "confirmed"}
    row = link | {"at": office.clock() + timedelta(days=days), "organisation_id": REGION}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(**row)))
    case = await office.place()

    await office.leases.owing(office.clock())

    assert (await office.card(person_id=ANNA, case_id=case.id)).workspace_id == place


async def test_a_card_stays_where_it_stands_when_its_reader_has_a_newer_account_elsewhere(office):
    case = await office.place()
    await office.relay.drain()
    await office.connect(Team("TNEW", "xoxb-new", (account(ANNA, "TNEW", id="UANNANEW"),)))
    link = {"issuer": "slack:TNEW", "subject": "UANNANEW", "person_id": ANNA, "state": "confirmed"}
    row = link | {"at": office.clock()}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(**row)))
    await office.attest(case, CECILIA)
    new = await office.place(**direct_again())

    await office.leases.owing(office.clock())

    living = {"person_id": ANNA, "kind": "status"}
    placed = [(await office.card(**living, case_id=each.id)).workspace_id for each in (case, new)]
    assert placed == [TEAM, "slack:TNEW"]


async def test_a_yes_brings_back_nothing_that_was_seen_is_over_or_is_on_its_way(office):
    """Anna, who has an account, says yes about another."""
    seen, over, waits = [await office.place(**via_agent(number)) for number in (1, 2, 3)]
    await office.press(over, ANNA, Action.WITHDRAW, confirmed=True)
    lost = {"due_at": None, "given_up_at": office.clock()}
    await office.change(tables.cards, annas_cards(over), **lost)
    await office.leases.owing(office.clock())
    await office.change(tables.cards, annas_cards(seen), **lost, channel="DANNA", ts="1.1", does_show=1)
    await office.change(tables.cards, annas_cards(waits), due_at=office.clock() + timedelta(seconds=20), attempts=3)
    before = await office.cards(person_id=ANNA)
    await ask(office, ANNA, OTHER, "UANNA2")

    await office.directory.answer_link(Identity(OTHER, "UANNA2"), yes=True, at=office.clock())

    assert [row for row in await office.cards(person_id=ANNA) if row.kind != "link"] == before


def annas_cards(case):
    """Anna's cards of an order."""
    return (tables.cards.c.person_id == ANNA) & (tables.cards.c.case_id == case.id)


async def test_an_answer_changes_the_question_that_it_answers_and_no_other(office):
    await questions(office)
    await office.relay.drain()

    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())
    await office.relay.drain()

    assert await declined(office) == {(TEAM, BOS)}
    assert [shown.edits for shown in office.slack.in_channel("UBOTHER")] == [0]


async def test_an_answer_that_comes_while_the_question_is_being_shown_is_shown_after_it(office):
    await questions(office)
    (card,) = [card for card in await office.leases.claim(TEAM) if card.address == BOS]
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())

    await office.results.settle(card)

    assert (await office.card(id=card.id)).due_at == office.clock()


async def test_an_account_that_cannot_be_asked_is_withdrawn_and_no_other(office):
    await questions(office)
    (card,) = [card for card in await office.leases.claim(TEAM) if card.address == BOS]

    await office.results.give_up(card, "user_disabled")

    assert await declined(office) == {(TEAM, BOS)}


async def test_a_greeting_that_cannot_be_shown_unlinks_nobody(office):
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    office.slack.trouble(UPDATE, Never("cant_update_message"))

    await office.relay.drain()

    assert (await office.card(kind="link")).given_up_at is not None
    assert await SqlQueries(office.database).person_of(identity(BO)) is not None


async def test_a_channels_card_waits_until_a_workspace_has_the_channel(office):
    await office.change(tables.workspaces, tables.workspaces.c.id == TEAM, channel=None)
    case = await office.place()
    await office.attest(case, CECILIA)
    await office.relay.drain()
    await office.change(tables.workspaces, tables.workspaces.c.id == TEAM, channel=CHANNEL)
    office.clock.forward(minutes=2)

    await office.relay.drain()

    assert len(office.slack.in_channel(CHANNEL)) == 1


async def test_an_account_that_speaks_for_somebody_is_offered_to_nobody_else(office):
    bo = await office.directory.find_by_slack_user(await home(office), BOS)

    assert not await office.directory.offer_link(bo, await home(office), seed.slack_user(ANNA))
    assert (await office.orders.place(wish())).orderer == ANNA


async def questions(office):
    """Bo is asked in two workspaces, a colleague in each; one has there the user id that Bo has here."""
    accounts = (account(BO, "TOTHER", id="UBOTHER"), account(ASTA, "TOTHER", id=BOS))
    await office.connect(Team("TOTHER", "xoxb-other", accounts))
    await office.unlink(CECILIA)
    for person, issuer, user in (
        (BO, TEAM, BOS),
        (BO, OTHER, "UBOTHER"),
        (CECILIA, TEAM, CECILIAS),
        (ASTA, OTHER, BOS),
    ):
        await ask(office, person, issuer, user)


async def ask(office, person, issuer, user):
    """Put the question whose an account is to whoever holds it."""

    def work(connection):
        return account_links.offer(connection, Identity(issuer, user), person, at=office.clock(), new_id=new_id)

    await office.database.write(work)


async def declined(office):
    """The accounts that were declined."""
    query = select(tables.identities.c.issuer, tables.identities.c.subject).where(
        tables.identities.c.state == "declined"
    )
    return await office.database.read(lambda connection: set(map(tuple, connection.execute(query))))


def direct_again():
    """Another order that Bo may attest."""
    return {"offer": NPO_KONSUMENT, "units": (Unit("Eken"),), "technical_contact": "it@example.org", "key": "V2"}


async def home(office):
    """The workspace of most tests."""
    return await office.workspaces.by_team(team().id, None)


async def test_a_yes_counts_while_the_account_still_has_the_persons_address(office):
    await office.place()
    await office.relay.drain()

    linked = await office.directory.confirm_link(await here(office), BOS, office.clock())

    assert linked.person == BO


@pytest.mark.parametrize("changed", [{"email": "somebody.else@example.org"}, {"is_guest": True}, {"is_deleted": True}])
async def test_a_yes_from_an_account_that_changed_hands_links_nobody(office, changed):
    await office.place()
    await office.relay.drain()
    office.slack.change(BOS, **changed)

    assert await office.directory.confirm_link(await here(office), BOS, office.clock()) is None
    assert await SqlQueries(office.database).person_of(identity(BO)) is None


async def test_who_waited_as_a_guest_is_asked_once_a_full_member(office):
    office.slack.change(BOS, is_guest=True)
    unseen = await office.directory.seek(BO)
    guest = await office.directory.find_by_slack_user(await here(office), BOS)
    await office.directory.ask_administrator(guest, await here(office), BOS)
    waiting = await office.directory.seek(BO)
    office.slack.change(BOS, is_guest=False)

    assert (unseen, waiting, await office.directory.seek(BO)) == (Nobody("not_in_slack"), Nobody("guest"), None)
    await office.relay.drain()
    (asked,) = office.slack.in_channel(BOS)
    assert set(buttons(asked)) == {"kp.link_yes", "kp.link_no"}


async def test_a_question_that_stands_is_taken_back_from_who_has_become_a_guest(office):
    await office.place()
    await office.relay.drain()
    office.slack.change(BOS, is_guest=True)

    guest = await office.directory.find_by_slack_user(await here(office), BOS)
    await office.directory.ask_administrator(guest, await here(office), BOS)
    await office.relay.drain()

    (taken_back,) = office.slack.in_channel(BOS)
    assert buttons(taken_back) == {}
    assert "Er administratör i Kundportalen får frågan" in str(taken_back.blocks)


async def here(office):
    return await office.workspaces.by_team(TEAM.removeprefix("slack:"), None)


def _administrators(connection, administers):
    """People who administer organisations with these names."""
    made = [
        {
            "id": f"O-{name}",
            "name": name,
            "org_number": f"22222222{number:02}",
            "org_number_is_personal": False,
            "kinds": ["customer"],
            "category": "region",
            "self_attest_allowed": False,
        }
        for number, (_, name) in enumerate(administers)
    ]
    roles = [seed.role_assignment(person, f"O-{name}", Role.ADMINISTRATOR) for person, name in administers]
    connection.execute(insert(tables.organisations), made)
    connection.execute(insert(tables.role_assignments), roles)


# --- each organisation's own Slack


async def test_somebody_is_looked_for_in_the_own_organisations_slack_before_ineras(office):
    await office.connect(Team("TREGION", "xoxb-region", (account(BO, "TREGION", id="UBOREGION"),)), organisation=REGION)
    await office.place()

    await office.relay.drain()

    assert len(office.slack.in_channel("UBOREGION")) == 1
    assert office.slack.in_channel(BOS) == []


async def test_nobody_is_looked_for_in_the_slack_of_another_organisation(office):
    stranger = Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UBOAGENT"),))
    there = await office.connect(stranger, organisation=AGENT)
    office.slack.teams[0] = Team(team().id, team().token, (), (CHANNEL,))
    await office.place()

    await office.relay.drain()

    assert office.slack.in_channel("UBOAGENT") == []
    assert await office.directory.find_by_slack_user(there, "UBOAGENT") is None
    assert (await office.card(person_id=BO, kind="customer_attest")).last_error == "not_in_slack"


async def test_whoever_runs_a_slack_does_not_become_the_attestant_of_another_organisation(office):
    """The agent gives Bo a role, and an account in its own Slack his address: he attests for Region Exempel."""
    there = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UEVIL"),)), organisation=AGENT)
    await grant(office, BO, AGENT)

    case = await office.place()
    await office.relay.drain()
    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UEVIL"), there, "UEVIL")
    await office.directory.confirm_link(there, "UEVIL", office.clock())

    await cannot_attest(office, case, Identity(there.id, "UEVIL"))


async def test_an_account_from_before_carries_nothing_once_another_organisation_gives_the_person_a_role(office):
    """The agent made Bo a colleague before Region Exempel knew of him, and holds the account that says so."""
    await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UEVIL"),)), organisation=AGENT)
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == BO, organisation_id=AGENT)
    there = await office.workspaces.by_id("slack:TAGENT")
    await office.directory.seek(BO)
    await office.directory.confirm_link(there, "UEVIL", office.clock())
    queries, evil = SqlQueries(office.database), Identity("slack:TAGENT", "UEVIL")
    before = await queries.person_of(evil)

    await grant(office, BO, REGION, Role.ATTESTANT)
    case = await office.place()
    await office.relay.drain()

    assert (before, await queries.person_of(evil)) == (before, before)
    await cannot_attest(office, case, evil)


async def cannot_attest(office, case, by):
    """Whoever holds the account neither decides nor learns anything of an order of Region Exempel's."""
    await office.relay.drain()
    queries, inbox, at = SqlQueries(office.database), SqlInbox(office.database), office.clock()
    who = (await queries.person_of(by)).asking
    lists = [await inbox.page(who, InboxQuery(listed), at) for listed in CaseList]
    assert who == Asking(BO, AGENT)
    with pytest.raises((NoRole, CaseNotFound)):
        await office.orders.act(attest_as(case, by))
    assert {*await queries.roles_of(who, at)} == {AGENT}
    assert not any(page.rows for page in lists)
    assert not (await inbox.search(who, case.id, at, 5)).rows
    assert not await inbox.customers(who, CaseList.WAITING, "", at)
    assert await queries.waiting_for(who, at, 5) == []
    assert not any("kp.attest" in buttons(each) for each in office.slack.in_channel(by.subject))


async def test_by_an_account_of_one_organisations_slack_nobody_keeps_or_orders_for_another(office):
    """Bo keeps both organisations, and the agent's Slack says which account is his."""
    there = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UEVIL"),)), organisation=AGENT)
    for organisation in (AGENT, REGION):
        await grant(office, BO, organisation, Role.ADMINISTRATOR)
    await grant(office, BO, REGION, Role.ORDERER)
    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UEVIL"), there, "UEVIL")
    await office.directory.confirm_link(there, "UEVIL", office.clock())
    evil, day = Identity(there.id, "UEVIL"), day_of(office.clock())
    keep, away = administration(office), absences(office.database, office.clock)
    substituted = SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, day, day)
    made = (await away.set_substitute(substituted)).substitution

    for work in (
        keep.organisation(evil, REGION),
        keep.people(evil, REGION),
        keep.holdings(evil, REGION),
        keep.rename(RenamePerson(evil, REGION, CECILIA, "Någon Annan")),
        SqlQueries(office.database).offers_for(evil, REGION, "", office.clock(), 9),
        away.set_substitute(replace(substituted, by=evil, substitute=DAVID)),
    ):
        with pytest.raises(NoRole):
            await work
    with pytest.raises(NoSubstitution):
        await away.end_substitution(EndSubstitution(evil, made.id))
    with pytest.raises(FormError):
        await office.place(by=evil)

    assert [each.id for each in await keep.find(evil)] == [AGENT]
    assert await keep.readiness(evil, [REGION]) == {}
    assert [await away.mine(evil), await away.administered_by(evil), await away.colleagues(evil, REGION)] == [[]] * 3
    assert made.id in {each.id for each in await away.mine(Asking(BO))}


async def test_a_role_elsewhere_neither_cuts_an_account_nor_the_questions_to_it(office):
    """An administrator of the agent gives Bo a role, and ends it: at home in Region Exempel nothing has changed."""
    there = await office.connect(
        Team("TREGION", "xoxb-region", (account(BO, "TREGION", id="UBO"),)), organisation=REGION
    )
    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UBO"), there, "UBO")
    await office.directory.confirm_link(there, "UBO", office.clock())
    await grant(office, BO, AGENT, valid_from=seed.NOW, valid_to=seed.NOW + timedelta(hours=1))
    own = Identity(there.id, "UBO")

    case = await office.place()
    await office.relay.drain()
    holder = await office.directory.find_by_slack_user(there, "UBO")
    attested = await office.orders.act(attest_as(case, own))

    assert holder.id == BO
    assert any("kp.attest" in buttons(each) for each in office.slack.in_channel("UBO"))
    assert (attested.decision.person, attested.after.state) == (BO, State.AWAITING_CUSTOMER_SERVICE)


async def test_what_waits_in_one_organisation_is_not_told_in_the_slack_of_another(office):
    """Whoever runs the agent's Slack may have given any account Bo's address."""
    there = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UEVIL"),)), organisation=AGENT)
    await grant(office, BO, AGENT)
    await office.place()

    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UEVIL"), there, "UEVIL")
    await office.delivery.deliver(there.id, await office.leases.claim(there.id))

    (asked,) = office.slack.in_channel("UEVIL")
    assert "väntar" not in str(asked)


async def test_of_two_accounts_of_somebody_each_carries_its_own_roles(office):
    """Cecilia handles what the agent conveys too: Inera's Slack knows of all, Region Exempel's of its own alone."""
    there = await office.connect(
        Team("TREGION", "xoxb-region", (account(CECILIA, "TREGION", id="UCECILIA"),)), organisation=REGION
    )
    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UCECILIA"), there, "UCECILIA")
    await office.directory.confirm_link(there, "UCECILIA", office.clock())
    await grant(office, CECILIA, AGENT, Role.AGENT_HANDLER)
    case = await office.place(**via_agent())
    queries, inbox, at = SqlQueries(office.database), SqlInbox(office.database), office.clock()
    own, ineras = Identity(there.id, "UCECILIA"), identity(CECILIA)
    at_home, at_inera = [(await queries.person_of(by)).asking for by in (own, ineras)]

    waiting = [(await inbox.page(who, InboxQuery(), at)).count for who in (at_home, at_inera)]
    approve = ActOnCase(case.id, Action.APPROVE, own, Surface.SLACK, answers=Answers(certified=True))
    with pytest.raises(NoRole):
        await office.orders.act(approve)
    approved = await office.orders.act(replace(approve, by=ineras))

    assert (at_home, at_inera) == (Asking(CECILIA, REGION), Asking(CECILIA))
    assert waiting == [0, 1]
    assert [{*await queries.roles_of(who, at)} for who in (at_home, at_inera)] == [{REGION}, {REGION, AGENT}]
    assert (approved.decision.person, approved.after.state) == (CECILIA, State.AWAITING_AGENT_ATTEST)


async def test_each_organisations_questions_go_to_its_own_slack(office):
    home = await office.connect(
        Team("TREGION", "xoxb-region", (account(BO, "TREGION", id="UHOME"),)), organisation=REGION
    )
    away = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UAWAY"),)), organisation=AGENT)
    await grant(office, BO, AGENT, Role.AGENT_HANDLER)
    for slack, user in ((home, "UHOME"), (away, "UAWAY")):
        await office.directory.offer_link(await office.directory.find_by_slack_user(slack, user), slack, user)
        await office.directory.confirm_link(slack, user, office.clock())

    await office.place(**via_agent())
    await office.place()
    await office.relay.drain()

    kinds = {
        user: {card.kind for card in await office.cards(person_id=BO) if card.address == user}
        for user in ("UHOME", "UAWAY")
    }
    assert "customer_attest" in kinds["UHOME"]
    assert "customer_attest" not in kinds["UAWAY"]
    assert "agent_approval" in kinds["UAWAY"]
    assert "agent_approval" not in kinds["UHOME"]


async def test_a_role_that_was_called_off_before_it_began_changes_nothing(office):
    there = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UBO"),)), organisation=AGENT)
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == BO, organisation_id=AGENT)
    await grant(office, BO, REGION, Role.ATTESTANT, valid_from=seed.NOW, valid_to=seed.NOW)

    await office.directory.offer_link(await office.directory.find_by_slack_user(there, "UBO"), there, "UBO")
    await office.directory.confirm_link(there, "UBO", office.clock())

    assert (await SqlQueries(office.database).person_of(Identity(there.id, "UBO"))).id == BO


async def test_whoever_has_left_an_organisation_is_not_looked_for_in_its_slack(office):
    there = await office.connect(Team("TAGENT", "xoxb-agent", (account(BO, "TAGENT", id="UBO"),)), organisation=AGENT)
    mine = tables.role_assignments.c.person_id == BO
    await office.change(tables.role_assignments, mine, organisation_id=AGENT, valid_to=seed.NOW)

    assert await office.directory.find_by_slack_user(there, "UBO") is None


async def test_what_ineras_own_slack_says_of_an_account_counts_in_every_organisation(office):
    await grant(office, BO, AGENT)
    await office.directory.seek(BO)

    await office.directory.confirm_link(await here(office), BOS, office.clock())

    assert (await SqlQueries(office.database).person_of(identity(BO))).id == BO


async def grant(office, person, organisation, role=Role.ORDERER, **values):
    """A role more."""
    row = seed.role_assignment(person, organisation, role) | values
    await office.database.write(lambda connection: connection.execute(insert(tables.role_assignments).values(row)))


def attest_as(case, by):
    """What an account asks for that wants to attest."""
    seen = Seen(case.step, case.content_version)
    return ActOnCase(case.id, Action.ATTEST, by, Surface.SLACK, seen, Answers(confirmed=True))
