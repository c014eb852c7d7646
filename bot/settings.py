"""What an operator decides through the environment, checked once, with everything wrong named in one message."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.checks import base_address, must, web_address
from bot.mail_settings import MailSettings
from core.api import RETENTION, AgreementType, Language, Personal, Policy, retention_out_of_order, retention_with
from notifications.documents import Library

S = TypeVar("S", bound=BaseSettings)


class WrongSettings(Exception):
    """The environment does not hold what the product needs; the text names every wrong value, never a secret."""


def _with_slash(text: str) -> str:
    # slack_sdk puts the method's name straight after it.
    return base_address(text) + "/"


def _database_url(text: str) -> str:
    must("begin with sqlite:/// or postgresql://", holds=_backend(text) in {"sqlite", "postgresql"})
    return text


def _backend(text: str) -> str:
    try:
        return make_url(text).get_backend_name()
    except ArgumentError:
        return ""


def _long_enough(secret: SecretStr) -> SecretStr:
    must("have at least 32 characters", holds=len(secret.get_secret_value()) >= 32)
    return secret


def _bot_token(secret: SecretStr) -> SecretStr:
    must("be a bot token, which begins with xoxb-", holds=secret.get_secret_value().startswith("xoxb-"))
    return secret


def _not_empty(secret: SecretStr) -> SecretStr:
    must("not be empty", holds=bool(secret.get_secret_value()))
    return secret


def _channel_id(text: str) -> str:
    must("be the id of a channel, such as C0123456789", holds=re.fullmatch(r"[CG][A-Z0-9]{8,}", text) is not None)
    return text


def _environment_id(text: str) -> str:
    must("have 1 to 20 small letters, digits or hyphens", holds=re.fullmatch(r"[a-z0-9-]{1,20}", text) is not None)
    return text


def _folder_of_agreements(folder: Path | None) -> Path | None:
    for each in AgreementType if folder is not None else ():
        must(f"be a folder with a {each}-1.sv.md", holds=_holds_newest(folder, each))
    return folder


def _each_long_enough(value: SecretStr) -> SecretStr:
    for each in _listed(value):
        _long_enough(SecretStr(each))
    return value


def _listed(value: SecretStr) -> list[str]:
    return [each.strip() for each in value.get_secret_value().split(",") if each.strip()]


def _holds_newest(folder: Path | None, of: AgreementType) -> bool:
    try:
        return folder is not None and bool(Library(folder).newest(of))
    except (LookupError, OSError):
        return False


ChannelId = Annotated[str, AfterValidator(_channel_id)]
# It stands in every button, between bars.
EnvironmentId = Annotated[str, AfterValidator(_environment_id)]

# No longer than any law asks for, and nothing at once.
Keep = Annotated[int, Field(ge=1, le=1_200)]


class DatabaseSettings(BaseSettings):
    """What is needed to look after the database and nothing else."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///kundportal.db"


class KeySettings(DatabaseSettings):
    """What is needed to hold history against its seals."""

    secret_key: Annotated[SecretStr, AfterValidator(_long_enough)]
    # Seals history in the place of SECRET_KEY; and what it was sealed with before, with commas between.
    history_key: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    earlier_history_keys: Annotated[SecretStr, AfterValidator(_each_long_enough)] = SecretStr("")

    def history_keys(self) -> tuple[str, tuple[str, ...]]:
        """The secret that seals history, and those that did before."""
        return (self.history_key or self.secret_key).get_secret_value(), tuple(_listed(self.earlier_history_keys))


class PurgeSettings(KeySettings):
    """What is needed to purge: for how long personal data is kept, by the table of retention."""

    # Not LANGUAGE, which desktops set for programs of their own.
    default_language: Language = Language.SV
    keep_cards_days: Keep = 30
    keep_slack_ids_days: Keep = 90
    keep_free_texts_months: Keep = 24
    keep_names_months: Keep = 24
    keep_agreements_years: Keep = 7
    keep_decisions_years: Keep = 7

    @field_validator("keep_decisions_years")
    @classmethod
    def _in_order(cls, value: int, info: ValidationInfo) -> int:
        # The last field is checked with all the others at hand; one that is wrong itself is not among them.
        periods = _periods(info.data | {"keep_decisions_years": value})
        late = retention_out_of_order(periods)
        must(f"fit the other periods: {late} would go before what must go ahead of it", holds=late is None)
        return value

    def retention(self) -> Mapping[Personal, Policy]:
        """The table of retention with these periods."""
        return retention_with(_periods(self.model_dump()))


def _periods(values: Mapping[str, object]) -> dict[Personal, int]:
    return {each.what: keep for each in RETENTION if isinstance(keep := values.get(each.setting), int)}


class Settings(PurgeSettings, MailSettings):
    """The settings; each is an environment variable of the same name in capitals, or a line of `.env`."""

    slack_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)]
    slack_signing_secret: Annotated[SecretStr, AfterValidator(_not_empty)]
    slack_api_url: Annotated[str, AfterValidator(_with_slash)] = "https://slack.com/api/"
    slack_app_id: str = ""
    slack_channel: ChannelId
    portal_url: Annotated[str, AfterValidator(web_address)]
    environment: EnvironmentId
    agreements_folder: Annotated[Path | None, AfterValidator(_folder_of_agreements)] = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000


def load_settings(**given: object) -> Settings:
    """The settings from the environment and `.env`, `given` before them. Raises WrongSettings."""
    return _read(Settings, **given)


def load_database_url(url: str | None = None) -> str:
    """The database's URL: the one given, else from the environment and `.env`. Raises WrongSettings."""
    given = {} if url is None else {"database_url": url}
    return _read(DatabaseSettings, **given).database_url


def load_purge_settings() -> PurgeSettings:
    """What the purge needs, from the environment and `.env`. Raises WrongSettings."""
    return _read(PurgeSettings)


def load_history_keys() -> tuple[str, tuple[str, ...]]:
    """The secret that seals history, and those that did, from the environment and `.env`. Raises WrongSettings."""
    return _read(KeySettings).history_keys()


def _read(kind: type[S], **given: Any) -> S:  # Any: pydantic checks what comes by name
    try:
        return kind(**given)
    except ValidationError as error:
        raise WrongSettings("\n".join(_lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    return [f"{each['loc'][0]!s}".upper() + ": " + _problem(each["type"], each["msg"]) for each in error.errors()]


def _problem(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else message.removeprefix("Value error, ")
