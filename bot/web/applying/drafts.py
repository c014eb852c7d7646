"""An application as far as it has been typed, and the form that this makes. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.web.applying.uploads import DETACH
from bot.web.forms import SEND, Values
from bot.web.problems import Hindered, VisitProblem
from core.api import (
    APPLICATION_LIMITS,
    SIGNATORIES_LIMIT,
    Application,
    ApplicationForm,
    Contact,
    CustomerCategory,
    Flow,
    Language,
    is_personal,
)

# Suppliers become agents, and agents have no category.
CATEGORIES = tuple(each for each in CustomerCategory if each is not CustomerCategory.SUPPLIER)
SAME_PERSON = "agreement_contact.same"
PERSON = ("name", "email")
REMOVES = re.compile(r"remove-\d{1,2}", re.ASCII)


@dataclass(frozen=True)
class Draft:
    """What was typed, by the names of fields, and how many signatories there is room for.

    `focus` names the field where typing goes on, when the form was changed.
    """

    flow: Flow
    values: Values
    signatories: int = 1
    focus: str = ""

    @classmethod
    def typed(cls, flow: Flow, values: Values) -> "Draft":
        """Return what a form sent, with room for as many signatories as it had fields for."""
        count = sum(f"signatories.{number}.name" in values for number in range(SIGNATORIES_LIMIT))
        return cls(flow, values, max(1, count))

    @classmethod
    def again(cls, flow: Flow, sent: Application) -> "Draft":
        """What was sent before, to be changed; the terms are accepted anew, and a person's number is not shown."""
        values = {name: str(getattr(sent, name)) for name in (*APPLICATION_LIMITS, "org_number", "signatures_needed")}
        values["category"] = sent.category or ""
        values["org_number"] = "" if is_personal(sent.org_number) else sent.org_number
        signatories = ((f"signatories.{number}", each) for number, each in enumerate(sent.signatories))
        people = (("administrator", sent.administrator), ("agreement_contact", sent.agreement_contact), *signatories)
        for name, each in people:
            values |= {f"{name}.name": each.name, f"{name}.email": each.email}
        return cls(flow, values, len(sent.signatories))

    def with_number_of(self, sent: Application) -> "Draft":
        """With the number that was sent before, where it was not shown and no other was typed."""
        if self._text("org_number") or not is_personal(sent.org_number):
            return self
        return replace(self, values={**self.values, "org_number": sent.org_number})

    def with_another(self) -> "Draft":
        """With room for one more signatory, as far as there may be more."""
        count = min(self.signatories + 1, SIGNATORIES_LIMIT)
        return replace(self, signatories=count, focus=f"signatories.{count - 1}.name")

    def without(self, number: int) -> "Draft":
        """Without a signatory; the first one stays."""
        less = self._with_signatories(each for each in range(self.signatories) if each != number or number == 0)
        return replace(less, focus=f"signatories.{less.signatories - 1}.name")

    def doing(self, what: str) -> "Draft | None":
        """After a button that changes the form and sends nothing; None for the one that sends it, which may be named.

        Raises Hindered for a button that the form does not have.
        """
        if what == "add":
            return self.with_another()
        if REMOVES.fullmatch(what):
            return self.without(int(what.removeprefix("remove-")))
        if what in {"show", DETACH}:
            return self
        if what not in {SEND, ""}:
            raise Hindered(VisitProblem.WRONG)
        return None

    def without_empty(self) -> "Draft":
        """Without the signatories of whom nothing was typed; one stays."""
        typed = [each for each in range(self.signatories) if any(self._signatory(each).values())]
        return self._with_signatories(typed or [0])

    @property
    def one_person_does_both(self) -> bool:
        """Say whether the administrator is the agreement's contact too."""
        return bool(self.values.get(SAME_PERSON))

    def form(self, language: Language) -> ApplicationForm:
        """Return the form that this makes; whether it can be sent in is for the core to judge."""
        category = self.values.get("category", "")
        return ApplicationForm(
            organisation=" ".join(self._text("organisation").split()),
            org_number=self._text("org_number"),
            category=CustomerCategory(category) if category in CATEGORIES else None,
            invoice_address=self._text("invoice_address"),
            invoice_ref=self._text("invoice_ref"),
            administrator=self._contact("administrator"),
            signatories=tuple(self._contact(f"signatories.{number}") for number in range(self.signatories)),
            signatures_needed=self._signatures_needed(),
            agreement_contact=self._contact("administrator" if self.one_person_does_both else "agreement_contact"),
            terms_accepted=bool(self.values.get("terms_accepted")),
            language=language,
        )

    def _signatures_needed(self) -> int:
        # Of one there is nothing to choose.
        typed = self._text("signatures_needed") if self.signatories > 1 else "1"
        return int(typed) if typed.isdecimal() and len(typed) < 3 else 0

    def _contact(self, name: str) -> Contact:
        return Contact(" ".join(self._text(f"{name}.name").split()), self._text(f"{name}.email"))

    def _text(self, name: str) -> str:
        return self.values.get(name, "")

    def _signatory(self, number: int) -> dict[str, str]:
        return {each: self._text(f"signatories.{number}.{each}") for each in PERSON}

    def _with_signatories(self, numbers: Iterable[int]) -> "Draft":
        kept = [self._signatory(number) for number in numbers]
        values = {name: value for name, value in self.values.items() if not name.startswith("signatories.")}
        for number, person in enumerate(kept):
            values |= {f"signatories.{number}.{each}": value for each, value in person.items()}
        return replace(self, values=values, signatories=len(kept))
