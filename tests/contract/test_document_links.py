"""Who reads the document of an agreement, by a link made for them: it is theirs alone, and for a day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from core.api import DocumentLinks, Part, Person, Purpose, new_id
from core.shared.errors import DocumentChanged, LinkExpired, LinkUnknown, NoDocument, NoRole, PersonInactive
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.retention.purging_people import NamePurge
from tests.support.world.applicants import ADMIN, CONTACT, FIRST, SECOND, open_hall
from tests.support.world.seed import ANNA, BO, KARIN, role_assignment


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def documents(hall):
    registrar = SqlRegistrar(hall.database, new_id)
    return DocumentLinks(registrar, hall.links, hall.clock, new_id)


@pytest.fixture
async def signed(hall):
    return await hall.become_customer()


def person(case, contact) -> Person:
    named = next(each for each in case.application.contacts if each.email == contact.email)
    return Person(named.person, named.name, named.email)


def somebody(id_) -> Person:
    return Person(id_, "", f"{id_}@example.org")


@pytest.mark.parametrize("reader", [ADMIN, CONTACT, FIRST])
async def test_whom_an_agreement_concerns_reads_it_as_it_was_signed(hall, documents, signed, reader) -> None:
    token, until = await documents.make(person(signed, reader), signed.application.document.hash)

    read = [await documents.read(token) for _ in range(2)]

    assert read[0] == read[1]
    [stored] = await hall.rows(tables.documents, case_id=signed.id)
    assert (read[0].text, read[0].hash, read[0].case) == (stored["text"], stored["hash"], signed.id)
    assert (read[0].organisation_name, read[0].since) == ("Bygdens region", hall.clock())
    assert [(each.name, each.method) for each in read[0].signatures] == [
        (FIRST.name, "link_confirm"), (SECOND.name, "link_confirm")
    ]  # fmt: skip
    assert until - hall.clock() == timedelta(days=1)


async def test_an_agreement_that_waits_to_be_signed_is_read_too_by_those_who_have_a_role(hall, documents) -> None:
    case = await hall.approve(await hall.apply())
    token, _ = await documents.make(somebody(KARIN), case.application.document.hash)

    read = await documents.read(token)

    assert (read.since, read.signatures) == (None, ())
    with pytest.raises(NoRole):
        await documents.make(person(case, ADMIN), case.application.document.hash)


async def test_customer_service_reads_any(documents, signed) -> None:
    token, _ = await documents.make(somebody(KARIN), signed.application.document.hash)

    assert (await documents.read(token)).case == signed.id


@pytest.mark.parametrize("role", [None, "orderer", "attestant"])
async def test_nobody_else_gets_a_link(hall, documents, signed, role) -> None:
    if role:
        grant = role_assignment(BO, signed.customer, role)
        await hall.database.write(lambda c: c.execute(insert(tables.role_assignments), grant))

    with pytest.raises(NoRole) as refused:
        await documents.make(somebody(BO), signed.application.document.hash)

    organisation = signed.customer if role else None
    assert refused.value.facts == {"part": Part.CUSTOMER_ADMINISTRATOR, "organisation": organisation}
    assert await hall.rows(tables.personal_links, purpose=Purpose.READ) == []


async def test_a_role_that_has_ended_since_opens_nothing(hall, documents, signed) -> None:
    reader = person(signed, ADMIN)
    token, _ = await documents.make(reader, signed.application.document.hash)

    hall.clock.at += timedelta(hours=1)
    mine = update(tables.role_assignments).where(tables.role_assignments.c.person_id == reader.id)
    await hall.database.write(lambda c: c.execute(mine.values(valid_to=hall.clock())))

    with pytest.raises(NoRole):
        await documents.read(token)


async def test_whoever_has_left_reads_no_more(hall, documents, signed) -> None:
    reader = person(signed, ADMIN)
    token, _ = await documents.make(reader, signed.application.document.hash)

    await hall.database.write(lambda c: c.execute(update(tables.persons).values(active=False)))

    with pytest.raises(PersonInactive):
        await documents.read(token)


async def test_a_link_is_good_for_a_day_and_then_forgotten(hall, documents, signed) -> None:
    reader, hash_ = person(signed, ADMIN), signed.application.document.hash
    token, until = await documents.make(reader, hash_)
    hall.clock.at = until

    with pytest.raises(LinkExpired):
        await documents.read(token)
    await documents.make(reader, hash_)

    assert [row["created_at"] for row in await hall.rows(tables.personal_links, purpose=Purpose.READ)] == [until]


async def test_the_links_of_somebody_who_left_long_ago_go_with_the_name(hall, documents, signed) -> None:
    reader, later = person(signed, ADMIN), hall.clock() + timedelta(days=1000)
    await documents.make(reader, signed.application.document.hash)

    def leave(connection) -> int:
        connection.execute(delete(tables.cards))
        connection.execute(update(tables.persons).where(tables.persons.c.id == reader.id).values(active=False))
        NamePurge(lambda code: code).take(connection, later, hall.clock())
        return NamePurge(lambda code: code).take(connection, later, later)

    await hall.database.write(leave)

    [gone] = await hall.rows(tables.persons, id=reader.id)
    assert gone["pseudonymised_at"] is not None
    assert await hall.rows(tables.personal_links, email=reader.email) == []


async def test_a_link_for_something_else_opens_no_document(hall, documents, signed) -> None:
    with pytest.raises(LinkUnknown):
        await documents.read(await hall.link(signed, ADMIN, Purpose.FOLLOW))


async def test_a_document_that_is_not_what_it_was_is_not_shown(hall, documents, signed) -> None:
    reader, hash_ = person(signed, ADMIN), signed.application.document.hash
    await hall.database.write(lambda c: c.execute(update(tables.documents).values(text="Något annat")))

    with pytest.raises(DocumentChanged):
        await documents.make(reader, hash_)
    with pytest.raises(NoDocument):
        await documents.make(reader, "0" * 64)


@pytest.mark.parametrize("reader", [ADMIN, CONTACT, FIRST])
async def test_an_agreement_that_has_ended_is_read_by_the_same_people_once_another_is_signed(
    hall, documents, signed, reader
) -> None:
    token, _ = await documents.make(person(signed, reader), signed.application.document.hash)
    before = await documents.read(token)
    hall.clock.at += timedelta(hours=1)
    await hall.end_agreement(signed.customer)
    second = await hall.become_customer(key="second")

    kept, again = await documents.read(token), await documents.make(person(signed, reader), before.hash)

    assert kept == replace(before, ended=hall.clock())
    assert await documents.read(again[0]) == kept
    latest, _ = await documents.make(person(second, reader), second.application.document.hash)
    assert (await documents.read(latest)).case == second.id


async def test_of_two_agreements_each_has_its_own_document(hall, documents, signed) -> None:
    other = await hall.become_customer(key="other", org_number="559900-0006", organisation="Ett annat landsting")

    for case in (signed, other):
        token, _ = await documents.make(somebody(KARIN), case.application.document.hash)
        assert (await documents.read(token)).organisation == case.customer
    with pytest.raises(NoRole):
        await documents.make(somebody(ANNA), other.application.document.hash)
