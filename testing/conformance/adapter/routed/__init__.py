"""A pytest plugin under which dbt's functional tests drive the binary: dbtRunner.invoke starts a process."""
