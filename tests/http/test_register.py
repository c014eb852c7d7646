"""The operator keeps the register over HTTP: everything an order needs can be made without touching SQL."""

import json

import pytest
from sqlalchemy import insert, select

from core.api import new_id
from core.http.turned_away import FAILURES
from core.storage import tables
from tests.contract.test_setting_channels import give_slack
from tests.http.conftest import OPERATOR, Api
from tests.support.world.seed import (
    ADA,
    AGENT,
    ANNA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    NPO_AGENT,
    PEOPLE,
    REGION,
    SARA,
    TEAM,
    slack_user,
)

WORDS = {"sv": "Tjänsten", "en": "The service"}
OFFER = {
    "service": "ny",
    "name": WORDS,
    "flow": "via_agent",
    "categories": ["municipality"],
    "terms_url": "https://example.org/villkor",
    "template": {"sv": "Börja nu.", "en": "Begin now."},
}
PRICE = {"payer": "customer", "kind": "startup", "unit": "order", "amount_ore": 12_500, "from": "2026-01-01"}


class Operator:
    """Calls the register and expects it to agree."""

    def __init__(self, api: Api) -> None:
        self.client = api[OPERATOR]

    async def __call__(self, method, address, body=None, *, status=(200, 201)):
        answer = await self.client.request(method, f"/register/{address}", json=body)
        assert answer.status_code in status, answer.text
        return answer.json()

    async def organisation(self, number, name, kinds, **more):
        body = {"org_number": number, "name": name, "kinds": kinds} | more
        return (await self("POST", "organisations", body))["id"]

    async def person(self, email, name, organisation, *roles):
        id_ = (await self("POST", "persons", {"email": email, "name": name}))["id"]
        for role in roles:
            await self("POST", "roles", {"person": id_, "organisation": organisation, "role": role})
        return id_


@pytest.fixture
def operator(api: Api) -> Operator:
    return Operator(api)


async def test_from_nothing_to_an_order_without_sql(api_on_both: Api):
    api = api_on_both
    operator = Operator(api)
    town = await operator.organisation("222222-2222", "Exempelköping", ["customer"], category="municipality")
    agent = await operator.organisation("559900-0006", "Agentbolaget AB", ["agent"])
    anna = await operator.person("Anna@Example.net", "Anna Ny", town, "orderer")
    await operator.person("bo@example.net", "Bo Ny", town, "attestant")
    await operator.person("cilla@example.net", "Cilla Ny", agent, "agent_handler", "attestant")
    await operator.person("disa@example.net", "Disa Ny", agent, "attestant")
    await operator("PUT", "services/ny", {"name": WORDS})
    await operator("PUT", "offers/ny-agent", OFFER)
    await operator("PUT", "offers/ny-agent/prices", {"prices": [PRICE]})
    await operator("PUT", f"organisations/{town}/agreements/kundavtal", {"from": "2026-01-01"})
    await operator("PUT", f"organisations/{agent}/agreements/agentavtal", {"from": "2026-01-01"})
    await operator("PUT", f"organisations/{agent}/agent-assignments/ny", {"from": "2026-01-01"})

    client = api.client(await api.keys.create(new_id, api.clock(), "", (anna, town)))
    agents = (await client.get("/offers/ny-agent/agents")).json()["items"]
    body = {"offer": "ny-agent", "agent": agents[0]["id"], "invoice_ref": "R", "technical_contact": "T"}
    order = await client.post("/orders", json=body | {"terms_accepted": True}, headers={"Idempotency-Key": "1"})

    assert order.status_code == 201
    assert order.json()["state"] == "awaiting_agent_approval"
    assert order.json()["costs"][0]["startup_ore"] == 12_500


async def test_an_entry_is_added_once_and_changed_afterwards(operator: Operator):
    body = {"org_number": "16222222-2222", "name": "Först", "kinds": ["customer"], "category": "region"}
    added = await operator("POST", "organisations", body, status=(201,))
    changed = await operator("POST", "organisations", body | {"name": "Sedan"}, status=(200,))

    assert added["org_number"] == "2222222222"
    assert changed == added | {"name": "Sedan"}


async def test_fields_not_given_are_left_alone(operator: Operator):
    body = {"org_number": "222222-2222", "name": "A", "kinds": ["customer"], "category": "region"}
    await operator("POST", "organisations", body | {"self_attest_allowed": True})
    del body["category"]

    changed = await operator("POST", "organisations", body | {"name": "B"})
    assert (changed["name"], changed["category"], changed["self_attest_allowed"]) == ("B", "region", True)


async def test_a_sole_traders_number_is_marked_as_personal(operator: Operator):
    id_ = await operator.organisation("811228-9874", "Firma Exempel", ["customer"], category="private_provider")

    assert (await operator("GET", f"organisations/{id_}"))["org_number_is_personal"] is True


async def test_a_role_is_granted_once_and_ended_softly(api: Api, operator: Operator):
    body = {"person": BO, "organisation": REGION, "role": "orderer"}
    first = await operator("POST", "roles", body)
    again = await operator("POST", "roles", body)
    ended = await operator("POST", f"roles/{first['id']}/end", {})
    api.clock.forward(hours=1)
    anew = await operator("POST", "roles", body)
    listed = (await operator("GET", f"roles?person={BO}"))["items"]

    assert again == first
    assert ended["ended"] == "2026-11-25T09:00:00Z"
    assert anew["id"] != first["id"]
    assert [each["id"] for each in listed if each["role"] == "orderer"] == [first["id"], anew["id"]]


async def test_a_role_may_begin_and_end_on_swedish_days(operator: Operator):
    role = await operator(
        "POST", "roles", {"person": BO, "organisation": REGION, "role": "orderer", "from": "2027-01-01"}
    )
    ended = await operator("POST", f"roles/{role['id']}/end", {"ended": "2027-07-01"})

    assert (ended["since"], ended["ended"]) == ("2026-12-31T23:00:00Z", "2027-06-30T22:00:00Z")


async def test_a_role_to_come_or_to_end_is_changed_and_called_off(operator: Operator):
    body = {"person": BO, "organisation": REGION, "role": "orderer", "from": "2027-01-01"}
    id_ = (await operator("POST", "roles", body))["id"]
    moved = await operator("PUT", f"roles/{id_}", {"from": "2027-02-01", "ended": "2027-03-01"})
    kept = await operator("PUT", f"roles/{id_}", {"ended": None})
    off = await operator("POST", f"roles/{id_}/end", {})
    again = await operator("POST", f"roles/{id_}/end", {})
    anew = await operator("POST", "roles", body)

    assert (moved["since"], moved["ended"]) == ("2027-01-31T23:00:00Z", "2027-02-28T23:00:00Z")
    assert (kept["since"], kept["ended"]) == ("2027-01-31T23:00:00Z", None)
    assert off["ended"] == off["since"]
    assert (again, anew["id"] != id_) == (off, True)


async def test_a_role_granted_from_now_on_does_not_wait_for_a_day_that_was_planned(operator: Operator):
    body = {"person": BO, "organisation": REGION, "role": "orderer"}
    later = await operator("POST", "roles", body | {"from": "2027-01-01"})
    now = await operator("POST", "roles", body)

    assert (now["id"], now["since"]) == (later["id"], "2026-11-25T09:00:00Z")


async def test_a_role_that_has_ended_stays_ended(api: Api, operator: Operator):
    ended = await operator("POST", "roles/1/end", {})
    api.clock.forward(days=1)

    assert await operator("POST", "roles/1/end", {}) == ended


async def test_a_limit_is_of_one_assignment_and_a_service_makes_another(operator: Operator):
    body = {"person": BO, "organisation": REGION, "role": "attestant"}
    limited = await operator("POST", "roles", body | {"attest_limit_ore": 5_000_000})
    scoped = await operator("POST", "roles", body | {"attest_limit_ore": 9_000_000, "service": "npo"})
    left = await operator("POST", "roles", body)
    free = await operator("PUT", f"roles/{limited['id']}", {"attest_limit_ore": None})

    assert (limited["attest_limit_ore"], limited["service"]) == (5_000_000, None)
    assert (scoped["attest_limit_ore"], scoped["service"]) == (9_000_000, "npo")
    assert (left, free) == (limited, limited | {"attest_limit_ore": None})


async def test_an_organisation_declares_from_which_amounts_more_is_asked(operator: Operator):
    tiers = [{"from_ore": 10_000_000, "sequence": [BO, CECILIA]}, {"from_ore": 1_000_000, "attests": 2}]
    declared = await operator("POST", "organisations", OF_REGION | {"eid_from_ore": 50_000_000, "tiers": tiers})
    left = await operator("POST", "organisations", OF_REGION)
    none = await operator("POST", "organisations", OF_REGION | {"eid_from_ore": None, "tiers": []})

    assert declared["tiers"] == [
        {"from_ore": 1_000_000, "attests": 2, "sequence": []},
        {"from_ore": 10_000_000, "attests": 1, "sequence": [BO, CECILIA]},
    ]
    assert left == declared == await operator("GET", f"organisations/{REGION}") | declared
    assert (none["eid_from_ore"], none["tiers"]) == (None, [])


async def test_an_organisation_says_after_how_many_working_days_its_people_are_reminded(api_on_both: Api):
    operator = Operator(api_on_both)
    unsaid = await operator("GET", f"organisations/{REGION}")
    said = await operator("POST", "organisations", OF_REGION | {"reminder_days": 4})

    left = await operator("POST", "organisations", OF_REGION)

    assert (unsaid["reminder_days"], said["reminder_days"], left["reminder_days"]) == (2, 4, 4)
    assert await operator("GET", f"organisations/{REGION}") == left


async def test_an_organisation_says_at_which_hour_its_people_are_reminded(api_on_both: Api):
    operator = Operator(api_on_both)
    unsaid = await operator("GET", f"organisations/{REGION}")
    said = await operator("POST", "organisations", OF_REGION | {"reminder_hour": 14})

    left = await operator("POST", "organisations", OF_REGION | {"reminder_days": 4})

    assert (unsaid["reminder_hour"], said["reminder_hour"], left["reminder_hour"]) == (9, 14, 14)
    assert await operator("GET", f"organisations/{REGION}") == left


async def test_an_organisation_says_in_which_language_its_people_are_spoken_to(api_on_both: Api):
    operator = Operator(api_on_both)
    said = await operator("POST", "organisations", OF_REGION | {"language": "en"})
    left = await operator("POST", "organisations", OF_REGION)
    none = await operator("POST", "organisations", OF_REGION | {"language": None})

    assert (said["language"], none["language"]) == ("en", None)
    assert left == said == await operator("GET", f"organisations/{REGION}") | said
    told = select(tables.history).where(tables.history.c.action == "translated").order_by(tables.history.c.id)
    lines = await api_on_both.database.read(lambda connection: connection.execute(told).all())
    first, second = [json.loads(each.evidence) for each in lines]
    assert (first["language"], second["before"]) == ("en", {"language": "en"})


async def test_an_offer_may_be_for_sole_traders_only(operator: Operator):
    await operator("PUT", "services/ny", {"name": WORDS})
    offer = await operator("PUT", "offers/ny-agent", OFFER | {"sole_traders_only": True})

    assert offer["sole_traders_only"] is True
    assert (await operator("GET", f"offers/{NPO_AGENT}"))["sole_traders_only"] is False


ROUTINES = [{"title": WORDS, "url": f"https://example.org/{name}"} for name in ("rutin", "fel?a=1")]


async def test_an_offer_has_routines_and_keeps_them_until_others_are_given(operator: Operator):
    await operator("PUT", "services/ny", {"name": WORDS})
    for given in ({}, {"routines": ROUTINES}, {}):
        offer = await operator("PUT", "offers/ny-agent", OFFER | given)
    none = await operator("PUT", "offers/ny-agent", OFFER | {"routines": []})

    assert (offer["routines"], none["routines"]) == (ROUTINES, [])


@pytest.mark.parametrize(
    ("routines", "pointer"),
    [
        ([ROUTINES[0] | {"url": "http://example.org/rutin"}], "/routines/0/url"),
        ([ROUTINES[0], ROUTINES[0] | {"url": "https://example.org/a b"}], "/routines/1/url"),
        ([ROUTINES[0] | {"url": "javascript:alert(1)"}], "/routines/0/url"),
        ([ROUTINES[0] | {"url": f"https://example.org/{'x' * 281}"}], "/routines/0/url"),
        ([ROUTINES[0] | {"title": {"sv": "Rutin"}}], "/routines/0/title/en"),
        (ROUTINES * 6, "/routines"),
    ],
)
async def test_a_routine_is_an_address_by_https_with_a_title_in_both_languages(operator: Operator, routines, pointer):
    await operator("PUT", "services/ny", {"name": WORDS})
    refused = await operator("PUT", "offers/ny-agent", OFFER | {"routines": routines}, status=(422,))

    assert [problem["pointer"] for problem in refused["errors"]] == [pointer]


async def test_history_tells_who_changed_what_may_be_ordered_and_by_whom(api_on_both: Api):
    operator = Operator(api_on_both)
    town = await operator.organisation("222222-2222", "Exempelköping", ["customer"], category="municipality")
    await operator.organisation("222222-2222", "Exempelköping", ["customer"], category="region")
    for body in ({"name": WORDS}, {"name": WORDS, "handles_personal_data": True}):
        await operator("PUT", "services/ny", body)
    for changed in ({}, {"active": False}):
        await operator("PUT", "offers/ny-agent", OFFER | changed)

    rows = (
        select(tables.history)
        .where(tables.history.c.kind.in_(("organisation", "service", "offer")))
        .order_by(tables.history.c.id)
    )
    told = await api_on_both.database.read(lambda connection: connection.execute(rows).all())
    assert [(each.kind, each.action, each.surface) for each in told] == [
        (kind, action, "api") for kind in ("organisation", "service", "offer") for action in ("set", "changed")
    ]
    before = [json.loads(each.evidence)["before"] for each in told if each.action == "changed"]
    assert before == [{"category": "municipality"}, {"handles_personal_data": False}, {"active": True}]
    assert {each.organisation_id for each in told[:2]} == {town}


async def test_a_substitute_is_set_changed_and_ended(api: Api, operator: Operator):
    added = await operator("POST", "substitutions", LENT, status=(201,))
    moved = await operator("POST", "substitutions", LENT | {"to": "2026-12-31"}, status=(200,))
    shorter = await operator("POST", f"substitutions/{added['id']}/end", {"to": "2026-12-20"})
    ended = await operator("POST", f"substitutions/{added['id']}/end", {})
    listed, of_the_absent, of_others = [
        (await operator("GET", f"substitutions?person={person}"))["items"] for person in (CECILIA, BO, ANNA)
    ]

    assert (added["since"], added["ended"]) == ("2026-11-24T23:00:00Z", "2027-01-06T23:00:00Z")
    assert (moved["id"], moved["ended"]) == (added["id"], "2026-12-31T23:00:00Z")
    assert (shorter["ended"], ended["ended"]) == ("2026-12-20T23:00:00Z", "2026-11-25T09:00:00Z")
    assert listed == [ended]
    assert ended in of_the_absent
    assert of_others == []
    assert ended["created_by"].startswith("K")


async def test_a_substitution_to_come_is_called_off(operator: Operator):
    id_ = (await operator("POST", "substitutions", LENT | {"from": "2027-01-01"}))["id"]
    off = await operator("POST", f"substitutions/{id_}/end", {"to": "2026-12-01"})

    assert off["ended"] == off["since"]


async def test_substitutions_are_paged(operator: Operator):
    await operator("POST", "substitutions", LENT)
    whole = (await operator("GET", f"substitutions?organisation={REGION}"))["items"]
    first = await operator("GET", "substitutions?limit=1")
    second = await operator("GET", f"substitutions?limit=1&cursor={first['next']}")

    assert first["items"] + second["items"] == whole
    assert (len(whole), second["next"]) == (2, None)


async def test_an_agreement_ends_when_told_and_goes_on_when_told_otherwise(operator: Operator):
    address = f"organisations/{REGION}/agreements/kundavtal"
    ended = await operator("PUT", address, {"from": "2024-01-01", "ended": "2027-01-01"})
    left = await operator("PUT", address, {"from": "2024-01-01"})
    anew = await operator("PUT", address, {"from": "2024-01-01", "ended": None})

    assert ended["ended"] == left["ended"] == "2026-12-31T23:00:00Z"
    assert anew["ended"] is None
    assert (await operator("GET", f"organisations/{REGION}/agreements"))["items"] == [anew]


async def test_an_agreement_that_has_ended_stays_and_the_next_is_another(operator: Operator):
    address = f"organisations/{REGION}/agreements/kundavtal"
    ended = await operator("PUT", address, {"from": "2024-01-01", "ended": "2026-01-01"})
    left = await operator("PUT", address, {"from": "2024-01-01"})
    anew = await operator("PUT", address, {"from": "2026-01-01"})

    assert ended == left
    assert (anew["since"], anew["ended"]) == ("2025-12-31T23:00:00Z", None)
    assert (await operator("GET", f"organisations/{REGION}/agreements"))["items"] == [anew, ended]


# What is wrong with an entry once an agreement has ended, and perhaps another waits to be signed.
AGREED = [
    (False, {"from": "2024-01-01", "ended": None}, "/ended", "already_ended"),
    (False, {"from": "2024-01-01", "ended": "2025-06-01"}, "/ended", "already_ended"),
    (False, {"from": "2025-12-31"}, "/from", "period_overlap"),
    (True, {"from": "2026-01-01"}, "/from", "agreement_waits"),
    (True, {"from": "2026-01-01", "ended": "2026-12-01"}, "/from", "agreement_waits"),
]


@pytest.mark.parametrize(("another_waits", "days", "pointer", "code"), AGREED)
async def test_an_entry_that_would_change_what_was_agreed_is_refused(
    api: Api, operator: Operator, another_waits, days, pointer, code
):
    address = f"organisations/{REGION}/agreements/kundavtal"
    ended = await operator("PUT", address, {"from": "2024-01-01", "ended": "2026-01-01"})
    waits = [{"organisation_id": REGION, "type": "kundavtal"}] * another_waits
    await api.database.write(lambda c: [c.execute(insert(tables.agreements), each).close() for each in waits])

    problem = await operator("PUT", address, days, status=(422,))

    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert (await operator("GET", f"organisations/{REGION}/agreements"))["items"] == [ended]


async def test_pages_of_organisations_together_are_the_list(operator: Operator):
    whole = (await operator("GET", "organisations"))["items"]
    first = await operator("GET", "organisations?limit=3")
    second = await operator("GET", f"organisations?limit=3&cursor={first['next']}")

    assert first["items"] + second["items"] == whole
    assert second["next"] is None
    assert [each["name"] for each in whole] == sorted(each["name"] for each in whole)


async def test_organisations_are_found_by_a_part_of_the_name(operator: Operator):
    found = (await operator("GET", "organisations?search=JOURNAL"))["items"]
    percent = (await operator("GET", "organisations?search=%25"))["items"]

    assert [each["name"] for each in found] == ["Journalbolaget AB"]
    assert percent == []


async def test_people_are_listed_page_by_page_and_by_organisation(operator: Operator):
    first = await operator("GET", "persons?limit=7")
    second = await operator("GET", f"persons?limit=7&cursor={first['next']}")
    clinic = (await operator("GET", f"persons?organisation={CLINIC}"))["items"]

    assert len(first["items"] + second["items"]) == len(PEOPLE)
    assert [each["name"] for each in clinic] == ["David Frid"]
    assert (await operator("GET", f"persons/{ANNA}"))["email"] == "anna@example.org"


async def test_roles_are_paged(operator: Operator):
    whole = (await operator("GET", "roles"))["items"]
    first = await operator("GET", "roles?limit=4")
    second = await operator("GET", f"roles?limit=4&cursor={first['next']}")

    assert first["items"] + second["items"] == whole[:8]


async def test_an_organisation_asks_by_role_in_a_channel_of_its_own_slack(api_on_both: Api):
    operator = Operator(api_on_both)
    await give_slack(api_on_both.database, REGION)
    address = f"organisations/{REGION}/channels"
    link = {"channel": "https://regionen.slack.com/archives/C0123456789", "asked_only": True}

    chosen = await operator("PUT", f"{address}/attestant", link)
    again = await operator("PUT", f"{address}/attestant", link)
    listed = await operator("GET", address)
    kept = await operator("PUT", f"{address}/attestant", {"channel": "C0123456789"})
    none = await operator("PUT", f"{address}/attestant", {"channel": None})

    said = {"channel": "C0123456789", "notified": "asked", "asked_only": True}
    # What is not said again stays as it was.
    assert chosen == again == listed == kept == {"items": [{"role": "attestant", "name": "", "problem": ""} | said]}
    assert none == {"items": []}
    told = select(tables.history).where(tables.history.c.action == "channelled").order_by(tables.history.c.id)
    lines = await api_on_both.database.read(lambda connection: connection.execute(told).all())
    assert [(each.surface, "channel" in json.loads(each.evidence)) for each in lines] == [("api", True), ("api", False)]


async def test_services_and_offers_are_listed_with_their_prices(operator: Operator):
    offer = await operator("GET", f"offers/{NPO_AGENT}")

    assert {each["code"] for each in (await operator("GET", "services"))["items"]} == {"npo", "siths"}
    assert offer in (await operator("GET", "offers"))["items"]
    assert {price["payer"] for price in offer["prices"]} == {"customer", "agent"}


async def test_a_price_is_closed_and_followed_by_another_in_one_call(operator: Operator):
    first = {"payer": "customer", "kind": "startup", "unit": "order", "amount_ore": 150_000, "from": "2024-01-01"}
    then = first | {"amount_ore": 160_000, "from": "2027-01-01"}
    offer = await operator("PUT", f"offers/{NPO_AGENT}/prices", {"prices": [first | {"to": "2026-12-31"}, then]})

    startups = [(each["amount_ore"], each["valid_to"]) for each in offer["prices"] if each["kind"] == "startup"]
    assert startups == [(150_000, "2026-12-31"), (160_000, None)]


TOWN = {"org_number": "222222-2222", "name": "A"}
YEAR, TIER = {"from": "2026-01-01"}, {"from_ore": 0}
OF_REGION = {"org_number": "232100-0016", "name": "Region Exempel", "kinds": ["customer"]}
LENT = {"absent": BO, "substitute": CECILIA, "organisation": REGION, "role": "attestant", "from": "2026-11-25",
        "to": "2027-01-06"}  # fmt: skip
PRICES, HOME = f"offers/{NPO_AGENT}/prices", f"organisations/{REGION}"


def grant(role, person=ANNA, organisation=REGION):
    return {"person": person, "organisation": organisation, "role": role}


def priced(**changes):
    return {"prices": [PRICE | changes]}


BROKEN = [
    ("POST", "organisations", TOWN | {"kinds": ["customer"]}, "/category", "category_required"),
    ("POST", "organisations", TOWN | {"kinds": ["agent"], "org_number": "222222-2223"}, "/org_number", "org_number"),
    ("POST", "organisations", TOWN | {"kinds": []}, "/kinds", "required"),
    ("POST", "persons", {"email": "nobody", "name": "A"}, "/email", "invalid"),
    ("POST", "persons", {"email": "a@b.se", "name": " "}, "/name", "required"),
    ("POST", "persons", {"email": "a@b.se", "name": "Gå in på inera.example"}, "/name", "address_in_name"),
    ("POST", "roles", grant("agent_handler"), "/role", "role_not_for_kind"),
    ("POST", "roles", grant("orderer", person="P-x"), "/person", "unknown"),
    ("POST", "roles", grant("orderer", organisation="O-x"), "/organisation", "unknown"),
    ("POST", "roles/1/end", {"ended": "2000-01-01"}, "/ended", "period_reversed"),
    ("POST", "roles/1/end", {"ended": "2026-02-30"}, "/ended", "day"),
    ("POST", "roles", grant("orderer") | {"attest_limit_ore": 1}, "/attest_limit_ore", "limit_not_for_role"),
    ("POST", "roles", grant("attestant") | {"attest_limit_ore": -1}, "/attest_limit_ore", "invalid"),
    ("POST", "roles", grant("orderer") | {"service": "npo"}, "/service", "service_not_for_role"),
    ("POST", "roles", grant("attestant") | {"service": "npx"}, "/service", "unknown"),
    ("PUT", "roles/1", {"from": "2027-01-01"}, "/from", "already_begun"),
    ("PUT", "roles/1", {"ended": "2000-01-01"}, "/ended", "period_reversed"),
    ("PUT", "roles/1", {"from": "2027-01-01", "ended": "2026-01-01"}, "/ended", "period_reversed"),
    ("PUT", "roles/1", {"attest_limit_ore": 1}, "/attest_limit_ore", "limit_not_for_role"),
    (
        "POST",
        "roles",
        grant("attestant", BO) | {"attest_limit_ore": 1, "from": "2027-01-01"},
        "/from",
        "period_overlap",
    ),
    ("POST", "organisations", OF_REGION | {"eid_from_ore": "1"}, "/eid_from_ore", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_days": 0}, "/reminder_days", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_days": 5}, "/reminder_days", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_days": "två"}, "/reminder_days", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_hour": 8}, "/reminder_hour", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_hour": 17}, "/reminder_hour", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_hour": 9.5}, "/reminder_hour", "invalid"),
    ("POST", "organisations", OF_REGION | {"reminder_hour": "nio"}, "/reminder_hour", "invalid"),
    ("POST", "organisations", OF_REGION | {"tiers": [{"attests": 2}]}, "/tiers/0/from_ore", "required"),
    ("POST", "organisations", OF_REGION | {"tiers": [TIER, TIER]}, "/tiers/1/from_ore", "repeated"),
    ("POST", "organisations", OF_REGION | {"tiers": [TIER | {"attests": 0}]}, "/tiers/0/attests", "invalid"),
    ("POST", "organisations", OF_REGION | {"tiers": [TIER | {"sequence": [BO, BO]}]}, "/tiers/0/sequence", "repeated"),
    (
        "POST",
        "organisations",
        OF_REGION | {"tiers": [TIER | {"sequence": [ANNA]}]},
        "/tiers/0/sequence",
        "not_attestant",
    ),
    ("POST", "substitutions", LENT | {"role": "orderer"}, "/role", "role_not_substituted"),
    ("POST", "substitutions", LENT | {"to": "2026-11-24"}, "/to", "period_reversed"),
    ("POST", "substitutions", LENT | {"absent": ANNA}, "/absent", "nothing_to_substitute"),
    ("POST", "substitutions", LENT | {"substitute": DAVID}, "/substitute", "substitute_not_eligible"),
    ("POST", "substitutions", LENT | {"substitute": "P-x"}, "/substitute", "unknown"),
    ("POST", "substitutions", LENT | {"substitute": SARA}, "/from", "period_overlap"),
    ("POST", "substitutions", LENT | {"organisation": "O-x"}, "/organisation", "unknown"),
    ("POST", "substitutions/1/end", {"to": "yesterday"}, "/to", "day"),
    ("PUT", f"{HOME}/agreements/agentavtal", YEAR, "/type", "agreement_not_for_kind"),
    ("PUT", f"{HOME}/agreements/kundavtal", YEAR | {"ended": "2025-01-01"}, "/ended", "period_reversed"),
    ("PUT", f"{HOME}/channels/attestant", {"channel": "#attester"}, "/channel", "channel"),
    ("PUT", f"{HOME}/channels/attestant", {"channel": "C0123456789"}, "/channel", "no_own_slack"),
    ("PUT", f"{HOME}/channels/agent_handler", {"channel": None}, "/role", "role_not_for_kind"),
    ("PUT", f"{HOME}/channels/orderer", {"channel": None}, "/role", "role_not_for_kind"),
    ("PUT", f"{HOME}/agent-assignments/npo", YEAR, "/service", "assignment_needs_agent"),
    ("PUT", "services/NPO", {"name": {"sv": "NPÖ", "en": "NPO"}}, "/code", "other_letters"),
    ("PUT", "offers/Siths-direkt", OFFER | {"service": "npo"}, "/code", "other_letters"),
    ("PUT", "offers/x", OFFER, "/service", "unknown"),
    ("PUT", "offers/x", OFFER | {"service": "npo", "agent": "none"}, "/agent", "agent_not_for_flow"),
    ("PUT", PRICES, priced(), "/prices/0/from", "price_overlap"),
    ("PUT", PRICES, priced(kind="recurring", period="month"), "/prices/0/from", "mixed_periods"),
    ("PUT", PRICES, priced(to="2025-01-01"), "/prices/0/to", "period_reversed"),
    ("PUT", PRICES, priced(amount_ore=0.5), "/prices/0/amount_ore", "invalid"),
    ("PUT", PRICES, priced(amount_ore=True), "/prices/0/amount_ore", "invalid"),
]


@pytest.mark.parametrize(("method", "address", "body", "pointer", "code"), BROKEN)
async def test_an_entry_that_breaks_a_rule_is_refused_at_its_field(operator, method, address, body, pointer, code):
    problem = await operator(method, address, body, status=(422,))

    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]


async def test_whoever_has_left_gets_no_role(operator: Operator):
    ended = await operator("POST", "persons", {"email": "bo@example.org", "name": "Bo Ek", "active": False})
    problem = await operator("POST", "roles", grant("orderer", person=ended["id"]), status=(422,))

    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/person", "has_left")]


@pytest.mark.parametrize(
    "address", ["organisations/O-x", "organisations/O-x/agreements", "organisations/O-x/agent-assignments",
                "organisations/O-x/channels",
                "persons/P-x", "offers/x"]
)  # fmt: skip
async def test_what_is_not_there_is_not_found(operator: Operator, address: str):
    problem = await operator("GET", address, status=(404,))

    assert problem["code"] == "no_such_entry"


@pytest.mark.parametrize(
    ("address", "body"),
    [(f"organisations/{AGENT}/agent-assignments/x", {"from": "2026-01-01"}), ("offers/x/prices", {"prices": [PRICE]})],
)
async def test_what_is_not_there_is_neither_given_nor_priced(operator: Operator, address: str, body):
    assert (await operator("PUT", address, body, status=(404,)))["code"] == "no_such_entry"


@pytest.mark.parametrize("address", ["roles/99/end", "substitutions/99/end"])
async def test_what_is_not_there_is_not_ended(operator: Operator, address: str):
    assert (await operator("POST", address, {}, status=(404,)))["code"] == "no_such_entry"


async def test_nothing_of_the_register_is_ever_deleted(api: Api):
    document = (await api[OPERATOR].get("/openapi.json")).json()

    assert {method for path in document["paths"].values() for method in path} == {"get", "post", "put"}


async def test_every_body_has_a_name_of_its_own_in_the_document(api: Api):
    names = (await api[OPERATOR].get("/openapi.json")).json()["components"]["schemas"]

    assert [name for name in names if not name.isalnum()] == []


async def test_the_operator_ends_what_links_a_person_to_slack(api_on_both: Api):
    operator = Operator(api_on_both)

    first = await operator("POST", f"persons/{BO}/unlink")
    again = await operator("POST", f"persons/{BO}/unlink")
    await operator("POST", "persons/P23456789BC/unlink", status=(404,))

    def stored(connection):
        (state,) = connection.execute(
            select(tables.identities.c.state).where(tables.identities.c.person_id == BO)
        ).scalars()
        lines = connection.execute(select(tables.history).where(tables.history.c.kind == "identity")).all()
        cards = connection.execute(select(tables.cards.c.person_id).where(tables.cards.c.kind == "unlinked")).scalars()
        return state, lines, list(cards)

    state, (line,), told = await api_on_both.database.read(stored)
    evidence = json.loads(line.evidence)
    assert (first, again) == ({"accounts": [f"{TEAM}/{slack_user(BO)}"]}, {"accounts": []})
    assert (state, line.action, line.about_id, line.person_id) == ("barred", "unlinked", BO, None)
    assert (line.surface, line.assurance, evidence["why"]) == ("api", "key", "operator")
    assert evidence["by"].startswith("K")
    assert told == [ADA]
    assert api_on_both.told == ["changed"]


async def test_a_person_keeps_no_register(api: Api):
    document = (await api[OPERATOR].get("/openapi.json")).json()
    routes = [(method, path) for path, methods in document["paths"].items() for method in methods]
    answers = []
    for method, path in routes:
        if path.startswith("/register"):
            filled = path.replace("{id}", "1").replace("{type}", "kundavtal")
            answers.append(await api[ANNA].request(method, filled, json={}))
            api.clock.at += FAILURES.interval

    assert {answer.status_code for answer in answers} <= {403, 422}
    assert len([answer for answer in answers if answer.status_code == 403]) > len(answers) / 2
