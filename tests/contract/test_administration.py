"""Administrators and customer service keep an organisation's people, rules and invoices, on both databases."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, update

from core.api import (
    Administration,
    Asking,
    ChangeRole,
    EndRole,
    GrantRoles,
    Identity,
    Missing,
    ProposedTier,
    RenamePerson,
    Role,
    Rules,
    SetInvoices,
    SetRules,
    Tier,
    UnlinkAccounts,
    new_id,
)
from core.shared import errors
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.database.database import Database
from notifications.cards.card import card_from_row
from notifications.cards.notes import read_told
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.support.world import seed
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    ERIK,
    INERA,
    KALLE,
    KARIN,
    LONG_AGO,
    NOW,
    REGION,
    RUT,
    SARA,
    TEAM,
    role_assignment,
    slack_user,
)  # fmt: skip

NEW = GrantRoles(Asking(ADA), REGION, "Nils.Ny@example.org", "Nils Ny", frozenset({Role.ORDERER}))
TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)


@dataclass
class World:
    """The use cases on a database, at a time that stands until it is moved."""

    database: Database
    at: datetime = NOW

    @property
    def administration(self):
        return Administration(
            SqlRegistrar(self.database, new_id),
            RegisterAnnouncements(),
            lambda: self.at,
            new_id,
        )

    async def rows(self, table, *conditions):
        query = select(table).where(*conditions).order_by(*table.primary_key)
        return await self.database.read(lambda c: c.execute(query).mappings().all())

    async def lines(self):
        return await self.rows(tables.history)

    async def cards(self):
        return sorted((each["kind"], each["person_id"]) for each in await self.rows(tables.cards))

    async def role(self, person, role, organisation=REGION):
        held = tables.role_assignments.c
        found = await self.rows(
            tables.role_assignments, held.person_id == person, held.role == role, held.organisation_id == organisation
        )
        return found[-1]

    async def grant(self, person, role, organisation=REGION, **more):
        row = role_assignment(person, organisation, role) | more
        await self.database.write(lambda c: c.execute(insert(tables.role_assignments), row))

    async def lend(self, absent, substitute, role=Role.ATTESTANT):
        row = seed.substitution(absent, substitute, REGION, role, LONG_AGO, NOW + timedelta(days=9))
        await self.database.write(lambda c: c.execute(insert(tables.substitutions), row))


@pytest.fixture
async def world(database_url):
    database = await seed.seeded(database_url)
    yield World(database)
    await database.close()


# --- who may


@pytest.mark.parametrize("by", [ANNA, DAVID, BO])
async def test_who_is_no_administrator_there_neither_reads_nor_changes(world, by):
    keep, by = world.administration, Asking(by)

    for work in (
        keep.organisation(by, REGION),
        keep.people(by, REGION),
        keep.member(by, REGION, ANNA),
        keep.grant(replace(NEW, by=by)),
        keep.set_invoices(SetInvoices(by, REGION, "Gatan 1", "REF")),
        keep.set_rules(SetRules(by, REGION, self_attest_allowed=False, eid_from_ore=1)),
        keep.end_role(EndRole(by, REGION, (await world.role(BO, Role.ATTESTANT))["id"])),
        keep.unlink(UnlinkAccounts(by, REGION, BO)),
        keep.rename(RenamePerson(by, REGION, BO, "Bo Ekman")),
    ):
        with pytest.raises(errors.NoRole):
            await work
    assert await world.lines() == []
    assert list(await keep.find(by)) == []


async def test_an_administrator_of_one_organisation_is_nobody_in_another(world):
    keep = world.administration
    theirs = (await world.role(DAVID, Role.ATTESTANT, CLINIC))["id"]

    with pytest.raises(errors.NoRole):
        await keep.organisation(Asking(ADA), CLINIC)
    with pytest.raises(errors.NoSuchAssignment):
        await keep.end_role(EndRole(Asking(ADA), REGION, theirs))
    with pytest.raises(errors.NoSuchAssignment):
        await keep.change_role(ChangeRole(Asking(ADA), REGION, theirs, limit_ore=1))
    with pytest.raises(errors.NoSuchAssignment):
        await keep.member(Asking(ADA), REGION, DAVID)
    with pytest.raises(errors.NoSuchAssignment):
        await keep.unlink(UnlinkAccounts(Asking(ADA), REGION, DAVID))
    with pytest.raises(errors.NoSuchAssignment):
        await keep.rename(RenamePerson(Asking(ADA), REGION, DAVID, "David Fri"))

    assert [each.id for each in await keep.find(Asking(ADA))] == [REGION]
    assert await keep.readiness(Asking(ADA), [REGION, CLINIC]) == {
        REGION: (await keep.organisation(Asking(ADA), REGION)).readiness
    }


async def test_an_account_that_is_nobodys_and_an_administrator_who_has_left_are_refused(world):
    keep = world.administration
    gone = update(tables.persons).where(tables.persons.c.id == ADA).values(active=False)
    await world.database.write(lambda c: c.execute(gone))

    with pytest.raises(errors.NotLinked):
        await keep.organisation(Identity(TEAM, "U0STRANGER"), REGION)
    with pytest.raises(errors.PersonInactive):
        await keep.organisation(Identity(TEAM, slack_user(ADA)), REGION)


async def test_an_account_counts_in_its_own_workspace_alone_and_once_it_is_confirmed(world):
    mine = Identity(TEAM, slack_user(ADA))
    offered = update(tables.identities).where(tables.identities.c.person_id == ADA).values(state="offered")

    assert (await world.administration.organisation(mine, REGION)).organisation.id == REGION
    with pytest.raises(errors.NotLinked):
        await world.administration.organisation(replace(mine, issuer="slack:T0ANOTHER1"), REGION)
    await world.database.write(lambda c: c.execute(offered))
    with pytest.raises(errors.NotLinked):
        await world.administration.organisation(mine, REGION)


async def test_customer_service_keeps_every_organisation_but_ineras_own_roles(world):
    keep = world.administration

    await keep.grant(replace(NEW, by=Asking(KARIN), organisation=CLINIC))

    assert [each.person.name for each in await keep.people(Asking(KARIN), CLINIC)] == ["David Frid", "Nils Ny"]
    assert {each.id for each in await keep.find(Asking(KARIN))} == {REGION, CLINIC, AGENT, INERA}
    with pytest.raises(errors.InerasOwn):
        await keep.grant(replace(NEW, by=Asking(KARIN), organisation=INERA, roles=frozenset({Role.CUSTOMER_SERVICE})))
    with pytest.raises(errors.InerasOwn):
        await keep.unlink(UnlinkAccounts(Asking(KARIN), INERA, KALLE))
    with pytest.raises(errors.InerasOwn):
        await keep.rename(RenamePerson(Asking(KARIN), INERA, KALLE, "Karl Kund"))


# --- names


@pytest.mark.parametrize("by", [ADA, KARIN])
async def test_whoever_keeps_an_organisation_corrects_the_name_of_somebody_there(world, by):
    done = await world.administration.rename(RenamePerson(Asking(by), REGION, BO, " Bo Ekman "))

    (person,) = await world.rows(tables.persons, tables.persons.c.id == BO)
    (line,) = await world.lines()
    (card,) = await world.rows(tables.cards)
    told = await world.database.read(lambda c: read_told(c, [card_from_row(SimpleNamespace(**card))]))
    assert done.is_news
    assert (person["name"], person["email"], person["active"]) == ("Bo Ekman", "bo@example.org", True)
    assert (line["kind"], line["action"]) == ("person", "renamed")
    assert (line["about_id"], line["organisation_id"]) == (BO, REGION)
    assert (line["person_id"], line["surface"], json.loads(line["evidence"])) == (by, "web", {"by": by})
    assert (card["kind"], card["person_id"], told[card["id"]].about) == ("renamed", BO, "Bo Ekman")


@pytest.mark.parametrize("other", [None, SARA])
async def test_an_own_other_name_is_told_to_other_administrators_or_else_to_customer_service(world, other):
    if other is not None:
        await world.grant(other, Role.ADMINISTRATOR)

    done = await world.administration.rename(RenamePerson(Asking(ADA), REGION, ADA, "Bo Lund"))

    assert done.is_own
    assert await world.cards() == [("own_name", other)]


async def test_a_name_that_is_as_it_was_is_no_news_and_a_form_counts_once(world):
    wish = RenamePerson(Asking(ADA), REGION, BO, "Bo Ekman", key="V1")

    assert (await world.administration.rename(wish)).is_news
    assert not (await world.administration.rename(replace(wish, key="V2"))).is_news
    await world.administration.rename(replace(wish, name="Bo Ek", key="V3"))
    with pytest.raises(errors.AlreadySent):
        await world.administration.rename(wish)
    (person,) = await world.rows(tables.persons, tables.persons.c.id == BO)
    assert person["name"] == "Bo Ek"


@pytest.mark.parametrize("days", [{"valid_from": NOW + timedelta(days=9)}, {"valid_to": NOW - timedelta(days=9)}])
async def test_the_name_of_somebody_with_a_role_elsewhere_is_corrected_by_customer_service_alone(world, days):
    # Also once it is over: what was done there is read by that organisation's people.
    await world.grant(BO, Role.AGREEMENT_CONTACT, CLINIC, **days)

    with pytest.raises(errors.NameOfOthers) as refused:
        await world.administration.rename(RenamePerson(Asking(ADA), REGION, BO, "Bo Ekman"))
    assert refused.value.facts == {"person": BO}
    assert (await world.administration.rename(RenamePerson(Asking(KARIN), REGION, BO, "Bo Ekman"))).is_news


async def test_a_role_elsewhere_that_was_called_off_keeps_nobody_from_correcting_a_name(world):
    await world.grant(BO, Role.AGREEMENT_CONTACT, CLINIC, valid_from=NOW, valid_to=NOW)

    assert (await world.administration.rename(RenamePerson(Asking(ADA), REGION, BO, "Bo Ekman"))).is_news


@pytest.mark.parametrize(
    ("name", "error", "problem"),
    [
        ("", errors.RegisterError, "required"),
        ("Logga in på https://evil.example", errors.RegisterError, "address_in_name"),
        ("Bo\u202eEk", errors.RegisterError, "invalid"),
        ("B" * 201, errors.RegisterError, "too_long"),
        ("Bo 19811228-9874", errors.PersonalNumber, None),
    ],
)
async def test_a_corrected_name_keeps_the_rules_of_a_name(world, name, error, problem):
    with pytest.raises(error) as refused:
        await world.administration.rename(RenamePerson(Asking(ADA), REGION, BO, name))

    assert (refused.value.facts["field"], refused.value.facts.get("problem")) == ("name", problem)
    assert await world.lines() == []


# --- accounts


@pytest.mark.parametrize("by", [ADA, KARIN])
async def test_whoever_keeps_an_organisation_ends_what_links_somebody_there_to_an_account(world, by):
    keep = world.administration
    before = await keep.member(Asking(by), REGION, BO)

    assert await keep.unlink(UnlinkAccounts(Asking(by), REGION, BO))

    (account,) = await world.rows(tables.identities, tables.identities.c.person_id == BO)
    (line,) = await world.lines()
    assert (before.may_be_unlinked, (await keep.member(Asking(by), REGION, BO)).may_be_unlinked) == (True, False)
    assert account["state"] == "barred"
    told = (line["action"], line["person_id"], line["about_id"], line["organisation_id"], line["surface"])
    assert told == ("unlinked", by, BO, REGION, "web")
    assert json.loads(line["evidence"])["why"] == "administrator"


@pytest.mark.parametrize("by", [ADA, KARIN])
async def test_nobody_unlinks_somebody_who_has_a_role_elsewhere_by_giving_her_one_here(world, by):
    for email in ("karin@example.org", "david@example.org"):
        await world.administration.grant(replace(NEW, by=Asking(ADA), organisation=REGION, email=email))

    for person in (KARIN, DAVID):
        assert not (await world.administration.member(Asking(by), REGION, person)).may_be_unlinked
        assert not await world.administration.unlink(UnlinkAccounts(Asking(by), REGION, person))
    assert {row["state"] for row in await world.rows(tables.identities)} == {"confirmed"}


@pytest.mark.parametrize("since", [LONG_AGO - timedelta(days=1), NOW])
async def test_a_role_that_another_organisation_has_given_since_bars_nobody_from_unlinking(world, since):
    # Days are whatever somebody writes; which was first is not.
    await world.grant(BO, Role.AGREEMENT_CONTACT, CLINIC, valid_from=since)

    assert not (await world.administration.member(Asking(KARIN), CLINIC, BO)).may_be_unlinked
    assert not await world.administration.unlink(UnlinkAccounts(Asking(KARIN), CLINIC, BO))
    assert (await world.administration.member(Asking(ADA), REGION, BO)).may_be_unlinked
    assert await world.administration.unlink(UnlinkAccounts(Asking(ADA), REGION, BO))


async def test_the_other_administrators_hear_of_it_once_and_nothing_comes_of_a_second_time(world):
    await world.grant(CECILIA, Role.ADMINISTRATOR)
    wish = UnlinkAccounts(Asking(ADA), REGION, BO)

    assert [await world.administration.unlink(wish), await world.administration.unlink(wish)] == [True, False]
    assert await world.cards() == [("unlinked", CECILIA)]


async def test_an_account_of_e_identification_links_nobody_to_slack(world):
    change = update(tables.identities).where(tables.identities.c.person_id == BO).values(issuer="eid:sim")
    await world.database.write(lambda c: c.execute(change))

    assert not (await world.administration.member(Asking(ADA), REGION, BO)).may_be_unlinked


async def test_nobody_at_customer_service_grants_herself_a_role(world):
    keep, mine = world.administration, "karin@example.org"
    before = await world.rows(tables.role_assignments)

    with pytest.raises(errors.NotForOneself):
        await keep.grant(replace(NEW, by=Asking(KARIN), organisation=CLINIC, email=mine))

    assert await world.rows(tables.role_assignments) == before
    await keep.grant(replace(NEW, by=Asking(KALLE), organisation=CLINIC, email=mine))


async def test_nobody_at_customer_service_widens_what_she_decides_by_in_anothers_place(world):
    keep, erik = world.administration, (await world.role(ERIK, Role.ATTESTANT))["id"]
    raised = ChangeRole(Asking(KARIN), REGION, erik, limit_ore=None)
    await world.lend(ERIK, KARIN)

    with pytest.raises(errors.NotForOneself):
        await keep.change_role(raised)
    with pytest.raises(errors.NotForOneself):
        await keep.set_rules(SetRules(Asking(KARIN), REGION, self_attest_allowed=False, eid_from_ore=None))

    await keep.change_role(replace(raised, limit_ore=1))
    await keep.change_role(replace(raised, by=Asking(KALLE)))
    await keep.set_rules(SetRules(Asking(KALLE), REGION, self_attest_allowed=False, eid_from_ore=100))


@pytest.mark.parametrize("role", [Role.ATTESTANT, Role.ORDERER])
async def test_nobody_at_customer_service_sets_rules_where_she_orders_or_decides(world, role):
    await world.grant(KARIN, role, valid_from=NOW + timedelta(days=1))
    await world.grant(KARIN, role, CLINIC, valid_to=NOW)
    wish = SetRules(Asking(KARIN), REGION, self_attest_allowed=False, eid_from_ore=100)

    with pytest.raises(errors.NotForOneself):
        await world.administration.set_rules(wish)
    assert (await world.administration.set_rules(replace(wish, organisation=CLINIC))).is_news


# --- people and roles


async def test_a_person_is_added_by_address_with_several_roles_at_once(world):
    roles = frozenset({Role.ORDERER, Role.ATTESTANT})
    wish = replace(NEW, roles=roles, limit_ore=5_000_000, service="npo", last=date(2026, 12, 31))

    done = await world.administration.grant(wish)

    found = await world.administration.member(Asking(ADA), REGION, done.person)
    assert (found.person.name, found.person.email) == ("Nils Ny", "nils.ny@example.org")
    end = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert {(each.role, each.limit_ore, each.service, each.until) for each in found.roles} == {
        (Role.ORDERER, None, None, end),
        (Role.ATTESTANT, 5_000_000, "npo", end),
    }


async def test_a_personnummer_is_kept_out_of_a_new_persons_name(world):
    with pytest.raises(errors.PersonalNumber) as refused:
        await world.administration.grant(replace(NEW, name="Nils Ny 811228-9874"))

    assert refused.value.facts["field"] == "name"
    assert await world.rows(tables.persons, tables.persons.c.name.like("Nils%")) == []


async def test_somebody_known_by_the_address_is_that_person_and_keeps_the_name(world):
    done = await world.administration.grant(replace(NEW, email="DAVID@example.org", name="Davve"))

    assert done.person == DAVID
    assert (await world.administration.member(Asking(ADA), REGION, DAVID)).person.name == "David Frid"
    # What the person is elsewhere is not told here.
    assert [each.role for each in (await world.administration.member(Asking(ADA), REGION, DAVID)).roles] == [
        Role.ORDERER
    ]


async def test_adding_twice_is_adding_once(world):
    first = await world.administration.grant(NEW)
    again = await world.administration.grant(NEW)

    assert first.is_news
    assert not again.is_news
    assert len(await world.lines()) == 1


async def test_a_form_counts_once_whatever_has_become_of_it_since(world):
    wish = replace(NEW, key="V1")
    done = await world.administration.grant(wish)
    (role,) = (await world.administration.member(Asking(ADA), REGION, done.person)).roles
    await world.administration.end_role(EndRole(Asking(ADA), REGION, role.id))

    with pytest.raises(errors.AlreadySent):
        await world.administration.grant(wish)
    with pytest.raises(errors.NoSuchAssignment):
        await world.administration.member(Asking(ADA), REGION, done.person)
    # Another form, and another person's, is another wish.
    assert (await world.administration.grant(replace(wish, key="V2"))).is_news
    assert (
        await world.administration.grant(replace(wish, by=Asking(KARIN), roles=frozenset({Role.ATTESTANT})))
    ).is_news


@pytest.mark.parametrize("what", ["change_role", "end_role", "set_invoices", "set_rules", "unlink"])
async def test_every_form_about_an_organisation_counts_once(world, what):
    erik = (await world.role(ERIK, Role.ATTESTANT))["id"]
    wish = {
        "change_role": ChangeRole(Asking(ADA), REGION, erik, limit_ore=9_900, key="V1"),
        "end_role": EndRole(Asking(ADA), REGION, erik, key="V1"),
        "set_invoices": SetInvoices(Asking(ADA), REGION, "Gatan 1", "REF", key="V1"),
        "set_rules": SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=1, key="V1"),
        "unlink": UnlinkAccounts(Asking(ADA), REGION, BO, key="V1"),
    }[what]
    send = getattr(world.administration, what)
    await send(wish)
    lines = len(await world.lines())

    with pytest.raises(errors.AlreadySent):
        await send(wish)
    assert (lines, len(await world.lines())) == (1, 1)


async def test_of_one_form_sent_many_times_at_once_one_counts(world):
    sent = [world.administration.grant(replace(NEW, key="V1")) for _ in range(4)]

    came = await asyncio.gather(*sent, return_exceptions=True)

    assert sorted(type(each).__name__ for each in came) == [*["AlreadySent"] * 3, "ChangeResult"]


async def test_a_form_that_was_refused_may_be_sent_again(world):
    with pytest.raises(errors.RegisterError):
        await world.administration.grant(replace(NEW, key="V1", roles=frozenset()))

    assert (await world.administration.grant(replace(NEW, key="V1"))).is_news


WRONG_ROLES = [
    ({"email": "nobody"}, "email", "invalid"),
    ({"email": ""}, "email", "invalid"),
    ({"name": " "}, "name", "required"),
    ({"name": "x" * 201}, "name", "too_long"),
    ({"name": "kund, logga in på https://inera.example"}, "name", "address_in_name"),
    ({"name": "kund, logga in på inera.example"}, "name", "address_in_name"),
    ({"roles": frozenset()}, "roles", "required"),
    ({"roles": frozenset({Role.AGENT_HANDLER})}, "roles", "role_not_for_kind"),
    ({"roles": frozenset({Role.CUSTOMER_SERVICE})}, "roles", "role_not_for_kind"),
    ({"limit_ore": 100}, "limit", "limit_not_for_role"),
    ({"service": "npo"}, "service", "service_not_for_role"),
    ({"roles": frozenset({Role.ATTESTANT}), "service": "nothing"}, "service", "unknown"),
    ({"roles": frozenset({Role.ATTESTANT}), "limit_ore": -1}, "limit", "invalid"),
    ({"first": TOMORROW, "last": TODAY}, "last", "period_reversed"),
    ({"last": date(2026, 11, 24)}, "last", "day_gone"),
    ({"first": date(2026, 11, 24)}, "first", "day_gone"),
]


@pytest.mark.parametrize(("changes", "field", "problem"), WRONG_ROLES)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(world, changes, field, problem):
    people = len(await world.rows(tables.persons))

    with pytest.raises(errors.RegisterError) as refused:
        await world.administration.grant(replace(NEW, **changes))

    assert (refused.value.facts["problem"], refused.value.facts["field"]) == (problem, field)
    assert (len(await world.rows(tables.persons)), await world.lines()) == (people, [])


async def test_who_has_left_comes_back_by_customer_service_alone(world):
    gone = update(tables.persons).where(tables.persons.c.id == SARA).values(active=False)
    await world.database.write(lambda c: c.execute(gone))
    wish = replace(NEW, email="sara@example.org", name="Sara Ohlin")

    with pytest.raises(errors.PersonHasLeft):
        await world.administration.grant(wish)
    await world.administration.grant(replace(wish, by=Asking(KARIN)))

    assert Role.ORDERER in {each.role for each in (await world.administration.member(Asking(ADA), REGION, SARA)).roles}


async def test_who_has_left_comes_back_with_the_own_name_and_language_whatever_the_form_calls_her(world):
    gone = update(tables.persons).where(tables.persons.c.id == CECILIA).values(active=False)
    await world.database.write(lambda c: c.execute(gone))

    await world.administration.grant(replace(NEW, by=Asking(KARIN), email="cecilia@example.org", name="Cissi"))

    (cecilia,) = await world.rows(tables.persons, tables.persons.c.id == CECILIA)
    assert (cecilia["name"], cecilia["language"], cecilia["active"]) == ("Cecilia Dahl", "en", True)


async def test_who_has_left_comes_back_though_the_own_name_was_taken_before_names_were_judged(world):
    gone = update(tables.persons).where(tables.persons.c.id == CECILIA).values(active=False, name="Cecilia.Dahl")
    await world.database.write(lambda c: c.execute(gone))

    await world.administration.grant(replace(NEW, by=Asking(KARIN), email="cecilia@example.org", name="Cissi"))

    (cecilia,) = await world.rows(tables.persons, tables.persons.c.id == CECILIA)
    assert (cecilia["name"], cecilia["language"], cecilia["active"]) == ("Cecilia.Dahl", "en", True)


async def test_a_role_is_changed_and_ended_by_its_number(world):
    keep, erik = world.administration, (await world.role(ERIK, Role.ATTESTANT))["id"]

    await keep.change_role(ChangeRole(Asking(ADA), REGION, erik, limit_ore=9_900, last=date(2027, 1, 31)))
    changed = await world.role(ERIK, Role.ATTESTANT)
    await keep.end_role(EndRole(Asking(ADA), REGION, erik))

    assert (changed["attest_limit_ore"], changed["valid_to"]) == (9_900, datetime(2027, 1, 31, 23, tzinfo=UTC))
    assert (await world.role(ERIK, Role.ATTESTANT))["valid_to"] == NOW
    assert [each["action"] for each in await world.lines()] == ["changed", "ended"]
    with pytest.raises(errors.NoSuchAssignment):
        await keep.end_role(EndRole(Asking(ADA), REGION, erik))


async def test_a_role_may_end_with_a_day(world):
    erik = (await world.role(ERIK, Role.ATTESTANT))["id"]

    await world.administration.end_role(EndRole(Asking(ADA), REGION, erik, last=TOMORROW))

    assert (await world.role(ERIK, Role.ATTESTANT))["valid_to"] == datetime(2026, 11, 26, 23, tzinfo=UTC)


async def test_a_role_that_is_prolonged_or_raised_does_not_end_in_history(world):
    keep, erik = world.administration, (await world.role(ERIK, Role.ATTESTANT))["id"]

    await keep.end_role(EndRole(Asking(ADA), REGION, erik, last=TOMORROW))
    await keep.end_role(EndRole(Asking(ADA), REGION, erik, last=date(2026, 12, 31)))
    await keep.change_role(ChangeRole(Asking(ADA), REGION, erik, limit_ore=100_000_000, last=date(2027, 12, 31)))

    lines = await world.lines()
    assert [each["action"] for each in lines] == ["ended", "changed", "changed"]
    assert json.loads(lines[-1]["evidence"])["valid_to"] == "2027-12-31T23:00:00+00:00"


async def test_a_role_that_no_longer_has_a_last_day_goes_on_and_nobody_is_told_that_it_ended(world):
    keep, erik = world.administration, (await world.role(ERIK, Role.ATTESTANT))["id"]
    await keep.end_role(EndRole(Asking(ADA), REGION, erik, last=TOMORROW))

    await keep.change_role(ChangeRole(Asking(ADA), REGION, erik))

    assert (await world.role(ERIK, Role.ATTESTANT))["valid_to"] is None
    assert [each["action"] for each in await world.lines()] == ["ended", "changed"]


async def test_people_are_paged_by_name_and_those_who_have_left_are_not_among_them(world):
    for person, changes in ((SARA, {"active": False}), (RUT, {"name": "Adam Berg"}), (ERIK, {"name": "Bo Ek"})):
        changed = update(tables.persons).where(tables.persons.c.id == person).values(changes)
        await world.database.write(lambda c, changed=changed: c.execute(changed))

    first = await world.administration.people(Asking(ADA), REGION, limit=4)
    rest = await world.administration.people(Asking(ADA), REGION, after=first[-1].person.id, limit=10)

    assert [each.person.id for each in first] == [ADA, RUT, ANNA, BO]
    assert [each.person.id for each in rest] == [ERIK, CECILIA]
    assert {each.role for each in rest[1].roles} == {Role.ATTESTANT, Role.ORDERER}


async def test_people_are_listed_with_the_roles_that_are_not_over_in_the_order_they_begin(world):
    to_come = NOW + timedelta(days=1)
    await world.grant(ERIK, Role.ORDERER, valid_from=LONG_AGO - timedelta(days=1))
    await world.grant(ERIK, Role.SIGNATORY, valid_to=NOW)
    await world.grant(ERIK, Role.ADMINISTRATOR, valid_from=to_come, valid_to=to_come)

    listed = {each.person.id: each.roles for each in await world.administration.people(Asking(ADA), REGION)}

    assert [each.role for each in listed[ERIK]] == [Role.ORDERER, Role.ATTESTANT]
    assert (await world.administration.member(Asking(ADA), REGION, ERIK)).roles == listed[ERIK]


async def test_what_organisations_lack_is_told_to_who_keeps_them_while_that_holds(world):
    all_of_them = [REGION, CLINIC, AGENT]
    await world.grant(SARA, Role.ADMINISTRATOR, CLINIC, valid_to=NOW)
    await world.grant(BO, Role.CUSTOMER_SERVICE, INERA, valid_to=NOW)
    await world.grant(ADA, Role.ADMINISTRATOR, AGENT)

    async def told(by, of=all_of_them):
        return set(await world.administration.readiness(Asking(by), of))

    assert await told(ADA) == {REGION, AGENT}
    assert await told(ADA, [REGION, CLINIC]) == {REGION}
    assert await told(KARIN) == set(all_of_them)
    assert [await told(SARA), await told(BO), await told(ANNA)] == [set(), set(), set()]


# --- the last administrator


async def test_the_others_hear_who_has_ended_the_own_role_as_administrator(world):
    await world.administration.grant(replace(NEW, roles=frozenset({Role.ADMINISTRATOR})))
    await world.administration.end_role(EndRole(Asking(ADA), REGION, (await world.role(ADA, Role.ADMINISTRATOR))["id"]))
    last = (await world.lines())[-1]["id"]

    card = SimpleNamespace(id="C1", line=last)
    told = await world.database.read(lambda connection: read_told(connection, [card]))

    assert told["C1"].by == "Ada Norén"


async def test_only_who_administered_the_organisation_then_is_named_to_its_people(world):
    """Customer service, another's administrator, an attestant, and who administered before or since are not."""
    await world.administration.set_invoices(SetInvoices(Asking(ADA), REGION, "Gatan 1", "REF"))
    for person, role, organisation, more in (
        (DAVID, Role.ADMINISTRATOR, CLINIC, {}),
        (SARA, Role.ADMINISTRATOR, REGION, {"valid_from": NOW + timedelta(days=1)}),
        (ERIK, Role.ADMINISTRATOR, REGION, {"valid_to": NOW - timedelta(days=1)}),
    ):
        await world.grant(person, role, organisation, **more)
    (line,) = await world.lines()
    for person in (KARIN, DAVID, BO, SARA, ERIK):
        also = {name: value for name, value in line.items() if name != "id"} | {"person_id": person}
        await world.database.write(lambda c, row=also: c.execute(insert(tables.history), row).close())

    cards = [SimpleNamespace(id=each["id"], line=each["id"]) for each in await world.lines()]
    told = await world.database.read(lambda connection: read_told(connection, cards))

    assert [each.by for each in told.values()] == ["Ada Norén", *[None] * 5]


async def test_the_last_administrator_ends_neither_now_nor_with_a_day(world):
    mine = (await world.role(ADA, Role.ADMINISTRATOR))["id"]

    for wish in (EndRole(Asking(ADA), REGION, mine), EndRole(Asking(ADA), REGION, mine, last=TOMORROW)):
        with pytest.raises(errors.LastAdministrator):
            await world.administration.end_role(wish)
    with pytest.raises(errors.LastAdministrator):
        await world.administration.change_role(ChangeRole(Asking(ADA), REGION, mine, last=date(2027, 12, 31)))

    assert (await world.role(ADA, Role.ADMINISTRATOR))["valid_to"] is None


async def test_an_administrator_goes_when_another_stays_for_longer(world):
    mine = (await world.role(ADA, Role.ADMINISTRATOR))["id"]
    until = datetime(2026, 12, 31, 23, tzinfo=UTC)
    await world.grant(SARA, Role.ADMINISTRATOR, valid_to=until)

    with pytest.raises(errors.LastAdministrator):
        await world.administration.end_role(EndRole(Asking(ADA), REGION, mine, last=date(2027, 1, 31)))
    await world.administration.end_role(EndRole(Asking(ADA), REGION, mine, last=date(2026, 11, 30)))


async def test_an_administrator_does_not_go_for_one_who_is_still_to_come(world):
    mine = (await world.role(ADA, Role.ADMINISTRATOR))["id"]
    await world.grant(SARA, Role.ADMINISTRATOR, valid_from=NOW + timedelta(hours=1))

    with pytest.raises(errors.LastAdministrator):
        await world.administration.end_role(EndRole(Asking(ADA), REGION, mine, last=TOMORROW))


@pytest.mark.parametrize(
    ("role", "organisation", "until", "active"),
    [
        (Role.ADMINISTRATOR, REGION, None, False),
        (Role.ADMINISTRATOR, REGION, NOW, True),
        (Role.ADMINISTRATOR, CLINIC, None, True),
        (Role.ATTESTANT, REGION, None, True),
    ],
)
async def test_who_has_left_or_administers_elsewhere_is_none_that_stays(world, role, organisation, until, active):
    mine = (await world.role(ADA, Role.ADMINISTRATOR))["id"]
    await world.grant(SARA, role, organisation, valid_to=until)
    gone = update(tables.persons).where(tables.persons.c.id == SARA).values(active=active)
    await world.database.write(lambda connection: connection.execute(gone))

    with pytest.raises(errors.LastAdministrator):
        await world.administration.end_role(EndRole(Asking(ADA), REGION, mine))


async def test_customer_service_may_end_the_last_administrator(world):
    mine = (await world.role(ADA, Role.ADMINISTRATOR))["id"]

    await world.administration.end_role(EndRole(Asking(KARIN), REGION, mine))

    with pytest.raises(errors.NoRole):
        await world.administration.organisation(Asking(ADA), REGION)


# --- who hears of it


async def test_whose_role_it_is_hears_of_it_and_history_says_who_did_it(world):
    done = await world.administration.grant(NEW)

    [line] = await world.lines()
    assert (line["kind"], line["action"], line["person_id"], line["about_id"]) == ("role", "granted", ADA, done.person)
    assert (line["surface"], line["organisation_id"]) == ("web", REGION)
    [card] = await world.rows(tables.cards)
    assert (card["kind"], card["person_id"], card["line_id"]) == ("role", done.person, line["id"])
    assert card["due_at"] == NOW


async def test_nobody_is_told_of_what_they_did_themselves(world):
    await world.administration.grant(replace(NEW, email="ada@example.org", roles=frozenset({Role.ORDERER})))

    assert await world.cards() == []


@pytest.mark.parametrize("other", [None, SARA])
async def test_an_own_wider_right_to_attest_is_told_to_other_administrators_or_else_to_customer_service(world, other):
    if other is not None:
        await world.grant(other, Role.ADMINISTRATOR)
    wish = replace(NEW, email="ada@example.org", roles=frozenset({Role.ATTESTANT}), limit_ore=100)

    await world.administration.grant(wish)
    mine = (await world.role(ADA, Role.ATTESTANT))["id"]
    await world.administration.change_role(ChangeRole(Asking(ADA), REGION, mine, limit_ore=50))
    await world.administration.change_role(ChangeRole(Asking(ADA), REGION, mine, limit_ore=None))

    # Taking of one's own authority is nobody else's matter.
    assert await world.cards() == [("own_authority", other)] * 2


@pytest.mark.parametrize(("by", "eyes"), [(ADA, None), (KARIN, ADA)])
async def test_a_new_right_to_decide_is_told_to_other_administrators_or_else_to_customer_service(world, by, eyes):
    done = await world.administration.grant(
        replace(NEW, by=Asking(by), roles=frozenset({Role.ATTESTANT}), limit_ore=100)
    )
    given = (await world.role(done.person, Role.ATTESTANT))["id"]
    await world.administration.change_role(ChangeRole(Asking(by), REGION, given, limit_ore=50))
    await world.administration.change_role(ChangeRole(Asking(by), REGION, given, limit_ore=None))

    told = [(each["kind"], each["person_id"]) for each in await world.rows(tables.cards)]
    assert sorted(told, key=str) == sorted([("colleague_role", eyes)] * 2 + [("role", done.person)] * 3, key=str)


async def test_ineras_administrator_makes_herself_no_part_of_customer_service_unseen(world):
    await world.grant(SARA, Role.ADMINISTRATOR, INERA)
    wish = replace(
        NEW, by=Asking(SARA), organisation=INERA, email="sara@example.org", roles=frozenset({Role.CUSTOMER_SERVICE})
    )

    await world.administration.grant(wish)

    assert await world.cards() == [("own_authority", None)]


async def test_customer_service_hears_of_a_role_that_keeps_one_of_its_own_from_an_organisations_cases(world):
    wish = replace(NEW, email="karin@example.org", roles=frozenset({Role.AGREEMENT_CONTACT}))

    await world.administration.grant(wish)

    told = [(each["kind"], each["person_id"]) for each in await world.rows(tables.cards)]
    assert sorted(told, key=str) == [("colleague_role", None), ("role", KARIN)]


async def test_a_new_administrator_is_told_to_the_others(world):
    done = await world.administration.grant(replace(NEW, by=Asking(KARIN), roles=frozenset({Role.ADMINISTRATOR})))

    assert await world.cards() == [("colleague_role", ADA), ("role", done.person)]


async def test_the_first_twenty_by_name_who_are_administrators_now_hear_of_a_new_one(world):
    others = [{"id": f"P-{99 - n}", "name": f"Bea {n}", "email": f"{n}@example.org"} for n in range(10, 30)]
    gone = update(tables.persons).where(tables.persons.c.id == AMIR).values(active=False)
    await world.database.write(lambda c: (c.execute(insert(tables.persons), others), c.execute(gone)))
    for each in others:
        await world.grant(each["id"], Role.ADMINISTRATOR)
    await world.grant(ANNA, Role.ADMINISTRATOR, valid_to=NOW)
    await world.grant(AMIR, Role.ADMINISTRATOR)

    done = await world.administration.grant(replace(NEW, by=Asking(KARIN), roles=frozenset({Role.ADMINISTRATOR})))

    first = [ADA, *(each["id"] for each in others[:-1])]
    assert await world.cards() == [*(("colleague_role", each) for each in sorted(first)), ("role", done.person)]


async def test_rules_are_told_to_those_who_decide_and_to_a_second_pair_of_eyes(world):
    await world.administration.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=100))

    told = [(each["kind"], each["person_id"]) for each in await world.rows(tables.cards)]
    assert sorted(told, key=str) == sorted(
        [("rules", BO), ("rules", CECILIA), ("rules", ERIK), ("rules", None)], key=str
    )


async def test_orderers_hear_when_the_organisation_can_order(world):
    david = (await world.role(DAVID, Role.ATTESTANT, CLINIC))["id"]
    before = (await world.administration.organisation(Asking(KARIN), CLINIC)).readiness
    await world.administration.end_role(EndRole(Asking(KARIN), CLINIC, david))

    wish = GrantRoles(Asking(KARIN), CLINIC, "nils@example.org", "Nils Ny", frozenset({Role.ATTESTANT}))
    done = await world.administration.grant(wish)

    assert before.missing == (Missing.SECOND_PERSON,)
    assert (await world.administration.organisation(Asking(KARIN), CLINIC)).readiness.is_ready
    told = [("colleague_role", None), ("ready", DAVID), ("role", DAVID), ("role", done.person)]
    assert await world.cards() == told


async def test_waiting_cases_are_looked_at_anew_when_roles_or_rules_change(world):
    await world.administration.grant(replace(NEW, roles=frozenset({Role.ATTESTANT}), last=TOMORROW))
    await world.administration.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=7))

    noted = {(each["organisation_id"], each["due_at"]) for each in await world.rows(tables.reviews)}
    assert noted == {(REGION, NOW), (REGION, datetime(2026, 11, 26, 23, tzinfo=UTC))}


# --- rules and invoices


async def test_how_many_must_attest_stays_where_only_the_rest_of_the_rules_is_said(world):
    tiers = (ProposedTier(2_000_000, sequence=("bo@example.org", "cecilia@example.org")), ProposedTier(500_000, 2))
    await world.administration.set_rules(SetRules(Asking(ADA), REGION, False, None, tiers))
    before = (await world.administration.organisation(Asking(ADA), REGION)).rules

    await world.administration.set_rules(SetRules(Asking(ADA), REGION, False, 10_000_000, tiers=None))

    after = (await world.administration.organisation(Asking(ADA), REGION)).rules
    assert (after.tiers, after.eid_from_ore) == (before.tiers, 10_000_000)
    assert [each.from_ore for each in after.tiers] == [500_000, 2_000_000]


@pytest.mark.parametrize(("name", "said", "usual"), [("reminder_days", 4, 2), ("reminder_hour", 14, 9)])
async def test_when_people_are_reminded_stays_where_a_form_did_not_ask_and_lets_no_case_be_looked_at_anew(
    world, name, said, usual
):
    wish = SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=None)
    done = await world.administration.set_rules(replace(wish, **{name: said}))
    noted = await world.rows(tables.reviews)

    again = await world.administration.set_rules(wish)

    assert (done.is_news, again.is_news, noted) == (True, False, [])
    assert (await world.administration.organisation(Asking(ADA), REGION)).rules == Rules(**{name: said})
    (line,) = await world.lines()
    assert json.loads(line["evidence"]) == {"by": ADA, name: said, "before": {name: usual}}
    told = [(each["kind"], each["person_id"]) for each in await world.rows(tables.cards)]
    assert sorted(told, key=str) == sorted(
        [("rules", BO), ("rules", CECILIA), ("rules", ERIK), ("rules", None)], key=str
    )


@pytest.mark.parametrize("hour", [-1, 0, 8, 17, 24, 2**40])
async def test_another_hour_of_reminders_than_there_may_be_is_refused_at_its_field(world, hour):
    wish = SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=None, reminder_hour=hour)

    with pytest.raises(errors.RegisterError) as refused:
        await world.administration.set_rules(wish)

    assert refused.value.facts == {"problem": "invalid", "field": "reminder_hour"}
    assert await world.lines() == []


@pytest.mark.parametrize("days", [-1, 0, 5, 2**40])
async def test_other_days_between_reminders_than_there_may_be_are_refused_at_their_field(world, days):
    wish = SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=None, reminder_days=days)

    with pytest.raises(errors.RegisterError) as refused:
        await world.administration.set_rules(wish)

    assert refused.value.facts == {"problem": "invalid", "field": "reminder_days"}
    assert await world.lines() == []


async def test_more_tiers_than_there_may_be_are_refused_at_their_field(world):
    tiers = tuple(ProposedTier(number) for number in range(11))

    with pytest.raises(errors.RegisterError) as refused:
        await world.administration.set_rules(SetRules(Asking(ADA), REGION, False, None, tiers))

    assert refused.value.facts == {"problem": "too_many", "field": "tiers"}


LESS_THAN_STOOD = [(None, 0), (None, 100), (5_000, 4_999), (5_000, 0)]


@pytest.mark.parametrize(("stood", "wanted"), LESS_THAN_STOOD)
async def test_without_a_method_nobody_lets_more_orders_need_an_e_id(world, stood, wanted):
    await world.administration.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=stood))
    without, lines = replace(world.administration, has_eid=False), await world.lines()

    with pytest.raises(errors.RegisterError) as refused:
        await without.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=wanted))

    assert refused.value.facts == {"problem": "not_offered", "field": "eid_from"}
    assert await world.lines() == lines


@pytest.mark.parametrize("wanted", [5_000, 5_001, None])
async def test_without_a_method_an_amount_for_an_e_id_stays_is_raised_and_is_taken_away(world, wanted):
    await world.administration.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=5_000))
    without = replace(world.administration, has_eid=False)

    await without.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=wanted))

    assert (await without.organisation(Asking(ADA), REGION)).rules.eid_from_ore == wanted


async def test_rules_are_written_whole_with_people_by_address(world):
    tiers = (ProposedTier(2_000_000, sequence=("BO@example.org", "cecilia@example.org")), ProposedTier(500_000, 2))
    wish = SetRules(Asking(ADA), REGION, self_attest_allowed=False, eid_from_ore=10_000_000, tiers=tiers)

    done = await world.administration.set_rules(wish)
    again = await world.administration.set_rules(wish)

    read = await world.administration.organisation(Asking(ADA), REGION)
    assert read.rules.tiers == (Tier(500_000, 2), Tier(2_000_000, 1, (BO, CECILIA)))
    assert read.rules.eid_from_ore == 10_000_000
    assert read.sequence == {BO: "bo@example.org", CECILIA: "cecilia@example.org"}
    assert (done.is_news, again.is_news, len(await world.lines())) == (True, False, 1)


@pytest.mark.parametrize(
    ("tiers", "problem", "index"),
    [
        ((ProposedTier(1, sequence=("nobody@example.org",)),), "not_attestant", 0),
        ((ProposedTier(1), ProposedTier(2, sequence=("anna@example.org",))), "not_attestant", 1),
        ((ProposedTier(1), ProposedTier(2, sequence=("david@example.org",))), "not_attestant", 1),
        ((ProposedTier(1), ProposedTier(2, sequence=("sara@example.org",))), "not_attestant", 1),
        ((ProposedTier(1, 2), ProposedTier(1, 3)), "repeated", 1),
        ((ProposedTier(1, 11),), "invalid", 0),
    ],
)
async def test_a_wrong_tier_is_named_by_its_place(world, tiers, problem, index):
    await world.grant(SARA, Role.ATTESTANT, valid_to=NOW)

    with pytest.raises(errors.RegisterError) as refused:
        await world.administration.set_rules(SetRules(Asking(ADA), REGION, False, None, tiers))

    assert (refused.value.facts["problem"], refused.value.facts["field"]) == (problem, "tiers")
    assert refused.value.facts["index"] == index


@pytest.mark.parametrize("from_ore", [1, 2])
async def test_an_address_used_elsewhere_is_answered_as_one_that_nobody_has(world, from_ore):
    """Else whoever administers one organisation could try out who has an account anywhere."""
    answers = []
    for address in ("karin@example.org", "nobody@example.org"):
        named = ProposedTier(1, sequence=(address,)), ProposedTier(1), ProposedTier(from_ore, sequence=(address,))
        with pytest.raises(errors.RegisterError) as refused:
            await world.administration.set_rules(SetRules(Asking(ADA), REGION, False, None, named))
        answers.append(refused.value.facts)

    assert answers[0] == answers[1]


async def test_one_person_may_do_both_only_where_there_is_one(world):
    with pytest.raises(errors.SelfAttestForOne):
        await world.administration.set_rules(SetRules(Asking(ADA), REGION, self_attest_allowed=True, eid_from_ore=None))

    await world.administration.set_rules(SetRules(Asking(KARIN), CLINIC, self_attest_allowed=True, eid_from_ore=None))

    assert (await world.administration.organisation(Asking(KARIN), CLINIC)).readiness.is_ready


async def test_what_one_person_alone_was_allowed_ends_when_somebody_else_decides_too(world):
    keep = world.administration
    await keep.set_rules(SetRules(Asking(KARIN), CLINIC, self_attest_allowed=True, eid_from_ore=None))
    contact = await keep.grant(
        replace(NEW, by=Asking(KARIN), organisation=CLINIC, roles=frozenset({Role.AGREEMENT_CONTACT}))
    )

    second = await keep.grant(replace(NEW, by=Asking(KARIN), organisation=CLINIC))

    assert (contact.ends_self_attest, second.ends_self_attest) == (False, True)
    assert not (await keep.organisation(Asking(KARIN), CLINIC)).rules.self_attest_allowed
    line = next(each for each in reversed(await world.lines()) if each["kind"] == "organisation")
    assert json.loads(line["evidence"])["before"] == {"self_attest_allowed": True}
    told = {each["person_id"] for each in await world.rows(tables.cards, tables.cards.c.line_id == line["id"])}
    assert told >= {DAVID}
    with pytest.raises(errors.SelfAttestForOne):
        await keep.set_rules(SetRules(Asking(KARIN), CLINIC, self_attest_allowed=True, eid_from_ore=None))


async def test_an_agent_with_another_who_approves_is_more_than_one_person(world):
    held = tables.role_assignments
    others = (held.c.organisation_id == AGENT, held.c.person_id.not_in((ASTA, AMIR)))
    await world.database.write(lambda c: c.execute(held.delete().where(*others)))
    await world.database.write(
        lambda c: c.execute(held.delete().where(held.c.person_id == ASTA, held.c.role == "attestant"))
    )

    with pytest.raises(errors.SelfAttestForOne):
        await world.administration.set_rules(
            SetRules(Asking(KARIN), AGENT, self_attest_allowed=True, eid_from_ore=None)
        )


async def test_invoices_have_an_address_and_references_of_their_services(world):
    keep = world.administration
    await keep.set_invoices(SetInvoices(Asking(ADA), REGION, " Box 1\n100 00 Staden ", "REF-1"))
    await keep.set_invoices(SetInvoices(Asking(ADA), REGION, "Box 1\n100 00 Staden", "REF-1", "npo", "NPÖ-7"))
    again = await keep.set_invoices(SetInvoices(Asking(ADA), REGION, "Box 1\n100 00 Staden", "REF-1", "npo", "NPÖ-7"))

    read = (await keep.organisation(Asking(ADA), REGION)).invoices
    assert (read.address, read.reference, dict(read.references)) == ("Box 1\n100 00 Staden", "REF-1", {"npo": "NPÖ-7"})
    assert not again.is_news
    lines = await world.lines()
    assert [each["action"] for each in lines] == ["invoiced", "invoiced"]
    assert "Box" not in "".join(each["evidence"] for each in lines)


async def test_an_organisation_that_has_said_nothing_of_its_invoices_has_neither_address_nor_reference(world):
    read = (await world.administration.organisation(Asking(ADA), REGION)).invoices

    assert (read.address, read.reference, dict(read.references)) == ("", "", {})


async def test_a_reference_of_a_service_is_taken_away_by_saying_none(world):
    await world.administration.set_invoices(SetInvoices(Asking(ADA), REGION, "", "", "npo", "NPÖ-7"))
    await world.administration.set_invoices(SetInvoices(Asking(ADA), REGION, "", "", "npo", ""))

    assert dict((await world.administration.organisation(Asking(ADA), REGION)).invoices.references) == {}


async def test_a_personnummer_is_kept_out_of_invoice_data(world):
    with pytest.raises(errors.PersonalNumber) as refused:
        await world.administration.set_invoices(SetInvoices(Asking(ADA), REGION, "", "811228-9874"))

    assert refused.value.facts["field"] == "reference"


# --- found


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [INERA, AGENT, CLINIC, REGION]),
        ("reg", [REGION]),
        ("EXEMPEL region", [REGION]),
        ("ab", [INERA, AGENT, CLINIC]),
        ("232100-0016", [REGION]),
        ("xyz", []),
        ("region ab", []),
    ],
)
async def test_organisations_are_found_by_the_beginnings_of_words_and_by_number(world, search, found):
    assert [each.id for each in await world.administration.find(Asking(KARIN), search)] == found


async def test_only_so_many_are_found(world):
    assert len(await world.administration.find(Asking(KARIN), limit=2)) == 2


async def test_of_those_that_one_administers_only_so_many_are_found_the_first_by_name(world):
    for organisation in (AGENT, INERA):
        await world.grant(ADA, Role.ADMINISTRATOR, organisation)

    assert [each.id for each in await world.administration.find(Asking(ADA), limit=2)] == [INERA, AGENT]


async def test_an_administrator_finds_what_is_searched_for_among_what_is_administered_now(world):
    await world.grant(ADA, Role.ADMINISTRATOR, AGENT)
    await world.grant(ADA, Role.ADMINISTRATOR, CLINIC, valid_to=NOW)

    assert [each.id for each in await world.administration.find(Asking(ADA))] == [AGENT, REGION]
    assert [each.id for each in await world.administration.find(Asking(ADA), "ab")] == [AGENT]


async def test_readiness_says_what_an_agent_lacks(world):
    world.at = NOW + timedelta(seconds=1)

    ready = await world.administration.readiness(Asking(KARIN), [AGENT, INERA])

    assert ready[AGENT].missing == (Missing.AGREEMENT,)
    assert (ready[INERA].is_ready, ready[INERA].does_order) == (True, False)


async def test_only_active_people_with_the_role_there_and_now_make_an_organisation_ready(world):
    """The region's orderers are so no longer and its attestants have left; in the clinic David is all there is."""
    held = tables.role_assignments.c
    ended = update(tables.role_assignments).where(held.organisation_id == REGION, held.role == Role.ORDERER)
    left = update(tables.persons).where(tables.persons.c.id.in_([BO, CECILIA, ERIK, AMIR]))
    await world.database.write(lambda c: c.execute(ended.values(valid_to=NOW)).close())
    await world.database.write(lambda c: c.execute(left.values(active=False)).close())
    await world.grant(SARA, Role.ADMINISTRATOR, CLINIC)
    await world.grant(RUT, Role.ATTESTANT, CLINIC, valid_to=NOW)
    await world.grant(AMIR, Role.ATTESTANT, CLINIC)

    ready = await world.administration.readiness(Asking(KARIN), [REGION, CLINIC])

    assert ready[REGION].missing == (Missing.ORDERER, Missing.ATTESTANT)
    assert ready[CLINIC].missing == (Missing.SECOND_PERSON,)


# --- at once


async def test_of_two_administrators_who_leave_at_once_one_stays(world):
    await world.grant(SARA, Role.ADMINISTRATOR)
    ends = [
        EndRole(Asking(person), REGION, (await world.role(person, Role.ADMINISTRATOR))["id"]) for person in (ADA, SARA)
    ]

    done = await asyncio.gather(*map(world.administration.end_role, ends), return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["ChangeResult", "LastAdministrator"]


async def test_of_two_administrators_who_end_each_other_at_once_one_stays(world):
    await world.grant(SARA, Role.ADMINISTRATOR)
    of = {person: (await world.role(person, Role.ADMINISTRATOR))["id"] for person in (ADA, SARA)}
    ends = [EndRole(Asking(ADA), REGION, of[SARA]), EndRole(Asking(SARA), REGION, of[ADA])]

    done = await asyncio.gather(*map(world.administration.end_role, ends), return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["ChangeResult", "NoRole"]


async def test_somebody_added_twice_at_once_is_one_person(world):
    wishes = [replace(NEW, by=Asking(by)) for by in (ADA, KARIN)]

    done = await asyncio.gather(*map(world.administration.grant, wishes))

    assert len({each.person for each in done}) == 1
    assert sorted(each.is_news for each in done) == [False, True]
