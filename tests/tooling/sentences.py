"""Finds sentences for people that stand in code instead of in notifications/texts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PLACES = ("core", "notifications", "bot")

# Whole files and folders that may hold sentences, each with its reason.
OPEN_PLACES = {
    "notifications/texts": "this is where sentences belong",
    "bot/sandbox": "a Slack of its own, which speaks for Slack and not for us",
    "core/storage": "SQL",
    "core/http": "describes the API to those who build on it; what its readers are told comes from the texts",
    "bot/cli/load_cli.py": "speaks English to the operator at a terminal, not to the people of an order",
    "bot/cli/api_key_cli.py": "(the same)",
    "bot/cli/flows_cli.py": "(the same)",
    "bot/cli/commands.py": "(the same)",
    "bot/cli/demo_cli.py": "(the same)",
    "bot/cli/terminal.py": "(the same)",
    "bot/server/metrics.py": "says in English what each metric is, to whoever asks Prometheus",
    "bot/wiring/metrics_page.py": "(the same)",
    "bot/config/settings.py": "tells the operator which setting is wrong",
    "bot/config/contact_settings.py": "(the same)",
    "bot/config/mail_settings.py": "(the same)",
    "bot/config/publisher_settings.py": "(the same)",
    "bot/config/tracing_settings.py": "(the same)",
    "bot/config/checks.py": "(the same)",
}

# An argument of these is read by a database, or by those who build on the API or type a command.
SQL_CALLS = {"text", "CheckConstraint", "DDL"}
MANUAL_CALLS = {
    "FastAPI", "APIRouter", "Field", "Query", "Path", "Header", "Body", "get", "post", "put", "patch", "delete",
    "Option", "Argument", "Typer",
}  # fmt: skip
MANUAL_WORDS = {"description", "summary", "response_description", "help"}

# What these say is read by a programmer in a traceback. A refusal is a class of its own and says nothing itself.
PROGRAMMERS_ERRORS = {
    "AssertionError", "KeyError", "LookupError", "NotImplementedError", "RuntimeError", "TypeError", "ValueError",
}  # fmt: skip

# Upper case and at the start: "Select a date" is still a sentence.
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|WITH|LOCK|TRUNCATE|SET|EXPLAIN)\s")

PUNCTUATION = ".,:;!?…()[]\"'”’»«*_~`–—-"


# Of a template: what Jinja fills in or does, and then the tags with what their attributes say to a person.
JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
SPOKEN = re.compile(r"(?:aria-label|alt|content|placeholder|title)=([\"'])(.*?)\1", re.DOTALL)
TAGS = re.compile(r"<[^>]*>")


class Sentence(NamedTuple):
    """Where a sentence stands, and its words; what an f-string fills in reads {}."""

    file: str
    line: int
    words: str


def in_project(root: Path) -> list[Sentence]:
    """Every sentence in the product's code, open places aside."""
    files = sorted(file for place in PLACES for file in (root / place).rglob("*.py"))
    names = [(file, file.relative_to(root).as_posix()) for file in files]
    return [
        sentence for file, name in names if not _is_open(name) for sentence in in_source(file.read_text("utf-8"), name)
    ]


def in_source(source: str, file: str) -> list[Sentence]:
    """Every sentence in one module."""
    return [Sentence(file, line, words) for line, words in _literals(ast.parse(source)) if looks_like_a_sentence(words)]


def in_templates(root: Path) -> list[Sentence]:
    """Every word in the product's templates that a person would read in one language only."""
    files = sorted(file for place in PLACES for file in (root / place).rglob("templates/**/*.html"))
    return [
        Sentence(file.relative_to(root).as_posix(), line, words)
        for file in files
        for line, words in in_template(file.read_text("utf-8"))
    ]


def in_template(source: str) -> list[tuple[int, str]]:
    """Lines of a template with words that do not come from the texts. A single one is too many here."""
    plain = JINJA.sub(lambda hit: "\n" * hit[0].count("\n"), source)
    found = [(hit.start(), hit[2]) for hit in SPOKEN.finditer(plain)]
    bare = TAGS.sub(lambda hit: re.sub(r"[^\n]", " ", hit[0]), plain)
    found += [(hit.start(), hit[0].strip()) for hit in re.finditer(r"[^\n]+", bare)]
    lines = [(plain.count("\n", 0, at) + 1, words) for at, words in found]
    return [(line, words) for line, words in lines if re.search(r"[^\W\d_]{2}", words) and not _for_machines(words)]


def _for_machines(words: str) -> bool:
    """The one thing in an attribute that speaks to the browser: how wide the page is."""
    return words.startswith("width=device-width")


def looks_like_a_sentence(words: str) -> bool:
    """Three words of letters with spaces between; SQL is none."""
    if SQL.match(words):
        return False
    return sum(word.strip(PUNCTUATION).isalpha() for word in words.split()) >= 3


def _is_open(name: str) -> bool:
    return any(name == place or name.startswith((f"{place}/", f"{place}.py")) for place in OPEN_PLACES)


def _literals(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Strings that may reach a person; an f-string counts as one."""
    if isinstance(node, ast.JoinedStr):
        yield node.lineno, "".join(_part(part) for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    else:
        for child in _heard(node):
            yield from _literals(child)


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "{}"


def _heard(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node, less those that no person of an order reads."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return  # A docstring.
        case ast.Assert(test=test):
            yield test
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) if name in PROGRAMMERS_ERRORS:
            return
        case ast.Call(func=func) if _last_name(func) in SQL_CALLS:
            return
        case ast.Call(func=func) if _last_name(func) in MANUAL_CALLS:
            yield from node.args
            yield from (word for word in node.keywords if word.arg not in MANUAL_WORDS)
        case _:
            yield from ast.iter_child_nodes(node)


def _last_name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
