"""Use cases call storage, and storage never calls them back: it loads and saves, and decides nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = ROOT / "core/storage/cases"
# What decides: who may do something, what becomes of it, who is asked and who hears of it.
DECIDING = {"core.workflow.authorize", "core.workflow.apply_transition", "core.workflow.assignees", "core.use_cases"}
# What each port hands to a use case that it runs.
UNITS = {
    "core/ports/cases.py": {"UnitOfWork", "Transaction"},
    "core/ports/identity.py": {"AccountTransaction"},
    "core/ports/register.py": {"SubstitutionTransaction", "AdministrationTransaction"},
}


def test_no_storage_of_cases_knows_how_anything_is_decided() -> None:
    files = sorted(CASES.glob("*.py"))

    assert [(file.name, name) for file in files for name in _imported(file) if _decides(name)] == []


def test_no_storage_says_who_hears_of_anything() -> None:
    files = sorted((ROOT / "core/storage").rglob("*.py"))

    assert [(file.name, name) for file in files for name in _imported(file) if name.endswith("Announcer")] == []


@pytest.mark.parametrize("port", UNITS)
def test_all_that_a_port_takes_to_call_is_a_use_case_and_all_that_gets_is_a_unit_of_work(port: str) -> None:
    taken = [
        ast.unparse(node.slice.elts[0].elts[0])
        for function in _functions(ROOT / port)
        for argument in (*function.args.args, *function.args.kwonlyargs)
        for node in ast.walk(argument)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Callable"
    ]

    assert set(taken) == UNITS[port]


def test_storage_of_cases_calls_nothing_that_it_was_given_but_a_use_case_with_its_unit_of_work() -> None:
    called = [
        (file.name, ast.unparse(call))
        for file in sorted(CASES.glob("*.py"))
        for function in _functions(file)
        for call in _calls_of(function, {each.arg for each in (*function.args.args, *function.args.kwonlyargs)})
    ]

    # What gets a connection is storage's own.
    assert {call for _, call in called if not call.endswith("(connection)")} == {"use_case(SqlUnitOfWork(session))"}


def test_a_case_is_saved_with_its_history_and_outbox_in_one_place() -> None:
    texts = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in CASES.glob("*.py")}
    for written in ("INSERT INTO history", "INSERT INTO cases (", "UPDATE cases SET state"):
        assert [name for name, text in texts.items() for _ in range(text.count(written))] == [
            "core/storage/cases/statements.py"
        ]
    assert [name for name, text in texts.items() if "insert(tables.cases)" in text or "tables.history" in text] == []


def _decides(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in DECIDING) or name.endswith("Announcer")


def _imported(file: Path) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return [
        name for node in nodes for name in (f"{node.module}", *(f"{node.module}.{each.name}" for each in node.names))
    ]


def _functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _calls_of(function: ast.AST, names: set[str]) -> list[ast.Call]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]
