"""The form about where an organisation asks those who have a role: each by themselves, or in a channel of its Slack."""

from collections.abc import Iterable, Iterator, Mapping

from bot.forms.inputs import (
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    is_ticked,
    line,
    modal,
    notice,
    option,
    select,
    text_in,
    tick,
)
from bot.views.organisations.administered import of_organisation
from core.api import (
    Administered,
    Language,
    Notified,
    ProposedChannel,
    Role,
    RoleChannel,
    SeenChannel,
    channel_called,
    channel_in,
    roles_asked_in,
)
from notifications.render.model import Block, Bold, ChannelInput, Dialog
from notifications.render.pieces.parts import on_one_line, rich, small
from notifications.render.pieces.words import why_channel_is_lost
from notifications.texts import say

CHANNEL, APART, SHARED, NOTIFIED, DECIDES = "channel", "apart", "shared", "notified", "decides"
ANYBODY, ASKED = "anybody", "asked"
LINK_LIMIT = 200


class ChannelsModal:
    """Where those who have a role are asked, whom a message there calls, and who decides there."""

    CALLBACK = "kp.channels"

    @classmethod
    def build(cls, about: Administered, metadata: str, language: Language, *, at: str = "") -> Dialog:
        """Return the form, filled in with what holds; without a Slack of the organisation's own, what it takes.

        `at` is the Slack in which the form is opened: where that is the organisation's own, it has Slack's own list.
        """
        title = say(language, "btn.channels")
        blocks = [of_organisation(about.organisation, language)]
        if about.slack is None:
            blocks.append(rich([say(language, "admin.channels_need_slack")]))
            return notice(language, cls.CALLBACK, title, metadata, blocks)
        blocks.append(rich([say(language, "admin.channels_about", workspace=on_one_line(about.slack.name))]))
        stored = {each.role: each for each in about.channels}
        roles = roles_asked_in(about.organisation.kinds)
        is_there = at == about.slack.issuer
        for role in roles:
            blocks += cls._of_role(role, stored.get(role), language, is_there=is_there)
        blocks.append(small(say(language, "admin.channels_told")))
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def _of_role(cls, role: Role, stored: RoleChannel | None, language: Language, *, is_there: bool) -> Iterator[Block]:
        name = say(language, f"role.{role}")
        if stored is not None and stored.problem:
            yield rich(
                [Bold(say(language, "admin.channel_lost", role=name))], [why_channel_is_lost(language, stored.problem)]
            )
        if stored is not None and (stored.name or is_there):
            called = on_one_line(channel_called(stored.channel, stored.name))
            yield rich([say(language, "admin.channel_chosen", channel=called)])
        label = say(language, "admin.channel_of", role=name)
        if is_there:
            yield from cls._listed(role, label, stored, language)
        else:
            field = line(CHANNEL, "" if stored is None else stored.channel, LINK_LIMIT)
            yield asked(f"{CHANNEL}_{role}", label, field, say(language, "admin.channel_hint"), optional=True)
        box = tick(SHARED, say(language, "admin.channel_shared"))
        hint = say(language, "admin.channel_shared_hint")
        yield asked(f"{SHARED}_{role}", say(language, "admin.channel_shared_label"), box, hint, optional=True)
        notified = [option(each, say(language, f"admin.notifies.{each}")) for each in Notified]
        chosen = Notified.ASKED if stored is None else stored.notified
        menu = select(NOTIFIED, say(language, "order.choose"), notified, notified[list(Notified).index(chosen)])
        yield asked(f"{NOTIFIED}_{role}", say(language, "admin.notified"), menu)
        decides = [option(each, say(language, f"admin.decides_there.{each}")) for each in (ANYBODY, ASKED)]
        is_asked = stored is not None and stored.asked_only
        menu = select(DECIDES, say(language, "order.choose"), decides, decides[is_asked])
        yield asked(f"{DECIDES}_{role}", say(language, "admin.decides"), menu)

    @classmethod
    def _listed(cls, role: Role, label: str, stored: RoleChannel | None, language: Language) -> Iterator[Block]:
        """Ask for one of the channels that Slack lists, and beside it, where one is chosen, whether to take that away.

        Slack lists no private channel to who is not in it, and what it does with one that is lost it does not say.
        """
        initial = None if stored is None or stored.problem else stored.channel
        hint = say(language, "admin.channel_listed_hint")
        hint += f" {say(language, 'admin.channel_none_hint')}" if stored is None else ""
        picker = ChannelInput(CHANNEL, say(language, "admin.channel_choose"), initial)
        yield asked(f"{CHANNEL}_{role}", label, picker, hint, optional=True)
        if stored is not None:
            box = tick(APART, say(language, "admin.channel_apart"))
            yield asked(f"{APART}_{role}", say(language, "admin.channel_apart_label"), box, optional=True)

    @classmethod
    def read(cls, values: Typed, stored: Iterable[RoleChannel]) -> tuple[ProposedChannel, ...] | FieldErrors:
        """Return what the form says of each role that it asks about, or what is wrong by field."""
        roles = [role for role in Role if f"{CHANNEL}_{role}" in values]
        before = {each.role: each.channel for each in stored}
        written = {role: cls._written(role, before.get(role, ""), values) for role in roles}
        problems = FieldErrors(
            {
                f"{CHANNEL}_{role}": InputProblem("entry_error.channel")
                for role, text in written.items()
                if text and channel_in(text) is None
            }
        )
        return problems or tuple(cls._proposed(role, text, values) for role, text in written.items())

    @classmethod
    def _written(cls, role: Role, stored: str, values: Typed) -> str:
        """Return the channel that the form says. Where it can be taken away by a box, that alone does so."""
        if is_ticked(values, f"{APART}_{role}"):
            return ""
        stays = stored if f"{APART}_{role}" in values else ""
        return text_in(values, f"{CHANNEL}_{role}") or stays

    @classmethod
    def problems(cls, seen: Mapping[Role, SeenChannel], values: Typed) -> FieldErrors:
        """Return what keeps questions from channels, and which are shared though nobody has said yes to that."""
        said = {role: look.problem or cls._unsaid(look, role, values) for role, look in seen.items()}
        return FieldErrors(
            {f"{CHANNEL}_{role}": InputProblem(f"channel_seen.{problem}") for role, problem in said.items() if problem}
        )

    @classmethod
    def _unsaid(cls, look: SeenChannel, role: Role, values: Typed) -> str:
        return "shared" if look.is_shared and not is_ticked(values, f"{SHARED}_{role}") else ""

    @classmethod
    def _proposed(cls, role: Role, text: str, values: Typed) -> ProposedChannel:
        notified = choice_in(values, f"{NOTIFIED}_{role}")
        return ProposedChannel(
            role=role,
            channel=text,
            notified=Notified(notified) if notified in list(Notified) else Notified.ASKED,
            asked_only=choice_in(values, f"{DECIDES}_{role}") == ASKED,
        )
