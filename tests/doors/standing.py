"""Who stands before a door: Anna of Region Exempel, in a workspace, with a button under her finger."""

from dataclasses import dataclass, field
from functools import cached_property

from bot.acts.deployment import Deployment
from bot.acts.people import People
from bot.server.background import Tasks
from bot.slack.identity import Caller, SlackUserId
from bot.slack.listeners.presses import FormAnswers, PressAnswers
from bot.slack.press import Pressed, opened
from bot.slack.replies import Replies, ReplySpot
from core.api import CardId, CaseId, Identity, Language, Organisation, OrganisationKind, Person, Role, Seen
from notifications.render.button_values import Pointer
from notifications.slack.workspaces import Workspace
from tests.fakes.clock import FakeClock
from tests.fakes.doors import FakePort, FakeScreens
from tests.support.world.seed import ANNA, BO, NOW, REGION, TEAM, slack_user

ENVIRONMENT = "test"
HERE = Deployment(ENVIRONMENT, "https://portal.example.org", "https://kundportal.example.org", has_mail=True)
CASE = CaseId("B-7GKX2QP")
POINTER = Pointer(ENVIRONMENT, CardId("C1"), CASE, Seen(1, 1))
WORKSPACE = Workspace(TEAM, "T0INERA001", None, "Inera", "xoxb-1", "UBOT", None, Language.SV, None)
BY = Caller(WORKSPACE, SlackUserId(slack_user(ANNA)), Identity(TEAM, slack_user(ANNA)))
PERSON = Person(ANNA, "Anna Berg", "anna@example.org", language=Language.SV)
HOME = Organisation(REGION, "Region Exempel", "2321000016", False, frozenset({OrganisationKind.CUSTOMER}))
CLOCK = FakeClock(NOW)
NAMES = ({ANNA: "Anna Berg", BO: "Bo Ek"}, {REGION: "Region Exempel"})
CONTEXT = {"caller": BY, "workspace": WORKSPACE}


def queries(*roles, **answers):
    """What is read of Anna: who she is, and these roles at the region."""
    held = {REGION: (HOME, frozenset(map(Role, roles)))} if roles else {}
    return FakePort(**{"person_of": PERSON, "roles_of": held, "names": NAMES, "service_name": None, **answers})


def people(*roles, **answers):
    """The same as listeners are given it."""
    return People(queries(*roles, **answers), CLOCK)


@dataclass
class Standing:
    """What Anna is shown, once all that was begun has been done."""

    screens: FakeScreens = field(default_factory=FakeScreens)
    tasks: Tasks = field(default_factory=Tasks)

    @cached_property
    def replies(self):
        return Replies(self.screens, self.tasks)

    def begin(self, press, outcome, reading=None, homes=None):
        """Let Slack begin to show what a press came to."""
        PressAnswers(people(), reading, self.replies, homes).show(press, outcome)

    async def answer(self, ack, view, outcome):
        """Let Slack answer a form that was sent."""
        await FormAnswers(people(), self.replies).answer(ack, view, BY, outcome)

    async def sees(self):
        """How each thing was shown, and what was: the callback of a modal, else the text."""
        await self.tasks.drain(60)
        return [
            (how, shown.get("callback_id") if isinstance(shown, dict) else shown)
            for how, _, shown in self.screens.shown
        ]


def pressed(action_id, rest="", *, pointer=POINTER, view=None, value="", place=None):
    """Anna presses a button or chooses in a menu."""
    where = ReplySpot(BY, trigger="1.2", response_url=None, in_modal=view is not None)
    return Pressed(BY, action_id, value, rest, pointer, view and opened(view), place, where, view)


def form(callback, metadata="", **typed):
    """A modal as it comes back, with what was typed in it."""
    values = {block: {"x": {"type": "plain_text_input", "value": value}} for block, value in typed.items()}
    return {
        "id": "V1",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "state": {"values": values},
    }
