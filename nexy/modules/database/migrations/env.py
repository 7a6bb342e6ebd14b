"""Run by Alembic, on the connection that nexy.modules.database.migrate hands on."""

from alembic import context

from nexy.modules.database.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can change a table only by making it anew
    transaction_per_migration=False,
)
context.run_migrations()
