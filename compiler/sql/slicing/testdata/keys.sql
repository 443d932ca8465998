-- orders: customer
key customer
select customer, count(*) as n, sum(amount) as total from @orders group by customer
-- orders: customer
key c
select o.customer as c, count(*) from @orders o group by 1
-- orders: date_trunc('day', at)
key day
select date_trunc('day', at) as day, count(*) from @orders group by day
-- orders: cast(at as date)
key day
with o as (select id, cast(at as date) as day, amount from @orders where amount > 0)
select day, sum(amount) from o group by all
-- orders: customer, at::date
key customer, day
select customer, at::date as day, count(*) from @orders group by 1, 2 having count(*) > 1
-- orders: id
key id
select * exclude (n) from (select *, row_number() over (partition by id order by _stream_offset desc) as n from @orders) where n = 1
-- orders: id; payments: order_id
key id
select id, sum(amount) from (select id, amount from @orders union all select order_id, amount from @payments) x group by id
-- orders: id; payments: order_id
key id
select o.id, sum(p.amount) as paid from @orders o left join @payments p on p.order_id = o.id group by o.id
-- orders: id; payments: order_id
key order_id
with o as (select id as order_id, customer from @orders), p as (select order_id, sum(amount) as paid from @payments group by 1)
select o.order_id, o.customer, p.paid from o inner join p on o.order_id = p.order_id
-- payments: customer_id
key id
select c.id, count(p.id) as n from customers c left join @payments p on p.customer_id = c.id group by c.id
-- orders: order_id; payments: "order_id"
key order_id
select o.order_id, p.amount from @orders o join @payments p using (order_id)
-- 'o' is joined without the key (c.segment) [@orders]
key segment
select c.segment, count(*) from customers c join @orders o on o.customer = c.id group by 1
-- 'o' is joined without the key (c.id) [@orders]
key id
select c.id, count(*) from @orders o left join customers c on o.customer = c.id group by 1
-- the key 'customer' comes from an aggregate [max]
key customer
select customer, count(*) from (select max(customer) as customer, id from @orders group by id) x group by customer
-- the window of row_number() is not by the key (id) [row_number]
key id
select id, row_number() over (partition by customer order by at) as n from @orders
-- sum() is computed over the rows of all keys [sum]
key id
select 1 as id, sum(amount) from @orders
-- the key 'n' comes from an aggregate [count]
key n
select count(*) as n, customer from @orders group by customer
-- the select has no column 'nope' [select]
key nope
select id from @orders
-- 'limit' lets rows of one key decide about those of another [limit]
key id
select id from @orders limit 1
-- 'p' is joined without the key (o.id) [@payments]
key id
select o.id, p.amount from @orders o join @payments p on p.amount > o.amount
-- the result of string_agg() depends on the order in which rows come [string_agg]
key customer
select customer, string_agg(id, ',') from @orders group by 1
-- orders: customer
key customer
select customer, string_agg(id, ',' order by _stream_offset) from @orders group by 1
-- the query reads no stream [select]
key id
select id from customers
-- the grouping is not by the key (any.customer) [group]
key customer
select customer, n from (select id, any.customer, count(*) as n from @orders as any group by id) x
-- the grouping is not by the key (customer) [group]
key customer
select min(customer2) as m, customer from (select customer, customer2 from @orders) group by customer2
-- orders: lower(customer)
key customer
select customer, max(amount) from (select lower(customer) as customer, amount from @orders where amount > 1) group by 1
-- orders: date_trunc('day', ( at + interval '1 hour' ) )
key day
with o as (select at + interval '1 hour' as local_at from @orders) select date_trunc('day', local_at) as day, count(*) n from o group by 1
-- orders: customer
key customer
select customer, sum(amount) over (partition by customer order by at), lag(at) over w from @orders window w as (partition by customer, city order by at)
-- orders: id; payments: order_id
key id
select o.id, p.amount from @orders o, @payments p where o.id = p.order_id
-- 'p' is joined without the key (o.id) [@payments]
key id
select o.id, p.amount from @orders o, @payments p where o.id = p.order_id or p.amount = 0
-- orders: id; payments: order_id
key id
select o.id, p.amount from @orders o join @payments p on p.amount between o.low and o.high and o.id = p.order_id
-- orders: id; payments: order_id
key id
select o.id, p.amount from @orders o join @payments p on p.order_id = o.id and p.amount not between symmetric 1 and 2 + o.low
-- 'p' is joined without the key (o.id) [@payments]
key id
select o.id, p.amount from @orders o join @payments p on p.amount between 1 and 2 or o.id = p.order_id
-- 'p' is joined without the key (o.id) [@payments]
key id
select o.id, p.amount from @orders o join @payments p on o.id = p.order_id is not null
-- 'p' is joined without the key (o.id) [@payments]
key id
select o.id, p.amount from @orders o join @payments p on not p.order_id = o.id
-- 'p' is joined without the key (o.is_paid) [@payments]
key is_paid
select o.is_paid, p.amount from @orders o join @payments p on p.amount between 1 = p.paid and o.is_paid
-- orders: id; payments: case when kind = 1 and order_id > 0 then order_id end
key id
select o.id, p.amount from @orders o join @payments p on o.id = case when p.kind = 1 and p.order_id > 0 then p.order_id end
-- the key 'item' comes from unnest(), which makes several rows of one [unnest]
key item
select item, count(*) as n from (select id, unnest(items) as item from @orders) as x group by item
-- the key 'i.item' comes from unnest(), which makes several rows of one [@orders]
key item
select i.item, count(*) as n from @orders as o cross join unnest(o.items) as i (item) group by i.item
-- orders: id
key id
select id, item from (select id, unnest(items) as item from @orders) as x
