"""The texts of agreements, a file for each version and language; a version that was signed is never changed."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.api import AgreementType, Language

OWN = Path(__file__).parent / "agreements"
NAME = re.compile(r"(?P<type>[a-z]+)-(?P<number>\d+)\.(?P<language>[a-z]{2})\.md")


@dataclass(frozen=True)
class Library:
    """A folder with files like `kundavtal-1.sv.md`. An operator's own folder takes the place of ours."""

    folder: Path = OWN

    def newest(self, of: AgreementType) -> str:
        """The version that is signed from now on, `kundavtal-1`. LookupError where there is none in Swedish."""
        numbers = [int(found["number"]) for found in self._names() if _is(found, of)]
        if not numbers:
            raise LookupError(of)
        return f"{of}-{max(numbers)}"

    def template(self, version: str, language: Language = Language.SV) -> str:
        """The text of a version before anything is filled in. LookupError where there is none."""
        return _text(self.folder / f"{version}.{language}.md")

    def has(self, version: str, language: Language) -> bool:
        """True where a version can be read in a language."""
        return (self.folder / f"{version}.{language}.md").is_file()

    def _names(self) -> list[re.Match[str]]:
        return [found for path in self.folder.iterdir() if (found := NAME.fullmatch(path.name))]


def _is(found: re.Match[str], of: AgreementType) -> bool:
    return found["type"] == of and found["language"] == Language.SV


@cache
def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise LookupError(path.name) from None
