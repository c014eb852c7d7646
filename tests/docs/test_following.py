"""What a page tells is found in it, and what is otherwise is noticed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.answers import differences, last_answer
from tests.docs.pages import Asked, Typed, Unclear, steps
from tests.docs.shell import Shell

PAGE = """
Do `make tea`, or ask for `/healthz` or `POST /tea`; `state` is no command, and neither is `kundportal`.

| a | b |
|---|---|
| x | `kundportal flows` |

    make coffee

```sh
curl $API
```

So it answers:

```json part
{"id": "B-7GKX2QP"}
```
"""
ANSWER = {"id": "B-7GKX2QP", "at": "2026-11-27T03:45:44Z", "items": [{"name": "Bo Ek"}], "open": True}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path, {"PATH": "/usr/bin:/bin"})
    yield opened
    opened.end()


def test_commands_requests_and_answers_are_found_with_their_lines() -> None:
    assert list(steps(PAGE)) == [
        Typed(2, "make tea", inline=True),
        Asked(2, "/healthz"),
        Asked(2, "POST /tea"),
        Typed(6, "kundportal flows", inline=True),
        Typed(8, "make coffee"),
        Typed(10, "curl $API", answer='{"id": "B-7GKX2QP"}\n', in_part=True),
    ]


@pytest.mark.parametrize("page", ["```yaml\na: 1\n```", "`make tea`\n\n```json\n{}\n```", "```json\n{}\n```"])
def test_a_block_that_is_neither_commands_nor_their_answer_is_unclear(page: str) -> None:
    with pytest.raises(Unclear):
        steps(page)


@pytest.mark.parametrize(
    "quoted",
    [
        ANSWER,
        ANSWER | {"id": "B-2222222"},
        ANSWER | {"at": "2031-01-01T00:00:00.123456Z"},
    ],
)
def test_what_differs_by_nature_is_no_difference(quoted: object) -> None:
    assert list(differences(quoted, ANSWER, in_part=False)) == []


@pytest.mark.parametrize(
    "quoted",
    [
        ANSWER | {"id": "A-22"},
        ANSWER | {"at": "2031-01-01"},
        ANSWER | {"items": []},
        ANSWER | {"items": [{"name": "Eva Gren"}]},
        ANSWER | {"open": 1},
        ANSWER | {"more": None},
    ],
)
def test_any_other_difference_is_told(quoted: object) -> None:
    assert len(list(differences(quoted, ANSWER, in_part=True))) == 1


def test_a_part_may_leave_out_what_the_whole_must_hold() -> None:
    assert list(differences({"open": True}, ANSWER, in_part=True)) == []
    assert len(list(differences({"open": True}, ANSWER, in_part=False))) == 1


def test_the_answer_of_several_requests_is_the_last() -> None:
    assert last_answer('{"a": 1}{"b": 2}\n{"c": 3}') == {"c": 3}
    assert last_answer("") is None


def test_what_one_command_sets_the_next_one_finds(shell: Shell) -> None:
    shell("A=$(echo tea); cd /")

    assert shell('echo "$A in $PWD"').out == "tea in /\n"


@pytest.mark.parametrize(
    "text", ["false", "false\ntrue", "A=$(false)\ntrue", "nothing-of-that-name\ntrue", "true && false"]
)
def test_a_command_that_fails_among_others_is_told(shell: Shell, text: str) -> None:
    assert shell(text).failed


def test_commands_that_go_well_have_failed_in_nothing(shell: Shell) -> None:
    assert shell("true; false || true").failed == []
