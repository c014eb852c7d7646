"""What one look of the doctor's came to, and how a terminal says it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.api import FaultCode, Language, PartFinding, PartState
from notifications.texts import counted, say


class Verdict(StrEnum):
    """How something was found. What could not be looked at is never called well."""

    WELL = "well"
    WRONG = "wrong"
    UNSEEN = "unseen"
    OFF = "off"  # not to be looked at, since the settings want none of it


@dataclass(frozen=True)
class Examined:
    """One look. `key` is that of its sentence, which says of what is wrong how it is mended."""

    verdict: Verdict
    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def said(self, language: Language) -> str:
        """Return the line for it."""
        sentence = say(language, self.key, **self.values)
        return say(language, f"doctor.verdict.{self.verdict}", sentence=sentence)


def well(key: str, /, **values: str) -> Examined:
    """Say that something is as it should be."""
    return Examined(Verdict.WELL, key, values)


def wrong(key: str, /, **values: str) -> Examined:
    """Say that something is wrong."""
    return Examined(Verdict.WRONG, key, values)


def unseen(key: str, /, **values: str) -> Examined:
    """Say that something could not be looked at."""
    return Examined(Verdict.UNSEEN, key, values)


def off(key: str, /, **values: str) -> Examined:
    """Say that something is not used."""
    return Examined(Verdict.OFF, key, values)


def of_part(finding: PartFinding, healthy: str) -> Examined:
    """Say how a part was found that `/readyz` tells of too; `healthy` is the key of what is said when it is well."""
    if finding.state is PartState.OK:
        return well(healthy)
    code = finding.code or FaultCode.CHECK_FAILED
    # Which revisions, or the name of an error: nothing secret.
    about = ", ".join(f"{name} {value}" for name, value in sorted(finding.about.items()))
    return wrong(f"doctor.fault.{code}", about=about or code)


def summary(found: Sequence[Examined], language: Language) -> Iterable[str]:
    """Return the last lines: how much is wrong, and how much is not known; that all is well only where all is."""
    for verdict in (Verdict.WRONG, Verdict.UNSEEN):
        count = sum(each.verdict is verdict for each in found)
        if count:
            yield counted(language, f"doctor.sum.{verdict}", count)
    if all(each.verdict in {Verdict.WELL, Verdict.OFF} for each in found):
        yield say(language, "doctor.sum.well")
