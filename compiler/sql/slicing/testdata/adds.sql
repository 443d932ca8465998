-- ., sum, sum
key customer
select customer, count(*) as n, sum(amount) as total from @orders group by customer
-- ., min, max
key day
with o as (select cast(at as date) as day, amount from @orders where amount > 0)
select day, min(amount) as least, max(amount) as most from o group by all order by 1
-- sum, ., .
key customer, day
select count(id) filter (where amount > 0) as n, customer, placed_at::date as day from @orders as o group by o.customer, day
-- ., sum
key id
select id, sum(amount) as n from (select id, amount from @orders union all select order_id, amount from @payments) x group by id
-- having drops groups that new rows may bring back [count]
key customer
select customer, count(*) as n from @orders group by customer having count(*) > 1
-- the column 'mean' is computed by avg(), whose results do not add up [avg]
key customer
select customer, avg(amount) as mean from @orders group by customer
-- the column 'n' counts or adds distinct values, which may come again [count]
key customer
select customer, count(distinct id) as n from @orders group by customer
-- the column 'n' is more than one aggregate by itself [count]
key customer
select customer, count(*) + 1 as n from @orders group by customer
-- the column 'n' is more than one aggregate by itself [coalesce]
key customer
select customer, coalesce(sum(amount), 0) as n from @orders group by customer
-- the column 'n' is more than one aggregate by itself [count]
key customer
select customer, count(*) over (partition by customer) as n from @orders group by customer
-- it groups by 'tier', which is not in the unique_key [tier,]
key customer
select customer, tier, count(*) as n from @orders group by 1, 2
-- it groups by an expression that is not one of its columns [group]
key customer
select customer, count(*) as n from @orders group by customer, tier
-- it does not group by the whole unique_key [group]
key customer, tier
select customer, min(tier) as tier from @orders group by customer
-- it has no group by [select]
key id
select id, amount from @orders
-- it joins, and what it joins may change [select]
key customer
select o.customer, count(*) as n from @orders o left join tiers t on t.customer = o.customer group by 1
-- it joins, and what it joins may change [select]
key customer
with o as (select o.customer from @orders o, tiers) select customer, count(*) as n from o group by 1
-- it reads 'tiers', which may change [tiers)]
key customer
select customer, count(*) as n from (select customer from @orders union all select customer from tiers) x group by 1
-- a subquery in an expression reads the stream, whose rows come in slices [(select avg(amount) from @orders) group by 1]
key customer
select customer, count(*) as n from @orders where amount > (select avg(amount) from @orders) group by 1
-- a subquery may give another answer later [(select customer from tiers) group by 1]
key customer
select customer, count(*) as n from @orders where customer in (select customer from tiers) group by 1
-- groups would hold the rows of one slice only [group]
key n
select n, count(*) as m from (select customer, count(*) as n from @orders group by customer) x group by n
-- a union that removes duplicates would compare the rows of one slice only; union all does not [union]
key id
select id, count(*) as n from (select id from @orders union select id from @payments) x group by id
-- it is not one select with a group by [select]
key id
select id, count(*) as n from @orders group by 1 union all select id, 0 from @payments
-- a column has no name [count]
key customer
select customer, count(*) from @orders group by customer
-- the column 'n' is computed by min() of several arguments [min]
key customer
select customer, min(amount, 3) as n from @orders group by customer
-- 'rollup' makes groups of several kinds [rollup]
key customer
select customer, count(*) as n from @orders group by rollup (customer)
-- now() gives another answer in another run, so that slices and a full build would differ [now]
key customer
select customer, max(now()) as n from @orders group by customer
-- distinct compares whole rows [distinct]
key customer
select distinct customer, count(*) as n from @orders group by customer
-- 'limit' would apply to each slice by itself [limit]
key customer
select customer, count(*) as n from @orders group by customer limit 3
-- whether 'customer' is the column of that name or what the select gives under it is not to be seen [customer]
key customer
select upper(customer) as customer, count(*) as n from @orders group by customer
-- ., sum
key customer
select upper(customer) as customer, count(*) as n from @orders group by 1
-- whether 'k' is the column of that name or what the select gives under it is not to be seen [k]
key k
select 'all' as k, count(*) as n from @orders group by k
-- whether 'c' is the column of that name or what the select gives under it is not to be seen [c,]
key c, customer
select upper(customer) as c, customer, count(*) as n from @orders group by c, customer
-- whether 'customer' is the column of that name or what the select gives under it is not to be seen [customer]
key customer
select cast(customer as double precision) as customer, count(*) as n from @orders group by customer
-- whether 'placed_at' is the column of that name or what the select gives under it is not to be seen [placed_at]
key placed_at
select extract(dow from placed_at) as placed_at, count(*) as n from @orders group by placed_at
-- whether 'l' is the column of that name or what the select gives under it is not to be seen [l]
key l
select list_transform(l, x -> x + 1) as l, count(*) as n from @orders group by l
-- ., sum
key city
select address ->> 'city' as city, count(*) as n from @orders group by city
