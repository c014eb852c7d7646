"""The settings of the product and of its commands, each checked, with everything wrong named in one message."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.config.app_yaml import bot_scopes, optional_scopes
from bot.config.checks import base_address, must, one_of, public_address, server_address, web_address, whole_number
from bot.config.contact_settings import ContactSettings
from bot.config.environment import DOTENV, EnvironmentSettings, misspelt
from bot.config.mail_settings import MailSettings
from bot.config.publisher_settings import PublisherSettings
from bot.config.tracing_settings import TracingSettings
from core.api import (
    RETENTION,
    USUAL_PERIODS,
    AgreementType,
    Language,
    Personal,
    Policy,
    retention_out_of_order,
    retention_with,
)
from notifications.documents import Library
from notifications.slack.port import SlackApp

S = TypeVar("S", bound=EnvironmentSettings)


class Switch(StrEnum):
    """Whether the product does something."""

    ON = "on"
    OFF = "off"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


class SettingFault(StrEnum):
    """How a setting is wrong."""

    MISSING = "missing"
    NEEDED = "needed"  # missing, beside others as they are
    MISSPELT = "misspelt"
    UNFIT = "unfit"
    UNREADABLE = "unreadable"  # the whole file


@dataclass(frozen=True)
class WrongSetting:
    """A setting that is wrong, and what is said of it in English, which never is a secret."""

    setting: str
    kind: SettingFault
    said: str
    meant: str = ""  # the setting that a line which is none looks like

    def __str__(self) -> str:
        return f"{self.setting}: {self.said}"


class WrongSettings(Exception):
    """The environment does not hold what the product needs; the text names every wrong value."""

    def __init__(self, problems: Sequence[WrongSetting]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def _with_slash(text: str) -> str:
    # slack_sdk puts the method's name straight after it.
    return base_address(text) + "/"


def _database_url(text: str) -> str:
    is_one = text.startswith("sqlite:///") or _backend(text) == "postgresql"
    must("begin with sqlite:/// or postgresql://", holds=is_one)
    must("name a file behind sqlite:///, such as sqlite:///kundportal.db", holds=_is_kept(text))
    return text


def _is_kept(text: str) -> bool:
    """Say whether a database is still there when its process is not."""
    file = make_url(text).database or ""
    return not text.startswith("sqlite:") or not (file.endswith("/") or file.startswith(IN_MEMORY) or not file)


def _backend(text: str) -> str:
    try:
        return make_url(text).get_backend_name()
    except (ArgumentError, ValueError):
        return ""


def _long_enough(secret: SecretStr) -> SecretStr:
    must("have at least 32 characters", holds=len(secret.get_secret_value()) >= 32)
    return secret


def _own(secret: SecretStr) -> SecretStr:
    must("be a key of your own: the demo's is known to everybody", holds=secret.get_secret_value() != DEMO_SECRET_KEY)
    text = secret.get_secret_value()
    is_random = len(set(text)) >= DIFFERENT_CHARACTERS and not COPIED.search(text)
    must("be a key of your own, made at random: anybody would guess this one", holds=is_random)
    return secret


def _bot_token(secret: SecretStr) -> SecretStr:
    is_one = re.fullmatch(r"(xoxe\.)?xoxb-\S+", secret.get_secret_value()) is not None
    must("be a bot token, which begins with xoxb-, or with xoxe.xoxb- where it expires", holds=is_one)
    return secret


def _refresh_token(secret: SecretStr) -> SecretStr:
    is_one = re.fullmatch(r"xoxe-\S+", secret.get_secret_value()) is not None
    must("be a refresh token, which begins with xoxe-", holds=is_one)
    return secret


def _signing_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    must("be the app's signing secret, and not a token of Slack", holds=not text.startswith(SLACK_TOKENS))
    is_one = SIGNING_SECRET.fullmatch(text) is not None and PLACEHOLDER.search(text) is None
    must("be the app's signing secret, as a rule 32 letters and digits without spaces", holds=is_one)
    return secret


def _app_token(secret: SecretStr) -> SecretStr:
    is_one = re.fullmatch(r"xapp-\S+", secret.get_secret_value()) is not None
    must("be an app-level token, which begins with xapp-", holds=is_one)
    return secret


def _app_id(text: str) -> str:
    must("be the id of an app, such as A0123456789", holds=re.fullmatch(r"(A[A-Z0-9]{8,})?", text) is not None)
    return text


def _client_id(text: str) -> str:
    must("be the app's client id, such as 1234567890.1234567890", holds=re.fullmatch(r"\d+\.\d+", text) is not None)
    return text


def _client_secret(secret: SecretStr) -> SecretStr:
    is_one = SIGNING_SECRET.fullmatch(secret.get_secret_value()) is not None
    must("be the app's client secret, as a rule 32 letters and digits without spaces", holds=is_one)
    return secret


def _proxies(text: str) -> str:
    # Uvicorn takes * for everybody only where nothing stands beside it.
    for proxy in text.split(",") if text != "*" else ():
        must("be addresses or networks with commas between, or * alone", holds=_is_network(proxy.strip()))
    return text


def _is_network(text: str) -> bool:
    try:
        return bool(ip_network(text))
    except ValueError:
        return False


def _channel_id(text: str) -> str:
    must("be the id of a channel, such as C0123456789", holds=re.fullmatch(r"[CG][A-Z0-9]{8,}", text) is not None)
    return text


def _environment_id(text: str) -> str:
    must("have 1 to 20 small letters, digits or hyphens", holds=re.fullmatch(r"[a-z0-9-]{1,20}", text) is not None)
    return text


def _folder_of_agreements(folder: Path | None) -> Path | None:
    for agreement in AgreementType if folder is not None else ():
        must(
            f"be a folder with a {agreement} in Swedish, such as {agreement}-1.sv.md",
            holds=_holds_newest(folder, agreement),
        )
    return folder


def _each_long_enough(value: SecretStr) -> SecretStr:
    for secret in _listed(value):
        _long_enough(SecretStr(secret))
    return value


def _listed(value: SecretStr) -> list[str]:
    return [part.strip() for part in value.get_secret_value().split(",") if part.strip()]


def _holds_newest(folder: Path | None, of: AgreementType) -> bool:
    try:
        return folder is not None and bool(Library(folder).newest(of))
    except (LookupError, OSError):
        return False


# Slack shows 32 hexadecimal digits but promises no shape, so only what plainly is none is refused: with it every press
# would be turned away, and nobody would know why.
SIGNING_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")
SLACK_TOKENS = ("xox", "xapp-", "xwfp-")
PLACEHOLDER = re.compile(r"your|change|placeholder|example|xxxx|0000000", re.IGNORECASE)

# Words of instructions. In a key that was made at random they stand once in many millions, if ever.
COPIED = re.compile(r"(your|change|replace)[-_ ]|change_?me|placeholder|example|x{8}|0{8}", re.IGNORECASE)
DIFFERENT_CHARACTERS = 8
# What SQLite takes for the name of no file, or reads settings of its own from.
IN_MEMORY = (":memory:", "file:")

# Guards nothing but the token of a Slack that is made up; a demo's database that is kept must be readable again.
DEMO_SECRET_KEY = "the-demo-keeps-no-secrets-from-anybody"  # noqa: S105 - see above

Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
ChannelId = Annotated[str, AfterValidator(_channel_id)]
# It stands in every button, between bars.
EnvironmentId = Annotated[str, AfterValidator(_environment_id)]

# No longer than any law asks for, and nothing at once.
Keep = Annotated[int, BeforeValidator(whole_number(1, 1_200))]


class DatabaseSettings(EnvironmentSettings):
    """What is needed to look after the database and nothing else."""

    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///kundportal.db"


class KeySettings(DatabaseSettings):
    """What is needed to hold history against its seals."""

    secret_key: Secret
    # Seals history in the place of SECRET_KEY; and what it was sealed with before, with commas between.
    history_key: Secret | None = None
    earlier_history_keys: Annotated[SecretStr, AfterValidator(_each_long_enough)] = SecretStr("")

    def history_keys(self) -> tuple[str, tuple[str, ...]]:
        """Return the secret that seals history, and those that did before."""
        return (self.history_key or self.secret_key).get_secret_value(), tuple(_listed(self.earlier_history_keys))


class PurgeSettings(KeySettings):
    """What is needed to purge: for how long personal data is kept, by the table of retention where nothing is set."""

    # Not LANGUAGE, which desktops set for programs of their own.
    default_language: Annotated[Language, BeforeValidator(one_of(Language))] = Language.SV
    keep_cards_days: Keep = USUAL_PERIODS[Personal.CARDS]
    keep_slack_ids_days: Keep = USUAL_PERIODS[Personal.SLACK_IDS]
    keep_free_texts_months: Keep = USUAL_PERIODS[Personal.FREE_TEXTS]
    keep_names_months: Keep = USUAL_PERIODS[Personal.NAMES]
    keep_agreements_years: Keep = USUAL_PERIODS[Personal.AGREEMENTS]
    keep_decisions_years: Keep = USUAL_PERIODS[Personal.DECISIONS]

    @field_validator("keep_decisions_years")
    @classmethod
    def _in_order(cls, value: int, info: ValidationInfo) -> int:
        # The last field is checked with all the others at hand; one that is wrong itself is not among them.
        periods = _periods(info.data | {"keep_decisions_years": value})
        if (pair := retention_out_of_order(periods)) is None:
            return value
        first, late = (retention_with(periods)[each] for each in pair)
        one, other = first.setting.upper(), late.setting.upper()
        said = (
            f"must be longer, or {one} shorter: it is {late.keep} {late.measure}, "
            f"and before its time is out {one} ({first.keep} {first.measure}) must have let go"
        )
        raise PydanticCustomError("out_of_order", "{said}", {"said": said, "setting": other})

    def retention(self) -> Mapping[Personal, Policy]:
        """Return the table of retention with these periods."""
        return retention_with(_periods(self.model_dump()))


def _periods(values: Mapping[str, object]) -> dict[Personal, int]:
    return {policy.what: keep for policy in RETENTION if isinstance(keep := values.get(policy.setting), int)}


class Settings(PurgeSettings, MailSettings, ContactSettings, PublisherSettings, TracingSettings):
    """The settings; each is an environment variable of the same name in capitals, or a line of `.env`."""

    secret_key: Annotated[Secret, AfterValidator(_own)]
    history_key: Annotated[Secret, AfterValidator(_own)] | None = None
    # Seals Slack's tokens in the place of SECRET_KEY; and what they were sealed with before, with commas between.
    token_key: Annotated[Secret, AfterValidator(_own)] | None = None
    earlier_token_keys: Annotated[SecretStr, AfterValidator(_each_long_enough)] = SecretStr("")
    slack_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)]
    # With it Slack is reached by Socket Mode, over a connection of ours, and nothing of ours needs to be in reach.
    slack_app_token: Annotated[SecretStr, AfterValidator(_app_token)] | None = None
    slack_signing_secret: Annotated[SecretStr, AfterValidator(_signing_secret)] | None = Field(
        default=None, validate_default=True
    )
    slack_api_url: Annotated[str, AfterValidator(_with_slash)] = "https://slack.com/api/"
    slack_app_id: Annotated[str, AfterValidator(_app_id)] = ""
    # Of the app too: with them organisations may install it in Slacks of their own.
    slack_client_id: Annotated[str, AfterValidator(_client_id)] | None = None
    slack_client_secret: Annotated[SecretStr, AfterValidator(_client_secret)] | None = Field(
        default=None, validate_default=True
    )
    # The first, of an app whose tokens expire: those that follow are in the database.
    slack_refresh_token: Annotated[SecretStr, AfterValidator(_refresh_token)] | None = Field(
        default=None, validate_default=True
    )
    slack_channel: ChannelId
    portal_url: Annotated[str, AfterValidator(web_address)]
    environment: EnvironmentId
    # In whole kronor: above it a decision from Slack needs that the account was looked at within a day.
    fresh_look_above: Annotated[int, BeforeValidator(whole_number(0, 10**9))] | None = None
    # Seconds that a press or a form waits for a lock, and that any statement may take; then it is refused.
    database_lock_seconds: Annotated[int, BeforeValidator(whole_number(1, 60))] = 2
    database_statement_seconds: Annotated[int, BeforeValidator(whole_number(1, 3_600))] = 20
    agreements_folder: Annotated[Path | None, AfterValidator(_folder_of_agreements)] = None
    # What Prometheus shows for what is counted; without one nobody gets it.
    metrics_token: Annotated[Secret, AfterValidator(_own)] | None = None
    # Whether customer service and administrators are told of each week.
    weekly_report: Annotated[Switch, BeforeValidator(one_of(Switch))] = Switch.ON
    log_format: Annotated[LogFormat, BeforeValidator(one_of(LogFormat))] = LogFormat.TEXT
    host: str = "127.0.0.1"
    port: Annotated[int, BeforeValidator(whole_number(0, 65535))] = 8000
    # Whose X-Forwarded-For is believed; uvicorn reads a variable of the same name.
    forwarded_allow_ips: Annotated[str, AfterValidator(_proxies)] = "127.0.0.1"

    @field_validator("slack_signing_secret")
    @classmethod
    def _unless_by_socket(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # A token that is there and wrong is told of alone.
        if value is None and info.data.get("slack_app_token", "wrong") is None:
            raise PydanticCustomError("missing", "Field required")
        return value

    @field_validator("slack_client_secret")
    @classmethod
    def _together(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        is_alone = (value is None) != (info.data.get("slack_client_id") is None)
        must("be given where SLACK_CLIENT_ID is, and only there", holds=not is_alone)
        return value

    @field_validator("slack_refresh_token")
    @classmethod
    def _of_what_expires(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # What is wrong itself is told of alone.
        token: SecretStr | None = info.data.get("slack_bot_token")
        expires = token is not None and token.get_secret_value().startswith("xoxe.")
        fits = token is None or expires == (value is not None)
        must("be given where SLACK_BOT_TOKEN expires (begins with xoxe.), and only there", holds=fits)
        has_app = info.data.get("slack_client_id", "wrong") is not None
        must("stand beside SLACK_CLIENT_ID and SLACK_CLIENT_SECRET", holds=value is None or has_app)
        return value

    def installable_app(self) -> SlackApp | None:
        """Return the app as organisations install it; None where they cannot."""
        return self.slack_app() if self.public_url else None

    def slack_app(self) -> SlackApp | None:
        """Return the app as Slack gives tokens for it; None where it is not known here."""
        if self.slack_client_id is None or self.slack_client_secret is None:
            return None
        authorize_url = self.slack_api_url.removesuffix("api/") + "oauth/v2/authorize"
        secret, scopes = self.slack_client_secret.get_secret_value(), (*bot_scopes(), *optional_scopes())
        return SlackApp(self.slack_client_id, secret, authorize_url, scopes)

    def token_keys(self) -> tuple[str, tuple[str, ...]]:
        """Return the secret that seals Slack's tokens, and those that did before."""
        return (self.token_key or self.secret_key).get_secret_value(), tuple(_listed(self.earlier_token_keys))


class GivenSettings(Settings):
    """Settings that a program of ours gives itself: neither the environment nor `.env` is looked at."""

    model_config = SettingsConfigDict(env_file=None)

    secret_key: Secret

    @classmethod
    def settings_customise_sources(  # pyright: ignore[reportIncompatibleMethodOverride] - the other sources are let be
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class PagesSettings(EnvironmentSettings):
    """What a link to a page begins with."""

    public_url: Annotated[str, AfterValidator(public_address)]


class ServerSettings(EnvironmentSettings):
    """What Slack's app must be told."""

    public_url: Annotated[str, AfterValidator(server_address)]


def load_settings(*, _env_file: Path | None = DOTENV, **given: object) -> Settings:
    """Load the settings from the environment and `.env`, `given` before them. Raise WrongSettings."""
    return _read(Settings, given, _env_file)


def load_public_url(url: str | None = None) -> str:
    """Load where Slack reaches the server: `url`, else from the environment and `.env`. Raise WrongSettings."""
    given = {} if url is None else {"public_url": url}
    return _read(ServerSettings, given).public_url


def load_pages_url() -> str:
    """Load where browsers reach the pages, from the environment and `.env`. Raise WrongSettings."""
    return _read(PagesSettings, {}).public_url


def load_database_url(url: str | None = None) -> str:
    """Load the database's URL: `url`, else from the environment and `.env`. Raise WrongSettings."""
    given = {} if url is None else {"database_url": url}
    return _read(DatabaseSettings, given).database_url


def load_purge_settings() -> PurgeSettings:
    """Load what the purge needs, from the environment and `.env`. Raise WrongSettings."""
    return _read(PurgeSettings, {})


def load_history_keys() -> tuple[str, tuple[str, ...]]:
    """Load the secret that seals history, and those that did, from the environment and `.env`. Raise WrongSettings."""
    return _read(KeySettings, {}).history_keys()


def _read(kind: type[S], given: Mapping[str, Any], file: Path | None = DOTENV) -> S:  # Any: pydantic checks it
    problems = list[WrongSetting]()
    try:
        problems += _unknown(file, given)
        settings = kind(**given, **{"_env_file": file})
    except ValidationError as error:
        problems += _found(error)
    except (OSError, UnicodeDecodeError):
        unreadable = "must be a file of text in UTF-8 that may be read"
        problems = [WrongSetting(str(file), SettingFault.UNREADABLE, unreadable)]
    else:
        if not problems:
            return settings
    raise WrongSettings(problems)


def _unknown(file: Path | None, given: Mapping[str, object]) -> Iterator[WrongSetting]:
    for written, meant in misspelt(file, Settings.model_fields, given):
        yield WrongSetting(written, SettingFault.MISSPELT, f"is no setting; {meant} is", meant)


def _found(error: ValidationError) -> Iterator[WrongSetting]:
    for problem in error.errors():
        # Of two that contradict each other pydantic names the one that was read last.
        setting = problem.get("ctx", {}).get("setting") or str(problem["loc"][0]).upper()
        if problem["type"] == "missing":
            yield WrongSetting(setting, SettingFault.MISSING, "is missing")
        else:
            kind = SettingFault.NEEDED if problem["input"] is None else SettingFault.UNFIT
            yield WrongSetting(setting, kind, problem["msg"].removeprefix("Value error, "))
