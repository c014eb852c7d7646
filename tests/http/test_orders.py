"""Orders over HTTP: placed, read, listed and withdrawn as the key's person, seen from the key's side."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from core.api import Action, ActOnCase, Answers, Asking, CaseId, Flow, PlaceOrder, Surface, Unit, new_id
from core.storage import tables
from tests.http.conftest import OPERATOR, Api
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    DAVID,
    HELENA,
    INERA,
    KARIN,
    NOW,
    NPO_AGENT,
    NPO_KONSUMENT,
    OLGA,
    REGION,
    SARA,
    SITHS,
    role_assignment,
)

DIRECT = {"offer": SITHS, "invoice_ref": "REF-1", "terms_accepted": True}
ASSIGNMENT_WISH = DIRECT | {"offer": ASSIGNMENT}
VIA_AGENT = {
    "offer": NPO_AGENT,
    "agent": AGENT,
    "units": [{"name": "Vårdcentralen Eken", "hsa_id": "SE2321000016-A1B2"}],
    "invoice_ref": "HEMLIG-REF",
    "technical_contact": "it@example.org",
    "comment": "intern kommentar",
    "terms_accepted": True,
}


async def place(api: Api, body=DIRECT, *, key="1", person=ANNA):
    return await api[person].post("/orders", json=body, headers={"Idempotency-Key": key})


async def act(api: Api, order, person, action, **answers):
    await api.orders.act(ActOnCase(CaseId(order), action, Asking(person), Surface.SLACK, answers=Answers(**answers)))


# --- a whole order


async def test_an_order_is_placed_and_its_orderer_sees_where_it_is(api_on_both: Api):
    answer = await place(api_on_both, DIRECT | {"external_case_ref": "RITM0012345", "desired_start": "2027-01-15"})
    order = answer.json()

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/orders/{order['id']}"
    assert order["state"] == "awaiting_customer_attest"
    assert (order["external_case_ref"], order["desired_start"]) == ("RITM0012345", "2027-01-15")
    assert [(step["part"], step["is_current"]) for step in order["steps"]] == [
        ("customer_attestant", True),
        ("customer_service", False),
        ("orderer", False),
    ]
    assert (await api_on_both[ANNA].get(f"/orders/{order['id']}")).json() == order


async def test_an_order_by_key_goes_on_in_slack_and_back(api: Api):
    order = (await place(api)).json()["id"]
    await act(api, order, BO, Action.ATTEST, confirmed=True)
    await act(api, order, KARIN, Action.CLAIM)
    await act(api, order, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    seen = (await api[ANNA].get(f"/orders/{order}")).json()

    assert (seen["state"], seen["is_open"], seen["message"]) == ("instructions_sent", True, "Gör så här")
    assert [(step["action"], step["by"]) for step in seen["steps"]] == [
        ("attest", "Bo Ek"),
        ("send_instructions", None),
        (None, None),
    ]


async def test_a_key_confirms_what_was_carried_out_for_whoever_may_know_and_once(api: Api):
    order = (await place(api)).json()["id"]
    early = await api[ANNA].post(f"/orders/{order}/confirm")
    await act(api, order, BO, Action.ATTEST, confirmed=True)
    await act(api, order, KARIN, Action.CLAIM)
    await act(api, order, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    confirmed = await api[ANNA].post(f"/orders/{order}/confirm")
    again = await api[ANNA].post(f"/orders/{order}/confirm")

    assert (early.status_code, early.json()["code"]) == (409, "not_possible")
    assert confirmed.status_code == 200
    assert (confirmed.json()["state"], confirmed.json()["is_open"]) == ("connected", False)
    assert (again.status_code, again.json()["code"]) == (409, "closed")


async def test_history_says_that_it_was_by_key(api: Api):
    await place(api)

    placed = tables.history.select().where(tables.history.c.kind == "change")
    rows = await api.database.read(lambda c: c.execute(placed).all())
    assert [(row.surface, row.assurance, row.person_id) for row in rows] == [("api", "key", ANNA)]


async def test_people_are_told_of_what_a_key_does(api: Api):
    order = (await place(api)).json()["id"]
    placed = list(api.told)
    await api[ANNA].post(f"/orders/{order}/withdraw")

    assert (len(placed), len(api.told)) == (1, 2)


async def test_the_same_key_gives_the_same_order_with_one_line_of_history(api_on_both: Api):
    first, second = await place(api_on_both), await place(api_on_both)
    other = await place(api_on_both, VIA_AGENT, key="2")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"] != other.json()["id"]


async def test_a_repeat_while_the_first_is_on_its_way_gives_the_same_order(api_on_both: Api):
    answers = await asyncio.gather(*(place(api_on_both) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_two_people_may_use_the_same_key(api: Api):
    first = await place(api, DIRECT, key="1")
    second = await place(api, VIA_AGENT, key="1", person=CECILIA)

    assert first.json()["id"] != second.json()["id"]


async def test_a_refused_wish_about_an_order_is_noted_and_what_is_not_found_is_not(api: Api):
    order = (await place(api)).json()["id"]
    refused, unseen = [await api[each].post(f"/orders/{order}/withdraw") for each in (CECILIA, DAVID)]

    (noted,) = api.noted
    assert (refused.status_code, unseen.status_code) == (403, 404)
    assert (noted.case, noted.by.person, noted.action, noted.code) == (
        order,
        CECILIA,
        "withdraw",
        refused.json()["code"],
    )
    assert (noted.surface, noted.part) == ("api", "orderer")


async def test_an_order_that_is_refused_is_noted_without_a_case(api: Api):
    refused = await place(api, DIRECT | {"terms_accepted": False})

    (noted,) = api.noted
    assert (refused.status_code, noted.case, noted.by.person, noted.action) == (422, None, ANNA, "submit")
    assert (noted.code, noted.surface, noted.customer, noted.offer) == ("invalid_order", "api", REGION, SITHS)


async def test_an_orderer_keeps_what_nobody_answers_once_that_was_asked(api: Api):
    order = (await place(api)).json()["id"]
    early = await api[ANNA].post(f"/orders/{order}/keep")
    before = (await api[ANNA].get(f"/orders/{order}")).json()["asks_to_keep"]
    for _ in range(4):
        api.clock.at = datetime.fromisoformat((await api[ANNA].get(f"/orders/{order}")).json()["due_at"])
        assert await api.orders.run_clock() == 1
    asked = (await api[ANNA].get(f"/orders/{order}")).json()
    another = await api[CECILIA].post(f"/orders/{order}/keep")
    kept = await api[ANNA].post(f"/orders/{order}/keep")

    assert (early.status_code, early.json()["code"]) == (409, "not_possible")
    assert (another.status_code, another.json()["code"]) == (403, "not_your_order")
    assert (kept.status_code, kept.json()["state"]) == (200, "awaiting_customer_attest")
    assert kept.json()["due_at"] < asked["due_at"]
    assert (before, asked["asks_to_keep"], kept.json()["asks_to_keep"]) == (False, True, False)


async def test_an_orderer_reminds_those_who_are_asked_once_on_a_working_day(api: Api):
    order = (await place(api)).json()["id"]
    same_day = await api[ANNA].post(f"/orders/{order}/remind")
    api.clock.forward(days=1)
    another = await api[CECILIA].post(f"/orders/{order}/remind")
    done, again = [await api[ANNA].post(f"/orders/{order}/remind") for _ in range(2)]

    assert (same_day.status_code, same_day.json()["code"]) == (409, "reminded_lately")
    assert (another.status_code, another.json()["code"]) == (403, "not_your_order")
    assert (done.status_code, done.json()["state"]) == (200, "awaiting_customer_attest")
    assert (again.status_code, again.json()["code"]) == (409, "reminded_lately")


async def test_an_orderer_withdraws(api: Api):
    order = (await place(api)).json()["id"]
    answer = await api[ANNA].post(f"/orders/{order}/withdraw")

    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert answer.json()["steps"][0]["action"] == "withdraw"


async def test_there_is_no_way_to_decide_by_key(api: Api):
    order = (await place(api)).json()["id"]
    for_orderers = {"withdraw", "answer", "keep", "remind"}
    others = [action for action in Action if action not in for_orderers]
    answers = [await api[BO].post(f"/orders/{order}/{action}") for action in others]

    assert {answer.status_code for answer in answers} == {404}
    assert (await api[BO].get(f"/orders/{order}")).json()["state"] == "awaiting_customer_attest"


# --- what may happen on the way


async def asked_for_more(api: Api, body=DIRECT):
    order = (await place(api, body)).json()["id"]
    await act(api, order, BO, Action.REQUEST_COMPLETION, message="Vilken avdelning?")
    return order


async def test_whoever_is_asked_is_named_on_the_own_side_with_the_role(api: Api):
    order = (await place(api)).json()

    assert order["asked"] == [
        {"role": "attestant", "name": name, "substitute_for": None} for name in ("Bo Ek", "Cecilia Dahl")
    ]
    assert (order["attests"], order["attests_needed"]) == (0, 1)


async def test_across_the_barrier_only_the_role_that_is_asked_is_told(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    customer, agent = [(await api[who].get(f"/orders/{order}")).json()["asked"] for who in (ANNA, HELENA)]

    assert customer == [{"role": "agent_handler", "name": None, "substitute_for": None}]
    assert [each["name"] for each in agent] == ["Helena Gran", "Asta Ivarsson"]


async def test_a_question_is_answered_in_words_by_key(api_on_both: Api):
    order = await asked_for_more(api_on_both)
    asked = (await api_on_both[ANNA].get(f"/orders/{order}")).json()
    answered = (await answer(api_on_both, ANNA, order, {"message": "Akuten"})).json()

    assert (asked["state"], asked["rounds"]) == ("completion_requested", 1)
    assert (asked["question"]["by"], asked["question"]["message"]) == ("Bo Ek", "Vilken avdelning?")
    assert (answered["state"], answered["content_version"]) == ("awaiting_customer_attest", 1)
    assert answered["question"] is None
    assert [step["message"] for step in answered["steps"][:2]] == ["Vilken avdelning?", "Akuten"]


async def test_an_answer_that_changes_the_order_makes_a_new_version_of_it(api_on_both: Api):
    order = await asked_for_more(api_on_both)
    revision = {"invoice_ref": "REF-2", "desired_start": "2027-02-01"}
    answered = (await answer(api_on_both, ANNA, order, {"revision": revision})).json()

    assert (answered["content_version"], answered["invoice_ref"]) == (2, "REF-2")
    assert (answered["desired_start"], answered["state"]) == ("2027-02-01", "awaiting_customer_attest")


async def test_a_question_within_the_customer_stays_there(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True)
    await act(api, order, AMIR, Action.ATTEST, confirmed=True)
    await act(api, order, BO, Action.REQUEST_COMPLETION, message="hemlig fråga")

    assert_hidden(await api[HELENA].get(f"/orders/{order}"), "hemlig fråga", "Bo Ek")
    assert "hemlig fråga" in (await api[ANNA].get(f"/orders/{order}")).text


async def test_a_paused_order_says_so_and_the_customer_why(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    for who, action, words in (
        (HELENA, Action.APPROVE, {"certified": True}),
        (AMIR, Action.ATTEST, {"confirmed": True}),
        (BO, Action.ATTEST, {"confirmed": True}),
        (KARIN, Action.CLAIM, {}),
        (KARIN, Action.HOLD, {"reason": "Väntar på certifikat"}),
    ):
        await act(api, order, who, action, **words)
    customer, agent = [(await api[who].get(f"/orders/{order}")).json() for who in (ANNA, HELENA)]

    assert (customer["on_hold"], customer["hold_reason"]) == (True, "Väntar på certifikat")
    assert (agent["on_hold"], agent["hold_reason"]) == (True, "")


async def test_an_order_that_nobody_can_decide_says_why_on_its_own_side(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    roles = tables.role_assignments
    handlers = update(roles).where(roles.c.role == "agent_handler").values(valid_to=NOW)
    await api.database.write(lambda c: c.execute(handlers))
    await api.database.write(lambda c: c.execute(update(tables.cases).values(review_at=NOW)))
    await api.orders.run_clock()
    customer, agent, inera = [(await api[who].get(f"/orders/{order}")).json() for who in (ANNA, AMIR, KARIN)]

    assert [each["blocked"] for each in (customer, agent, inera)] == [None, "nobody", "nobody"]
    assert inera["asked"] == []


async def test_a_change_of_agent_is_told_to_the_customer_and_not_to_the_agent(api: Api):
    order = await connected_through_another(api)
    placed = (await place(api, VIA_AGENT | {"change_of_agent": True}, key="2")).json()
    agent = (await api[HELENA].get(f"/orders/{placed['id']}")).json()

    assert order != placed["id"]
    assert (placed["replaces_agent"], agent["replaces_agent"]) == ("Den andra agenten AB", None)


async def test_an_order_says_whether_it_comes_beside_what_there_is_or_replaces_it(api: Api):
    """What is named is replaced; the agent is told nothing of either."""
    await connected_through_another(api)
    refused = (await place(api, VIA_AGENT, key="2")).json()
    placed = []
    for key, said in (("3", {"existing": "add"}), ("4", {"existing": "replace"}), ("5", {"change_of_agent": True})):
        placed.append((await place(api, VIA_AGENT | said, key=key)).json())
        await api[ANNA].post(f"/orders/{placed[-1]['id']}/withdraw")
    (held,) = placed[0]["earlier"]
    named = {"offer": held["offer"], "agent": held["agent"]}
    wrong = (await place(api, VIA_AGENT | {"replaces": [named | {"agent": None}]}, key="7")).json()
    placed.append((await place(api, VIA_AGENT | {"replaces": [named]}, key="6")).json())
    agent = (await api[HELENA].get(f"/orders/{placed[-1]['id']}")).json()

    assert (refused["code"], wrong["code"]) == ("change_of_agent", "invalid_order")
    assert [each["pointer"] for each in wrong["errors"]] == ["/replaces"]
    assert (held["agent_name"], held["units"]) == ("Den andra agenten AB", [VIA_AGENT["units"][0]["name"]])
    assert [[each["replaced"] for each in order["earlier"]] for order in placed] == [[False], [True], [True], [True]]
    assert agent["earlier"] == []


async def test_an_answer_that_says_what_becomes_of_what_there_is_is_taken(api: Api):
    await connected_through_another(api)
    order = (await place(api, VIA_AGENT | {"existing": "replace"}, key="2")).json()["id"]
    await act(api, order, HELENA, Action.REQUEST_COMPLETION, message="Vilken referens?")
    wish = {name: VIA_AGENT[name] for name in ("agent", "units", "technical_contact")} | {"invoice_ref": "NY-REF"}

    unsaid, said = [await answer(api, ANNA, order, {"revision": wish | more}) for more in ({}, {"existing": "add"})]

    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "change_of_agent")
    assert (said.status_code, said.json()["earlier"][0]["replaced"]) == (200, False)


async def asked_to_end(api: Api):
    """The number of a termination of what Anna has, asked about."""
    order = (await place(api, DIRECT | {"units": [{"name": "Eken"}]})).json()["id"]
    await act(api, order, BO, Action.ATTEST, confirmed=True)
    await act(api, order, KARIN, Action.CLAIM)
    await act(api, order, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    units = (Unit("Eken"),)
    wish = PlaceOrder(Asking(ANNA), REGION, SITHS, units, "", True, "T1", Surface.SLACK, flow=Flow.TERMINATION)
    ended = (await api.orders.place(wish)).id
    await act(api, ended, BO, Action.REQUEST_COMPLETION, message="När?")
    return ended


WRONG_DAYS = [(NOW.date() - timedelta(days=1), "past"), (NOW.date() + timedelta(days=366), "too_far")]


@pytest.mark.parametrize(("day", "problem"), WRONG_DAYS)
async def test_an_answer_wishes_for_no_end_that_has_passed_or_is_far_away(api_on_both: Api, day, problem):
    order = await asked_to_end(api_on_both)
    revision = {"units": [{"name": "Eken"}], "desired_start": day.isoformat()}

    refused = await answer(api_on_both, ANNA, order, {"revision": revision})

    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/revision/desired_start", problem)
    ]


async def test_an_answer_about_an_end_names_another_day(api_on_both: Api):
    order, day = await asked_to_end(api_on_both), (NOW.date() + timedelta(days=365)).isoformat()
    revision = {"units": [{"name": "Eken"}], "desired_start": day}

    answered = (await answer(api_on_both, ANNA, order, {"revision": revision})).json()

    assert (answered["flow"], answered["desired_start"], answered["content_version"]) == ("termination", day, 2)


async def test_an_answer_that_is_sent_again_answers_no_later_question(api_on_both: Api):
    order = (await place(api_on_both, VIA_AGENT)).json()["id"]
    await act(api_on_both, order, HELENA, Action.REQUEST_COMPLETION, message="Vilken miljö?")
    said = {"step": (await api_on_both[ANNA].get(f"/orders/{order}")).json()["step"], "message": "Test"}
    first = await api_on_both[ANNA].post(f"/orders/{order}/answer", json=said)
    await act(api_on_both, order, HELENA, Action.REQUEST_COMPLETION, message="Vilken budget?")

    again = await api_on_both[ANNA].post(f"/orders/{order}/answer", json=said)

    assert (first.status_code, again.status_code, again.json()["code"]) == (200, 409, "stale")
    assert (await api_on_both[ANNA].get(f"/orders/{order}")).json()["question"]["message"] == "Vilken budget?"


async def test_an_answer_that_is_sent_again_says_that_it_was_given(api: Api):
    order = await asked_for_more(api)
    said = {"step": (await api[ANNA].get(f"/orders/{order}")).json()["step"], "message": "Akuten"}
    await api[ANNA].post(f"/orders/{order}/answer", json=said)

    again = await api[ANNA].post(f"/orders/{order}/answer", json=said)

    assert (again.status_code, again.json()["code"]) == (409, "already_decided_by_you")


async def test_an_answer_that_confirms_a_change_of_agent_is_taken(api: Api):
    await connected_through_another(api)
    order = (await place(api, VIA_AGENT | {"change_of_agent": True}, key="2")).json()["id"]
    await act(api, order, HELENA, Action.REQUEST_COMPLETION, message="Vilken referens?")
    wish = {name: VIA_AGENT[name] for name in ("agent", "units", "technical_contact")} | {"invoice_ref": "NY-REF"}

    unconfirmed, confirmed = [
        await answer(api, ANNA, order, {"revision": wish | {"change_of_agent": confirms}}) for confirms in (False, True)
    ]

    assert (unconfirmed.status_code, unconfirmed.json()["code"]) == (409, "change_of_agent")
    assert (confirmed.status_code, confirmed.json()["replaces_agent"]) == (200, "Den andra agenten AB")


async def connected_through_another(api: Api):
    """Anna's unit has the service, since long, through an agent that is no longer there to be chosen."""
    other = {"id": "O-other", "org_number": "2222222222", "name": "Den andra agenten AB", "kinds": ["agent"]}
    await api.database.write(
        lambda c: c.execute(insert(tables.organisations), other | {"org_number_is_personal": False})
    )
    order = (await place(api, VIA_AGENT)).json()["id"]
    done = {"state": "agent_informed", "agent_id": "O-other", "closed_at": NOW, "due_at": None}
    await api.database.write(lambda c: c.execute(update(tables.cases).values(done)))
    (unit,) = VIA_AGENT["units"]
    kept = {"unit_key": unit["hsa_id"].upper(), "unit_name": unit["name"], "unit_hsa_id": unit["hsa_id"]}
    about = {"organisation_id": REGION, "service_id": "npo", "offer_id": VIA_AGENT["offer"], "agent_id": "O-other"}
    held = about | kept | {"valid_from": NOW, "case_id": order}
    await api.database.write(lambda c: c.execute(insert(tables.connections).values(held)))
    return order


# --- who sees what


async def test_the_barrier_between_the_sides_holds_over_http(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
    await act(api, order, AMIR, Action.REJECT, reason="Fel enhet", internal="agentens hemlighet")

    customer, agent, inera = [(await api[who].get(f"/orders/{order}")) for who in (ANNA, HELENA, KARIN)]

    assert [each.json()["side"] for each in (customer, agent, inera)] == ["customer", "agent", "inera"]
    assert_hidden(agent, "HEMLIG-REF", "intern kommentar", "Anna Berg", ":150000")
    assert_hidden(customer, "agentens hemlighet", "Helena Gran", "Amir Haddad", ":50000")
    assert_hidden(inera, "agentens hemlighet")
    assert "agentens hemlighet" in agent.text
    assert "Fel enhet" in customer.text


async def test_what_was_added_to_a_yes_is_read_over_http_by_those_who_may_see_it(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    await act(api, order, HELENA, Action.APPROVE, certified=True, attestant=AMIR, comment="till alla")
    await act(api, order, AMIR, Action.ATTEST, confirmed=True, comment="inom agenten")

    customer, agent, inera = [(await api[who].get(f"/orders/{order}")) for who in (ANNA, HELENA, KARIN)]

    assert_hidden(customer, "inom agenten")
    said = [
        [each["comment"] for each in answer.json()["steps"] if each["comment"]] for answer in (customer, agent, inera)
    ]
    assert said == [["till alla"], ["till alla", "inom agenten"], ["till alla", "inom agenten"]]


def assert_hidden(answer, *facts):
    assert answer.status_code == 200
    assert [fact for fact in facts if fact in answer.text] == []


async def test_a_list_shows_no_more_than_a_single_order(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    one = (await api[HELENA].get(f"/orders/{order}")).json()

    assert (await api[HELENA].get("/orders")).json()["items"] == [one]


async def test_each_side_reads_who_ordered_for_whom_and_through_whom(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]

    seen = [(await api[who].get(f"/orders/{order}")).json() for who in (ANNA, HELENA, KARIN)]

    region = {"id": REGION, "name": "Region Exempel", "org_number": "2321000016", "category": "region"}
    agent = {"id": AGENT, "name": "Journalbolaget AB", "org_number": "5560000001", "category": "supplier"}
    assert [(each["customer"], each["agent"]) for each in seen] == [(region, agent)] * 3
    assert [each["orderer"] for each in seen] == ["Anna Berg", None, "Anna Berg"]


async def test_who_handles_orders_for_an_agent_does_not_read_what_the_agent_orders_itself(api: Api):
    conveyed = (await place(api, VIA_AGENT)).json()["id"]
    own = (await place(api, ASSIGNMENT_WISH, person=OLGA)).json()["id"]

    pages = [(await api[who].get("/orders?limit=1")).json() for who in (HELENA, OLGA)]

    # What one may not see takes no room on a page either.
    assert [([each["id"] for each in page["items"]], page["next"]) for page in pages] == [
        ([conveyed], None), ([own], None),
    ]  # fmt: skip
    assert (await api[HELENA].get(f"/orders/{own}")).status_code == 404


async def test_orders_of_others_are_not_found_and_not_listed(api: Api):
    order = (await place(api)).json()["id"]
    read, withdrawn, listed = (
        await api[DAVID].get(f"/orders/{order}"),
        await api[DAVID].post(f"/orders/{order}/withdraw"),
        await api[DAVID].get("/orders"),
    )

    assert (read.status_code, withdrawn.status_code, listed.json()["items"]) == (404, 404, [])
    assert read.json()["code"] == withdrawn.json()["code"] == "not_found"


async def test_customer_service_and_the_operator_see_every_order(api: Api):
    order = (await place(api)).json()["id"]

    for who in (KARIN, OPERATOR):
        assert [each["id"] for each in (await api[who].get("/orders")).json()["items"]] == [order]


async def test_a_key_of_ineras_own_administrator_sees_no_order(api: Api):
    order = (await place(api)).json()["id"]
    grant = role_assignment(SARA, INERA, "administrator")
    await api.database.write(lambda c: c.execute(insert(tables.role_assignments), grant))
    sara = api.client(await api.keys.create(new_id, NOW, "test", (SARA, INERA)))

    answers = [await sara.get(address) for address in (f"/orders/{order}", "/orders")]

    assert [each.status_code for each in answers] == [403, 403]


async def test_a_key_sees_nothing_once_its_person_has_no_role(api: Api):
    order = (await place(api)).json()["id"]
    await api.database.write(lambda c: c.execute(update(tables.role_assignments).values(valid_to=NOW)))

    answers = [await api[BO].get(address) for address in (f"/orders/{order}", "/orders")]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "no_role")] * 2


async def test_a_customer_is_offered_its_own_prices_alone(api: Api):
    offers = (await api[ANNA].get("/offers")).json()["items"]

    assert [offer["code"] for offer in offers] == [NPO_AGENT, NPO_KONSUMENT, SITHS]
    assert {price["payer"] for offer in offers for price in offer["prices"]} == {"customer"}


async def test_the_agents_of_an_offer_are_listed_with_what_an_order_names(api: Api):
    agents = (await api[ANNA].get(f"/offers/{NPO_AGENT}/agents")).json()["items"]

    assert agents == [{"id": AGENT, "name": "Journalbolaget AB", "org_number": "5560000001"}]


async def test_a_personnummer_is_shown_to_nobody(api: Api):
    sole = update(tables.organisations).where(tables.organisations.c.id == REGION).values(org_number_is_personal=True)
    await api.database.write(lambda c: c.execute(sole))
    order = (await place(api)).json()

    assert order["customer"]["org_number"] is None
    assert "2321000016" not in (await api[OPERATOR].get(f"/orders/{order['id']}")).text


# --- lists


UNITS = [f"Enhet {number}" for number in range(30)]


@given(
    orders=st.lists(st.tuples(st.sampled_from([NPO_KONSUMENT, NPO_AGENT]), st.integers(0, 3)), max_size=8),
    limit=st.integers(1, 4),
    reader=st.sampled_from([ANNA, HELENA, KARIN, OPERATOR]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
async def test_pages_together_are_the_list_whatever_their_size(api: Api, orders, limit, reader):
    await _empty(api)
    for number, (offer, minutes) in enumerate(orders):
        api.clock.at = NOW + timedelta(minutes=minutes)
        await _place(api, offer, number)

    whole = (await api[reader].get("/orders", params={"limit": 100})).json()
    pages = await _pages(api[reader], limit)

    assert [each["id"] for page in pages for each in page] == [each["id"] for each in whole["items"]]
    assert whole["next"] is None
    assert all(len(page) == limit for page in pages[:-1])
    ordered = [each["ordered_at"] for each in whole["items"]]
    assert ordered == sorted(ordered, reverse=True)
    assert len(ordered) == len([offer for offer, _ in orders if reader is not HELENA or offer == NPO_AGENT])


async def _empty(api: Api) -> None:
    # History keeps its lines; nothing here reads them.
    emptied = [tables.placements, tables.case_units, tables.case_words, tables.cards, tables.cases]
    await api.database.write(lambda c: [c.execute(table.delete()) for table in emptied])


async def _place(api: Api, offer, number):
    agent, unit = (AGENT if offer == NPO_AGENT else None), Unit(UNITS[number])
    wish = PlaceOrder(Asking(ANNA), REGION, offer, (unit,), "REF", True, key=str(number), surface=Surface.API,
                      agent=agent, technical_contact="it@example.org")  # fmt: skip
    await api.orders.place(wish)


async def _pages(client, limit):
    pages, cursor = [], None
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/orders", params=params)).json()
        pages.append(page["items"])
        cursor = page["next"]
        if cursor is None:
            return pages


async def test_lists_are_narrowed_by_state_openness_reference_and_customer(api_on_both: Api):
    api = api_on_both
    first = (await place(api, DIRECT | {"external_case_ref": "RITM1"}, key="1")).json()["id"]
    second = (await place(api, VIA_AGENT, key="2")).json()["id"]
    await api[ANNA].post(f"/orders/{first}/withdraw")

    async def found(**params):
        return [each["id"] for each in (await api[OPERATOR].get("/orders", params=params)).json()["items"]]

    assert await found(open="true") == [second]
    assert await found(open="false") == [first]
    assert await found(state="withdrawn") == [first]
    assert await found(external_case_ref="RITM1") == [first]
    assert await found(external_case_ref="RITM2") == []
    assert set(await found(customer=REGION)) == {first, second}
    assert await found(customer="O-clinic") == []


# --- every refusal that can be met here


async def _change(api: Api, table, **values):
    await api.database.write(lambda c: c.execute(update(table).values(values)))


async def no_role(api: Api):
    return await place(api, person=BO)


async def inactive(api: Api):
    await _change(api, tables.persons, active=False)
    return await place(api)


async def person_only(api: Api):
    return await place(api, person=OPERATOR)


async def no_agreement(api: Api):
    await _change(api, tables.agreements, ended_at=NOW)
    return await place(api)


async def category_not_allowed(api: Api):
    return await place(api, DIRECT | {"offer": NPO_KONSUMENT, "units": [{"name": "A"}]}, person=DAVID)


async def no_attestant(api: Api):
    return await place(api, person=DAVID)


async def over_every_limit(api: Api):
    # Erik is left, who may attest for a thousand kronor.
    for person in (BO, CECILIA):
        roles = await api[OPERATOR].get("/register/roles", params={"person": person, "organisation": REGION})
        (role,) = [each["id"] for each in roles.json()["items"] if each["role"] == "attestant"]
        await api[OPERATOR].post(f"/register/roles/{role}/end", json={})
    return await place(api)


async def duplicate(api: Api):
    await place(api, key="1")
    return await place(api, key="2")


async def key_reused(api: Api):
    await place(api, key="1")
    return await place(api, VIA_AGENT, key="1")


async def agent_is_customer(api: Api):
    return await place(api, VIA_AGENT | {"agent": REGION})


async def agent_no_agreement(api: Api):
    ended = update(tables.agreements).where(tables.agreements.c.organisation_id == AGENT).values(ended_at=NOW)
    await api.database.write(lambda c: c.execute(ended))
    return await place(api, VIA_AGENT)


async def agent_not_allowed(api: Api):
    await _change(api, tables.agent_assignments, valid_to=NOW)
    return await place(api, VIA_AGENT)


async def agent_not_staffed(api: Api):
    roles = tables.role_assignments
    handlers = update(roles).where(roles.c.role == "agent_handler").values(valid_to=NOW)
    await api.database.write(lambda c: c.execute(handlers))
    return await place(api, VIA_AGENT)


async def invalid_order(api: Api):
    return await place(api, VIA_AGENT | {"agent": None, "technical_contact": "", "terms_accepted": False})


async def answer(api: Api, by, order, said):
    """Answer the question that waits now."""
    step = (await api[ANNA].get(f"/orders/{order}")).json()["step"]
    return await api[by].post(f"/orders/{order}/answer", json={"step": step, **said})


async def not_found(api: Api):
    return await api[ANNA].get("/orders/B-2222222")


async def not_your_order(api: Api):
    order = (await place(api)).json()["id"]
    return await api[CECILIA].post(f"/orders/{order}/withdraw")


async def not_orderer(api: Api):
    order = (await place(api)).json()["id"]
    return await api[BO].post(f"/orders/{order}/withdraw")


async def not_possible(api: Api):
    order = (await place(api)).json()["id"]
    await act(api, order, BO, Action.ATTEST, confirmed=True)
    return await api[ANNA].post(f"/orders/{order}/withdraw")


async def not_asked(api: Api):
    order = (await place(api)).json()["id"]
    return await answer(api, ANNA, order, {"message": "Men"})


async def answer_of_another(api: Api):
    return await answer(api, CECILIA, await asked_for_more(api), {"message": "Jag vet"})


async def answer_without_words(api: Api):
    return await answer(api, ANNA, await asked_for_more(api), {})


async def answer_with_a_personal_number(api: Api):
    return await answer(api, ANNA, await asked_for_more(api), {"message": "Till 811228-9874"})


async def own_number_that_is_a_personal_number(api: Api):
    return await place(api, DIRECT | {"external_case_ref": "811218-9876"})


async def wrong_revision(api: Api):
    revision = {"invoice_ref": "R", "desired_start": "2020-01-01"}
    return await answer(api, ANNA, await asked_for_more(api), {"revision": revision})


async def no_price(api: Api):
    await _change(api, tables.price_items, valid_to=date(2026, 1, 31))
    return await place(api)


async def not_sole_trader(api: Api):
    await _change(api, tables.offers, sole_traders_only=True)
    return await place(api)


async def already_connected(api: Api):
    await connected_through_another(api)
    await _change(api, tables.connections, agent_id=AGENT)
    return await place(api, VIA_AGENT, key="2")


async def change_of_agent(api: Api):
    await connected_through_another(api)
    return await place(api, VIA_AGENT, key="2")


async def add_or_replace(api: Api):
    await connected_through_another(api)
    await _change(api, tables.connections, agent_id=None)
    return await place(api, VIA_AGENT | {"change_of_agent": True}, key="2")


async def for_agents_only(api: Api):
    return await place(api, ASSIGNMENT_WISH)


async def no_agentavtal(api: Api):
    await agent_no_agreement(api)
    return await place(api, ASSIGNMENT_WISH, person=OLGA)


async def has_assignment(api: Api):
    given = {"agent_id": AGENT, "service_id": "siths", "valid_from": NOW}
    await api.database.write(lambda c: c.execute(insert(tables.agent_assignments).values(given)))
    return await place(api, ASSIGNMENT_WISH, person=OLGA)


async def closed(api: Api):
    order = (await place(api)).json()["id"]
    await api[ANNA].post(f"/orders/{order}/withdraw")
    return await api[ANNA].post(f"/orders/{order}/withdraw")


MET = [
    (no_role, 403, "no_role"),
    (inactive, 403, "inactive"),
    (person_only, 403, "person_only"),
    (no_agreement, 409, "no_kundavtal"),
    (category_not_allowed, 409, "category_not_allowed"),
    (no_attestant, 409, "no_attestant"),
    (over_every_limit, 409, "over_every_limit"),
    (duplicate, 409, "duplicate"),
    (key_reused, 422, "idempotency_key_reused"),
    (agent_is_customer, 422, "agent_is_customer"),
    (agent_no_agreement, 409, "agent_no_agreement"),
    (agent_not_allowed, 409, "agent_not_allowed"),
    (agent_not_staffed, 409, "agent_roles"),
    (invalid_order, 422, "invalid_order"),
    (not_found, 404, "not_found"),
    (not_your_order, 403, "not_your_order"),
    (not_orderer, 403, "no_role"),
    (not_possible, 409, "not_possible"),
    (closed, 409, "closed"),
    (not_asked, 409, "not_possible"),
    (answer_of_another, 403, "not_your_order"),
    (answer_without_words, 422, "answer_required"),
    (answer_with_a_personal_number, 422, "personal_number"),
    (wrong_revision, 422, "invalid_order"),
    (no_price, 409, "no_price"),
    (not_sole_trader, 409, "not_sole_trader"),
    (already_connected, 409, "already_connected"),
    (change_of_agent, 409, "change_of_agent"),
    (add_or_replace, 409, "add_or_replace"),
    (for_agents_only, 422, "for_agents_only"),
    (no_agentavtal, 409, "no_agentavtal"),
    (has_assignment, 409, "has_assignment"),
]


@pytest.mark.parametrize(("meet", "status", "code"), MET, ids=[each[0].__name__ for each in MET])
async def test_a_refusal_is_a_problem_document_and_changes_nothing(api: Api, meet, status, code):
    answer = await meet(api)
    problem = answer.json()

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["detail"] == f"sv: {code}"


async def test_a_duplicate_names_the_order_that_exists(api: Api):
    order = (await place(api, key="1")).json()["id"]

    assert (await place(api, key="2")).json()["case"] == order


async def test_wrong_fields_are_named_by_pointer(api: Api):
    problem = (await invalid_order(api)).json()

    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {
        ("/agent", "required"),
        ("/technical_contact", "required"),
        ("/terms_accepted", "terms_not_accepted"),
    }


@pytest.mark.parametrize(
    ("meet", "pointer", "code"),
    [
        (own_number_that_is_a_personal_number, "/external_case_ref", "personal_number"),
        (wrong_revision, "/revision/desired_start", "past"),
        (answer_with_a_personal_number, "/message", "personal_number"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_named_by_pointer(api: Api, meet, pointer, code):
    problem = (await meet(api)).json()

    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]


async def test_whom_to_ask_about_technology_is_stated_in_parts_or_in_one_text(api: Api):
    parts = {"name": "Tea Tek", "email": "Tea@Example.org", "phone": "070-174 06 05"}

    stated = (await place(api, DIRECT | {"technical_contact": parts})).json()
    written = (await place(api, VIA_AGENT, key="2")).json()

    assert stated["technical_contact"] == "Tea Tek, tea@example.org, 070-174 06 05"
    assert stated["technical_contact_parts"] == {
        "name": "Tea Tek",
        "email": "tea@example.org",
        "phone": "+46701740605",
    }
    assert (written["technical_contact"], written["technical_contact_parts"]) == ("it@example.org", None)


@pytest.mark.parametrize(
    ("contact", "pointer", "code"),
    [
        ({"name": "Tea Tek"}, "/email", "unreachable"),
        ({"email": "tea"}, "/email", "email"),
        ({"phone": "174 06 05"}, "/phone", "phone"),
        ({"phone": 701740605}, "/phone", "invalid"),
        ({"fax": "08-12 34 56"}, "/fax", "unknown_field"),
        (4711, "", "invalid"),
        ("x" * 2_001, "", "too_long"),
    ],
)
async def test_what_is_wrong_with_whom_to_ask_is_named_by_pointer(api: Api, contact, pointer, code):
    problem = (await place(api, DIRECT | {"technical_contact": contact})).json()

    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(f"/technical_contact{pointer}", code)]


async def test_an_unknown_offer_and_an_unknown_agent_are_wrong_fields(api: Api):
    offer = (await place(api, DIRECT | {"offer": "nothing"})).json()
    agent = (await place(api, VIA_AGENT | {"agent": "O-nobody"})).json()

    assert [offer["errors"][0][key] for key in ("pointer", "code")] == ["/offer", "unknown"]
    assert [agent["errors"][0][key] for key in ("pointer", "code")] == ["/agent", "unknown"]


async def test_an_agent_that_is_no_customer_orders_its_assignments_and_reads_them(api: Api):
    await _change(api, tables.organisations, kinds=["agent"])
    placed = await place(api, ASSIGNMENT_WISH, person=OLGA)
    order = placed.json()["id"]

    assert (placed.status_code, placed.json()["state"]) == (201, "awaiting_review")
    assert (await api[OLGA].get(f"/orders/{order}")).json()["flow"] == "agent_assignment"
    assert [each["id"] for each in (await api[OLGA].get("/orders")).json()["items"]] == [order]
    assert [each["id"] for each in (await api[AMIR].get("/orders")).json()["items"]] == [order]
    assert (await api[ANNA].get(f"/orders/{order}")).status_code == 404
    assert ASSIGNMENT in [each["code"] for each in (await api[OLGA].get("/offers")).json()["items"]]
    assert (await api[OLGA].post(f"/orders/{order}/withdraw")).json()["state"] == "withdrawn"


async def test_an_attestant_of_the_agent_reads_but_does_not_order(api: Api):
    order = (await place(api, VIA_AGENT)).json()["id"]
    answer = await api[ASTA].post(f"/orders/{order}/withdraw")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
