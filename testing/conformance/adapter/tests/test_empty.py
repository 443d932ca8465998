"""`--empty`."""

from dbt.tests.adapter.empty.test_empty import BaseTestEmpty, BaseTestEmptySeedFlag


class TestEmpty(BaseTestEmpty):
    pass


class TestEmptySeedFlag(BaseTestEmptySeedFlag):
    pass
