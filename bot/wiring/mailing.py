"""Joins what sends mail, where the settings name a server."""

import random
from collections.abc import Callable

from bot.config.settings import Settings
from core.api import NoteFinding, Now, PersonalLinks
from notifications.accounts.sign_in_mails import SignInMails
from notifications.cards.card import Card
from notifications.cards.drawer import CardDrawer
from notifications.database import Transactions
from notifications.mail.mail_gateway import MailGateway
from notifications.mail.mail_watch import MailWatch
from notifications.mail.port import Mail
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.mail_delivery import AroundCard, MailDelivery, SignedAgreements
from notifications.reports.pictures import Pictures
from notifications.slack.install_links import InstallLinks
from notifications.slack.workspaces import Workspaces


def mail_watch(settings: Settings, now: Now, note: NoteFinding) -> MailWatch | None:
    """The way to the mail server, None where mail is off; `note` hears how the server is."""
    found = settings.mail_server()
    return None if found is None else MailWatch(MailGateway(*found), now, note)


def mail_delivery(
    settings: Settings,
    mail: Mail | None,
    *,
    results: DeliveryResults,
    drawer: CardDrawer,
    links: PersonalLinks,
    workspaces: Workspaces,
    agreements: SignedAgreements,
    now: Now,
    shown: Callable[[Card], None],
    around: AroundCard,
    installs: InstallLinks | None,
    pictures: Pictures,
) -> MailDelivery | None:
    """What sends cards as mails, None where mail is off."""
    found = settings.mail_server()
    if mail is None or found is None:
        return None
    return MailDelivery(
        results=results,
        drawer=drawer,
        links=links,
        workspaces=workspaces,
        mail=mail,
        agreements=agreements,
        now=now,
        chance=random.random,
        domain=found[1].domain,
        url=settings.public_url or "",
        language=settings.default_language,
        shown=shown,
        around=around,
        installs=installs,
        pictures=pictures,
    )


def sign_in_mails(
    settings: Settings, mail: Mail | None, database: Transactions, workspaces: Workspaces
) -> SignInMails | None:
    """What sends mails to sign in by, None where mail is off."""
    found = settings.mail_server()
    if mail is None or found is None:
        return None
    return SignInMails(mail, database, workspaces, settings.public_url or "", found[1].domain)
