"""People say who decides while they are away: who may, for whom and when, on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.acts.organisations.absence_menus import AbsenceMenus
from bot.acts.people import Linked
from bot.forms.inputs import OPTIONS_LIMIT
from bot.main import join
from bot.slack.identity import Caller
from bot.slack.listeners.options import MenuOptions
from bot.views.organisations.absences import AbsenceForm, SubstituteModal
from bot.wiring.listening import listeners
from core.api import SUBSTITUTED, Asking, EndSubstitution, Identity, Language, OrderError, Role, SetSubstitute
from core.shared.errors import AlreadySent
from core.storage import tables
from core.storage.database.database import Database
from core.use_cases.absences import Absences
from notifications.render.button_values import Pointer
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.workspaces import Workspace
from tests.contract.test_slack_press_cost import NO_SLACK, settings
from tests.support.drawn.sent import as_sent
from tests.support.machines import product
from tests.support.world import seed
from tests.support.world.absent import absences
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
    HELENA,
    KARIN,
    NOW,
    REGION,
    RUT,
    SARA,
    TEAM,
    role_assignment,
    slack_user,
)  # fmt: skip

CHRISTMAS, TWELFTH = date(2026, 12, 21), date(2027, 1, 6)
WISH = SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, CHRISTMAS, TWELFTH)


@dataclass
class World:
    """The use cases on a database, at a time that stands until it is moved."""

    database: Database
    at: datetime = NOW

    @property
    def absences(self) -> Absences:
        return absences(self.database, lambda: self.at)

    async def set(self, **changes):
        return await self.absences.set_substitute(replace(WISH, **changes))

    async def end(self, substitution, by=BO):
        return await self.absences.end_substitution(EndSubstitution(Asking(by), substitution))

    async def grant(self, person, role, organisation=REGION, **days):
        row = role_assignment(person, organisation, role) | days
        await self.database.write(lambda c: c.execute(insert(tables.role_assignments), row))

    async def add(self, people):
        """People of the region, called by their ids."""
        persons = [{"id": each, "name": each, "email": f"{each}@example.org", "language": "sv"} for each in people]
        roles = [role_assignment(each, REGION, "orderer") for each in people]
        await self.database.write(lambda c: c.execute(insert(tables.persons), persons))
        await self.database.write(lambda c: c.execute(insert(tables.role_assignments), roles))

    async def leave(self, person):
        gone = update(tables.persons).where(tables.persons.c.id == person).values(active=False)
        await self.database.write(lambda c: c.execute(gone))

    async def rows(self, table):
        return await self.database.read(lambda c: c.execute(select(table).order_by(table.c.id)).all())


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    made = await opened(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def small_world(fresh_sqlite_url: str) -> AsyncIterator[World]:
    """Where one database is enough."""
    made = await opened(fresh_sqlite_url)
    yield made
    await made.database.close()


async def opened(url: str) -> World:
    """The small world, with nobody absent yet."""
    database = await seed.seeded(url)
    await database.write(lambda c: c.execute(tables.substitutions.delete()))
    return World(database)


async def test_a_substitute_decides_from_the_first_day_to_the_last(world: World):
    changed = await world.set(by=Identity(TEAM, slack_user(BO)))
    kept = changed.substitution

    assert (changed.by, changed.is_news, kept.people) == (BO, True, (BO, CECILIA))
    assert (kept.first_day, kept.last_day, kept.role, kept.created_by) == (CHRISTMAS, TWELFTH, Role.ATTESTANT, BO)
    assert (kept.since, kept.until) == (
        datetime(2026, 12, 20, 23, tzinfo=UTC),
        datetime(2027, 1, 6, 23, tzinfo=UTC),
    )
    assert [row.due_at for row in await world.rows(tables.reviews)] == [kept.since, kept.until]


async def test_the_same_wish_twice_is_one_substitution_and_news_once(world: World):
    first, *others = await asyncio.gather(*(world.set() for _ in range(4)))

    assert len({each.substitution.id for each in [first, *others]}) == 1
    assert sum(each.is_news for each in [first, *others]) == 1


async def test_a_form_counts_once_though_the_substitution_has_been_ended_since(world: World):
    kept = (await world.set(key="V1")).substitution
    await world.end(kept.id)

    with pytest.raises(AlreadySent):
        await world.set(key="V1")
    assert await world.absences.mine(Asking(BO)) == []
    assert (await world.set(key="V2")).is_news


async def test_the_same_first_day_moves_the_last(world: World):
    first = await world.set()
    moved = await world.set(last=date(2026, 12, 31))

    assert (moved.is_news, moved.substitution.id) == (True, first.substitution.id)
    assert moved.substitution.last_day == date(2026, 12, 31)


async def told_of_own(world: World) -> list[str | None]:
    """Who hears that somebody has made herself a substitute."""
    return [row.person_id for row in await world.rows(tables.cards) if row.kind == "own_substitute"]


async def test_the_other_administrators_hear_of_one_who_decides_in_anothers_place_by_her_own_naming(world: World):
    await world.grant(ERIK, Role.ADMINISTRATOR)
    own = {"by": Asking(ADA), "absent": BO, "substitute": ADA}

    await world.set(**own)
    once = await told_of_own(world)
    await world.set(**own)
    await world.set(**own, last=date(2027, 1, 3))
    shorter = await told_of_own(world)
    await world.set(**own, last=date(2027, 1, 9))

    assert (once, shorter) == ([ERIK], [ERIK])
    assert await told_of_own(world) == [ERIK, ERIK]


async def test_without_another_administrator_customer_services_channel_hears_of_it(world: World):
    await world.set(by=Asking(ADA), absent=BO, substitute=ADA)

    assert await told_of_own(world) == [None]


@pytest.mark.parametrize("wish", [{}, {"by": Asking(ADA), "absent": BO, "substitute": CECILIA}])
async def test_nobody_hears_of_a_substitute_whom_somebody_else_has_named(world: World, wish):
    await world.set(**wish)

    assert await told_of_own(world) == []


async def test_two_may_substitute_for_one_at_once(small_world: World):
    await small_world.set()
    await small_world.set(substitute=SARA)

    assert len(await small_world.rows(tables.substitutions)) == 2


async def test_the_same_substitute_from_the_same_day_is_one_for_each_absent_person_role_and_organisation(world: World):
    await world.grant(ASTA, "attestant", CLINIC)
    await world.grant(AMIR, "orderer", CLINIC)
    wishes = [
        (HELENA, AGENT, Role.AGENT_HANDLER),
        (ASTA, AGENT, Role.AGENT_HANDLER),
        (ASTA, AGENT, Role.ATTESTANT),
        (ASTA, CLINIC, Role.ATTESTANT),
    ]

    made = [
        await world.set(by=Asking(absent), absent=absent, substitute=AMIR, organisation=organisation, role=role)
        for absent, organisation, role in wishes
    ]

    rows = [(row.absent_id, row.organisation_id, row.role) for row in await world.rows(tables.substitutions)]
    assert rows == wishes
    assert all(each.is_news for each in made)


async def test_an_administrator_sets_and_ends_it_for_anybody_in_the_organisation(small_world: World):
    changed = await small_world.set(by=Asking(ADA), absent=BO)
    ended = await small_world.end(changed.substitution.id, by=ADA)

    assert (changed.by, changed.substitution.absent, changed.substitution.created_by) == (ADA, BO, ADA)
    assert ended.is_news
    assert ended.substitution.until == ended.substitution.since


async def test_what_has_begun_ends_now_and_once(world: World):
    changed = await world.set(first=date(2026, 11, 20))
    ended = await world.end(changed.substitution.id)
    world.at += timedelta(hours=1)
    again = await world.end(changed.substitution.id)

    assert (ended.substitution.until, again.substitution.until) == (NOW, NOW)
    assert (ended.is_news, again.is_news) == (True, False)
    assert NOW in {row.due_at for row in await world.rows(tables.reviews)}


async def _by_nobody(world: World):
    await world.set(by=Identity(TEAM, "U0NOBODY001"))


async def _by_one_who_left(world: World):
    await world.leave(BO)
    await world.set()


async def _by_a_stranger(world: World):
    await world.set(by=Asking(DAVID), absent=BO)


async def _by_a_colleague(world: World):
    await world.set(by=Asking(CECILIA), absent=BO, substitute=ANNA)


async def _by_yesterdays_administrator(world: World):
    await world.grant(KARIN, "administrator", valid_to=NOW)
    await world.set(by=Asking(KARIN), absent=BO)


async def _by_an_administrator_of_another(world: World):
    await world.grant(KARIN, "administrator", CLINIC)
    await world.set(by=Asking(KARIN), absent=BO)


async def _in_a_role_of_the_agent(world: World):
    await world.set(by=Asking(CECILIA), absent=HELENA, substitute=ASTA, organisation=AGENT, role=Role.AGENT_HANDLER)


async def _as_orderer(world: World):
    await world.set(by=Asking(ANNA), role=Role.ORDERER)


async def _as_reserve(world: World):
    await world.grant(BO, "emergency_attestant")
    await world.set(role=Role.EMERGENCY_ATTESTANT)


async def _backwards(world: World):
    await world.set(last=date(2026, 12, 20))


async def _without_the_role(world: World):
    await world.set(by=Asking(ANNA))


async def _with_the_role_elsewhere(world: World):
    await world.set(by=Asking(DAVID))


async def _with_the_role_later(world: World):
    await world.grant(ANNA, "attestant", valid_from=datetime(2027, 1, 6, 23, tzinfo=UTC))
    await world.set(by=Asking(ANNA))


async def _with_the_role_before(world: World):
    await world.grant(ANNA, "attestant", valid_to=datetime(2026, 12, 20, 23, tzinfo=UTC))
    await world.set(by=Asking(ANNA))


async def _with_a_role_that_was_called_off(world: World):
    called_off = datetime(2026, 12, 24, 23, tzinfo=UTC)
    await world.grant(ANNA, "attestant", valid_from=called_off, valid_to=called_off)
    await world.set(by=Asking(ANNA))


async def _by_a_substitute(world: World):
    # Anna decides in Bo's place, which gives her nothing to pass on: no chains.
    await world.set(substitute=ANNA)
    await world.set(by=Asking(ANNA), substitute=CECILIA)


async def _for_oneself(world: World):
    await world.set(substitute=BO)


async def _by_somebody_of_another_organisation(world: World):
    await world.set(substitute=DAVID)


async def _by_somebody_who_left(world: World):
    await world.leave(CECILIA)
    await world.set()


async def _by_somebody_unknown(world: World):
    await world.set(substitute="P-nobody")


async def _twice(world: World):
    await world.set()
    await world.set(first=TWELFTH, last=date(2027, 2, 1))


async def _too_late(world: World):
    await world.set(first=date(2026, 11, 20), last=date(2026, 11, 24))


async def _ending_what_is_not_there(world: World):
    await world.end(1)


async def _ending_as_the_substitute(world: World):
    await world.end((await world.set()).substitution.id, by=CECILIA)


REFUSED = [
    (_by_nobody, "not_linked"),
    (_by_one_who_left, "inactive"),
    (_by_a_stranger, "no_role"),
    (_by_a_colleague, "no_role"),
    (_by_yesterdays_administrator, "no_role"),
    (_by_an_administrator_of_another, "no_role"),
    (_in_a_role_of_the_agent, "no_role"),
    (_as_orderer, "role_not_substituted"),
    (_as_reserve, "role_not_substituted"),
    (_backwards, "absence_reversed"),
    (_without_the_role, "nothing_to_substitute"),
    (_with_the_role_elsewhere, "no_role"),
    (_with_the_role_later, "nothing_to_substitute"),
    (_with_the_role_before, "nothing_to_substitute"),
    (_with_a_role_that_was_called_off, "nothing_to_substitute"),
    (_by_a_substitute, "nothing_to_substitute"),
    (_for_oneself, "substitute_not_eligible"),
    (_by_somebody_of_another_organisation, "substitute_not_eligible"),
    (_by_somebody_who_left, "substitute_not_eligible"),
    (_by_somebody_unknown, "substitute_not_eligible"),
    (_twice, "substitution_overlaps"),
    (_too_late, "absence_passed"),
    (_ending_what_is_not_there, "no_substitution"),
    (_ending_as_the_substitute, "no_substitution"),
]


@pytest.mark.parametrize(("meet", "code"), REFUSED, ids=[each[0].__name__ for each in REFUSED])
async def test_what_may_not_be_is_refused_by_name(small_world: World, meet, code):
    with pytest.raises(OrderError) as refused:
        await meet(small_world)

    assert refused.value.code == code


async def test_history_says_who_was_set_for_whom_and_under_which_number(small_world: World):
    done = await small_world.set()

    (line,) = [each for each in await small_world.rows(tables.history) if each.kind == "substitution"]
    facts = json.loads(line.evidence)
    assert (line.person_id, line.about_id, line.organisation_id) == (BO, BO, REGION)
    assert (facts["number"], facts["role"], facts["substitute"]) == (done.substitution.id, "attestant", CECILIA)


async def test_one_is_told_in_which_role_nobody_has_a_substitute(small_world: World):
    with pytest.raises(OrderError) as refused:
        await _as_orderer(small_world)

    assert refused.value.facts == {"role": Role.ORDERER}


async def test_a_refusal_saves_nothing(small_world: World):
    with pytest.raises(OrderError):
        await small_world.set(substitute=DAVID)

    assert await small_world.rows(tables.substitutions) + await small_world.rows(tables.reviews) == []


async def test_one_is_told_which_days_are_taken(small_world: World):
    with pytest.raises(OrderError) as refused:
        await _twice(small_world)

    assert refused.value.facts == {"person": CECILIA, "from_day": CHRISTMAS, "to_day": TWELFTH}


# --- what screens read


async def test_people_see_what_concerns_them_until_it_is_over(world: World):
    kept = (await world.set()).substitution
    called_off = (await world.set(first=date(2027, 7, 1), last=date(2027, 7, 31))).substitution
    await world.end(called_off.id)

    seen = {person: list(await world.absences.mine(Asking(person))) for person in (BO, CECILIA, ANNA)}
    world.at = kept.until
    assert seen == {BO: [kept], CECILIA: [kept], ANNA: []}
    assert list(await world.absences.mine(Asking(BO))) == []


async def test_what_begins_first_stands_first(world: World):
    summer = (await world.set(first=date(2027, 7, 1), last=date(2027, 7, 31))).substitution
    winter = (await world.set()).substitution

    assert list(await world.absences.mine(Asking(BO))) == [winter, summer]


async def test_an_administrator_sees_the_organisations_and_others_do_not(world: World):
    kept = (await world.set()).substitution
    await world.set(by=Asking(ASTA), absent=ASTA, substitute=AMIR, organisation=AGENT)

    assert list(await world.absences.administered_by(Asking(ADA))) == [kept]
    assert list(await world.absences.administered_by(Asking(BO))) == []


async def test_an_administrator_sees_what_is_not_over_for_as_long_as_the_role_holds(world: World):
    await world.grant(SARA, "administrator", valid_to=NOW)
    kept = (await world.set()).substitution
    called_off = (await world.set(first=date(2027, 7, 1), last=date(2027, 7, 31))).substitution
    await world.end(called_off.id)

    assert list(await world.absences.administered_by(Asking(ADA))) == [kept]
    assert list(await world.absences.administered_by(Asking(SARA))) == []
    world.at = kept.until
    assert list(await world.absences.administered_by(Asking(ADA))) == []


async def test_colleagues_stand_by_name(world: World):
    renamed = update(tables.persons).where(tables.persons.c.id == ADA).values(name="Ulla Ås")
    await world.database.write(lambda c: c.execute(renamed))

    assert [each.person for each in await world.absences.colleagues(Asking(BO), REGION)][-1] == ADA


async def test_colleagues_are_found_by_name_and_role_within_the_own_organisation(world: World):
    await world.grant(KARIN, "orderer", valid_to=NOW)
    absences = world.absences

    everybody = [each.person for each in await absences.colleagues(Asking(BO), REGION)]
    absent = await absences.colleagues(Asking(ANNA), REGION, roles=SUBSTITUTED)
    (cecilia,) = await absences.colleagues(Asking(BO), REGION, search="DAHL")
    assert everybody == [ADA, ANNA, BO, CECILIA, ERIK, RUT, SARA]
    assert [each.name for each in absent] == ["Bo Ek", "Cecilia Dahl", "Erik Lind"]
    assert (cecilia.person, cecilia.roles) == (CECILIA, {Role.ATTESTANT, Role.ORDERER})
    assert len(await absences.colleagues(Asking(BO), REGION, limit=2)) == 2
    assert list(await absences.colleagues(Asking(AMIR), REGION)) == []


# --- the menus of the form in Slack

WORKSPACE = Workspace(TEAM, product.TEAM_ID, None, "Inera", product.TOKEN, "U0BOT000001", None, Language.SV, None)


@dataclass
class Menus:
    """The form and its menus over the small world, as somebody meets them."""

    options: MenuOptions
    forms: AbsenceMenus

    async def form(self, person) -> AbsenceForm:
        """Filled in for an administrator's colleague, else for the own absence."""
        by, who = await self.meeting(person)
        form = await (self.forms.others(who.person) if person == ADA else self.forms.own(who))
        return await self.forms.with_people(form, form.place, by, who)

    async def menu(self, person):
        """The element in which the substitute is chosen."""
        blocks = self.view(await self.form(person))["blocks"]
        return next(each["element"] for each in blocks if each.get("block_id", "").startswith("substitute."))

    async def found(self, person, typed):
        """The people whom the menu offers while somebody types."""
        by, _ = await self.meeting(person)
        body = {
            "action_id": SubstituteModal.PEOPLE,
            "block_id": "1",
            "view": self.view(await self.form(person)),
            "value": typed,
        }
        answer = {}

        async def ack(**said):
            answer.update(said)

        await self.options.on_search(ack, body, {"caller": by})
        return [each["value"] for each in answer["options"]]

    async def meeting(self, person) -> tuple[Caller, Linked]:
        account = slack_user(person)
        by = Caller(WORKSPACE, account, Identity(TEAM, account))
        return by, await self.options.people.linked(by)

    def view(self, form):
        return as_sent(SubstituteModal.build(form, Pointer(self.options.environment).value(), Language.SV))


@pytest.fixture
async def menus(small_world: World, fresh_sqlite_url: str) -> AsyncIterator[Menus]:
    async with open_gateway(NO_SLACK) as gateway:
        desk, homes = join(settings(fresh_sqlite_url), small_world.database, gateway)
        desk = replace(desk, absences=small_world.absences, now=lambda: small_world.at)
        yield Menus(listeners(desk, homes).options, AbsenceMenus(desk.people, desk.absences, desk.now))


async def test_an_administrator_may_choose_herself_for_a_colleague_and_nobody_for_the_own_absence(menus: Menus):
    listed = {each: [person for person, _ in (await menus.form(each)).people] for each in (ADA, BO)}
    found = [await menus.found(ADA, "ada"), await menus.found(BO, "bo"), await menus.found(BO, "ada")]

    assert (ADA in listed[ADA], BO in listed[BO]) == (True, False)
    assert found == [[ADA], [], [ADA]]


@pytest.mark.parametrize(("person", "themselves"), [(BO, 1), (ADA, 0)])
@pytest.mark.parametrize(("choice", "kind"), [(OPTIONS_LIMIT, "static_select"), (OPTIONS_LIMIT + 1, "external_select")])
async def test_a_menu_lists_all_who_may_be_chosen_or_else_is_searched(
    small_world: World, menus: Menus, person, themselves, choice, kind
):
    """Seven people have a role in the region already."""
    crowd = [f"P-{number:03}" for number in range(choice + themselves - 7)]
    await small_world.add(crowd)

    menu = await menus.menu(person)
    found = await menus.found(person, crowd[-1])

    assert (menu["type"], len(menu.get("options", ()))) == (kind, choice if kind == "static_select" else 0)
    assert found == [crowd[-1]]
