"""The use cases about applications: send in, complete, withdraw, follow, sign. One use case, one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from core.applications.application import Application, Contact, DrawnUp
from core.applications.form import ApplicationForm, filled_in
from core.identity.personal_links import PersonalLink, check_document, check_follower
from core.ports.cases import CaseQuery, Decide
from core.ports.identity import PersonalLinks
from core.shared.errors import CaseClosed, LinkUnknown
from core.shared.vocabulary import Action, Assurance, CaseId, OrganisationId, Purpose, State, Surface
from core.use_cases.orders import Orders, check_texts
from core.workflow.authorize import authorize, check_answers
from core.workflow.case import Case
from core.workflow.commands import Answers, Apply
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced, Change


@dataclass(frozen=True)
class ToSign:
    """An agreement that waits for somebody's signature: for whom, of how many, and what is signed."""

    case: Case
    signatory: Contact
    document: DrawnUp
    signatures: int
    has_signed: bool
    expires_at: datetime

    @property
    def application(self) -> Application:
        """What was applied for."""
        return self.case.application


@dataclass(frozen=True)
class Applications:
    """What applicants and signatories do. Every method raises OrderError subclasses, with nothing saved.

    Customer service acts on applications as on orders: by `Orders.act`. A token is of a personal link; methods
    that take one raise LinkUnknown, LinkExpired, LinkUsed.
    """

    orders: Orders
    links: PersonalLinks

    async def apply(self, wish: Apply) -> Case:
        """Send in an application once per key and return its case, also when it was sent in before.

        Raises ApplicationFormError naming fields, KeyReused.
        """

        def begin() -> tuple[datetime, Decide]:
            at = self.orders.now()
            return at, partial(self._submit, wish, at)

        filled_in(wish.form, wish.flow)
        case, _ = await self.orders.store.apply(wish, begin)
        return case

    async def follow(self, token: str) -> Case:
        """The application behind a link to follow it, as it stands. Nothing changes."""
        link = await self._open(token, Purpose.FOLLOW)
        case = (await self.orders.store.look(self._look(link))).case
        check_follower(link, case.application.administrator.email)
        return case

    async def complete(self, token: str, form: ApplicationForm, message: str = "") -> CaseAdvanced:
        """Answer a question with the whole form, changed or not, and words if there are any.

        Raises ApplicationFormError naming fields, PersonalNumber, ActionNotPossible when nobody asks.
        """
        answers = Answers(message=message)
        check_texts(answers)
        link = await self._open(token, Purpose.FOLLOW)
        return await self._act(link, Action.ANSWER, answers, form=form)

    async def withdraw(self, token: str) -> CaseAdvanced:
        """Take the application back, for good."""
        link = await self._open(token, Purpose.FOLLOW)
        return await self._act(link, Action.WITHDRAW, Answers(confirmed=True))

    async def to_sign(self, token: str) -> ToSign:
        """The agreement behind a link to sign it, also once it is signed by others. Nothing changes.

        Raises CaseClosed when it came to nothing.
        """
        link = await self._open(token, Purpose.SIGN)
        case = (await self.orders.store.look(self._look(link))).case
        if case.closed_at is not None and case.state is not State.AGREEMENT_ACTIVE:
            raise CaseClosed(case=case.id)
        signatory, document = _signing(case, link)
        has_signed = any(each.person == link.person for each in case.signatures)
        return ToSign(case, signatory, document, len(case.signatures), has_signed, link.expires_at)

    async def sign(self, token: str, document_hash: str, method: str) -> CaseAdvanced:
        """Sign the document that was shown, which uses the link up. `method` is the way of signing, as it is kept.

        Raises LinkChanged for another document than the link was made for, DocumentChanged, AlreadySigned.
        """
        link = await self._open(token, Purpose.SIGN)
        check_document(link, document_hash)
        answers = Answers(confirmed=True, document_hash=document_hash, method=method)
        return await self._act(link, Action.SIGN, answers)

    async def decline(self, token: str, reason: str) -> CaseAdvanced:
        """Decline to sign, which ends the application and uses the link up.

        Raises ReasonRequired, PersonalNumber, FormError naming the reason.
        """
        answers = Answers(reason=reason)
        check_texts(answers)
        link = await self._open(token, Purpose.SIGN)
        return await self._act(link, Action.DECLINE, answers)

    # --- helpers

    async def _open(self, token: str, purpose: Purpose) -> PersonalLink:
        return await self.links.open(token, purpose, self.orders.now())

    def _look(self, link: PersonalLink, form: ApplicationForm | None = None) -> CaseQuery:
        is_applicant = link.purpose is Purpose.FOLLOW
        by = None if is_applicant else link.person
        return CaseQuery(link.case, by, self.orders.now(), is_applicant=is_applicant, form=form)

    async def _act(
        self, link: PersonalLink, action: Action, answers: Answers, form: ApplicationForm | None = None
    ) -> CaseAdvanced:
        def begin() -> tuple[CaseQuery, Decide]:
            look = self._look(link, form)
            return look, partial(self._decide, link, action, answers, form, look.at)

        # What is followed by a link may be followed again; what was signed by one was signed.
        used = link.id if link.purpose is Purpose.SIGN else None
        return (await self.orders.store.enrol(begin, used)).event

    def _submit(self, wish: Apply, at: datetime, now: DecisionContext) -> Change:
        case = replace(
            now.case,
            id=CaseId(self.orders.new_id("A-")),
            customer=OrganisationId(self.orders.new_id("O")),
            content=filled_in(wish.form, wish.flow),
        )
        ruling = authorize(now.at(case), Action.SUBMIT, None)
        return self.orders.advance(ruling, Answers(), wish.surface, at=at)

    def _decide(
        self,
        link: PersonalLink,
        action: Action,
        answers: Answers,
        form: ApplicationForm | None,
        at: datetime,
        now: DecisionContext,
    ) -> Change:
        check_follower(link, now.case.application.administrator.email)
        mine = replace(now, assurance=Assurance.MAIL_LINK)
        if form is not None:
            # Who answers an old question is not told about fields first.
            authorize(mine, action, None)
            mine = replace(mine, revised=_revised(now.case, form))
        ruling = authorize(mine, action, None)
        check_answers(ruling.now, ruling.row, answers)
        return self.orders.advance(ruling, answers, Surface.MAIL, at=at)


def _revised(case: Case, form: ApplicationForm) -> Case:
    """The case with the form as it was filled in anew; who claimed it keeps it."""
    content = filled_in(form, case.flow)
    return replace(case, content=content, content_version=case.content_version + (content != case.content))


def _signing(case: Case, link: PersonalLink) -> tuple[Contact, DrawnUp]:
    signatory, document = case.application.signatory(link.person), case.application.document
    if signatory is None or document is None:
        raise LinkUnknown
    return signatory, document
