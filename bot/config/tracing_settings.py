"""The settings of traces, in OpenTelemetry's own names: who receives them, and under which name they come."""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from bot.config.checks import base_address, must
from bot.config.environment import EnvironmentSettings

# What the extra `otel` brings.
NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
HEADERS = re.compile(r"\s*[\w.-]+\s*=[^,]*(,\s*[\w.-]+\s*=[^,]*)*,?\s*", re.ASCII)
USUAL_NAME = "kundportal"


@dataclass(frozen=True)
class TraceReceiver:
    """Who takes traces over HTTP: the address before `/v1/traces`, what is shown there, and our name there."""

    url: str
    headers: str = field(repr=False)
    service: str


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        # So is what it stands in.
        return False


def _with_its_packages(url: str) -> str:
    is_there = all(map(_is_installed, NEEDED))
    must("have its packages installed: kundportal[otel] (docs/operating.md, Traces)", holds=is_there)
    return url


def _headers(secret: SecretStr) -> SecretStr:
    is_one = HEADERS.fullmatch(secret.get_secret_value()) is not None
    must("be name=value, with commas between several", holds=is_one)
    return secret


Receiver = Annotated[str, AfterValidator(base_address), AfterValidator(_with_its_packages)]


class TracingSettings(EnvironmentSettings):
    """Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is traced; what else OpenTelemetry reads, it reads itself."""

    otel_exporter_otlp_endpoint: Receiver | None = None
    otel_exporter_otlp_headers: Annotated[SecretStr, AfterValidator(_headers)] | None = None
    otel_service_name: str = USUAL_NAME

    def trace_receiver(self) -> TraceReceiver | None:
        """Return who takes traces; None where nobody does."""
        if self.otel_exporter_otlp_endpoint is None:
            return None
        headers = self.otel_exporter_otlp_headers
        secret = "" if headers is None else headers.get_secret_value()
        return TraceReceiver(self.otel_exporter_otlp_endpoint, secret, self.otel_service_name)
