{#- Runs at the end of a build: the monthly figures, so that a build ends with something to read. -#}
{% macro report_kpis(results) %}
    {%- set exec_kpis = ref('exec_kpis') -%}
    {%- if not execute or flags.WHICH not in ['build', 'run'] -%}
        {{ return('') }}
    {%- endif -%}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.name') | list -%}
    {%- if 'exec_kpis' not in built -%}
        {{ return('') }}
    {%- endif -%}

    {%- set kpis = run_query('select month, orders, net_revenue, gross_margin, new_customers, fraud_reviews from ' ~ exec_kpis ~ ' order by month') -%}
    {%- do print('') -%}
    {%- do print('  month     orders   net revenue   margin   new customers   fraud reviews') -%}
    {%- for row in kpis.rows -%}
        {%- set margin = 100 * row['gross_margin'] / row['net_revenue'] -%}
        {%- do print('  %s   %6d   %11s   %5s%%   %13d   %13d' % (
            row['month'].strftime('%Y-%m'), row['orders'], '{:,.2f}'.format(row['net_revenue']), margin | round(1), row['new_customers'], row['fraud_reviews']
        )) -%}
    {%- endfor -%}
    {%- do print('') -%}
{% endmacro %}
