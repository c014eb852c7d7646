"""Ways to sign: what each asks below the document. One with e-identification has its place beside these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bot.web.fields import Field, FieldLook
from bot.web.forms import Values


class SigningMethod(Protocol):
    """A way to sign. Its texts are those of `web.method.<name>` and `web.document.method.<name>`; the name is kept."""

    name: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]

    def missing(self, values: Values) -> Mapping[str, str]:
        """Return what keeps this from being a signature: problem codes by the names of fields."""
        ...


@dataclass(frozen=True)
class LinkConfirm:
    """A simple electronic signature: who holds the link that was sent to them confirms below the document."""

    name: ClassVar[str] = "link_confirm"
    fields: ClassVar[tuple[Field, ...]] = (Field("confirmed", "signature", FieldLook.TICK),)

    def missing(self, values: Values) -> Mapping[str, str]:
        """Return the confirmation."""
        return {} if values.get("confirmed") else {"confirmed": "required"}
