"""Those named in an application are written to, and the links in their mails do what the mails say."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from stdnum import luhn

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Applications,
    Asking,
    Contact,
    Happened,
    Language,
    State,
    Surface,
    new_id,
)
from core.shared.errors import LinkExpired
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.queries import SqlQueries
from notifications.documents import SignedDocument
from notifications.documents.pdf import pdf_of
from notifications.mail import mail_switch
from notifications.rules.announcements import CardKind
from notifications.slack.install_links import InstallLinks
from notifications.texts import when
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, account, open_office
from tests.contract.test_mail import mailing
from tests.fakes.slack import Team
from tests.support.world import seed
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, METHOD, SECOND, form, wish
from tests.support.world.seed import ADA, KARIN, slack_user

LINK = re.compile(r"https://kundportal\.example\.se/([as])/([\w-]{43})")


@pytest.fixture
async def office(database_url, post):
    made = mailing(await open_office(database_url), post)
    await made.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, made.clock()))
    yield made
    await made.database.close()


@pytest.fixture
def applications(office):
    return Applications(office.orders.engine, SqlPersonalLinks(office.database, "secret"))


async def act(office, case, action, **answers):
    command = ActOnCase(case.id, action, Asking(KARIN), Surface.API, answers=Answers(**answers))
    done = (await office.orders.act(command)).after
    await office.relay.drain()
    return done


def leads(mail):
    """The page that a mail leads to, and the token; both parts say the same."""
    (plain,), (html,) = LINK.findall(mail.part("plain")), LINK.findall(mail.part("html"))
    assert plain == html
    return plain


async def test_from_the_form_to_the_invitation_by_mail_alone(office, applications, post) -> None:
    case = await applications.apply(wish())
    await office.relay.drain()
    (received,) = post.to(ADMIN.email)
    assert "Alva" not in received.raw.decode()
    assert "Hej" not in received.part("plain")
    page, token = leads(received)
    assert (page, (await applications.follow(token)).id) == ("a", case.id)

    await act(office, case, Action.CLAIM)
    await act(office, case, Action.APPROVE, confirmed=True)
    for contact in (FIRST, SECOND):
        (asking,) = post.to(contact.email)
        assert asking.message["Subject"] == f"Signera kundavtalet för Bygdens region ({case.id})"
        page, token = leads(asking)
        assert page == "s"
        to_sign = await applications.to_sign(token)
        assert (to_sign.signatory.email, to_sign.has_signed) == (contact.email, False)
        case = (await applications.sign(token, to_sign.document.hash, METHOD)).after
    await office.relay.drain()

    assert case.state is State.AGREEMENT_ACTIVE
    welcome, told = (post.to(each.email)[-1].message["Subject"] for each in (ADMIN, CONTACT))
    assert welcome == f"Välkommen till Kundportalen: Bygdens region ({case.id})"
    assert told == f"Avtalet är tecknat: Bygdens region ({case.id})"
    held = await SqlQueries(office.database).signed_agreement(case.id)
    for contact in (ADMIN, FIRST, SECOND, CONTACT):
        (file,) = post.to(contact.email)[-1].message.iter_attachments()
        assert (file.get_content_type(), file.get_filename()) == ("application/pdf", f"kundavtal-{case.id}.pdf")
        assert file.get_content() == pdf_of(SignedDocument(held))
        assert "Det signerade avtalet är bifogat som PDF" in post.to(contact.email)[-1].part("plain")
    assert {signature.name for signature in held.signatures} == {FIRST.name, SECOND.name}
    assert {mail.message["References"] for mail in post.taken} == {f"<{case.id}@inera.example>"}


async def test_the_invitation_leads_to_the_web_and_to_an_installation_in_the_own_slack(
    office, applications, post
) -> None:
    installs = InstallLinks(office.database, office.clock, new_id)
    object.__setattr__(office.delivery, "mails", replace(office.delivery.mails, installs=installs))

    case = await signed(office, applications, post)
    await office.relay.drain()

    welcome = post.to(ADMIN.email)[-1]
    for part in ("plain", "html"):
        assert "https://kundportal.example.se/logga-in?lang=sv" in welcome.part(part)
        assert "Installera appen i Slack" in welcome.part(part)
    token = re.findall(r"/n/([\w-]{43})", welcome.part("plain"))[0]
    link = await installs.open(token)
    who = select(tables.persons.c.email).where(tables.persons.c.id == link.person)
    assert (link.organisation, await office.database.read(lambda c: c.scalar(who))) == (case.customer, ADMIN.email)


async def test_where_the_app_is_ineras_alone_the_invitation_leads_to_the_web(office, applications, post) -> None:
    await signed(office, applications, post)
    await office.relay.drain()

    text = post.to(ADMIN.email)[-1].part("plain")
    assert "https://kundportal.example.se/logga-in?lang=sv" in text
    assert "/n/" not in text


async def test_an_organisation_that_has_the_app_in_its_slack_is_invited_to_no_other(office, applications, post) -> None:
    installs = InstallLinks(office.database, office.clock, new_id)
    case = await signed(office, applications, post)

    assert await installs.invite(case.id, ADMIN.email) is not None
    assert await installs.invite(case.id, FIRST.email) is None
    await office.connect(Team("TBYGDEN", "xoxb-bygden"), organisation=case.customer)

    assert await installs.invite(case.id, ADMIN.email) is None


async def signed(office, applications, post):
    """A customer application that both signatories have signed."""
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    await act(office, case, Action.APPROVE, confirmed=True)
    for contact in (FIRST, SECOND):
        _, token = leads(post.to(contact.email)[0])
        to_sign = await applications.to_sign(token)
        case = (await applications.sign(token, to_sign.document.hash, METHOD)).after
    return case


async def test_history_tells_to_whom_the_signed_agreement_was_sent(office, applications, post) -> None:
    case = await signed(office, applications, post)
    await office.relay.drain()

    sent = select(tables.persons.c.email).join(tables.history, tables.history.c.about_id == tables.persons.c.id)
    told = sent.where(tables.history.c.case_id == case.id, tables.history.c.action == Happened.SENT)
    emails = await office.database.read(lambda connection: sorted(connection.scalars(told)))
    assert emails == sorted(contact.email for contact in (ADMIN, FIRST, SECOND, CONTACT))


async def test_a_mail_that_was_sent_when_its_relay_died_comes_again_with_the_same_agreement(
    office, applications, post
) -> None:
    await signed(office, applications, post)
    await office.relay.drain()
    # As it stands where the process died between the server's promise and our record, and its lease has run out.
    not_sent = {"does_show": 0, "channel": None, "ts": None, "due_at": office.clock(), "leased_until": None}
    await office.change(tables.cards, tables.cards.c.kind == CardKind.AGREEMENT_SIGNED, **not_sent)
    await office.relay.drain()

    mails = post.to(CONTACT.email)[-2:]
    files = [file.get_content() for mail in mails for file in mail.message.iter_attachments()]
    assert [mail.message["Message-ID"] for mail in mails] == [mails[0].message["Message-ID"]] * 2
    assert files == [files[0]] * 2


async def test_whoever_administers_is_not_mailed_what_a_stranger_wrote_in_an_application(
    office, applications, post
) -> None:
    planted = Contact("PLANTED Spärras i dag, ring oss", "planted@evil.example")
    everybody = {"administrator": planted, "signatories": (planted,), "agreement_contact": planted}
    words = dict.fromkeys(("organisation", "invoice_address", "invoice_ref"), "PLANTED")
    await office.unlink(ADA)
    accounts = tuple(account(person) for person, *_ in seed.PEOPLE if person != ADA)
    office.slack.teams[0] = Team(TEAM_ID, TOKEN, accounts, (CHANNEL,))
    case = await applications.apply(wish(org_number="232100-0016", signatures_needed=1, **everybody, **words))
    await office.relay.drain()

    (told,) = post.to("ada@example.org")
    assert told.message["Subject"] == f"Någon har ansökt för er organisation ({case.id})"
    for part in ("plain", "html"):
        assert "PLANTED" not in told.part(part).upper()


async def test_an_applicant_reads_what_was_asked_in_the_language_of_the_application(office, applications, post) -> None:
    case = await applications.apply(wish(language=Language.EN))
    await act(office, case, Action.CLAIM)
    await act(office, case, Action.REQUEST_COMPLETION, message="Vem är firmatecknare?")

    asked = post.to(ADMIN.email)[-1]
    assert "Vem är firmatecknare?" in asked.part("plain")
    assert asked.message["Subject"] == f"The application needs to be completed: Bygdens region ({case.id})"
    _, token = leads(asked)
    done = (await applications.complete(token, form(invoice_ref="1"))).after
    assert done.state is State.APPLICATION_SUBMITTED


async def test_every_contact_reads_why_it_was_rejected(office, applications, post) -> None:
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    await act(office, case, Action.REJECT, reason="Kommunförbund tecknar inte själva.")

    for contact in (ADMIN, FIRST, SECOND, CONTACT):
        told = post.to(contact.email)[-1]
        assert "Kommunförbund tecknar inte själva." in told.part("plain")
        assert not LINK.findall(told.part("plain"))


async def test_a_mail_that_waited_until_new_links_were_sent_is_not_sent(office, applications, post) -> None:
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    # To the administrator, both signatories and the contact.
    post.answer("MAIL", "451 Come back", times=4)
    await act(office, case, Action.APPROVE, confirmed=True)
    await act(office, case, Action.RENEW, confirmed=True)
    office.clock.forward(seconds=5)
    await office.relay.drain()

    for contact in (FIRST, SECOND):
        (asking,) = post.to(contact.email)
        assert not (await applications.to_sign(leads(asking)[1])).has_signed


async def test_a_link_to_sign_is_good_for_as_long_as_the_agreement_waits(office, applications, post) -> None:
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    case = await act(office, case, Action.APPROVE, confirmed=True)
    (asking,) = post.to(FIRST.email)
    token = leads(asking)[1]
    ends = case.wait.closes

    assert f"gäller till {when(Language.SV, ends)}" in asking.part("plain")
    office.clock.at = ends - timedelta(seconds=1)
    assert (await applications.to_sign(token)).expires_at == ends
    office.clock.at = ends
    with pytest.raises(LinkExpired):
        await applications.to_sign(token)


async def test_whoever_has_signed_meanwhile_is_not_asked_to(office, applications, post) -> None:
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    await act(office, case, Action.APPROVE, confirmed=True)
    tokens = {each: leads(post.to(each.email)[0])[1] for each in (FIRST, SECOND)}
    post.answer("MAIL", "451 Come back", times=2)
    office.clock.forward(days=20)
    await office.orders.run_clock()
    await office.relay.drain()
    to_sign = await applications.to_sign(tokens[FIRST])
    await applications.sign(tokens[FIRST], to_sign.document.hash, METHOD)
    office.clock.forward(seconds=5)
    await office.relay.drain()

    assert [len(post.to(each.email)) for each in (FIRST, SECOND)] == [1, 2]


async def test_every_mail_has_a_link_of_its_own_of_which_only_a_hash_is_kept(office, applications, post) -> None:
    case = await applications.apply(wish())
    await act(office, case, Action.CLAIM)
    await act(office, case, Action.APPROVE, confirmed=True)

    tokens = [leads(mail)[1] for mail in post.taken if LINK.search(mail.part("plain"))]
    kept = await office.database.read(lambda connection: connection.execute(tables.personal_links.select()).all())
    assert len(set(tokens)) == len(tokens) == len(kept) == 4
    assert not any(token in str(kept) for token in tokens)


async def test_a_signatory_who_is_in_slack_gets_the_link_by_mail_all_the_same(office, applications, post) -> None:
    bo = Contact("Bo Ek", "bo@example.org")
    case = await applications.apply(wish(signatories=(bo, SECOND)))

    await act(office, case, Action.CLAIM)
    await act(office, case, Action.APPROVE, confirmed=True)

    (asking,) = post.to(bo.email)
    page, token = leads(asking)
    assert (page, (await applications.to_sign(token)).signatory.email) == ("s", bo.email)


# --- whoever sends in one application after another


def numbers(count):
    """So many organisations' numbers, all valid."""
    starts = (f"2{number:08d}" for number in range(20_000_001, 20_000_001 + count))
    return [start + luhn.calc_check_digit(start) for start in starts]


def card_posts(office):
    """Applications that customer service's channel has been told of."""
    return [each for each in office.slack.in_channel(CHANNEL) if "ansökan" in each.text]


async def told_for(office, **time):
    """Everything that goes out until so much later."""
    until = office.clock() + timedelta(**time)
    while office.clock() < until:
        await office.relay.drain()
        office.clock.forward(seconds=(until - office.clock()).total_seconds() / 4 + 1)
    await office.relay.drain()


async def test_many_applications_that_name_one_address_mail_it_a_few_times(office, applications, post) -> None:
    victim = Contact("Vera", "vera@elsewhere.example")
    made = [
        await applications.apply(wish(key=f"k{number}", org_number=number, administrator=victim))
        for number in numbers(14)
    ]
    other = await applications.apply(wish(key="other"))
    await told_for(office, seconds=30)
    at_once = len(post.to(victim.email)), len(post.to(ADMIN.email))
    await told_for(office, hours=2)
    later = len(post.to(victim.email))
    await told_for(office, hours=10)

    assert at_once == (3, 1)
    assert later == 5
    assert len(post.to(victim.email)) == 14
    assert other.state is State.APPLICATION_SUBMITTED
    assert len({case.id for case in made}) == 14


async def test_mails_of_applications_that_wait_go_in_the_order_in_which_those_came(office, applications, post) -> None:
    victim = Contact("Vera", "vera@elsewhere.example")
    made = []
    # Each newcomer is due as early as whatever is next in turn.
    for number in numbers(9):
        made.append(await applications.apply(wish(key=number, org_number=number, administrator=victim)))
        await office.relay.drain()
        office.clock.forward(minutes=12)
    for _ in made:
        await office.relay.drain()
        office.clock.forward(hours=1)

    assert [each.message["References"] for each in post.to(victim.email)] == [
        f"<{case.id}@inera.example>" for case in made
    ]


async def test_many_applications_for_one_number_have_their_mails_a_few_at_a_time(office, applications, post) -> None:
    for number in range(8):
        someone = Contact("Någon", f"someone{number}@elsewhere.example")
        await applications.apply(wish(key=f"k{number}", administrator=someone))
    other = await applications.apply(wish(key="other", org_number=numbers(1)[0], organisation="En annan region"))
    await told_for(office, seconds=60)

    told = card_posts(office)
    assert len(told) == 1 + 1
    assert any(other.id in each.text for each in told)
    assert len([each for each in post.taken if "elsewhere" in each.to[0]]) == 6
    assert len(post.to(ADMIN.email)) == 1
    await told_for(office, hours=2)
    assert len(card_posts(office)) == 1 + 1
    assert len([each for each in post.taken if "elsewhere" in each.to[0]]) == 8


async def test_whoever_administers_an_organisation_is_told_of_a_few_strangers_at_a_time(office, applications) -> None:
    made = []
    for number in range(5):
        made.append(await applications.apply(wish(key=f"k{number}", org_number="232100-0016")))
        office.clock.forward(seconds=1)
    for _ in range(4):
        await office.relay.drain()
        office.clock.forward(seconds=10)
    at_once = office.slack.in_channel(slack_user(ADA))
    for case in made[3:]:
        await act(office, case, Action.CLAIM)
        await act(office, case, Action.REJECT, reason="Okänd sökande")
    await told_for(office, hours=3)

    assert len([each for each in at_once if "Någon har ansökt" in str(each.blocks)]) == 3
    # What has come to nothing meanwhile is no news.
    assert office.slack.in_channel(slack_user(ADA)) == at_once


async def test_whoever_is_named_in_what_a_stranger_sent_in_hears_of_rejections_at_the_same_pace(
    office, applications, post
) -> None:
    victim = Contact("Vera", "vera@elsewhere.example")
    made = [
        await applications.apply(wish(key=f"k{number}", org_number=number, administrator=victim))
        for number in numbers(5)
    ]
    for case in made:
        await act(office, case, Action.CLAIM)
        await act(office, case, Action.REJECT, reason="Okänd sökande")
    await told_for(office, seconds=60)
    at_once = len(post.to(victim.email))
    await told_for(office, hours=8)

    assert at_once == 3
    subjects = [each.message["Subject"] for each in post.to(victim.email)]
    assert len([each for each in subjects if each.startswith("Ansökan är avslagen")]) == 5
    assert len(subjects) <= 8


async def test_above_the_common_pace_applications_are_kept_and_their_mails_wait(office, applications, post) -> None:
    for number, digits in enumerate(numbers(40)):
        someone = Contact("Någon", f"someone{number}@elsewhere.example")
        await applications.apply(wish(key=f"k{number}", org_number=digits, administrator=someone))
    for _ in range(40):
        await told_for(office, seconds=1)
    at_once, told_at_once = len(post.taken), len(card_posts(office))
    other = await applications.apply(wish(key="other"))
    await told_for(office, minutes=14)

    assert 30 <= at_once <= 31
    assert 30 <= told_at_once <= 31
    assert other.state is State.APPLICATION_SUBMITTED
    assert len(post.to(ADMIN.email)) == 1
    assert len(post.taken) == 41
    assert len(card_posts(office)) == 41
