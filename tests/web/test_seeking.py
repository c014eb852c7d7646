"""Menus that hold more than a page lists are sought in by what people type, without scripts."""

from functools import partial

import pytest
from sqlalchemy import insert, select

from core.api import OfferId
from core.storage import tables
from core.storage.reads.organisation_search import write_words
from tests.support.world import many
from tests.support.world.seed import ANNA, BO, KARIN, SITHS
from tests.web.test_work import does, ordered
from tests.web.working import working

MANY = 130


@pytest.fixture
async def work(fresh_sqlite_url):
    async with working(fresh_sqlite_url) as made:
        yield made


def many_organisations(connection):
    for number in range(MANY):
        name = f"Avdelning {number:03}"
        values = {"id": f"O-many-{number}", "name": name, "org_number": f"77700{number:05}", "kinds": ["customer"]}
        more = {"org_number_is_personal": False, "category": "region", "self_attest_allowed": False}
        connection.execute(insert(tables.organisations).values(**values, **more))
        write_words(connection, values["id"], name)


def many_offers(connection):
    offers, prices = tables.offers, tables.price_items
    offer = dict(connection.execute(select(offers).where(offers.c.id == SITHS)).mappings().one())
    price = dict(connection.execute(select(prices).where(prices.c.offer_id == SITHS)).mappings().first())
    price = {name: value for name, value in price.items() if name != "id"}
    for number in range(MANY):
        id_, name = OfferId(f"many-{number}"), f"Anslutning {number:03}"
        connection.execute(insert(offers).values(**offer | {"id": id_, "name": {"sv": name, "en": name}}))
        connection.execute(insert(prices).values(**price | {"offer_id": id_}))


async def test_customer_service_finds_an_organisation_that_no_list_has_room_for(work):
    await work.database.write(many_organisations)

    async with work(KARIN) as desk:
        await (await desk.open()).follow("Välj organisation")
        listed = desk.choices("_value")
        assert "Region Exempel (232100-0016)" not in listed
        await desk.press("Sök", **{"_seek.kp.organisation.choose": "exemp"})

        assert list(desk.choices("_value")) == ["Region Exempel (232100-0016)"]
        await desk.press("Visa Välj")
        assert "Region Exempel" in desk.text
        assert "Personer och roller" in desk.page.links


async def test_who_seeks_in_a_form_keeps_what_was_typed_and_orders_what_was_found(work):
    await work.database.write(many_offers)

    async with work(ANNA) as desk:
        await (await desk.open()).follow("Ny beställning")
        offer = desk.name_of("offer")
        assert not any("Anslutning 117" in each for each in desk.choices(offer))
        await desk.press(desk.saying("Sök"), **{"_seek.kp.offers": "anslutning 117", "invoice_ref": "REF-9"})

        (found,) = [value for said, value in desk.choices(offer).items() if "Anslutning 117" in said]
        await desk.update(**{offer: found})
        assert desk.page.forms[0].fields["_seek.kp.offers"] == "anslutning 117"
        await desk.send(units="Norr", invoice_ref="REF-9", terms_accepted="1")
        assert desk.posted == 303, desk.text


async def test_a_list_that_has_room_for_everything_has_nothing_to_seek_by(work):
    async with work(ANNA) as desk:
        await (await desk.open()).follow("Ny beställning")

    assert not any(name.startswith("_seek.") for form in desk.page.forms for name in form.fields)


def an_order_of_each(connection, case):
    """As many orders as there are organisations, one of each, like one that is there."""
    many_organisations(connection)
    copies = many.copies(many.rows_of(connection, case), MANY)
    for number, each in enumerate(copies):
        each["cases"][0]["customer_id"] = f"O-many-{number}"
    many.add(connection, copies)


async def test_a_menu_that_lists_no_more_than_its_beginning_says_so_and_finds_the_others(work):
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)
    await work.database.write(partial(an_order_of_each, case=case))

    async with work(KARIN) as desk:
        await desk.open("/arbete?list=unclaimed")
        assert "Menyn visar de 100 första. Sök för att hitta fler." in desk.text
        assert ">Avdelning 129</option>" not in desk.html
        await desk.press("Sök", **{"_seek.kp.list.organisation": "avdelning 129"})

        assert ">Avdelning 129</option>" in desk.html
        assert "Menyn visar" not in desk.text
        # What was sought is not folded away.
        assert "<details open>" in desk.html
