"""Alembic's entry: it migrates over the connection that `store.People` hands it."""

from alembic import context

from distal.people.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
