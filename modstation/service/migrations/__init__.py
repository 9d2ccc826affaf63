"""Alembic migrations, run at start by `service.database`."""
