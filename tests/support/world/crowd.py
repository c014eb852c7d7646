"""Rows by the hundred thousand on PostgreSQL: organisations, ten people in each, their roles, agreements and orders."""

from sqlalchemy import Connection, text

from core.api import CaseId
from core.storage import tables
from tests.support.world import seed

PEOPLE = 10
ROLES = ("administrator", "orderer", "orderer", "attestant", "attestant", "emergency_attestant")


def fill(connection: Connection, organisations: int, template: CaseId) -> None:
    """Organisations with everything that one has; each has an order like the template, which waits to be attested."""
    values = {"organisations": organisations, "people": organisations * PEOPLE, "team": seed.TEAM, "case": template}
    # What is made here fits together; looking after each of a million references would only take its time.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in (*STATEMENTS, _copied("cases", CASE), _copied("case_units", UNIT)):
        connection.execute(text(statement), _named(statement, values))


def _named(statement: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


# A role for each of the first people of an organisation; the others are contacts.
ROLE = " ".join(f"WHEN {number} THEN '{role}'" for number, role in enumerate(ROLES))
STATEMENTS = (
    """INSERT INTO organisations (id, name, org_number, org_number_is_personal, kinds, category)
       SELECT 'X' || n, 'Kommunen ' || n || ' i skaran', '9' || lpad(n::text, 9, '0'), false, '["customer"]', 'region'
       FROM generate_series(1, :organisations) n""",
    """INSERT INTO organisation_words (word, organisation_id)
       SELECT word, 'X' || n
       FROM generate_series(1, :organisations) n, unnest(ARRAY['kommunen', n::text, 'i', 'skaran']) word""",
    """INSERT INTO case_words (word, case_id)
       SELECT word, 'B-X' || n
       FROM generate_series(1, :organisations) n, unnest(ARRAY['vårdcentralen', 'eken' || n]) word""",
    """INSERT INTO persons (id, name, email, language)
       SELECT 'Y' || n, 'Person ' || n, 'person.' || n || '@skaran.example', 'sv' FROM generate_series(1, :people) n""",
    f"""INSERT INTO role_assignments (person_id, organisation_id, role, valid_from, granted_by)
       SELECT 'Y' || n, 'X' || ((n - 1) / {PEOPLE} + 1), CASE (n - 1) % {PEOPLE} {ROLE} ELSE 'agreement_contact' END,
         0, 'crowd' FROM generate_series(1, :people) n""",  # noqa: S608 - constants
    """INSERT INTO identities (issuer, subject, person_id, state, at)
       SELECT :team, 'UCROWD' || n, 'Y' || n, 'confirmed', 0 FROM generate_series(1, :people) n""",
    """INSERT INTO agreements (organisation_id, type, valid_from)
       SELECT 'X' || n, 'kundavtal', 0 FROM generate_series(1, :organisations) n""",
    f"""INSERT INTO substitutions (absent_id, substitute_id, organisation_id, role, valid_from, valid_to, created_by)
       SELECT 'Y' || ((n - 1) * {PEOPLE} + 4), 'Y' || ((n - 1) * {PEOPLE} + 5), 'X' || n, 'attestant', 0,
         9000000000000000, 'crowd' FROM generate_series(1, :organisations) n""",  # noqa: S608 - constants
    """INSERT INTO invoice_references (organisation_id, service_id, reference)
       SELECT 'X' || n, 'npo', 'REF' || n FROM generate_series(1, :organisations) n""",
    """INSERT INTO connections (organisation_id, service_id, offer_id, unit_key, valid_from, case_id)
       SELECT 'X' || n, offers.service_id, offers.id, 'enheten', 0, 'B-X' || n
       FROM generate_series(1, :organisations) n, cases JOIN offers ON offers.id = cases.offer_id
       WHERE cases.id = :case""",
)
CASE = {"id": "'B-X' || n", "customer_id": "'X' || n", "orderer_id": f"'Y' || ((n - 1) * {PEOPLE} + 2)"}
UNIT = {"case_id": "'B-X' || n", "customer_id": "'X' || n"}


def _copied(table: str, changed: dict[str, str]) -> str:
    columns = [column.name for column in tables.metadata.tables[table].columns]
    key = "id" if table == "cases" else "case_id"
    said = ", ".join(changed.get(name, f"template.{name}") for name in columns)
    return f"""INSERT INTO {table} ({", ".join(columns)})
       SELECT {said} FROM {table} template, generate_series(1, :organisations) n WHERE template.{key} = :case"""  # noqa: S608
