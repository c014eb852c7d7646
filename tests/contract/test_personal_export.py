"""What is stored about a person is found wherever it stands, and nothing that is another's comes along."""

import json
import re

import pytest
from sqlalchemy import Connection, insert, select, update

from core.api import Action, Applications, Contact, Language, new_id
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.retention.personal_export import HISTORY, ORDERS, SECTIONS, export_address, export_person, find_person
from notifications.mail.port import MAIL
from notifications.slack.pacing import APPLIED_TO, bucket_applied, buckets_to
from tests.contract.archive import Archive
from tests.contract.office import open_office
from tests.support.world.applicants import ADMIN, wish
from tests.support.world.seed import AGENT, ANNA, BO, CECILIA, KARIN, REGION, TEAM

PLANTA, NAME, EMAIL = "P-planta", "Planta Plantén", "planta@example.org"
BY_COLUMN = {section.table.name: (*section.columns, *section.addresses) for section in (*SECTIONS, ORDERS, HISTORY)}
# Tables that name people in another way than by a column, and those that name nobody. A new table goes into one of the
# three, or this suite fails.
IN_ANOTHER_WAY = {"organisations", "paces", "documents"}
OF_NOBODY = {"schema_support", 
    "services", "offers", "price_items", "agreements", "agent_assignments", "case_units", "case_words", "reviews",
    "workspaces",
    # A file is opened by nobody here: whom it names is not known.
    "attachments",
    "seals", "checkpoints", "seal_heads", "history_purges", "invoice_references", "organisation_words", "connections",
    "role_channels",
    "weekly_reports", "report_pictures",
}  # fmt: skip
PERSONAL = re.compile(r"person|orderer|attestant|claimed_by|_by$|absent|substitute|email")


@pytest.fixture
async def archive(database_url: str):
    """An office with a row in every table that names people."""
    office = await open_office(database_url)
    made = Archive(office)
    case = await office.place(comment="Ring Bo")
    await office.relay.drain()
    await office.press(case, BO, Action.REJECT, reason="Nej")
    await office.database.write(_more)
    yield made
    await office.database.close()


def _more(connection: Connection) -> None:
    at = {"valid_from": tables.EPOCH, "valid_to": tables.EPOCH}
    people = {"absent_id": BO, "substitute_id": CECILIA, "created_by": KARIN}
    away = people | at | {"organisation_id": REGION, "role": "attestant"}
    connection.execute(insert(tables.substitutions), away)
    key = {
        "id": "K1",
        "hash": "secret-hash",
        "person_id": BO,
        "organisation_id": REGION,
        "label": "",
        "created_at": tables.EPOCH,
    }
    connection.execute(insert(tables.api_keys), key)
    (case,) = connection.execute(select(tables.cases.c.id)).scalars()
    link = {"id": "L1", "hash": "secret-hash", "purpose": "decide", "case_id": case, "person_id": BO}
    when = {"email": "bo@example.org", "created_at": tables.EPOCH, "expires_at": tables.EPOCH}
    connection.execute(insert(tables.personal_links), link | when)
    proof = {
        "id": "eid:E-1", "attempt": "digest", "person_id": BO, "case_id": case, "step": 1, "content_version": 1,
        "action": "attest", "method": "eid", "begun_at": tables.EPOCH, "expires_at": tables.EPOCH,
    }  # fmt: skip
    connection.execute(insert(tables.proofs), proof)
    hashes = {"link_hash": "secret-link", "code_hash": "secret-code", "browser_hash": "secret-browser"}
    times = {"began_at": tables.EPOCH, "expires_at": tables.EPOCH}
    connection.execute(insert(tables.sign_ins), {"id": "I1", "person_id": BO} | hashes | times)
    session = {"id": "S1", "hash": "secret-hash", "person_id": BO, "assurance": "mail_link", "browser": "Firefox"}
    connection.execute(insert(tables.sessions), session | times | {"used_at": tables.EPOCH})
    mine = {"organisation_id": REGION, "person_id": BO, "created_at": tables.EPOCH, "expires_at": tables.EPOCH}
    connection.execute(insert(tables.install_links), {"id": "I1", "hash": "secret-hash"} | mine)
    connection.execute(insert(tables.submissions), {"key": f"{BO}/V1", "person_id": BO, "at": tables.EPOCH})
    signature = {"case_id": case, "person_id": BO, "document_hash": "hash", "method": "link_confirm"}
    connection.execute(insert(tables.signatures), signature | {"signed_at": tables.EPOCH})
    connection.execute(insert(tables.persons), {"id": PLANTA, "name": NAME, "email": EMAIL, "language": Language.SV})


def copied(connection: Connection, table, **changes) -> None:
    """One more row of a table, the same but for this; a number of its own is the database's to give."""
    row = dict(connection.execute(select(table)).mappings().first())
    if isinstance(row.get("id"), int):
        del row["id"]
    elif "id" in row:
        row["id"] = new_id("C")
    if "browser_hash" in row:
        row["browser_hash"] = new_id("C")
    connection.execute(insert(table), row | changes)


# What else tells a row apart from the one it is copied from.
APART = {
    "identities": "subject",
    "history": "case_id",
    "cards": "id",
    "api_keys": "hash",
    "personal_links": "hash",
    "proofs": "attempt",
    "submissions": "key",
    "sign_ins": "link_hash",
    "sessions": "hash",
    "install_links": "hash",
}


def plant(connection: Connection) -> dict[str, int]:
    """Name the person once by every column there is; how many rows each section must find."""
    found = {}
    for section in (*SECTIONS, ORDERS, HISTORY):
        if section.table is tables.persons:
            continue
        for column in section.columns:
            apart = {APART[section.table.name]: new_id("C")} if section.table.name in APART else {}
            copied(connection, section.table, **apart | {column: PLANTA})
        for column in section.addresses:
            apart = {APART[section.table.name]: new_id("C")}
            copied(connection, section.table, **apart | {"person_id": None, column: EMAIL})
        found[section.name] = len(section.columns) + len(section.addresses)
    return found


async def exported(archive: Archive, person=PLANTA):
    return await export_person(archive.office.database, person, buckets_to)


def test_every_table_is_exported_or_known_to_name_nobody() -> None:
    groups = [set(BY_COLUMN), IN_ANOTHER_WAY, OF_NOBODY]

    assert set().union(*groups) == set(tables.metadata.tables)
    assert sum(map(len, groups)) == len(tables.metadata.tables)


def test_every_column_that_names_a_person_is_one_that_the_export_looks_at() -> None:
    by_key = {
        (table.name, column.name)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if any(key.column.table is tables.persons for key in column.foreign_keys)
    }
    by_name = {
        (table.name, column.name)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if PERSONAL.search(column.name) and column.name not in {"org_number_is_personal", "handles_personal_data"}
    }
    looked_at = {(table, column) for table, columns in BY_COLUMN.items() for column in columns}

    assert by_key <= looked_at
    assert by_name - {("persons", "email"), ("organisations", "self_attest_allowed")} <= looked_at


async def test_a_person_is_found_in_every_table_that_names_one(archive: Archive) -> None:
    expected = await archive.office.database.write(plant)
    found = await exported(archive)

    assert {name: len(found[name]) for name in expected} == expected
    assert found["person"] == [
        {
            "id": PLANTA, "name": NAME, "email": EMAIL, "language": "sv", "active": True, "left_at": None,
            "last_order_at": None, "pseudonymised_at": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "said", "told"),
    [
        ("decisions", {"person": PLANTA}, "decisions"),
        ("decisions", {"absent": PLANTA}, "decisions"),
        ("decisions", {"to": PLANTA}, "decisions"),
        ("progress", {"asked": [[PLANTA, "attestant", None, None]]}, "progress"),
        ("progress", {"recused": [PLANTA]}, "progress"),
        ("progress", {"hold": "Vi väntar på PLANTA PLANTÉN."}, "written_about"),
        ("content", {"technical_contact": f"Nå {EMAIL}"}, "written_about"),
        ("content", {"technical_contact": {"name": "P", "email": EMAIL, "phone": "+46701740605"}}, "technical_contact"),
    ],
)
async def test_a_person_is_found_inside_an_order(archive: Archive, column: str, said, told: str) -> None:
    (case,) = await archive.rows(tables.cases)
    stored = json.loads(getattr(case, column))
    stored = [stored[0] | said, *stored[1:]] if isinstance(stored, list) else stored | said
    await archive.office.change(tables.cases, tables.cases.c.id == case.id, **{column: json.dumps(stored)})
    (order,) = (await exported(archive))["orders"]

    assert order["id"] == case.id
    assert [name for name, value in order.items() if value and name not in {"id", "state", "created_at"}] == [told]


@pytest.mark.parametrize("key", ["absent", "to"])
async def test_a_person_is_found_inside_a_row_of_history(archive: Archive, key: str) -> None:
    line = {"evidence": json.dumps({key: PLANTA}), "case_id": "B-X"}
    await archive.office.database.write(lambda connection: copied(connection, tables.history, **line))

    assert [each["evidence"] for each in (await exported(archive))["history"]] == [{key: PLANTA}]


async def test_a_person_is_found_in_an_organisations_tiers_and_by_the_accounts_pace(archive: Archive) -> None:
    tiers = [{"from_ore": 0, "attests": 2, "sequence": [PLANTA, BO]}]
    own = {f"{TEAM} UPLANTA", f"mail {EMAIL}", bucket_applied(TEAM, APPLIED_TO, "UPLANTA")}

    def work(connection: Connection) -> None:
        connection.execute(update(tables.organisations).where(tables.organisations.c.id == REGION).values(tiers=tiers))
        copied(connection, tables.identities, person_id=PLANTA, subject="UPLANTA")
        for bucket in (*own, bucket_applied(TEAM, APPLIED_TO, "UBO"), "mail bo@example.org"):
            connection.execute(insert(tables.paces), {"bucket": bucket, "full_at": tables.EPOCH})

    await archive.office.database.write(work)
    found = await exported(archive)

    assert found["attest_tiers"] == [{"organisation_id": REGION}]
    assert {each["bucket"] for each in found["paces"]} == own


async def test_a_person_is_found_in_an_agreement_which_is_told_without_what_it_says_of_others(archive: Archive) -> None:
    (case,) = await archive.rows(tables.cases)
    texts = {"1" * 64: f"# Kundavtal\n\n- {NAME}\n\n- Bo Ek\n", "2" * 64: "# Kundavtal\n\n- Bo Ek\n"}
    rows = [{"hash": key, "case_id": case.id, "version": "kundavtal-1", "text": text} for key, text in texts.items()]

    await archive.office.database.write(lambda connection: connection.execute(insert(tables.documents), rows))

    told = {"hash": "1" * 64, "case_id": case.id, "version": "kundavtal-1"}
    assert (await exported(archive))["documents"] == [told]


async def applied(archive: Archive, **changes):
    """An organisation applies; whom its application names besides Alva is in the changes."""
    links = SqlPersonalLinks(archive.office.database, "secret")
    return await Applications(archive.office.orders.engine, links).apply(wish(**changes))


@pytest.mark.parametrize("part", ["administrator", "signatories", "agreement_contact"])
@pytest.mark.parametrize("known_by", ["address", "id"])
async def test_a_person_whom_an_application_names_is_told_as_what(archive: Archive, part: str, known_by: str) -> None:
    contact = Contact("P. Plantén", EMAIL if known_by == "address" else "an-old@example.org")
    case = await applied(archive, **{part: (contact,) if part == "signatories" else contact, "signatures_needed": 1})
    if known_by == "id":
        (row,) = await archive.rows(tables.cases, tables.cases.c.id == case.id)
        content = json.loads(row.content)
        (content[part][0] if part == "signatories" else content[part])["person"] = PLANTA
        await archive.office.change(tables.cases, tables.cases.c.id == case.id, content=json.dumps(content))
    found = await exported(archive)
    (application,) = found["applications"]

    person = None if known_by == "address" else PLANTA
    told = {"as": part, "organisation": "Bygdens region", "name": contact.name, "email": contact.email}
    assert application["named"] == [told | {"person": person}]
    assert application["id"] == case.id
    others = {"alva@", "frej@", "signe@", "kim@", "Alva", "Frej", "Signe", "Kim"}
    assert [other for other in others if other in json.dumps(found, ensure_ascii=False)] == []


async def test_customer_service_is_told_which_applications_it_took(archive: Archive) -> None:
    case = await applied(archive)
    await archive.office.press(case, KARIN, Action.CLAIM)
    (application,) = (await exported(archive, KARIN))["applications"]

    assert (application["id"], application["claimed"], application["named"]) == (case.id, True, [])


async def test_an_address_that_only_an_application_knows_is_exported(archive: Archive) -> None:
    case = await applied(archive)
    buckets = [bucket_applied(MAIL, APPLIED_TO, email) for email in (ADMIN.email, "bo@example.org")]
    rows = [{"bucket": bucket, "full_at": tables.EPOCH} for bucket in buckets]
    await archive.office.database.write(lambda connection: connection.execute(insert(tables.paces), rows))
    found = await export_address(archive.office.database, "Alva@Bygden.example", buckets_to)

    assert [(each["id"], len(each["named"])) for each in found["applications"]] == [(case.id, 1)]
    assert {each["email"] for each in found["messages"]} == {ADMIN.email}
    assert [each["bucket"] for each in found["paces"]] == buckets[:1]
    assert {name for name, lines in found.items() if lines} == {"applications", "messages", "paces"}


async def test_an_orderer_gets_the_whole_order_and_nothing_that_others_wrote(archive: Archive) -> None:
    anna = await exported(archive, ANNA)
    (order,) = anna["orders"]
    text = json.dumps(anna, ensure_ascii=False)

    assert order["ordered"]["comment"] == "Ring Bo"
    assert [each["action"] for each in anna["history"]] == ["submit"]
    assert [each for each in ("Nej", "Bo Ek", "bo@example.org", "secret-hash") if each in text] == []


THIRD = {"name": "Tor Tekniker", "email": "tor@example.org", "phone": "+46701740699"}


async def test_an_orderer_is_told_nothing_of_whom_the_order_names_to_be_asked(archive: Archive) -> None:
    (case,) = await archive.rows(tables.cases)
    for contact in (THIRD, "Nå Tor på +46701740699"):
        content = json.dumps(json.loads(case.content) | {"technical_contact": contact})
        await archive.office.change(tables.cases, tables.cases.c.id == case.id, content=content)
        text = json.dumps(await exported(archive, ANNA), ensure_ascii=False)

        assert [each for each in ("Tor", "tor@", "46701740699") if each in text] == []


async def test_what_another_organisation_noted_within_itself_is_not_told(archive: Archive) -> None:
    (case,) = await archive.rows(tables.cases)
    first, *later = json.loads(case.decisions)
    note = {"person": "P-amir", "organisation": AGENT, "to": ANNA, "texts": ["Nej", "Anna Berg är sen", ""]}
    decisions = json.dumps([first, *later, first | note])
    await archive.office.change(tables.cases, tables.cases.c.id == case.id, decisions=decisions)
    (order,) = (await exported(archive, ANNA))["orders"]

    assert [each["texts"] for each in order["decisions"] if each["person"] == "P-amir"] == [["Nej", "", ""]]
    assert "är sen" not in json.dumps(order, ensure_ascii=False)


async def test_a_key_is_told_without_what_opens_it(archive: Archive) -> None:
    (key,) = (await exported(archive, BO))["api_keys"]

    assert (key["id"], "hash" in key) == ("K1", False)


async def test_nothing_is_told_of_a_person_who_has_nothing_to_do_with_it(archive: Archive) -> None:
    found = await exported(archive)

    assert [name for name, lines in found.items() if lines] == ["person"]


@pytest.mark.parametrize("named", [PLANTA, EMAIL, "Planta@Example.ORG"])
async def test_a_person_is_known_by_id_and_by_address(archive: Archive, named: str) -> None:
    assert await archive.office.database.read(lambda connection: find_person(connection, named)) == PLANTA


async def test_how_far_it_has_come_is_told(archive: Archive) -> None:
    told = []
    await export_person(archive.office.database, PLANTA, buckets_to, lambda *each: told.append(each))

    assert told[-1] == (3, 3)
