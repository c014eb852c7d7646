"""A small world in a fresh database: two customers, an agent, Inera, their people and four offers.

The region has all that deciding may need: two attestants, one more with a low limit, a reserve, an administrator, and a
substitute who begins later.
"""

from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert

from core.api import (
    AgentField,
    CustomerCategory,
    Flow,
    Language,
    OfferId,
    OfferTerms,
    Organisation,
    OrganisationId,
    OrganisationKind,
    Payer,
    Period,
    PersonId,
    Price,
    PriceKind,
    PriceUnit,
)
from core.storage import tables
from core.storage.database.database import Database
from core.storage.reads.organisation_search import write_words
from tests.support.machines.copies import filled

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

REGION, CLINIC, AGENT, INERA = map(OrganisationId, ("O-region", "O-clinic", "O-agent", "O-inera"))
ANNA, BO, CECILIA, DAVID = map(PersonId, ("P-anna", "P-bo", "P-cecilia", "P-david"))
HELENA, AMIR, ASTA, KARIN, KALLE = map(PersonId, ("P-helena", "P-amir", "P-asta", "P-karin", "P-kalle"))
ERIK, RUT, ADA, SARA, OLGA = map(PersonId, ("P-erik", "P-rut", "P-ada", "P-sara", "P-olga"))
SITHS, NPO_AGENT, NPO_KONSUMENT = map(OfferId, ("siths-direkt", "npo-agent", "npo-konsument"))
# What the agent lacks: to convey SITHS.
ASSIGNMENT = OfferId("siths-uppdrag")
TEAM = "slack:T0INERA001"

ORGANISATIONS = (
    (REGION, "Region Exempel", "2321000016", ["customer"], "region"),
    (CLINIC, "Kliniken AB", "5555555555", ["customer"], "private_provider"),
    (AGENT, "Journalbolaget AB", "5560000001", ["agent", "customer"], "supplier"),
    (INERA, "Inera AB", "5565594230", ["inera"], None),
)
PEOPLE = (
    (ANNA, "Anna Berg", "sv", [(REGION, "orderer")]),
    (BO, "Bo Ek", "sv", [(REGION, "attestant")]),
    (CECILIA, "Cecilia Dahl", "en", [(REGION, "attestant"), (REGION, "orderer")]),
    (DAVID, "David Frid", "sv", [(CLINIC, "orderer"), (CLINIC, "attestant")]),
    (HELENA, "Helena Gran", "sv", [(AGENT, "agent_handler")]),
    (AMIR, "Amir Haddad", "sv", [(AGENT, "attestant")]),
    (ASTA, "Asta Ivarsson", "en", [(AGENT, "attestant"), (AGENT, "agent_handler")]),
    (KARIN, "Karin Jonsson", "sv", [(INERA, "customer_service")]),
    (KALLE, "Kalle Kvist", "sv", [(INERA, "customer_service")]),
    (ERIK, "Erik Lind", "sv", [(REGION, "attestant")]),
    (RUT, "Rut Moberg", "sv", [(REGION, "emergency_attestant")]),
    (ADA, "Ada Norén", "sv", [(REGION, "administrator")]),
    (SARA, "Sara Ohlin", "sv", [(REGION, "agreement_contact")]),
    (OLGA, "Olga Palm", "sv", [(AGENT, "orderer")]),
)
# Erik may attest for a thousand kronor: no order of this world costs so little.
LIMITS = {(ERIK, REGION, "attestant"): 100_000}
# Sara decides in Bo's place over Christmas.
CHRISTMAS, TWELFTH_NIGHT = datetime(2026, 12, 20, 23, 0, tzinfo=UTC), datetime(2027, 1, 6, 23, 0, tzinfo=UTC)
SUBSTITUTIONS = ((BO, SARA, REGION, "attestant", CHRISTMAS, TWELFTH_NIGHT),)
OFFERS = (
    (SITHS, "siths", "direct", "none", False, ["region", "private_provider"]),
    (NPO_AGENT, "npo", "via_agent", "required", True, ["region", "private_provider"]),
    (NPO_KONSUMENT, "npo", "direct", "information", True, ["region"]),
    (ASSIGNMENT, "siths", "agent_assignment", "none", False, ["supplier"]),
)


def slack_user(person: PersonId) -> str:
    """The Slack user id of a person in the seeded workspace."""
    return "U" + person.removeprefix("P-").upper().ljust(10, "0")


async def seeded(url: str) -> Database:
    """The empty database at a URL with the schema and the small world in it."""
    return await filled(url, small_world)


async def small_world(database: Database) -> None:
    """Insert the small world into a database that has the schema."""
    await database.write(seed)


def seed(connection: Connection) -> None:
    """Insert the small world."""
    connection.execute(insert(tables.organisations), [_organisation(*each) for each in ORGANISATIONS])
    for id_, name, *_ in ORGANISATIONS:
        write_words(connection, id_, name)
    connection.execute(insert(tables.persons), [_person(*each) for each in PEOPLE])
    connection.execute(insert(tables.role_assignments), [role for each in PEOPLE for role in _roles(*each)])
    connection.execute(insert(tables.substitutions), [substitution(*each) for each in SUBSTITUTIONS])
    connection.execute(insert(tables.identities), [identity(each[0]) for each in PEOPLE])
    connection.execute(insert(tables.services), [_service("siths", "SITHS"), _service("npo", "NPÖ")])
    connection.execute(insert(tables.offers), [_offer(*each) for each in OFFERS])
    connection.execute(insert(tables.price_items), list(_prices()))
    connection.execute(insert(tables.agreements), [_agreement(REGION, "kundavtal"), _agreement(AGENT, "agentavtal")])
    connection.execute(insert(tables.agreements), [_agreement(CLINIC, "kundavtal")])
    connection.execute(
        insert(tables.agent_assignments), {"agent_id": AGENT, "service_id": "npo", "valid_from": LONG_AGO}
    )


def _organisation(id_, name, number, kinds, category):
    return {
        "id": id_,
        "name": name,
        "org_number": number,
        "org_number_is_personal": False,
        "kinds": kinds,
        "category": category,
        "self_attest_allowed": False,
    }


def _person(id_, name, language, roles):
    email = f"{id_.removeprefix('P-')}@example.org"
    return {"id": id_, "name": name, "email": email, "language": language, "active": True}


def _roles(id_, name, language, roles):
    for organisation, role in roles:
        yield role_assignment(id_, organisation, role, LIMITS.get((id_, organisation, role)))


def role_assignment(person, organisation, role, limit_ore=None):
    """A row of `role_assignments`."""
    return {
        "person_id": person,
        "organisation_id": organisation,
        "role": role,
        "valid_from": LONG_AGO,
        "granted_by": "seed",
        "attest_limit_ore": limit_ore,
    }


def substitution(absent, substitute, organisation, role, start, end):
    """A row of `substitutions`."""
    return {
        "absent_id": absent,
        "substitute_id": substitute,
        "organisation_id": organisation,
        "role": role,
        "valid_from": start,
        "valid_to": end,
        "created_by": absent,
    }


def nobody_is_away(connection: Connection) -> None:
    """Where the real clock runs, who decides is not to depend on the season in which it does."""
    connection.execute(delete(tables.substitutions))


def note_reviews(connection: Connection) -> None:
    """What the register would have noted: cases are looked at when a substitution begins and when it ends."""
    notes = [{"organisation_id": each[2], "due_at": at} for each in SUBSTITUTIONS for at in each[4:]]
    connection.execute(insert(tables.reviews), notes)


def identity(person):
    """A row of `identities`: the person's confirmed Slack account."""
    return {
        "issuer": TEAM,
        "subject": slack_user(person),
        "person_id": person,
        "state": "confirmed",
        "at": LONG_AGO,
    }


def _service(code, name):
    return {"id": code, "name": {"sv": name, "en": name}, "handles_personal_data": True}


def _offer(id_, service, flow, agent_field, needs_units, categories):
    return {
        "id": id_,
        "service_id": service,
        "name": {"sv": f"{id_} på svenska", "en": f"{id_} in English"},
        "flow": flow,
        "agent_field": agent_field,
        "needs_units": needs_units,
        "categories": categories,
        "terms_url": "https://example.org/villkor",
        "template": {"sv": "Så här gör ni.", "en": "Do this."},
        "active": True,
    }


def _prices():
    for offer in (SITHS, NPO_AGENT, NPO_KONSUMENT):
        yield _price(offer, "customer", "startup", "order", 150_000)
        yield _price(offer, "customer", "recurring", "care_unit", 120_000)
    yield _price(NPO_AGENT, "agent", "recurring", "order", 50_000)
    yield _price(ASSIGNMENT, "customer", "startup", "order", 150_000)


def _price(offer, payer, kind, unit, amount):
    return {
        "offer_id": offer,
        "payer": payer,
        "kind": kind,
        "unit": unit,
        "amount_ore": amount,
        "period": "year",
        "valid_from": date(2024, 1, 1),
    }


def _agreement(organisation, kind):
    return {"organisation_id": organisation, "type": kind, "valid_from": LONG_AGO}


def organisation(row):
    """An organisation of the small world as the core knows it."""
    id_, name, number, kinds, category = row
    kinds = frozenset(map(OrganisationKind, kinds))
    return Organisation(id_, name, number, False, kinds, category and CustomerCategory(category))


def terms(offer):
    """An offer of the small world as the core knows it."""
    _, service, flow, agent_field, needs_units, categories = next(each for each in OFFERS if each[0] == offer)
    prices = (each for each in _prices() if each["offer_id"] == offer)
    return OfferTerms(
        id=offer,
        service=service,
        flow=Flow(flow),
        agent_field=AgentField(agent_field),
        needs_units=needs_units,
        categories=tuple(map(CustomerCategory, categories)),
        name={Language.SV: f"{offer} på svenska", Language.EN: f"{offer} in English"},
        terms_url="https://example.org/villkor",
        prices=tuple(
            Price(
                Payer(each["payer"]),
                PriceKind(each["kind"]),
                PriceUnit(each["unit"]),
                each["amount_ore"],
                Period(each["period"]),
                each["valid_from"],
            )
            for each in prices
        ),
    )
