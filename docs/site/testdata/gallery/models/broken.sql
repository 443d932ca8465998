select * from {{ ref('customers') }} where no_such_column = 1
