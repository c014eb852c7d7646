"""The doors for organisations in Slack, each with the few ports that it uses and nothing behind them."""

from datetime import timedelta

import pytest

from bot.acts.menu_searches import MenuSearch, OrganisationSearches
from bot.acts.organisations.absence_menus import AbsenceMenus
from bot.acts.organisations.absences import AbsenceChanges, AbsenceForms, AbsenceNews
from bot.acts.organisations.administration import (
    Administering,
    AdministrationOpening,
    OrganisationScreens,
)
from bot.acts.organisations.administration_forms import AdministrationForms, KeptChanges
from bot.acts.organisations.holdings import AgreementLinks, HoldingsShown
from bot.acts.outcomes import Kept, Wrong
from bot.acts.refusals import ButtonIsGone
from bot.slack.listeners.commands import CommandAnswers, Commands
from bot.slack.press import opened
from bot.views.organisations.absences import SubstituteModal
from bot.views.organisations.holdings import AgreementLinkModal, HoldingsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal
from bot.views.organisations.role_forms import EndRoleModal
from bot.views.organisations.screens import OrganisationModal, OrganisationsModal
from core.api import Holdings, Language, NoRole, Part, Role, SetLanguage, Substitution, SubstitutionChanged
from core.register.administration import ChangeResult
from tests.doors.standing import (
    ANNA,
    BO,
    BY,
    CLOCK,
    CONTEXT,
    ENVIRONMENT,
    HERE,
    HOME,
    POINTER,
    REGION,
    Standing,
    form,
    people,
    pressed,
)
from tests.fakes.doors import Ack, FakeAfterCommit, FakePort, asked_of
from tests.support.drawn.register_views import administered
from tests.support.world.seed import NOW

DAYS = Substitution(ANNA, BO, REGION, Role.ATTESTANT, NOW, NOW + timedelta(days=3), ANNA, id=7)
SET = SubstitutionChanged(DAYS, ANNA, is_news=True)
METADATA = f"{POINTER.value()}\n{REGION}\n55\n"


def screens_of(**answers):
    return OrganisationScreens(FakePort(organisation=administered(), **answers), ENVIRONMENT, CLOCK)


# --- absence


async def test_whoever_decides_something_may_be_away_from_it():
    menus = AbsenceMenus(people("attestant", "orderer"), FakePort(), CLOCK)

    own = await menus.own(await people().linked(BY))

    assert [(place.organisation, place.role) for place, _ in own.places] == [(REGION, Role.ATTESTANT)]


async def test_whoever_decides_nothing_gets_no_form():
    forms = AbsenceForms(ENVIRONMENT, people(), AbsenceMenus(people("orderer"), FakePort(), CLOCK))

    with pytest.raises(ButtonIsGone):
        await forms.on_own(pressed("kp.substitute"))


async def test_the_form_about_absence_opens_with_those_who_may_decide_meanwhile():
    stage, colleagues, press = Standing(), FakePort(colleagues=[]), pressed("kp.substitute")
    menus = AbsenceMenus(people("attestant"), colleagues, CLOCK)

    stage.begin(press, await AbsenceForms(ENVIRONMENT, people(), menus).on_own(press))

    assert await stage.sees() == [("open", SubstituteModal.CALLBACK)]
    assert asked_of(colleagues) == ["colleagues"]


async def test_a_substitution_that_is_ended_is_said_and_told_of():
    stage, after = Standing(), FakeAfterCommit()
    absences, cards, woken = FakePort(end_substitution=SET), FakePort(owe_substitutes=None), []
    news = AbsenceNews(after, cards, lambda: woken.append(1), stage.tasks)

    press = pressed("kp.end_substitute", "7")

    stage.begin(press, await AbsenceChanges(people(), absences, news).on_end(press))

    assert await stage.sees() == [("open", "kp.notice")]
    assert (after.told, asked_of(cards), woken) == ([("rights", BY.user)], ["owe_substitutes"], [1])


async def test_a_form_about_absence_that_lacks_a_day_changes_nothing():
    absences = FakePort(set_substitute=None)
    sent = form(SubstituteModal.CALLBACK, f"{POINTER.value()}\nown\n{REGION}.attestant")

    with pytest.raises(ButtonIsGone):
        await AbsenceChanges(people(), absences, None).on_submit(opened({**sent, "private_metadata": ""}), BY)

    assert absences.asked == []


# --- what somebody administers


async def typed(stage, found, words):
    """Anna types a command, and of the organisations so many match."""
    answers, ack = CommandAnswers(people(), None, None, stage.replies), Ack()
    commands = Commands(answers, None, None, Administering(people(), screens_of(find=found)))
    await commands.on_command(ack, {"trigger_id": "1", "text": f"organisation {words}"}, CONTEXT)
    return ack.said


async def test_the_only_organisation_that_matches_is_shown():
    stage = Standing()

    said = await typed(stage, [HOME], "exempel")

    assert (await stage.sees(), said) == ([("open", OrganisationModal.CALLBACK)], {})


async def test_of_several_organisations_a_menu_is_shown():
    stage = Standing()

    await typed(stage, [HOME, HOME], "e")

    assert await stage.sees() == [("open", OrganisationsModal.CALLBACK)]


async def test_that_nothing_matches_is_said_where_it_was_typed():
    assert (await typed(Standing(), [], "x"))["response_type"] == "ephemeral"


async def test_what_the_core_does_not_let_somebody_see_is_not_drawn():
    screens = OrganisationScreens(
        FakePort(organisation=NoRole(part=Part.CUSTOMER_ADMINISTRATOR, organisation=REGION)), ENVIRONMENT, CLOCK
    )

    with pytest.raises(NoRole):
        await Administering(people(), screens).on_chosen(pressed("kp.choose", value=REGION))


async def test_a_form_opens_from_the_menu_of_an_organisation():
    stage, press = Standing(), pressed("kp.menu", f"invoices:{REGION}")

    stage.begin(press, await AdministrationOpening(people(), screens_of(), None).on_menu(press))

    assert await stage.sees() == [("open", InvoiceModal.CALLBACK)]


def language_form(chosen):
    sent = form(LanguageModal.CALLBACK, METADATA)
    entered = {"type": "static_select", "selected_option": {"value": chosen} if chosen else None}
    return sent | {"state": {"values": {"language": {"language": entered}}}}


async def test_an_organisations_language_is_chosen_in_a_form_that_opens_from_its_menu():
    stage, press, after = Standing(), pressed("kp.menu", f"language:{REGION}"), FakeAfterCommit()
    administration = FakePort(set_language=ChangeResult())
    forms = AdministrationForms(people(), administration, KeptChanges(screens_of(), after, has_mail=False), None)

    stage.begin(press, await AdministrationOpening(people(), screens_of(), None).on_menu(press))
    outcome = await forms.submitted()[LanguageModal.CALLBACK](opened(language_form("en")), BY)

    assert await stage.sees() == [("open", LanguageModal.CALLBACK)]
    assert isinstance(outcome, Kept)
    ((_, command),) = administration.asked
    assert command == SetLanguage(BY.account, REGION, Language.EN, key="V1")


@pytest.mark.parametrize("chosen", [None, "de"])
async def test_a_form_without_a_language_of_ours_keeps_nothing_and_says_so_at_its_field(chosen):
    administration = FakePort(set_language=ChangeResult())

    outcome = await AdministrationForms(people(), administration, None, None).on_language(
        opened(language_form(chosen)), BY
    )

    assert isinstance(outcome, Wrong)
    assert outcome.problems.in_words(Language.SV) == {"language": "Välj ett språk."}
    assert administration.asked == []


async def test_a_form_that_there_is_no_more_is_gone():
    with pytest.raises(ButtonIsGone):
        await AdministrationOpening(people(), screens_of(), None).on_menu(pressed("kp.menu", f"old:{REGION}"))


async def test_a_role_that_is_ended_is_said_to_be_and_those_concerned_begin_to_hear():
    stage, after, ack = Standing(), FakeAfterCommit(), Ack()
    administration = FakePort(end_role=ChangeResult())
    kept = KeptChanges(screens_of(), after, has_mail=False)
    sent = form(EndRoleModal.CALLBACK, METADATA)

    await stage.answer(
        ack, sent, await AdministrationForms(people(), administration, kept, None).on_end(opened(sent), BY)
    )

    ((_, command),) = administration.asked
    assert (command.organisation, command.assignment, command.key) == (REGION, 55, "V1")
    assert (ack.said["response_action"], after.told) == ("update", [("register", BY.user)])


async def test_a_form_that_does_not_say_what_it_is_about_changes_nothing():
    administration = FakePort()

    with pytest.raises(ButtonIsGone):
        await AdministrationForms(people(), administration, None, None).on_end(opened(form(EndRoleModal.CALLBACK)), BY)


async def test_organisations_are_searched_for_while_somebody_types():
    searches = OrganisationSearches(None, screens_of(find=[HOME])).searches()

    found = await searches[OrganisationsModal.CHOOSE](MenuSearch(opened({}), BY, await people().linked(BY), "exe"))

    assert [option.value for option in found] == [REGION]


# --- what an organisation has


async def test_what_ones_organisation_has_is_shown():
    stage, press = Standing(), pressed("kp.holdings")
    shown = HoldingsShown(people("orderer"), FakePort(holdings=Holdings()), HERE)

    stage.begin(press, await shown.on_open(press))

    assert await stage.sees() == [("open", HoldingsModal.CALLBACK)]


async def test_whoever_belongs_nowhere_has_nothing_to_be_shown():
    with pytest.raises(ButtonIsGone):
        await HoldingsShown(people(), FakePort(), HERE).on_open(pressed("kp.holdings"))


async def test_an_agreement_is_read_by_a_link_of_ones_own():
    stage, documents, press = Standing(), FakePort(make=("token", NOW)), pressed("kp.read_agreement", "a" * 64)

    stage.begin(press, await AgreementLinks(people(), documents, HERE).on_read(press))

    assert await stage.sees() == [("open", AgreementLinkModal.CALLBACK)]
    assert [what for _, _, what in documents.asked] == ["a" * 64]
