"""From a form to a signed agreement, on both databases: what each step writes, and that each is whole or not at all."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from core.api import (
    Action,
    ActOnCase,
    AgreementType,
    Answers,
    Asking,
    Assurance,
    Contact,
    Flow,
    Language,
    Purpose,
    Role,
    Side,
    State,
    Surface,
    new_id,
)
from core.ports.case_lists import ApplicationFilter
from core.ports.register_entries import Outcome
from core.register.entries import Holding, PersonEntry
from core.shared.errors import (
    AlreadyClaimed,
    AlreadySigned,
    ApplicationFormError,
    HasAgreement,
    Involved,
    KeyReused,
    LinkChanged,
    LinkPassedOn,
    LinkUnknown,
    LinkUsed,
    NoRole,
    OrderError,
    RegisterError,
    SignByLink,
)
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.register.registry import Register
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, METHOD, NUMBER, SECOND, form, open_hall, wish
from tests.support.world.records import records
from tests.support.world.seed import ADA, ANNA, BO, INERA, KALLE, KARIN, NOW, REGION, RUT, SARA, role_assignment

TEN = NUMBER.replace("-", "")


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    yield made
    await made.database.close()


async def test_an_application_is_kept_until_somebody_approves_it(hall) -> None:
    case = await hall.apply()

    assert case.id.startswith("A-")
    assert (await hall.now(case)).application == case.application
    assert case.state is State.APPLICATION_SUBMITTED
    assert await hall.rows(tables.organisations, org_number=TEN) == []
    assert await hall.rows(tables.persons, email=ADMIN.email) == []
    assert await hall.mails(case) == [("application_received", ADMIN.email)]
    applicant = (await records(hall.queries, [case.id]))[case.id].organisations[case.customer]
    assert (applicant.name, applicant.org_number, applicant.category) == (form().organisation, TEN, form().category)


async def test_the_same_key_gives_the_same_application(hall) -> None:
    first, again = await asyncio.gather(hall.apply(), hall.apply())

    assert first == again
    with pytest.raises(KeyReused):
        await hall.apply(organisation="En annan")


async def test_approving_makes_the_organisation_its_people_and_an_agreement_to_sign(hall) -> None:
    case = await hall.approve(await hall.apply())

    [organisation] = await hall.rows(tables.organisations, org_number=TEN)
    assert (organisation["id"], organisation["kinds"]) == (case.customer, ["customer"])
    assert organisation["invoice_ref"] == "4711-B"
    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert (agreement["valid_from"], agreement["document_hash"]) == (None, case.application.document.hash)
    assert await hall.mails(case) == [
        ("application_received", ADMIN.email),
        ("agreement_to_sign", FIRST.email),
        ("agreement_to_sign", SECOND.email),
        ("application_approved", ADMIN.email),
        ("named_contact", CONTACT.email),
    ]


async def test_roles_come_with_the_last_signature(hall) -> None:
    case = await hall.approve(await hall.apply())
    await hall.sign(case, FIRST)
    early = await hall.rows(tables.role_assignments, organisation_id=case.customer)
    await hall.sign(case, SECOND)

    rows = await hall.rows(tables.role_assignments, organisation_id=case.customer)
    assert early == []
    assert {(row["person_id"], row["role"]) for row in rows} == {
        (who.person, role) for role, who in case.application.roles
    }
    assert {(row["valid_from"], row["valid_to"]) for row in rows} == {(hall.clock(), None)}


@pytest.mark.parametrize("ends", ["decline", "cancel"])
async def test_an_application_that_comes_to_nothing_leaves_nobody_a_role(hall, ends) -> None:
    case = await hall.approve(await hall.apply())

    if ends == "decline":
        await hall.applications.decline(await hall.link(case, FIRST, Purpose.SIGN), "Fel bolag.")
    else:
        await hall.press(case, Action.CANCEL, reason="Fel nummer.")

    assert await hall.rows(tables.role_assignments, organisation_id=case.customer) == []


async def test_whoever_has_left_before_the_last_signature_gets_no_role(hall) -> None:
    case = await hall.approve(await hall.apply())
    gone = next(who.person for role, who in case.application.roles if role is Role.AGREEMENT_CONTACT)
    await hall.database.write(
        lambda c: c.execute(update(tables.persons).where(tables.persons.c.id == gone).values(active=False))
    )

    await hall.sign(case, FIRST)
    await hall.sign(case, SECOND)

    rows = await hall.rows(tables.role_assignments, organisation_id=case.customer)
    assert gone not in {row["person_id"] for row in rows}
    assert {row["role"] for row in rows} == {"administrator", "signatory"}


async def told(hall, case):
    """Which administrators are told of whom an application names."""
    return [row["person_id"] for row in await hall.rows(tables.cards, case_id=case.id, kind="new_administrator")]


REGION_NUMBER = "232100-0016"


async def test_who_administers_an_organisation_is_told_that_an_application_names_another(hall) -> None:
    case = await hall.apply(org_number=REGION_NUMBER)
    its_own = await hall.apply(key="own", org_number=REGION_NUMBER, administrator=Contact("Ada", "ada@example.org"))
    unknown = await hall.apply(key="unknown")

    assert await told(hall, case) == [ADA]
    assert await told(hall, its_own) == []
    assert await told(hall, unknown) == []


async def test_its_other_administrators_are_told_when_it_names_strangers_to_sign_and_one_of_them_to_administer(hall):
    other = role_assignment(BO, REGION, "administrator")
    await hall.database.write(lambda c: c.execute(insert(tables.role_assignments), other).close())
    ada, bo = Contact("Ada", "ada@example.org"), Contact("Bo", "bo@example.org")

    strangers = await hall.apply(org_number=REGION_NUMBER, administrator=ada)
    themselves = {"administrator": ada, "signatories": (bo,), "signatures_needed": 1, "agreement_contact": ada}
    own = await hall.apply(key="own", org_number=REGION_NUMBER, **themselves)

    assert await told(hall, strangers) == [BO]
    assert await told(hall, own) == []


async def test_it_is_told_again_only_when_an_answer_names_another_organisation_or_administrator(hall) -> None:
    unknown = await hall.press(await hall.apply(), Action.CLAIM)
    answers = (
        form(org_number=REGION_NUMBER),
        form(org_number=REGION_NUMBER, invoice_ref="9999"),
        form(org_number=REGION_NUMBER, administrator=Contact("Allan", "allan@bygden.example")),
    )
    heard = []
    for number, answer in enumerate(answers):
        asked = await hall.press(await hall.now(unknown), Action.REQUEST_COMPLETION, message="Vem?")
        token = await hall.link(asked, number=number)
        await hall.applications.complete(token, answer)
        heard.append(len(await told(hall, unknown)))

    assert heard == [1, 1, 2]


async def test_whoever_names_another_administrator_passes_the_application_on(hall) -> None:
    case = await hall.ask(await hall.apply())
    first = await hall.link(case)
    other = Contact("Allan", "allan@bygden.example")
    await hall.applications.complete(first, form(administrator=other))
    asked = await hall.press(await hall.now(case), Action.REQUEST_COMPLETION, message="Vilken adress?")

    for late in (
        hall.applications.follow(first),
        hall.applications.complete(first, form()),
        hall.applications.withdraw(first),
    ):
        with pytest.raises(LinkPassedOn):
            await late
    mine = await hall.link(asked, other)

    assert (await hall.applications.follow(mine)).application.administrator.email == other.email
    assert (await hall.applications.withdraw(mine)).after.state is State.APPLICATION_WITHDRAWN


@pytest.mark.parametrize("why", ["has left", "administers no longer", "is to administer"])
async def test_who_does_not_administer_now_is_not_told(hall, why) -> None:
    held, people, now = tables.role_assignments.c, tables.persons.c, hall.clock()
    values = {"valid_to": now} if why == "administers no longer" else {"valid_from": now + timedelta(days=1)}
    gone = update(tables.persons).where(people.id == ADA).values(active=False)
    other = update(tables.role_assignments).where(held.person_id == ADA).values(values)
    await hall.database.write(lambda c: c.execute(gone if why == "has left" else other))

    assert await told(hall, await hall.apply(org_number=REGION_NUMBER)) == []


async def test_customer_service_sees_who_is_new_there_and_who_had_left(hall) -> None:
    await hall.database.write(
        lambda c: c.execute(update(tables.persons).where(tables.persons.c.id == BO).values(active=False))
    )

    case = await hall.apply(org_number=REGION_NUMBER, agreement_contact=Contact("Bo Ek", "bo@example.org"))

    shown = (await hall.view(case, Side.INERA)).application
    assert (shown.is_new_administrator, shown.administrators) == (True, ("Ada Norén",))
    assert (shown.left, shown.known) == ({"bo@example.org"}, set())


@pytest.mark.parametrize("named", ["administrator", "agreement_contact", "signatories"])
async def test_nobody_at_customer_service_decides_an_application_that_names_her(hall, named) -> None:
    karin = Contact("Karin Jonsson", "karin@example.org")
    case = await hall.apply(**{named: (karin, FIRST) if named == "signatories" else karin})

    waits = [await hall.queries.waiting_for(Asking(person), hall.clock(), 9) for person in (KARIN, KALLE)]
    with pytest.raises(Involved):
        await hall.approve(case)
    approved = await hall.approve(case, KALLE)
    with pytest.raises(Involved):
        await hall.press(approved, Action.CANCEL, reason="Fel.")

    assert [[each.case for each in found] for found in waits] == [[], [case.id]]


@pytest.mark.parametrize("until", [None, timedelta(minutes=1)])
async def test_nobody_at_customer_service_decides_for_an_organisation_where_she_has_a_role(hall, until) -> None:
    role = role_assignment(KARIN, REGION, "orderer") | {"valid_to": until and hall.clock() + until}
    await hall.database.write(lambda c: c.execute(insert(tables.role_assignments), role))
    case = await hall.apply(org_number=REGION_NUMBER)
    hall.clock.forward(hours=1)

    with pytest.raises(Involved):
        await hall.approve(case)


async def test_who_is_given_a_role_while_she_has_a_case_may_still_release_it(hall) -> None:
    claimed = await hall.press(await hall.apply(org_number=REGION_NUMBER), Action.CLAIM)
    role = role_assignment(KARIN, REGION, "orderer")
    await hall.database.write(lambda c: c.execute(insert(tables.role_assignments), role))

    with pytest.raises(Involved):
        await hall.press(claimed, Action.REJECT, reason="Nej.")

    assert (await hall.press(claimed, Action.RELEASE)).claimed_by is None


async def test_the_lead_takes_over_an_application_from_whoever_has_it_and_the_slower_of_two_hears_who(hall) -> None:
    for person in (SARA, RUT):
        role = role_assignment(person, INERA, "customer_service_lead")
        await hall.database.write(lambda c, role=role: c.execute(insert(tables.role_assignments), role))
    claimed = await hall.press(await hall.apply(), Action.CLAIM)

    wishes = (hall.press(claimed, Action.TAKE_OVER, person) for person in (SARA, RUT))
    answers = await asyncio.gather(*wishes, return_exceptions=True)

    (taken,) = [each for each in answers if not isinstance(each, BaseException)]
    (lost,) = [each for each in answers if isinstance(each, BaseException)]
    assert (type(lost), taken.claimed_by in {SARA, RUT}) == (AlreadyClaimed, True)
    assert [row["person_id"] for row in await hall.rows(tables.cards, kind="taken_over")] == [KARIN]
    assert (await hall.press(taken, Action.REJECT, taken.claimed_by, reason="Nej.")).closed_at is not None


async def test_somebody_who_is_let_in_again_is_told_of_in_history_and_may_decide_elsewhere(hall) -> None:
    await hall.database.write(
        lambda c: c.execute(update(tables.persons).where(tables.persons.c.id == BO).values(active=False))
    )

    await hall.approve(await hall.apply(agreement_contact=Contact("Bo Ek", "bo@example.org")))

    [line] = await hall.rows(tables.history, kind="person")
    assert (line["action"], line["person_id"], line["about_id"]) == ("came_back", KARIN, BO)
    assert REGION in {row["organisation_id"] for row in await hall.rows(tables.reviews)}


async def test_the_agreement_is_active_when_all_who_must_have_signed(hall) -> None:
    case = await hall.approve(await hall.apply())

    one = await hall.sign(case, FIRST)
    two = await hall.sign(case, SECOND)

    assert (one.state, two.state) == (State.AGREEMENT_AWAITING_SIGNATURE, State.AGREEMENT_ACTIVE)
    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert agreement["valid_from"] == hall.clock()
    signed = await hall.rows(tables.signatures, case_id=case.id)
    assert {row["person_id"] for row in signed} == {each.person for each in case.application.signatories}
    assert all(row["document_hash"] == case.application.document.hash for row in signed)
    assert {each.assurance for each in two.signatures} == {Assurance.SIMPLE_SIGNATURE}
    told = (await hall.mails(case))[-4:]
    assert ("invitation", ADMIN.email) in told
    assert {email for kind, email in told if kind == "agreement_signed"} == {FIRST.email, SECOND.email, CONTACT.email}


async def test_a_signature_is_kept_with_the_way_in_which_it_was_made(hall) -> None:
    case = await hall.approve(await hall.apply())

    for contact, method in ((FIRST, "link_confirm"), (SECOND, "another")):
        await hall.sign(case, contact, method=method)

    signed = await hall.rows(tables.signatures, case_id=case.id)
    lines = await hall.rows(tables.history, case_id=case.id, action="sign")
    assert {row["method"] for row in signed} == {"link_confirm", "another"}
    assert {json.loads(line["evidence"])["method"] for line in lines} == {"link_confirm", "another"}


async def test_a_link_to_sign_is_for_one_time_one_person_and_one_document(hall) -> None:
    case = await hall.approve(await hall.apply())
    token = await hall.link(case, FIRST, Purpose.SIGN)

    with pytest.raises(LinkChanged):
        await hall.applications.sign(token, "another document", METHOD)
    await hall.applications.sign(token, case.application.document.hash, METHOD)
    with pytest.raises(LinkUsed):
        await hall.applications.sign(token, case.application.document.hash, METHOD)
    with pytest.raises(AlreadySigned):
        await hall.sign(case, FIRST, number=2)

    assert len(await hall.rows(tables.signatures, case_id=case.id)) == 1


async def test_two_presses_on_one_link_give_one_signature(hall) -> None:
    case = await hall.approve(await hall.apply())
    token, document = await hall.link(case, FIRST, Purpose.SIGN), case.application.document.hash

    told = await asyncio.gather(
        *(hall.applications.sign(token, document, METHOD) for _ in range(3)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in told) == ["CaseAdvanced", "LinkUsed", "LinkUsed"]


async def test_nobody_signs_in_slack_or_without_being_named(hall) -> None:
    case = await hall.approve(await hall.apply())

    with pytest.raises(NoRole):
        await hall.press(case, Action.SIGN, KARIN, confirmed=True)


@pytest.mark.parametrize("surface", [Surface.MAIL, Surface.WEB, Surface.API, Surface.SLACK])
@pytest.mark.parametrize("signed_in", [None, Assurance.MAIL_LINK, Assurance.EID_LINK])
@pytest.mark.parametrize("action", [Action.SIGN, Action.DECLINE])
async def test_no_signature_without_its_link(hall, surface, signed_in, action) -> None:
    case = await hall.approve(await hall.apply())
    signatory, document = case.application.signatories[0].person, case.application.document.hash
    answers = Answers(confirmed=True, reason="No.", document_hash=document, method=METHOD)

    with pytest.raises(SignByLink):
        await hall.orders.act(
            ActOnCase(case.id, action, Asking(signatory), surface, answers=answers, signed_in=signed_in)
        )

    assert (await hall.now(case)).state is State.AGREEMENT_AWAITING_SIGNATURE


async def test_a_signature_does_not_follow_from_somebody_elses_link(hall) -> None:
    case = await hall.approve(await hall.apply())
    first, second = (each.person for each in case.application.signatories)
    token, document = await hall.link(case, SECOND, Purpose.SIGN), case.application.document.hash
    link = (await hall.applications.links.open(token, Purpose.SIGN, hall.clock())).id
    answers = Answers(confirmed=True, document_hash=document, method=METHOD)

    with pytest.raises(LinkUnknown):
        await hall.orders.act(ActOnCase(case.id, Action.SIGN, Asking(first), Surface.MAIL, answers=answers, link=link))

    by_second = ActOnCase(case.id, Action.SIGN, Asking(second), Surface.MAIL, answers=answers, link=link)
    signed = await hall.orders.act(by_second)
    assert [each.person for each in signed.after.signatures] == [second]


async def test_two_who_approve_at_once_make_one_organisation(hall) -> None:
    case = await hall.press(await hall.apply(), Action.CLAIM)

    told = await asyncio.gather(
        *(hall.press(case, Action.APPROVE, confirmed=True) for _ in range(2)), return_exceptions=True
    )

    assert sum(isinstance(each, OrderError) for each in told) == 1
    assert len(await hall.rows(tables.organisations, org_number=TEN)) == 1


async def test_two_applications_of_one_organisation_give_one_agreement(hall) -> None:
    one, other = await hall.apply(), await hall.apply(key="second")
    other = await hall.press(other, Action.CLAIM)
    assert [each.case for each in (await hall.view(other, Side.INERA)).application.others] == [one.id]

    await hall.approve(one)
    with pytest.raises(HasAgreement):
        await hall.press(other, Action.APPROVE, confirmed=True)

    assert (await hall.view(other, Side.INERA)).application.has_agreement
    assert len(await hall.rows(tables.agreements, organisation_id=(await hall.now(one)).customer)) == 1


async def test_two_applications_of_one_organisation_approved_and_signed_at_once_leave_one_agreement_in_force(
    hall,
) -> None:
    claimed = [await hall.press(await hall.apply(key=key), Action.CLAIM) for key in ("one", "other")]

    told = await asyncio.gather(
        *(hall.press(each, Action.APPROVE, confirmed=True) for each in claimed), return_exceptions=True
    )
    [approved] = [each for each in told if not isinstance(each, BaseException)]
    await asyncio.gather(hall.sign(approved, FIRST), hall.sign(approved, SECOND), return_exceptions=True)

    assert [type(each) for each in told if each is not approved] == [HasAgreement]
    [agreement] = await hall.rows(tables.agreements, organisation_id=approved.customer)
    assert (agreement["case_id"], agreement["ended_at"]) == (approved.id, None)


@pytest.mark.parametrize("valid_from", [None, NOW])
async def test_no_second_agreement_of_a_type_goes_on_or_waits_whoever_writes_it(hall, valid_from) -> None:
    case = await hall.become_customer()
    second = {"organisation_id": case.customer, "type": AgreementType.KUNDAVTAL, "valid_from": valid_from}

    with pytest.raises(IntegrityError):
        await hall.database.write(lambda c: c.execute(insert(tables.agreements), second).close())

    assert len(await hall.rows(tables.agreements, organisation_id=case.customer)) == 1


@pytest.mark.parametrize("how_it_goes", ["waits", "signed", "declined"])
async def test_a_new_application_leaves_the_agreement_that_has_ended_as_it_was(hall, how_it_goes) -> None:
    first = await hall.become_customer()
    hall.clock.forward(days=30)
    await hall.end_agreement(first.customer)
    watched = (tables.agreements, tables.documents, tables.signatures)
    before = await hall.tables(*watched)

    hall.clock.forward(days=30)
    second = await hall.approve(await hall.apply(key="second"))
    if how_it_goes == "signed":
        for contact in (FIRST, SECOND):
            await hall.sign(second, contact)
    elif how_it_goes == "declined":
        await hall.applications.decline(await hall.link(second, FIRST, Purpose.SIGN), "Nej.")

    after = await hall.tables(*watched)
    assert all(row in after[name] for name, rows in before.items() for row in rows)
    assert {row["case_id"] for row in after["agreements"] if row["case_id"]} == {first.id, second.id}


@pytest.mark.parametrize(
    ("days", "code"),
    [({"from": "2024-01-01"}, "agreement_waits"), ({"from": "2020-01-01", "ended": "2021-01-01"}, None)],
)
async def test_the_register_makes_no_agreement_that_goes_on_while_one_waits_to_be_signed(hall, days, code) -> None:
    case = await hall.approve(await hall.apply())
    before = await hall.rows(tables.agreements, case_id=case.id)
    register = Register(hall.database, hall.clock, lambda prefix: prefix)
    entry = Holding.model_validate(days)

    try:
        await register.write("operator", lambda w: w.agreement(case.customer, AgreementType.KUNDAVTAL, entry))
        told = None
    except RegisterError as refused:
        told = refused.facts["problem"]

    assert told == code
    assert await hall.rows(tables.agreements, case_id=case.id) == before
    assert len(await hall.rows(tables.agreements, organisation_id=case.customer)) == (1 if code else 2)


@pytest.mark.parametrize(("day", "ended"), [("2026-12-24", beginning_of(date(2026, 12, 24))), ("2026-11-25", NOW)])
async def test_an_agreement_ended_in_the_register_keeps_the_instant_of_its_signing(hall, day, ended) -> None:
    case = await hall.become_customer()
    entry = Holding.model_validate({"from": hall.clock().date(), "ended": day})

    def end(writer):
        return writer.agreement(case.customer, AgreementType.KUNDAVTAL, entry)

    outcome = await Register(hall.database, hall.clock, lambda prefix: prefix).write("operator", end)

    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert (outcome, agreement["valid_from"]) == (Outcome.CHANGED, case.closed_at)
    assert agreement["ended_at"] == ended


async def test_other_applications_of_the_organisation_are_those_that_are_open_what_has_waited_longest_first(hall):
    youngest, rejected, oldest = sorted([await hall.apply(key=key) for key in "abc"], key=lambda case: case.id)
    for days, case in enumerate((oldest, rejected, youngest)):
        sent = changing(case).values(waiting_since=hall.clock() - timedelta(days=9 - days))
        await hall.database.write(lambda connection, sent=sent: connection.execute(sent).close())
    await hall.reject(rejected)

    case = await hall.apply(key="last")

    seen = (await hall.view(case, Side.INERA)).application
    assert [each.case for each in seen.others] == [oldest.id, youngest.id]
    assert (seen.others_count, seen.stands_with) == (2, oldest.id)


async def test_of_many_other_applications_some_are_named_and_all_are_counted(hall) -> None:
    for number in range(7):
        hall.clock.forward(seconds=1)
        first = await hall.apply(key=str(number), administrator=Contact(f"Nr {number}", f"nr{number}@bygden.example"))

    seen = (await hall.view(first, Side.INERA)).application

    assert [each.administrator.name for each in seen.others] == ["Nr 0", "Nr 1", "Nr 2", "Nr 3", "Nr 4"]
    assert seen.others_count == 6


async def test_people_who_are_here_already_are_the_same_people(hall) -> None:
    anna = await hall.rows(tables.persons, id=ANNA)
    case = await hall.approve(await hall.apply(administrator=ADMIN.__class__("Anna", anna[0]["email"].upper())))

    assert case.application.administrator.person == ANNA
    assert await hall.rows(tables.persons, id=ANNA) == anna


async def test_the_register_corrects_a_name_that_an_application_spelled(hall) -> None:
    case = await hall.approve(await hall.apply(administrator=Contact("alva admim", ADMIN.email)))
    register, named = Register(hall.database, hall.clock, new_id), PersonEntry(email=ADMIN.email, name=ADMIN.name)
    await register.write("test", lambda writer: writer.person(named))

    (person,) = await hall.rows(tables.persons, id=case.application.administrator.person)
    assert person["name"] == ADMIN.name


async def test_wrong_fields_are_named_and_nothing_is_kept(hall) -> None:
    with pytest.raises(ApplicationFormError) as refusal:
        await hall.apply(org_number="556559-4231", organisation="", signatures_needed=3, terms_accepted=False)

    assert refusal.value.facts["fields"] == {
        "org_number": "check_digit",
        "organisation": "required",
        "signatures_needed": "more_than_signatories",
        "terms_accepted": "terms_not_accepted",
    }
    assert await hall.rows(tables.cases) == []


async def test_customer_service_asks_and_the_applicant_completes(hall) -> None:
    asked = await hall.ask(await hall.apply())
    token = await hall.link(asked)

    done = (await hall.applications.complete(token, form(invoice_ref="9999"), "Rättat nu.")).after

    assert (done.state, done.application.invoice_ref, done.content_version) == (State.APPLICATION_SUBMITTED, "9999", 2)
    assert (await hall.view(done, Side.INERA)).steps[1].message == "Rättat nu."
    approved = await hall.press(done, Action.APPROVE, confirmed=True)
    assert approved.state is State.AGREEMENT_AWAITING_SIGNATURE


async def test_the_applicant_takes_it_back(hall) -> None:
    case = await hall.apply()

    done = (await hall.applications.withdraw(await hall.link(case))).after

    assert (done.state, done.closed_at) == (State.APPLICATION_WITHDRAWN, hall.clock())


async def test_new_links_replace_the_old_ones_and_only_for_those_who_have_not_signed(hall) -> None:
    case = await hall.approve(await hall.apply())
    await hall.sign(case, FIRST)
    old = await hall.link(case, SECOND, Purpose.SIGN)

    renewed = await hall.press(await hall.now(case), Action.RENEW, KALLE, confirmed=True)

    assert (await hall.mails(case))[-1] == ("agreement_to_sign", SECOND.email)
    with pytest.raises(OrderError, match="link_expired"):
        await hall.applications.to_sign(old)
    assert (await hall.sign(renewed, SECOND, number=2)).state is State.AGREEMENT_ACTIVE


async def test_an_agents_application_gives_an_agent_agreement(hall) -> None:
    case = await hall.become_customer(flow=Flow.AGENT_APPLICATION, category=None)

    [organisation] = await hall.rows(tables.organisations, id=case.customer)
    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert (organisation["kinds"], agreement["type"]) == (["agent"], AgreementType.AGENTAVTAL)


async def test_a_customer_that_becomes_an_agent_keeps_where_its_invoices_go(hall) -> None:
    as_customer = await hall.become_customer()
    later = {"invoice_address": "Nya gatan 9, 111 11 Nystad", "invoice_ref": "NY-1", "category": None}

    as_agent = await hall.become_customer(key="agent", flow=Flow.AGENT_APPLICATION, **later)

    before = as_customer.application
    [organisation] = await hall.rows(tables.organisations, id=as_agent.customer)
    assert (organisation["invoice_address"], organisation["invoice_ref"]) == (
        before.invoice_address,
        before.invoice_ref,
    )
    assert sorted(organisation["kinds"]) == ["agent", "customer"]


async def organisation(hall, id_):
    [row] = await hall.rows(tables.organisations, id=id_)
    return {name: row[name] for name in ("name", "kinds", "category", "invoice_address", "invoice_ref", "language")}


async def changes(hall, id_):
    """What history says that an organisation has become."""
    lines = await hall.rows(tables.history, organisation_id=id_, kind="organisation")
    return [{**json.loads(line["evidence"]), "at": line["at"]} for line in lines]


@pytest.mark.parametrize("comes_to_nothing", [True, False])
async def test_an_application_changes_nothing_of_an_organisation_that_there_is_until_it_is_signed(
    hall, comes_to_nothing
) -> None:
    before = await organisation(hall, REGION)
    case = await hall.apply(flow=Flow.AGENT_APPLICATION, org_number=REGION_NUMBER, category=None)
    approved = await hall.approve(case)

    if comes_to_nothing:
        await hall.applications.decline(await hall.link(approved, FIRST, Purpose.SIGN), "Ångrat oss.")
    else:
        await hall.sign(approved, FIRST)

    assert (approved.customer, await organisation(hall, REGION)) == (REGION, before)
    assert await changes(hall, REGION) == []


async def test_what_is_signed_makes_it_a_customer_or_an_agent_as_well_and_history_says_so(hall) -> None:
    before = await organisation(hall, REGION)

    await hall.become_customer(flow=Flow.AGENT_APPLICATION, org_number=REGION_NUMBER, category=None)

    assert await organisation(hall, REGION) == before | {"kinds": ["agent", "customer"], "language": "sv"}
    spoken, line = await changes(hall, REGION)
    assert (spoken["language"], spoken["before"]) == ("sv", {"language": None})
    assert (line["before"], line["at"]) == ({"kinds": ["customer"]}, hall.clock())


@pytest.mark.parametrize("said", [None, Language.SV])
async def test_an_organisation_that_has_said_no_language_is_spoken_to_in_that_of_its_application(hall, said) -> None:
    mine = update(tables.organisations).where(tables.organisations.c.id == REGION).values(language=said)
    await hall.database.write(lambda connection: connection.execute(mine).close())
    agents = {"flow": Flow.AGENT_APPLICATION, "category": None, "language": Language.EN}

    await hall.become_customer(org_number=REGION_NUMBER, **agents)
    made = await hall.become_customer(key="new", **agents)

    assert (await organisation(hall, REGION))["language"] == (said or Language.EN)
    assert (await organisation(hall, made.customer))["language"] == Language.EN


async def test_what_nobody_signed_leaves_nothing_in_the_organisation_of_a_later_application(hall) -> None:
    forged = {"organisation": "Falska Bygden", "invoice_address": "Box 1", "invoice_ref": "FEL", "category": None}
    forged["language"] = Language.EN
    first = await hall.approve(await hall.apply(flow=Flow.AGENT_APPLICATION, **forged))
    await hall.applications.decline(await hall.link(first, FIRST, Purpose.SIGN), "Fel.")

    case = await hall.become_customer(key="second")

    assert case.customer == first.customer
    made = await organisation(hall, case.customer)
    assert (made["name"], made["kinds"], made["invoice_ref"]) == (form().organisation, ["customer"], "4711-B")
    renamed, spoken, line = await changes(hall, case.customer)
    assert ("before" in renamed, line["before"]) == (False, {"kinds": ["agent"], "category": None})
    assert (made["language"], spoken["before"]) == ("sv", {"language": "en"})


async def test_two_applications_of_a_new_organisation_both_keep_where_invoices_go(hall) -> None:
    first = await hall.approve(await hall.apply())
    agents = {"flow": Flow.AGENT_APPLICATION, "category": None, "invoice_ref": "SOM-AGENT"}
    second = await hall.approve(await hall.apply(key="second", **agents))

    for each in (second, first):
        for contact in (FIRST, SECOND):
            await hall.sign(each, contact)

    made = await organisation(hall, first.customer)
    assert (made["kinds"], made["invoice_ref"]) == (["agent", "customer"], "4711-B")


async def test_an_application_waits_for_whoever_may_take_it_at_customer_service(hall) -> None:
    case = await hall.apply()

    async def waiting(person):
        return [each.case for each in await hall.queries.waiting_for(Asking(person), hall.clock(), 10)]

    assert (await waiting(KARIN), await waiting(KALLE), await waiting(ANNA)) == ([case.id], [case.id], [])
    await hall.press(case, Action.CLAIM, KARIN)
    assert (await waiting(KARIN), await waiting(KALLE)) == ([case.id], [])
    await hall.press(await hall.now(case), Action.APPROVE, KARIN, confirmed=True)
    assert await waiting(KARIN) == []


async def test_what_is_drawn_of_an_application_is_drawn_in_every_state(hall) -> None:
    case = await hall.become_customer()

    view = await hall.view(case, Side.INERA)

    assert [contact.name for contact in view.application.signed] == [FIRST.name, SECOND.name]
    assert {role for role, _ in view.application.contacts} == {
        Role.ADMINISTRATOR,
        Role.SIGNATORY,
        Role.AGREEMENT_CONTACT,
    }


@pytest.mark.parametrize(
    "email", ["jörgen@bygden.example", "a@bygden.example>", "a<b@c.se>", "a,b@c.se", "a@företag.se"]
)
async def test_an_address_that_no_mail_can_be_sent_to_is_a_wrong_field(hall, email) -> None:
    with pytest.raises(ApplicationFormError) as refused:
        await hall.apply(administrator=replace(ADMIN, email=email))

    assert refused.value.facts["fields"] == {"administrator.email": "email"}


async def test_signing_while_new_links_are_sent_is_signed_or_told_that_the_link_has_expired(hall) -> None:
    named = tuple(Contact(f"Firma {number}", f"firma{number}@bygden.example") for number in range(10))
    case = await hall.approve(await hall.apply(signatories=named, signatures_needed=10))
    outcomes = []

    for contact in named:
        token, now = await hall.link(case, contact, Purpose.SIGN), await hall.now(case)
        outcomes += await asyncio.gather(
            hall.applications.sign(token, case.application.document.hash, METHOD),
            hall.press(now, Action.RENEW, confirmed=True),
            return_exceptions=True,
        )

    failed = [each for each in outcomes if isinstance(each, BaseException)]
    assert [each for each in failed if not isinstance(each, OrderError)] == []


async def test_a_list_of_applications_is_by_state_by_sender_and_by_what_is_open_the_newest_first(hall) -> None:
    numbers = ("2321000990", "2321000883", "5566778899")
    first, second, third = [await hall.applications.apply(wish(key=each, org_number=each)) for each in numbers]
    for number, case in enumerate((first, second, third)):
        sent = {"created_at": hall.clock() + timedelta(hours=number), "orderer_id": (ANNA, BO, None)[number]}
        await hall.database.write(lambda c, case=case, sent=sent: c.execute(changing(case).values(sent)).close())
    rejected = (await hall.reject(second)).state

    async def listed(limit=9, after=None, **wanted):
        found = await hall.queries.list_applications(ApplicationFilter(**wanted), after, limit)
        return [each.case for each in found]

    (newest,) = await hall.queries.list_applications(ApplicationFilter(), None, 1)
    assert await listed() == [third.id, second.id, first.id]
    assert await listed(limit=1) == [third.id]
    assert await listed(after=newest) == [second.id, first.id]
    assert await listed(state=rejected) == [second.id]
    assert await listed(is_open=True) == [third.id, first.id]
    assert await listed(is_open=False) == [second.id]
    assert await listed(sent_by=ANNA) == [first.id]


async def test_applications_of_one_instant_are_paged_through_without_gaps(hall) -> None:
    sent = {(await hall.apply(key=key)).id for key in "abcdef"}

    listed, after = [], None
    while page := await hall.queries.list_applications(ApplicationFilter(state=State.APPLICATION_SUBMITTED), after, 2):
        listed, after = [*listed, *(each.case for each in page)], page[-1]

    assert listed == sorted(sent, reverse=True)


def changing(case):
    return update(tables.cases).where(tables.cases.c.id == case.id)
