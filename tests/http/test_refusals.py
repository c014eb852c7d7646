"""Every refusal there is, and every problem with a field, is met: by HTTP, a press, a page, by file or in Slack."""

import inspect

import pytest
from sqlalchemy import insert, update

from bot.acts.refusals import ButtonIsGone, OtherEnvironment
from bot.forms.order_menus import NothingToOrder
from bot.slack.refusal_replies import LinkIsGone, NotLinkedElsewhere
from core.api import Action, ActOnCase, Answers, Asking, CaseId, Flow, Identity, Language, Seen, Surface
from core.http.statuses import HttpRefusal
from core.shared import errors
from core.storage import tables
from notifications.texts import keys, say
from tests.contract import (
    test_absences,
    test_account_changes,
    test_administration,
    test_identification,
    test_loading,
    test_losses,
    test_role_channels,
    test_setting_channels,
    test_sign_ins,
    test_store,
)
from tests.edges import test_absence
from tests.flow import test_home, test_order_form, test_route
from tests.flow import test_refusals as test_slack
from tests.http import test_applications, test_documents, test_orders, test_presses, test_problems, test_register
from tests.http.conftest import Api
from tests.http.test_orders import ASSIGNMENT_WISH, DIRECT, MET, VIA_AGENT, WRONG_DAYS, place
from tests.rules.test_texts import FIELD_CODES
from tests.support.world.applicants import CONTACT, FIRST, Hall, open_hall
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    HELENA,
    KALLE,
    KARIN,
    OLGA,
    REGION,
    TEAM,
    role_assignment,
)
from tests.web import test_refusals as test_pages

OLD_CARD = Seen(1, 1)


async def press(api: Api, order, person, action, seen=None, **answers):
    by = person if isinstance(person, Identity) else Asking(person)
    await api.orders.act(ActOnCase(CaseId(order), action, by, Surface.SLACK, seen, Answers(**answers)))


async def placed(api: Api, body=DIRECT, person=ANNA):
    return (await place(api, body, person=person)).json()["id"]


async def attested(api: Api):
    order = await placed(api)
    await press(api, order, BO, Action.ATTEST, OLD_CARD, confirmed=True)
    return order


async def approved(api: Api, by=HELENA, attestant=None):
    order = await placed(api, VIA_AGENT)
    await press(api, order, by, Action.APPROVE, certified=True, attestant=attestant)
    return order


async def account_of_nobody(api: Api):
    await press(api, await placed(api), Identity(TEAM, "U0NOBODY001"), Action.ATTEST, confirmed=True)


async def slower(api: Api):
    await press(api, await attested(api), CECILIA, Action.ATTEST, OLD_CARD, confirmed=True)


async def own_repeat(api: Api):
    await press(api, await attested(api), BO, Action.ATTEST, OLD_CARD, confirmed=True)


async def old_card(api: Api):
    await press(api, await approved(api), ANNA, Action.WITHDRAW, OLD_CARD, confirmed=True)


async def changed_order(api: Api):
    order = await placed(api)
    await api.database.write(lambda c: c.execute(update(tables.cases).values(content_version=2)))
    await press(api, order, BO, Action.ATTEST, OLD_CARD, confirmed=True)


async def own_order(api: Api):
    await press(api, await placed(api, person=CECILIA), CECILIA, Action.ATTEST, confirmed=True)


async def own_approval(api: Api):
    await press(api, await approved(api, by=ASTA), ASTA, Action.ATTEST, confirmed=True)


async def both_sides(api: Api):
    role = role_assignment(HELENA, REGION, "attestant")
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), role))
    order = await approved(api)
    await press(api, order, AMIR, Action.ATTEST, confirmed=True)
    await press(api, order, HELENA, Action.ATTEST, confirmed=True)


async def acted_for_inera(api: Api):
    order = await placed(api, ASSIGNMENT_WISH, person=OLGA)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KARIN, Action.APPROVE, confirmed=True)
    role = role_assignment(KARIN, AGENT, "attestant")
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), role))
    await press(api, order, KARIN, Action.ATTEST, confirmed=True)


async def not_chosen(api: Api):
    await press(api, await approved(api, attestant=AMIR), ASTA, Action.ATTEST, confirmed=True)


async def claimed_by_another(api: Api):
    order = await attested(api)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KALLE, Action.CLAIM)


async def claimed_already(api: Api):
    order = await attested(api)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KARIN, Action.CLAIM)


async def not_claimed(api: Api):
    await press(api, await attested(api), KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")


async def own_service(api: Api):
    await api.database.write(
        lambda c: c.execute(insert(tables.role_assignments), role_assignment(KARIN, REGION, "agreement_contact"))
    )
    await press(api, await attested(api), KARIN, Action.CLAIM)


async def no_reason(api: Api):
    await press(api, await placed(api), BO, Action.REJECT)


async def no_certificate(api: Api):
    await press(api, await placed(api, VIA_AGENT), HELENA, Action.APPROVE)


async def no_message(api: Api):
    order = await attested(api)
    await press(api, order, KARIN, Action.CLAIM)
    await press(api, order, KARIN, Action.SEND_INSTRUCTIONS)


async def no_confirmation(api: Api):
    await press(api, await placed(api), BO, Action.ATTEST)


async def attestant_of_another(api: Api):
    await approved(api, attestant=BO)


# What HTTP cannot meet, since no key decides and an account is Slack's.
PRESSED = [
    (account_of_nobody, "not_linked"),
    (slower, "already_decided"),
    (own_repeat, "already_decided_by_you"),
    (old_card, "stale"),
    (changed_order, "changed"),
    (own_order, "self_attest"),
    (own_approval, "own_approval"),
    (both_sides, "both_sides"),
    (acted_for_inera, "acted_for_inera"),
    (not_chosen, "not_chosen"),
    (claimed_by_another, "already_claimed"),
    (claimed_already, "already_yours"),
    (not_claimed, "not_claimed"),
    (own_service, "involved"),
    (no_reason, "reason_required"),
    (no_certificate, "certificate_required"),
    (no_message, "message_required"),
    (no_confirmation, "confirmation_required"),
    (attestant_of_another, "attestant_not_eligible"),
]


async def agreement_there_already(hall: Hall):
    other = await hall.press(await hall.apply(key="second"), Action.CLAIM)
    await hall.approve(await hall.apply())
    await hall.press(other, Action.APPROVE, confirmed=True)


async def signature_in_the_chat(hall: Hall):
    case = await hall.approve(await hall.apply())
    await sign_in_the_chat(hall, case, person_of(case, FIRST))


async def signature_for_others(hall: Hall):
    mine = await hall.become_customer(flow=Flow.AGENT_APPLICATION, category=None)
    theirs = await hall.approve(await hall.apply(key="second", signatories=(CONTACT,), signatures_needed=1))
    await sign_in_the_chat(hall, theirs, person_of(mine, FIRST))


def person_of(case, contact):
    return next(each.person for each in case.application.signatories if each.email == contact.email)


async def sign_in_the_chat(hall: Hall, case, person):
    await hall.orders.act(
        ActOnCase(case.id, Action.SIGN, Asking(person), Surface.SLACK, answers=Answers(confirmed=True))
    )


# What is pressed about an application.
APPLYING = [
    (agreement_there_already, "has_agreement"),
    (signature_in_the_chat, "sign_by_link"),
    (signature_for_others, "not_signatory"),
]
# What is met where it is tested: what administrators are refused in modals, and forms of applications.
MET_ELSEWHERE = {
    errors.AbsentHandedOver: test_absence.test_handing_over_ends_what_a_substitute_may_do_for_whoever_handed_over,
    errors.ApplicationFormError: test_applications.test_wrong_fields_are_pointed_at,
    errors.AccountNotLookedAt: test_account_changes.test_an_account_not_looked_at_lately_decides_no_large_amount,
    errors.NoSuchAssignment: test_administration.test_an_administrator_of_one_organisation_is_nobody_in_another,
    errors.AlreadySent: test_administration.test_a_form_counts_once_whatever_has_become_of_it_since,
    errors.NameOfOthers: (
        test_administration.test_the_name_of_somebody_with_a_role_elsewhere_is_corrected_by_customer_service_alone
    ),
    errors.InerasOwn: test_administration.test_customer_service_keeps_every_organisation_but_ineras_own_roles,
    errors.NotForOneself: test_administration.test_nobody_at_customer_service_grants_herself_a_role,
    errors.PersonHasLeft: test_administration.test_who_has_left_comes_back_by_customer_service_alone,
    errors.NotAskedHere: (
        test_role_channels.test_where_the_organisation_says_so_those_alone_decide_in_the_channel_who_are_asked_there
    ),
    errors.LastAdministrator: test_administration.test_the_last_administrator_ends_neither_now_nor_with_a_day,
    errors.SelfAttestForOne: test_administration.test_one_person_may_do_both_only_where_there_is_one,
    errors.WrongCode: test_sign_ins.test_for_an_address_that_is_nobodys_all_is_the_same_but_the_mail,
    errors.SignInOver: test_sign_ins.test_five_codes_may_be_tried_and_the_right_one_is_too_late_after_them,
    errors.RemindedLately: test_orders.test_an_orderer_reminds_those_who_are_asked_once_on_a_working_day,
    errors.Unsure: test_losses.test_what_was_saved_and_never_answered_is_not_done_again_and_called_uncertain,
    errors.NoDocument: test_documents.test_an_agreement_without_a_document_is_refused_by_its_own_name,
}
# What only the chat refuses: its tests read sentences, so these are the words and the test that asks for them.
BUTTONS = test_slack.test_a_button_of_another_environment_or_time_gets_a_sentence
IN_SLACK = [
    (ButtonIsGone.code, BUTTONS, "Knappen används inte längre"),
    (OtherEnvironment.code, BUTTONS, "en annan miljö"),
    (NothingToOrder.code, test_order_form.test_who_orders_for_nobody_is_told_so, "inte rollen beställare"),
    (NotLinkedElsewhere.code, test_route.test_somebody_of_another_workspace_is_a_stranger, "inte kopplat till någon"),
    (LinkIsGone.code, test_home.test_a_yes_that_nobody_asked_for_is_refused, "Kopplingen går inte"),
]


@pytest.mark.parametrize(("meet", "code"), PRESSED, ids=[each[0].__name__ for each in PRESSED])
async def test_a_press_that_may_not_count_is_refused_by_name(api: Api, meet, code):
    with pytest.raises(errors.OrderError) as told:
        await meet(api)

    assert told.value.code == code


@pytest.mark.parametrize(("meet", "code"), APPLYING, ids=[each[0].__name__ for each in APPLYING])
async def test_what_may_not_be_done_to_an_application_is_refused_by_name(fresh_sqlite_url, meet, code):
    hall = await open_hall(fresh_sqlite_url)
    with pytest.raises(errors.OrderError) as told:
        await meet(hall)
    await hall.database.close()

    assert told.value.code == code


@pytest.mark.parametrize(("code", "test", "words"), IN_SLACK, ids=[each[0] for each in IN_SLACK])
def test_a_refusal_of_the_chat_is_asked_for_by_its_words(code, test, words):
    assert words in say(Language.SV, f"err.{code}")
    assert words in inspect.getsource(test)


def test_refusals_of_other_places_are_met_where_those_are_tested() -> None:
    for refusal, test in (MET_ELSEWHERE | test_identification.refused()).items():
        source = inspect.getsource(test)
        assert f"errors.{refusal.__name__}" in source or f'"{refusal.code}"' in source


def test_every_refusal_is_met() -> None:
    elsewhere = {each.code for each in MET_ELSEWHERE | test_identification.refused()}
    answered = {code for _, _, code in [*MET, *test_problems.MET_HERE, *test_pages.MET]}
    pressed = {code for _, code in [*PRESSED, *APPLYING, *test_presses.REFUSED, *test_absences.REFUSED]}

    assert answered | pressed | elsewhere | {code for code, _, _ in IN_SLACK} == {
        each.code for each in _below(errors.OrderError)
    }


def _below(refusal: type[errors.OrderError]) -> set[type[errors.OrderError]]:
    children = {each for each in refusal.__subclasses__() if each is not HttpRefusal}
    return children.union(*(_below(each) for each in refusal.__subclasses__()))


def test_every_problem_with_a_field_is_met() -> None:
    tables = (
        test_register.BROKEN,
        test_register.AGREED,
        test_loading.WRONG,
        test_store.WRONG_FORMS,
        test_problems.WRONG_PARTS,
        test_administration.WRONG_ROLES,
        test_setting_channels.WRONG_CHANNELS,
        WRONG_DAYS,
    )
    known = {key.removeprefix("entry_error.") for key in keys() if key.startswith("entry_error.")}

    assert {row[-1] for table in tables for row in table} | {"aliases"} == known | FIELD_CODES
