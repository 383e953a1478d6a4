-- The distance of a column over time, with its interval and its threshold.
select window_start, distance, distance_lower, distance_upper, threshold
from driftkit_drift_metrics_latest
where model = 'churn' and column_name = 'age' and drift_type = 'BASELINE' and slice_key is null
order by window_start
