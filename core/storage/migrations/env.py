"""Alembic runs this for every command; the connection comes from `core.storage.migrations`, inside its transaction."""

from alembic import context
from sqlalchemy import Connection

from core.storage.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
