"""The settings of mail: the server that takes it, whom it is from, and where its links lead."""

from email.utils import getaddresses, parseaddr
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from bot.config.checks import LOOPBACK, address, must, public_address
from bot.config.environment import EnvironmentSettings
from notifications.mail.envelopes.mime import is_address
from notifications.mail.mail_gateway import MailServer
from notifications.mail.port import Sender

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def _smtp_url(secret: SecretStr) -> SecretStr:
    parts = address(secret.get_secret_value())
    # What stands behind the host is the rest of a password with one of these signs.
    known = parts is not None and parts.scheme in PORTS and not (parts.path.strip("/") or parts.query or parts.fragment)
    must(
        "begin with smtps://, smtp+starttls:// or smtp://, and name a host; user and password are written with "
        "percent-encoding: / is %2F, # is %23, ? is %3F, @ is %40, : is %3A, % is %25",
        holds=known,
    )
    is_open = parts and parts.scheme == "smtp" and parts.username is not None and parts.hostname not in LOOPBACK
    must("begin with smtps:// or smtp+starttls:// where a password goes over the network", holds=not is_open)
    return secret


def _mail_address(text: str) -> str:
    # What parses as several, or stands on several lines, would be cut to its beginning and nobody told.
    addresses = getaddresses([text]) if text.isprintable() else []
    is_one = len(addresses) == 1 and is_address(addresses[0][1])
    must("be an e-mail address, with or without a name, and one alone", holds=is_one)
    return text


class MailSettings(EnvironmentSettings):
    """Without SMTP_URL no mail is sent; with it, the others are needed, the bounce address aside."""

    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] | None = None
    mail_from: Annotated[str, AfterValidator(_mail_address)] | None = Field(default=None, validate_default=True)
    mail_bounce: Annotated[str, AfterValidator(_mail_address)] | None = None
    public_url: Annotated[str, AfterValidator(public_address)] | None = Field(default=None, validate_default=True)

    @field_validator("mail_from", "public_url")
    @classmethod
    def _needed(cls, value: str | None, info: ValidationInfo) -> str | None:
        must("be given where SMTP_URL is", holds=value is not None or info.data.get("smtp_url") is None)
        return value

    def mail_server(self) -> tuple[MailServer, Sender] | None:
        """Return the server that mail is handed to, and whom it is from; None where mail is off."""
        if self.smtp_url is None or self.mail_from is None:
            return None
        parts = urlsplit(self.smtp_url.get_secret_value())
        user, password = (part and unquote(part) for part in (parts.username, parts.password))
        server = MailServer(
            host=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            user=user,
            password=password,
            tls=parts.scheme == "smtps",
            starttls=parts.scheme == "smtp+starttls",
        )
        return server, Sender(self.mail_from, parseaddr(self.mail_bounce or self.mail_from)[1])
