"""Splits odd texts with Python's csv module and stores the records in csv.json.

    python generate.py csv.json
"""
import csv
import io
import json
import random
import sys

random.seed(20240229)
PIECES = ['a', 'b1', '"', '""', ',', ',', ';', '\n', '\r\n', '\r', ' ', '"x"', '"x,y"', '"x\ny"', '"a""b"', 'é', "'", '\t', '1', 'null', '"x"z', 'q"q']


def records(text, delimiter):
    text = io.StringIO(text, newline=None).read()  # text files deliver "\n" for every line break
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


cases = []
for i in range(400):
    text = "".join(random.choice(PIECES) for _ in range(random.randint(0, 14)))
    delimiter = random.choice([",", ",", ",", ";", "\t", "|"])
    cases.append({"text": text, "delimiter": delimiter, "records": records(text, delimiter)})
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n")
