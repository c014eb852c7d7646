"""The listeners joined: acts as Slack presses them, and what Slack alone has."""

from bot.slack.homes import Homes
from bot.slack.listeners.commands import CommandAnswers, Commands
from bot.slack.listeners.home import HomeTab
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.links import Links
from bot.slack.listeners.options import MenuOptions
from bot.slack.listeners.presses import LINKS_OUT, FormAnswers, Modals, PressAnswers, Presses
from bot.slack.press import AfterCommit, PressedCards
from bot.slack.refusal_replies import BoltErrors, RefusalFollowUp, RefusalReplies
from bot.slack.replies import Replies
from bot.slack.slack_app import Listeners
from bot.wiring.acting import acting_of, refused_of, words_of
from bot.wiring.joined import Joined


def listeners(joined: Joined, homes: Homes) -> Listeners:
    """Join one listener for each kind of thing that comes in to what it uses."""
    people, environment = joined.people, joined.here.environment
    replies = Replies(joined.gateway, joined.tasks)
    cards = PressedCards(joined.cards, joined.wake, joined.tasks)
    after = AfterCommit(joined.follow_up, homes, cards)
    acting = acting_of(joined, after)
    own, reading = acting.own, acting.reading
    links = Links(people, joined.slack_accounts, after, replies)
    actions = {**own.shows, **own.changes, **LINKS_OUT, **links.actions()}
    refused = RefusalReplies(people, joined.identification, replies, words_of(joined, acting))
    return Listeners(
        presses=Presses(actions, acting.decisions, cards, PressAnswers(people, reading, replies, homes)),
        modals=Modals(environment, own.sent, acting.decisions, FormAnswers(people, replies)),
        options=MenuOptions(environment, people, own.searches),
        commands=Commands(
            CommandAnswers(people, homes, reading, replies), acting.ordering, reading, acting.administering
        ),
        home=HomeTab(homes),
        lifecycle=Lifecycle(joined.slack_switch, people, joined.checks, joined.tasks),
        refusals=BoltErrors(refused, RefusalFollowUp(environment, after, refused_of(joined), joined.checks)),
    )
