"""Bolt, with our listeners, our authorize and our answer to whatever a listener raises."""

import logging
import re
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.slack.listeners.commands import Commands
from bot.slack.listeners.home import HomeTab
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.options import MenuOptions
from bot.slack.listeners.presses import Modals, Presses
from bot.slack.refusal_replies import BoltErrors
from bot.slack.route import authorize

ANY = re.compile("")
COMMAND = "/kundportal"
NEW_ORDER = "kp_new_order"
# How Bolt begins to say that it has nobody for a request; what comes after is what people wrote.
WITH_PAYLOAD = ("Unhandled request", "A global middleware")


@dataclass(frozen=True)
class Listeners:
    """One listener for each kind of thing that comes in."""

    presses: Presses
    modals: Modals
    options: MenuOptions
    commands: Commands
    home: HomeTab
    lifecycle: Lifecycle
    refusals: BoltErrors


def slack_app(listeners: Listeners) -> AsyncApp:
    """The app; the most frequent kind is asked first, since each listener asked costs some microseconds.

    Signature, size and shape have been judged by the way in, which also answers `url_verification`.
    """
    log = logging.getLogger("slack_bolt")
    log.addFilter(_without_payload)
    app = AsyncApp(
        logger=log,
        name="kundportal",
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.block_action({"action_id": ANY})(listeners.presses.on_press)
    app.view_submission(ANY)(listeners.modals.on_submit)
    app.options(ANY)(listeners.options.on_search)
    app.event("app_home_opened")(listeners.home.on_opened)
    app.command(COMMAND)(listeners.commands.on_command)
    app.global_shortcut(NEW_ORDER)(listeners.commands.on_shortcut)
    app.event("tokens_revoked")(listeners.lifecycle.on_tokens_revoked)
    app.event("app_uninstalled")(listeners.lifecycle.on_uninstalled)
    app.event("user_change")(listeners.lifecycle.on_user_changed)
    app.error(listeners.refusals.answer)
    return app


def _without_payload(record: logging.LogRecord) -> bool:
    """Drops what holds a payload. The route says of which type a request was that failed."""
    return not record.getMessage().startswith(WITH_PAYLOAD)
