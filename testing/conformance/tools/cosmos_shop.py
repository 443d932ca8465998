"""cosmos_shop.py BIN PROJECT AIRFLOW_HOME: Airflow runs the tasks that astronomer-cosmos made, each with BIN as its dbt executable."""
import os
import pathlib
import shutil
import sys

binary, project, home = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
os.environ.update(
    AIRFLOW_HOME=str(home), AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db", AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING", AIRFLOW__COSMOS__ENABLE_TELEMETRY="False", AIRFLOW__COSMOS__ENABLE_CACHE="False", DO_NOT_TRACK="1",
    SHOP_DBT=binary, SHOP_PROJECT=str(project), SHOP_DB=str(home / "shop.duckdb"),
    SHOP_SELECT="+stg_customers +stg_products",  # a task costs Airflow seconds: two models, their seeds and tests
)
(home / "dags").mkdir(parents=True)
here = pathlib.Path(__file__).parent
shutil.copy(here / "shop_dag.py", home / "dags" / "shop_dag.py")
sys.path.insert(0, str(home / "dags"))

from airflow.utils.db import initdb  # noqa: E402

initdb()
from shop_dag import dag  # noqa: E402

want = {"raw_customers_seed", "raw_products_seed", "stg_customers.run", "stg_customers.test", "stg_products.run", "stg_products.test"}
assert set(dag.task_ids) == want, sorted(dag.task_ids)
run = dag.test()
states = {t.task_id: str(t.state) for t in run.get_task_instances()}
assert str(run.state) == "success" and set(states.values()) == {"success"}, (run.state, states)
print(f"astronomer-cosmos: {len(states)} tasks succeeded")
