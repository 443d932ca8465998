package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// trade is a project in the shape of TPC-H: what is sold is known, and suppliers, customers,
// orders and their lines come as streams. Its models ask what the benchmark's queries ask, for
// every value of a parameter where the benchmark picks one.
var trade = scheduled{
	feed: feed{topics: []string{"suppliers", "customers", "orders", "lineitems"}, record: tradeRecord},
	files: map[string]string{
		"seeds/regions.csv": "id,name\n1,EAST\n2,WEST\n",
		"seeds/nations.csv": "id,name,region_id\n1,CHINA,1\n2,JAPAN,1\n3,FRANCE,2\n4,BRAZIL,2\n",
		"seeds/parts.csv":   tradeParts(),
		"seeds/offers.csv":  tradeOffers(),
		// Sums of floating-point numbers depend on their order.
		"seeds/seeds.yml": "seeds:\n  - name: offers\n    config: {column_types: {cost: 'numeric(12,2)'}}\n",
		"models/sources.yml": `sources:
  - name: trade
    schema: raw
    tables:
      - name: suppliers
        config: {meta: {stream: {type: kafka, connection: main, topics: [suppliers], max_latency: 100ms}}}
        columns: [{name: id, data_type: bigint}, {name: name, data_type: text}, {name: nation_id, data_type: integer}, {name: balance, data_type: "numeric(12,2)"}, {name: remark, data_type: text}]
      - name: customers
        config: {meta: {stream: {type: kafka, connection: main, topics: [customers], max_latency: 100ms}}}
        columns: [{name: id, data_type: bigint}, {name: name, data_type: text}, {name: nation_id, data_type: integer}, {name: segment, data_type: text}, {name: balance, data_type: "numeric(12,2)"}, {name: phone, data_type: text}]
      - name: orders
        config: {meta: {stream: {type: kafka, connection: main, topics: [orders], max_latency: 100ms}}}
        columns: [{name: id, data_type: bigint}, {name: customer_id, data_type: bigint}, {name: status, data_type: text}, {name: placed_on, data_type: date}, {name: priority, data_type: text}, {name: remark, data_type: text}]
      - name: lineitems
        config: {meta: {stream: {type: kafka, connection: main, topics: [lineitems], max_latency: 100ms}}}
        columns: [{name: order_id, data_type: bigint}, {name: part_id, data_type: integer}, {name: supplier_id, data_type: bigint}, {name: quantity, data_type: integer},
          {name: price, data_type: "numeric(12,2)"}, {name: discount, data_type: "numeric(4,2)"}, {name: tax, data_type: "numeric(4,2)"}, {name: returned, data_type: text}, {name: status, data_type: text},
          {name: shipped_on, data_type: date}, {name: promised_on, data_type: date}, {name: received_on, data_type: date}, {name: mode, data_type: text}]
`,
	},
	models: map[string]string{
		// The last word on a supplier, a customer and an order; lines come once.
		"current_suppliers": materialized("ephemeral", `select id, name, nation_id, balance, remark from (
  select *, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('trade', 'suppliers') }}
) as versions where nth = 1`),
		"current_customers": materialized("ephemeral", `select id, name, nation_id, segment, balance, phone from (
  select *, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('trade', 'customers') }}
) as versions where nth = 1`),
		"known_customers": materialized("view", "select * from {{ ref('current_customers') }}"),
		"current_orders": materialized("ephemeral", `select id, customer_id, status, placed_on, priority, remark from (
  select *, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('trade', 'orders') }}
) as versions where nth = 1`),
		"stg_lineitems": materialized("view", "select *, price * (1 - discount) as revenue, cast(date_trunc('month', shipped_on) as date) as shipped_in from {{ source('trade', 'lineitems') }}"),
		"part_lines": appending(`select l.order_id, l.supplier_id, l.quantity, l.revenue, l.shipped_in, l.mode, p.id as part_id, p.brand, p.kind, p.size, p.container, l._stream_batch
from {{ ref('stg_lineitems') }} as l inner join {{ ref('parts') }} as p on p.id = l.part_id`),

		// 1: a summary of prices.
		"pricing_summary": keyed("returned, status", `select returned, status, sum(quantity) as quantity, sum(price) as base, sum(price * (1 - discount)) as discounted,
  sum(price * (1 - discount) * (1 + tax)) as charged, avg(quantity) as mean_quantity, avg(price) as mean_price, avg(discount) as mean_discount, count(*) as lines
from {{ source('trade', 'lineitems') }} where shipped_on <= date '2026-05-20' group by returned, status`),
		"pricing_totals": keyed("returned, status", `select returned, status, sum(quantity) as quantity, sum(revenue) as revenue, count(*) as lines, min(shipped_on) as first_on
from {{ ref('stg_lineitems') }} group by returned, status`),
		// 2: who offers a part at the least cost in a region.
		"minimum_cost_suppliers": materialized("table", `with offered as (
  select o.part_id, r.name as region, s.name as supplier, s.balance, o.cost, min(o.cost) over (partition by o.part_id, r.id) as least
  from {{ ref('offers') }} as o join {{ ref('current_suppliers') }} as s on s.id = o.supplier_id
  join {{ ref('nations') }} as n on n.id = s.nation_id join {{ ref('regions') }} as r on r.id = n.region_id
)
select part_id, region, supplier, balance, cost from offered where cost = least`),
		// 3: what orders that have not shipped would bring. Orders and their lines meet by the order.
		"order_revenue": keyed("order_id", `select o.id as order_id, o.customer_id, o.placed_on, o.priority, o.status, sum(l.revenue) as revenue, sum(l.quantity) as quantity,
  sum(case when l.shipped_on > date '2026-05-15' then l.revenue end) as unshipped
from {{ ref('current_orders') }} as o join {{ ref('stg_lineitems') }} as l on l.order_id = o.id
group by o.id, o.customer_id, o.placed_on, o.priority, o.status`),
		"shipping_priority": materialized("table", `select r.order_id, r.placed_on, r.unshipped, rank() over (partition by c.segment order by r.unshipped desc) as place
from {{ ref('order_revenue') }} as r join {{ ref('known_customers') }} as c on c.id = r.customer_id where r.placed_on < date '2026-05-15' and r.unshipped > 0`),
		// 4: orders of which something came late, by priority.
		"late_orders": keyed("order_id", `with late as (
  select order_id, count(*) as lines from {{ ref('stg_lineitems') }} where promised_on < received_on group by order_id
)
select o.id as order_id, o.priority, o.placed_on, late.lines from {{ ref('current_orders') }} as o join late on late.order_id = o.id`),
		"order_priority_check": materialized("table", "select priority, extract(month from placed_on) as month, count(*) as orders from {{ ref('late_orders') }} group by 1, 2"),
		// 5, 7, 8: revenue between nations, in regions, and a nation's share of it.
		"deliveries": materialized("table", `select o.id as order_id, l.revenue, l.shipped_on, o.placed_on, sn.name as supplied_from, cn.name as sold_to, r.name as sold_in, l.part_id
from {{ ref('stg_lineitems') }} as l join {{ ref('current_orders') }} as o on o.id = l.order_id
join {{ ref('known_customers') }} as c on c.id = o.customer_id join {{ ref('current_suppliers') }} as s on s.id = l.supplier_id
join {{ ref('nations') }} as sn on sn.id = s.nation_id join {{ ref('nations') }} as cn on cn.id = c.nation_id join {{ ref('regions') }} as r on r.id = cn.region_id`),
		"local_supplier_volume": materialized("table", "select sold_in, sold_to, sum(revenue) as revenue from {{ ref('deliveries') }} where supplied_from = sold_to group by sold_in, sold_to"),
		"volume_shipping": materialized("table", `select supplied_from, sold_to, extract(month from shipped_on) as month, sum(revenue) as revenue
from {{ ref('deliveries') }} where supplied_from <> sold_to and shipped_on between date '2026-04-01' and date '2026-06-30' group by 1, 2, 3`),
		"market_share": materialized("table", `select sold_in, extract(month from placed_on) as month, sum(case when supplied_from = 'JAPAN' then revenue else 0 end) / nullif(sum(revenue), 0) as share
from {{ ref('deliveries') }} group by 1, 2`),
		// 6: what smaller discounts would have brought.
		"revenue_forecast": keyed("month", `select shipped_in as month, sum(price * discount) as gain
from {{ ref('stg_lineitems') }} where discount between 0.03 and 0.07 and quantity < 24 group by shipped_in`),
		// 9: the profit on parts of a kind, by supplier, whose nation and costs are looked up.
		"product_profit": keyed("supplier_id", `select s.id as supplier_id, n.name as nation, extract(month from l.shipped_on) as month, sum(l.revenue - o.cost * l.quantity) as profit
from {{ ref('current_suppliers') }} as s join {{ ref('stg_lineitems') }} as l on l.supplier_id = s.id
join {{ ref('offers') }} as o on o.supplier_id = l.supplier_id and o.part_id = l.part_id
join {{ ref('parts') }} as p on p.id = l.part_id left join {{ ref('nations') }} as n on n.id = s.nation_id
where p.name like '%green%' group by 1, 2, 3`),
		// 10: customers who sent things back.
		"returned_revenue": keyed("order_id", "select order_id, sum(price * (1 - discount)) as lost from {{ source('trade', 'lineitems') }} where returned = 'R' group by order_id"),
		"returned_items": materialized("table", `select c.id, c.name, c.balance, n.name as nation, sum(r.lost) as lost
from {{ ref('returned_revenue') }} as r join {{ ref('order_revenue') }} as o on o.order_id = r.order_id
join {{ ref('known_customers') }} as c on c.id = o.customer_id join {{ ref('nations') }} as n on n.id = c.nation_id group by 1, 2, 3, 4`),
		// 11: the stock that makes up most of a nation's.
		"important_stock": materialized("table", `with stock as (
  select s.nation_id, o.part_id, sum(o.cost * o.available) as worth from {{ ref('offers') }} as o join {{ ref('current_suppliers') }} as s on s.id = o.supplier_id group by 1, 2
)
select a.nation_id, a.part_id, a.worth from stock as a where a.worth > (select sum(b.worth) * 0.1 from stock as b where b.nation_id = a.nation_id)`),
		// 12: whether cheap ways of shipping delay urgent orders.
		"late_shipments": keyed("order_id", `select l.order_id, l.mode, o.priority, count(*) as lines
from {{ ref('stg_lineitems') }} as l inner join {{ ref('current_orders') }} as o on o.id = l.order_id
where l.promised_on < l.received_on and l.shipped_on < l.promised_on group by 1, 2, 3`),
		"shipping_modes": materialized("table", `select mode, sum(case when priority in ('URGENT', 'HIGH') then lines else 0 end) as urgent, sum(case when priority in ('URGENT', 'HIGH') then 0 else lines end) as other
from {{ ref('late_shipments') }} group by mode`),
		// 13: how many customers have how many orders.
		"customer_orders": keyed("customer_id", `select c.id as customer_id, count(distinct o.id) as orders, max(o.placed_on) as last_on
from {{ ref('current_customers') }} as c left join {{ source('trade', 'orders') }} as o on o.customer_id = c.id and o.remark not like '%special%' group by c.id`),
		"customer_distribution": materialized("table", "select orders, count(*) as customers from {{ ref('customer_orders') }} group by orders"),
		// 14: the share of promoted parts in each month.
		"promotion_effect": keyed("month", `select shipped_in as month, 100 * sum(case when kind like 'PROMO%' then revenue else 0 end) / nullif(sum(revenue), 0) as share
from {{ ref('part_lines') }} group by shipped_in`),
		// 15: the best supplier of each month.
		"supplier_revenue": keyed("shipped_in, supplier_id", "select shipped_in, supplier_id, sum(revenue) as revenue from {{ ref('stg_lineitems') }} group by 1, 2"),
		"top_suppliers": keyed("shipped_in", `with revenue as (
  select shipped_in, supplier_id, sum(revenue) as revenue from {{ ref('stg_lineitems') }} group by shipped_in, supplier_id
)
select shipped_in, supplier_id, revenue from (select *, max(revenue) over (partition by shipped_in) as most from revenue) as ranked where revenue = most`),
		// 16: how many suppliers without complaints offer parts of a kind.
		"offered_kinds": materialized("table", `select p.brand, p.kind, count(distinct o.supplier_id) as suppliers from {{ ref('offers') }} as o join {{ ref('parts') }} as p on p.id = o.part_id
where o.supplier_id not in (select id from {{ ref('current_suppliers') }} where remark like '%complaint%') group by p.brand, p.kind`),
		// 17: the revenue of orders that are small for their part.
		"small_quantity_revenue": keyed("part_id", `select part_id, brand, sum(revenue) / 7 as yearly
from (select *, avg(quantity) over (partition by part_id) as mean from {{ ref('part_lines') }}) as lines where quantity < 0.6 * mean group by part_id, brand`),
		// 18: large orders.
		"large_orders": keyed("order_id", `select o.id as order_id, o.customer_id, o.placed_on, sum(l.quantity) as quantity
from {{ ref('current_orders') }} as o, {{ source('trade', 'lineitems') }} as l where o.id = l.order_id group by o.id, o.customer_id, o.placed_on having sum(l.quantity) > 60`),
		// 19: revenue of parts of several descriptions.
		"discounted_revenue": keyed("part_id", `select part_id, sum(revenue) as revenue from {{ ref('part_lines') }}
where brand = 'B1' and container in ('BOX', 'BAG') and quantity between 1 and 21 and size between 1 and 15 or brand = 'B2' and quantity > 10 and size > 3 and mode in ('AIR', 'SHIP')
group by part_id`),
		// 20: suppliers who have more of a part than they sold.
		"part_promotion": keyed("supplier_id", `with sold as (
  select supplier_id, part_id, sum(quantity) as quantity from {{ source('trade', 'lineitems') }} group by supplier_id, part_id
)
select distinct s.id as supplier_id, s.name from {{ ref('current_suppliers') }} as s join sold on sold.supplier_id = s.id
join {{ ref('offers') }} as o on o.supplier_id = sold.supplier_id and o.part_id = sold.part_id where o.available > 0.5 * sold.quantity`),
		// 21: who alone kept an order waiting.
		"waiting_orders": keyed("order_id", `with parties as (
  select order_id, supplier_id, max(case when received_on > promised_on then 1 else 0 end) as late from {{ source('trade', 'lineitems') }} group by order_id, supplier_id
), counted as (
  select order_id, supplier_id, late, count(*) over (partition by order_id) as suppliers, sum(late) over (partition by order_id) as late_ones from parties
)
select c.order_id, c.supplier_id from counted as c join {{ ref('current_orders') }} as o on o.id = c.order_id where o.status = 'F' and c.late = 1 and c.late_ones = 1 and c.suppliers > 1`),
		"waiting_suppliers": materialized("table", "select s.name, count(*) as orders from {{ ref('waiting_orders') }} as w join {{ ref('current_suppliers') }} as s on s.id = w.supplier_id group by s.name"),
		// 22: customers with money and no orders.
		"idle_customers": keyed("customer_id", `select c.id as customer_id, substring(c.phone from 1 for 2) as country, c.balance
from {{ ref('current_customers') }} as c left join {{ source('trade', 'orders') }} as o on c.id = o.customer_id where o.id is null`),
		"global_sales_opportunity": materialized("table", `select country, count(*) as customers, sum(balance) as balance from {{ ref('idle_customers') }}
where balance > (select avg(balance) from {{ ref('known_customers') }} where balance > 0) group by country`),
	},
	refused: map[string]refusal{
		"total_forecast":     {keyed("gain", "select sum(price * discount) as gain from {{ source('trade', 'lineitems') }}"), "the key 'gain' comes from an aggregate"},
		"cheapest_offers":    {keyed("part_id", "select o.part_id, min(o.cost) as cost from {{ ref('offers') }} as o join {{ ref('current_suppliers') }} as s on s.id = o.supplier_id group by o.part_id"), "'s' is joined without the key (o.part_id)"},
		"segment_priorities": {keyed("order_id", "select o.id as order_id, c.segment from {{ ref('current_orders') }} as o join {{ source('trade', 'customers') }} as c on c.id = o.customer_id"), "'c' is joined without the key (o.id)"},
		"late_priorities": {keyed("priority", `select o.priority, count(*) as orders from {{ source('trade', 'orders') }} as o
where exists (select 1 from {{ source('trade', 'lineitems') }} as l where l.order_id = o.id and l.promised_on < l.received_on) group by o.priority`), "a subquery in an expression reads the stream, whose rows come in slices"},
		"customers_by_orders": {keyed("orders", "select orders, count(*) as customers from (select customer_id, count(*) as orders from {{ source('trade', 'orders') }} group by customer_id) as x group by orders"), "the key 'orders' comes from an aggregate"},
		// The last word on an order may name another customer.
		"orders_of_customers": {keyed("customer_id", "select customer_id, count(*) as orders from {{ ref('current_orders') }} group by customer_id"), "the window of row_number() is not by the key (customer_id)"},
		"modes_of_orders": {keyed("mode", `select l.mode, count(*) as lines from {{ source('trade', 'lineitems') }} as l
join {{ source('trade', 'orders') }} as o on o.id = l.order_id group by l.mode`), "'o' is joined without the key (l.mode)"},
		"customers_in_rows": {appending("select c.id, o.id as order_id from {{ ref('nations') }} as n left join {{ source('trade', 'customers') }} as c on c.nation_id = n.id cross join {{ ref('regions') }} as o"), "a left join fills up rows for which the stream has no match yet"},
		"versions_as_rows":  {appending("select id, segment from {{ ref('known_customers') }}"), "ref('known_customers') does not come row by row: the window of row_number() would hold the rows of one slice only"},
	},
}

// tradeParts are the parts of a dozen descriptions.
func tradeParts() string {
	var b strings.Builder
	b.WriteString("id,name,brand,kind,size,container\n")
	for i := 1; i <= 12; i++ {
		fmt.Fprintf(&b, "%d,%s thing %d,B%d,%s,%d,%s\n", i, []string{"green", "blue"}[i%2], i, i%3, []string{"PROMO STEEL", "SMALL BRASS"}[i%2], i*2, []string{"BOX", "BAG", "JAR"}[i%3])
	}
	return b.String()
}

// tradeOffers are who offers which parts.
func tradeOffers() string {
	var b strings.Builder
	b.WriteString("part_id,supplier_id,available,cost\n")
	for part := 1; part <= 12; part++ {
		for k := range 4 {
			fmt.Fprintf(&b, "%d,%d,%d,%d.%d0\n", part, 1+(part+k*2)%8, 10*part+k, 3+(part*7+k*5)%11, part%10)
		}
	}
	return b.String()
}

// tradeRecord is a supplier, a customer, an order or a line of one. Lines come before their
// orders and after them, orders change, and some records are bad.
func tradeRecord(f *shopFloor) *kgo.Record {
	r := f.random
	started := time.Date(2026, 4, 20, 0, 0, 0, 0, time.UTC)
	on := func(from, to int) string {
		return started.AddDate(0, 0, f.sent/12+from+r.IntN(to-from)).Format(time.DateOnly)
	}
	of := func(list ...string) string { return list[r.IntN(len(list))] }
	order, customer, supplier := 1+r.IntN(5+f.sent/6), 1+r.IntN(6+f.sent/10), 1+r.IntN(8)
	topic, text := "lineitems", ""
	switch n := r.IntN(12); {
	case r.IntN(40) == 0:
		topic, text = of("suppliers", "customers", "orders", "lineitems"), of(`{"id":"none","order_id":"none"}`, `{"id":`, `7`)
	case n == 0:
		topic = "suppliers"
		text = fmt.Sprintf(`{"id":%d,"name":"s%d","nation_id":%d,"balance":%d.25,"remark":%q}`, supplier, supplier, 1+r.IntN(4), r.IntN(900)-100, of("fine", "a complaint", ""))
	case n == 1:
		topic = "customers"
		text = fmt.Sprintf(`{"id":%d,"name":"c%d","nation_id":%d,"segment":%q,"balance":%d.75,"phone":"%d-555"}`, customer, customer, 1+r.IntN(4), of("BUILDING", "MACHINERY"), r.IntN(900)-100, 10+r.IntN(5))
	case n <= 4:
		topic = "orders"
		by := fmt.Sprint(customer)
		if r.IntN(15) == 0 {
			by = "null"
		}
		text = fmt.Sprintf(`{"id":%d,"customer_id":%s,"status":%q,"placed_on":%q,"priority":%q,"remark":%q}`, order, by, of("F", "O"), on(-3, 3), of("URGENT", "HIGH", "LOW"), of("", "special wishes"))
	default:
		text = fmt.Sprintf(`{"order_id":%d,"part_id":%d,"supplier_id":%d,"quantity":%d,"price":%d.%d0,"discount":0.0%d,"tax":0.0%d,"returned":%q,"status":%q,"shipped_on":%q,"promised_on":%q,"received_on":%q,"mode":%q}`,
			order, 1+r.IntN(12), supplier, 1+r.IntN(40), 1+r.IntN(900), r.IntN(10), r.IntN(10), r.IntN(9), of("R", "A", "N"), of("O", "F"), on(0, 20), on(5, 25), on(6, 30), of("AIR", "SHIP", "RAIL"))
	}
	return &kgo.Record{Topic: topic, Value: []byte(text)}
}

// TestFollowTrade compares a trade that follows its streams with full builds.
func TestFollowTrade(t *testing.T) { trade.isBatch(t) }

// TestFollowTradeExplained looks at questions that no slice answers.
func TestFollowTradeExplained(t *testing.T) { trade.isExplained(t) }
