select {{ star(columns, relation_alias='t', except=['col_3', 'col_7'], prefix='p_') }},
       {{ surrogate_key(['a', 'b', 'c']) }} as sk,
       {{ pivot('status', statuses) }}
from ({{ union_relations(relations, columns) }}) t
