"""PostgreSQL, at the server that libpq's variables name."""

import os

import psycopg2

# Roles that the grants tests give privileges to, under the variables in which they look for them.
ROLES = {f"DBT_TEST_USER_{n}": f"dbt_test_user_{n}" for n in (1, 2, 3)}


def target(_tmp_path_factory, database=os.environ.get("PGDATABASE", "dbt")):
    _roles()
    return {
        "type": "postgres",
        "host": os.environ["PGHOST"],
        "port": int(os.environ.get("PGPORT", "5432")),
        "user": os.environ.get("PGUSER", "root"),
        "password": os.environ.get("PGPASSWORD", "password"),
        "dbname": database,
        "threads": 4,
    }


def release():
    """Nothing: a server takes many clients."""


def _roles():
    os.environ.update(ROLES)
    connection = psycopg2.connect(dbname=os.environ.get("PGDATABASE", "dbt"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(1)")  # workers do this at the same time
            for role in ROLES.values():
                cursor.execute("select from pg_roles where rolname = %s", (role,))
                if cursor.fetchone() is None:
                    cursor.execute(f"create role {role}")
    finally:
        connection.close()
