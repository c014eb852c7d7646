"""What only a press can meet, since no key decides: every refusal of the ways an order can go, by its name."""

from datetime import date

import pytest
from sqlalchemy import update

from core.api import Action, OrderError
from core.storage import tables
from tests.http.conftest import Api
from tests.http.test_orders import DIRECT, VIA_AGENT, act, answer, place
from tests.support.world.seed import AGENT, AMIR, ANNA, BO, CECILIA, ERIK, HELENA, KARIN, NOW, REGION


async def placed(api: Api):
    return (await place(api, DIRECT)).json()["id"]


async def attest(api: Api, order, person=BO):
    await act(api, order, person, Action.ATTEST, confirmed=True)


async def claimed(api: Api):
    order = await placed(api)
    await attest(api, order)
    await act(api, order, KARIN, Action.CLAIM)
    return order


async def change(api: Api, table, *which, **values):
    await api.database.write(lambda c: c.execute(update(table).where(*which).values(values)))


async def declare(api: Api, **rules):
    await change(api, tables.organisations, tables.organisations.c.id == REGION, **rules)


async def conflict_of_interest(api: Api):
    order = await placed(api)
    await act(api, order, BO, Action.RECUSE, confirmed=True)
    await attest(api, order)


async def over_the_limit(api: Api):
    await attest(api, await placed(api), ERIK)


async def for_another_service(api: Api):
    order = await placed(api)
    await change(api, tables.role_assignments, tables.role_assignments.c.person_id == BO, service_id="npo")
    await attest(api, order)


async def twice_by_one(api: Api):
    await declare(api, tiers=[{"from_ore": 0, "attests": 2}])
    order = await placed(api)
    await attest(api, order)
    await attest(api, order)


async def out_of_turn(api: Api):
    await declare(api, tiers=[{"from_ore": 0, "sequence": [BO, CECILIA]}])
    await attest(api, await placed(api), CECILIA)


async def without_identification(api: Api):
    await declare(api, eid_from_ore=0)
    await attest(api, await placed(api))


async def while_paused(api: Api):
    order = await claimed(api)
    await act(api, order, KARIN, Action.HOLD, reason="Vänta")
    await act(api, order, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")


async def one_question_too_many(api: Api):
    order = await placed(api)
    for _ in range(5):
        await act(api, order, BO, Action.REQUEST_COMPLETION, message="Mer?")
        await answer(api, ANNA, order, {"message": "Mer"})
    await act(api, order, BO, Action.REQUEST_COMPLETION, message="Mer?")


async def at_another_price(api: Api):
    order = await placed(api)
    await change(api, tables.price_items, amount_ore=1)
    await attest(api, order)


async def after_an_agent_at_another_price(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True)
    await act(api, order, AMIR, Action.ATTEST, confirmed=True)
    await change(api, tables.price_items, tables.price_items.c.payer == "agent", amount_ore=1)
    await attest(api, order)


async def while_a_price_is_missing(api: Api):
    order = await placed(api)
    await change(api, tables.price_items, valid_to=date(2026, 1, 31))
    await attest(api, order)


async def to_nobody(api: Api):
    order = await placed(api)
    await change(api, tables.role_assignments, tables.role_assignments.c.person_id == CECILIA, valid_to=NOW)
    await act(api, order, BO, Action.HAND_OVER, to=CECILIA)


async def after_handing_over(api: Api):
    order = await placed(api)
    await act(api, order, BO, Action.HAND_OVER, to=CECILIA)
    await attest(api, order)


async def to_somebody_who_may_not(api: Api):
    await act(api, await placed(api), BO, Action.HAND_OVER, to=ANNA)


async def to_another_organisation(api: Api):
    await act(api, await claimed(api), KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här", to=HELENA)


async def to_an_agent_without_people(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True)
    await act(api, order, AMIR, Action.ATTEST, confirmed=True)
    await attest(api, order)
    await act(api, order, KARIN, Action.CLAIM)
    await change(api, tables.role_assignments, tables.role_assignments.c.role == "agent_handler", valid_to=NOW)
    await act(api, order, KARIN, Action.INFORM_AGENT, message="Börja")


async def while_the_agents_agreement_has_ended(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True)
    await act(api, order, AMIR, Action.ATTEST, confirmed=True)
    await change(api, tables.agreements, tables.agreements.c.organisation_id == AGENT, ended_at=NOW)
    await attest(api, order)


REFUSED = [
    (conflict_of_interest, "recused"),
    (over_the_limit, "limit"),
    (for_another_service, "other_service"),
    (twice_by_one, "already_attested"),
    (out_of_turn, "not_your_turn"),
    (without_identification, "eid_required"),
    (while_the_agents_agreement_has_ended, "stopped"),
    (while_paused, "on_hold"),
    (one_question_too_many, "too_many_rounds"),
    (at_another_price, "price_changed"),
    (after_an_agent_at_another_price, "agent_price_changed"),
    (while_a_price_is_missing, "price_missing"),
    (after_handing_over, "handed_over"),
    (to_nobody, "nobody_left"),
    (to_somebody_who_may_not, "colleague_not_eligible"),
    (to_another_organisation, "recipient_not_eligible"),
    (to_an_agent_without_people, "nobody_to_inform"),
]


@pytest.mark.parametrize(("meet", "code"), REFUSED, ids=[each[0].__name__ for each in REFUSED])
async def test_a_press_on_its_way_is_refused_by_name(api: Api, meet, code):
    with pytest.raises(OrderError) as refused:
        await meet(api)

    assert refused.value.code == code
