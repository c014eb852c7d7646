"""A confirmed account stands for its person until somebody undoes that; whatever it was asked finds another way."""

import json

import pytest
from sqlalchemy import select

from core.api import AccountLinks, Allowing, CaseQuery, Identity, Language, NotLinked, Surface, Undoing, Undone, new_id
from core.storage import tables
from core.storage.identity.accounts import SqlAccounts
from core.use_cases.clock import Clock
from notifications.accounts import account_links
from notifications.mail import mail_switch
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.office import CHANNEL, account, identity, open_office
from tests.contract.test_mail import mailing
from tests.fakes.slack import Team, buttons
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, KARIN, TEAM

BOS, CECILIAS, ADAS = map(seed.slack_user, (BO, CECILIA, ADA))
BOS_MAIL = "bo@example.org"


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


def accounts(office) -> AccountLinks:
    return AccountLinks(SqlAccounts(office.database, new_id), RegisterAnnouncements(), office.clock, new_id)


async def unlink(office, person=BO, account=None, why=Undone.OPERATOR, by=None):
    undone = await accounts(office).undo(person, Undoing(why, Surface.FILE, by=by), account)
    await office.relay.drain()
    return undone


async def turn_mail_on(office):
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))


async def allow(office, person=BO, account=None, by=None):
    allowed = await accounts(office).allow(person, Allowing(Surface.FILE, by), account)
    await office.relay.drain()
    return allowed


async def say_yes(office, person=BO):
    return await office.directory.answer_link(identity(person), yes=True, at=office.clock())


async def lines(office):
    query = select(tables.history).where(tables.history.c.kind == "identity").order_by(tables.history.c.id)
    return await office.database.read(lambda connection: connection.execute(query).all())


async def test_an_account_that_is_unlinked_decides_nothing_more(office):
    case = await office.place()

    assert await unlink(office) == [identity(BO)]

    with pytest.raises(NotLinked):
        await office.attest(case, BO)
    assert (await office.attest(case, CECILIA)).decisions[-1].person == CECILIA


async def test_history_tells_who_undid_a_link_and_when_and_does_not_name_the_account(office):
    await unlink(office, why=Undone.ADMINISTRATOR, by=ADA)

    (line,) = await lines(office)
    told = (line.action, line.person_id, line.about_id, line.at, line.surface)
    assert told == ("unlinked", ADA, BO, office.clock(), "file")
    evidence = json.loads(line.evidence)
    assert (evidence["workspace"], evidence["why"]) == (TEAM, "administrator")
    assert len(evidence["account_hash"]) == 64
    assert BOS not in line.evidence


async def test_a_link_that_is_undone_is_undone_once(office):
    await unlink(office)

    assert await unlink(office) == []
    assert len(await lines(office)) == 1


async def test_an_account_of_e_identification_is_none_of_slacks(office):
    await office.change(tables.identities, tables.identities.c.person_id == BO, issuer="eid:sim")

    assert await unlink(office) == []


async def test_an_account_is_unlinked_from_its_own_person_alone(office):
    assert await unlink(office, CECILIA, account=identity(BO)) == []


async def test_of_several_accounts_all_are_unlinked_or_the_one_that_is_meant(office):
    await office.connect(Team("TOTHER", "xoxb-other", (account(BO, "TOTHER", id="UBOTHER"),)))
    other = Identity("slack:TOTHER", "UBOTHER")
    row = {"issuer": other.issuer, "subject": other.subject, "person_id": BO, "state": "confirmed", "at": seed.NOW}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(row)))

    one = await unlink(office, account=other)
    rest = await unlink(office)

    assert (one, rest) == ([other], [identity(BO)])


async def test_the_message_at_the_account_stays_as_it_was_and_is_edited_no_more(office):
    case = await office.place()
    await office.relay.drain()
    (before,) = office.slack.in_channel(BOS)
    await unlink(office)

    await office.attest(case, CECILIA)
    await office.relay.drain()

    assert [shown.edits for shown in office.slack.in_channel(BOS)] == [before.edits] == [0]


async def test_what_the_account_was_asked_goes_by_mail(office, post):
    office = mailing(office, post)
    await turn_mail_on(office)
    case = await office.place()
    await office.relay.drain()

    await unlink(office)

    subjects = [mail.message["Subject"] for mail in post.to(BOS_MAIL)]
    assert f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})" in subjects
    assert "Ditt Slack-konto är inte längre kopplat" in subjects
    assert len(subjects) == 2


async def remind(office, case, times):
    """The clock comes to what is due, so many times, and what it makes is sent."""
    for _ in range(times):
        found = await office.orders.look(CaseQuery(case.id, None, office.clock()))
        office.clock.at = found.case.due_at
        assert await Clock(office.orders.engine).run() == 1
    await office.relay.drain()


async def test_what_the_account_was_asked_and_reminded_of_goes_by_one_mail(office, post):
    office = mailing(office, post)
    await turn_mail_on(office)
    case = await office.place()
    await office.relay.drain()
    await remind(office, case, times=2)
    assert len(await office.cards(person_id=BO, kind="reminder")) == 2

    await unlink(office)

    asked = [card.kind for card in await office.cards(person_id=BO, workspace_id="mail") if card.case_id is not None]
    assert asked == ["customer_attest"]
    assert len(post.to(BOS_MAIL)) == 2


async def test_whether_to_keep_what_nobody_answers_is_asked_by_mail(office, post):
    office = mailing(office, post)
    await turn_mail_on(office)
    case = await office.place()
    await office.relay.drain()
    await remind(office, case, times=4)

    await unlink(office, ANNA)

    (asked,) = await office.cards(person_id=ANNA, kind="keep_or_withdraw", workspace_id="mail")
    assert asked.does_show


async def test_whether_a_guest_is_let_in_is_asked_by_mail(office, post):
    office = mailing(office, post)
    await turn_mail_on(office)
    guest = Identity(TEAM, "UGUEST")
    await office.database.write(
        lambda connection: account_links.ask(connection, guest, CECILIA, at=office.clock(), new_id=new_id)
    )
    await office.relay.drain()

    await unlink(office, ADA)

    (asked,) = await office.cards(person_id=ADA, kind="guest", given_up_at=None)
    assert (asked.workspace_id, asked.does_show) == ("mail", 1)


async def test_what_was_on_its_way_to_the_account_goes_by_mail(office, post):
    office = mailing(office, post)
    await turn_mail_on(office)
    await office.place()
    await office.leases.owing(office.clock())

    await unlink(office)

    assert office.slack.in_channel(BOS) == []
    assert len(post.to(BOS_MAIL)) == 2


async def test_without_mail_customer_service_hears_that_the_person_cannot_be_asked(office):
    await office.place()
    await office.relay.drain()

    await unlink(office)

    waiting = await office.card(person_id=BO, kind="customer_attest", does_show=0)
    assert (waiting.last_error, waiting.given_up_at) == ("unlinked", office.clock())
    (told,) = office.slack.in_channel(CHANNEL)
    assert "Bo Ek" in told.text


async def test_only_what_is_still_asked_is_asked_anew(office):
    case = await office.place()
    await office.relay.drain()
    await office.attest(case, CECILIA)
    await office.relay.drain()

    await unlink(office)

    assert len(await office.cards(person_id=BO, kind="customer_attest")) == 1


async def test_the_other_peoples_messages_stay_theirs(office):
    await office.place()
    await office.relay.drain()

    await unlink(office)

    ceciliasown = await office.card(person_id=CECILIA, kind="customer_attest")
    assert (ceciliasown.given_up_at, ceciliasown.address) == (None, CECILIAS)
    assert (await office.card(person_id=ANNA, kind="status")).given_up_at is None


async def test_an_account_is_linked_again_and_its_messages_show_the_truth_again(office):
    case = await office.place()
    await office.relay.drain()
    await unlink(office)
    await allow(office)

    linked = await say_yes(office)
    await office.relay.drain()

    (request,) = office.slack.in_channel(BOS)
    assert linked.state == "confirmed"
    assert len(await office.cards(person_id=BO, kind="customer_attest")) == 1
    assert "kp.attest" in buttons(request)
    assert (await office.attest(case, BO)).decisions[-1].person == BO
    await office.relay.drain()
    assert request.edits > 0


@pytest.mark.parametrize("why", [Undone.OPERATOR, Undone.ADMINISTRATOR, Undone.NOT_ME])
async def test_whoever_holds_an_unlinked_account_does_not_link_it_again_alone(office, why):
    case = await office.place()
    await unlink(office, why=why)

    said = [await office.directory.answer_link(identity(BO), yes=yes, at=office.clock()) for yes in (True, False, True)]

    assert [link.state for link in said] == ["barred"] * 3
    with pytest.raises(NotLinked):
        await office.attest(case, BO)
    assert await office.directory.is_barred(identity(BO))


async def test_an_account_that_slack_said_had_changed_is_linked_again_by_whoever_holds_it(office):
    case = await office.place()
    await unlink(office, why=Undone.CHANGED)

    assert (await say_yes(office)).state == "confirmed"
    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_an_account_that_is_let_in_decides_nothing_before_its_holder_says_yes(office):
    case = await office.place()
    await unlink(office)

    assert await allow(office) == [identity(BO)]
    with pytest.raises(NotLinked):
        await office.attest(case, BO)

    assert (await say_yes(office)).state == "confirmed"
    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_history_tells_who_let_an_account_in(office):
    await unlink(office)

    await allow(office, by=BO)

    line = (await lines(office))[-1]
    assert (line.action, line.person_id, line.about_id, line.at) == ("allowed", BO, BO, office.clock())
    unlinked, allowed = (json.loads(each.evidence) for each in await lines(office))
    assert (allowed["workspace"], allowed["account_hash"]) == (TEAM, unlinked["account_hash"])


async def test_an_account_is_let_in_for_its_own_person_alone_and_once(office):
    await unlink(office)

    assert await allow(office, CECILIA) == []
    assert await allow(office, CECILIA, identity(BO)) == []
    assert await allow(office, account=identity(CECILIA)) == []
    assert await allow(office, account=identity(BO)) == [identity(BO)]
    assert await allow(office) == []


async def test_an_account_that_is_linked_stays_so_when_it_is_let_in(office):
    case = await office.place()

    assert await allow(office) == []
    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_the_question_asks_again_once_the_account_is_let_in(office):
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    await say_yes(office)
    await unlink(office)
    (barred,) = (shown.text for shown in office.slack.in_channel(BOS)[:1])

    await allow(office)

    assert "inte längre kopplat till Bo Ek" in barred
    assert "Skriv /kundportal" in str(office.slack.in_channel(BOS)[0].blocks)


async def test_the_question_says_that_the_account_is_linked_no_longer(office):
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    await office.relay.drain()

    await unlink(office)

    assert "inte längre kopplat till Bo Ek" in office.slack.in_channel(BOS)[0].text


async def test_the_administrators_are_told_and_not_the_one_who_did_it(office):
    await unlink(office)
    first = [shown.text for shown in office.slack.in_channel(ADAS)]
    await allow(office)
    await say_yes(office)

    await unlink(office, why=Undone.ADMINISTRATOR, by=ADA)

    assert first == ["Slack-kontot är inte längre kopplat till Bo Ek"]
    assert len(office.slack.in_channel(ADAS)) == 1
    assert [shown.text for shown in office.slack.in_channel(CHANNEL)] == first


async def test_where_nobody_administers_customer_service_is_told(office):
    await unlink(office, KARIN)

    assert [shown.text for shown in office.slack.in_channel(CHANNEL)] == [
        "Slack-kontot är inte längre kopplat till Karin Jonsson"
    ]


async def test_who_cannot_be_told_elsewhere_is_told_at_the_account_alone(office):
    await unlink(office)

    assert await office.cards(person_id=BO, kind="unlinked") == []


async def test_a_person_who_is_nowhere_is_told_once(office):
    await turn_mail_on(office)
    roles = tables.role_assignments.c
    await office.change(tables.role_assignments, roles.person_id == BO, valid_to=seed.LONG_AGO)

    await unlink(office)

    assert len(await office.cards(person_id=BO, kind="unlinked")) == 1


async def test_a_message_of_a_card_that_looks_for_its_reader_is_no_place_for_it(office):
    await office.place()
    await office.relay.drain()
    await unlink(office)
    waiting = await office.card(person_id=BO, kind="customer_attest", does_show=0)

    assert not await office.store.adopt(waiting.id, "D-ANYWHERE", "1.0")

    assert (await office.card(id=waiting.id)).channel is None
