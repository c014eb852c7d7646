"""The application form as a page asks it: its groups of fields, from what has been typed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.web.applying.drafts import CATEGORIES, SAME_PERSON, Draft
from bot.web.fields import AskedField, Field, FieldLook, Group, Say, ask
from core.api import AUTHORITY, SIGNATORIES_LIMIT, TRAITS, AttachedFile, FileKind, Flow, Language
from notifications.texts import size

ORGANISATION = Field("organisation", "organisation", autocomplete="organization")
NUMBER = Field("org_number", "org_number", numeric=True)
INVOICE = (
    Field("invoice_address", "invoice_address", FieldLook.LONG, "billing street-address"),
    Field("invoice_ref", "invoice_ref"),
)
SAME = Field(SAME_PERSON, "same_person", FieldLook.TICK)
TERMS = Field("terms_accepted", "terms_accepted", FieldLook.TICK)
MESSAGE = Field("message", "message", FieldLook.LONG)
# By their ends too, since some telephones know no media types.
FILE = Field(AUTHORITY, "authority", FieldLook.FILE, accept=",".join([*FileKind, ".pdf", ".png", ".jpg", ".jpeg"]))
# Groups that ask about a person, which the list of errors tells apart.
PEOPLE = frozenset({"administrator", "signatory", "agreement_contact"})


@dataclass(frozen=True)
class AskedFields:
    """Asks for an application: what has been typed, and what is wrong with it by the names of fields.

    `answering` also asks for a message, to whoever wanted to know something; `hides_number` when a number that was sent
    before is somebody's own; `file` is what has been attached.
    """

    draft: Draft
    say: Say
    problems: Mapping[str, str]
    answering: bool = False
    hides_number: bool = False
    file: AttachedFile | None = None

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the form from top to bottom."""
        return tuple(self._groups())

    @property
    def wrong(self) -> tuple[AskedField, ...]:
        """Return the fields with something wrong, from top to bottom."""
        return tuple(each for group in self.groups for each in group.fields if each.error)

    def attached(self, language: Language) -> str:
        """Return what is told of the file that there is, empty without one."""
        if self.file is None:
            return ""
        told = {"kind": self.file.kind.name, "size": size(language, self.file.size)}
        return self.say("web.field.authority.attached", **told)

    @property
    def may_add(self) -> bool:
        """True while there may be more signatories."""
        return self.draft.signatories < SIGNATORIES_LIMIT

    def _groups(self) -> Iterator[Group]:
        if self.answering:
            yield self._group("answer", (MESSAGE,))
        yield self._group("organisation", self._organisation())
        yield self._group("invoice", INVOICE)
        yield self._group("administrator", _person("administrator"))
        for number in range(self.draft.signatories):
            yield self._group("signatory", _person(f"signatories.{number}"), number)
        yield self._group("signing", self._signing())
        yield self._group("authority", (FILE,))
        yield self._group("agreement_contact", (SAME, *_person("agreement_contact")))
        yield self._group("terms", (TERMS,))

    def _group(self, name: str, fields: Sequence[Field], number: int = 0) -> Group:
        legend = self.say(f"web.group.{name}.legend", number=number + 1)
        asked = ask(self.say, fields, self.draft.values, self._problems(), legend if name in PEOPLE else "")
        if self.draft.focus:
            asked = tuple(replace(each, has_focus=each.field.name == self.draft.focus) for each in asked)
        is_last = number == self.draft.signatories - 1
        hint = self.say(f"web.group.{name}.hint") if name != "terms" else ""
        return Group(name, legend, hint, asked, number or None, is_last)

    def _problems(self) -> Mapping[str, str]:
        if not self.draft.one_person_does_both:
            return self.problems
        # What is wrong with the one person stands where it was typed.
        return {name: code for name, code in self.problems.items() if not name.startswith("agreement_contact.")}

    def _organisation(self) -> tuple[Field, ...]:
        number = Field("org_number", "org_number_kept", numeric=True) if self.hides_number else NUMBER
        if not TRAITS[self.draft.flow].asks_for_category:
            return (ORGANISATION, number)
        choices = ((each.value, self.say(f"category.{each}")) for each in CATEGORIES)
        options = (("", self.say("web.field.category.choose")), *choices)
        return (ORGANISATION, number, Field("category", "category", FieldLook.CHOICE, options=options))

    def _signing(self) -> tuple[Field, ...]:
        options = tuple((str(count), str(count)) for count in range(1, self.draft.signatories + 1))
        needed = Field("signatures_needed", "signatures_needed", FieldLook.CHOICE, options=options)
        return (needed,) if self.draft.signatories > 1 else ()


def ready(flow: Flow) -> Sequence[str]:
    """Return what whoever fills in the form does well to have at hand, as the texts call it."""
    of_customers = ("category",) if TRAITS[flow].asks_for_category else ()
    return ("number", *of_customers, "invoice", "administrator", "signatories", "contact")


def _person(name: str) -> tuple[Field, ...]:
    # Browsers tell people apart by the section.
    section = "section-" + name.replace(".", "-")
    return (
        Field(f"{name}.name", "person_name", autocomplete=f"{section} name"),
        Field(f"{name}.email", "person_email", FieldLook.EMAIL, f"{section} email"),
    )
