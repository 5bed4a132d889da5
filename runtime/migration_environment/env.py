"""
How every service's migrations run: inside the transaction that `runtime.database.migrate` opened.

Alembic executes this file; nothing imports it.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    transactional_ddl=True,
)
context.run_migrations()
