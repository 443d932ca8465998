select 1 as id, 2 as amt, 'd' as kind, 1 as ts
