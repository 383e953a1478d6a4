-- The last verdict of each model, variant and monitor, the worst first.
select model, variant, monitor, window_start, status, rows, report_uri
from driftkit_verdicts_latest
order by case status when 'violated' then 0 when 'ok' then 2 else 1 end, model, variant, monitor
