"""Who presses, and what is written: cases 41, 43-45 and 49 of the domain's edge cases."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from core.api import Action, ActOnCase, Answers, Identity, Seen, Side, State, Surface
from core.shared import errors
from core.storage import tables
from tests.edges.portal import UNIT, via_agent
from tests.support.world.seed import AMIR, ANNA, BO, CLINIC, DAVID, HELENA, KARIN, REGION, SARA, TEAM

PERSONAL = "Ring 19811218-9876 om det är något"


async def test_case_41_an_account_that_is_nobodys_decides_nothing(portal):
    case = await portal.place()
    stranger = Identity(TEAM, "USTRANGER00")
    wish = ActOnCase(case.id, Action.ATTEST, stranger, Surface.SLACK, Seen(1, 1), Answers(confirmed=True))

    with pytest.raises(errors.NotLinked):
        await portal.orders.act(wish)
    assert await portal.now(case) == case


async def test_case_41_nor_does_the_same_account_of_another_workspace(portal):
    case = await portal.place()
    elsewhere = Identity("slack:T0OTHER0001", "UBO00000000")
    wish = ActOnCase(case.id, Action.ATTEST, elsewhere, Surface.SLACK, Seen(1, 1), Answers(confirmed=True))

    with pytest.raises(errors.NotLinked):
        await portal.orders.act(wish)


@pytest.mark.parametrize("person", [AMIR, DAVID, SARA, KARIN])
async def test_case_43_an_outsider_who_presses_a_forwarded_card_is_refused_and_learns_nothing(portal, person):
    case = await portal.place()

    with pytest.raises(errors.NoRole) as told:
        await portal.attest(case, person)
    assert "person" not in told.value.facts
    assert await portal.history(case) == [("submit", ANNA)]


@pytest.mark.parametrize(
    ("field", "action", "answers"),
    [
        ("reason", Action.REJECT, {"reason": PERSONAL}),
        ("internal", Action.REJECT, {"reason": "Nej", "internal": PERSONAL}),
        ("message", Action.REQUEST_COMPLETION, {"message": PERSONAL}),
    ],
)
async def test_case_44_a_personnummer_in_a_text_is_refused_before_anything_is_saved(portal, field, action, answers):
    case = await portal.place()

    with pytest.raises(errors.PersonalNumber) as told:
        await portal.press(case, BO, action, **answers)
    assert told.value.facts == {"field": field}
    assert await portal.now(case) == case


async def test_case_44_so_it_is_in_an_order_and_in_a_changed_one(portal):
    with pytest.raises(errors.FormError) as told:
        await portal.place(comment=PERSONAL)
    question = await portal.ask(await portal.place(**via_agent()), HELENA)
    with pytest.raises(errors.FormError) as changed:
        await portal.answer(question, ANNA, units=(replace(UNIT, name=PERSONAL),))

    assert told.value.facts["fields"] == {"comment": "personal_number"}
    assert changed.value.facts["fields"] == {"units": "personal_number"}


@pytest.mark.parametrize("side", Side)
async def test_case_45_a_sole_traders_number_is_nowhere_and_the_name_is(portal, side):
    personal = {"org_number": "8112189876", "org_number_is_personal": True, "self_attest_allowed": True}
    change = update(tables.organisations).where(tables.organisations.c.id == CLINIC).values(**personal)
    await portal.database.write(lambda connection: connection.execute(change))
    case = await portal.place(DAVID, customer=CLINIC)

    view = await portal.view(case, side)

    assert (view.customer.name, view.customer.org_number) == ("Kliniken AB", None)
    assert "8112189876" not in str(view)


async def test_case_49_a_role_counts_from_the_moment_it_is_granted(portal):
    case = await portal.place()
    with pytest.raises(errors.NoRole) as told:
        await portal.attest(case, SARA)
    await portal.give(SARA, REGION, "attestant")

    attested = await portal.attest(case, SARA)

    assert told.value.facts["organisation"] == REGION
    assert attested.state is State.AWAITING_CUSTOMER_SERVICE


async def test_case_49_and_no_longer_from_the_moment_it_is_taken_away(portal):
    case = await portal.place()
    await portal.take(BO, REGION, "attestant")

    with pytest.raises(errors.NoRole):
        await portal.attest(case, BO)
