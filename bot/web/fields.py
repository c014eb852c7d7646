"""The fields of forms: what each asks, how it looks, and how a value and an error stand at it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from notifications.texts import keys

Say = Callable[..., str]


class FieldLook(StrEnum):
    """How a field is drawn."""

    TEXT = "text"
    EMAIL = "email"
    DATE = "date"
    LONG = "long"
    CHOICE = "choice"
    TICK = "tick"
    FILE = "file"


@dataclass(frozen=True)
class Field:
    """A field. Its texts are those of `asks`: `web.field.<asks>` and what stands below it.

    `autocomplete` is HTML's word for what is asked, so that a browser can fill it in and an aid can say it.
    """

    name: str
    asks: str
    look: FieldLook = FieldLook.TEXT
    autocomplete: str = "off"
    numeric: bool = False
    accept: str = ""
    rows: int = 4
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AskedField:
    """A field as it stands on a page: in a language, with what was typed and what is wrong with it.

    `of` tells it apart, in the list of all errors, from others that ask the same.
    """

    field: Field
    of: str
    label: str
    hint: str
    value: str
    error: str
    has_focus: bool = False

    def told(self, say: Say) -> str:
        """Return what is wrong, in the list of all errors."""
        if self.field.look is FieldLook.TICK:
            return self.error
        if self.of:
            label = self.label[:1].lower() + self.label[1:]
            return say("web.told.of", of=self.of, label=label, error=self.error)
        return say(
            f"web.told.{'question' if self.label.endswith('?') else 'field'}", label=self.label, error=self.error
        )

    @property
    def id(self) -> str:
        """Return what labels and links of the page call it."""
        return "f-" + self.field.name.replace(".", "-")

    @property
    def attributes(self) -> dict[str, str | None]:
        """Return what its tag says whatever it looks like; None is left out."""
        return {
            "id": self.id,
            "name": self.field.name,
            "autocomplete": None if self.field.look in {FieldLook.TICK, FieldLook.FILE} else self.field.autocomplete,
            "inputmode": "numeric" if self.field.numeric else None,
            "aria-describedby": self.described_by or None,
            "aria-invalid": "true" if self.error else None,
            "autofocus": "autofocus" if self.has_focus else None,
            "accept": self.field.accept or None,
        }

    @property
    def described_by(self) -> str:
        """Return the ids of what is said about it, as HTML wants them."""
        return " ".join(f"{self.id}-{what}" for what in ("hint", "error") if getattr(self, what))


@dataclass(frozen=True)
class Group:
    """Fields that belong together, under a heading. Of several of a kind: `removable` by this number, the last one."""

    name: str
    legend: str
    hint: str
    fields: tuple[AskedField, ...]
    removable: int | None = None
    is_last: bool = False


def ask(
    say: Say, fields: Sequence[Field], values: Mapping[str, str], problems: Mapping[str, str], of: str = ""
) -> tuple[AskedField, ...]:
    """Return fields with their texts, values and errors. `say` gives a text by key in the reader's language."""
    return tuple(
        AskedField(
            field=field,
            of=of,
            label=say(f"web.field.{field.asks}.label"),
            hint=_hint(say, field),
            value=values.get(field.name, ""),
            error=_error(say, field, problems.get(field.name)),
        )
        for field in fields
    )


def _hint(say: Say, field: Field) -> str:
    key = f"web.field.{field.asks}.hint"
    return say(key) if key in keys() else ""


def _error(say: Say, field: Field, code: str | None) -> str:
    if code is None:
        return ""
    wanted = (f"web.field_error.{field.asks}.{code}", f"web.field_error.{code}", f"field_error.{code}")
    return say(next(key for key in (*wanted, "web.field_error.other") if key in keys()))
