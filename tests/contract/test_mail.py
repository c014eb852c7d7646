"""Whoever cannot be reached in Slack gets cards by mail, whatever happens on the way; on both databases alike."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from core.api import (
    Action,
    ActOnCase,
    Administration,
    Answers,
    Applications,
    Asking,
    ChangeRole,
    GrantRoles,
    Language,
    Person,
    ReasonCode,
    Role,
    Seen,
    Surface,
    TechnicalContact,
    Unit,
    new_id,
)
from core.register.administration import FILE, register_author
from core.register.entries import PersonEntry, RoleEntry
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.queries import SqlQueries
from core.storage.register.register import write_register
from notifications.cards.card import card_from_row
from notifications.database import put
from notifications.mail import mail_switch
from notifications.mail.mail_gateway import MailGateway, MailServer
from notifications.mail.port import Sender
from notifications.outbox.mail_delivery import MailDelivery
from notifications.outbox.relay import Relay
from notifications.rules.announcements import CardKind
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack import pacing
from notifications.slack.slack_errors import Never
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, account, identity, open_office, team
from tests.fakes.slack import POST, Team
from tests.support.machines.encoded_words import WORDS, on_one_line
from tests.support.machines.plain_mail import read_headers
from tests.support.machines.postoffice import HOST
from tests.support.world import seed
from tests.support.world.applicants import FIRST, Hall
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, CLINIC, KARIN, REGION, SARA, TEAM

BOS_MAIL = "bo@example.org"
SENDER = Sender("Kundportalen <portal@inera.example>", "studs@inera.example")
NO = {"reason_code": ReasonCode.NO_BUDGET, "reason": "Nej"}


@pytest.fixture
async def office(database_url, post):
    """Bo and Cecilia may attest; neither of them has an account in Slack."""
    made = mailing(await open_office(database_url), post)
    await made.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, made.clock()))
    await made.unlink(BO, CECILIA)
    without = tuple(account(person) for person, *_ in seed.PEOPLE if person not in {BO, CECILIA})
    made.slack.teams[0] = Team(TEAM_ID, TOKEN, without, (CHANNEL,))
    yield made
    await made.database.close()


def mailing(office, post, **gateway):
    """The office with a way to a mail server."""
    mail = MailGateway(MailServer(HOST, post.port), SENDER, **gateway)
    mails = MailDelivery(
        results=office.results,
        drawer=office.delivery.drawer,
        links=SqlPersonalLinks(office.database, "secret"),
        workspaces=office.workspaces,
        mail=mail,
        agreements=SqlQueries(office.database),
        now=office.clock,
        chance=lambda: 0.5,
        domain=SENDER.domain,
        url="https://kundportal.example.se",
        language=Language.SV,
    )
    delivery = replace(office.delivery, mails=mails)
    return replace(office, delivery=delivery, relay=Relay(office.leases, delivery, office.clock))


async def test_case_42_whoever_is_not_in_slack_gets_the_request_by_mail(office, post) -> None:
    case = await office.place()

    await office.relay.drain()

    (mail,) = post.to(BOS_MAIL)
    assert mail.message["Subject"] == f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})"
    assert "Hej Bo Ek," in mail.part("plain")
    for part in ("plain", "html"):
        assert "https://kundportal.example.se/d/" in mail.part(part)
        assert "Läs och besluta" in mail.part(part)
    assert office.slack.in_channel(CHANNEL) == []
    assert {row.given_up_at for row in await office.cards()} == {None}


async def test_a_mail_tells_programs_that_no_person_wrote_it(office, post) -> None:
    case = await office.place()

    await office.relay.drain()

    (mail,) = post.to(BOS_MAIL)
    card = await office.card(person_id=BO)
    assert mail.sender == "studs@inera.example"
    assert mail.message["From"] == SENDER.address
    assert mail.message["To"] == BOS_MAIL
    assert mail.message["Message-ID"] == f"<{card.id}.0@inera.example>"
    assert mail.message["References"] == f"<{case.id}@inera.example>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "kundportalen.inera.example" in mail.message["List-Id"]
    assert mail.message["Content-Language"] == "sv"


async def test_a_mail_is_in_the_readers_language(office, post) -> None:
    await office.change(tables.persons, tables.persons.c.id == BO, language="en")
    await office.place()

    await office.relay.drain()

    (mail,) = post.to(BOS_MAIL)
    assert "Read and decide" in mail.part("plain")
    assert 'lang="en"' in mail.part("html")


@pytest.mark.parametrize(
    ("own", "organisations", "expected"), [("sv", "en", "sv"), (None, "en", "en"), (None, None, "sv")]
)
async def test_a_mail_to_whoever_has_chosen_no_language_is_in_that_of_the_organisation(
    office, post, own, organisations, expected
) -> None:
    await office.change(tables.persons, tables.persons.c.id == BO, language=own)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, language=organisations)
    await office.place()

    await office.relay.drain()

    (mail,) = post.to(BOS_MAIL)
    assert mail.message["Content-Language"] == expected


async def test_what_changes_afterwards_is_no_new_mail(office, post) -> None:
    case = await office.place()
    await office.relay.drain()
    await office.orders.act(attest(case, CECILIA))

    await office.relay.drain()

    assert len(post.to(BOS_MAIL)) == 1
    assert {row.due_at for row in await office.cards()} == {None}
    assert (await office.card(person_id=BO)).does_show == 2


def attest(case, person):
    return decide(case, person, Action.ATTEST, confirmed=True)


def decide(case, person, action, **answers):
    seen = Seen(case.step, case.content_version)
    return ActOnCase(case.id, action, Asking(person), Surface.API, seen, Answers(**answers))


async def test_how_it_ended_is_a_mail_of_its_own(office, post) -> None:
    await office.unlink(ANNA)
    office.slack.teams[0] = Team(TEAM_ID, TOKEN, (), (CHANNEL,))
    case = await office.place(by=Asking(ANNA))
    await office.relay.drain()
    await office.orders.act(decide(case, BO, Action.REJECT, **NO))

    await office.relay.drain()

    first, last = post.to("anna@example.org")
    assert "Avslagen" in last.part("plain")
    assert "Nej" in last.part("plain")
    assert "/d/" not in last.part("plain")
    assert first.message["References"] == last.message["References"]
    assert first.message["Message-ID"] != last.message["Message-ID"]


async def test_whoever_was_not_asked_in_time_is_not_told_that_nothing_is_asked(office, post) -> None:
    post.answer("MAIL", "451 Come back", times=2)
    case = await office.place()
    await office.relay.drain()
    await office.orders.act(decide(case, ANNA, Action.WITHDRAW, confirmed=True))
    office.clock.forward(seconds=5)

    await office.relay.drain()

    assert post.taken == []
    assert {row.due_at for row in await office.cards()} == {None}


async def test_whoever_links_an_account_later_gets_new_cards_there_and_a_mail_that_says_so(office, post) -> None:
    first = await office.place()
    await office.relay.drain()
    office.slack.teams[0] = team()
    await office.directory.offer_link(*await bos_link(office))
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    second = await office.place(key="V2", units=unit(9))

    await office.relay.drain()

    asked, linked = post.to(BOS_MAIL)
    assert first.id in asked.part("plain")
    assert linked.message["Subject"] == "Ett Slack-konto är nu kopplat till dig"
    assert second.id in str([each.text for each in office.slack.in_channel(seed.slack_user(BO))])


async def bos_link(office):
    return Person(BO, "Bo Ek", BOS_MAIL), await office.workspaces.by_id(TEAM), seed.slack_user(BO)


async def test_a_linked_account_that_takes_nothing_is_given_up_for_mail(office, post) -> None:
    office.slack.trouble(POST, Never("user_disabled"), to=seed.slack_user(ANNA), times=10)
    await office.place()

    await office.relay.drain()

    assert len(post.to("anna@example.org")) == 1
    assert office.slack.in_channel(CHANNEL) == []
    moved = select(tables.history.c.action, tables.history.c.about_id).where(tables.history.c.kind == "delivery")
    assert (await office.database.read(lambda connection: connection.execute(moved).all())) == [("moved", ANNA)]


async def test_whoever_does_not_say_whether_an_account_is_theirs_gets_mail_after_a_while(office, post) -> None:
    office.slack.teams[0] = team()
    await office.place()
    await office.relay.drain()
    before = len(post.to(BOS_MAIL))
    office.clock.forward(hours=1)

    await office.relay.drain()

    assert (before, len(post.to(BOS_MAIL))) == (0, 1)


async def test_whoever_is_left_alone_with_an_order_hears_of_it_whether_or_not_the_account_is_linked(
    office, post
) -> None:
    """Sara hands over to Cecilia, who then declares jäv: only Bo is left, who has not said whose his account is."""
    office.slack.teams[0] = team()
    roles, linked = tables.role_assignments, {"issuer": TEAM, "subject": seed.slack_user(CECILIA)}
    more = seed.role_assignment(SARA, REGION, Role.ATTESTANT)
    confirmed = linked | {"person_id": CECILIA, "state": "confirmed", "at": seed.NOW}
    await office.database.write(lambda connection: connection.execute(insert(roles), more))
    await office.database.write(lambda connection: connection.execute(insert(tables.identities), confirmed))
    case = await office.place()
    await office.relay.drain()
    handed = await office.press(case, SARA, Action.HAND_OVER, to=CECILIA)

    left = await office.press(handed, CECILIA, Action.RECUSE, confirmed=True)
    await office.relay.drain()
    (question,) = office.slack.in_channel(seed.slack_user(BO))
    office.clock.forward(hours=1)
    await office.relay.drain()

    assert [each.person for each in left.asked] == [BO]
    assert question.text.startswith("Något väntar på dig i Kundportalen.")
    (mail,) = post.to(BOS_MAIL)
    assert "Läs och besluta" in mail.part("plain")


async def test_nobody_who_was_asked_just_now_is_mailed_because_the_order_has_moved_on(office, post) -> None:
    office.slack.teams[0] = team()
    await office.place()
    await office.relay.drain()
    await office.database.write(
        lambda connection: connection.execute(
            update(tables.cards).where(tables.cards.c.person_id == BO).values(due_at=office.clock())
        )
    )
    office.clock.forward(minutes=1)

    await office.relay.drain()

    assert post.to(BOS_MAIL) == []
    office.clock.forward(hours=1)
    await office.relay.drain()
    assert len(post.to(BOS_MAIL)) == 1


async def test_whoever_has_left_gets_no_mail(office, post) -> None:
    await office.place()
    await office.change(tables.persons, tables.persons.c.id == BO, active=False)

    await office.relay.drain()

    assert post.to(BOS_MAIL) == []
    assert (await office.card(person_id=BO, kind="customer_attest")).last_error == "inactive"


async def test_without_a_mail_server_customer_services_channel_hears_as_before(office, post) -> None:
    await office.database.write(lambda connection: mail_switch.turn_off(connection, office.clock()))
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    assert post.taken == []
    assert len(office.slack.in_channel(CHANNEL)) == 2


async def test_what_waits_to_be_mailed_finds_another_way_when_mail_is_turned_off(office, post) -> None:
    post.answer("RCPT", "451 Later", times=10)
    await office.place()
    await office.relay.drain()
    await office.database.write(lambda connection: mail_switch.turn_off(connection, office.clock()))

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    assert len(office.slack.in_channel(CHANNEL)) == 2


# --- contacts who are no persons here


async def test_a_contact_gets_mail_alone_and_customer_service_hears_when_it_does_not_arrive(office, post) -> None:
    post.answer("RCPT", "550 No such mailbox")
    case = await office.place()
    await office.relay.drain()
    post.answers.clear()
    await office.database.write(lambda connection: contact(connection, case, "first@example.org", office.clock()))
    await office.relay.drain()
    post.answer("RCPT", "550 No such mailbox")
    await office.database.write(lambda connection: contact(connection, case, "second@example.org", office.clock()))

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    (mail,) = post.to("first@example.org")
    assert "Hej" not in mail.part("plain")
    assert "står som kontakt" in mail.part("plain")
    told = [each for each in office.slack.in_channel(CHANNEL) if "second@example.org" in each.text]
    assert len(told) == 1


async def test_without_mail_customer_service_hears_of_a_contact_and_the_operator_reads_of_no_fault(
    office, post, caplog
) -> None:
    await office.database.write(lambda connection: mail_switch.turn_off(connection, office.clock()))
    case = await office.place()
    await office.database.write(lambda connection: contact(connection, case, "first@example.org", office.clock()))

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    told = str([each.blocks for each in office.slack.in_channel(CHANNEL) if "first@example.org" in each.text])
    assert "Mejl är inte påslaget" in told
    said = [
        (each.levelname, each.getMessage().split()[0]) for each in caplog.records if "mail_off" in each.getMessage()
    ]
    assert said == [("WARNING", "letter_not_sent")]


def contact(connection, case, email, at) -> None:
    """A card for somebody known by an address alone."""
    row = {"id": new_id("C"), "case_id": case.id, "email": email, "kind": "status", "part": "orderer"}
    owed = {"must_show": 1, "does_show": 0, "priority": 1, "due_at": at, "attempts": 0}
    connection.execute(insert(tables.cards).values(**row, **owed))


# --- a server in trouble


async def test_a_server_that_is_down_gets_the_mail_when_it_is_up_again(office, post) -> None:
    down = mailing(office, replace(post, port=1))
    await down.place()
    await down.relay.drain()
    waiting = await office.card(person_id=BO)

    office.clock.forward(seconds=5)
    await office.relay.drain()

    assert (waiting.attempts, waiting.last_error) == (1, "smtp_connection")
    assert len(post.to(BOS_MAIL)) == 1
    assert (await office.card(person_id=BO)).last_error is None


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_what_a_server_cannot_take_now_is_tried_again(office, post, command) -> None:
    post.answer(command, "451 Come back", times=2)
    await office.place()
    await office.relay.drain()
    told = {(row.attempts, row.last_error) for row in await office.cards(kind="customer_attest")}

    office.clock.forward(seconds=5)
    await office.relay.drain()

    assert told == {(1, "smtp_451")}
    assert len(post.to(BOS_MAIL)) == 1


async def test_a_server_that_is_slow_to_begin_is_tried_again(office, post) -> None:
    silent = await asyncio.start_server(say_nothing, HOST, 0)
    slow = mailing(office, replace(post, port=silent.sockets[0].getsockname()[1]), timeout=0.2)
    await slow.place()
    await slow.relay.drain()
    told = (await office.card(person_id=BO)).last_error

    office.clock.forward(seconds=5)
    await office.relay.drain()
    silent.close()
    await silent.wait_closed()

    assert told == "smtp_timeout"
    assert len(post.to(BOS_MAIL)) == 1


async def say_nothing(reader, writer):
    await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_server_that_thinks_about_a_mail_is_waited_for(office, post) -> None:
    post.slow_seconds = 10.5
    patient = mailing(office, post, timeout=10, data_timeout=120)
    await patient.place()

    await patient.relay.drain()

    assert len(post.to(BOS_MAIL)) == 1
    assert (await office.card(person_id=BO)).does_show == 1


async def test_case_42_a_refused_recipient_is_told_of_in_customer_services_channel(office, post) -> None:
    post.answer("RCPT", "550 No such mailbox", times=2)
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    assert {row.last_error for row in await office.cards(kind="customer_attest")} == {"recipient_refused"}
    told = str([each.blocks for each in office.slack.in_channel(CHANNEL)])
    assert told.count("Mejlservern tar inte emot mejl till adressen") == 2
    assert post.taken == []


async def test_an_address_that_cannot_be_said_to_a_server_is_given_up_and_delays_nobody(office, post) -> None:
    await office.database.write(
        lambda connection: connection.execute(
            update(tables.persons).where(tables.persons.c.id == CECILIA).values(email="cecilia@företaget.example")
        ).close()
    )
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    assert (await office.card(person_id=CECILIA)).last_error == "recipient_refused"
    assert "Mejlservern tar inte emot mejl till adressen" in str(
        [each.blocks for each in office.slack.in_channel(CHANNEL)]
    )
    assert len(post.to(BOS_MAIL)) == 1


@pytest.mark.parametrize("word", [*WORDS[:5], WORDS[12], *WORDS[22:24]])
async def test_a_name_that_would_forge_a_mail_is_read_as_it_was_written(office, post, word) -> None:
    await office.change(tables.persons, tables.persons.c.id == ANNA, name=word)
    await office.place()

    await office.relay.drain()

    (mail,) = post.to(BOS_MAIL)
    headers = read_headers(mail.raw)
    # A card's line about the order shows no more than so much of a name.
    assert f"Attestera SITHS, 1 500 kr första året – {on_one_line(word)[:100]}" in dict(headers)["Subject"]
    assert not {"Bcc", "X-Evil", "X"} & {name for name, _ in headers}
    assert "Läs och besluta" in mail.part("plain")
    assert {row.given_up_at for row in await office.cards()} == {None}


async def test_a_mail_that_cannot_be_written_is_given_up_visibly_and_stops_nobody(office, post, caplog) -> None:
    forged = "=?utf-8?q?c=0D=0ABcc:_evil?=@example.org"
    await office.change(tables.persons, tables.persons.c.id == CECILIA, email=forged)
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    given_up = await office.card(person_id=CECILIA)
    assert (given_up.last_error, given_up.due_at, given_up.attempts) == ("mail_not_written", None, 0)
    assert "Mejlet gick inte att skriva." in str([each.blocks for each in office.slack.in_channel(CHANNEL)])
    assert f"card_given_up card={given_up.id}" in caplog.text
    assert "relay_stumbled" not in caplog.text
    assert (len(post.to(BOS_MAIL)), len(post.taken)) == (1, 1)


class Broken:
    """A way to a mail server with a mistake in it, for one address."""

    def __init__(self, mail, address):
        self.mail, self.address = mail, address

    async def send(self, letter):
        if letter.to == self.address:
            raise IndexError
        await self.mail.send(letter)


async def test_a_mistake_of_ours_with_one_mail_stops_no_other(office, post, caplog) -> None:
    mails, heard = office.delivery.mails, []
    broken = replace(mails, mail=Broken(mails.mail, "cecilia@example.org"), shown=heard.append)
    delivery = replace(office.delivery, mails=broken)
    await office.place()

    await Relay(office.leases, delivery, office.clock).drain()

    assert (len(post.to(BOS_MAIL)), len(post.taken)) == (1, 1)
    assert [card.person for card in heard] == [BO]
    waiting = await office.card(person_id=CECILIA)
    assert (waiting.last_error, waiting.attempts, waiting.given_up_at) == ("not_sent", 1, None)
    assert "relay_stumbled" not in caplog.text


async def test_a_mail_that_is_not_taken_is_logged_with_its_card_its_case_and_why(office, post, caplog) -> None:
    caplog.set_level("INFO")
    post.answer("DATA", "554 Looks like spam")
    case = await office.place()

    await office.relay.drain()

    (line,) = [each.getMessage() for each in caplog.records if each.getMessage().startswith("mail_not_sent")]
    (card,) = [row.id for row in await office.cards(kind="customer_attest") if row.last_error]
    assert line == f"mail_not_sent card={card} case={case.id} error=smtp_554"


async def test_a_mail_that_is_refused_for_what_it_says_is_given_up_and_told_of(office, post) -> None:
    post.answer("DATA", "554 Looks like spam", times=2)
    await office.place()

    for _ in range(3):
        await office.relay.drain()
        office.clock.forward(seconds=30)

    told = str([each.blocks for each in office.slack.in_channel(CHANNEL)])
    assert told.count("smtp_554") == 2
    assert "Svar från mejlservern" in told


async def test_a_sender_who_is_refused_stops_all_mail_until_it_is_mended(office, post) -> None:
    post.answer("MAIL", "550 Not you", times=10)
    await office.place()
    await office.relay.drain()
    problem = await office.database.read(mail_switch.problem_of_mail)
    cards = await office.cards(kind="customer_attest")
    post.answers.clear()

    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    await office.relay.drain()

    assert problem == "smtp_550"
    assert {(row.attempts, row.given_up_at) for row in cards} == {(0, None)}
    assert len(post.to(BOS_MAIL)) == 1


async def test_a_mail_in_trouble_delays_nobody_in_slack(office, post) -> None:
    post.answer("RCPT", "451 Later", times=100)
    await office.place()

    await office.relay.drain()

    assert len(office.slack.in_channel(seed.slack_user(ANNA))) == 1


async def test_a_promise_that_was_not_written_down_is_a_second_copy_that_says_it_is_one(office, post) -> None:
    await office.place()
    await office.relay.drain()
    # The process died between the server's promise and our record, and its lease has run out.
    unsure = {"channel": None, "ts": None, "does_show": 0, "due_at": office.clock()}
    await office.change(tables.cards, tables.cards.c.person_id == BO, **unsure)
    office.clock.forward(minutes=10)

    await office.relay.drain()

    first, second = post.to(BOS_MAIL)
    assert first.message["Message-ID"] == second.message["Message-ID"]


async def sent_instructions(office, **contact):
    """An order whose instructions have been sent, with a technical contact."""
    case = await office.place(technical_contact=TechnicalContact(name="Tea Tek", **contact))
    said = Answers(message="Börja med certifikatet.")
    for person, action, answers in (
        (BO, Action.ATTEST, Answers(confirmed=True)),
        (KARIN, Action.CLAIM, Answers()),
        (KARIN, Action.SEND_INSTRUCTIONS, said),
    ):
        await office.orders.act(ActOnCase(case.id, action, Asking(person), Surface.API, answers=answers))
    await office.relay.drain()


async def test_the_technical_contact_gets_the_instructions_by_mail_in_the_language_of_the_order(office, post) -> None:
    await office.change(tables.persons, tables.persons.c.id == ANNA, language=Language.EN)
    await sent_instructions(office, email="tea@example.org")

    (mail,) = post.to("tea@example.org")
    assert mail.message["Content-Language"] == "en"
    assert "Hello Tea Tek," in mail.part("plain")
    for part in ("plain", "html"):
        said = mail.part(part)
        assert "Börja med certifikatet." in said
        assert "kundportal.example.se" not in said
        assert not [name for name in ("Anna", "Bo Ek", "Karin", "kr", "SEK") if name in said]


async def test_the_technical_contact_of_whoever_has_chosen_no_language_reads_that_of_the_organisation(
    office, post
) -> None:
    await office.change(tables.persons, tables.persons.c.id == ANNA, language=None)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, language=Language.EN)
    await sent_instructions(office, email="tea@example.org")

    (mail,) = post.to("tea@example.org")
    assert mail.message["Content-Language"] == "en"


async def test_customer_service_hears_that_the_technical_contact_could_not_be_reached(office, post) -> None:
    post.answer("RCPT", "550 No such user", times=10)
    await sent_instructions(office, email="gone@example.org")

    # The channel is written to at a pace, and hears of whoever else had no mail too.
    for _ in range(3):
        office.clock.forward(seconds=30)
        await office.relay.drain()

    (told,) = [each for each in office.slack.in_channel(CHANNEL) if "gone@example.org" in str(each.blocks)]
    assert "Mejlservern tar inte emot mejl till adressen." in str(told.blocks)


async def test_a_late_message_in_the_channel_takes_no_notice_from_whom_no_mail_reached(office, post) -> None:
    post.answer("RCPT", "550 No such user", times=10)
    await sent_instructions(office, email="gone@example.org")
    (letter,) = await office.cards(kind="contact_instructions")
    (notice,) = [each for each in await office.cards(kind="undelivered") if each.about == letter.id]
    (in_channel,) = await office.cards(kind="customer_service")
    late = replace(card_from_row(in_channel), last_error="timeout")

    await office.delivery.results.record(late, late.place, shown=late.must_show)

    (after,) = await office.cards(id=notice.id)
    assert after.about == letter.id


async def test_a_technical_contact_with_a_telephone_alone_is_no_mail_that_was_lost(office, post) -> None:
    await sent_instructions(office, phone="070-174 06 05")

    assert await office.cards(kind=CardKind.CONTACT_INSTRUCTIONS) == []


async def test_two_relays_send_each_mail_once(office, post) -> None:
    other = mailing(await office.another(), post)
    for number in range(4):
        await office.place(key=f"V{number}", units=unit(number))

    await asyncio.gather(office.relay.drain(), other.relay.drain())

    assert len(post.to(BOS_MAIL)) == 4
    assert len({each.message["Message-ID"] for each in post.taken}) == len(post.taken)
    await other.database.close()


def unit(number):
    return (Unit(f"Vårdcentralen {number}", f"SE2321000016-A{number}"),)


# --- an organisation that adds many people


def strangers(count, start=0):
    """Wishes that people whom nobody knows yet order for Region Exempel."""
    return [
        GrantRoles(
            Asking(ADA), REGION, f"ny{number}@elsewhere.example", f"Ny Person{number}", frozenset({Role.ORDERER})
        )
        for number in range(start, start + count)
    ]


def administration(office):
    return Administration(SqlRegistrar(office.database, new_id), RegisterAnnouncements(), office.clock, new_id)


def reached(post):
    """How many of them have had a mail."""
    return len({to for mail in post.taken for to in mail.to if "elsewhere" in to})


async def test_first_mails_to_people_whom_an_organisation_adds_go_at_a_pace_and_all_arrive(office, post) -> None:
    keep = administration(office)
    for wish in strangers(12):
        assert (await keep.grant(wish)).adds_person
    of_others = replace(
        strangers(1, 90)[0], by=Asking(KARIN), organisation=CLINIC, roles=frozenset({Role.ADMINISTRATOR})
    )
    await keep.grant(of_others)
    await office.relay.drain()
    at_once, others = reached(post), len(post.to(of_others.email))
    # Whoever has had a mail is no stranger any more.
    known = next(wish for wish in strangers(12) if post.to(wish.email))
    again = await keep.grant(replace(known, roles=frozenset({Role.ATTESTANT})))
    await office.relay.drain()
    office.clock.forward(minutes=5)
    await office.relay.drain()
    later = reached(post)
    office.clock.forward(minutes=6)
    await office.relay.drain()

    assert (at_once, others, later, reached(post)) == (11, 1, 12, 13)
    assert (again.adds_person, len(post.to(known.email))) == (False, 2)


async def test_a_mail_says_where_to_sign_in_to_whoever_may_order_and_to_nobody_who_is_to_wait(office, post) -> None:
    keep, (orderer, attestant) = administration(office), strangers(2)
    await keep.grant(replace(orderer, roles=frozenset({Role.ORDERER})))
    await keep.grant(replace(attestant, roles=frozenset({Role.ATTESTANT})))

    await office.relay.drain()

    said = {wish: post.to(wish.email)[0].part("plain") for wish in (orderer, attestant)}
    assert "https://kundportal.example.se/logga-in" in said[orderer]
    assert "/logga-in" not in said[attestant]


async def test_first_mails_that_wait_go_in_the_order_in_which_people_were_added(office, post) -> None:
    keep, wishes, went = administration(office), strangers(20), []

    async def drained(**time):
        office.clock.forward(**time)
        before = len(post.taken)
        await office.relay.drain()
        went.extend(sorted(to for mail in post.taken[before:] for to in mail.to if "elsewhere" in to))

    for wish in wishes[:12]:
        await keep.grant(wish)
    await drained()
    # Each newcomer is due as early as whoever is next in turn.
    for wish in wishes[12:]:
        await keep.grant(wish)
        await drained(minutes=4)
        await drained(minutes=1)
    # Two may go, whoever was put off to the first turn.
    await keep.grant(replace(wishes[0], email="zz@elsewhere.example", name="Z Z"))
    await drained()
    await drained(minutes=10)

    assert went == [wish.email for wish in wishes]


async def test_people_of_the_register_file_are_written_to_without_that_pace(office, post) -> None:
    author = register_author(FILE)
    held = []

    def load(connection):
        for wish in strangers(12):
            writer = write_register(connection, office.clock, new_id, author)
            person, _ = writer.person(PersonEntry(email=wish.email, name=wish.name))
            held.append(writer.role(person, REGION, RoleEntry(role=Role.ORDERER))[0])

    await office.database.write(load)
    for role in held:
        await administration(office).change_role(ChangeRole(Asking(ADA), REGION, role, last=date(2027, 1, 1)))
    await office.relay.drain()

    assert reached(post) == 12


async def test_people_of_a_signed_agreement_are_written_to_without_that_pace(office, post) -> None:
    links, queries = SqlPersonalLinks(office.database, "secret"), SqlQueries(office.database)
    hall = Hall(office.database, office.clock, office.orders, Applications(office.orders.engine, links), links, queries)
    case = await hall.become_customer()
    spent = {"bucket": pacing.bucket_added(case.customer), "full_at": office.clock() + timedelta(hours=4)}
    await office.database.write(lambda connection: put(connection, tables.paces, [spent]))
    office.clock.forward(seconds=1)

    keep, alva = administration(office), case.application.administrator.person
    for each in (FIRST, strangers(1)[0]):
        await keep.grant(GrantRoles(Asking(alva), case.customer, each.email, "Ny Person", frozenset({Role.ORDERER})))
    await office.relay.drain()

    told = [each.message["Subject"] for each in post.to(FIRST.email)]
    assert "Du är nu beställare hos Bygdens region" in told
    assert reached(post) == 0


async def test_whoever_was_added_long_ago_is_no_stranger_though_the_first_mail_is_kept_no_longer(office, post) -> None:
    keep, (wish,) = administration(office), strangers(1)
    await keep.grant(wish)
    await office.relay.drain()
    office.clock.forward(days=31)
    spent = {"bucket": pacing.bucket_added(REGION), "full_at": office.clock() + timedelta(days=1)}

    def purge(connection):
        connection.execute(delete(tables.cards))
        put(connection, tables.paces, [spent])

    await office.database.write(purge)
    await keep.grant(replace(wish, roles=frozenset({Role.ATTESTANT})))
    await office.relay.drain()

    assert len(post.to(wish.email)) == 2
