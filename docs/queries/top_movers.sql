-- The columns that moved most in the last window, against the median of the 28 days before.
with distances as (
    select column_name, window_start, distance
    from driftkit_drift_metrics_latest
    where model = 'churn' and slice_key is null and distance is not null
)
select
    now.column_name,
    now.distance,
    now.distance - percentile_cont(0.5) within group (order by before.distance) as moved
from distances as now
join distances as before
    on before.column_name = now.column_name
    and before.window_start >= now.window_start - interval '28 days'
    and before.window_start < now.window_start
where now.window_start = (select max(window_start) from distances)
group by now.column_name, now.distance
order by moved desc, now.column_name
limit 20
