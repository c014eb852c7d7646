"""The use cases about applications: send in, complete, withdraw, follow, sign. One use case, one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.applications.application import Application, Contact, DrawnUp
from core.applications.attachment import BroughtFile
from core.applications.form import ApplicationForm, application_from
from core.identity.personal_links import PersonalLink, check_document, check_follower
from core.ports.cases import CaseQuery, Transaction
from core.ports.identity import PersonalLinks
from core.shared.errors import CaseClosed, LinkUnknown
from core.shared.vocabulary import Action, Assurance, CaseId, OrganisationId, Purpose, State, Surface
from core.use_cases.engine import Act, Engine
from core.use_cases.orders import check_texts
from core.workflow.authorize import Authorization, authorize, check_answers
from core.workflow.case import Case
from core.workflow.commands import Answers, Apply
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced


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

    engine: Engine
    links: PersonalLinks

    async def apply(self, command: Apply) -> Case:
        """Send in an application once per key and return its case, also when it was sent in before.

        Raises ApplicationFormError naming fields, KeyReused.
        """
        content = application_from(command.form, command.flow)

        def drafted(context: DecisionContext, number: CaseId, at: datetime) -> Case:  # noqa: ARG001 - see Draft
            return replace(context.case, id=number, customer=OrganisationId(self.engine.new_id("O")), content=content)

        return await self.engine.send_in(command, "A-", drafted)

    async def follow(self, token: str) -> Case:
        """The application behind a link to follow it, as it stands. Nothing changes."""
        link = await self._open(token, Purpose.FOLLOW)
        case = await self._case(link)
        check_follower(link, case.application.administrator.email)
        return case

    async def complete(
        self, token: str, form: ApplicationForm, message: str = "", brought: BroughtFile | None = None
    ) -> CaseAdvanced:
        """Answer a question with the whole form, changed or not, and words if there are any, and a file or none.

        Raises ApplicationFormError naming fields, PersonalNumber, ActionNotPossible when nobody asks.
        """
        answers = Answers(message=message)
        check_texts(answers)
        link = await self._open(token, Purpose.FOLLOW)
        return await self.engine.carry_out(replace(_by_link(link, Action.ANSWER, answers, form), brought=brought))

    async def withdraw(self, token: str) -> CaseAdvanced:
        """Take the application back, for good."""
        link = await self._open(token, Purpose.FOLLOW)
        return await self.engine.carry_out(_by_link(link, Action.WITHDRAW, Answers(confirmed=True)))

    async def to_sign(self, token: str) -> ToSign:
        """The agreement behind a link to sign it, also once it is signed by others. Nothing changes.

        Raises CaseClosed when it came to nothing.
        """
        link = await self._open(token, Purpose.SIGN)
        case = await self._case(link)
        if case.closed_at is not None and case.state is not State.AGREEMENT_ACTIVE:
            raise CaseClosed(case=case.id, flow=case.flow)
        signatory, document = _signing(case, link)
        has_signed = any(signature.person == link.person for signature in case.signatures)
        return ToSign(case, signatory, document, len(case.signatures), has_signed, link.expires_at)

    async def sign(self, token: str, document_hash: str, method: str) -> CaseAdvanced:
        """Sign the document that was shown, which uses the link up. `method` is the way of signing, as it is kept.

        Raises LinkChanged for another document than the link was made for, DocumentChanged, AlreadySigned.
        """
        link = await self._open(token, Purpose.SIGN)
        check_document(link, document_hash)
        answers = Answers(confirmed=True, document_hash=document_hash, method=method)
        return await self.engine.carry_out(_by_link(link, Action.SIGN, answers))

    async def decline(self, token: str, reason: str) -> CaseAdvanced:
        """Decline to sign, which ends the application and uses the link up.

        Raises ReasonRequired, PersonalNumber, FormError naming the reason.
        """
        answers = Answers(reason=reason)
        check_texts(answers)
        link = await self._open(token, Purpose.SIGN)
        return await self.engine.carry_out(_by_link(link, Action.DECLINE, answers))

    async def _open(self, token: str, purpose: Purpose) -> PersonalLink:
        return await self.links.open(token, purpose, self.engine.now())

    async def _case(self, link: PersonalLink) -> Case:
        return (await self.engine.cases.look(_query(link, self.engine.now()))).case


@dataclass(frozen=True, kw_only=True)
class LinkAct(Act):
    """What the holder of a personal link does to an application; `form` is the whole form, filled in anew.

    `brought` is what becomes of its file.
    """

    held: PersonalLink
    action: Action
    form: ApplicationForm | None = None
    brought: BroughtFile | None = None

    async def save_beside(self, unit: Transaction) -> None:
        """See Act."""
        if self.brought is not None:
            await unit.bring_file(self.case, self.brought)

    def query(self, at: datetime) -> CaseQuery:
        """See Act."""
        return _query(self.held, at, self.form)

    def authorize(self, context: DecisionContext, at: datetime) -> Authorization:  # noqa: ARG002 - nothing here ages
        """See Act."""
        check_follower(self.held, context.case.application.administrator.email)
        context = replace(context, assurance=Assurance.MAIL_LINK)
        if self.form is not None:
            # Who answers an old question is not told about fields first.
            authorize(context, self.action, None)
            context = replace(context, revised=_revised(context.case, self.form))
        authorization = authorize(context, self.action, None)
        check_answers(authorization.now, authorization.row, self.answered)
        return authorization


def _by_link(link: PersonalLink, action: Action, answers: Answers, form: ApplicationForm | None = None) -> LinkAct:
    return LinkAct(
        case=link.case,
        surface=Surface.MAIL,
        # What is followed by a link may be followed again; what was signed by one was signed.
        link=link.id if link.purpose is Purpose.SIGN else None,
        answered=answers,
        held=link,
        action=action,
        form=form,
    )


def _query(link: PersonalLink, at: datetime, form: ApplicationForm | None = None) -> CaseQuery:
    is_applicant = link.purpose is Purpose.FOLLOW
    return CaseQuery(link.case, None if is_applicant else link.asking, at, is_applicant=is_applicant, form=form)


def _revised(case: Case, form: ApplicationForm) -> Case:
    """The case with the form as it was filled in anew; who claimed it keeps it."""
    content = application_from(form, case.flow)
    return replace(case, content=content, content_version=case.content_version + (content != case.content))


def _signing(case: Case, link: PersonalLink) -> tuple[Contact, DrawnUp]:
    signatory, document = case.application.signatory(link.person), case.application.document
    if signatory is None or document is None:
        raise LinkUnknown
    return signatory, document
