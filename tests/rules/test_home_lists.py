"""The lists on the home tab: a row says on one line what one decides by, to each side what it may know."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.views.home import home
from bot.views.home.inbox import page_metadata, page_shown
from core.api import (
    Action,
    CaseList,
    Flow,
    InboxQuery,
    Language,
    ListedCase,
    Part,
    Side,
    Sorting,
    Unit,
)
from core.ports.inbox import PAGE_SIZE
from notifications.render.button_values import Pointer
from notifications.render.surfaces import block_kit
from tests.support.drawn.drawings import home_facts, nodes
from tests.support.drawn.reading import as_read
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import a_page
from tests.support.world import builders
from tests.support.world.builders import after

HOMES = dict(home_facts())


def listed(items, language=Language.SV, listed_in=CaseList.WAITING, **more):
    page = a_page(items, listed_in, **more)
    return as_read(home.build(home.HomeFacts("test", "Anna Ek", inbox=page, at=builders.AT + timedelta(5)), language))


def test_an_order_that_has_ended_waits_for_nothing_since():
    ended = ListedCase(builders.view(after(Action.REJECT)), Part.ORDERER)

    assert "Avslagen 12\u00a0mars\u00a02026 (Visa)" in listed([ended], listed_in=CaseList.ORDERED)


@pytest.mark.parametrize("language", Language)
def test_whoever_ordered_reads_in_the_row_that_it_is_asked_whether_to_keep_and_who_may_decide_it_does_not(language):
    kept, asked = (builders.view(each) for each in (builders.unanswered(after()), after(Action.REQUEST_COMPLETION)))
    said = {Language.SV: "behålla eller ta tillbaka?", Language.EN: "keep or withdraw?"}[language]
    parts = (Part.ORDERER, Part.CUSTOMER_ATTESTANT)

    rows = [listed([ListedCase(kept, part)], language) for part in parts]

    assert [said in row for row in (*rows, listed([ListedCase(asked, Part.ORDERER)], language))] == [True, False, False]
    # In the list of what one has ordered it stands where it is.
    assert said not in listed([ListedCase(kept, Part.ORDERER)], language, listed_in=CaseList.ORDERED)


def ordered_via_agent(side, part):
    return ListedCase(builders.view(after(flow=Flow.VIA_AGENT), side), part)


def test_each_side_reads_in_a_row_what_it_may_know_and_no_more():
    customer, agent, inera = (
        listed([ordered_via_agent(side, part)])
        for side, part in (
            (Side.CUSTOMER, Part.ORDERER),
            (Side.AGENT, Part.AGENT_HANDLER),
            (Side.INERA, Part.CUSTOMER_SERVICE),
        )
    )

    assert "Nationell patientöversikt · 37\xa0000\xa0kr · 3\xa0enheter" in customer
    assert "Anna Ek · 3\xa0dagar (Visa)" in customer
    assert "beställare, Region Exempel · 3\xa0dagar (Visa)" in agent
    assert "37\xa0000\xa0kr" not in agent
    assert "Anna Ek" not in agent.partition("väntar på dig\n")[2]
    assert "40\xa0000\xa0kr" in inera
    assert "Anna Ek, Region Exempel" in inera


def test_a_row_counts_the_units():
    one, three = (
        listed([ListedCase(replace(HOMES["one of each"].inbox.rows[0].view, units=units), Part.CUSTOMER_ATTESTANT)])
        for units in ((Unit("Ekbacken"),), (Unit("A"), Unit("B"), Unit("C")))
    )

    assert "· 1\xa0enhet ·" in one
    assert "· 3\xa0enheter ·" in three


@pytest.mark.parametrize(
    ("count", "said"), [(0, "# Väntar på"), (1, "# 1 väntar"), (99, "# 99 väntar"), (100, "# 99+ väntar")]
)
def test_the_headline_has_the_true_count_and_above_99_says_that_there_are_more(count, said):
    assert said in listed(HOMES["five hundred"].inbox.rows[:1], count=count)


def menus(page):
    made = as_sent(home.build(home.HomeFacts("test", "Anna Ek", inbox=page), Language.SV))
    return {node["action_id"]: node for node in nodes(made) if str(node.get("type")).endswith("_select")}


def test_a_short_list_has_nothing_to_narrow_it_by_and_a_long_one_has():
    items = HOMES["five hundred"].inbox.rows

    short, long = menus(a_page(items[:5])), menus(a_page(items[:6]))

    assert list(short) == ["kp.list", "kp.language"]
    assert long["kp.list.organisation"]["placeholder"]["text"] == "Alla kunder"
    assert long["kp.list.service"]["placeholder"]["text"] == "Alla tjänster"
    assert long["kp.list.sorting"]["initial_option"]["text"]["text"] == "Längst väntetid först"


def test_a_list_that_is_narrowed_says_to_what_and_can_be_widened_however_few_there_are():
    page = a_page([], organisation="Region Exempel")
    page = replace(page, query=replace(page.query, organisation=builders.CUSTOMER))

    text = as_read(home.build(home.HomeFacts("test", "Anna Ek", inbox=page), Language.SV))

    assert menus(page)["kp.list.organisation"]["initial_option"]["text"]["text"] == "Region Exempel"
    assert "Inget i listan stämmer med ditt urval." in text


def test_customer_service_reads_how_many_stand_in_each_of_its_lists():
    text = listed([], counts={CaseList.UNCLAIMED: 100, CaseList.MINE: 0})

    assert "Inte tagna (99+)" in text
    assert "Dina ärenden (0)" in text


@pytest.mark.parametrize(
    ("page", "turning", "said"),
    [
        (0, ["kp.list.next"], "Visar 1–20 av 35"),
        (1, ["kp.list.previous"], "Visar 21–35 av 35"),
    ],
)
def test_pages_are_turned_both_ways_and_say_where_they_are(page, turning, said):
    items = HOMES["one of each"].inbox.rows * 35
    facts = home.HomeFacts("test", "Anna Ek", inbox=a_page(items, page=page))

    made = as_sent(home.build(facts, Language.SV))

    assert [node["action_id"] for node in nodes(made) if str(node.get("action_id")).startswith("kp.list.")][
        -1:
    ] == turning
    assert said in as_read(home.build(facts, Language.SV))


@pytest.mark.parametrize("language", Language)
def test_the_fullest_tab_is_far_from_what_slack_takes(language):
    facts = HOMES["everything there is"]
    made = block_kit.home(home.build(facts, language), facts.metadata)

    assert len(facts.inbox.rows) == PAGE_SIZE
    assert len(made["blocks"]) <= 90
    assert len(json.dumps(made).encode()) < 60_000
    assert len(made["private_metadata"]) < 3_000


def test_a_page_is_read_back_from_the_tab_that_showed_it():
    query = InboxQuery(CaseList.ORGANISATION, Sorting.AMOUNT, 7, builders.CUSTOMER, "npö|\n")

    assert page_shown(page_metadata(Pointer("test"), query)) == query
    assert [page_shown(said) for said in ("", "x", "test||||\n[1]", "test\n{}")] == [InboxQuery()] * 4


def test_nothing_is_decided_at_a_row():
    for facts in HOMES.values():
        made = as_sent(home.build(facts, Language.SV))
        acts = {node["action_id"] for node in nodes(made) if node.get("type") in {"button", "overflow"}}
        assert not {f"kp.{action}" for action in Action} & acts
        assert "kp.more" not in acts
