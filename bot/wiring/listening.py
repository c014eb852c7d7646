"""The listeners joined: which of our own buttons, modals and forms belongs to whom."""

from bot.slack.after_commit import AfterCommit
from bot.slack.answers import Replies
from bot.slack.dependencies import Dependencies
from bot.slack.homes import Homes
from bot.slack.listeners.commands import Commands
from bot.slack.listeners.home import HomeTab
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.links import Links
from bot.slack.listeners.options import MenuOptions
from bot.slack.listeners.orders.forms import OrderForms
from bot.slack.listeners.orders.modals import Modals
from bot.slack.listeners.orders.order_choices import OrderMenus
from bot.slack.listeners.orders.presses import LINKS_OUT, Presses
from bot.slack.listeners.orders.reading import Reading
from bot.slack.listeners.orders.revising import RevisionForms
from bot.slack.listeners.orders.revisions import Revisions
from bot.slack.listeners.organisations.absence_menus import AbsenceMenus
from bot.slack.listeners.organisations.absences import AbsenceForms
from bot.slack.listeners.organisations.administration import Administering
from bot.slack.listeners.organisations.administration_forms import AdministrationForms
from bot.slack.listeners.organisations.holdings import HoldingsShown
from bot.slack.refusal_answers import Refusals
from bot.slack.slack_app import Listeners
from bot.slack.views.modals import OrderModal, RevisionModal, SubstituteModal


def listeners(desk: Dependencies, homes: Homes) -> Listeners:
    """One listener for each kind of thing that comes in, joined to what they have at hand."""
    answers, aftermath = Replies(desk), AfterCommit(desk, homes)
    orders, menus = OrderMenus(desk), AbsenceMenus(desk)
    forms, revisions = OrderForms(desk, answers, homes, orders), Revisions(desk, answers, RevisionForms(desk, orders))
    absences, reading = AbsenceForms(desk, answers, homes, menus), Reading(desk, answers)
    home, links, holdings = HomeTab(desk, homes), Links(desk, aftermath, answers), HoldingsShown(desk, answers)
    administering = Administering(desk, answers, holdings)
    keeping = AdministrationForms(desk, answers, homes, administering)
    submitted = {OrderModal.CALLBACK: forms.on_submit, SubstituteModal.CALLBACK: absences.on_submit}
    confirming = {OrderModal.CALLBACK: forms.confirming, RevisionModal.CALLBACK: revisions.confirming}
    modals = Modals(desk, answers, aftermath, own={**submitted, **keeping.submitted()})
    pressed = (forms, revisions, absences, reading, home, links, holdings, administering)
    own = {action_id: act for each in pressed for action_id, act in each.actions().items()}
    return Listeners(
        presses=Presses(desk, modals, reading, aftermath, {**LINKS_OUT, **own}),
        modals=modals,
        options=MenuOptions(desk, menus, administering),
        commands=Commands(desk, answers, homes, forms, reading, administering),
        home=home,
        lifecycle=Lifecycle(desk),
        refusals=Refusals(desk, answers, aftermath, confirming),
    )
