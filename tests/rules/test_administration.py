"""Who may change what of an organisation, what it lacks, who hears of it, and amounts as people type them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from inline_snapshot import snapshot

from bot.forms.inputs import InputProblem
from bot.views.organisations.administered import IN_MENU, SEPARATOR, ways
from bot.views.organisations.amounts import line_of, read_kronor, read_tiers, write_kronor, write_tiers
from bot.views.organisations.register_forms import (
    REMINDER_DAYS,
    REMINDER_HOUR,
    TIERS,
    InvoiceModal,
    RuleAnswers,
    RulesModal,
)
from bot.views.organisations.role_forms import LIMIT, NAME, EndRoleModal, GrantModal, RoleAnswers, RoleModal
from bot.views.organisations.screens import PEOPLE_SHOWN, PeopleModal
from core.api import (
    FEWEST_REMINDER_DAYS,
    MOST_REMINDER_DAYS,
    NEEDS,
    Capacity,
    ChangeContext,
    Happened,
    HeldRole,
    InvoiceData,
    Keeper,
    Language,
    LineKind,
    Missing,
    OrganisationId,
    OrganisationKind,
    PersonId,
    ProposedTier,
    RegisterChanged,
    Role,
    Rules,
    Tier,
)
from core.register.administration_rules import (
    ProposedRole,
    ProposedRules,
    may_keep,
    may_set_rules,
    refusal,
    self_attest_is_for_one,
    widens_authority,
)
from core.register.readiness import Standards, readiness
from core.shared import errors
from core.shared.working_days import end_of
from notifications.rules.announcements import CardKind
from notifications.rules.register_announcements import REGISTER_ANNOUNCEMENTS, RegisterAnnouncements
from notifications.texts import say
from tests.support.drawn.drawings import nodes
from tests.support.drawn.reading import as_read, modal_as_read
from tests.support.drawn.register_views import METADATA, POINTER, REGION, TODAY, administered, held, members
from tests.support.drawn.sent import as_sent
from tests.support.world import builders

HERE = OrganisationId("OHERE")
EVA, BO, TOVE, ANNA = map(PersonId, ("PEVA", "PBO", "PTOVE", "PANNA"))
CUSTOMER, AGENT, INERA = OrganisationKind.CUSTOMER, OrganisationKind.AGENT, OrganisationKind.INERA
KEEPER = Keeper(EVA, HERE, frozenset({CUSTOMER}), Capacity.ADMINISTRATOR)
DISA = PersonId("PDISA")
SERVICE = replace(KEEPER, person=DISA, capacity=Capacity.CUSTOMER_SERVICE)
NOW, LATER = builders.AT, builders.AT + timedelta(days=30)
ADMINISTERS, ATTESTS = HeldRole(1, Role.ADMINISTRATOR, NOW, None), HeldRole(2, Role.ATTESTANT, NOW, None, 100)
RAISED = replace(ATTESTS, limit_ore=101)


def wish(before, after, **changes):
    return replace(ProposedRole(KEEPER, EVA, True, before, after, None), **changes)


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
        ({"keeper": SERVICE, "person": DISA, "before": None, "after": ADMINISTERS}, errors.NotForOneself),
        ({"keeper": SERVICE, "person": DISA, "before": ATTESTS, "after": RAISED}, errors.NotForOneself),
        ({"keeper": SERVICE, "is_lent": True, "before": ATTESTS, "after": RAISED}, errors.NotForOneself),
        ({"keeper": SERVICE, "is_lent": True, "before": RAISED, "after": ATTESTS}, type(None)),
        ({"keeper": SERVICE, "before": ATTESTS, "after": RAISED}, type(None)),
        ({"keeper": SERVICE, "person": DISA, "before": RAISED, "after": ATTESTS}, type(None)),
        ({"keeper": SERVICE, "person": DISA, "before": ATTESTS, "after": None}, type(None)),
        ({"keeper": KEEPER, "before": None, "after": ATTESTS}, type(None)),
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
        (None, replace(ATTESTS, role=Role.AGENT_HANDLER), True),
        (None, replace(ATTESTS, role=Role.CUSTOMER_SERVICE), True),
        (None, replace(ATTESTS, role=Role.CUSTOMER_SERVICE_LEAD), True),
        (None, ADMINISTERS, False),
    ],
)
def test_a_wider_right_to_decide_is_seen_whosoever_it_is(before, after, widens):
    assert widens_authority(wish(before, after)) is widens
    assert widens_authority(wish(before, after, person=BO)) is widens


def test_nobody_at_customer_service_sets_rules_that_she_decides_by():
    with pytest.raises(errors.NotForOneself):
        may_set_rules(ProposedRules(SERVICE, decides=True, people=0))
    may_set_rules(ProposedRules(SERVICE, decides=False, people=0))
    # Others are told of what an administrator does.
    may_set_rules(ProposedRules(KEEPER, decides=True, people=1))
    with pytest.raises(errors.SelfAttestForOne):
        may_set_rules(ProposedRules(KEEPER, decides=True, people=2))


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
    has_two_as_agent=True,
)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"has_agreement": False}, (Missing.AGREEMENT,)),
        ({"has_orderer": False}, (Missing.ORDERER,)),
        (
            {"has_attestant": False, "has_two": False, "has_two_as_agent": False},
            (Missing.ATTESTANT, Missing.AGENT_ATTESTANT),
        ),
        ({"has_two": False}, (Missing.SECOND_PERSON,)),
        ({"has_two_as_agent": False}, (Missing.AGENT_SECOND_PERSON,)),
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

ROLE_GIVEN = RegisterChanged(7, LineKind.ROLE, Happened.GRANTED, KEEPER, about=BO, role=Role.ATTESTANT)
AROUND = ChangeContext(administrators=(EVA, TOVE), orderers=(ANNA, EVA), deciders=(BO, EVA), serving=(DISA,))


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (ROLE_GIVEN, [(BO, CardKind.ROLE)]),
        (replace(ROLE_GIVEN, about=EVA), []),
        (replace(ROLE_GIVEN, role=Role.ADMINISTRATOR), [(BO, CardKind.ROLE), (TOVE, CardKind.COLLEAGUE_ROLE)]),
        (replace(ROLE_GIVEN, about=EVA, widens=True), [(TOVE, CardKind.OWN_AUTHORITY)]),
        (replace(ROLE_GIVEN, widens=True), [(BO, CardKind.ROLE), (TOVE, CardKind.COLLEAGUE_ROLE)]),
        (replace(ROLE_GIVEN, about=TOVE, widens=True), [(TOVE, CardKind.ROLE), (None, CardKind.COLLEAGUE_ROLE)]),
        (replace(ROLE_GIVEN, about=DISA), [(DISA, CardKind.ROLE), (None, CardKind.COLLEAGUE_ROLE)]),
        (replace(ROLE_GIVEN, about=DISA, happened=Happened.ENDED), [(DISA, CardKind.ROLE)]),
        (
            RegisterChanged(7, LineKind.SUBSTITUTION, Happened.SET, KEEPER, BO, Role.ATTESTANT, widens=True),
            [(TOVE, CardKind.OWN_SUBSTITUTE)],
        ),
        (replace(ROLE_GIVEN, made_ready=True), [(BO, CardKind.ROLE), (ANNA, CardKind.READY)]),
        (
            RegisterChanged(7, LineKind.ORGANISATION, Happened.CHANGED, KEEPER),
            [(TOVE, CardKind.RULES), (BO, CardKind.RULES)],
        ),
        (RegisterChanged(7, LineKind.ORGANISATION, Happened.INVOICED, KEEPER), [(TOVE, CardKind.INVOICES)]),
        (
            RegisterChanged(7, LineKind.ORGANISATION, Happened.CHANNELLED, KEEPER),
            [(TOVE, CardKind.CHANNELS), (BO, CardKind.CHANNELS)],
        ),
        (RegisterChanged(7, LineKind.PERSON, Happened.RENAMED, KEEPER, about=BO), [(BO, CardKind.RENAMED)]),
        (RegisterChanged(7, LineKind.PERSON, Happened.RENAMED, KEEPER, about=EVA), [(TOVE, CardKind.OWN_NAME)]),
    ],
)
def test_who_hears_of_a_change(kept, told):
    cards = RegisterAnnouncements().announce(kept, AROUND, lambda prefix: f"{prefix}1")

    assert [(each.person, each.kind) for each in cards] == told


def test_customer_services_channel_is_a_second_pair_of_eyes_where_nobody_else_is():
    alone = replace(AROUND, administrators=(EVA,))

    [card] = RegisterAnnouncements().announce(replace(ROLE_GIVEN, about=EVA, widens=True), alone, lambda prefix: prefix)

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
    assert read_kronor(typed) == InputProblem("entry_error.amount")


@pytest.mark.parametrize("ore", [None, 0, 5, 120, 125_050, 5_000_000])
def test_an_amount_is_read_back_as_it_is_written(ore):
    assert read_kronor(write_kronor(ore)) == ore


def test_steps_are_read_back_as_they_are_written():
    tiers = (ProposedTier(5_000_000, 2), ProposedTier(90_000_050, sequence=("bo@example.org", "eva@example.org")))

    assert read_tiers(write_tiers(tiers)) == tiers


@pytest.mark.parametrize("line", ["500000", "500000; två", "x; 2", "500000; 2; 3", "500000; bo", ";2"])
def test_a_line_that_is_no_step_is_named(line):
    assert read_tiers(f"100; 1\n\n{line}") == InputProblem("field_error.tier", {"line": 3})


def test_a_step_is_found_on_the_line_where_it_stands():
    assert [line_of("100; 1\n\n200; 2", index) for index in (0, 1, 2)] == [1, 3, 2]


def test_tiers_that_a_form_did_not_show_stay_and_a_cleared_field_takes_them():
    cleared = {TIERS: ""}

    nothing = RuleAnswers(
        self_attest_allowed=False, eid_from_ore=None, tiers=None, reminder_days=None, reminder_hour=None
    )
    assert RulesModal.read({}) == nothing
    assert RulesModal.read(cleared) == replace(nothing, tiers=())


@pytest.mark.parametrize("days", range(1, 5))
def test_the_days_between_reminders_are_read_back_as_they_are_offered(days):
    drawn = as_sent(RulesModal.build(administered(rules=Rules(reminder_days=days)), METADATA, Language.SV))
    menu = next(each["element"] for each in drawn["blocks"] if each.get("block_id") == REMINDER_DAYS)

    read = RulesModal.read({REMINDER_DAYS: menu["initial_option"]["value"]})

    assert [each["value"] for each in menu["options"]] == ["1", "2", "3", "4"]
    assert isinstance(read, RuleAnswers)
    assert read.reminder_days == days


@pytest.mark.parametrize("chosen", ["0", "5", "två", "", "-1", "1.5"])
def test_other_days_between_reminders_than_those_that_are_offered_are_refused_in_words(chosen):
    read = RulesModal.read({REMINDER_DAYS: chosen})

    assert read == {REMINDER_DAYS: InputProblem("field_error.reminder_days.invalid")}
    bounds = f"Välj mellan {FEWEST_REMINDER_DAYS} och {MOST_REMINDER_DAYS} arbetsdagar."
    assert read[REMINDER_DAYS].in_words(Language.SV) == bounds


@pytest.mark.parametrize("hour", range(9, 17))
def test_the_hour_of_reminders_is_read_back_as_it_is_offered(hour):
    drawn = as_sent(RulesModal.build(administered(rules=Rules(reminder_hour=hour)), METADATA, Language.SV))
    menu = next(each["element"] for each in drawn["blocks"] if each.get("block_id") == REMINDER_HOUR)

    read = RulesModal.read({REMINDER_HOUR: menu["initial_option"]["value"]})

    assert menu["initial_option"]["text"]["text"] == f"kl. {hour:02}.00"
    assert [each["value"] for each in menu["options"]] == ["9", "10", "11", "12", "13", "14", "15", "16"]
    assert isinstance(read, RuleAnswers)
    assert read.reminder_hour == hour


@pytest.mark.parametrize("chosen", ["8", "17", "9.5", "nio", "", "-1", "09", "0"])
def test_another_hour_of_reminders_than_those_that_are_offered_is_refused_in_words(chosen):
    read = RulesModal.read({REMINDER_HOUR: chosen})

    assert read == {REMINDER_HOUR: InputProblem("field_error.reminder_hour.invalid")}
    said = {language: read[REMINDER_HOUR].in_words(language) for language in Language}
    assert said == {
        Language.SV: "Välj en hel timme mellan kl.\u00a009.00 och kl.\u00a016.00.",
        Language.EN: "Choose a whole hour between 09:00 and 16:00.",
    }


def test_more_steps_than_a_field_takes_are_said_to_be_many_and_not_asked_for():
    tiers = tuple(Tier(number, sequence=(BO,) * 10) for number in range(100))

    drawn = as_sent(RulesModal.build(administered(rules=Rules(tiers=tiers)), METADATA, Language.SV))

    assert say(Language.SV, "admin.tiers_many").partition("Kontakta")[0] in as_read(drawn)
    assert TIERS not in {each.get("block_id") for each in drawn["blocks"]}


def test_references_are_filled_in_and_a_service_has_room_for_one_of_its_own():
    about = administered(
        invoices=InvoiceData("Box 1", "REF-1", {"npo": "NPÖ-7"}), services={"npo": {Language.SV: "NPÖ"}}
    )

    assert modal_as_read(InvoiceModal.build(about, METADATA, Language.SV)) == snapshot("""\
== Fakturauppgifter ==
Organisation: **Region Exempel**
Fakturaadress: [Box 1]
  ~ Skriv inga patientuppgifter eller personnummer.
Fakturareferens: [REF-1]
  ~ Föreslås i nya beställningar, om tjänsten inte har en egen.
NPÖ: NPÖ-7
Egen referens för en tjänst: <NPÖ>
Tjänstens fakturareferens: []
  ~ Lämna tomt för att ta bort den valda tjänstens referens.
(Spara) (Avbryt)\
""")


# --- people and their roles


def test_a_name_is_not_called_optional_where_somebody_new_needs_one():
    drawn = as_sent(GrantModal.build(administered(), METADATA, Language.SV, TODAY))

    (name,) = [each for each in drawn["blocks"] if each.get("block_id") == NAME]
    assert not name.get("optional")


@pytest.mark.parametrize(("kind", "asked"), [(CUSTOMER, True), (AGENT, True), (INERA, False)])
def test_a_limit_is_asked_for_where_somebody_may_attest(kind, asked):
    about = administered(organisation=replace(REGION, kinds=frozenset({kind})))

    drawn = as_sent(GrantModal.build(about, METADATA, Language.SV, TODAY))

    assert (LIMIT in {each.get("block_id") for each in drawn["blocks"]}) is asked


def test_a_role_is_given_as_it_was_typed_from_its_first_day_to_its_last():
    values = {"email": "ny@example.org", "name": "Nils Ny", "limit": "50 000", "service": "npo", "roles": ["attestant"]}
    values |= {"first": "2026-04-01", "last": "2026-04-30"}

    assert GrantModal.read(values) == RoleAnswers(
        "ny@example.org", "Nils Ny", frozenset({Role.ATTESTANT}), 5_000_000, "npo", date(2026, 4, 1), date(2026, 4, 30)
    )


@pytest.mark.parametrize(("until", "last"), [(LATER, date(2026, 4, 11)), (None, None)])
@pytest.mark.parametrize("limit_ore", [5_000_000, None])
def test_a_form_that_changes_a_role_is_sent_unchanged_with_what_holds(limit_ore, until, last):
    a_role = held(until=until, limit_ore=limit_ore)

    drawn = as_sent(RoleModal.build(administered(), members(1)[0], a_role, METADATA, Language.SV))

    assert RoleModal.read(unchanged(drawn)) == RoleAnswers(limit_ore=limit_ore, last=last)


def test_a_form_that_changes_a_role_without_a_limit_has_its_last_day():
    a_role = held(Role.ORDERER, until=end_of(date(2026, 4, 30)), limit_ore=None)

    drawn = as_sent(RoleModal.build(administered(), members(1)[0], a_role, METADATA, Language.SV))

    assert RoleModal.read(unchanged(drawn)) == RoleAnswers(last=date(2026, 4, 30))


def test_a_role_is_ended_at_once_where_no_day_is_chosen_though_it_has_a_last_day():
    a_role = held(until=LATER)

    drawn = as_sent(EndRoleModal.build(administered(), members(1)[0], a_role, METADATA, Language.SV))

    assert EndRoleModal.read(unchanged(drawn)) == RoleAnswers(last=None)


def unchanged(drawn):
    """What comes of a form of texts and days that is sent as it was opened."""
    fields = {each["block_id"]: each["element"] for each in drawn["blocks"] if "element" in each}
    return {name: field.get("initial_value") or field.get("initial_date") or "" for name, field in fields.items()}


def test_a_button_says_aloud_where_somebody_is_added_and_whom_it_shows():
    drawn = as_sent(PeopleModal.build(REGION, members(1), POINTER, Language.SV))

    aloud = [each["accessibility_label"] for each in nodes(drawn) if "accessibility_label" in each]
    assert aloud == ["Lägg till person: Region Exempel", "Visa: Bo Lund"]


def test_the_next_page_of_people_begins_after_the_last_one_who_is_shown():
    people = members(PEOPLE_SHOWN + 1)

    drawn = as_sent(PeopleModal.build(REGION, people, POINTER, Language.SV))

    more = next(each for each in nodes(drawn) if each.get("action_id") == "kp.people.more")
    assert more["value"] == POINTER.option(SEPARATOR.join((REGION.id, people[PEOPLE_SHOWN - 1].person.id)))


def test_the_menu_of_an_organisation_has_no_more_than_the_five_that_slack_takes():
    *_, more = ways(REGION.id, "Region Exempel", POINTER, Language.SV)

    assert len(more.options) == len(IN_MENU) == 5
