"""Database triggers that let rows of history and its seals be added, and taken away by the purge alone."""

from sqlalchemy import Connection, text

SQLITE = (
    """CREATE TRIGGER history_no_update BEFORE UPDATE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    """CREATE TRIGGER history_no_delete BEFORE DELETE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    # REPLACE deletes silently unless the connection has recursive_triggers on; this holds for every connection.
    """CREATE TRIGGER history_no_replace BEFORE INSERT ON history
       WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id)
         OR EXISTS (SELECT 1 FROM history WHERE case_id = NEW.case_id AND revision = NEW.revision)
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION history_only_grows() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$""",
    """CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history
       FOR EACH ROW EXECUTE FUNCTION history_only_grows()""",
    """CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history
       FOR EACH STATEMENT EXECUTE FUNCTION history_only_grows()""",
)

# The same for tables that a number alone tells apart.
SQLITE_SEALS = (
    """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
       WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
)
POSTGRESQL_SEALS = (
    """CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$""",
    """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()""",
)
TAKEN = {"seals": "number = NEW.number OR history_id = NEW.history_id", "checkpoints": "number = NEW.number"}

# What the protocol of the purge covers may go, a row of history before its seal: a row by what its seal's number says
# and by its age, so that no protocol lets go of what is younger than itself.
MAY_GO = {
    "history": """EXISTS (SELECT 1 FROM seals s JOIN history_purges p ON p.number >= s.number
        WHERE s.history_id = OLD.id AND OLD.at < p.decided_before)""",
    "seals": """EXISTS (SELECT 1 FROM history_purges p WHERE p.number >= OLD.number)
        AND NOT EXISTS (SELECT 1 FROM history h WHERE h.id = OLD.history_id)""",
    "checkpoints": "EXISTS (SELECT 1 FROM history_purges p WHERE p.number >= OLD.number)",
}
SQLITE_PURGES = (
    "DROP TRIGGER {table}_no_delete",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({may_go})
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
)
# TRUNCATE comes here too, and has no row to look at.
POSTGRESQL_PURGES = (
    """CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF TG_OP = 'DELETE' THEN IF {may_go} THEN RETURN OLD; END IF; END IF;
         RAISE EXCEPTION '{table} is append-only'; END $$""",
)


def guard_history(connection: Connection) -> None:
    """Put the guards up, on either database."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.dialect.name]:
        connection.execute(text(statement))


def guard_seals(connection: Connection) -> None:
    """Put the guards up around seals and checkpoints, on either database."""
    statements = {"sqlite": SQLITE_SEALS, "postgresql": POSTGRESQL_SEALS}[connection.dialect.name]
    for table, taken in TAKEN.items():
        for statement in statements:
            connection.execute(text(statement.format(table=table, taken=taken)))


def guard_purges(connection: Connection) -> None:
    """Let the purge through the guards, by its protocol, and put guards up around that."""
    dialect = connection.dialect.name
    let_through = {"sqlite": SQLITE_PURGES, "postgresql": POSTGRESQL_PURGES}[dialect]
    for table, may_go in MAY_GO.items():
        for statement in let_through:
            connection.execute(text(statement.format(table=table, may_go=may_go)))
    # A number that comes after all others is no other's; the protocol grows at its end.
    taken = "number >= NEW.number"
    for statement in {"sqlite": SQLITE_SEALS, "postgresql": POSTGRESQL_SEALS}[dialect]:
        connection.execute(text(statement.format(table="history_purges", taken=taken)))
