"""The pages behind the links of mails: what stands behind each, with the few ports that it uses."""

import pytest

from bot.server.background import CaseFollowUp, RefusalNotes
from bot.web.applying.steps import ApplicationSteps
from bot.web.links.accounts import AccountMails, AccountStanding, MailedAccounts
from bot.web.links.deciding import DecisionForms, LinkDecisions, LinkedCards
from core.api import Action, ActOnCase, Answers, Asking, Language, LinkUnknown, NoRole, Part, State, Surface, find
from core.shared.errors import NoAttestant
from notifications.rules.announcements import CardKind
from tests.doors.standing import ANNA, BO, BY, CASE, CLOCK, NAMES, PERSON, REGION, WORKSPACE, Standing
from tests.fakes.doors import FakePort, asked_of
from tests.support.world import builders

COMMAND = ActOnCase(CASE, Action.REJECT, Asking(BO), Surface.MAIL, None, Answers())


class Card:
    """As much of a card as a link is held against."""

    def __init__(self, person, kind="request", about=None):
        self.person, self.kind, self.about = person, kind, about


class Link:
    """A link of Anna's."""

    id, person, case = "C1", ANNA, CASE


def decisions_of(stage, orders, woken=None):
    follow_up = CaseFollowUp(orders, lambda: (woken if woken is not None else []).append(1), stage.tasks, CLOCK)
    refusals = FakePort(refused=None)
    return LinkDecisions(orders, follow_up, RefusalNotes(refusals, stage.tasks, CLOCK), None), refusals


@pytest.mark.parametrize("card", [None, Card(BO)])
async def test_a_link_shows_nobody_elses_card(card):
    with pytest.raises(LinkUnknown):
        await LinkedCards(FakePort(), FakePort(find=card), FakePort(), CLOCK).drawn(Link, Language.SV)


async def test_the_form_of_a_decision_is_what_its_row_asks():
    case = builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
    row, *_ = find(case.flow, case.state, Action.REJECT)
    orders = FakePort(consider=(builders.situation(case), row))
    queries = FakePort(views={CASE: builders.view(case)}, names=NAMES)

    form = await DecisionForms(orders, queries, None).asked(COMMAND, Language.SV)

    assert form.dialog.name == "kp.reject"


async def test_what_keeps_somebody_from_an_action_is_said_before_a_form_is_drawn():
    orders = FakePort(consider=NoRole(part=Part.CUSTOMER_ATTESTANT, organisation=REGION))

    with pytest.raises(NoRole):
        await DecisionForms(orders, FakePort(), None).asked(COMMAND, Language.SV)


@pytest.mark.parametrize(("refusal", "woken"), [(NoAttestant(organisation=REGION), [1]), (NoRole(), [])])
async def test_a_decision_that_is_refused_is_told_to_history_and_to_those_who_can_mend_it(refusal, woken):
    stage, heard = Standing(), []
    decisions, refusals = decisions_of(stage, FakePort(), heard)

    decisions.note_refusal(COMMAND, refusal)
    await stage.tasks.drain(60)

    assert ([noted.code for _, noted in refusals.asked], heard) == ([refusal.code], woken)


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("apply", (None,)),
        ("complete", ("token", None, "", None)),
        ("withdraw", ("token",)),
        ("sign", ("token", "hash", "confirm")),
        ("decline", ("token", "reason")),
    ],
)
async def test_those_concerned_hear_of_an_applicants_step_and_of_none_that_is_refused(step, given):
    woken = []

    def steps(answer):
        return ApplicationSteps(FakePort(**{step: answer}), lambda: woken.append(1), None)

    await getattr(steps(None), step)(*given)
    with pytest.raises(LinkUnknown):
        await getattr(steps(LinkUnknown()), step)(*given)

    assert woken == [1]


@pytest.mark.parametrize("look", ["follow", "to_sign"])
async def test_nobody_hears_of_an_application_that_is_only_looked_at(look):
    woken, applications = [], FakePort(**{look: "seen"})

    assert await getattr(ApplicationSteps(applications, lambda: woken.append(1), None), look)("token") == "seen"
    assert woken == []


class Seals:
    """Says which card a token was made for."""

    def card_sealed_in(self, token):
        return f"card of {token}"


@pytest.mark.parametrize("card", [None, Card(ANNA), Card(None, CardKind.LINKED, "about")])
async def test_only_a_mail_about_an_account_leads_to_its_page(card):
    with pytest.raises(LinkUnknown):
        await AccountMails(Seals(), FakePort(find=card)).open("token")


async def test_an_account_that_is_not_mine_is_unlinked_and_those_concerned_hear():
    accounts, woken = FakePort(undo=[]), []

    await MailedAccounts(accounts, FakePort(), FakePort(), lambda: woken.append(1)).undo(ANNA, BY.account)

    assert (asked_of(accounts), woken) == (["undo"], [1])


@pytest.mark.parametrize(("whose", "is_linked"), [(PERSON, True), (None, False)])
async def test_a_page_says_whose_an_account_is_now(whose, is_linked):
    pages = MailedAccounts(
        FakePort(barred=[BY.account]), FakePort(person_of=whose), FakePort(by_id=WORKSPACE), lambda: None
    )

    assert await pages.standing(ANNA, BY.account) == AccountStanding(is_linked, is_barred=True, workspace="Inera")
