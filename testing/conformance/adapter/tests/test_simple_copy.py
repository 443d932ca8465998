"""Seeds copied through every materialization."""

import pytest
from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from dbt.tests.adapter.simple_copy.test_simple_copy import SimpleCopyBase, EmptyModelsArentRunBase
from routed.plugin import ENGINE


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, request, tmp_path_factory):
        """dbt's own fixture names one server for all; the point is the capitals in the database's name."""
        return request.config.stash[ENGINE].target(tmp_path_factory, database="dbtMixedCase")


class TestSimpleCopyBase(SimpleCopyBase):
    pass


class TestEmptyModelsArentRunBase(EmptyModelsArentRunBase):
    pass
