#!/usr/bin/env python3
"""Writes the seed data of the shop: the same seed gives the same files.

    python3 generate.py            # rewrites seeds/*.csv
"""
import csv, datetime as dt, pathlib, random

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

orders.sort(key=lambda r: (r[4], r[0])); payments.sort(key=lambda r: (r[5], r[0])); activity.sort(key=lambda r: (r[4], r[0])); inventory.sort(key=lambda r: (r[4], r[0]))
write("raw_customers", ["id", "first_name", "last_name", "email", "country", "created_at"], customers)
write("raw_products", ["id", "name", "category", "price_cents", "cost_cents"], [[i, *p] for i, p in enumerate(PRODUCTS, 1)])
write("raw_orders", ["id", "customer_id", "status", "ship_country", "ordered_at"], orders)
write("raw_order_items", ["id", "order_id", "product_id", "quantity", "unit_price_cents"], items)
write("raw_payments", ["id", "order_id", "method", "status", "amount_cents", "created_at"], payments)
write("raw_customer_activity", ["id", "customer_id", "event", "channel", "occurred_at"], activity)
write("raw_inventory_updates", ["id", "product_id", "quantity_delta", "reason", "updated_at"], inventory)
