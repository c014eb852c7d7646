"""The HTTP status of every refusal, and the refusals that HTTP alone gives."""

from collections.abc import Mapping
from http import HTTPStatus

from core.shared import errors
from core.shared.errors import OrderError


class HttpRefusal(OrderError):
    """A "no" that only HTTP can give."""


class Unauthorized(HttpRefusal):
    """No key, or none that is valid."""

    code = "unauthorized"


class OperatorOnly(HttpRefusal):
    """The register is kept with the operator's key."""

    code = "operator_only"


class PersonOnly(HttpRefusal):
    """The operator's key stands for no person, so it neither orders nor withdraws."""

    code = "person_only"


class NoSuchRoute(HttpRefusal):
    """Nothing stands at this address."""

    code = "no_such_route"


class NoSuchEntry(HttpRefusal):
    """The register holds no such entry."""

    code = "no_such_entry"


class MethodNotAllowed(HttpRefusal):
    """The address does not take this method."""

    code = "method_not_allowed"


class NotAcceptable(HttpRefusal):
    """The address answers with nothing of the types that the request takes."""

    code = "not_acceptable"


class TooLarge(HttpRefusal):
    """The body is larger than any request needs."""

    code = "too_large"


class UnsupportedMediaType(HttpRefusal):
    """The body does not say that it is JSON."""

    code = "unsupported_media_type"


class InvalidRequest(HttpRefusal):
    """Parts of the request are missing, mistyped, unknown or given more than once."""

    code = "invalid_request"


class TooManyRefused(HttpRefusal):
    """Too many calls from one address, or with one key, were refused. Facts: seconds, until one is looked at again."""

    code = "too_many_refused"


class Failed(HttpRefusal):
    """A fault of ours; the log says which."""

    code = "failed"


# By status, so that each row says who is told what of HTTP: who asks, may not, is not there, comes too late, is wrong.
REFUSED_WITH: Mapping[HTTPStatus, tuple[type[OrderError], ...]] = {
    HTTPStatus.UNAUTHORIZED: (
        errors.KeyExpired,
        Unauthorized,
    ),
    HTTPStatus.FORBIDDEN: (
        errors.NotLinked,
        errors.PersonInactive,
        errors.NoRole,
        errors.OwnOrder,
        errors.OwnApproval,
        errors.BothSides,
        errors.ActedForInera,
        errors.NotYourOrder,
        errors.NotChosen,
        errors.Involved,
        errors.NotForOneself,
        errors.Recused,
        errors.HandedOver,
        errors.AbsentHandedOver,
        errors.NotAskedHere,
        errors.OverLimit,
        errors.OtherService,
        errors.NotYourTurn,
        errors.IdentificationRequired,
        errors.IdentificationNotOffered,
        errors.NotIdentified,
        errors.AttemptGone,
        errors.IdentityNotLinked,
        errors.IdentifiedAsAnother,
        errors.ProofUnknown,
        errors.ProofOfAnother,
        errors.ProofElsewhere,
        errors.ProofUsed,
        errors.ProofOutdated,
        errors.ProofExpired,
        errors.NotSignatory,
        errors.SignByLink,
        errors.InerasOwn,
        errors.NameOfOthers,
        OperatorOnly,
        PersonOnly,
    ),
    HTTPStatus.NOT_FOUND: (
        errors.CaseNotFound,
        errors.NoDocument,
        errors.LinkUnknown,
        errors.NoSubstitution,
        errors.NoSuchAssignment,
        NoSuchRoute,
        NoSuchEntry,
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (MethodNotAllowed,),
    HTTPStatus.NOT_ACCEPTABLE: (NotAcceptable,),
    HTTPStatus.CONFLICT: (
        errors.AlreadyDecided,
        errors.AlreadyDecidedByYou,
        errors.OrderMovedOn,
        errors.OrderChanged,
        errors.CaseClosed,
        errors.ActionNotPossible,
        errors.AlreadyClaimed,
        errors.AlreadyYours,
        errors.NotClaimed,
        errors.AlreadyAttested,
        errors.AccountNotLookedAt,
        errors.IdentificationNotNeeded,
        errors.Stopped,
        errors.OnHold,
        errors.TooManyRounds,
        errors.RemindedLately,
        errors.PriceChanged,
        errors.AgentPriceChanged,
        errors.PriceMissing,
        errors.NobodyLeft,
        errors.NobodyToInform,
        errors.NotSoleTrader,
        errors.NoPrice,
        errors.AlreadyConnected,
        errors.ChangeOfAgent,
        errors.AddOrReplace,
        errors.NoAgreement,
        errors.CategoryNotAllowed,
        errors.NoAttestant,
        errors.OverEveryLimit,
        errors.DuplicateOrder,
        errors.AgentHasNoAgreement,
        errors.NoAgentAgreement,
        errors.AgentNotAllowed,
        errors.AgentNotStaffed,
        errors.HasAssignment,
        errors.HasAgreement,
        errors.AlreadySigned,
        errors.DocumentChanged,
        errors.LinkChanged,
        errors.SubstitutionOverlaps,
        errors.AlreadySent,
        errors.LastAdministrator,
        errors.PersonHasLeft,
    ),
    HTTPStatus.GONE: (
        errors.LinkExpired,
        errors.LinkUsed,
        errors.LinkPassedOn,
        errors.SignInOver,
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (TooLarge,),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (UnsupportedMediaType,),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        errors.ColleagueNotEligible,
        errors.RecipientNotEligible,
        errors.AnswerRequired,
        errors.PersonalNumber,
        errors.ReasonRequired,
        errors.CertificateRequired,
        errors.MessageRequired,
        errors.ConfirmationRequired,
        errors.WrongCode,
        errors.AttestantNotEligible,
        errors.AgentIsCustomer,
        errors.ForAgentsOnly,
        errors.FormError,
        errors.ApplicationFormError,
        errors.KeyReused,
        errors.RoleNotSubstituted,
        errors.NothingToSubstitute,
        errors.SubstituteNotEligible,
        errors.AbsenceReversed,
        errors.AbsencePassed,
        errors.SelfAttestForOne,
        errors.RegisterError,
        InvalidRequest,
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (TooManyRefused,),
    HTTPStatus.INTERNAL_SERVER_ERROR: (Failed,),
    HTTPStatus.SERVICE_UNAVAILABLE: (errors.TryAgain, errors.Unsure),
}

STATUS_OF: Mapping[type[OrderError], HTTPStatus] = {
    refusal: status for status, refusals in REFUSED_WITH.items() for refusal in refusals
}


def status_of(refusal: type[OrderError]) -> HTTPStatus:
    """Return the HTTP status of a refusal; what no route refuses with is of a button or a form that no page has."""
    return STATUS_OF.get(refusal, HTTPStatus.BAD_REQUEST)
