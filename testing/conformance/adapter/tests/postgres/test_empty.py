"""`--empty` beside macros that change relations."""

import pytest
from dbt.tests.adapter.empty.test_empty import MetadataWithEmptyFlag


class TestMetadataWithEmptyFlag(MetadataWithEmptyFlag):
    # Without alter_column_type: dbt-postgres fails it too.
    @pytest.mark.parametrize(
        "model",
        [
            "control",
            "get_columns_in_relation",
            "alter_relation_comment",
            "alter_column_comment",
            "alter_relation_add_remove_columns",
            "truncate_relation",
        ],
    )
    def test_run(self, project, model):
        super().test_run(project, model)
