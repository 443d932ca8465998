#!/usr/bin/env python3
"""Writes the data of the shop: the same random seed gives the same files.

    python3 generate.py            # rewrites seeds/*.csv and events.jsonl

seeds/ holds what changes by hand: customers and products. events.jsonl holds what the
shop's services sent to Kafka, in the order in which the brokers got it: some records
twice, some late, some before what they belong to, and some that nobody can read.
"""
import csv, datetime as dt, json, pathlib, random

R = random.Random(20260101)
OUT = pathlib.Path(__file__).parent / "seeds"
START = dt.datetime(2026, 1, 1)
DAYS = 120
FIRST = "Ada Ben Chloe Dmitri Elif Farid Greta Hana Ivo Jun Kofi Lena Mateo Nadia Omar Pia Quinn Rosa Sami Tara Uwe Vera Wen Yara Zoe".split()
LAST = "Abel Brandt Costa Diaz Eder Fischer Gomez Haddad Ito Jansen Kaya Lind Moreau Novak Okafor Petrov Rossi Silva Tanaka Weber".split()
COUNTRY = ["DE", "FR", "GB", "ES", "NL", "SE"]
CHANNELS = ["organic_search", "paid_search", "email", "social", "affiliate", "direct"]
PRODUCTS = [("Burr grinder", "coffee", 12900, 7100), ("Pour-over kettle", "coffee", 6900, 3300), ("Espresso beans 1kg", "coffee", 2400, 1100),
            ("Filter papers", "coffee", 690, 180), ("Sencha 100g", "tea", 1290, 520), ("Matcha tin", "tea", 2490, 1180), ("Cast iron teapot", "tea", 5900, 2900),
            ("Tea strainer", "tea", 990, 310), ("Chef knife", "kitchen", 8900, 4200), ("Cutting board", "kitchen", 3900, 1500), ("Linen apron", "kitchen", 4400, 1900),
            ("Storage jar", "kitchen", 1490, 560)]

def write(name, header, rows):
    with open(OUT / f"{name}.csv", "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n"); w.writerow(header); w.writerows(rows)

def stamp(t): return t.strftime("%Y-%m-%d %H:%M:%S")

customers, activity, orders, items, payments, inventory = [], [], [], [], [], []
for i in range(1, 201):
    first, last = R.choice(FIRST), R.choice(LAST)
    joined = START + dt.timedelta(days=R.randrange(-200, DAYS - 5), minutes=R.randrange(1440))
    customers.append([i, first, last, f"{first}.{last}.{i}@example.com".lower(), R.choice(COUNTRY), stamp(joined)])

for pid, (name, cat, price, cost) in enumerate(PRODUCTS, 1):
    inventory.append([len(inventory) + 1, pid, R.randrange(150, 400), "initial_stock", stamp(START)])

oid = iid = pay = act = 0
for minute in sorted(R.randrange(DAYS * 1440) for _ in range(900)):
    t = START + dt.timedelta(minutes=minute)
    c = R.choice(customers)
    joined = dt.datetime.strptime(c[5], "%Y-%m-%d %H:%M:%S")
    if joined > t: t = joined + dt.timedelta(hours=1 + R.randrange(72))
    for back in sorted((R.randrange(1, 14 * 24) for _ in range(R.randrange(0, 4))), reverse=True):
        act += 1; activity.append([act, c[0], R.choice(["page_view", "page_view", "add_to_cart"]), R.choice(CHANNELS), stamp(t - dt.timedelta(hours=back))])
    if R.random() < 0.22: continue
    oid += 1
    status = R.choices(["completed", "shipped", "placed", "returned", "cancelled"], [70, 10, 6, 8, 6])[0]
    orders.append([oid, c[0], status, R.choice(COUNTRY) if R.random() < 0.06 else c[4], stamp(t)])
    total = 0
    for pid in R.sample(range(1, 13), R.choices([1, 2, 3], [60, 30, 10])[0]):
        iid += 1; qty = R.choices([1, 2, 5, 12], [75, 18, 5, 2])[0]; price = PRODUCTS[pid - 1][2]
        items.append([iid, oid, pid, qty, price]); total += qty * price
        inventory.append([len(inventory) + 1, pid, -qty, "sale", stamp(t)])
        if R.random() < 0.03: inventory.append([len(inventory) + 1, pid, R.randrange(60, 160), "restock", stamp(t + dt.timedelta(hours=6))])
    tries = R.choices([0, 1, 4], [93, 5, 2])[0]
    for k in range(tries):
        pay += 1; payments.append([pay, oid, "card", "failed", total, stamp(t + dt.timedelta(seconds=20 * (k + 1)))])
    if status != "cancelled":
        split = total > 5000 and R.random() < 0.15
        gift = min(2500, total) if split else 0
        if gift: pay += 1; payments.append([pay, oid, "gift_card", "captured", gift, stamp(t + dt.timedelta(minutes=2))])
        pay += 1; payments.append([pay, oid, R.choice(["card", "card", "bank_transfer", "wallet"]), "refunded" if status == "returned" else "captured", total - gift, stamp(t + dt.timedelta(minutes=3))])

write("raw_customers", ["id", "first_name", "last_name", "email", "country", "created_at"], customers)
write("raw_products", ["id", "name", "category", "price_cents", "cost_cents"], [[i, *p] for i, p in enumerate(PRODUCTS, 1)])


# What the services sent. Trouble has a source of randomness of its own: the shop's figures do not depend on it.
T = random.Random(7)
UTC = dt.timezone.utc
sent = []  # (when the broker got it, topic, key, value or text)


def moment(text): return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def send(topic, key, value, happened):
    arrives = moment(happened) + dt.timedelta(milliseconds=T.randrange(40, 1500))
    luck = T.random()
    if luck < 0.03: arrives += dt.timedelta(minutes=T.randrange(2, 45))  # out of order
    elif luck < 0.04: arrives += dt.timedelta(hours=T.randrange(5, 60))  # late
    sent.append((arrives, topic, key, value))
    if T.random() < 0.02: sent.append((arrives + dt.timedelta(seconds=T.randrange(1, 600)), topic, key, value))  # twice


def spoil(topic, key, value, happened):
    """What a broken producer makes of a record, beside the good one."""
    text = json.dumps(value, separators=(",", ":"))
    first, second = list(value)[:2]
    bad = T.choice([
        text[: len(text) // 2],                                        # cut off
        json.dumps({**value, first: str(value[first])}),               # a number as text
        json.dumps({k: v for k, v in value.items() if k != first}),    # no key
        json.dumps({**value, second: {"was": value[second]}}),         # nested where it should not be
        "<html>502 Bad Gateway</html>",
    ])
    sent.append((moment(happened) + dt.timedelta(seconds=3), topic, key, bad))


def service(topic, key, rows, happened):
    for row in rows:
        send(topic, str(row[key]), row, row[happened])
        if T.random() < 0.008: spoil(topic, str(row[key]), row, row[happened])


at = {o[0]: o[4] for o in orders}
later = lambda text, hours: stamp(dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S") + dt.timedelta(hours=hours))
service("shop.orders", "order_id", [
    {"order_id": o, "customer_id": c, "status": s, "ship_country": ship, "ordered_at": t, "updated_at": u}
    for o, c, status, ship, t in orders
    for s, u in ([("placed", t)] + ([(status, later(t, 1 + o % 48))] if status != "placed" else []))
], "updated_at")
service("shop.order_items", "order_id", [
    {"order_item_id": i, "order_id": o, "product_id": p, "quantity": q, "unit_price_cents": c, "ordered_at": at[o]} for i, o, p, q, c in items
], "ordered_at")
service("shop.payments", "order_id", [
    {"payment_id": p, "order_id": o, "method": m, "status": s, "amount_cents": c, "created_at": t} for p, o, m, s, c, t in payments
], "created_at")
service("shop.customer_activity", "customer_id", [
    {"activity_id": a, "customer_id": c, "event": e, "channel": ch, "occurred_at": t} for a, c, e, ch, t in activity
], "occurred_at")
service("shop.inventory_updates", "product_id", [
    {"update_id": u, "product_id": p, "quantity_delta": q, "reason": r, "updated_at": t} for u, p, q, r, t in inventory
], "updated_at")

sent.sort(key=lambda s: s[0])  # stable: equal moments keep their order
with open(OUT.parent / "events.jsonl", "w") as f:
    for arrives, topic, key, value in sent:
        record = {"topic": topic, "ts": int(arrives.timestamp() * 1000), "key": key, "payload" if isinstance(value, str) else "value": value}
        f.write(json.dumps(record, separators=(",", ":")) + "\n")
