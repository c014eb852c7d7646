"""What one's organisations have, opened from the home tab and paged."""

from dataclasses import dataclass

from bot.acts.deployment import Deployment
from bot.acts.outcomes import Outcome, Replaced, ShownView
from bot.acts.people import People
from bot.acts.press import Acts, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.views.organisations.holdings import AgreementLinkModal, HoldingsModal
from core.api import Administration, DocumentLinks, OrganisationId, Purpose, Role
from notifications.mail.link_addresses import link_to
from notifications.render.button_values import SEPARATOR, Pointer, number_in


@dataclass(frozen=True)
class HoldingsShown:
    """Everything that people look at of what an organisation has. Who may not is told so by the core."""

    people: People
    administration: Administration
    here: Deployment

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            "kp.holdings": self.on_open,
            "kp.holdings.more": self.on_page,
            "kp.holdings.home": self.on_page,
            HoldingsModal.PLACES: self.on_place,
        }

    async def on_open(self, press: PressedButton) -> Outcome:
        """A button or a menu asks for it; of one organisation, or of the first that the reader has a role in."""
        named = press.rest.split(SEPARATOR)[-1] if press.rest else ""
        return await self.show(press, OrganisationId(named) if named else None)

    async def on_place(self, press: PressedButton) -> Outcome:
        """Another organisation was chosen in the open modal; the value is only an id."""
        return await self.show(press, OrganisationId(press.value))

    async def on_page(self, press: PressedButton) -> Outcome:
        """Another page."""
        organisation, _, said = press.rest.partition(SEPARATOR)
        start = number_in(said)
        if press.pointer is None or start is None:
            raise ButtonIsGone
        return await self.show(press, OrganisationId(organisation), start)

    async def show(self, press: PressedButton, wanted: OrganisationId | None, start: int = 0) -> Outcome:
        """In the place of a modal that is open, else as one."""
        who = await self.people.linked(press.by)
        mine = await self.people.roles_of(who.person.asking)
        places = [(id_, organisation.name) for id_, (organisation, _) in mine.items()]
        chosen = wanted or (places[0][0] if places else None)
        if chosen is None:
            raise ButtonIsGone
        held = await self.administration.holdings(who.person.asking, chosen)
        _, names = await self.people.names([], [chosen])
        pointer = Pointer(self.here.environment)
        named = (chosen, names.get(chosen, ""))
        can_read = bool(self.here.public_url)
        may_end = chosen in mine and Role.ORDERER in mine[chosen][1]
        drawn = HoldingsModal.build(
            named, places, held, pointer, who.language, start=start, can_read=can_read, may_end=may_end
        )
        is_ours = press.form is not None and press.form.name == HoldingsModal.CALLBACK
        return Replaced(drawn) if is_ours else ShownView(who, drawn)


@dataclass(frozen=True)
class AgreementLinks:
    """Links to read an agreement by, for the one person."""

    people: People
    documents: DocumentLinks
    here: Deployment

    def changes(self) -> Acts:
        """What is made at its buttons, by action id."""
        return {"kp.read_agreement": self.on_read}

    async def on_read(self, press: PressedButton) -> Outcome:
        """Somebody wants to read an agreement: a link of their own, on top of what is open."""
        who = await self.people.linked(press.by)
        if not press.rest:
            raise ButtonIsGone
        token, until = await self.documents.make(who.person, press.rest)
        address = link_to(self.here.public_url, Purpose.READ, token, who.language)
        return ShownView(who, AgreementLinkModal.build(address, until, who.language))
