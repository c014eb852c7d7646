"""Every page says who publishes it, and leads to two notices: on personal data, and on how accessible it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import httpx
import pytest
from fastapi import FastAPI

from bot.config.settings import load_settings
from bot.web import Pages, Publisher, Site
from bot.web.notices import NoticePages
from bot.web.publisher import LegalGround
from bot.wiring.pages import publisher_of
from core.api import RETENTION, Language, Personal, retention_with
from core.http import preferred, status_of
from notifications.texts import say
from tests.web.conftest import PlainWords, a_browser
from tests.web.test_deciding import SETTINGS

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
REGION = Publisher("Region Exempel <1>", reviewed=date(2026, 11, 30))


def visiting(publisher: Publisher = REGION, kept: Mapping[Personal, int] | None = None) -> httpx.AsyncClient:
    """A browser at the site of a publisher, who keeps some things for another time than usual."""
    app = FastAPI(openapi_url=None)
    pages = Pages(preferred, status_of, PlainWords(), publisher)
    Site(pages, NoticePages(pages, retention_with(kept or {})).routes()).answer_in(app)
    return a_browser(app)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("address", ["/", "/personuppgifter", "/tillganglighet", "/nowhere"])
async def test_every_page_says_who_answers_for_it_and_leads_to_both_notices(address: str, language: Language):
    page = (await visiting().get(f"{address}?lang={language}")).text

    assert say(language, "web.publisher", publisher="Region Exempel &lt;1&gt;") in page
    for notice in ("/personuppgifter", "/tillganglighet"):
        assert f'href="{notice}?lang={language}"' in page


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("policy", RETENTION, ids=lambda policy: policy.what)
async def test_the_notice_tells_of_each_period_as_the_operator_has_set_it(policy, language: Language):
    usual = (await visiting().get(f"/personuppgifter?lang={language}")).text
    longer = (await visiting(kept={policy.what: 97}).get(f"/personuppgifter?lang={language}")).text
    single = (await visiting(kept={policy.what: 1}).get(f"/personuppgifter?lang={language}")).text

    what = say(language, f"web.privacy.kept.{policy.what}")
    told = [page.partition(f"<dt>{what}</dt><dd>")[2].partition(" ")[0] for page in (usual, longer, single)]
    assert told == [str(policy.keep), "97", "1"]
    assert f"<dd>{say(language, f'web.privacy.for.{policy.measure}.one', count=1)} " in single


async def test_the_notice_names_the_controller_its_right_and_its_officer():
    region = replace(REGION, legal_ground=LegalGround.PUBLIC_TASK, data_protection="dso@example.se")

    of_region = (await visiting(region).get("/personuppgifter")).text
    of_inera = (await visiting(Publisher()).get("/personuppgifter")).text

    assert "Region Exempel &lt;1&gt; är personuppgiftsansvarig" in of_region
    assert ("6.1 e" in of_region, "6.1 f" in of_region) == (True, False)
    assert '<a href="mailto:dso@example.se">dso@example.se</a>' in of_region
    assert "Inera AB är personuppgiftsansvarig" in of_inera
    assert ("6.1 e" in of_inera, "6.1 f" in of_inera, "dataskyddsombud" in of_inera) == (False, True, False)


async def test_the_statement_claims_no_assessment_that_nobody_made():
    made = replace(REGION, shortcomings={Language.SV: ["Kartan saknar text."], Language.EN: ["The map has no text."]})

    none = (await visiting(Publisher()).get("/tillganglighet")).text
    one = (await visiting(made).get("/tillganglighet")).text
    english = (await visiting(made).get("/tillganglighet?lang=en")).text

    assert "Inera AB har inte gjort någon egen bedömning" in none
    assert "Den senaste bedömningen" not in none
    assert "Den senaste bedömningen gjorde Region Exempel &lt;1&gt; den 30\u00a0november\u00a02026." in one
    assert "Kartan saknar text." in one
    assert "The latest assessment was made by Region Exempel &lt;1&gt; on 30\u00a0November\u00a02026." in english
    assert "The map has no text." in english
    assert all("Avtal som PDF är inte märkta" in page for page in (none, one))


@pytest.mark.parametrize(("name", "kind"), [("logo.png", "image/png"), ("logo.svg", "image/svg+xml")])
async def test_a_logo_stands_at_the_head_and_is_read_out_as_the_publishers_name(tmp_path, name: str, kind: str):
    (tmp_path / name).write_bytes(PNG)
    browser = visiting(replace(REGION, logo=tmp_path / name))

    page, logo = (await browser.get("/")).text, await browser.get("/logotyp")

    assert '<img src="/logotyp" alt="Region Exempel &lt;1&gt;"' in page
    assert (logo.status_code, logo.headers["content-type"], logo.content) == (200, kind, PNG)


async def test_without_a_logo_none_is_shown():
    browser = visiting()

    assert "<img" not in (await browser.get("/")).text
    assert (await browser.get("/logotyp")).status_code == 404


def test_the_publisher_is_as_the_operator_has_set_it(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>")
    settings = load_settings(
        _env_file=None,
        **SETTINGS,
        publisher_name="Region Exempel",
        publisher_logo=str(logo),
        privacy_legal_ground="public_task",
        privacy_email="dso@example.se",
        accessibility_published="2026-12-01",
        accessibility_reviewed="2026-11-30",
        accessibility_shortcomings="Ett. / One. | Två. / Two.",
    )

    assert publisher_of(settings) == Publisher(
        "Region Exempel",
        logo,
        LegalGround.PUBLIC_TASK,
        "dso@example.se",
        date(2026, 12, 1),
        date(2026, 11, 30),
        {Language.SV: ["Ett.", "Två."], Language.EN: ["One.", "Two."]},
    )
    assert publisher_of(load_settings(_env_file=None, **SETTINGS)) == Publisher(
        shortcomings={Language.SV: [], Language.EN: []}
    )
