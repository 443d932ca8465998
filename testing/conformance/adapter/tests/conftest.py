import pytest
from routed.plugin import ENGINE


@pytest.fixture(scope="class")
def dbt_profile_target(request, tmp_path_factory):
    """Overrides the fixture of dbt's own plugin."""
    return request.config.stash[ENGINE].target(tmp_path_factory)
