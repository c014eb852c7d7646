"""Joins what sends mail, where the settings name a server."""

import random
from collections.abc import Callable

from bot.settings import Settings
from core.api import Now, PersonalLinks
from notifications.card import Card
from notifications.cards import CardStore
from notifications.mail_delivery import MailDelivery
from notifications.mail_gateway import MailGateway
from notifications.pages import Pages
from notifications.workspaces import Workspaces


def mail_gateway(settings: Settings) -> MailGateway | None:
    """The way to the mail server, None where mail is off."""
    found = settings.mail_server()
    return None if found is None else MailGateway(*found)


def mail_delivery(
    settings: Settings,
    *,
    cards: CardStore,
    pages: Pages,
    links: PersonalLinks,
    workspaces: Workspaces,
    now: Now,
    shown: Callable[[Card], None],
) -> MailDelivery | None:
    """What sends cards as mails, None where mail is off."""
    mail = mail_gateway(settings)
    if mail is None:
        return None
    return MailDelivery(
        store=cards,
        pages=pages,
        links=links,
        workspaces=workspaces,
        mail=mail,
        now=now,
        chance=random.random,
        domain=mail.sender.domain,
        url=settings.public_url or "",
        language=settings.default_language,
        shown=shown,
    )
