"""Materialized views: made, refreshed, replaced; changed indexes."""

import pytest
from dbt.tests.adapter.materialized_view.basic import MaterializedViewBasic
from dbt.tests.adapter.materialized_view.files import MY_MATERIALIZED_VIEW
from dbt.tests.adapter.materialized_view.changes import (
    MaterializedViewChanges,
    MaterializedViewChangesApplyMixin,
    MaterializedViewChangesContinueMixin,
    MaterializedViewChangesFailMixin,
)
from dbt.tests.util import get_model_file, set_model_file

KINDS = {"r": "table", "v": "view", "m": "materialized_view"}


def query_relation_type(project, relation):
    rows = project.run_sql(
        f"select relkind from pg_class join pg_namespace n on n.oid = relnamespace"
        f" where nspname = '{relation.schema}' and relname = '{relation.identifier}'",
        fetch="all",
    )
    return KINDS[rows[0][0]] if rows else None


class TestMaterializedViewBasic(MaterializedViewBasic):
    @staticmethod
    def insert_record(project, table, record):
        project.run_sql(f"insert into {table} (id, value) values {record}")

    @staticmethod
    def refresh_materialized_view(project, materialized_view):
        project.run_sql(f"refresh materialized view {materialized_view}")

    @staticmethod
    def query_row_count(project, relation):
        return project.run_sql(f"select count(*) from {relation}", fetch="one")[0]

    query_relation_type = staticmethod(query_relation_type)


def indexes(project, relation):
    rows = project.run_sql(
        f"select indexdef from pg_indexes where schemaname = '{relation.schema}' and tablename = '{relation.identifier}'",
        fetch="all",
    )
    return [row[0] for row in rows]


class Changes(MaterializedViewChanges):
    """An index on another column is a change that is applied in place. PostgreSQL has none that takes a new view."""

    @staticmethod
    def check_start_state(project, materialized_view):
        assert ["(id)" in definition for definition in indexes(project, materialized_view)] == [True]

    @staticmethod
    def change_config_via_alter(project, materialized_view):
        text = get_model_file(project, materialized_view)
        set_model_file(project, materialized_view, text.replace("'id'", "'value'"))

    @staticmethod
    def check_state_alter_change_is_applied(project, materialized_view):
        assert ["(value)" in definition for definition in indexes(project, materialized_view)] == [True]

    @staticmethod
    def change_config_via_replace(project, materialized_view):
        pass

    @staticmethod
    def check_state_replace_change_is_applied(project, materialized_view):
        pass

    query_relation_type = staticmethod(query_relation_type)

    @pytest.fixture(scope="class", autouse=True)
    def models(self):
        indexed = MY_MATERIALIZED_VIEW.replace("config(", "config(indexes=[{'columns': ['id']}],")
        yield {"my_materialized_view.sql": indexed}


class TestMaterializedViewChangesApply(Changes, MaterializedViewChangesApplyMixin):
    @pytest.mark.skip("only a changed index is noticed, and that is applied in place")
    def test_change_is_applied_via_replace(self):
        pass


class TestMaterializedViewChangesContinue(Changes, MaterializedViewChangesContinueMixin):
    pass


class TestMaterializedViewChangesFail(Changes, MaterializedViewChangesFailMixin):
    pass
