"""The listeners joined: which of our own buttons, modals and forms belongs to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.forms.order_menus import OrderMenus
from bot.forms.orders.ending import EndModal
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.revision_menus import RevisionMenus
from bot.slack.homes import Homes
from bot.slack.listeners.commands import CommandAnswers, Commands
from bot.slack.listeners.home import CaseSearch, HomeTab
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.links import Links
from bot.slack.listeners.options import InboxSearches, MenuOptions, OrderSearches, OrganisationSearches, Searches
from bot.slack.listeners.orders.ending import EndForms, Endings, EndSubmissions
from bot.slack.listeners.orders.forms import OrderForms, OrderPlacing, OrdersAgain, OrderSubmissions
from bot.slack.listeners.orders.presses import (
    LINKS_OUT,
    ModalDecisions,
    ModalOpening,
    Modals,
    PressDecisions,
    Presses,
    PressShown,
    Submitted,
)
from bot.slack.listeners.orders.reading import CaseScreens, Reading
from bot.slack.listeners.orders.revisions import Revisions
from bot.slack.listeners.organisations.absence_menus import AbsenceMenus
from bot.slack.listeners.organisations.absences import AbsenceChanges, AbsenceForms, AbsenceNews
from bot.slack.listeners.organisations.administration import (
    Administering,
    AdministrationOpening,
    OrganisationScreens,
)
from bot.slack.listeners.organisations.administration_forms import AdministrationForms, KeptChanges
from bot.slack.listeners.organisations.holdings import AgreementLinks, HoldingsShown
from bot.slack.press import AfterCommit, OwnActions, PressedCards
from bot.slack.refusal_replies import BoltErrors, Confirming, RefusalFollowUp, RefusalReplies
from bot.slack.replies import Replies
from bot.slack.slack_app import Listeners
from bot.views.home.search import SearchModal
from bot.views.organisations.absences import SubstituteModal
from bot.wiring.joined import Joined


@dataclass(frozen=True)
class OwnParts:
    """The bot's own buttons, modals and menus: what happens at them, by action id and callback id."""

    actions: OwnActions
    submitted: Mapping[str, Submitted]
    searches: Searches


@dataclass(frozen=True)
class OrderDoors:
    """What is done with orders beside deciding; `confirming` draws forms anew that something is asked in."""

    own: OwnParts
    forms: OrderForms
    confirming: Mapping[str, Confirming]


@dataclass(frozen=True)
class OrganisationDoors:
    """What is done with organisations and in them."""

    own: OwnParts
    administering: Administering


def listeners(joined: Joined, homes: Homes) -> Listeners:
    """Join one listener for each kind of thing that comes in to what it uses."""
    people, environment = joined.people, joined.here.environment
    replies = Replies(joined.gateway, joined.tasks)
    cards = PressedCards(joined.cards, joined.relay.wake, joined.tasks)
    after = AfterCommit(joined.follow_up, homes, cards)
    cases = CaseScreens(joined.orders, joined.queries, joined.now, environment)
    reading = Reading(people, cases, replies, joined.here.portal_url)
    orders, organisations = _orders(joined, homes, replies), _organisations(joined, replies, after)
    home, links = HomeTab(people, joined.directory, homes), Links(people, joined.slack_accounts, after, replies)
    search = CaseSearch(people, joined.inbox, environment, replies)
    lists = OwnParts(
        actions=search.actions(),
        submitted={SearchModal.CALLBACK: search.on_submit},
        searches=InboxSearches(joined.inbox, joined.now).searches(),
    )
    own = _together(
        [orders.own, organisations.own, lists], [LINKS_OUT, reading.actions(), home.actions(), links.actions()]
    )
    opening, shown = ModalOpening(joined.queries, replies), PressShown(people, reading, replies)
    refused = RefusalReplies(people, joined.identification, replies, orders.confirming)
    return Listeners(
        presses=Presses(environment, own.actions, PressDecisions(joined.orders, opening, shown, after), cards),
        modals=Modals(environment, own.submitted, ModalDecisions(joined.orders, people, replies, after)),
        options=MenuOptions(environment, people, own.searches),
        commands=Commands(
            CommandAnswers(people, homes, reading, replies), orders.forms, reading, organisations.administering
        ),
        home=home,
        lifecycle=Lifecycle(joined.workspaces, people, joined.checks, joined.tasks),
        refusals=BoltErrors(refused, RefusalFollowUp(environment, after, joined.notes, joined.checks)),
    )


def _orders(joined: Joined, homes: Homes, replies: Replies) -> OrderDoors:
    people, environment = joined.people, joined.here.environment
    menus = OrderMenus(joined.queries, joined.now)
    forms = OrderForms(environment, people, menus, replies)
    again = OrdersAgain(joined.orders, joined.queries, joined.now, forms)
    revisions = Revisions(joined.orders, joined.queries, replies, RevisionMenus(menus, joined.now))
    placing = OrderPlacing(joined.orders, joined.notes, joined.relay.wake)
    sent = OrderSubmissions(people, placing, homes)
    endings = Endings(environment, people, EndForms(joined.queries, joined.now), replies)
    ended = EndSubmissions(people, placing, homes)
    own = OwnParts(
        actions={**forms.actions(), **again.actions(), **revisions.actions(), **endings.actions()},
        submitted={OrderModal.CALLBACK: sent.on_submit, EndModal.CALLBACK: ended.on_submit},
        searches=OrderSearches(joined.orders, joined.queries, joined.now).searches(),
    )
    confirming = {OrderModal.CALLBACK: forms.confirming, RevisionModal.CALLBACK: revisions.confirming}
    return OrderDoors(own, forms, confirming)


def _organisations(joined: Joined, replies: Replies, after: AfterCommit) -> OrganisationDoors:
    people, here = joined.people, joined.here
    menus = AbsenceMenus(people, joined.absences, joined.now)
    absences = AbsenceForms(here.environment, people, menus, replies)
    news = AbsenceNews(after, joined.cards, joined.relay.wake, joined.tasks)
    changes = AbsenceChanges(people, joined.absences, replies, news)
    holdings = HoldingsShown(people, joined.administration, replies, here)
    documents = AgreementLinks(people, joined.documents, replies, here)
    screens = OrganisationScreens(joined.administration, here.environment, joined.now)
    administering = Administering(people, screens, replies)
    opening = AdministrationOpening(people, screens, replies, holdings)
    sent = AdministrationForms(people, joined.administration, KeptChanges(screens, replies, after, here.has_mail))
    acting = (absences, changes, holdings, documents, administering, opening)
    own = OwnParts(
        actions={action_id: act for listener in acting for action_id, act in listener.actions().items()},
        submitted={SubstituteModal.CALLBACK: changes.on_submit, **sent.submitted()},
        searches=OrganisationSearches(menus, screens).searches(),
    )
    return OrganisationDoors(own, administering)


def _together(parts: Sequence[OwnParts], more: Sequence[OwnActions]) -> OwnParts:
    acting = (*more, *(part.actions for part in parts))
    return OwnParts(
        actions={action_id: act for actions in acting for action_id, act in actions.items()},
        submitted={callback: act for part in parts for callback, act in part.submitted.items()},
        searches={action_id: search for part in parts for action_id, search in part.searches.items()},
    )
