-- What labels changed that came late: the first value of each metric and the last one.
select
    window_start,
    metric_name,
    min(value) filter (where version = 1) as first_value,
    (array_agg(value order by version desc))[1] as last_value
from driftkit_metrics_versions
where model = 'churn' and metric_group = 'quality'
group by window_start, metric_name
having count(*) > 1
order by window_start, metric_name
