"""Cards about an organisation's register: what has changed, and the way to what a role lets its holder do."""

from dataclasses import replace

import pytest

from bot.views.organisations.channel_forms import ChannelsModal
from core.api import Happened, Language, OwnSlack, Part, Role, RoleChannel
from notifications.render.button_values import Pointer
from notifications.render.pieces.words import why_channel_is_lost
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import loose, message
from tests.support.drawn.drawings import nodes
from tests.support.drawn.reading import as_read
from tests.support.drawn.register_views import METADATA, administered, told
from tests.support.drawn.sent import as_sent
from tests.support.world import builders

SINCE = builders.AT.isoformat()
CARD = loose(CardKind.ROLE, Part.CUSTOMER_ADMINISTRATOR)


def drawn(kind, line):
    return message(loose(kind, Part.CUSTOMER_ADMINISTRATOR, told=line), None, Language.SV)


def ways_on(card):
    return [each["text"]["text"] for each in nodes(card) if each.get("type") == "button"]


@pytest.mark.parametrize(
    ("role", "ways"),
    [
        (Role.ORDERER, ["Ny beställning"]),
        (Role.ADMINISTRATOR, ["Personer och roller"]),
        *((role, []) for role in (Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.AGENT_HANDLER, Role.CUSTOMER_SERVICE)),
    ],
)
def test_a_role_that_was_given_leads_to_what_it_is_for_and_one_that_ended_nowhere(role, ways):
    given = told(Happened.GRANTED, role=role, valid_from=SINCE)
    ended = told(Happened.ENDED, role=role, valid_from=SINCE, valid_to=SINCE)

    assert ways_on(drawn(CardKind.ROLE, given)) == ways
    assert ways_on(drawn(CardKind.ROLE, ended)) == []


def test_a_button_of_a_card_without_a_case_names_the_environment_and_the_card():
    (button,) = [
        each
        for each in nodes(drawn(CardKind.ROLE, told(Happened.GRANTED, role=Role.ORDERER, valid_from=SINCE)))
        if each.get("type") == "button"
    ]

    assert button["value"] == Pointer("test", CARD.id).value()


def test_whoever_gets_a_role_for_one_service_reads_which():
    line = told(Happened.GRANTED, role=Role.ATTESTANT, valid_from=SINCE)

    limited = as_read(drawn(CardKind.ROLE, replace(line, service={Language.SV: "NPÖ", Language.EN: "NPO"})))

    assert "Bara för tjänsten | NPÖ" in limited
    assert "Bara för tjänsten" not in as_read(drawn(CardKind.ROLE, line))


def test_changed_rules_say_from_which_amount_e_identification_is_needed():
    rules = told(Happened.CHANGED, self_attest_allowed=True, eid_from_ore=5_000_000)

    assert "E-legitimation krävs från | 50\xa0000\xa0kr" in as_read(drawn(CardKind.RULES, rules))


def test_other_reminders_are_told_by_themselves_and_say_what_waits_is_reminded_of_as_before():
    reminders = {"reminder_days": 3, "before": {"reminder_days": 2}}
    alone = as_read(drawn(CardKind.RULES, told(Happened.CHANGED, **reminders)))
    with_more = as_read(drawn(CardKind.RULES, told(Happened.CHANGED, self_attest_allowed=False, **reminders)))

    assert "Påminnelserna är ändrade hos" in alone
    assert "Påminnelse efter | 3 arbetsdagar" in alone
    assert "Om det som redan väntar kommer påminnelser som förut." in alone
    assert "Reglerna för attest är ändrade hos" in with_more
    assert "Påminnelse efter | 3 arbetsdagar" in with_more
    assert "prövas mot de nya reglerna" in with_more


def test_another_hour_of_reminders_is_told_as_a_time_of_day_and_no_days_are_said_to_have_changed():
    alone = as_read(drawn(CardKind.RULES, told(Happened.CHANGED, reminder_hour=14, before={"reminder_hour": 9})))

    assert "Påminnelserna är ändrade hos" in alone
    assert "Påminnelser skickas | kl.\u00a014.00" in alone
    assert "Påminnelse efter" not in alone


@pytest.mark.parametrize(("name", "called"), [({"name": "attester"}, "#attester"), ({}, "C0123456789")])
def test_a_channel_is_called_by_its_name_and_by_its_id_where_nobody_knows_that(name, called):
    chosen = {"role": Role.ATTESTANT, "channel": "C0123456789", "notified": "asked", "asked_only": False}
    card = drawn(CardKind.CHANNELS, told(Happened.CHANNELLED, **chosen, **name))

    assert f"I kanalen {called}" in as_read(card)


def test_the_form_about_channels_says_what_the_chosen_one_is_called():
    chosen = [RoleChannel(Role.ATTESTANT, "C0123456789", name="attester")]
    about = administered(channels=chosen, slack=OwnSlack("slack:T1", "Regionens Slack"))

    form = as_read(as_sent(ChannelsModal.build(about, METADATA, Language.SV)))

    assert "Vald kanal: #attester" in form


def fields_of(form):
    return {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}


@pytest.mark.parametrize(
    ("at", "kind"), [("slack:T1", "conversations_select"), ("slack:T2", "plain_text_input"), ("", "plain_text_input")]
)
def test_slacks_own_list_stands_in_the_form_where_it_lists_the_organisations_channels(at, kind):
    about = administered(slack=OwnSlack("slack:T1", "Regionens Slack"))

    form = fields_of(as_sent(ChannelsModal.build(about, METADATA, Language.SV, at=at)))

    assert form["channel_attestant"]["type"] == kind
    assert "apart_attestant" not in form


@pytest.mark.parametrize(("problem", "initial"), [("", "C0123456789"), ("channel_not_found", None)])
def test_a_channel_that_is_lost_is_not_asked_of_slacks_list(problem, initial):
    chosen = [RoleChannel(Role.ATTESTANT, "C0123456789", problem=problem)]
    about = administered(channels=chosen, slack=OwnSlack("slack:T1", "Regionens Slack"))

    drawn = as_sent(ChannelsModal.build(about, METADATA, Language.SV, at="slack:T1"))

    form = fields_of(drawn)
    assert form["channel_attestant"].get("initial_conversation") == initial
    assert form["apart_attestant"]["type"] == "checkboxes"
    assert "Vald kanal: C0123456789" in as_read(drawn)


@pytest.mark.parametrize("error", ["restricted_action", "restricted_action_read_only_channel"])
def test_a_channel_where_the_app_must_not_write_says_so_in_words(error):
    assert why_channel_is_lost(Language.SV, error).startswith("Appen får inte skriva i kanalen.")
