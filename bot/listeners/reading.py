"""Reading without deciding: a whole order, and how it all works."""

from dataclasses import dataclass

from bot.answers import Answers, Spot
from bot.desk import Desk
from bot.identity import Caller, reader
from bot.pressed import Pressed
from bot.refusals import ButtonIsGone
from bot.views.modals import DetailsModal, HelpModal
from core.api import (
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    CaseId,
    CaseNotFound,
    Look,
    OrganisationKind,
    Part,
    Person,
    Side,
    Situation,
    disclose,
)

KIND_OF = {
    Side.CUSTOMER: OrganisationKind.CUSTOMER,
    Side.AGENT: OrganisationKind.AGENT,
    Side.INERA: OrganisationKind.INERA,
}


@dataclass(frozen=True)
class Reading:
    """What people may look at."""

    desk: Desk
    answers: Answers

    async def on_details(self, press: Pressed) -> None:
        """A button asks for the whole order."""
        if press.pointer is None:
            raise ButtonIsGone
        await self.show(press.by, press.where, press.pointer.case)

    async def on_help(self, press: Pressed) -> None:
        """A button asks how it works."""
        who = await reader(self.desk.queries, press.by)
        view = HelpModal.build(who.language, await self.parts(who.person), self.desk.portal_url)
        self.desk.tasks.start(self.answers.open(press.where, who, view))

    async def show(self, by: Caller, where: Spot, case: CaseId) -> None:
        """Open an order for somebody who plays a part in it. Raises NotLinked, CaseNotFound."""
        now = await self.desk.orders.store.look(Look(case, by.account, self.desk.now()))
        dossiers, who = await self.desk.queries.dossiers([case]), await reader(self.desk.queries, by)
        view = DetailsModal.build(disclose(dossiers[case], _side(now)), who.language)
        self.desk.tasks.start(self.answers.open(where, who, view))

    async def parts(self, person: Person | None) -> list[Part]:
        """The parts somebody plays anywhere."""
        if person is None:
            return []
        held = await self.desk.queries.roles_of(person.id, self.desk.now())
        return [
            part
            for part, side in SIDE_OF.items()
            if any(
                ROLES_OF[part] & roles and KIND_OF[side] in organisation.kinds for organisation, roles in held.values()
            )
        ]


def _side(now: Situation) -> Side:
    """The side to show a case from: the one that is asked now where the reader is on it, else any the reader is on."""
    asked = PART_WAITED_FOR.get(now.case.state, Part.ORDERER)
    mine = [side for part, side in SIDE_OF.items() if now.plays(part)]
    if not mine and now.person != now.case.orderer:
        raise CaseNotFound(case=now.case.id)
    return next((side for side in mine if side is SIDE_OF[asked]), next(iter(mine), Side.CUSTOMER))
