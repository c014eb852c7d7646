"""How the mail server is, is learned from what it says to each mail, and asked at start and when somebody asks."""

from contextlib import suppress
from dataclasses import replace

import pytest
from aiosmtpd.smtp import AuthResult

from bot.wiring.mail_connection import MailConnection
from core.api import HEALTHY, NOT_CONFIGURED, UNKNOWN, FaultCode, Language, failing
from notifications.mail.mail_watch import MailWatch, NoMail
from notifications.slack.slack_errors import SlackProblem
from tests.contract.office import open_office
from tests.contract.test_mail_gateway import LETTER, gateway, serving
from tests.fakes.clock import FakeClock
from tests.support.machines.postoffice import post_office
from tests.support.machines.product import free_port
from tests.support.world.seed import NOW


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def noted():
    return []


def watch_of(port, clock, noted, **server) -> MailWatch:
    return MailWatch(gateway(port, **server), clock, noted.append)


async def tried(call) -> None:
    with suppress(SlackProblem):
        await call


async def test_a_server_that_goes_down_is_said_with_the_first_mail_that_it_misses(clock, noted):
    with post_office() as post:
        watch = watch_of(post.port, clock, noted)
        before = await watch.look()
        await watch.send(LETTER)

    await tried(watch.send(LETTER))

    down = failing(FaultCode.MAIL_UNREACHABLE, {"error": "smtp_connection"})
    assert (before, noted, await watch.look()) == (UNKNOWN, [HEALTHY, down], down)


async def test_a_mail_that_cannot_be_written_says_nothing_of_the_server(clock, noted):
    watch = watch_of(free_port(), clock, noted)

    await tried(watch.send(replace(LETTER, to="=?utf-8?q?bo?=@example.org")))

    assert (noted, await watch.look()) == ([], UNKNOWN)


async def test_a_password_that_is_refused_is_said(clock, noted):
    def never(server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with serving(authenticator=never, auth_require_tls=False) as port:
        await tried(watch_of(port, clock, noted, user="me", password="wrong").check())

    assert noted == [failing(FaultCode.MAIL_REFUSED, {"error": "smtp_535"})]


async def test_encryption_that_is_not_offered_is_said(clock, noted):
    with post_office() as post:
        await tried(watch_of(post.port, clock, noted, starttls=True).check())

    assert noted == [failing(FaultCode.MAIL_NOT_OFFERED, {"error": "smtp_not_offered"})]


@pytest.mark.parametrize(
    ("command", "answer", "says"),
    [
        ("RCPT", "550 Nobody", [HEALTHY]),
        ("DATA", "554 Spam", [HEALTHY]),
        ("RCPT", "452 Full", []),
        ("MAIL", "553 Not you", [failing(FaultCode.MAIL_REFUSED, {"error": "smtp_553"})]),
        ("DATA", "What?", [failing(FaultCode.MAIL_UNREACHABLE, {"error": "smtp_malformed"})]),
    ],
)
async def test_what_one_mail_is_refused_for_is_no_fault_of_the_server(clock, noted, command, answer, says):
    with post_office() as post:
        post.answer(command, answer)
        await tried(watch_of(post.port, clock, noted).send(LETTER))

    assert noted == says


async def test_a_server_is_greeted_at_start_then_only_when_somebody_asks_and_while_it_fails(
    fresh_sqlite_url, clock, noted
):
    office = await open_office(fresh_sqlite_url)
    with post_office() as post:
        watch = watch_of(post.port, clock, noted)
        postman = MailConnection(office.database, watch, Language.SV, clock, lambda: None)

        async def minute() -> int:
            """How often the server was greeted within a minute."""
            before = len(noted)
            clock.forward(minutes=1)
            await postman.look()
            return len(noted) - before

        begun = await minute()
        idle = [await minute() for _ in range(3)]
        await watch.look()
        once_asked = [await minute(), await minute()]
    await watch.look()
    down = [await minute() for _ in range(3)]
    await office.database.close()

    assert (begun, idle, once_asked, down) == (1, [0, 0, 0], [1, 0], [1, 1, 1])
    assert noted[-1].code is FaultCode.MAIL_UNREACHABLE


async def test_two_who_ask_within_a_minute_cost_one_greeting(clock, noted):
    with post_office() as post:
        watch = watch_of(post.port, clock, noted)
        await watch.check()
        await watch.look()

    assert not watch.is_due
    clock.forward(minutes=1)
    assert watch.is_due


async def test_where_no_server_is_named_mail_is_off():
    assert await NoMail().look() == NOT_CONFIGURED


async def test_a_server_that_never_answers_is_found_while_nobody_sends(fresh_sqlite_url, clock, noted):
    office = await open_office(fresh_sqlite_url)
    postman = MailConnection(office.database, watch_of(free_port(), clock, noted), Language.SV, clock, lambda: None)

    await postman.look()

    assert [each.code for each in noted] == [FaultCode.MAIL_UNREACHABLE]
    await office.database.close()
