"""The number of a sole trader is a person's own, and stands nowhere but with the operator of the register."""

import json
import logging

import pytest

from bot.views.home import home
from bot.views.orders.details import DetailsModal
from core.api import SIDE_OF, Action, CaseList, Language, ListedCase, Part
from core.storage import tables
from core.storage.retention.personal_export import export_person
from core.views.case_view import disclose
from notifications.slack.pacing import buckets_to
from tests.contract.archive import Archive
from tests.contract.office import open_office, via_agent
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import a_page
from tests.support.world.records import records
from tests.support.world.seed import AGENT, AMIR, ANNA, BO, HELENA, KARIN, REGION

NUMBERS = {REGION: "1212121212", AGENT: "8112289874"}
WRITTEN = [form for each in NUMBERS.values() for form in (each, f"{each[:6]}-{each[6:]}", f"{each[:6]}+{each[6:]}")]


@pytest.fixture
async def archive(database_url: str, caplog):
    """Customer and agent are sole traders, and an order goes all the way between them."""
    caplog.set_level(logging.DEBUG)
    office = await open_office(database_url)
    for organisation, number in NUMBERS.items():
        personal = {"org_number": number, "org_number_is_personal": True}
        await office.change(tables.organisations, tables.organisations.c.id == organisation, **personal)
    made = Archive(office)
    yield made
    await office.database.close()


async def whole_way(archive: Archive):
    """From the order to the agent's start, with everything that is shown on the way."""
    office, shown = archive.office, []

    async def look() -> None:
        await archive.drain()
        shown.extend(archive.shown())

    case = await office.place(**via_agent())
    await look()
    case = await office.press(case, HELENA, Action.APPROVE, certified=True)
    await look()
    case = await office.attest(case, AMIR)
    await look()
    case = await office.attest(case, BO)
    await look()
    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.INFORM_AGENT, message="Börja gärna.")
    await look()
    return case, shown


def leaked(text: object) -> list[str]:
    said = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, default=str)
    return [number for number in WRITTEN if number in said]


async def test_no_card_shows_it_at_any_step_nor_when_it_is_reduced(archive: Archive) -> None:
    _, shown = await whole_way(archive)
    await archive.after(days=31)

    assert len(shown) > 8
    assert leaked(shown + archive.shown()) == []


@pytest.mark.parametrize("language", Language)
async def test_no_details_and_no_home_tab_shows_it(archive: Archive, language: Language) -> None:
    case, _ = await whole_way(archive)
    dossiers = await records(archive.office.delivery.drawer.cases, [case.id])
    for part in SIDE_OF.keys() - {Part.APPLICANT, Part.SIGNATORY}:  # an order has neither
        view = disclose(dossiers[case.id], SIDE_OF[part])
        item = ListedCase(view, part)
        drawn = as_sent(
            home.build(
                home.HomeFacts("test", "Anna", inbox=a_page([item]), ordered=a_page([item], CaseList.ORDERED)), language
            )
        )
        assert leaked([as_sent(DetailsModal.build(view, language)), drawn]) == [], part
        assert {view.customer.org_number, view.agent and view.agent.org_number} == {None}


async def test_no_log_line_no_history_and_no_persons_export_holds_it(archive: Archive, caplog) -> None:
    await whole_way(archive)
    await archive.after(days=31)
    exports = [await export_person(archive.office.database, person, buckets_to) for person in (ANNA, BO, HELENA)]

    # What is asked of the database is not a line of ours.
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith(("sqlalchemy", "aiosqlite"))]
    assert leaked(ours) == []
    assert leaked(exports) == []
    assert [name for name, lines in (await archive.stored()).items() if leaked(lines)] == ["organisations"]
