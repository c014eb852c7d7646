"""What keeps an entry of the register, a role or a substitution from being written."""

from core.shared.errors.refusal import OrderError


class RoleNotSubstituted(OrderError):
    """Nobody has a substitute in this role. Facts: role."""

    code = "role_not_substituted"


class NothingToSubstitute(OrderError):
    """The absent person does not hold the role there in these days. Facts: person, role, organisation."""

    code = "nothing_to_substitute"


class SubstituteNotEligible(OrderError):
    """A substitute is somebody else, active, with a role in the same organisation. Facts: person, organisation."""

    code = "substitute_not_eligible"


class SubstitutionOverlaps(OrderError):
    """The same substitute is set for some of these days already. Facts: person, from_day, to_day (dates)."""

    code = "substitution_overlaps"


class AbsenceReversed(OrderError):
    """The last day lies before the first."""

    code = "absence_reversed"


class AbsencePassed(OrderError):
    """The last day has passed."""

    code = "absence_passed"


class NoSubstitution(OrderError):
    """No such substitution, or none that this person may end."""

    code = "no_substitution"


class AlreadySent(OrderError):
    """The form was sent and kept before; what has become of it since stays as it is."""

    code = "already_sent"


class LastAdministrator(OrderError):
    """Somebody must administer the organisation; customer service can change this. Facts: organisation."""

    code = "last_administrator"


class PersonHasLeft(OrderError):
    """The person has left; customer service can let the person come back. Facts: person."""

    code = "person_has_left"


class InerasOwn(OrderError):
    """Who is what at Inera is kept by Inera's own administrators."""

    code = "ineras_own"


class NameOfOthers(OrderError):
    """A name is an administrator's to correct as long as no other organisation knows the person. Facts: person.

    Which others there are is told to nobody.
    """

    code = "name_of_others"


class SelfAttestForOne(OrderError):
    """Ordering and attesting by one person is for organisations of a single person. Facts: organisation."""

    code = "self_attest_for_one"


class NoSuchAssignment(OrderError):
    """No such role in the organisation, or it is over."""

    code = "no_assignment"


class RegisterError(OrderError):
    """A register entry that breaks a rule. Facts: problem, and what it is about."""

    code = "invalid_entry"
