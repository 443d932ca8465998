package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// auctionHouse is a project in the shape of the Nexmark benchmark: people register, open
// auctions and bid, and its models ask what the benchmark's queries ask.
var auctionHouse = scheduled{
	feed: feed{topics: []string{"persons", "auctions", "bids"}, record: auctionRecord},
	files: map[string]string{
		"seeds/channels.csv": "channel,owner,share\nApple,Cupertino,0.30\nGoogle,Mountain View,0.25\nHouse,here,0\n",
		"models/sources.yml": `sources:
  - name: house
    schema: raw
    tables:
      - name: persons
        config: {meta: {stream: {type: kafka, connection: main, topics: [persons], max_latency: 100ms}}}
        columns:
          - {name: id, data_type: bigint}
          - {name: name, data_type: text}
          - {name: city, data_type: text}
          - {name: state, data_type: text}
          - {name: joined_at, data_type: timestamp}
      - name: auctions
        config: {meta: {stream: {type: kafka, connection: main, topics: [auctions], max_latency: 100ms}}}
        columns:
          - {name: id, data_type: bigint}
          - {name: item, data_type: text}
          - {name: seller, data_type: bigint}
          - {name: category, data_type: integer}
          - {name: reserve, data_type: "numeric(10,2)"}
          - {name: opened_at, data_type: timestamp}
          - {name: expires_at, data_type: timestamp}
      - name: bids
        config: {meta: {stream: {type: kafka, connection: main, topics: [bids], max_latency: 100ms}}}
        columns:
          - {name: auction, data_type: bigint}
          - {name: bidder, data_type: bigint}
          - {name: price, data_type: "numeric(10,2)"}
          - {name: channel, data_type: text}
          - {name: url, data_type: text}
          - {name: bid_at, data_type: timestamp}
`,
	},
	models: map[string]string{
		// What others read: the last word on an auction and on a person, bids with their day.
		"stg_bids": materialized("view", "select *, cast(bid_at as date) as bid_on from {{ source('house', 'bids') }}"),
		"current_auctions": materialized("ephemeral", `select id, item, seller, category, reserve, opened_at, expires_at from (
  select *, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('house', 'auctions') }}
) as versions where nth = 1`),
		"current_persons": materialized("ephemeral", `select id, name, city, state, joined_at from (
  select *, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('house', 'persons') }}
) as versions where nth = 1`),

		// 0, 1, 2: passed through, converted, chosen; in a chain.
		"bids_as_they_come": appending("select auction, bidder, price, channel, url, bid_at, _stream_batch from {{ source('house', 'bids') }}"),
		"bids_in_euro":      appending("select auction, bidder, price * 0.908 as price, bid_at, _stream_batch from {{ ref('bids_as_they_come') }}"),
		"chosen_bids":       appending("select auction, price, _stream_batch from {{ ref('bids_in_euro') }} where auction in (1, 5, 9) or auction % 4 = 0"),
		// 3: who sells something of one kind in some states.
		"local_sellers": keyed("seller", `select p.id as seller, p.name, p.city, p.state, a.id as auction
from {{ ref('current_persons') }} as p join {{ source('house', 'auctions') }} as a on a.seller = p.id
where a.category = 2 and p.state in ('OR', 'ID', 'CA')`),
		// 4, 6, 9: an auction's winning bid is the highest one while it was open.
		"winning_bids": keyed("auction", `with offers as (
  select a.id as auction, a.seller, a.category, b.bidder, b.price, b.bid_at,
    row_number() over (partition by a.id order by b.price desc, b.bid_at, b._stream_partition, b._stream_offset) as nth
  from {{ ref('current_auctions') }} as a
  inner join {{ source('house', 'bids') }} as b on b.auction = a.id and b.bid_at between a.opened_at and a.expires_at
)
select auction, seller, category, bidder, price, bid_at from offers where nth = 1`),
		"category_prices": materialized("table", "select category, count(*) as sold, avg(price) as mean from {{ ref('winning_bids') }} group by category"),
		"seller_prices": materialized("table", `select seller, auction, avg(price) over (partition by seller order by bid_at, auction rows between 9 preceding and current row) as mean
from {{ ref('winning_bids') }}`),
		// 5: the auctions with most bids in each of overlapping windows.
		"bid_windows": appending("select auction, window_start, window_end, price, _stream_batch from {{ stream_hop(source('house', 'bids'), 'bid_at', '30 minutes', '10 minutes') }} as hops"),
		"hot_items": keyed("window_start", `with counts as (
  select window_start, auction, count(*) as bids from {{ ref('bid_windows') }} group by window_start, auction
)
select window_start, auction, bids from (select *, max(bids) over (partition by window_start) as most from counts) as ranked where bids = most`),
		"window_bids": keyed("window_start, window_end", "select window_start, window_end, count(*) as bids, sum(price) as total from {{ ref('bid_windows') }} group by window_start, window_end"),
		// 7: the highest bids of each window.
		"highest_bids": keyed("window_start", `with placed as (
  select {{ stream_tumble('bid_at', '10 minutes') }} as window_start, auction, bidder, price from {{ source('house', 'bids') }}
)
select window_start, auction, bidder, price from (select *, max(price) over (partition by window_start) as highest from placed) as ranked where price = highest`),
		// 8: who opened an auction in the window in which they joined.
		"new_sellers": keyed("id, window_start", `with joined as (
  select id, name, {{ stream_tumble('joined_at', '1 hour') }} as window_start from {{ source('house', 'persons') }}
), opened as (
  select seller, {{ stream_tumble('opened_at', '1 hour') }} as window_start, count(*) as auctions from {{ source('house', 'auctions') }} group by 1, 2
)
select j.id, j.window_start, max(j.name) as name, max(o.auctions) as auctions
from joined as j join opened as o on o.seller = j.id and o.window_start = j.window_start group by j.id, j.window_start`),
		// 11: the sessions of bidders.
		"bidder_sessions": keyed("bidder", `select bidder, session_start, session_last, count(*) as bids
from {{ stream_session(source('house', 'bids'), 'bidder', 'bid_at', '20 minutes') }} as sessions group by bidder, session_start, session_last`),
		// 13: bids and what a table at the side says of their channel.
		"channel_shares": appending(`select b.auction, b.price, c.owner, b.price * c.share as share, b._stream_batch
from {{ source('house', 'bids') }} as b left join {{ ref('channels') }} as c on c.channel = b.channel`),
		// 14: bids by the time of the day.
		"bids_by_daytime": appending(`select auction, price, bid_at, length(url) - length(replace(url, 'e', '')) as es, _stream_batch,
  case when extract(hour from bid_at) between 8 and 11 then 'morning' when extract(hour from bid_at) < 8 then 'night' else 'day' end as daytime
from {{ ref('stg_bids') }} where price * 0.908 > 20 and price * 0.908 < 300`),
		// 15, 16: who bids on a day, and on a day in a channel.
		"bid_days": keyed("bid_on", `select bid_on, count(*) as bids, count(*) filter (where price < 100) as small, count(distinct bidder) as bidders,
  count(distinct bidder) filter (where price >= 100) as big_bidders, count(distinct auction) as auctions
from {{ ref('stg_bids') }} group by bid_on`),
		"channel_days": keyed("channel, bid_on", `select channel, bid_on, max(bid_at) as last_at, count(*) as bids, count(distinct bidder) as bidders
from {{ ref('stg_bids') }} group by channel, bid_on`),
		// 17: what auctions bring, by adding up and anew.
		"auction_days": keyed("auction, day", `select auction, cast(bid_at as date) as day, count(*) as bids, count(*) filter (where price >= 100 and price < 250) as middling,
  min(price) as lowest, max(price) as highest, sum(price) as total from {{ source('house', 'bids') }} group by 1, 2`),
		"auction_means": keyed("auction", "select auction, avg(price) as mean, min(bid_at) as first_at from {{ source('house', 'bids') }} group by auction having count(*) > 1"),
		// 18, 19: the last bid of a bidder on an auction, and the highest bids on each.
		"last_bids": keyed("bidder, auction", `select bidder, auction, price, bid_at from (
  select *, row_number() over (partition by bidder, auction order by bid_at desc, _stream_partition, _stream_offset desc) as nth from {{ source('house', 'bids') }}
) as ranked where nth = 1`),
		"top_bids": keyed("auction", `select auction, bidder, price, place from (
  select *, row_number() over (partition by auction order by price desc, bid_at, _stream_partition, _stream_offset) as place from {{ ref('stg_bids') }}
) as ranked where place <= 10`),
		// 20: bids with their auctions.
		"expanded_bids": keyed("auction", `select b.auction, b.bidder, b.price, a.item, a.seller, a.reserve, b.price >= a.reserve as enough
from {{ ref('stg_bids') }} as b inner join {{ ref('current_auctions') }} as a on a.id = b.auction where a.category in (1, 2)`),
		// 21, 22: what a URL says.
		"channel_ids": appending(`select auction, _stream_batch,
  case when lower(channel) = 'apple' then '0' when lower(channel) = 'google' then '1' else split_part(url, 'channel_id=', 2) end as channel_id
from {{ source('house', 'bids') }} where url like '%channel_id=%' or lower(channel) in ('apple', 'google')`),
		"url_parts": appending(`select auction, split_part(url, '/', 4) as first_part, split_part(url, '/', 5) as second_part, split_part(split_part(url, '/', 6), '?', 1) as third_part, _stream_batch
from {{ ref('bids_as_they_come') }}`),
	},
	refused: map[string]refusal{
		"prices_of_categories": {keyed("category", `with closing as (
  select a.id, a.category, max(b.price) as price from {{ source('house', 'auctions') }} as a
  join {{ source('house', 'bids') }} as b on b.auction = a.id group by a.id, a.category
)
select category, avg(price) as mean from closing group by category`), "'b' is joined without the key (a.category)"},
		"prices_of_winners": {keyed("category", "select category, avg(price) as mean from {{ ref('winning_bids') }} group by category"), "ref('winning_bids') replaces rows of its keys, which has no slices"},
		"sessions_by_start": {keyed("bidder, session_start", `select bidder, session_start, count(*) as bids
from {{ stream_session(source('house', 'bids'), 'bidder', 'bid_at', '20 minutes') }} as sessions group by bidder, session_start`), "the key 'session_start' comes from a window"},
		"hops_at_once":       {keyed("window_start", "select window_start, count(*) as bids from {{ stream_hop(source('house', 'bids'), 'bid_at', '30 minutes', '10 minutes') }} as hops group by window_start"), "which makes several rows of one"},
		"latest_of_all":      {keyed("auction", "select auction, price from {{ source('house', 'bids') }} order by bid_at desc limit 10"), "'limit' lets rows of one key decide about those of another"},
		"busiest_bidder":     {keyed("bidder", "select bidder, count(*) as n, rank() over (order by count(*) desc) as place from {{ source('house', 'bids') }} group by bidder"), "the window of rank() is not by the key (bidder)"},
		"bids_since_opening": {appending("select b.auction, b.price from {{ source('house', 'bids') }} as b join {{ source('house', 'auctions') }} as a on a.id = b.auction"), "two streamed relations are joined, and a row of one slice may belong to a row of another"},
		"bids_of_now":        {appending("select auction, price from {{ source('house', 'bids') }} where bid_at > now() - interval '1 hour'"), "now() gives another answer in another run, so that slices and a full build would differ"},
	},
}

// auctionRecord is a person, an auction or a bid: some are late, some come before what they
// speak of, some speak of the same one again, and some are bad.
func auctionRecord(f *shopFloor) *kgo.Record {
	r := f.random
	started := time.Date(2026, 5, 1, 7, 0, 0, 0, time.UTC)
	at := func(back, forth int) string {
		return started.Add(time.Duration(f.sent)*30*time.Second + time.Duration(r.IntN(back+forth)-back)*time.Minute).Format("2006-01-02T15:04:05")
	}
	of := func(list ...string) string { return list[r.IntN(len(list))] }
	auction, person := 1+r.IntN(3+f.sent/12), 1+r.IntN(3+f.sent/15)
	topic, text := "bids", ""
	switch n := r.IntN(12); {
	case r.IntN(40) == 0:
		topic, text = of("persons", "auctions", "bids"), of(`{"id":"none","auction":"none"}`, `{"id":`, `[]`)
	case n == 0:
		topic = "persons"
		text = fmt.Sprintf(`{"id":%d,"name":"p%d","city":%q,"state":%q,"joined_at":%q}`, person, r.IntN(50), of("Boise", "Kent", "Portland"), of("OR", "ID", "CA", "WA"), at(60, 1))
	case n <= 3:
		topic = "auctions"
		text = fmt.Sprintf(`{"id":%d,"item":"thing %d","seller":%d,"category":%d,"reserve":%d.00,"opened_at":%q,"expires_at":%q}`, auction, r.IntN(30), person, 1+r.IntN(4), r.IntN(200), at(90, 1), at(0, 200))
	default:
		bidder := fmt.Sprint(person)
		if r.IntN(15) == 0 {
			bidder = "null"
		}
		text = fmt.Sprintf(`{"auction":%d,"bidder":%s,"price":%d.%d5,"channel":%q,"url":"https://house.test/%s/%s/item.htm?channel_id=%d","bid_at":%q}`,
			auction, bidder, r.IntN(400), r.IntN(10), of("Apple", "Google", "House", "elsewhere"), of("sale", "new", "old"), of("a", "b", "c"), r.IntN(9), at(40, 1))
	}
	return &kgo.Record{Topic: topic, Value: []byte(text)}
}

// TestFollowAuctions compares an auction house that follows its streams with full builds.
func TestFollowAuctions(t *testing.T) { auctionHouse.isBatch(t) }

// TestFollowAuctionsExplained looks at questions that no slice answers.
func TestFollowAuctionsExplained(t *testing.T) { auctionHouse.isExplained(t) }
