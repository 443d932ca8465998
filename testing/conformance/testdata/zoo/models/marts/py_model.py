import pandas as pd
def model(dbt, session):
    dbt.config(tags=["py"], packages=["numpy"])
    a = dbt.ref("stg_a")
    b = dbt.source("raw", "orders")
    c = dbt.config.get("foo", 3)
    return a
