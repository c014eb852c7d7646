"""The commands that look after the database, the register and keys, as an operator meets them."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from bot.cli.flows_cli import flow_page
from core.storage import migrations
from core.storage.database.database import name_of
from tests.support.machines.postgres import Postgres
from tests.tooling.processes import PATIENCE

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE, DEPLOYING = DOCS / "example.yaml", DOCS / "deploying.md"
ANNA = ("--person", "Anna.Berg@example.org", "--organisation", "555555-5555")


class Operator:
    """Types commands against one database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *words: str, given: bytes = b"") -> Result:
        return CliRunner().invoke(app, [*words], input=given, env={"DATABASE_URL": self.url, "COLUMNS": "200"})


@pytest.fixture
def operator(fresh_sqlite_url: str) -> Operator:
    return Operator(fresh_sqlite_url)


@pytest.fixture
def loaded(operator: Operator) -> Operator:
    assert operator("migrate").exit_code == 0
    assert operator("load", str(EXAMPLE)).exit_code == 0
    return operator


def test_a_database_is_migrated_filled_and_found_unchanged(database_url: str) -> None:
    operator = Operator(database_url)
    told = [operator(*words) for words in (["migrate"], ["migrate"], ["load", str(EXAMPLE)], ["load", str(EXAMPLE)])]

    assert [each.exit_code for each in told] == [0, 0, 0, 0]
    name, newest = name_of(database_url), migrations.newest()
    assert told[0].output == f"The database {name} was empty, and is at revision {newest} now.\n"
    assert told[1].output == f"The database {name} is at revision {newest} already. Nothing was to be done.\n"
    assert "30 added, 0 changed, 2 as they were" in told[2].output
    assert "0 added, 0 changed, 32 as they were" in told[3].output


def test_tiers_that_take_the_place_of_others_are_changed(loaded: Operator, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    text = EXAMPLE.read_text("utf-8").replace("{from: 100000, attests: 2}", "{from: 90000, attests: 2}")
    file.write_text(text, "utf-8")

    assert loaded("load", str(file)).stdout == "0 added, 1 changed, 31 as they were.\n"


def test_a_database_that_is_brought_to_the_newest_schema_is_named_with_where_it_came_from(operator: Operator) -> None:
    migrations.upgrade(operator.url, "0045")

    assert operator("migrate").output == (
        f"The database {name_of(operator.url)} went from revision 0045 to {migrations.newest()}.\n"
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://anna:secret@db.example:5433/portal?password=secret", "postgresql://db.example:5433/portal"),
        ("postgresql+asyncpg://anna@db.example/portal", "postgresql://db.example/portal"),
        ("sqlite:////var/lib/kundportal.db?timeout=5", "/var/lib/kundportal.db"),
        ("sqlite:///kundportal.db", str(Path("kundportal.db").absolute())),
    ],
)
def test_a_database_is_named_by_where_it_is_and_never_by_who_logs_in(url: str, name: str) -> None:
    assert name_of(url) == name


def test_a_role_and_a_database_made_as_the_page_says_are_enough(postgres: Postgres) -> None:
    (made,) = re.findall(r"```sql\n(.*?)```", DEPLOYING.read_text("utf-8"), re.DOTALL)
    for line in made.replace("kundportal", "of_the_page").splitlines():
        postgres.run(line.removesuffix(";"))
    operator = Operator(postgres.url("of_the_page").replace("postgres@", "of_the_page@"))
    told = [operator("migrate"), operator("load", str(EXAMPLE))]
    postgres.drop("of_the_page")
    postgres.run("DROP ROLE of_the_page")

    assert [each.exit_code for each in told] == [0, 0], [each.output for each in told]


def test_a_register_is_loaded_from_standard_input_where_no_file_can_be_named(operator: Operator) -> None:
    assert operator("migrate").exit_code == 0
    wrong = operator("load", "-", given=EXAMPLE.read_bytes().replace(b"kinds: [agent]", b"kinds: [agnt]"))
    right = operator("load", "-", given=EXAMPLE.read_bytes())

    assert (wrong.exit_code, right.exit_code) == (1, 0)
    assert ":13: organisations.1.kinds.0: " in wrong.output
    assert "30 added, 0 changed, 2 as they were" in right.output


def test_a_file_that_is_not_there_is_told_by_its_name(loaded: Operator, tmp_path: Path) -> None:
    told = loaded("load", str(tmp_path / "nowhere.yaml"))

    assert told.exit_code == 2
    assert "nowhere.yaml" in told.output


def test_a_database_is_made_for_its_owner_alone_with_the_files_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "kundportal.db"
    told = Operator(f"sqlite:///{file}")("migrate")
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode")
        database.execute("CREATE TABLE beside (it)")
        rights = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}

    assert told.exit_code == 0
    assert rights == {"kundportal.db": 0o600, "kundportal.db-wal": 0o600, "kundportal.db-shm": 0o600}


def test_a_database_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "kundportal.db"
    file.touch(0o640)

    assert Operator(f"sqlite:///{file}")("migrate").exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_wrong_file_is_told_by_line_and_changes_nothing(loaded: Operator, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = EXAMPLE.read_text("utf-8").replace("kinds: [agent]", "kinds: [agnt]")
    file.write_text(text, "utf-8")
    told = loaded("load", str(file))
    line = text[: text.index("[agnt]")].count("\n") + 1

    assert told.exit_code == 1
    assert f"{file}:{line}:13: organisations.1.kinds.0: " in told.output
    assert "1 problem; nothing was changed." in told.output


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (
            "reminder_days: 2",
            "reminder_days: 7",
            "reminder_days: 7 cannot be used here. Write a whole number from 1 to 4.",
        ),
        (
            "reminder_hour: 9",
            "reminder_hour: nio",
            "reminder_hour: 'nio' cannot be used here. Write a whole number from 9 to 16.",
        ),
        (
            "attests: 2}",
            "attests: true}",
            "tiers.1.attests: True cannot be used here. Write a whole number from 1 to 10.",
        ),
    ],
)
def test_a_number_beyond_its_bounds_is_told_with_them(operator: Operator, tmp_path: Path, was, becomes, said) -> None:
    operator("migrate")
    file = tmp_path / "wrong.yaml"
    file.write_text(EXAMPLE.read_text("utf-8").replace(was, becomes), "utf-8")

    assert f"organisations.0.{said}\n" in operator("load", str(file)).output


def test_what_is_no_text_is_told_without_a_code_of_ours(operator: Operator, tmp_path: Path) -> None:
    operator("migrate")
    file = tmp_path / "wrong.yaml"
    file.write_text(EXAMPLE.read_text("utf-8").replace("name: Region Exempel", 'name: "Region\\aExempel"'), "utf-8")

    assert "Compare it with the description of the field.\n" in operator("load", str(file)).output


# Rows are printed while the database is open, and of those of a table the last ones when all is over.
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_command_whose_output_nobody_reads_ends_quietly(loaded: Operator, form: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    environment = {"PATH": os.defpath, "PYTHONPATH": str(EXAMPLE.parents[1]), "DATABASE_URL": loaded.url}
    command = [sys.executable, "-m", "bot", "history", "--export", form]
    with open(writes, "wb") as nobody:
        told = subprocess.run(
            command, env=environment, stdout=nobody, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False
        )

    assert (told.returncode, told.stderr) == (1, "")


# As when an administrator ends an account between the check and the writing.
SOMEBODY_ENDS_AN_ACCOUNT = """CREATE TRIGGER meanwhile AFTER UPDATE ON organisations
    BEGIN UPDATE persons SET active = 0 WHERE email = 'cilla.dahl@example.org'; END"""


def test_a_register_that_was_changed_meanwhile_is_told_by_line_and_what_to_do(loaded: Operator, tmp_path: Path) -> None:
    with closing(sqlite3.connect(loaded.url.removeprefix("sqlite:///"))) as database:
        database.execute(SOMEBODY_ENDS_AN_ACCOUNT)
    file = tmp_path / "more.yaml"
    text = EXAMPLE.read_text("utf-8").replace("kinds: [agent]", "kinds: [agent, customer]\n    category: region")
    file.write_text(text.replace("roles: [agent_handler]", "roles: [agent_handler, attestant]"), "utf-8")

    told = loaded("load", str(file))

    assert told.exit_code == 1
    assert ": organisations.1.people.0.roles.1.person: " in told.output
    assert "Run it again: all of it is checked anew. 0 entries are written." in told.output


def test_a_file_that_is_no_text_is_told_as_such(loaded: Operator, tmp_path: Path) -> None:
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"\x89PNG\xff")

    told = loaded("load", str(file))

    assert told.exit_code == 2
    assert f"{file} is not text in UTF-8." in told.output


def test_a_database_that_was_never_migrated_says_what_to_do(operator: Operator) -> None:
    told = operator("load", str(EXAMPLE))

    assert told.exit_code == 2
    assert "kundportal migrate" in told.output


def test_a_database_that_cannot_be_reached_is_told_in_one_line(tmp_path: Path) -> None:
    told = Operator(f"sqlite:///{tmp_path}/nowhere/at/all.db")("migrate")

    assert told.exit_code == 2
    assert f"DATABASE_URL: {tmp_path}/nowhere/at/all.db cannot be used: " in told.output
    assert "Traceback" not in told.output


def test_a_server_that_has_no_such_database_is_told_in_one_line(postgres: Postgres) -> None:
    told = Operator(postgres.url("nowhere"))("api-key", "--operator")

    assert told.exit_code == 2
    assert "/nowhere cannot be used: " in told.output
    assert 'database "nowhere" does not exist' in told.output


def test_a_database_without_its_schema_gets_no_key(fresh_sqlite_url: str) -> None:
    Path(fresh_sqlite_url.removeprefix("sqlite:///")).touch()
    told = Operator(fresh_sqlite_url)("api-key", "--operator")

    assert told.exit_code == 2
    assert told.output == "The database is not at the newest schema. Run: kundportal migrate\n"


def newer(operator: Operator, oldest: str) -> None:
    """Let a later version have migrated, and say which programs may run."""
    with closing(sqlite3.connect(operator.url.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.execute("UPDATE schema_support SET oldest_program = ?", (oldest,))
        database.commit()


def test_a_command_of_the_version_before_works_on_a_schema_that_lets_it(loaded: Operator) -> None:
    newer(loaded, migrations.newest() or "")

    assert loaded("api-key", "--operator").exit_code == 0


def test_a_command_that_is_too_old_says_so_and_does_nothing(loaded: Operator) -> None:
    newer(loaded, "9999")
    told = loaded("api-key", "--operator")

    assert told.exit_code == 2
    assert told.output == "The database is at revision 9999, too new for this program. Start a newer version of it.\n"


@pytest.mark.parametrize("oldest", ["0046", "9999"])
def test_an_older_program_does_not_migrate_a_newer_schema(loaded: Operator, oldest: str) -> None:
    newer(loaded, oldest)
    told = loaded("migrate")

    assert told.exit_code == 2
    assert told.output == "The database is at revision 9999, newer than this program's. Nothing was changed.\n"


def test_a_plan_says_what_may_go_on_and_changes_nothing(operator: Operator) -> None:
    migrations.upgrade(operator.url, "0045")
    told = operator("migrate", "--plan")

    assert told.exit_code == 0
    assert told.output == (
        f"The database {name_of(operator.url)} goes from revision 0045 to {migrations.newest()}."
        " End every process of the version that runs first, and start none of it again.\n"
    )
    assert operator("migrate", "--plan").output == told.output


def test_a_plan_says_that_the_version_before_may_go_on(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.upgrade(operator.url, "0045")
    monkeypatch.setattr(migrations, "oldest_program", lambda: "0045")

    assert operator("migrate", "--plan").output.endswith(" Processes of the version that runs may go on meanwhile.\n")


def test_a_plan_for_what_is_there_already_or_is_empty_says_so(operator: Operator) -> None:
    Path(operator.url.removeprefix("sqlite:///")).touch()
    empty = operator("migrate", "--plan").output
    operator("migrate")

    name = name_of(operator.url)
    assert empty == f"The database {name} is empty. It goes to revision {migrations.newest()}.\n"
    assert operator("migrate", "--plan").output == (
        f"The database {name} is at revision {migrations.newest()}. Nothing is to be done.\n"
    )


def test_a_plan_says_that_a_database_is_too_new_for_this_program(loaded: Operator) -> None:
    newer(loaded, "9999")
    told = loaded("migrate", "--plan")

    assert told.exit_code == 2
    assert told.output == "The database is at revision 9999, too new for this program. Start a newer version of it.\n"


def test_a_plan_makes_no_database(tmp_path: Path) -> None:
    told = Operator(f"sqlite:///{tmp_path / 'none.db'}")("migrate", "--plan")

    assert told.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_keys_are_made_listed_and_ended(loaded: Operator) -> None:
    person, operator = loaded("api-key", *ANNA, "--label", "journal"), loaded("api-key", "--operator")
    id_ = person.output.split("_")[1]
    ended = loaded("api-key", "--revoke", id_)
    again = loaded("api-key", "--revoke", id_)
    listed = loaded("api-key", "--list").output

    assert person.output.startswith("kp_K")
    assert operator.output.startswith("kp_K")
    assert (ended.exit_code, again.exit_code) == (0, 2)
    assert f"{id_}  ended" in listed
    assert "anna.berg@example.org, Region Exempel  journal" in listed
    assert person.output.strip().split("_", 2)[2] not in listed


def test_a_key_says_until_when_it_opens_and_when_it_was_last_used(loaded: Operator) -> None:
    before = datetime.now(UTC).date()
    id_ = loaded("api-key", "--operator", "--days", "30").output.split("_")[1]
    year = loaded("api-key", "--operator").output.split("_")[1]
    # A key may be made on each side of midnight.
    days = {before, datetime.now(UTC).date()}

    lines = {line[:11]: line for line in loaded("api-key", "--list").output.splitlines()}
    assert any(f"valid  {day} to {day + timedelta(days=30)}  never used" in lines[id_] for day in days)
    assert any(f"to {day + timedelta(days=365)}" in lines[year] for day in days)


@pytest.mark.parametrize("label", ["a\nK2222222222  valid", "\x1b]0;a\x07", "a\u009b31m", "x" * 201])
def test_a_label_is_one_line_that_moves_no_terminal(loaded: Operator, label: str) -> None:
    told = loaded("api-key", "--operator", "--label", label)

    assert told.exit_code == 2
    assert "A label is one line of at most 200 characters" in told.output
    assert loaded("api-key", "--list").output == ""


def test_a_label_that_was_kept_before_moves_no_terminal_either(loaded: Operator) -> None:
    loaded("api-key", "--operator", "--label", "journal")
    with closing(sqlite3.connect(loaded.url.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE api_keys SET label = ?", ("a\nK2222222222 \x1b[31mvalid",))
        database.commit()

    assert loaded("api-key", "--list").output.endswith("  a K2222222222  [31mvalid\n")


@pytest.mark.parametrize("days", ["0", "1826", "-1", "year"])
def test_no_key_opens_for_ever(loaded: Operator, days: str) -> None:
    told = loaded("api-key", "--operator", "--days", days)

    assert told.exit_code == 2
    assert "kp_" not in told.output


def test_a_key_that_is_over_is_listed_as_such(loaded: Operator) -> None:
    id_ = loaded("api-key", "--operator").output.split("_")[1]
    with closing(sqlite3.connect(loaded.url.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE api_keys SET expires_at = 1, used_on = '2026-11-30'")
        database.commit()

    assert f"{id_}  expired" in (listed := loaded("api-key", "--list").output)
    assert "  used 2026-11-30  operator" in listed


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--operator", *ANNA),
        ANNA[:2],
        ANNA[2:],
        ("--person", "nobody@example.org", *ANNA[2:]),
        (*ANNA[:2], "--organisation", "559900-0006"),
        (*ANNA[:2], "--organisation", "1"),
    ],
)
def test_a_key_for_nobody_is_not_made(loaded: Operator, words: tuple[str, ...]) -> None:
    told = loaded("api-key", *words)

    assert told.exit_code == 2
    assert "kp_" not in told.output


def test_the_tables_are_printed_without_a_database() -> None:
    assert Operator("sqlite:////nowhere")("flows").output == flow_page()


def test_programs_read_as_json_what_a_load_did_and_what_is_wrong(loaded: Operator, tmp_path: Path) -> None:
    same = json.loads(loaded("load", str(EXAMPLE), "--json").output)
    (tmp_path / "wrong.yaml").write_text("persons:\n  - email: nobody\n", "utf-8")
    wrong = loaded("load", str(tmp_path / "wrong.yaml"), "--json")

    assert (same["added"], same["changed"]) == (0, 0)
    assert same["same"] > 0
    assert wrong.exit_code == 1
    assert {"line", "column", "path", "code", "sentence"} <= set(json.loads(wrong.output)["problems"][0])


def test_programs_read_a_plan_of_migration_as_json(operator: Operator) -> None:
    assert operator("migrate").exit_code == 0
    told = json.loads(operator("migrate", "--plan", "--json").output)

    assert told["revision"] == told["newest"]
    assert (told["is_to_be_migrated"], told["others_may_go_on"]) == (False, True)
    assert operator("migrate", "--json").exit_code == 2


def test_programs_read_keys_as_json_and_no_secret(loaded: Operator) -> None:
    secret = loaded("api-key", "--operator", "--label", "theirs").output.strip()
    told = loaded("api-key", "--json").output
    (key,) = json.loads(told)

    assert (key["state"], key["label"], key["person"]) == ("valid", "theirs", None)
    assert secret not in told
