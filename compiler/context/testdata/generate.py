"""Renders the templates below with dbt-core and stores what comes out in cases.json.

Run it with a Python that has dbt-core, dbt-duckdb and dbt-postgres:
    python generate.py cases.json
"""
import json
import sys

from dbt.adapters.duckdb.column import DuckDBColumn
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.adapters.postgres.column import PostgresColumn
from dbt.adapters.postgres.relation import PostgresRelation
from dbt.clients.jinja import get_rendered
from dbt.context.base import BaseContext
from dbt_common.clients import agate_helper
from dbt.flags import set_from_args
from argparse import Namespace
import datetime, decimal

set_from_args(Namespace(), {})

RELATION = [
    "{{ R.create('db','s','t',type='table') }}",
    "{{ R.create('db','s','t').type }}",
    "{{ R.create('db','s','t',type='view').is_view }} {{ R.create('db','s','t',type='view').is_table }}",
    "{{ R.create('db','s','t',type='cte').is_cte }}{{ R.create(identifier='t',type='materialized_view').is_materialized_view }}{{ R.create(identifier='t',type='pointer_table').is_pointer }}{{ R.create(identifier='t',type='function').is_function }}",
    "{{ R.create('db','s','t').to_dict()['path'] }}",
    "{{ R.create('db','s','t').quote_policy }} {{ R.create('db','s','t').include_policy }} {{ R.create('db','s','t').path }}",
    "{{ R.create('db','s','t').quote_policy.to_dict() }}",
    "{{ R.create('db','s','t').incorporate(path={'identifier':'x'},type='view') }}",
    "{{ R.create('db','s','t').incorporate(path={'identifier':none}) }}",
    "{{ R.create('db','s','t').incorporate(path={'identifier':3}) }}",
    "{{ R.create('db','s','t').incorporate(type='foo') }}",
    "{{ R.create('db','s','t').incorporate(quote_policy={'schema': false}) }}",
    "{{ R.create('db','s','t',quote_policy={'identifier': false}) }}",
    "{{ R.create('db','s','t',quote_policy={'identifier': false}).incorporate(quote_policy={'schema': false}) }}",
    "{{ R.create('db','s','t').incorporate(nope=3) }}",
    "{{ R.create('db','s','t').replace(nope=3) }}",
    "{{ R.create('db','s','t').replace(type='view').is_view }}",
    "{% for x in R.create('db','s','t') %}{{ x }}{% endfor %}",
    "{{ R.create('db','s','t')['schema'] }}|{{ R.create('db','s','t')['nope'] }}|{{ R.create('db','s','t').nope }}",
    "{{ R.create('db','s','t').get('schema') }} {{ R.create('db','s','t').get('nope', 3) }} {{ R.create('db','s','t').get('nope') }} {{ R.create('db','s','t').get('metadata') }}",
    "{{ R.create('db','s','t').get('metadata').type.endswith('Relation') }}",
    "{{ R.create('db','s','t') is mapping }} {{ R.create('db','s','t') is sequence }} {{ R.create('db','s','t') is string }}",
    "{{ R.create('db','s','t').information_schema('tables') }} {{ R.create('db','s','t').information_schema() }} {{ R.create('db','s','t').information_schema_only() }}",
    "{{ R.create('db','s','t').information_schema().replace(information_schema_view='columns') }}",
    "{{ R.create('db','s','t').information_schema(nope) }}",
    "{{ R.create(schema='s',identifier='t').information_schema('views') }}",
    "{{ [R.create('db','s','t'), R.create('db','s','t').information_schema('x')] }}",
    "{{ R.create('db','s','t').without_identifier() }} {{ R.create('db','s','t').without_identifier().identifier }}",
    "{{ R.create('db','s','t').replace_path(schema='z') }}",
    "{{ R.create('db','s','t').replace_path(schema=3) }}",
    "{{ R.create('db','s','t').replace_path(schema=nope) }}",
    "{{ R.create('db','s','t').replace_path(foo='z') }}",
    "{{ R.create('db','s','t').include(database=false) }} {{ R.create('db','s','t').include(database=false, schema=false) }} {{ R.create('db','s','t').include(schema=none) }} {{ R.create('db','s','t').include(false) }}",
    "{{ R.create('db','s','t').include(foo=1) }}",
    "{{ R.create('db','s','t').quote(identifier=false) }} {{ R.create('db','s','t').quote(false,false,false) }}",
    "{{ R.create('db','s','t').quoted('x') }}",
    "{{ R.create('db','s','t').matches(database='db',schema='s') }} {{ R.create('db','s','t').matches(identifier='u') }}",
    "{{ R.create('db','s','t').matches() }}",
    "{{ R.create('db','s','t').matches(schema='S') }}",
    "{{ R.create('db','s','t',dbt_created=true,quote_policy={'schema': false}).matches(schema='S') }}",
    "{{ R.create(identifier='x', limit=0) }} {{ R.create(identifier='x', limit=0).render() }} {{ R.create(identifier='x', limit=7) }} {{ R.create(identifier='x', limit=7).render_limited() }}",
    "{{ R.create('db','s','t', event_time_filter={'field_name': 'ts', 'start': '2024-01-01', 'end': '2024-01-02'}).render() }}",
    "{{ R.create('db','s','t') == R.create('db','s','t') }} {{ R.create('db','s','t') == R.create('db','s','t',type='view') }} {{ R.create('db','s','t') == 'x' }}",
    "{{ R.create('db','s','t') in [R.create('db','s','t')] }} {{ {R.create('db','s','t'): 1}[R.create('db','s','t')] }}",
    "{{ R.create(database=none, schema='s', identifier='t') }} {{ R.create(schema='s') }} |{{ R.create() }}|",
    "{{ R.create(database=3) }} {{ R.create(schema=nope, identifier='t') }}",
    "{{ R.create('a','b','c','table','d') }}",
    "{{ R.create('db','s','t').Table }} {{ R.View }} {{ R.CTE }} {{ R.External }} {{ R.MaterializedView }} {{ R.PointerTable }} {{ R.Function }}",
    "{{ R.get_relation_type.Table }} {{ R.create('db','s','t').get_relation_type.View }}",
    "{{ R.scd_args(['a','b'],'c') }} {{ R.scd_args('a','c') }} {{ R.add_ephemeral_prefix('x') }}",
    "{{ R.get_default_quote_policy() }} {{ R.get_default_include_policy() }}",
    "{{ R.create('db','s','t',type='table').can_be_renamed }} {{ R.create('db','s','t',type='view').can_be_replaced }} {{ R.create('db','s','t').can_be_renamed }}",
    "{{ R.create('db','s','x' * 64, type='table') }}",
    "{{ R.create('db','s','x' * 64) }}",
    "{{ R.create('db','s','t').database }} {{ R.create('db','s','t').name }} {{ R.create('db','s','t').table }} {{ R.create(schema='s').database }}",
    "{{ R.create('db','s','t')|string|length }} {{ R.create('db','s','t') ~ 'x' }}",
    "{{ R.create('db','s','t').quote_policy.database }} {{ R.create('db','s','t').path.get_lowered_part('schema') }}",
    "{{ R.create('db','s','t').quote_policy.replace(database=false) }}",
]

COLUMN = [
    "{{ C('a','varchar') }}",
    "{{ C('a','varchar').data_type }} {{ C('a','varchar',10).data_type }} {{ C('a','text').data_type }} {{ C('a','character varying').data_type }} {{ C('a','character varying', 20).data_type }}",
    "{{ C('a','numeric',none,10,2).data_type }} {{ C('a','decimal').data_type }} {{ C('a','integer').data_type }} {{ C('a','DOUBLE').data_type }}",
    "{% for t in ['varchar','text','integer','int','bigint','hugeint','double','double precision','float8','numeric','decimal','boolean','utinyint','serial','TEXT','INTEGER'] %}{{ t }}:{{ C('a',t).is_string() }}{{ C('a',t).is_number() }}{{ C('a',t).is_float() }}{{ C('a',t).is_integer() }}{{ C('a',t).is_numeric() }} {% endfor %}",
    "{{ C('a','varchar',10).string_size() }} {{ C('a','varchar').string_size() }} {{ C('a','text',10).string_size() }}",
    "{{ C('a','integer').string_size() }}",
    "{{ C('a','varchar',10).can_expand_to(C('b','varchar',20)) }} {{ C('a','varchar',30).can_expand_to(C('b','varchar',20)) }} {{ C('a','integer').can_expand_to(C('b','varchar',20)) }}",
    "{{ C('a','integer').literal(3) }} {{ C('a','integer').quoted }} {{ C('a','integer').name }} {{ C('a','integer').column }} {{ C('a','integer').dtype }}",
    "{{ C.create('a','STRING') }} {{ C.create('a','string').dtype }} {{ C.translate_type('STRING') }} {{ C.translate_type('int') }}",
    "{{ C.string_type(10) }} {{ C.numeric_type('numeric', 10, 2) }} {{ C.numeric_type('numeric', none, 2) }}",
    "{{ C.from_description('a','varchar(10)') }} {{ C.from_description('a','numeric(10,2)').data_type }} {{ C.from_description('a','integer').data_type }} {{ C.from_description('a','timestamp with time zone').data_type }}",
    "{{ C.from_description('a','varchar(x)') }}",
    "{{ C('a','varchar') == C('a','varchar') }} {{ C('a','varchar') == C('b','varchar') }}",
    "{{ C('a','varchar', nope=1) }}",
    "{{ [C('a','varchar')]|map(attribute='name')|join(',') }}",
]

STRUCT = [
    "{{ C('a','STRUCT(x INTEGER, y VARCHAR)').fields|map(attribute='name')|list }}",
    "{{ C('a','STRUCT(x INTEGER, y STRUCT(z DECIMAL(10, 2), w VARCHAR))').flatten()|map(attribute='name')|list }}",
    "{{ C('a','STRUCT(x INTEGER, y STRUCT(z DECIMAL(10, 2), w VARCHAR))').flatten()|map(attribute='dtype')|list }}",
    "{{ C('a','INTEGER').flatten()|length }} {{ C('a','INTEGER').is_struct() }} {{ C('a','struct(x int)').is_struct() }}",
    "{{ C('a','STRUCT(x INTEGER)') }}",
]

RE = [
    "{{ modules.re.match('a(b)?c', 'ac') }} {{ modules.re.match('x', 'ac') }}",
    "{{ modules.re.match('(?P<y>\\\\d{4})-(?P<m>\\\\d+)', '2024-05').groupdict() }}",
    "{{ modules.re.match('(?P<y>\\\\d{4})-(?P<m>\\\\d+)', '2024-05').group('y', 'm', 0) }}",
    "{{ modules.re.match('(a)(b)?', 'a').groups() }} {{ modules.re.match('(a)(b)?', 'a').groups('z') }}",
    "{{ modules.re.match('(a)(?P<n>b)(c)', 'abc').group(2) }} {{ modules.re.match('(a)(?P<n>b)(c)', 'abc').groups() }} {{ modules.re.match('(a)(?P<n>b)(c)', 'abc').lastgroup }} {{ modules.re.match('(a)(?P<n>b)', 'abc').lastgroup }}",
    "{{ modules.re.match('a', 'ba') is none }} {{ modules.re.search('a', 'ba').span() }} {{ modules.re.fullmatch('a|ab', 'ab').group() }} {{ modules.re.fullmatch('a', 'ab') }}",
    "{{ modules.re.findall('\\\\w+', 'a b, c') }} {{ modules.re.findall('(\\\\w)(\\\\d)?', 'a1 b') }} {{ modules.re.findall('(\\\\w)\\\\d', 'a1 b2') }} {{ modules.re.findall('x*', 'axb') }}",
    "{% for m in modules.re.finditer('a.', 'abacad') %}{{ m.group() }}@{{ m.start() }}-{{ m.end() }} {% endfor %}",
    "{{ modules.re.sub('a', 'b', 'banana') }} {{ modules.re.sub('a', 'b', 'banana', 2) }} {{ modules.re.sub('(a)(n)', '\\\\2\\\\1', 'banana') }} {{ modules.re.sub('(?P<x>a)', '<\\\\g<x>\\\\g<0>\\\\g<1>>', 'banana') }}",
    "{{ modules.re.sub('x*', '-', 'abxd') }} {{ modules.re.sub('', '-', 'abc') }} {{ modules.re.sub('b|', '-', 'abc') }}",
    "{{ modules.re.subn('a', 'b', 'banana') }} {{ modules.re.sub('[^a-zA-Z0-9_]', '_', 'a b-c.d') }} {{ modules.re.sub('\\\\s+', ' ', 'a   b\\n c') }}",
    "{{ modules.re.split(',', 'a,b,c') }} {{ modules.re.split('(,)', 'a,b') }} {{ modules.re.split(',', 'a,b,c', 1) }} {{ modules.re.split('x*', 'axbc') }} {{ modules.re.split('\\\\s*;\\\\s*', 'a ; b;c') }}",
    "{{ modules.re.escape('a.b-c_d e(f)#&~') }}",
    "{{ modules.re.match('A', 'a', modules.re.IGNORECASE) }} {{ modules.re.search('^b', 'a\\nb', modules.re.M).group() }} {{ modules.re.search('a.b', 'a\\nb', flags=modules.re.DOTALL) is not none }} {{ modules.re.I + modules.re.M }}",
    "{% set p = modules.re.compile('(\\\\w)(?P<n>\\\\d)') %}{{ p.pattern }} {{ p.groups }} {{ p.findall('a1b2') }} {{ p.search('xx a1').start(1) }} {{ p.sub('#', 'a1b2c') }} {{ p.match('a1', 1) }} {{ p.match('xa1', 1).span('n') }}",
    "{{ modules.re.compile('a') }} {{ modules.re.compile('a', 2) }}",
    "{{ modules.re.match('(a', 'a') }}",
    "{{ modules.re.match('[a', 'a') }}",
    "{{ modules.re.sub('a', '\\\\q', 'a') }}",
    "{{ modules.re.sub('a', '\\\\2', 'a') }}",
    "{{ modules.re.match(3, 'a') }}",
    "{{ modules.re.match('a', 3) }}",
    "{{ modules.re.match('(a)', 'a').group(2) }}",
    "{{ modules.re.match('(a)(b)', 'ab')[1] }} {{ modules.re.match('(a)(?P<q>b)', 'ab')['q'] }}",
    "{{ modules.re.findall('[[]', 'a[b') }} {{ modules.re.findall('a{,2}b', 'aab ab b') }} {{ modules.re.findall('(?i)A', 'aA') }} {{ modules.re.findall('(?x) a  # comment\\n b', 'ab') }}",
    "{{ modules.re.findall('(a)\\\\1', 'aaa') }} {{ modules.re.findall('(?P<q>a)(?P=q)', 'aaa') }} {{ modules.re.findall('(?<=a)b', 'ab bb') }} {{ modules.re.findall('(?<!a)b', 'ab bb') }} {{ modules.re.findall('a(?=b)', 'ab ac') }}",
    "{{ modules.re.findall('\\\\bfoo\\\\b', 'foo food foo') }} {{ modules.re.findall('é', 'aéb') }} {{ modules.re.search('b', 'éb').start() }} {{ modules.re.findall('\\\\w', 'é1', modules.re.A) }}",
    "{{ modules.re.sub('a', 'b', none) }}",
    "{{ modules.re.match('a+?', 'aaa').group() }} {{ modules.re.match('a{2}', 'aaa').group() }} {{ modules.re.findall('a|b|c', 'abcd') }} {{ modules.re.match('(?:a|b)+', 'abc').group() }}",
    "{{ modules.re.search('a$', 'a\\n') is not none }} {{ modules.re.search('a\\\\Z', 'a\\n') is none }} {{ modules.re.search('\\\\Aa', 'ba') is none }}",
    "{{ modules.re.match('(a)|(b)', 'b').groups() }} {{ modules.re.match('(a)|(b)', 'b').lastindex }} {{ modules.re.match('(?P<a>x)|(?P<b>y)', 'y').groupdict('d') }} {{ modules.re.match('(a)', 'a').expand('[\\\\1]') }}",
    "{% macro up(m) %}{{ return(m.group(0).upper()) }}{% endmacro %}{{ modules.re.sub('[ab]', 'X', 'abc', count=1) }}",
]

BASE = [
    "{{ toyaml({'a': 1, 'b': [1,'x: y',{'c': none, 'd': true}], 'e': {}, 'f': [], 'g': 'multi\\nline', 'h': '', 'i': 1.5, 'j': 'yes', 'k': '1', 'l': 'a # b', 'm': ' lead', 'n': \"it's\", 'o': '- x', 'p': {'q': {'r': [[1,2],[3]]}}}) }}",
    "{{ toyaml([1,2]) }}{{ toyaml('x') }}{{ toyaml(none) }}{{ toyaml((1,2)) }}{{ toyaml(1e20) }}",
    "{{ toyaml({'b': 1, 'a': 2}) }}{{ toyaml({'b': 1, 'a': 2}, sort_keys=true) }}",
    "{{ toyaml({'t': 'word ' * 40}) }}",
    "{{ toyaml({'t': ('word ' * 40).strip()}) }}",
    "{{ toyaml({'t': 'é', 'u': 'tab\\there', 'v': '2024-01-01', 'w': 'null', 'x': '~', 'y': '0x1F', 'z': '1_000', 'aa': '=', 'bb': '<<', 'cc': 'a: b', 'dd': 'trail ', 'ee': '@x', 'ff': '%x', 'gg': '!x', 'hh': '*x', 'ii': '?x', 'jj': 'a:b', 'kk': '#x', 'll': 'on', 'mm': 'No', 'nn': '1.0', 'oo': '1e3', 'pp': '.5', 'qq': '-', 'rr': '12:30:45'}) }}",
    "{{ toyaml([{'a': 1, 'b': [1]}, [[], {}], [[1, [2]]]]) }}",
    "{{ toyaml({'long': \"it's a quoted text: with a colon that goes on and on and on, far beyond the eighty columns of a line, again\"}) }}",
    "{{ toyaml({'x': 'é ' * 50}) }}",
    "{{ toyaml({1: 'a', true: 'b', none: 'c', 1.5: 'd'}) }}",
    "{% set l = [1] %}{{ toyaml({'a': l, 'b': l}) }}",
    "{{ fromyaml('a: [1, {b: c}]\\nd: yes\\ne: 2024-01-01') }} {{ fromyaml('a: [', 'bad') }} {{ fromyaml('') }} {{ fromyaml('x') }}",
    "{{ tojson({'b': 1, 'a': [none, true, 'é']}) }} {{ tojson({'b': 1, 'a': 2}, sort_keys=true) }}",
    "{{ tojson(modules.datetime.date(2024,1,1)) }}",
    "{{ fromjson('{\"a\": [1, 2.5, null]}') }} {{ fromjson('{', 'dflt') }} {{ fromjson('{') }}",
    "{{ fromjson(3) }}",
    "{{ set([1,1,2])|list|sort }} {{ set(3, 'x') }} {{ set(3) }}",
    "{{ set_strict(3) }}",
    "{{ zip([1,2],['a','b'])|list }} {{ zip(1, 2, default='x') }} {{ zip(1) }} {{ zip()|list }}",
    "{{ zip_strict([1,2],[3])|list }} {{ zip_strict(1,2) }}",
    "{{ local_md5('abc') }}",
    "{{ local_md5(3) }}",
    "{{ diff_of_two_dicts({'a': ['X','y'], 'b': ['z']}, {'A': ['x']}) }}",
    "{{ modules.itertools.product([1,2],['a','b'])|list }} {{ modules.itertools.combinations([1,2,3],2)|list }} {{ modules.itertools.permutations([1,2,3],2)|list }} {{ modules.itertools.combinations_with_replacement([1,2],2)|list }}",
    "{{ modules.itertools.chain([1],[2,3])|list }} {{ modules.itertools.islice([1,2,3,4],1,4,2)|list }} {{ modules.itertools.zip_longest([1],[2,3],fillvalue='-')|list }} {{ modules.itertools.accumulate([1,2,3])|list }} {{ modules.itertools.compress('abc',[1,0,1])|list }} {{ modules.itertools.repeat(1,3)|list }} {{ modules.itertools.islice(modules.itertools.count(5,2),3)|list }} {{ modules.itertools.islice(modules.itertools.cycle('ab'),3)|list }}",
    "{{ modules.itertools.product([1,2],repeat=2)|list }} {{ modules.itertools.permutations([1,2])|list }} {{ modules.itertools.combinations([1],2)|list }} {% for t in modules.itertools.tee([1,2]) %}{{ t|list }}{% endfor %}",
    "{{ modules.datetime.datetime(2024,1,2,3,4,5).strftime('%Y-%m-%d %H:%M:%S') }} {{ modules.datetime.datetime.strptime('2024-02-29','%Y-%m-%d') + modules.datetime.timedelta(days=1) }} {{ (modules.datetime.date(2024,3,1) - modules.datetime.date(2024,2,1)).days }}",
    "{{ modules.datetime.datetime(2024,7,1,tzinfo=modules.pytz.utc).astimezone(modules.pytz.timezone('America/New_York')) }} {{ modules.pytz.timezone('Europe/Paris').localize(modules.datetime.datetime(2024,1,1)).isoformat() }}",
    "{{ var('v1') }} {{ var('v2', 'd') }} {{ var('v3', none) }} {{ var('tmpl') }} {{ var.has_var('v1') }} {{ var.has_var('zz') }}",
    "{{ var('missing') }}",
    "{{ env_var('MR_TEST_SET') }} {{ env_var('MR_TEST_UNSET', 'd') }} {{ env_var('MR_TEST_UNSET', 3) }}",
    "{{ env_var('MR_TEST_UNSET') }}",
    "{{ env_var('DBT_ENV_SECRET_X', 'd') }}",
    "{{ log('x') }}|{{ print('x') }}|",
    "{{ 'v1' in context }} {{ context['tojson']([1]) }} {{ builtins.tojson([1]) }} {{ builtins['var']('v1') }}",
]

TABLES = {
    "mixed": ["i,n,b,d,t,z,s,e", "1,1.50,true,2024-01-02,2024-01-02 03:04:05,2024-01-02T03:04:05Z,abc,", "2,,FALSE,2024-1-3,2024-01-03 00:00:00,2024-01-03T03:04:05+02:00,null,null", ",3,null,,,,  pad ,"],
    "numbers": ["a,b,c,d,e,f,g", '"1,000",$5,50%,-3,1e3,007, 8 ', "2,-$6.50,7,+4,2.5E-2,08,9"],
    "notnum": ["a,b,c,d", "1-2,1 2,0x10,1.2.3", "3,4,5,6"],
    "dates": ["a,b,c,d,e", "2024-02-30,2024-01-01,2024-13-01,24-01-01,2024-01-01 ", "2024-01-01,2024-1-1,2024-01-01,2024-01-01,2024-12-31"],
    "iso": ["a,b,c,d", "2024-01-01T10:00,20240101T101112.5,2024-W01-1T10,2024-001T10:11:12.5Z", "2024-01-01T10:00:00.123456,20240101T10,2024W011T1011,2024001T101112-0530"],
    "bools": ["a,b,c,d", "true,1,yes,TRUE", "False,0,no,false"],
    "quotes": ['a,b', '"x, ""y""","line1', 'line2"', '"a"b,c"d"', "'q',"],
    "ragged": ["a,b,c", "1,2", "3"],
    "blank": ["a,b", "", "1,2"],
    "dups": ["a,a,,a,b", "1,2,3,4,5"],
    "empty": ["a,b"],
    "nulls": ["a,b", "null,", ",NULL"],
    "inf": ["a,b", "nan,inf", "1,-Infinity"],
    "bigdec": ["a", "123456789012345678901234567890.12345", "1"],
    "unicode": ["é,b", "ü,1", "日本,2"],
}

TABLE_TEMPLATES = [
    "{{ t.column_names }} {% for c in t.columns %}{{ c.data_type.__class__ }}{% endfor %}",
    "{% for r in t.rows %}{{ r.values()|map('string')|join('/') }}\n{% endfor %}",
    "{{ t }}",
    "{% do t.print_table(output=o) %}",
    "{% do t.print_csv() %}",
    "{{ t.rows|length }} {{ t.columns[0].values() }} {{ t.columns[t.column_names[0]].name }}",
    "{% for r in t %}{{ r[0] }}/{{ r[t.column_names[-1]] }}/{{ r.dict().keys()|list }}/{{ r.keys() }}/{{ r.items()|length }}\n{% endfor %}",
]

RESULTS = {
    "ints": (["a", "b"], [[1, 2], [None, 3]]),
    "mixed": (["i", "f", "s", "b", "n", "d", "dt", "dec"], [[1, 1.5, "x", True, None, datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 2, 3, 4), decimal.Decimal("1.10")], [2, None, "null", False, None, None, None, None]]),
    "intfloat": (["a"], [[1], [2.5]]),
    "intbool": (["a"], [[1], [True]]),
    "booldec": (["a"], [[True], [decimal.Decimal(0)]]),
    "datedt": (["a"], [[datetime.date(2024, 1, 1)], [datetime.datetime(2024, 1, 1, 5)]]),
    "json": (["a", "b"], [[{"x": [1, None, datetime.date(2024, 1, 1)]}, "5"], [[1, decimal.Decimal("2.5")], ""]]),
    "other": (["a", "b"], [[datetime.timedelta(days=1, seconds=5), datetime.time(1, 2, 3)], [None, None]]),
    "wide": (["c%d" % i for i in range(9)], [list(range(9)), [None] * 9]),
    "long": (["n", "text"], [[decimal.Decimal("1234567.891234"), "x" * 30]] * 25),
    "decs": (["a", "b"], [[decimal.Decimal("1000.5"), decimal.Decimal("0.1")], [decimal.Decimal("-2"), decimal.Decimal("1E+3")]]),
    "sorty": (["g", "v"], [["b", 2], ["a", 1], ["b", None], ["a", 3]]),
}

RESULT_TEMPLATES = [
    "{% for c in t.columns %}{{ c.data_type.__class__ }}{% endfor %}",
    "{% for r in t.rows %}{{ r.values()|map('string')|join('/') }}\n{% endfor %}",
    "{% do t.print_table(output=o) %}",
    "{% do t.print_table(output=o, max_rows=2, max_columns=3, max_column_width=10) %}",
    "{% do t.print_table(output=o, max_rows=none, max_columns=none, max_column_width=none) %}",
    "{% do t.print_json() %}",
    "{{ t }}{{ t.rows }}{{ t.columns[0] }}{{ t.rows[0] }}",
]

TABLE_OPS = [
    "{{ t.select(['v']).column_names }} {{ t.exclude('v').column_names }} {{ t.rename({'v':'w'}).column_names }} {{ t.rename(column_names=['p','q']).rows[0]['q'] }}",
    "{% for r in t.order_by('v').rows %}{{ r.values() }}{% endfor %} {% for r in t.order_by('v', reverse=true).rows %}{{ r.values() }}{% endfor %} {% for r in t.order_by(['g','v']).rows %}{{ r.values() }}{% endfor %}",
    "{{ t.limit(2).rows|length }} {{ t.limit(1,3).rows|length }} {{ t.distinct('g').columns['g'].values() }} {{ t.distinct().rows|length }}",
    "{% set s = t.group_by('g') %}{{ s.keys() }} {{ s.key_name }} {% for x in s %}{{ x.rows|length }}{% endfor %} {{ s['a'].columns[1].values() }}",
    "{% for r in t.join(t.rename({'v':'w'}), 'g').rows %}{{ r.values() }}{% endfor %} {{ t.join(t, 'g').column_names }} {{ t.join(t.rename({'g':'h'}), 'g', 'h', inner=true).column_names }}",
    "{{ t.columns['v'].values_sorted() }} {{ t.columns['v'].values_without_nulls() }} {{ t.columns['v'].values_without_nulls_sorted() }} {{ t.columns['g'].values_distinct()|sort }}",
    "{{ t.rows[-1]['g'] }} {{ t.rows[9] }}|{{ t.rows[0]['zz'] }}|{{ t.rows[0].zz }}|{{ t.rows[0].g }} {{ t.rows[1:3]|length }} {{ t.rows[0].get('zz', 5) }} {{ t.rows[0].get('zz') }}",
    "{{ t.columns.keys() }} {{ t.columns.g.values() }} {{ t.columns|length }} {{ 'b' in t.columns['g'] }} {{ t.columns[1].index }} {{ t.row_names }} {{ t|length }}",
    "{{ t.select('zz') }}",
    "{{ t.print_csv() }}{% do t.print_structure(output=o) %}",
]


def table_from(lines, text_columns=(), delimiter=","):
    import tempfile, os

    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8", newline="") as f:
        f.write("\n".join(lines) + "\n")
    try:
        return agate_helper.from_csv(f.name, text_columns=text_columns, delimiter=delimiter)
    finally:
        os.unlink(f.name)


def plain(v):
    """A cell as text that both programs agree on."""
    return repr(v)


def render(template, ctx):
    import contextlib, io

    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            text = get_rendered(template, {**ctx, "o": out})
        return {"want": out.getvalue() + text}
    except Exception as e:  # noqa: BLE001
        kind = type(e).__name__
        msg = getattr(e, "msg", None) or str(e)
        return {"error": kind, "message": msg}


def main():
    import os
    os.environ["MR_TEST_SET"] = "set"
    from dbt_common.context import set_invocation_context
    set_invocation_context(os.environ)
    cases = []

    def add(group, template, ctx, **more):
        cases.append({"group": group, "template": template, **more, **render(template, ctx)})

    for name, R, C in (("duckdb", DuckDBRelation, DuckDBColumn), ("postgres", PostgresRelation, PostgresColumn)):
        for t in RELATION:
            add("relation", t, {"R": R}, dialect=name)
        for t in COLUMN:
            add("column", t, {"C": C}, dialect=name)
    for t in STRUCT:
        add("column", t, {"C": DuckDBColumn}, dialect="duckdb")
    for t in RE + BASE:
        ctx = BaseContext({"v1": "one", "tmpl": "{{ 1 + 1 }}", "n": 3}).to_dict()
        add("base", t, ctx)
    for name, lines in TABLES.items():
        try:
            table = table_from(lines)
        except Exception as e:  # noqa: BLE001
            cases.append({"group": "csv", "csv": lines, "name": name, "error": type(e).__name__, "message": str(e)})
            continue
        cells = [[plain(v) for v in row.values()] for row in table.rows]
        types = [type(t).__name__ for t in table.column_types]
        cases.append({"group": "csv", "csv": lines, "name": name, "names": list(table.column_names), "types": types, "cells": cells})
        for t in TABLE_TEMPLATES[1:]:
            if name == "bigdec" and "print_table" in t:
                continue  # agate cannot print more than 28 digits
            add("csv-template", t, {"t": table}, csv=lines, name=name)
    cases.append({"group": "csv", "name": "too many", "csv": ["a", "1,2"], **csv_error(["a", "1,2"])})
    for name, (names, rows) in RESULTS.items():
        table = agate_helper.table_from_data_flat([dict(zip(names, r)) for r in rows], names)
        types = [type(t).__name__ for t in table.column_types]
        cells = [[plain(v) for v in row.values()] for row in table.rows]
        cases.append({"group": "result", "name": name, "types": types, "cells": cells})
        for t in RESULT_TEMPLATES[1:]:
            add("result-template", t, {"t": table}, name=name)
    names, rows = RESULTS["sorty"]
    table = agate_helper.table_from_data_flat([dict(zip(names, r)) for r in rows], names)
    for t in TABLE_OPS:
        add("result-template", t, {"t": table}, name="sorty")
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        json.dump(cases, f, indent=1, ensure_ascii=False)
        f.write("\n")


def csv_error(lines):
    try:
        table_from(lines)
    except Exception as e:  # noqa: BLE001
        return {"error": type(e).__name__, "message": str(e)}
    return {}


main()
