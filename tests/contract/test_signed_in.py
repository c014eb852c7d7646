"""What is done by whoever is signed in on the web says so in history, and how the person had signed in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.api import (
    Action,
    ActOnCase,
    Administration,
    Answers,
    Asking,
    Assurance,
    ChangeRole,
    EndRole,
    EndSubstitution,
    GrantRoles,
    NoRole,
    RenamePerson,
    Role,
    Seen,
    SetInvoices,
    SetRules,
    SetSubstitute,
    Surface,
    UnlinkAccounts,
    new_id,
    refusal_of,
    refusal_of_order,
)
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.audit.refusal_log import SqlRefusalLog
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.office import identity, open_office, wish
from tests.support.world.absent import absences
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, REGION

BY_CODE = {"surface": Surface.WEB, "signed_in": Assurance.MAIL_CODE}
BY_LINK = {"surface": Surface.WEB, "signed_in": Assurance.MAIL_LINK}


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def told(office):
    """What history says of each line: by whom, what, where, and how sure that is."""
    lines = tables.history.c
    query = select(lines.person_id, lines.action, lines.surface, lines.assurance).order_by(lines.id)
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def test_an_order_and_a_decision_say_that_they_came_by_the_web_and_how_one_had_signed_in(office):
    case = await office.place(by=Asking(ANNA), **BY_CODE)
    seen = Seen(case.step, case.content_version)
    await office.orders.act(
        ActOnCase(case.id, Action.ATTEST, Asking(BO), seen=seen, answers=Answers(confirmed=True), **BY_LINK)
    )

    assert await told(office) == [(ANNA, "submit", "web", "mail_code"), (BO, "attest", "web", "mail_link")]


async def test_what_is_refused_on_the_web_says_so_too(office):
    case = await office.place()
    command = ActOnCase(case.id, Action.ATTEST, Asking(ANNA), **BY_CODE)
    log, at = SqlRefusalLog(office.database), office.clock()

    await log.refused(refusal_of(command, NoRole(), at))
    await log.refused(refusal_of_order(wish(by=Asking(BO), **BY_LINK), NoRole(), at))

    assert (await told(office))[1:] == [(ANNA, "attest", "web", "mail_code"), (BO, "submit", "web", "mail_link")]


async def test_the_same_order_sent_twice_is_one_however_one_had_signed_in_meanwhile(office):
    first = await office.place(by=Asking(ANNA), **BY_CODE)

    assert (await office.place(by=Asking(ANNA), **BY_LINK)).id == first.id


def assured(rows):
    """Where lines say that something was done, and how sure they are of who did it."""
    return {row[2:] for row in rows}


async def test_whatever_is_kept_of_an_organisation_on_the_web_says_how_one_had_signed_in(office):
    keep = Administration(SqlRegistrar(office.database, new_id), RegisterAnnouncements(), office.clock, new_id)
    how = Assurance.MAIL_CODE
    granted = GrantRoles(Asking(ADA), REGION, "nina@example.org", "Nina Ny", frozenset({Role.ATTESTANT}), signed_in=how)
    added = await keep.grant(granted)
    assert added.person is not None
    number = (await keep.member(Asking(ADA), REGION, added.person)).roles[0].id

    await keep.change_role(ChangeRole(Asking(ADA), REGION, number, limit_ore=5, signed_in=how))
    await keep.rename(RenamePerson(Asking(ADA), REGION, added.person, "Nina Nyman", signed_in=how))
    await keep.end_role(EndRole(Asking(ADA), REGION, number, signed_in=how))
    await keep.set_invoices(SetInvoices(Asking(ADA), REGION, "Gatan 1", "REF", signed_in=how))
    await keep.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=1, signed_in=how))
    await keep.unlink(UnlinkAccounts(Asking(ADA), REGION, BO, signed_in=how))

    lines = await told(office)
    assert [row[1] for row in lines] == ["granted", "changed", "renamed", "ended", "invoiced", "changed", "unlinked"]
    assert assured(lines) == {("web", "mail_code")}


async def test_an_absence_that_is_entered_and_ended_on_the_web_says_how_one_had_signed_in(office):
    away, day = absences(office.database, office.clock), date(2027, 2, 1)
    command = SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, day, day, signed_in=Assurance.MAIL_CODE)

    made = await away.set_substitute(command)
    await away.set_substitute(replace(command, last=day + timedelta(days=1), signed_in=Assurance.MAIL_LINK))
    await away.end_substitution(EndSubstitution(Asking(BO), made.substitution.id, Assurance.MAIL_CODE))

    assert [row[2:] for row in await told(office)] == [("web", "mail_code"), ("web", "mail_link"), ("web", "mail_code")]


async def test_what_is_kept_in_slack_is_a_press_as_before(office):
    keep = Administration(SqlRegistrar(office.database, new_id), RegisterAnnouncements(), office.clock, new_id)
    await keep.grant(GrantRoles(identity(ADA), REGION, "nina@example.org", "Nina Ny", frozenset({Role.ORDERER})))

    assert assured(await told(office)) == {("slack", "click")}
