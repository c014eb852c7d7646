"""The listeners joined: which of our own buttons, modals and forms belongs to whom."""

from bot.aftermath import Aftermath
from bot.answers import Answers
from bot.desk import Desk
from bot.homes import Homes
from bot.listeners.absence_menus import AbsenceMenus
from bot.listeners.absences import AbsenceForms
from bot.listeners.administration import Administering
from bot.listeners.administration_forms import AdministrationForms
from bot.listeners.commands import Commands
from bot.listeners.forms import OrderForms
from bot.listeners.holdings import HoldingsShown
from bot.listeners.home import HomeTab
from bot.listeners.lifecycle import Lifecycle
from bot.listeners.links import Links
from bot.listeners.modals import Modals
from bot.listeners.options import Options
from bot.listeners.order_choices import OrderMenus
from bot.listeners.presses import LINKS_OUT, Presses
from bot.listeners.reading import Reading
from bot.listeners.revising import RevisionForms
from bot.listeners.revisions import Revisions
from bot.refusals import Refusals
from bot.slack_app import Listeners
from bot.views.modals import OrderModal, RevisionModal, SubstituteModal


def listeners(desk: Desk, homes: Homes) -> Listeners:
    """One listener for each kind of thing that comes in, joined to what they have at hand."""
    answers, aftermath = Answers(desk), Aftermath(desk, homes)
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
        options=Options(desk, menus, administering),
        commands=Commands(desk, answers, homes, forms, reading, administering),
        home=home,
        lifecycle=Lifecycle(desk),
        refusals=Refusals(desk, answers, aftermath, confirming),
    )
