"""What a page tells its reader to do, in its order: commands to type with the answers it quotes, requests to make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROGRAMS = ("apt-get", "cp", "curl", "docker", "git", "kundportal", "make", "npm", "pip", "psql", "python3", "sqlite3")
REQUEST = re.compile(r"(?:(?:GET|POST|PUT|PATCH|DELETE) )?/")
PROGRAM = re.compile(rf"(?:\.venv/bin/)?(?:{'|'.join(PROGRAMS)}) ")


@dataclass(frozen=True)
class Step:
    """What is to be done, and the line of the page where it stands."""

    line: int
    text: str


@dataclass(frozen=True)
class Typed(Step):
    """Commands to type: a block, or a few words among others. `answer` is what the page says the last one answers."""

    inline: bool = False
    answer: str | None = None
    in_part: bool = False


@dataclass(frozen=True)
class Asked(Step):
    """A request of the server: an address, after a method where it is not GET."""


class Unclear(AssertionError):
    """A block of code that is neither commands nor what they answer."""


def steps(page: str) -> Sequence[Step]:
    """The steps of a page. Raises Unclear."""
    told: list[Step] = []
    for token, line in _tokens(MarkdownIt().enable("table").parse(page)):
        if token.type == "code_inline":
            told += _inline(token.content, line)
        elif token.info.startswith("json"):
            told.append(_answered(told.pop() if told else None, token, line))
        elif token.type == "code_block" or token.info in {"", "sh"}:
            told.append(Typed(line, token.content.strip()))
        else:
            raise Unclear(f"line {line}: {token.info}")
    return told


def _tokens(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Everything that is code, and its line."""
    line = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for each in (token, *(token.children or ())):
            if each.type in {"code_inline", "code_block", "fence"}:
                yield each, line


def _inline(text: str, line: int) -> Iterator[Step]:
    if PROGRAM.match(text):
        yield Typed(line, text, inline=True)
    elif REQUEST.match(text):
        yield Asked(line, text)


def _answered(step: Step | None, token: Token, line: int) -> Typed:
    if not isinstance(step, Typed) or step.inline or step.answer is not None:
        raise Unclear(f"line {line}: an answer to nothing")
    return replace(step, answer=token.content, in_part=token.info.split() == ["json", "part"])
