"""The forms about an organisation, sent: each is one wish, and the screen below shows what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.answers import Replies, updated
from bot.slack.dependencies import Dependencies
from bot.slack.homes import Homes
from bot.slack.identity import Caller, Reader, linked
from bot.slack.listeners.organisations.administration import Administering
from bot.slack.payloads import Payload, typed_in
from bot.slack.refusal_answers import ButtonIsGone
from bot.slack.views.modals import (
    EndRoleModal,
    FieldErrors,
    GrantModal,
    InvoiceModal,
    NoticeModal,
    RenameModal,
    RoleModal,
    RulesModal,
    UnlinkModal,
)
from bot.slack.views.organisations.screens import screen_of
from core.api import (
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    NoSuchAssignment,
    OrderError,
    OrganisationId,
    PersonId,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from notifications.texts import say

Submitted = Callable[[AsyncAck, Payload, Caller], Awaitable[None]]


@dataclass(frozen=True)
class OpenForm:
    """What an open form is about, and what it is known by: sent again, it counts no second time."""

    organisation: OrganisationId
    assignment: int
    key: str


@dataclass(frozen=True)
class AdministrationForms:
    """What people change of what they administer."""

    desk: Dependencies
    answers: Replies
    homes: Homes
    screens: Administering

    def submitted(self) -> Mapping[str, Submitted]:
        """What happens when a form is sent, by callback id."""
        return {
            GrantModal.CALLBACK: self.on_grant,
            RoleModal.CALLBACK: self.on_change,
            EndRoleModal.CALLBACK: self.on_end,
            UnlinkModal.CALLBACK: self.on_unlink,
            RenameModal.CALLBACK: self.on_rename,
            InvoiceModal.CALLBACK: self.on_invoices,
            RulesModal.CALLBACK: self.on_rules,
        }

    async def on_grant(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody gets roles."""
        form, read = self._form(view), GrantModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = GrantRoles(
            by=by.account,
            organisation=form.organisation,
            email=read.email,
            name=read.name,
            roles=read.roles,
            first=read.first,
            last=read.last,
            limit_ore=read.limit_ore,
            service=read.service,
            key=form.key,
        )
        await self._keep(ack, view, by, self.desk.administration.grant(wish))

    async def on_change(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """What holds for a role is another."""
        form, read = self._form(view), RoleModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = ChangeRole(
            by.account, form.organisation, form.assignment, last=read.last, limit_ore=read.limit_ore, key=form.key
        )
        await self._keep(ack, view, by, self.desk.administration.change_role(wish))

    async def on_end(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """A role ends."""
        form, read = self._form(view), EndRoleModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = EndRole(by.account, form.organisation, form.assignment, read.last, form.key)
        await self._keep(ack, view, by, self.desk.administration.end_role(wish), said="admin.ended")

    async def on_unlink(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody's account stands for the person no longer."""
        form, person = self._form(view), _shown_below(view)
        # Whose own account it was is nobody to the product once it is done.
        who = await linked(self.desk.queries, by)
        wish = UnlinkAccounts(by.account, form.organisation, person, form.key)
        is_news = await self.desk.administration.unlink(wish)
        sentence = say(who.language, "admin.unlinked" if is_news else "admin.same")
        await ack(**updated(NoticeModal.build(who.language, "notice.done", sentence)))
        self.desk.relay.wake()
        self.homes.redraw(by)
        self.desk.tasks.start(self._show_below(view, by, who))

    async def on_rename(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody's name is another."""
        form, person, read = self._form(view), _shown_below(view), RenameModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = RenamePerson(by.account, form.organisation, person, read, form.key)
        work = self.desk.administration.rename(wish)
        await self._keep(ack, view, by, work, said="admin.renamed", own="admin.renamed_own")

    async def on_invoices(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Invoices go elsewhere."""
        form, read = self._form(view), InvoiceModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = SetInvoices(
            by.account, form.organisation, read.address, read.reference, read.service, read.service_reference, form.key
        )
        await self._keep(ack, view, by, self.desk.administration.set_invoices(wish))

    async def on_rules(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """The organisation asks something else of its decisions."""
        form, read = self._form(view), RulesModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        wish = SetRules(
            by.account, form.organisation, read.self_attest_allowed, read.eid_from_ore, read.tiers, form.key
        )
        await self._keep(ack, view, by, self.desk.administration.set_rules(wish))

    async def _keep(
        self, ack: AsyncAck, view: Payload, by: Caller, work: Awaitable[Done], said: str = "admin.saved", own: str = ""
    ) -> None:
        """Tell who hears of it: `own` where the change is about whoever made it."""
        who, done = await linked(self.desk.queries, by), await work
        said = "admin.saved_for_two" if done.ends_self_attest else said
        said = own if own and done.is_own else said
        sentences = [say(who.language, said if done.is_news else "admin.same")]
        sentences += [say(who.language, "admin.gradually")] if done.adds_person and self.desk.has_mail else []
        await ack(**updated(NoticeModal.build(who.language, "notice.done", " ".join(sentences))))
        self.desk.relay.wake()
        self.homes.redraw(by)
        self.desk.tasks.start(self.desk.look_again())
        self.desk.tasks.start(self._show_below(view, by, who))

    async def _show_below(self, view: Payload, by: Caller, who: Reader) -> None:
        """Draw the screen that the form lies on anew; who is gone from it is not shown any more."""
        screen, below = screen_of(view), view.get("previous_view_id")
        if screen is None or not below:
            return
        try:
            drawn = await self.screens.drawn(by, who, screen)
        except NoSuchAssignment:
            drawn = await self.screens.drawn(by, who, screen.of_all())
        except OrderError:
            # Who has ended the own role administers nothing here any more.
            return
        await self.answers.redraw(by, {"id": below}, drawn)

    async def _refuse(self, ack: AsyncAck, by: Caller, problems: FieldErrors) -> None:
        who = await linked(self.desk.queries, by)
        await ack(response_action="errors", errors=problems.in_words(who.language))

    def _form(self, view: Payload) -> OpenForm:
        parts = (view.get("private_metadata") or "").split("\n")
        if len(parts) != 4:
            raise ButtonIsGone
        return OpenForm(OrganisationId(parts[1]), int(parts[2]) if parts[2].isdecimal() else 0, view["id"])


def _shown_below(view: Payload) -> PersonId:
    """Whose screen a form lies on."""
    screen = screen_of(view)
    if screen is None or screen.what != "person":
        raise ButtonIsGone
    return PersonId(screen.more)
