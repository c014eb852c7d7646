"""What a mail server refuses is told apart: now, this mail, or how we send at all."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from bot.wiring.mail_connection import MailConnection
from core.api import Language
from notifications.mail import mail_switch
from notifications.mail.mail_gateway import MailGateway, MailServer
from notifications.mail.mail_watch import MailWatch
from notifications.mail.port import MAIL, Letter, MailStopped, Sender
from notifications.slack.slack_errors import Never, TryLater
from tests.contract.office import open_office
from tests.support.machines.certificates import nobodys_certificate
from tests.support.machines.postoffice import HOST
from tests.support.machines.product import free_port

SENDER = Sender("Kundportalen <portal@inera.example>", "studs@inera.example")
LETTER = Letter("bo@example.org", "Ärende", "Hej å ä ö\n", "<p>Hej</p>\n", Language.SV, "<C1.0@inera.example>")


def gateway(port, **server) -> MailGateway:
    return MailGateway(MailServer(HOST, port, **server), SENDER, timeout=60)


async def test_a_mail_comes_as_it_was_written(post) -> None:
    await gateway(post.port).send(LETTER)

    (taken,) = post.taken
    assert (taken.message["Subject"], *(taken.part(each).replace("\r", "") for each in ("plain", "html"))) == (
        "Ärende", "Hej å ä ö\n", "<p>Hej</p>\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "answer", "kind", "error"),
    [
        ("MAIL", "450 Busy", TryLater, "smtp_450"),
        ("MAIL", "553 Not you", MailStopped, "smtp_553"),
        ("RCPT", "452 Full", TryLater, "smtp_452"),
        ("RCPT", "550 Nobody", Never, "recipient_refused"),
        ("DATA", "451 Later", TryLater, "smtp_451"),
        ("DATA", "554 Spam", Never, "smtp_554"),
        ("MAIL", "What?", TryLater, "smtp_malformed"),
        ("RCPT", "What?", TryLater, "smtp_malformed"),
        ("DATA", "What?", TryLater, "smtp_malformed"),
    ],
)
async def test_what_is_refused_is_told_apart(post, command, answer, kind, error) -> None:
    post.answer(command, answer)

    with pytest.raises(kind) as told:
        await gateway(post.port).send(LETTER)

    assert (type(told.value), told.value.error) == (kind, error)


async def test_nobody_there_may_be_there_later() -> None:
    with pytest.raises(TryLater) as told:
        await gateway(free_port()).send(LETTER)

    assert told.value.error == "smtp_connection"


async def test_a_server_without_the_encryption_that_was_asked_for_stops_all_mail(post) -> None:
    with pytest.raises(MailStopped) as told:
        await gateway(post.port, starttls=True).send(LETTER)

    assert told.value.error == "smtp_not_offered"
    assert post.taken == []


@pytest.mark.parametrize("how", ["tls", "starttls"])
async def test_a_server_that_cannot_prove_who_it_is_stops_all_mail(how, tmp_path) -> None:
    context = nobodys_certificate(tmp_path)
    smtp = {"tls_context": context, "require_starttls": True} if how == "starttls" else {}
    async with serving(ssl=context if how == "tls" else None, **smtp) as port:
        with pytest.raises(MailStopped) as told:
            await gateway(port, **{how: True}).send(LETTER)

    assert told.value.error == "smtp_tls"


async def test_a_password_that_is_refused_stops_all_mail() -> None:
    def never(server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with serving(authenticator=never, auth_require_tls=False) as port:
        with pytest.raises(MailStopped) as told:
            await gateway(port, user="me", password="wrong").send(LETTER)

    assert told.value.error == "smtp_535"


async def test_mail_goes_again_by_itself_once_the_server_takes_it(fresh_sqlite_url, post) -> None:
    office = await open_office(fresh_sqlite_url)
    woken = []
    postman = postman_of(office, post.port, lambda: woken.append(1))
    await postman.begin()
    await office.workspaces.note_problem(MAIL, "smtp_535")
    down = postman_of(office, free_port(), lambda: woken.append(2))

    await down.look()
    still = await office.database.read(mail_switch.problem_of_mail)
    await postman.look()

    assert (still, await office.database.read(mail_switch.problem_of_mail)) == ("smtp_535", None)
    assert woken == [1, 1]
    await office.database.close()


def postman_of(office, port, wake) -> MailConnection:
    return MailConnection(
        office.database, MailWatch(gateway(port), office.clock, note=lambda _: None), Language.SV, office.clock, wake
    )


@asynccontextmanager
async def serving(ssl=None, **smtp):
    """A server of a kind, which takes no mail; its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(object(), loop=loop, **smtp), HOST, 0, ssl=ssl)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0.1)
