"""An Airflow DAG in which astronomer-cosmos makes one task of every model, seed and test of the shop."""
import datetime
import os
import pathlib

from cosmos import DbtDag, ExecutionConfig, ExecutionMode, InvocationMode, LoadMode, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import TestIndirectSelection

project, binary = pathlib.Path(os.environ["SHOP_PROJECT"]), os.environ["SHOP_DBT"]
dag = DbtDag(
    dag_id="shop",
    start_date=datetime.datetime(2026, 1, 1),
    schedule=None,
    project_config=ProjectConfig(dbt_project_path=project, install_dbt_deps=False),
    profile_config=ProfileConfig(profile_name="shop", target_name="dev", profiles_yml_filepath=project / "profiles.yml"),
    execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.SUBPROCESS, dbt_executable_path=binary,
                                     test_indirect_selection=TestIndirectSelection.BUILDABLE),
    render_config=RenderConfig(load_method=LoadMode.DBT_LS, invocation_mode=InvocationMode.SUBPROCESS, dbt_executable_path=binary,
                               select=os.environ["SHOP_SELECT"].split()),
)
