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

    store: CaseRepository
    proofs: Proofs
    method: EidMethod | None
    now: Now
    new_secret: Callable[[], str]

    async def begin(self, wish: ActOnCase) -> str:
        """The address where the person identifies for a decision.

        Raises what would refuse the decision otherwise, IdentificationNotNeeded, IdentificationNotOffered.
        """
        at = self.now()
        now = await self.store.look(CaseQuery(wish.case, wish.by, at, wish.card))
        ruling = authorize(replace(now, assurance=Assurance.EID_LINK), wish.action, wish.seen)
        unidentified = replace(ruling.now, assurance=Assurance.CLICK_CONFIRM)
        if now.person is None or assured not in ruling.row.guards or assured(unidentified) is None:
            raise IdentificationNotNeeded(case=wish.case)
        if self.method is None:
            raise IdentificationNotOffered(organisation=now.case.organisation_of(ruling.row.who))
        attempt = self.new_secret()
        occasion = Occasion(now.person, now.case.id, now.case.step, now.case.content_version, wish.action)
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
