"""History holds more than changes of cases: lines of other kinds, which need not name a case or a state."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What a change of a case says, and another line need not.
FREED = (
    ("case_id", String), ("from_state", String), ("to_state", String), ("step", Integer), ("revision", Integer),
    ("content_version", Integer), ("part", String), ("assurance", String),
)  # fmt: skip
WHOLE = " AND ".join(f"{name} IS NOT NULL" for name, _ in FREED)
CHANGES = f"kind <> 'change' OR ({WHOLE})"
KEPT = (
    "id, case_id, at, action, from_state, to_state, step, revision, content_version, part, person_id, organisation_id,"
    " surface, assurance, evidence"
)


def _new_columns() -> tuple[Column[str], Column[str]]:
    return Column("kind", String, nullable=False, server_default=text("'change'")), Column("about_id", String)


def upgrade() -> None:
    """From a history of changes alone. Rows, their ids and their guards stay as they are."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _rebuild(connection)
        return
    for name, type_ in FREED:
        op.alter_column("history", name, existing_type=type_(), nullable=True)
    for column in _new_columns():
        op.add_column("history", column)
    op.create_check_constraint(op.f("ck_history_change_is_whole"), "history", CHANGES)


def _rebuild(connection: Connection) -> None:
    """SQLite changes no column, so the table is made anew; no guard is down when the transaction ends."""
    guards = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    _anew().create(connection)
    connection.exec_driver_sql(f"INSERT INTO history_anew ({KEPT}) SELECT {KEPT} FROM history")  # noqa: S608 - names of ours
    connection.exec_driver_sql("DROP TABLE history")
    connection.exec_driver_sql("ALTER TABLE history_anew RENAME TO history")
    for _, sql in guards:
        connection.exec_driver_sql(sql)


def _anew() -> Table:
    return Table(
        "history_anew",
        MetaData(),
        Column("id", Integer, nullable=False),
        Column("case_id", String),
        Column("at", BigInteger, nullable=False),
        Column("action", String, nullable=False),
        Column("from_state", String),
        Column("to_state", String),
        Column("step", Integer),
        Column("revision", Integer),
        Column("content_version", Integer),
        Column("part", String),
        Column("person_id", String),
        Column("organisation_id", String),
        Column("surface", String, nullable=False),
        Column("assurance", String),
        Column("evidence", Text, nullable=False),
        *_new_columns(),
        PrimaryKeyConstraint("id", name="pk_history"),
        UniqueConstraint("case_id", "revision", name="uq_history_case_id_revision"),
        CheckConstraint(CHANGES, name="ck_history_change_is_whole"),
    )
