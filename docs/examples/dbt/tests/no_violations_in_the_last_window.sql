-- Fails where the last window of any monitor of the model has violations, and keeps them as its rows.
select monitor, variant, window_end, feature_name, constraint_check_type, expected, observed, cause
from {{ source('driftkit', 'driftkit_violations_latest') }}
where run_id in (
    select run_id
    from {{ source('driftkit', 'driftkit_verdicts_latest') }}
    where model = '{{ var("model", "churn") }}'
)
