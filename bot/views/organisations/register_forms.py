"""The forms about an organisation itself: its invoices, its language, and what it asks of its decisions."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.forms.inputs import (
    TICKED,
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    is_ticked,
    line,
    lines,
    modal,
    option,
    options,
    select,
    text_in,
    tick,
)
from bot.views.organisations.administered import of_organisation
from bot.views.organisations.amounts import read_kronor, read_tiers, write_kronor, write_tiers
from core.api import (
    EARLIEST_REMINDER_HOUR,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    Administered,
    Language,
    ProposedTier,
)
from notifications.render.model import Block, ChoiceInput, Dialog
from notifications.render.pieces.parts import on_one_line, paragraphs, rich, small
from notifications.texts import counted, say, whole_hour

ADDRESS, REFERENCE, SERVICE, SERVICE_REFERENCE = "address", "reference", "service", "service_reference"
SELF_ATTEST, EID_FROM, TIERS = "self_attest", "eid_from", "tiers"
REMINDER_DAYS, REMINDER_HOUR = "reminder_days", "reminder_hour"
LANGUAGE = "language"
REFERENCES_SHOWN = 30
TIERS_LIMIT = 3_000
OFFERED = {
    REMINDER_DAYS: range(FEWEST_REMINDER_DAYS, MOST_REMINDER_DAYS + 1),
    REMINDER_HOUR: range(EARLIEST_REMINDER_HOUR, LATEST_REMINDER_HOUR + 1),
}


@dataclass(frozen=True)
class InvoiceAnswers:
    """What the form about invoices says."""

    address: str
    reference: str
    service: str | None
    service_reference: str


@dataclass(frozen=True)
class RuleAnswers:
    """What the form about rules says; None of what it did not ask."""

    self_attest_allowed: bool
    eid_from_ore: int | None
    tiers: tuple[ProposedTier, ...] | None
    reminder_days: int | None
    reminder_hour: int | None


class InvoiceModal:
    """Where invoices go, and what they are marked with."""

    CALLBACK = "kp.invoices"

    @classmethod
    def build(cls, about: Administered, metadata: str, language: Language) -> Dialog:
        """Return the form, filled in with what holds."""
        data = about.invoices
        blocks = [of_organisation(about.organisation, language)]
        hint = say(language, "hint.no_personal_data")
        blocks.append(
            asked(ADDRESS, say(language, "admin.address"), lines(ADDRESS, data.address, 500), hint, optional=True)
        )
        reference = line(REFERENCE, data.reference, 100)
        blocks.append(
            asked(
                REFERENCE,
                say(language, "admin.reference"),
                reference,
                say(language, "admin.reference_hint"),
                optional=True,
            )
        )
        if about.services:
            blocks += cls._of_services(about, language)
        title = say(language, "btn.invoices")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def read(cls, values: Typed) -> InvoiceAnswers | FieldErrors:
        """Return what the form says."""
        service, reference = choice_in(values, SERVICE) or None, text_in(values, SERVICE_REFERENCE)
        if reference and service is None:
            return FieldErrors({SERVICE: InputProblem("field_error.service.required")})
        return InvoiceAnswers(text_in(values, ADDRESS), text_in(values, REFERENCE), service, reference)

    @classmethod
    def _of_services(cls, about: Administered, language: Language) -> list[Block]:
        named = {code: on_one_line(name.get(language, code)) for code, name in about.services.items()}
        references = list(about.invoices.references.items())
        said = [
            say(language, "admin.reference_of", service=named.get(code, code), reference=reference)
            for code, reference in references[:REFERENCES_SHOWN]
        ]
        if len(references) > REFERENCES_SHOWN:
            said.append(say(language, "value.more", count=len(references) - REFERENCES_SHOWN))
        blocks: list[Block] = [paragraphs(said)] if said else []
        menu = select(SERVICE, say(language, "order.choose"), options(named.items()), None)
        blocks.append(asked(SERVICE, say(language, "admin.reference_service"), menu, optional=True))
        hint = say(language, "admin.service_reference_hint")
        label = say(language, "admin.service_reference")
        blocks.append(asked(SERVICE_REFERENCE, label, line(SERVICE_REFERENCE, "", 100), hint, optional=True))
        return blocks


class LanguageModal:
    """Which language people of the organisation are spoken to in who have chosen none."""

    CALLBACK = "kp.organisation_language"

    @classmethod
    def build(cls, about: Administered, metadata: str, language: Language) -> Dialog:
        """Return the form, filled in with what holds."""
        title, stored = say(language, "btn.language"), about.organisation.language
        named = {each: option(each.value, say(language, f"language.{each}")) for each in Language}
        chosen = None if stored is None else named[stored]
        menu = select(LANGUAGE, say(language, "order.choose"), list(named.values()), chosen)
        blocks = [
            of_organisation(about.organisation, language),
            rich([say(language, "admin.language_about")]),
            asked(LANGUAGE, say(language, "language.label"), menu),
        ]
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def read(cls, values: Typed) -> Language | FieldErrors:
        """Return what the form says."""
        chosen = choice_in(values, LANGUAGE)
        if chosen not in set(Language):
            return FieldErrors({LANGUAGE: InputProblem("field_error.language.required")})
        return Language(chosen)


class RulesModal:
    """What an organisation asks of its decisions."""

    CALLBACK = "kp.rules"

    @classmethod
    def build(cls, about: Administered, metadata: str, language: Language, *, has_eid: bool = True) -> Dialog:
        """Return the form, filled in with what holds; `has_eid` where people can identify with an e-ID."""
        rules = about.rules
        ticked = (TICKED,) if rules.self_attest_allowed else ()
        box = tick(SELF_ATTEST, say(language, "admin.self_attest"), *ticked)
        hint = say(language, "admin.self_attest_hint")
        tiers = write_tiers(
            [
                ProposedTier(each.from_ore, each.attests, tuple(about.sequence.get(one, one) for one in each.sequence))
                for each in rules.tiers
            ]
        )
        blocks = [
            of_organisation(about.organisation, language),
            asked(SELF_ATTEST, say(language, "register.field.self_attest"), box, hint, optional=True),
            cls._eid_from(rules.eid_from_ore, language, has_eid=has_eid),
            cls._tiers(tiers, language),
            # Of what stands above: what waits is reminded of as before.
            small(say(language, "admin.rules_told")),
            cls._reminder_days(rules.reminder_days, language),
            cls._reminder_hour(rules.reminder_hour, language),
        ]
        title = say(language, "btn.rules")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def _eid_from(cls, from_ore: int | None, language: Language, *, has_eid: bool) -> Block:
        field = line(EID_FROM, write_kronor(from_ore), 20)
        hint = say(language, "admin.eid_from_hint" if has_eid else "admin.eid_not_offered_hint")
        return asked(EID_FROM, say(language, "admin.eid_from"), field, hint, optional=True)

    @classmethod
    def _tiers(cls, tiers: str, language: Language) -> Block:
        if len(tiers) > TIERS_LIMIT:
            return rich([say(language, "admin.tiers_many")])
        field, hint = lines(TIERS, tiers, TIERS_LIMIT), say(language, "admin.tiers_hint")
        return asked(TIERS, say(language, "register.field.tiers"), field, hint, optional=True)

    @classmethod
    def _reminder_days(cls, apart: int, language: Language) -> Block:
        named = {each: counted(language, "value.working_days", each) for each in OFFERED[REMINDER_DAYS]}
        menu = cls._menu(REMINDER_DAYS, named, apart, language)
        return asked(REMINDER_DAYS, say(language, "admin.reminder_days"), menu, say(language, "admin.reminder_hint"))

    @classmethod
    def _reminder_hour(cls, hour: int, language: Language) -> Block:
        named = {each: whole_hour(language, each) for each in OFFERED[REMINDER_HOUR]}
        menu = cls._menu(REMINDER_HOUR, named, hour, language)
        label, hint = say(language, "register.field.reminder_hour"), say(language, "admin.reminder_hour_hint")
        return asked(REMINDER_HOUR, label, menu, hint)

    @classmethod
    def _menu(cls, name: str, named: Mapping[int, str], chosen: int, language: Language) -> ChoiceInput:
        offered = {number: option(str(number), text) for number, text in named.items()}
        return select(name, say(language, "order.choose"), list(offered.values()), offered[chosen])

    @classmethod
    def read(cls, values: Typed) -> RuleAnswers | FieldErrors:
        """Return what the form says, or what is wrong by field."""
        eid, problems = read_kronor(text_in(values, EID_FROM)), FieldErrors()
        # Where there were more than the field takes, it was not shown, and what there is stays.
        tiers = read_tiers(text_in(values, TIERS)) if TIERS in values else None
        if isinstance(eid, InputProblem):
            problems[EID_FROM] = eid
        if isinstance(tiers, InputProblem):
            problems[TIERS] = tiers
        # A form that was opened before it asked leaves what there is.
        chosen = {name: choice_in(values, name) for name in OFFERED if name in values}
        for name, number in chosen.items():
            if number not in map(str, OFFERED[name]):
                problems[name] = InputProblem(f"field_error.{name}.invalid")
        if problems or isinstance(eid, InputProblem) or isinstance(tiers, InputProblem):
            return problems
        numbers = {name: int(number) for name, number in chosen.items()}
        days, hour = numbers.get(REMINDER_DAYS), numbers.get(REMINDER_HOUR)
        return RuleAnswers(is_ticked(values, SELF_ATTEST), eid, tiers, days, hour)
