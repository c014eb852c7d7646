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
        """Return the version that is signed from now on, `kundavtal-1`. Raise LookupError where there is none in
        Swedish.
        """
        numbers = [int(name["number"]) for name in self._names() if _is(name, of)]
        if not numbers:
            raise LookupError(of)
        return f"{of}-{max(numbers)}"

    def template(self, version: str, language: Language = Language.SV) -> str:
        """Return the text of a version before anything is filled in. Raise LookupError where there is none."""
        return _text(self.folder / f"{version}.{language}.md")

    def has(self, version: str, language: Language) -> bool:
        """Say whether a version can be read in a language."""
        return (self.folder / f"{version}.{language}.md").is_file()

    def _names(self) -> list[re.Match[str]]:
        return [match for path in self.folder.iterdir() if (match := NAME.fullmatch(path.name))]


def _is(name: re.Match[str], of: AgreementType) -> bool:
    return name["type"] == of and name["language"] == Language.SV


@cache
def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise LookupError(path.name) from None
