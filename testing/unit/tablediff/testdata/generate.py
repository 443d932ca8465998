"""Pictures of random table differences, made by daff as dbt-core uses it. Run in a Python with daff:

    python generate.py > cases.json
"""
import json, random, daff

def picture(expected, actual):
    e, a = daff.PythonTableView([list(r) for r in expected]), daff.PythonTableView([list(r) for r in actual])
    flags = daff.CompareFlags(); flags.ordered = False
    alignment = daff.Coopy.compareTables(e, a, flags).align()
    result = daff.PythonTableView([])
    diff = daff.TableDiff(alignment, flags)
    diff.hilite(result)
    out = ""
    if diff.hasDifference():
        result = daff.PythonTableView([])
        diff.hilite(result)
        out = daff.TerminalDiffRender().render(result)
    return diff.hasDifference(), out

def key(row): return [(x is None, str(x)) for x in row]

random.seed(7)
values = [None, "", "a", "b", "ab c", "a bc", "x,y", 'q"t', "NULL", "_NULL", "None", "null", " lead", "1->2", "-->", "long text that makes a column wide", "1", "2", "3", "10", "2024-01-01", "true", "émile"]
cases = []
for n in range(180):
    width = random.randint(1, 8)
    header = ["c%d" % i for i in range(width)]
    pool = random.sample(values, random.randint(1, len(values)))
    rows = [[random.choice(pool) for _ in range(width)] for _ in range(random.randint(0, 12))]
    if random.random() < 0.6:
        for i, r in enumerate(rows): r[0] = str(i)
    other = [list(r) for r in rows]
    for _ in range(random.randint(0, 4)):
        what = random.random()
        if other and what < 0.5:
            r = random.choice(other); r[random.randrange(width)] = random.choice(pool)
        elif other and what < 0.7: other.pop(random.randrange(len(other)))
        else: other.insert(random.randint(0, len(other)), [random.choice(pool) for _ in range(width)])
    e, a = [header] + sorted(rows, key=key), [header] + sorted(other, key=key)
    try:
        differs, out = picture(e, a)
    except Exception:
        continue
    cases.append({"expected": e, "actual": a, "differs": differs, "picture": out})
print("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]")
