"""A channel is looked at before an organisation's people are asked there: what keeps questions from it is said."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.acts.organisations.administration_forms import AdministrationForms, ChannelsSeen, KeptChanges
from bot.acts.outcomes import Kept, Wrong
from bot.slack.press import opened
from bot.views.organisations.channel_forms import ChannelsModal
from core.api import ChangeResult, Language, Notified, OwnSlack, Role, RoleChannel, SeenChannel
from notifications.slack import channel_look
from notifications.slack.channel_look import ChannelLook
from notifications.slack.slack_errors import Never, TryLater
from notifications.texts import say
from tests.doors.test_organisation_doors import BY, METADATA, FakeAfterCommit, FakePort, form, people, screens_of
from tests.support.drawn.register_views import administered

CHANNEL, OTHER = "C0123456789", "C0123456780"
HERE = OwnSlack("slack:T1", "Regionens Slack")
FIELD = "channel_attestant"


class Looks:
    """Answers as Slack does, and remembers what was asked."""

    def __init__(self, **seen):
        self.seen, self.asked = SeenChannel(**seen), []

    async def look(self, slack, channel):
        self.asked.append((slack, channel))
        return self.seen


def chosen(channel=CHANNEL, *, shared=False):
    ticked = [{"value": "yes"}] if shared else []
    return {
        FIELD: {"type": "plain_text_input", "value": channel},
        "shared_attestant": {"type": "checkboxes", "selected_options": ticked},
        "notified_attestant": {"type": "static_select", "selected_option": {"value": "all"}},
        "decides_attestant": {"type": "static_select", "selected_option": {"value": "asked"}},
    }


APART = {"type": "checkboxes", "selected_options": [{"value": "yes"}]}
TOGETHER = {"type": "checkboxes", "selected_options": []}


def picked(channel, *, apart=None):
    """What Slack sends of its own list, with the box that stands beside it where a channel is chosen already."""
    entered = {**chosen(), FIELD: {"type": "conversations_select", "selected_conversation": channel}}
    return entered if apart is None else entered | {"apart_attestant": apart}


async def sent(looks, values, channels=(), slack=HERE):
    about = administered(channels=channels, slack=slack)
    port = FakePort(organisation=about, set_channels=ChangeResult())
    kept = KeptChanges(screens_of(), FakeAfterCommit(), has_mail=False)
    forms = AdministrationForms(people(), port, kept, ChannelsSeen(looks.look))
    payload = form(ChannelsModal.CALLBACK, METADATA)
    payload["state"] = {"values": {name: {name: entered} for name, entered in values.items()}}
    outcome = await forms.on_channels(opened(payload), BY)
    commands = [each[1] for each in port.asked if each[0] == "set_channels"]
    return outcome, commands


async def test_a_channel_that_is_well_is_kept_with_what_it_is_called():
    looks = Looks(name="attester")

    outcome, (command,) = await sent(looks, chosen())

    assert isinstance(outcome, Kept)
    (wanted,) = command.channels
    assert (wanted.name, wanted.channel, wanted.notified, wanted.asked_only) == (
        *("attester", CHANNEL, Notified.ALL),
        True,
    )
    assert looks.asked == [(HERE, CHANNEL)]


@pytest.mark.parametrize("problem", ["is_archived", "not_in_channel", "channel_not_found"])
async def test_what_keeps_questions_from_it_is_said_at_its_field_and_nothing_is_kept(problem):
    outcome, commands = await sent(Looks(problem=problem), chosen())

    assert isinstance(outcome, Wrong)
    assert outcome.problems.in_words(Language.SV) == {FIELD: say(Language.SV, f"channel_seen.{problem}")}
    assert commands == []


async def test_one_that_is_shared_with_others_takes_an_explicit_yes():
    refused, commands = await sent(Looks(is_shared=True), chosen())
    agreed, kept = await sent(Looks(is_shared=True), chosen(shared=True))

    assert isinstance(refused, Wrong)
    assert refused.problems.in_words(Language.SV) == {FIELD: say(Language.SV, "channel_seen.shared")}
    assert isinstance(agreed, Kept)
    assert (len(commands), len(kept)) == (0, 1)


async def test_a_channel_is_picked_from_slacks_own_list():
    _, (command,) = await sent(Looks(name="attester"), picked(CHANNEL))

    assert [each.channel for each in command.channels] == [CHANNEL]


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        # Slack lists no private channel to who is not in it: no choice in its list takes nothing away.
        (picked(None, apart=TOGETHER), CHANNEL),
        (picked(CHANNEL, apart=APART), ""),
        (picked(OTHER, apart=TOGETHER), OTHER),
        # Where there is no box, an empty field takes it away.
        (chosen(""), ""),
    ],
)
async def test_a_chosen_channel_is_taken_away_by_the_box_beside_slacks_list_alone(entered, kept):
    _, (command,) = await sent(Looks(), entered, channels=[RoleChannel(Role.ATTESTANT, CHANNEL)])

    assert [each.channel for each in command.channels] == [kept]


async def test_one_that_stands_as_it_did_is_not_looked_at_again_unless_it_was_lost():
    well, lost = Looks(), Looks()
    as_it_was = RoleChannel(Role.ATTESTANT, CHANNEL)

    await sent(well, chosen(), channels=[as_it_was])
    await sent(lost, chosen(), channels=[RoleChannel(Role.ATTESTANT, CHANNEL, problem="not_in_channel")])

    assert (well.asked, len(lost.asked)) == ([], 1)


@pytest.mark.parametrize(("problem", "told"), [("not_in_channel", "admin.channels_tried"), ("", "admin.same")])
async def test_a_form_kept_as_it_stood_says_that_a_lost_channel_is_tried_again(problem, told):
    outcome, _ = await sent(Looks(), chosen(), channels=[RoleChannel(Role.ATTESTANT, CHANNEL, problem=problem)])

    assert outcome.sentence == say(Language.SV, told)


async def test_nothing_is_looked_at_where_nobody_is_to_be_asked_in_a_channel():
    looks = Looks()

    await sent(looks, chosen(""))

    assert looks.asked == []


class KnownSlack:
    """The one Slack that is known."""

    problem, token = None, "xoxb"

    async def by_id(self, issuer):
        return self if issuer == HERE.issuer else None


@pytest.mark.parametrize(
    ("error", "is_known", "problem"),
    [
        ("missing_scope", False, ""),
        ("channel_not_found", False, "channel_not_found"),
        # A private one that the app is in, where the scope for private ones was left out.
        ("channel_not_found", True, ""),
    ],
)
async def test_what_slack_does_not_let_the_app_see_the_first_message_tells(error, is_known, problem):
    async def refused(token, channel):
        raise Never(error)

    async def knows(token, channel):
        return is_known

    slack = SimpleNamespace(channel_info=refused, knows_channel=knows)
    assert await ChannelLook(KnownSlack(), slack).look(HERE, CHANNEL) == SeenChannel(problem=problem)


async def test_a_channel_of_which_slack_says_nothing_more_holds_up_no_form():
    async def refused(token, channel):
        raise Never("channel_not_found")

    async def away(token, channel):
        raise TryLater("timeout")

    slack = SimpleNamespace(channel_info=refused, knows_channel=away)
    assert await ChannelLook(KnownSlack(), slack).look(HERE, CHANNEL) == SeenChannel()


async def test_a_slack_that_does_not_answer_holds_up_no_form(monkeypatch):
    monkeypatch.setattr(channel_look, "LOOK_SECONDS", 0)

    async def silent(token, channel):
        await asyncio.Event().wait()

    assert await ChannelLook(KnownSlack(), SimpleNamespace(channel_info=silent)).look(HERE, CHANNEL) == SeenChannel()


async def test_a_slack_that_the_app_is_gone_from_is_not_asked():
    assert await ChannelLook(KnownSlack(), None).look(OwnSlack("slack:T2", "En annan"), CHANNEL) == SeenChannel()
