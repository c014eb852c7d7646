"""Who may do what to an application: judged with the table, from what is known at the press."""

import time
from dataclasses import replace

import pytest

from core.api import (
    Action,
    Answers,
    Assurance,
    Contact,
    DecisionContext,
    Flow,
    Grant,
    Part,
    PersonId,
    Role,
    State,
    authorized_row,
    new_id,
)
from core.applications.application import Applying
from core.applications.form import application_from
from core.shared import errors
from core.use_cases.admission import admitted, draw_up
from core.workflow.authorize import authorize, check_answers
from tests.support.drawn.applied import BYGDEN, KNOWN, WAYS, applied
from tests.support.world.applicants import form
from tests.support.world.builders import SERVICE, SERVICE_COLLEAGUE

STRANGER = PersonId("PSTRANGER")
APPROVED = applied(*WAYS["approved"])
FIRST = APPROVED.application.signatories[0].person


def signing(case=APPROVED, person=FIRST, **changes):
    """A signatory on the page that the mail leads to."""
    made = DecisionContext(case, person, (Grant(person, BYGDEN, Role.SIGNATORY),), assurance=Assurance.MAIL_LINK)
    return replace(made, **changes)


def serving(case, person=SERVICE, **changes):
    grants = (Grant(person, BYGDEN, Role.CUSTOMER_SERVICE),)
    return replace(DecisionContext(case, person, grants), **changes)


def test_whoever_is_named_signs_by_the_link():
    assert authorized_row(signing(), Action.SIGN, None).who is Part.SIGNATORY


def test_a_signatory_of_an_earlier_application_signs_nothing_here():
    with pytest.raises(errors.NotSignatory):
        authorized_row(signing(person=STRANGER), Action.SIGN, None)
    with pytest.raises(errors.NoRole):
        authorized_row(signing(person=STRANGER, grants=()), Action.SIGN, None)


def test_whoever_is_named_signs_before_anybody_has_a_role():
    assert authorized_row(signing(grants=()), Action.SIGN, None).who is Part.SIGNATORY


def test_nobody_signs_by_a_click_in_a_chat():
    with pytest.raises(errors.SignByLink):
        authorized_row(signing(assurance=Assurance.CLICK_CONFIRM), Action.SIGN, None)


def test_nobody_signs_twice():
    once = applied(*WAYS["one has signed"])
    with pytest.raises(errors.AlreadySigned):
        authorized_row(signing(once, once.signatures[0].person), Action.SIGN, None)


def test_another_document_than_the_one_that_was_drawn_up_is_not_signed():
    ruling = authorize(signing(), Action.SIGN, None)

    with pytest.raises(errors.DocumentChanged):
        check_answers(ruling.now, ruling.row, Answers(confirmed=True, document_hash="another"))


def test_an_organisation_with_the_agreement_is_not_approved_once_more():
    known = Applying(BYGDEN, "Bygdens region", has_agreement=True)

    with pytest.raises(errors.HasAgreement):
        authorized_row(serving(applied(Action.CLAIM), applying=known), Action.APPROVE, None)


def test_what_the_applicant_did_is_done_for_the_organisation_that_turns_out_to_be_known():
    case = applied(Action.CLAIM)
    now = serving(case, applying=KNOWN)

    made = admitted(now, authorized_row(now, Action.APPROVE, None), case, new_id, draw_up)

    sent_in = next(each for each in made.decisions if each.action is Action.SUBMIT)
    assert (made.customer, sent_in.organisation) == (KNOWN.organisation, KNOWN.organisation)


def test_only_who_has_taken_the_case_decides_it():
    with pytest.raises(errors.NotClaimed):
        authorized_row(serving(applied()), Action.APPROVE, None)
    with pytest.raises(errors.AlreadyClaimed):
        authorized_row(serving(applied(Action.CLAIM), SERVICE_COLLEAGUE), Action.REJECT, None)


def test_the_clock_is_no_applicant_and_the_applicant_no_clock():
    case = applied()
    with pytest.raises(errors.NoRole):
        authorized_row(DecisionContext(case, None), Action.WITHDRAW, None)
    with pytest.raises(errors.NoRole):
        authorized_row(DecisionContext(case, None, is_applicant=True), Action.ESCALATE, None)


def test_the_clock_calls_for_customer_service_and_whoever_has_taken_an_application_may_put_it_down():
    called = authorized_row(DecisionContext(applied(), None), Action.ESCALATE, None)
    put_down = authorized_row(serving(applied(Action.CLAIM)), Action.RELEASE, None)

    assert (called.target_state(), put_down.target_state()) == (
        State.APPLICATION_SUBMITTED,
        State.APPLICATION_SUBMITTED,
    )


@pytest.mark.parametrize("way", ["asked", "approved"])
def test_the_clock_reminds_before_it_ends_what_waits_for_others(way):
    waiting = DecisionContext(applied(*WAYS[way]), None)

    assert authorized_row(waiting, Action.REMIND, None).target_state() is waiting.case.state
    with pytest.raises(errors.ActionNotPossible):
        authorized_row(waiting, Action.EXPIRE, None)


@pytest.mark.parametrize("way", ["approved", "not signed"])
def test_nobody_is_written_to_anew_by_a_single_click(way):
    ruling = authorize(serving(applied(*WAYS[way])), Action.RENEW, None)

    with pytest.raises(errors.ConfirmationRequired):
        check_answers(ruling.now, ruling.row, Answers())


@pytest.mark.parametrize("way", ["approved", "one has signed", "active"])
def test_the_applicant_does_not_take_back_what_customer_service_has_approved(way):
    with pytest.raises(errors.OrderError):
        authorized_row(DecisionContext(applied(*WAYS[way]), None, is_applicant=True), Action.WITHDRAW, None)


def test_one_who_must_not_sign_may_be_one_of_three():
    case = applied(Action.CLAIM, Action.APPROVE, Action.SIGN, signatures_needed=1)

    assert case.state is State.AGREEMENT_ACTIVE
    assert len(case.application.signatories) == 2


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"organisation": ""}, "organisation", "required"),
        ({"organisation": "x" * 201}, "organisation", "too_long"),
        ({"invoice_ref": "811218-9876"}, "invoice_ref", "personal_number"),
        ({"organisation": "王小明 Vård AB"}, "organisation", "letters"),
        ({"invoice_address": "Gatan 1 🏥"}, "invoice_address", "letters"),
        ({"invoice_ref": "مرجع"}, "invoice_ref", "letters"),
        ({"signatories": (replace(form().signatories[0], name="王小明"),)}, "signatories.0.name", "letters"),
        ({"org_number": ""}, "org_number", "required"),
        ({"org_number": "123"}, "org_number", "org_number"),
        ({"category": None}, "category", "required"),
        ({"signatories": ()}, "signatories", "required"),
        ({"signatories": form().signatories * 6}, "signatories", "too_many"),
        ({"signatories": form().signatories[:1] * 2}, "signatories.1.email", "repeated"),
        ({"signatures_needed": 3}, "signatures_needed", "more_than_signatories"),
        ({"signatures_needed": 0}, "signatures_needed", "more_than_signatories"),
        ({"administrator": replace(form().administrator, email="alva")}, "administrator.email", "email"),
        ({"administrator": replace(form().administrator, email="")}, "administrator.email", "required"),
        ({"agreement_contact": replace(form().administrator, name="")}, "agreement_contact.name", "required"),
        ({"terms_accepted": False}, "terms_accepted", "terms_not_accepted"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(changes, field, code):
    with pytest.raises(errors.ApplicationFormError) as refusal:
        application_from(form(**changes), Flow.CUSTOMER_APPLICATION)

    assert refusal.value.facts["fields"][field] == code


# Of letters whose order Unicode sorts, and of what may be the beginning of a number.
ENDLESS = ["a" + "\u0301\u0323" * 10_000, "811218 " * 28_000]


@pytest.mark.parametrize("text", ENDLESS)
def test_a_text_that_is_too_long_is_not_looked_at_any_further(text):
    person = Contact(text, text)
    fields = ("organisation", "org_number", "invoice_address", "invoice_ref")
    people = {"administrator": person, "signatories": (person,), "agreement_contact": person}

    begun = time.process_time()
    with pytest.raises(errors.ApplicationFormError) as refusal:
        application_from(form(**people, **dict.fromkeys(fields, text)), Flow.CUSTOMER_APPLICATION)

    assert refusal.value.facts["fields"]["administrator.name"] == "too_long"
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "name", ["Zoë Müller-Łukasz", "Ολυμπία Δ.", "Юлия Иванова", "A\u030asa", "Nguyễn Ánh", "D’Arcy–Öst"]
)
def test_a_name_that_an_agreement_can_show_is_a_name(name):
    assert application_from(form(administrator=Contact(name, "a@bygden.example")), Flow.CUSTOMER_APPLICATION)


def test_an_agent_has_no_category():
    assert application_from(form(category=None), Flow.AGENT_APPLICATION).category is None


ADDRESSES = [
    "Logga in: https://evil.example",
    "WWW.evil.example",
    "a@evil.example",
    "http:／／evil",
    "ｗｗｗ.evil",
    "a＠b",
    "Bekräfta på inera.example/bekrafta",
    "inera．example／in",
    "inera。example?a=1",
    "inera.example:8080",
]


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "field", ["organisation", "administrator.name", "signatories.0.name", "agreement_contact.name"]
)
def test_no_name_holds_an_address_that_a_mail_could_lead_to(field, name):
    person = Contact(name, "a@bygden.example")
    said = {"organisation": name, "administrator": person, "signatories": (person,), "agreement_contact": person}
    given = {part: value for part, value in said.items() if field.startswith(part)}

    with pytest.raises(errors.ApplicationFormError) as refused:
        application_from(form(**({"signatures_needed": 1} | given)), Flow.CUSTOMER_APPLICATION)

    assert refused.value.facts["fields"] == {field: "address_in_name"}


@pytest.mark.parametrize("name", ["J.Berg", "Dr.Berg", "St.Clair", "Karl.Erik Öst", "Anna Ek, tf. chef"])
def test_a_dot_in_a_persons_name_makes_no_domain_of_it(name):
    assert application_from(form(administrator=Contact(name, "a@bygden.example")), Flow.CUSTOMER_APPLICATION)


@pytest.mark.parametrize(
    "name", ["kund, logga in på inera.example", "Inera-Portalen.SE", "inera．example", "a-b.example"]
)
@pytest.mark.parametrize("field", ["administrator", "signatories", "agreement_contact"])
def test_no_person_is_called_as_a_domain(field, name):
    person = Contact(name, "a@bygden.example")

    with pytest.raises(errors.ApplicationFormError) as refused:
        application_from(
            form(signatures_needed=1, **{field: (person,) if field == "signatories" else person}),
            Flow.CUSTOMER_APPLICATION,
        )

    assert list(refused.value.facts["fields"].values()) == ["address_in_name"]


@pytest.mark.parametrize(
    "name", ["J.Berg", "J. R. Öst-Berg", "Ph.D. Anna Berg", "Åsa O'Brien (vd, leg. läkare)", "A.B.Ek"]
)
def test_initials_and_titles_are_names_of_people(name):
    assert application_from(form(administrator=Contact(name, "a@bygden.example")), Flow.CUSTOMER_APPLICATION)


@pytest.mark.parametrize(
    "name",
    ["Doktor.se", "Doktor.se: Malmö", "S:t Eriks AB", "Kry / Livi", "Wwwalters vård: öppet", "Åsa O'Brien-Öst (vd)"],
)
def test_a_bare_domain_may_be_a_name(name):
    assert application_from(form(organisation=name), Flow.CUSTOMER_APPLICATION).organisation == name


def test_an_address_that_no_mail_can_be_written_to_is_no_address():
    with pytest.raises(errors.ApplicationFormError) as refused:
        application_from(form(administrator=Contact("A", "=?utf-8?q?a?=@bygden.example")), Flow.CUSTOMER_APPLICATION)

    assert refused.value.facts["fields"] == {"administrator.email": "email"}
