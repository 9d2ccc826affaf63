"""Alembic's entry: runs the migrations on the connection the service hands in."""

from alembic import context

from modstation.service.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
