"""Who may change what of an organisation, what it lacks, who hears of it, and amounts as people type them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.views.amounts import line_of, read_kronor, read_tiers, write_kronor, write_tiers
from bot.views.forms import Problem
from bot.views.register_forms import TIERS, RuleAnswers, RulesModal
from core import errors
from core.administration_rules import RoleWish, may_keep, refusal, self_attest_is_for_one, widens_own_authority
from core.api import (
    NEEDS,
    Around,
    Capacity,
    Happened,
    Held,
    Keeper,
    Kept,
    LineKind,
    Missing,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
    TierWish,
)
from core.readiness import Standards, readiness
from notifications.announcements import CardKind
from notifications.register_announcements import REGISTER_ANNOUNCEMENTS, RegisterAnnouncements
from tests import builders

HERE = OrganisationId("OHERE")
EVA, BO, TOVE, ANNA = map(PersonId, ("PEVA", "PBO", "PTOVE", "PANNA"))
CUSTOMER, AGENT, INERA = OrganisationKind.CUSTOMER, OrganisationKind.AGENT, OrganisationKind.INERA
KEEPER = Keeper(EVA, HERE, frozenset({CUSTOMER}), Capacity.ADMINISTRATOR)
SERVICE = replace(KEEPER, person=PersonId("PDISA"), capacity=Capacity.CUSTOMER_SERVICE)
NOW, LATER = builders.AT, builders.AT + timedelta(days=30)
ADMINISTERS, ATTESTS = Held(1, Role.ADMINISTRATOR, NOW, None), Held(2, Role.ATTESTANT, NOW, None, 100)


def wish(before, after, **changes):
    return replace(RoleWish(KEEPER, EVA, True, before, after, None), **changes)


# --- who may


def test_who_keeps_nothing_is_told_which_role_is_missing():
    with pytest.raises(errors.NoRole) as refused:
        may_keep(replace(KEEPER, capacity=None))

    assert refused.value.facts["organisation"] == HERE
    may_keep(KEEPER)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, errors.LastAdministrator),
        ({"after": replace(ADMINISTERS, until=LATER)}, errors.LastAdministrator),
        ({"after": replace(ADMINISTERS, until=LATER), "administered_until": LATER}, errors.LastAdministrator),
        ({"after": replace(ADMINISTERS, until=NOW), "administered_until": LATER}, type(None)),
        ({"keeper": SERVICE}, type(None)),
        ({"before": ATTESTS}, type(None)),
        ({"before": replace(ADMINISTERS, until=NOW), "after": ADMINISTERS}, type(None)),
        ({"before": None, "after": ADMINISTERS, "is_active": False}, errors.PersonHasLeft),
        ({"before": None, "after": ADMINISTERS, "is_active": False, "keeper": SERVICE}, type(None)),
        ({"keeper": replace(SERVICE, kinds=frozenset({INERA}))}, errors.InerasOwn),
    ],
)
def test_what_keeps_somebody_from_changing_a_role(changes, refused):
    assert type(refusal(replace(wish(ADMINISTERS, None), **changes))) is refused


@pytest.mark.parametrize(
    ("before", "after", "widens"),
    [
        (None, ATTESTS, True),
        (ATTESTS, replace(ATTESTS, limit_ore=101), True),
        (ATTESTS, replace(ATTESTS, limit_ore=None), True),
        (ATTESTS, replace(ATTESTS, limit_ore=99), False),
        (replace(ATTESTS, until=NOW), ATTESTS, True),
        (ATTESTS, replace(ATTESTS, until=LATER), False),
        (replace(ATTESTS, since=LATER), ATTESTS, True),
        (ATTESTS, replace(ATTESTS, since=LATER), False),
        (ATTESTS, None, False),
        (None, replace(ATTESTS, role=Role.ORDERER), False),
        (None, replace(ATTESTS, role=Role.EMERGENCY_ATTESTANT), True),
    ],
)
def test_a_wider_right_of_ones_own_is_seen(before, after, widens):
    assert widens_own_authority(wish(before, after)) is widens
    assert not widens_own_authority(wish(before, after, person=BO))


def test_one_person_doing_both_is_for_organisations_of_one():
    self_attest_is_for_one(KEEPER, 1)
    with pytest.raises(errors.SelfAttestForOne):
        self_attest_is_for_one(KEEPER, 2)


# --- what is missing

WHOLE = Standards(
    HERE,
    frozenset({CUSTOMER, AGENT}),
    has_agreement=True,
    has_agent_agreement=True,
    has_assignment=True,
    has_orderer=True,
    has_attestant=True,
    has_handler=True,
    has_two=True,
)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"has_agreement": False}, (Missing.AGREEMENT,)),
        ({"has_orderer": False}, (Missing.ORDERER,)),
        ({"has_attestant": False, "has_two": False}, (Missing.ATTESTANT, Missing.AGENT_ATTESTANT)),
        ({"has_two": False}, (Missing.SECOND_PERSON,)),
        ({"has_two": False, "self_attest_allowed": True}, ()),
        ({"has_assignment": False}, (Missing.ASSIGNMENT,)),
        (
            {"kinds": frozenset({AGENT}), "has_assignment": False, "has_orderer": False},
            (Missing.ASSIGNMENT, Missing.ASSIGNMENT_ORDERER),
        ),
        ({"kinds": frozenset({AGENT}), "has_orderer": False, "has_agreement": False}, ()),
        ({"kinds": frozenset({INERA}), "has_orderer": False}, ()),
    ],
)
def test_what_an_organisation_lacks(changes, missing):
    assert readiness(replace(WHOLE, **changes)).missing == missing


def test_everything_that_may_be_missing_stands_in_the_table_once():
    assert sorted(what for _, what, _ in NEEDS) == sorted(Missing)


# --- who hears of it

ROLE_GIVEN = Kept(7, LineKind.ROLE, Happened.GRANTED, KEEPER, about=BO, role=Role.ATTESTANT)
AROUND = Around(administrators=(EVA, TOVE), orderers=(ANNA, EVA), deciders=(BO, EVA))


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (ROLE_GIVEN, [(BO, CardKind.ROLE)]),
        (replace(ROLE_GIVEN, about=EVA), []),
        (replace(ROLE_GIVEN, role=Role.ADMINISTRATOR), [(BO, CardKind.ROLE), (TOVE, CardKind.COLLEAGUE_ROLE)]),
        (replace(ROLE_GIVEN, about=EVA, widens=True), [(TOVE, CardKind.OWN_AUTHORITY)]),
        (replace(ROLE_GIVEN, made_ready=True), [(BO, CardKind.ROLE), (ANNA, CardKind.READY)]),
        (
            Kept(7, LineKind.ORGANISATION, Happened.CHANGED, KEEPER),
            [(TOVE, CardKind.RULES), (BO, CardKind.RULES)],
        ),
        (Kept(7, LineKind.ORGANISATION, Happened.INVOICED, KEEPER), [(TOVE, CardKind.INVOICES)]),
    ],
)
def test_who_hears_of_a_change(kept, told):
    cards = RegisterAnnouncements().cry(kept, AROUND, lambda prefix: f"{prefix}1")

    assert [(each.person, each.kind) for each in cards] == told


def test_customer_services_channel_is_a_second_pair_of_eyes_where_nobody_else_is():
    alone = replace(AROUND, administrators=(EVA,))

    [card] = RegisterAnnouncements().cry(replace(ROLE_GIVEN, about=EVA, widens=True), alone, lambda prefix: prefix)

    assert (card.person, card.kind) == (None, CardKind.OWN_AUTHORITY)


def test_every_change_and_card_of_the_table_comes_to_pass():
    assert len({(each.change, each.hearer) for each in REGISTER_ANNOUNCEMENTS}) == len(REGISTER_ANNOUNCEMENTS)


# --- amounts


@pytest.mark.parametrize(
    ("typed", "ore"),
    [
        ("", None),
        ("50000", 5_000_000),
        ("50 000", 5_000_000),
        ("50\u00a0000 kr", 5_000_000),
        ("1 250,5", 125_050),
        ("0.05", 5),
        ("0", 0),
    ],
)
def test_an_amount_is_read_as_it_is_typed(typed, ore):
    assert read_kronor(typed) == ore


@pytest.mark.parametrize("typed", ["mycket", "-1", "1,234", "12 34", "1e5", "99999999999"])
def test_what_is_no_amount_is_said_to_be_none(typed):
    assert read_kronor(typed) == Problem("entry_error.amount")


@pytest.mark.parametrize("ore", [None, 0, 5, 120, 125_050, 5_000_000])
def test_an_amount_is_read_back_as_it_is_written(ore):
    assert read_kronor(write_kronor(ore)) == ore


def test_steps_are_read_back_as_they_are_written():
    tiers = (TierWish(5_000_000, 2), TierWish(90_000_050, sequence=("bo@example.org", "eva@example.org")))

    assert read_tiers(write_tiers(tiers)) == tiers


@pytest.mark.parametrize("line", ["500000", "500000; två", "x; 2", "500000; 2; 3", "500000; bo", ";2"])
def test_a_line_that_is_no_step_is_named(line):
    assert read_tiers(f"100; 1\n\n{line}") == Problem("field_error.tier", {"line": 3})


def test_a_step_is_found_on_the_line_where_it_stands():
    assert [line_of("100; 1\n\n200; 2", index) for index in (0, 1, 2)] == [1, 3, 2]


def test_tiers_that_a_form_did_not_show_stay_and_a_cleared_field_takes_them():
    cleared = {TIERS: {TIERS: {"type": "plain_text_input", "value": None}}}

    assert RulesModal.read({}) == RuleAnswers(self_attest_allowed=False, eid_from_ore=None, tiers=None)
    assert RulesModal.read(cleared) == RuleAnswers(self_attest_allowed=False, eid_from_ore=None, tiers=())
