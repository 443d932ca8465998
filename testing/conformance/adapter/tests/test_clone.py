"""`clone` where the engine has no zero-copy clone."""

from dbt.tests.adapter.dbt_clone.test_dbt_clone import BaseCloneNotPossible, BaseCloneSameTargetAndState


class TestCloneNotPossible(BaseCloneNotPossible):
    pass


class TestCloneSameTargetAndState(BaseCloneSameTargetAndState):
    pass
