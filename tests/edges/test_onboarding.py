"""The edge cases of domain section 8 before the first order: applications, signatures, and agreements."""

from datetime import timedelta

import pytest

from core.api import (
    Action,
    ActOnCase,
    AgreementType,
    Answers,
    Asking,
    Flow,
    PlaceOrder,
    Purpose,
    Side,
    State,
    Surface,
    Unit,
)
from core.register.entries import RoleEntry
from core.shared.errors import (
    AgentNotAllowed,
    AgentNotStaffed,
    ApplicationFormError,
    CaseClosed,
    HasAgreement,
    LinkExpired,
    NoAgreement,
    NoAttestant,
    OrderError,
    ReasonRequired,
)
from core.shared.vocabulary import Role
from core.shared.working_days import is_working_day
from core.storage import tables
from core.storage.register.registry import Register
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, METHOD, SECOND, open_hall
from tests.support.world.seed import ANNA, BO, KALLE, KARIN, NPO_AGENT, REGION, SITHS


@pytest.fixture
async def hall(fresh_sqlite_url: str):
    made = await open_hall(fresh_sqlite_url)
    yield made
    await made.database.close()


async def order(hall, customer, by=ANNA, **changes):
    """Anna orders SITHS for an organisation that she is to order for."""
    wanted = {"units": (Unit("Enhet"),), "invoice_ref": "REF", "terms_accepted": True, "key": str(hall.clock())}
    wish = PlaceOrder(Asking(by), customer, changes.pop("offer", SITHS), surface=Surface.API, **wanted | changes)
    return await hall.orders.place(wish)


async def staff(hall, organisation, *roles):
    """The administrator adds people."""

    def work(writer):
        for person, role in roles:
            writer.role(person, organisation, RoleEntry(role=role))

    await Register(hall.database, hall.clock, lambda prefix: prefix).write("operator", work)


async def test_case_06_a_rejected_application_ends_with_its_reason_and_a_new_one_may_come(hall) -> None:
    rejected = await hall.reject(await hall.apply(), reason="Ni är inte vårdgivare.")

    assert (rejected.state, rejected.closed_at) == (State.APPLICATION_REJECTED, hall.clock())
    with pytest.raises(CaseClosed):
        await hall.press(rejected, Action.APPROVE, confirmed=True)
    told = [email for kind, email in await hall.mails(rejected) if kind == "application_rejected"]
    assert set(told) == {ADMIN.email, FIRST.email, SECOND.email, CONTACT.email}
    assert await hall.rows(tables.organisations, org_number="2222222222") == []

    again = await hall.approve(await hall.apply(key="again"))
    assert again.state is State.AGREEMENT_AWAITING_SIGNATURE


async def test_case_06_a_rejection_needs_a_reason(hall) -> None:
    with pytest.raises(OrderError, match="reason_required"):
        await hall.reject(await hall.apply(), reason="")


async def test_case_07_who_does_not_sign_is_reminded_until_the_time_is_out(hall) -> None:
    case = await hall.approve(await hall.apply())
    await hall.sign(case, FIRST)

    reminded = [await hall.wait_until_due(case), await hall.wait_until_due(case)]
    assert [each.state for each in reminded] == [State.AGREEMENT_AWAITING_SIGNATURE] * 2
    assert [each for each in await hall.mails(case) if each[0] == "sign_reminder"] == [
        ("sign_reminder", SECOND.email)
    ] * 2
    assert is_working_day(hall.clock().date())

    expired = await hall.wait_until_due(case)
    assert (expired.state, expired.closed_at) == (State.AGREEMENT_EXPIRED, None)
    assert hall.clock() - case.waiting_since > timedelta(days=30)
    with pytest.raises(NoAgreement):
        await order(hall, await orderable(hall, case))


async def orderable(hall, case):
    """The organisation of a case, with an orderer and an attestant in it."""
    await staff(hall, case.customer, (ANNA, Role.ORDERER), (BO, Role.ATTESTANT))
    return case.customer


async def test_case_07_customer_service_sends_new_links_and_the_signatures_that_are_there_stay(hall) -> None:
    case = await hall.approve(await hall.apply())
    await hall.sign(case, FIRST)
    for _ in range(3):
        case = await hall.wait_until_due(case)
    assert case.state is State.AGREEMENT_EXPIRED

    renewed = await hall.press(case, Action.RENEW, KALLE, confirmed=True)
    assert (await hall.mails(case))[-1] == ("agreement_to_sign", SECOND.email)
    signed = await hall.sign(renewed, SECOND, number=2)

    assert signed.state is State.AGREEMENT_ACTIVE
    await order(hall, await orderable(hall, signed))


async def test_case_07_what_nobody_sends_out_again_ends_by_itself(hall) -> None:
    case = await hall.approve(await hall.apply())
    for _ in range(4):
        case = await hall.wait_until_due(case)

    assert case.state is State.EXPIRED
    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert (agreement["valid_from"], agreement["ended_at"]) == (None, hall.clock())
    await hall.approve(await hall.apply(key="again"))


async def test_case_07_a_signatory_declines_and_the_application_ends(hall) -> None:
    case = await hall.approve(await hall.apply())
    waiting = await hall.link(case, SECOND, Purpose.SIGN)

    declined = (await hall.applications.decline(await hall.link(case, FIRST, Purpose.SIGN), "Fel bolag.")).after

    assert declined.state is State.AGREEMENT_DECLINED
    assert (await hall.view(declined, Side.CUSTOMER)).last.reason == "Fel bolag."
    with pytest.raises(OrderError):
        await hall.applications.sign(waiting, case.application.document.hash, METHOD)
    with pytest.raises(NoAgreement):
        await order(hall, await orderable(hall, declined))
    await hall.approve(await hall.apply(key="again"))


@pytest.mark.parametrize("late", [False, True])
async def test_case_07_customer_service_cancels_what_shall_not_be_signed(hall, late) -> None:
    case = await hall.sign(await hall.approve(await hall.apply()), FIRST)
    waiting = await hall.link(case, SECOND, Purpose.SIGN)
    while late and case.state is not State.AGREEMENT_EXPIRED:
        case = await hall.wait_until_due(case)

    with pytest.raises(ReasonRequired):
        await hall.press(case, Action.CANCEL)
    cancelled = await hall.press(case, Action.CANCEL, reason="Fel firmatecknare.")

    assert cancelled.state is State.CANCELLED
    assert (await hall.view(cancelled, Side.CUSTOMER)).last.reason == "Fel firmatecknare."
    told = [email for kind, email in await hall.mails(case) if kind == "application_cancelled"]
    assert sorted(told) == sorted(each.email for each in case.application.contacts)
    [agreement] = await hall.rows(tables.agreements, organisation_id=case.customer)
    assert (agreement["valid_from"], agreement["ended_at"]) == (None, hall.clock())
    assert await hall.rows(tables.documents, case_id=case.id) == []
    with pytest.raises(OrderError):
        await hall.applications.sign(waiting, case.application.document.hash, METHOD)
    await hall.approve(await hall.apply(key="again"))


async def test_case_07_nobody_cancels_an_agreement_that_is_signed(hall) -> None:
    case = await hall.become_customer()

    with pytest.raises(CaseClosed):
        await hall.press(case, Action.CANCEL, reason="För sent.")


async def test_case_07_a_link_that_is_too_old_signs_nothing(hall) -> None:
    case = await hall.approve(await hall.apply())
    token = await hall.link(case, FIRST, Purpose.SIGN)
    hall.clock.at = case.wait.closes

    with pytest.raises(LinkExpired):
        await hall.applications.sign(token, case.application.document.hash, METHOD)


async def test_case_17_an_agent_that_has_only_its_agreement_is_not_selectable_yet(hall) -> None:
    agent = await become_agent(hall)
    offered = await hall.queries.agents_for(Asking(KARIN), NPO_AGENT, REGION, hall.clock(), "", 100)

    assert agent.customer not in {id_ for id_, _ in offered}
    with pytest.raises(AgentNotAllowed):
        await order(hall, REGION, offer=NPO_AGENT, agent=agent.customer, technical_contact="Drift")


async def become_agent(hall, **changes):
    return await hall.become_customer(flow=Flow.AGENT_APPLICATION, category=None, **changes)


async def test_case_19_an_agent_without_people_gets_no_order_though_all_is_signed(hall) -> None:
    agent = await become_agent(hall)
    await hall.assign(agent.customer, "npo")
    offered = await hall.queries.agents_for(Asking(KARIN), NPO_AGENT, REGION, hall.clock(), "", 100)

    assert agent.customer not in {id_ for id_, _ in offered}
    with pytest.raises(AgentNotStaffed):
        await order(hall, REGION, offer=NPO_AGENT, agent=agent.customer, technical_contact="Drift")


async def test_case_18_an_agreement_that_ends_can_be_signed_anew(hall) -> None:
    customer = await hall.become_customer()
    hall.clock.forward(days=1)
    await hall.end_agreement(customer.customer)

    again = await hall.become_customer(key="again")

    assert again.customer == customer.customer
    [earlier] = await hall.rows(tables.agreements, case_id=customer.id)
    [agreement] = await hall.rows(tables.agreements, case_id=again.id)
    assert (agreement["valid_from"], agreement["ended_at"]) == (hall.clock(), None)
    assert (earlier["valid_from"], earlier["ended_at"]) == (customer.closed_at, hall.clock())
    assert earlier["document_hash"] == customer.application.document.hash


async def test_case_20_nothing_is_ordered_before_everybody_has_signed(hall) -> None:
    case = await hall.approve(await hall.apply())
    customer = await orderable(hall, case)
    with pytest.raises(NoAgreement):
        await order(hall, customer)
    await hall.sign(case, FIRST)
    with pytest.raises(NoAgreement):
        await order(hall, customer)

    await hall.sign(case, SECOND)

    assert (await order(hall, customer)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_case_20_nor_before_somebody_may_attest(hall) -> None:
    case = await hall.become_customer()
    await staff(hall, case.customer, (ANNA, Role.ORDERER))

    with pytest.raises(NoAttestant):
        await order(hall, case.customer)


async def test_case_33_an_agent_becomes_a_customer_as_well_with_an_agreement_of_its_own(hall) -> None:
    agent = await become_agent(hall)

    customer = await hall.become_customer(key="as customer")

    assert customer.customer == agent.customer
    [organisation] = await hall.rows(tables.organisations, id=customer.customer)
    assert organisation["kinds"] == ["agent", "customer"]
    agreements = await hall.rows(tables.agreements, organisation_id=customer.customer)
    assert {each["type"] for each in agreements} == {AgreementType.KUNDAVTAL, AgreementType.AGENTAVTAL}
    assert all(each["valid_from"] for each in agreements)


async def test_case_33_but_never_with_two_of_a_kind(hall) -> None:
    await hall.become_customer()

    again = await hall.press(await hall.apply(key="again"), Action.CLAIM)

    with pytest.raises(HasAgreement):
        await hall.press(again, Action.APPROVE, confirmed=True)


@pytest.mark.parametrize("number", ["556559-4231", "12345", "19811218-9876", "", "811218-9870"])
async def test_case_45_a_number_that_is_none_is_refused(hall, number) -> None:
    with pytest.raises(ApplicationFormError) as refusal:
        await hall.apply(org_number=number)

    assert "org_number" in refusal.value.facts["fields"]


@pytest.mark.parametrize("number", ["16222222-2222", "162222222222", "2222222222", "222222-2222"])
async def test_case_45_a_number_is_read_as_people_write_it(hall, number) -> None:
    assert (await hall.apply(org_number=number)).application.org_number == "2222222222"


async def test_case_45_a_sole_traders_number_is_shown_to_nobody(hall) -> None:
    case = await hall.approve(await hall.apply(org_number="811218-9876", invoice_address="Hemgatan 1"))

    [organisation] = await hall.rows(tables.organisations, id=case.customer)
    assert organisation["org_number_is_personal"]
    assert (await hall.view(case, Side.AGENT)).application is None
    for side in (Side.CUSTOMER, Side.INERA):
        view = await hall.view(case, side)
        assert (view.application.org_number, view.application.invoice_address) == (None, None)
        assert view.application.is_sole_trader
        assert view.customer.org_number is None


async def test_case_46_two_at_customer_service_decide_one_application_once(hall) -> None:
    claimed = await hall.press(await hall.apply(), Action.CLAIM)

    with pytest.raises(OrderError, match="already_claimed"):
        await hall.press(claimed, Action.APPROVE, KALLE, confirmed=True)


async def test_case_48_what_customer_service_does_not_take_is_escalated_on_working_days(hall) -> None:
    case = await hall.apply()

    later = await hall.wait_until_due(case)

    assert (later.state, later.claimed_by) == (State.APPLICATION_SUBMITTED, None)
    assert later.due_at > hall.clock()
    [card] = await hall.rows(tables.cards, case_id=case.id, kind="overdue")
    assert card["person_id"] is None


async def test_nobody_decides_an_application_with_an_api_key_alone(hall) -> None:
    case = await hall.apply()

    with pytest.raises(OrderError):
        await hall.orders.act(
            ActOnCase(case.id, Action.APPROVE, Asking(ANNA), Surface.API, answers=Answers(confirmed=True))
        )
