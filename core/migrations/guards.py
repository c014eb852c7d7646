"""Database triggers that let rows of `history` be added, and nothing else."""

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


def guard_history(connection: Connection) -> None:
    """Put the guards up, on either database."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.dialect.name]:
        connection.execute(text(statement))
