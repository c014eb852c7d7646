"""The acts joined, for any surface: which of our own buttons, menus and forms belongs to whom, once for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.acts.home import CaseSearch, HomePage
from bot.acts.menu_searches import InboxSearches, OrderSearches, OrganisationSearches, Searches
from bot.acts.orders.decisions import AskedForms, CaseDecisions, KeepingAll
from bot.acts.orders.ending import EndForms, Endings, EndSubmissions
from bot.acts.orders.forms import OrderForms, OrderPlacing, OrdersAgain, OrderSubmissions
from bot.acts.orders.reading import ApplicationFileLinks, CaseScreens, Reading
from bot.acts.orders.revisions import Revisions
from bot.acts.organisations.absence_menus import AbsenceMenus
from bot.acts.organisations.absences import AbsenceChanges, AbsenceForms, AbsenceNews
from bot.acts.organisations.administration import Administering, AdministrationOpening, OrganisationScreens
from bot.acts.organisations.administration_forms import AdministrationForms, ChannelsSeen, KeptChanges
from bot.acts.organisations.holdings import AgreementLinks, HoldingsShown
from bot.acts.press import Acts, Following, Sent
from bot.acts.refusals import Confirming, RefusalWords, RefusedWishes
from bot.forms.order_menus import OrderMenus
from bot.forms.orders.ending import EndModal
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.revision_menus import RevisionMenus
from bot.views.home.search import SearchModal
from bot.views.organisations.absences import SubstituteModal
from bot.wiring.joined import Joined


@dataclass(frozen=True)
class OwnActs:
    """The bot's own buttons, menus and forms: what happens at them, by action id and by the form's name.

    What is in `shows` changes nothing; `confirming` draws forms anew that something more is asked in.
    """

    shows: Acts
    changes: Acts
    sent: Mapping[str, Sent]
    searches: Searches
    confirming: Mapping[str, Confirming]


@dataclass(frozen=True)
class Acting:
    """Everything that can be done, on one surface."""

    own: OwnActs
    decisions: CaseDecisions
    reading: Reading
    ordering: OrderForms
    administering: Administering


def acting_of(joined: Joined, after: Following) -> Acting:
    """Join every act to what it uses; `after` is what follows on the surface."""
    people, environment = joined.people, joined.here.environment
    reading = Reading(
        people, CaseScreens(joined.orders, joined.queries, joined.now, joined.here), joined.here.portal_url
    )
    ordering = OrderForms(environment, people, OrderMenus(joined.queries, joined.now))
    administering = Administering(people, _screens(joined))
    search, home = CaseSearch(people, joined.inbox, environment), HomePage(people, joined.directory, joined.slacks)
    lists = OwnActs(
        shows={**reading.shows(), **search.shows(), **home.shows()},
        changes={**home.changes(), **ApplicationFileLinks(people, joined.files, joined.here).changes()},
        sent={SearchModal.CALLBACK: search.on_submit},
        searches=InboxSearches(joined.inbox, joined.now).searches(),
        confirming={},
    )
    own = _together([_orders(joined, ordering, after), _organisations(joined, administering, after), lists])
    decisions = CaseDecisions(joined.orders, people, AskedForms(joined.queries), after)
    return Acting(own, decisions, reading, ordering, administering)


def words_of(joined: Joined, acting: Acting) -> RefusalWords:
    """Join what says refusals."""
    return RefusalWords(joined.people, acting.own.confirming)


def refused_of(joined: Joined) -> RefusedWishes:
    """Join what follows a refusal."""
    return RefusedWishes(joined.notes, joined.wake)


def _screens(joined: Joined) -> OrganisationScreens:
    return OrganisationScreens(joined.administration, joined.here.environment, joined.now)


def _orders(joined: Joined, forms: OrderForms, after: Following) -> OwnActs:
    people, environment = joined.people, joined.here.environment
    again = OrdersAgain(joined.orders, joined.queries, joined.now, forms)
    revisions = Revisions(joined.orders, joined.queries, RevisionMenus(forms.menus, joined.now))
    placing = OrderPlacing(joined.orders, joined.notes, joined.wake)
    endings = Endings(environment, people, EndForms(joined.queries, joined.now))
    return OwnActs(
        shows={**forms.shows(), **again.shows(), **revisions.shows(), **endings.shows()},
        changes=KeepingAll(joined.orders, people, joined.inbox, after).changes(),
        sent={
            OrderModal.CALLBACK: OrderSubmissions(people, placing, after).on_submit,
            EndModal.CALLBACK: EndSubmissions(people, placing, after).on_submit,
        },
        searches=OrderSearches(joined.orders, joined.queries, joined.now).searches(),
        confirming={OrderModal.CALLBACK: forms.confirming, RevisionModal.CALLBACK: revisions.confirming},
    )


def _organisations(joined: Joined, administering: Administering, after: Following) -> OwnActs:
    people, here, screens = joined.people, joined.here, administering.screens
    menus = AbsenceMenus(people, joined.absences, joined.now)
    news = AbsenceNews(after, joined.cards, joined.wake, joined.tasks)
    changes = AbsenceChanges(people, joined.absences, news)
    holdings = HoldingsShown(people, joined.administration, here)
    opening = AdministrationOpening(people, screens, holdings)
    forms = AdministrationForms(
        people,
        joined.administration,
        KeptChanges(screens, after, here.has_mail),
        ChannelsSeen(joined.channel_look.look),
    )
    showing = (AbsenceForms(here.environment, people, menus), holdings, administering, opening)
    return OwnActs(
        shows={action_id: act for each in showing for action_id, act in each.shows().items()},
        changes={**changes.changes(), **forms.changes(), **AgreementLinks(people, joined.documents, here).changes()},
        sent={SubstituteModal.CALLBACK: changes.on_submit, **forms.submitted()},
        searches=OrganisationSearches(menus, screens).searches(),
        confirming={},
    )


def _together(parts: Sequence[OwnActs]) -> OwnActs:
    return OwnActs(
        shows={name: act for part in parts for name, act in part.shows.items()},
        changes={name: act for part in parts for name, act in part.changes.items()},
        sent={name: sent for part in parts for name, sent in part.sent.items()},
        searches={name: search for part in parts for name, search in part.searches.items()},
        confirming={name: draw for part in parts for name, draw in part.confirming.items()},
    )
