"""Somebody administers two organisations from one home tab: nothing of one stands in what is shown of the other."""

import json

import pytest
from sqlalchemy import insert

from bot.views.home import home
from bot.views.organisations.administered import AdministeredOrganisation
from bot.views.organisations.administered import AdministrationSection as OnTab
from bot.views.organisations.channel_forms import ChannelsModal
from bot.views.organisations.holdings import HoldingsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, RoleModal
from bot.views.organisations.screens import OrganisationModal, PeopleModal, PersonModal
from core.api import (
    Administration,
    Asking,
    CardId,
    CaseId,
    GrantRoles,
    Language,
    Notified,
    ProposedChannel,
    ProposedTier,
    Role,
    Seen,
    SetChannels,
    SetInvoices,
    SetRules,
    new_id,
)
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from notifications.render.button_values import Pointer
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.test_setting_channels import give_slack
from tests.support.drawn.register_views import TODAY
from tests.support.drawn.sent import as_sent
from tests.support.world import seed
from tests.support.world.seed import ADA, CLINIC, KARIN, NOW, REGION, role_assignment

POINTER = Pointer("test", CardId(""), CaseId(""), Seen(0, 0))
# What each organisation alone knows: names, addresses, references, amounts.
PLANTED = {
    REGION: (
        *("Region Exempel", "Planta Region", "planta.region@example.org", "REF-REGION", "Regiongatan 1", "711 111"),
        *("CREGIONEN", "Regionens Slack"),
    ),
    CLINIC: (
        *("Kliniken AB", "Planta Klinik", "planta.klinik@example.org", "REF-KLINIK", "Klinikgatan 2", "722 222"),
        *("CKLINIKEN", "Klinikens Slack"),
    ),
}


@pytest.fixture
async def administration(fresh_sqlite_url):
    database = await seed.seeded(fresh_sqlite_url)
    both = role_assignment(ADA, CLINIC, Role.ADMINISTRATOR)
    await database.write(lambda c: c.execute(insert(tables.role_assignments), both))
    keep = Administration(SqlRegistrar(database, new_id), RegisterAnnouncements(), lambda: NOW, new_id)
    for organisation, (_, name, email, reference, address, limit, channel, slack) in PLANTED.items():
        await give_slack(database, organisation, slack)
        chosen = (ProposedChannel(Role.ATTESTANT, channel, Notified.ASKED, asked_only=False),)
        amount = int(limit.replace(" ", "")) * 100
        roles = frozenset({Role.ATTESTANT})
        await keep.grant(GrantRoles(Asking(KARIN), organisation, email, name, roles, limit_ore=amount))
        await keep.set_invoices(SetInvoices(Asking(KARIN), organisation, address, reference, "npo", f"{reference}-NPO"))
        tiers = (ProposedTier(amount, sequence=(email,)),)
        await keep.set_channels(SetChannels(Asking(KARIN), organisation, chosen))
        await keep.set_rules(
            SetRules(Asking(KARIN), organisation, self_attest_allowed=False, eid_from_ore=amount, tiers=tiers)
        )
    yield keep
    await database.close()


async def drawings(keep, organisation):
    """Every screen and form of an organisation."""
    about, people = (
        await keep.organisation(Asking(ADA), organisation),
        await keep.people(Asking(ADA), organisation, limit=50),
    )
    named = (organisation, about.organisation.name)
    yield as_sent(OrganisationModal.build(about, POINTER, Language.SV))
    yield as_sent(PeopleModal.build(about.organisation, people, POINTER, Language.SV))
    yield as_sent(InvoiceModal.build(about, "", Language.SV))
    yield as_sent(RulesModal.build(about, "", Language.SV))
    yield as_sent(LanguageModal.build(about, "", Language.SV))
    yield as_sent(ChannelsModal.build(about, "", Language.SV))
    yield as_sent(GrantModal.build(about, "", Language.SV, TODAY))
    yield as_sent(
        HoldingsModal.build(named, [named], await keep.holdings(Asking(ADA), organisation), POINTER, Language.SV)
    )
    for one in people:
        member = await keep.member(Asking(ADA), organisation, one.person.id)
        yield as_sent(PersonModal.build(about, member, POINTER, Language.SV))
        for held in member.roles:
            yield as_sent(RoleModal.build(about, member, held, "", Language.SV))
            yield as_sent(EndRoleModal.build(about, member, held, "", Language.SV))


@pytest.mark.parametrize(("mine", "theirs"), [(REGION, CLINIC), (CLINIC, REGION)])
async def test_no_screen_of_one_holds_a_fact_of_the_other(administration, mine, theirs):
    drawn = [
        json.dumps(each, ensure_ascii=False).replace("\u00a0", " ") async for each in drawings(administration, mine)
    ]

    text = "\n".join(drawn)
    assert [
        fact for fact in PLANTED[mine] if fact not in text.replace("711111", "711 111").replace("722222", "722 222")
    ] == []
    assert [fact for fact in PLANTED[theirs] if fact in text or fact.replace(" ", "") in text] == []
    # Each names the organisation it is about.
    assert [each for each in drawn if PLANTED[mine][0] not in each] == []


async def test_each_organisation_on_the_tab_leads_to_itself(administration):
    ready = await administration.readiness(Asking(ADA), [REGION, CLINIC])
    kept = [AdministeredOrganisation(id_, PLANTED[id_][0], ready[id_]) for id_ in (CLINIC, REGION)]

    view = as_sent(home.build(home.HomeFacts("test", "Ada", administration=OnTab(kept)), Language.SV))

    blocks = view["blocks"]
    for place, block in enumerate(blocks):
        if any(each.get("action_id") == "kp.people" for each in block.get("elements", ())):
            about, ways = json.dumps(blocks[place - 1], ensure_ascii=False), json.dumps(block)
            [own] = [id_ for id_ in PLANTED if PLANTED[id_][0] in about]
            [other] = set(PLANTED) - {own}
            assert own in ways
            assert other not in ways
