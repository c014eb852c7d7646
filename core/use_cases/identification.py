"""The use cases about e-identification: send somebody to identify for one decision, and take back the proof."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.identity.accounts import Identity
from core.identity.proofs import TO_DECIDE, TO_IDENTIFY, Occasion
from core.ports.cases import CaseQuery, CaseRepository, Now
from core.ports.identity import EidMethod, Proofs
from core.shared.errors import IdentificationNotNeeded, IdentificationNotOffered
from core.shared.vocabulary import Assurance
from core.workflow.authorize import authorize
from core.workflow.commands import ActOnCase
from core.workflow.guards.people import assured


@dataclass(frozen=True)
class Proven:
    """What a decision carries: a secret that counts once, and the decision that it is for."""

    token: str
    occasion: Occasion


@dataclass(frozen=True)
class Identification:
    """`method` None where no e-identification has been connected; `new_secret` makes what nobody can guess."""

    cases: CaseRepository
    proofs: Proofs
    method: EidMethod | None
    now: Now
    new_secret: Callable[[], str]

    async def begin(self, command: ActOnCase) -> str:
        """The address where the person identifies for a decision.

        Raises what would refuse the decision otherwise, IdentificationNotNeeded, IdentificationNotOffered.
        """
        at = self.now()
        context = await self.cases.look(CaseQuery(command.case, command.by, at, command.card))
        authorization = authorize(replace(context, assurance=Assurance.EID_LINK), command.action, command.seen)
        unidentified = replace(authorization.now, assurance=Assurance.CLICK_CONFIRM)
        if context.person is None or assured not in authorization.row.guards or assured(unidentified) is None:
            raise IdentificationNotNeeded(case=command.case)
        if self.method is None:
            raise IdentificationNotOffered(organisation=context.case.organisation_of(authorization.row.who))
        attempt = self.new_secret()
        occasion = Occasion(
            context.person, context.case.id, context.case.step, context.case.content_version, command.action
        )
        await self.proofs.begin(attempt, occasion, method=self.method.name, at=at, until=at + TO_IDENTIFY)
        return await self.method.begin(attempt)

    async def complete(self, answer: Mapping[str, str]) -> Proven:
        """The proof, from what the person came back with. No decision is made.

        Raises NotIdentified, AttemptGone, IdentityNotLinked, IdentifiedAsAnother.
        """
        if self.method is None:
            raise IdentificationNotOffered(organisation=None)
        identified, token, at = await self.method.complete(answer), self.new_secret(), self.now()
        account = Identity(f"eid:{self.method.name}", identified.subject)
        occasion = await self.proofs.complete(identified.attempt, account, token, at=at, until=at + TO_DECIDE)
        return Proven(token, occasion)
