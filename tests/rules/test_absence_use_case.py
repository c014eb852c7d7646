"""Setting a substitute: waited for, judged as of then, saved, and told to those concerned where somebody gains."""

from datetime import timedelta

import pytest

from core.api import Absences, Asking, Capacity, ChangeContext, Keeper, NoRole, PersonId, Role, SetSubstitute
from core.ports.register import SavedSubstitution
from core.register.substitutions import Asker, SubstitutionContext
from core.shared.errors import AlreadySent
from core.shared.vocabulary import OrganisationKind
from core.shared.working_days import day_of
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, NOW, REGION

DAY = day_of(NOW)


class Register:
    """A register in which everybody may stand in for everybody, and that tells what is asked of it."""

    def __init__(self, *administrators, stored=None):
        self.administrators, self.stored, self.asked, self.told, self.sent = administrators, stored, [], [], set()

    async def transact(self, use_case):
        return await use_case(self)

    async def take_turn(self):
        self.asked.append("turn")

    async def load_asker(self, by, organisation, at):
        self.asked.append("load")
        return Asker(by.person, by.person in self.administrators)

    async def load_around(self, wanted):
        return SubstitutionContext(absent_has_role=True, substitute_is_here=True)

    async def count_once(self, person, key, at):
        if (person, key) in self.sent:
            raise AlreadySent
        self.sent.add((person, key))

    async def find_like(self, wanted):
        return self.stored

    async def save(self, wanted, at, author):
        self.asked.append("save")
        return SavedSubstitution(wanted, None if self.stored == wanted else 7)

    async def load_keeper(self, by, organisation, at):
        return Keeper(by.person, organisation, frozenset({OrganisationKind.CUSTOMER}), Capacity.ADMINISTRATOR)

    async def load_concerned(self, organisation, at):
        return ChangeContext(administrators=(PersonId("P-other"),))

    async def tell(self, cards, at):
        self.told += cards

    def announce(self, kept, around, new_id):
        return tuple(f"{kept.happened} {person}" for person in around.administrators)

    def now(self):
        self.asked.append("now")
        return NOW


def wish(by, absent, substitute):
    return SetSubstitute(
        Asking(by), REGION, Role.ATTESTANT, substitute, DAY, DAY + timedelta(days=3), absent, key="form"
    )


def absences(register):
    return Absences(register, register, register.now, str)


async def test_what_is_read_is_read_as_of_when_the_turn_has_come():
    register = Register()

    changed = await absences(register).set_substitute(wish(BO, BO, CECILIA))

    assert register.asked == ["turn", "now", "load", "save"]
    assert (changed.is_news, changed.substitution.people, register.told) == (True, (BO, CECILIA), [])


async def test_whoever_may_not_saves_nothing_and_may_send_the_form_again():
    register = Register()

    with pytest.raises(NoRole):
        await absences(register).set_substitute(wish(ANNA, BO, CECILIA))

    assert "save" not in register.asked
    assert register.sent == set()


async def test_an_administrator_who_makes_herself_a_substitute_is_told_of():
    register = Register(ADA)

    await absences(register).set_substitute(wish(ADA, BO, ADA))

    assert register.told == [(7, "set P-other")]


async def test_a_form_that_was_kept_counts_once():
    register = Register()
    await absences(register).set_substitute(wish(BO, BO, CECILIA))

    with pytest.raises(AlreadySent):
        await absences(register).set_substitute(wish(BO, BO, CECILIA))

    assert register.asked.count("save") == 1
