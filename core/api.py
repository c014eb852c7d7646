"""The core's one door, for notifications and the bot: what is imported here is what it offers."""

# pyright: reportUnusedImport=false

from core.applications.application import Application, Contact, DrawnUp, OtherApplication
from core.applications.attachment import (
    AUTHORITY,
    FILE_GONE,
    AttachedFile,
    BroughtFile,
    FileKind,
    is_nearly_full,
    percent_taken,
)
from core.applications.form import APPLICATION_LIMITS, SIGNATORIES_LIMIT, ApplicationForm
from core.audit.records import SLACK_OFF, AuditRecord, RefusalRecord, refusal_of, refusal_of_order
from core.audit.retention import (
    KEPT_AS,
    RETENTION,
    SOONER,
    USUAL_PERIODS,
    Personal,
    Policy,
    Stage,
    retention_out_of_order,
    retention_with,
)
from core.catalogue.connections import ConnectionWay, EarlierConnection
from core.catalogue.offers import OfferTerms, Routine
from core.catalogue.prices import Cost, Costs, Price, Reckoning, count_costs, first_year_ore, reckon
from core.catalogue.units import UNIT_SEPARATORS, Unit, meant_as_hsa_id, repeated_units
from core.identity.accounts import (
    UNLINKED,
    Allowing,
    Asking,
    By,
    Identity,
    LinkedSlack,
    Undoing,
    account_hash,
    account_name,
    account_named,
)
from core.identity.personal_links import PersonalLink, expiry
from core.identity.sign_ins import (
    CODE_DIGITS,
    SESSION_LASTS,
    SESSION_RESTS,
    SIGN_IN_LASTS,
    WebSession,
    code_key,
    form_token,
)
from core.identity.tokens import token_hash
from core.ports.audit import RefusalLog
from core.ports.cases import CaseQuery, CaseRepository, NewId, Now, Transaction, UnitOfWork
from core.ports.documents import Documents, FormKey, Place
from core.ports.health import (
    HEALTHY,
    NOT_CONFIGURED,
    UNKNOWN,
    FaultCode,
    HealthCheck,
    HealthLog,
    HealthPart,
    NoteFinding,
    PartFinding,
    PartState,
    failing,
)
from core.ports.identity import Accounts, EidMethod, PersonalLinks
from core.ports.inbox import (
    COUNTED,
    SERVICE_LISTS,
    CaseList,
    FoundCases,
    Inbox,
    InboxPage,
    InboxQuery,
    ListedCase,
    Sorting,
)
from core.ports.reads import OfferChoice, Queries, Waiting
from core.ports.register_entries import Outcome
from core.ports.sign_ins import Sessions
from core.register.administration import (
    Administered,
    Capacity,
    ChangeContext,
    ChangeResult,
    ChangeRole,
    EndRole,
    GrantRoles,
    HeldRole,
    InvoiceData,
    Keeper,
    LetGuestIn,
    Member,
    OwnSlack,
    ProposedChannel,
    ProposedTier,
    RegisterChanged,
    RenamePerson,
    SetChannels,
    SetInvoices,
    SetLanguage,
    SetRules,
    UnlinkAccounts,
    WaitingGuest,
)
from core.register.contacts import (
    CONTACT_EMAIL_LIMIT,
    CONTACT_NAME_LIMIT,
    CONTACT_PHONE_LIMIT,
    NO_CONTACT,
    TechnicalContact,
    contact_in_parts,
)
from core.register.entry_rules import LIMITED, SCOPED, role_fits
from core.register.organisations import (
    EARLIEST_REMINDER_HOUR,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    Organisation,
    Person,
    Rules,
    Tier,
    clean_org_number,
    is_hsa_id,
    is_personal,
    language_for,
)
from core.register.readiness import NEEDS, Missing, Readiness
from core.register.role_channels import (
    Notified,
    RoleChannel,
    SeenChannel,
    channel_called,
    channel_in,
    roles_asked_in,
)
from core.register.substitutions import SUBSTITUTED, Substitution, SubstitutionChanged
from core.shared.characters import HIDDEN
from core.shared.disclosure import DISCLOSURE
from core.shared.errors import (
    AccountNotLookedAt,
    ActionNotPossible,
    CaseNotFound,
    DocumentChanged,
    FormError,
    IdentificationNotOffered,
    IdentificationRequired,
    KeyReused,
    LinkUnknown,
    NoRole,
    NoSuchAssignment,
    NotLinked,
    OrderError,
    OwnOrder,
    RegisterError,
    SignInOver,
    TryAgain,
    Unsure,
    WrongCode,
)
from core.shared.ids import is_application, new_id
from core.shared.networks import networks_of
from core.shared.personal_numbers import find_personal_number
from core.shared.phone_numbers import clean_phone_number, phone_number_as_dialled
from core.shared.press_ids import beside_press, may_be_saved, new_press_id, press_id, under_press
from core.shared.traits import (
    APPLICATION_FLOWS,
    CONNECTING_FLOWS,
    DISCONNECTING_FLOWS,
    OFFERED_FLOWS,
    ORDER_FLOWS,
    TRAITS,
    application_flow,
)
from core.shared.vocabulary import (
    APPLYING,
    DECIDING,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    TO_CONFIRM,
    Action,
    AgentField,
    AgreementType,
    Asks,
    Assurance,
    Block,
    CardId,
    CaseId,
    CustomerCategory,
    Existing,
    Flow,
    Happened,
    Language,
    LineKind,
    LinkId,
    LinkState,
    Localised,
    OfferId,
    OrganisationId,
    OrganisationKind,
    Part,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
    Purpose,
    ReasonCode,
    Role,
    SessionId,
    Side,
    SignInId,
    State,
    Surface,
    Undone,
)
from core.shared.working_days import (
    STOCKHOLM,
    WORKING_DAY,
    add_working_days,
    at_closing,
    day_of,
    end_of,
    in_the_morning,
    is_quiet,
    is_working_day,
    last_day_before,
    next_working_day,
    working_days_between,
)
from core.use_cases.absences import Absences
from core.use_cases.accounts import AccountLinks
from core.use_cases.administration import Administration
from core.use_cases.applications import Applications, ToSign
from core.use_cases.attachments import ApplicationFiles
from core.use_cases.document_links import DocumentLinks
from core.use_cases.engine import Engine
from core.use_cases.identification import Identification
from core.use_cases.orders import Orders
from core.use_cases.signing_in import BegunSession, SigningIn, SignInLetter, SignInSecrets
from core.views.application_view import ApplicationView
from core.views.case_view import AssigneeView, CaseView, WholeView
from core.views.holdings import Conveyed, HeldAgreement, HeldDocument, HeldService, Holdings, Signature, Stands
from core.views.order_view import DisclosedOrganisation, EarlierView
from core.views.readers import OnSide, check_card, side_shown
from core.views.recipients import AddressedView, Recipient, RecipientStanding
from core.views.timeline import SlackChangeView, StepView
from core.views.weekly import StepTimes, StillWaiting, Weeks, WeekView, report_id, week_due
from core.workflow.alarms import NOT_READY, NotReady, missing_by, told_by
from core.workflow.assignees import ASK_AT_MOST
from core.workflow.authorize import authorized_row, offered
from core.workflow.case import Assignee, Blocked, Case, Decision, Grant, Limited, Order
from core.workflow.commands import (
    ANSWER_LIMITS,
    ActOnCase,
    Answers,
    Apply,
    EndSubstitution,
    PlaceOrder,
    Revision,
    Seen,
    SetSubstitute,
)
from core.workflow.context import CardPlace, DecisionContext, Standing
from core.workflow.deadlines import Nudge
from core.workflow.deciders import Decider, deciders
from core.workflow.events import CaseAdvanced, Change, NewCard, Outbox
from core.workflow.flows import FLOWS, RelativeTarget, Transition, all_rows, find, is_final, path, rows
from core.workflow.guards.agreements import refuses_everybody
from core.workflow.guards.people import (
    ENTITLED,
    Guard,
    amount_ore,
    attests_needed,
    colleagues,
    decided_for,
    eligible,
    hindrance,
    may_attest_after,
    not_handed_over,
    recipients,
    stand_in,
    that_count,
    told_to_begin,
)
from core.workflow.guards.progress import ROUNDS, block
from core.workflow.order_rules import TEXT_LIMITS, UNIT_LIMIT, UNITS_LIMIT
