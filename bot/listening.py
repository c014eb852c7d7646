"""The listeners joined: which of our own buttons, modals and forms belongs to whom."""

from bot.aftermath import Aftermath
from bot.answers import Answers
from bot.desk import Desk
from bot.homes import Homes
from bot.listeners.absence_menus import AbsenceMenus
from bot.listeners.absences import AbsenceForms
from bot.listeners.administration import Administering
from bot.listeners.administration_forms import AdministrationForms
from bot.listeners.administration_forms import submitted as submitted_forms
from bot.listeners.commands import Commands
from bot.listeners.forms import OrderForms
from bot.listeners.holdings import HoldingsShown
from bot.listeners.home import HomeTab
from bot.listeners.lifecycle import Lifecycle
from bot.listeners.links import Links
from bot.listeners.modals import Modals
from bot.listeners.options import Options
from bot.listeners.order_choices import OrderMenus
from bot.listeners.presses import OwnAction, Presses, links_out
from bot.listeners.reading import Reading
from bot.listeners.revising import RevisionForms
from bot.listeners.revisions import Revisions
from bot.refusals import Refusals
from bot.slack_app import Listeners
from bot.views.administered import MENU as ORGANISATION_MENU
from bot.views.modals import AnswerModal, HoldingsModal, OrderModal, OrganisationsModal, RevisionModal, SubstituteModal
from bot.views.screens import ROLE_MENU
from notifications.buttons import action_id

LINKS_OUT: dict[str, OwnAction] = {"kp.open_portal": links_out, "kp.terms": links_out, "kp.open_agreement": links_out}


def listeners(desk: Desk, homes: Homes) -> Listeners:
    """One listener for each kind of thing that comes in, joined to what they have at hand."""
    answers, aftermath = Answers(desk), Aftermath(desk, homes)
    orders, menus = OrderMenus(desk), AbsenceMenus(desk)
    forms, revisions = OrderForms(desk, answers, homes, orders), Revisions(desk, answers, RevisionForms(desk, orders))
    absences, reading = AbsenceForms(desk, answers, homes, menus), Reading(desk, answers)
    home, links = HomeTab(desk, homes), Links(desk, aftermath, answers)
    holdings = HoldingsShown(desk, answers)
    administering = Administering(desk, answers, holdings)
    keeping = AdministrationForms(desk, answers, homes, administering)
    submitted = {OrderModal.CALLBACK: forms.on_submit, SubstituteModal.CALLBACK: absences.on_submit} | submitted_forms(
        keeping
    )
    modals = Modals(desk, answers, aftermath, own=submitted)
    own: dict[str, OwnAction] = LINKS_OUT | {
        "kp.new_order": forms.on_new,
        "kp.order_again": forms.on_again,
        OrderModal.ORGANISATIONS: forms.on_choice,
        OrderModal.OFFERS: forms.on_choice,
        action_id(AnswerModal.CHANGE): revisions.on_change,
        "kp.substitute": absences.on_own,
        "kp.substitute_for": absences.on_others,
        "kp.end_substitute": absences.on_end,
        SubstituteModal.PLACES: absences.on_place,
        "kp.details": reading.on_details,
        "kp.history.older": reading.on_page,
        "kp.history.newer": reading.on_page,
        "kp.help": reading.on_help,
        "kp.language": home.on_language,
        "kp.more.waiting": home.on_more_waiting,
        "kp.more.ordered": home.on_more_ordered,
        "kp.home": home.on_first,
        "kp.link_yes": links.on_yes,
        "kp.link_no": links.on_no,
        "kp.holdings": holdings.on_open,
        "kp.holdings.more": holdings.on_page,
        "kp.holdings.home": holdings.on_page,
        "kp.read_agreement": holdings.on_read,
        HoldingsModal.PLACES: holdings.on_place,
        "kp.people": administering.on_people,
        "kp.people.more": administering.on_people,
        "kp.person": administering.on_person,
        "kp.add_person": administering.on_add,
        "kp.add_role": administering.on_add,
        "kp.organisations": administering.on_organisations,
        OrganisationsModal.CHOOSE: administering.on_chosen,
        ORGANISATION_MENU: administering.on_menu,
        ROLE_MENU: administering.on_role_menu,
    }
    confirming = {OrderModal.CALLBACK: forms.confirming, RevisionModal.CALLBACK: revisions.confirming}
    return Listeners(
        presses=Presses(desk, modals, reading, aftermath, own),
        modals=modals,
        options=Options(desk, menus, administering),
        commands=Commands(desk, answers, homes, forms, reading, administering),
        home=home,
        lifecycle=Lifecycle(desk.workspaces),
        refusals=Refusals(desk, answers, aftermath, confirming),
    )
