-- ok
select id, upper(customer) as customer, amount * 2, _stream_batch from @orders where amount > 0
-- ok
with o as (select * from @orders), big as (select * from o where amount > 10)
select b.id, c.name from big as b left join "db"."main"."customers" c on c.id = b.customer
-- ok
select id from @orders union all select id from @payments order by 1
-- ok
select id, u from @orders o cross join unnest(o.items) as t(u)
-- ok
select id, is_new is distinct from true as old, extract(year from at) as y, at::date, cast(at as date) d, (select max(x) from static s where s.id = o.id) m from @orders o
-- ok
select id, case when exists (select 1 from static) then 1 end as c from @orders -- a comment
-- count() would be computed over the rows of one slice only [count]
select count(*) from @orders
-- groups would hold the rows of one slice only [group]
select customer from @orders group by 1
-- distinct would compare the rows of one slice only [distinct]
select distinct customer from @orders
-- the window of row_number() would hold the rows of one slice only [row_number]
select *, row_number() over (partition by id order by at) as n from @orders
-- two streamed relations are joined, and a row of one slice may belong to a row of another [@payments]
select o.id from @orders o join @payments p on p.order_id = o.id
-- two streamed relations are joined, and a row of one slice may belong to a row of another [o]
with o as (select * from @orders) select a.id from o as a join o as b on a.id = b.id
-- a left join fills up rows for which the stream has no match yet [@orders]
select c.id, o.id from customers c left join @orders o on o.customer = c.id
-- ok
select c.id, o.id from customers c right join @orders o on o.customer = c.id
-- a right join fills up rows for which the stream has no match yet [customers]
select c.id, o.id from @orders o right join customers c on o.customer = c.id
-- a full join fills up rows for which the stream has no match yet [customers]
select c.id, o.id from @orders o full outer join customers c on o.customer = c.id
-- 'limit' would apply to each slice by itself [limit]
select id from @orders order by at limit 10
-- random() gives another answer in another run, so that slices and a full build would differ [random]
select id, random() from @orders
-- current_timestamp() gives another answer in another run, so that slices and a full build would differ [current_timestamp]
select id from @orders where at < current_timestamp
-- age() gives another answer in another run, so that slices and a full build would differ [age]
select age(at) from @orders
-- ok
select age(at, ordered_at) from @orders
-- the function my_udf() is not known: whether it may be computed slice by slice cannot be told [my_udf]
select my_udf(id) from @orders
-- this part reads no stream: its rows would come again with each slice [select]
select id from @orders union all select id from old_orders
-- a union that removes duplicates would compare the rows of one slice only; union all does not [union]
select id from @orders union select id from @payments
-- 'except' would compare the rows of one slice only [except]
select id from @orders except select id from static
-- a subquery in an expression reads the stream, whose rows come in slices [(select avg(amount) from @orders)]
select id from @orders where amount > (select avg(amount) from @orders)
-- a subquery in an expression reads the stream, whose rows come in slices [(select order_id from @payments)]
select id from @orders where id not in (select order_id from @payments)
-- a recursive query cannot be advanced by slices [with]
with recursive r as (select id from @orders union all select id + 1 from r where id < 3) select * from r
-- the query also reads all of "db"."raw"."orders" by its name ["db"."raw"."orders"]
select id from @orders o join "db"."raw"."orders" p using (id)
-- a sample of rows differs from run to run [tablesample]
select id from @orders o tablesample 10%
-- 'from' is not understood here [from]
from @orders
-- a parenthesis is never closed [(id from @orders]
select (id from @orders
-- the function columns() is not known: whether it may be computed slice by slice cannot be told [columns]
select columns('a.*') from @orders
