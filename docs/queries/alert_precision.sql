-- How many of the alerts that people judged were right, by check.
select
    constraint_check_type,
    count(*) filter (where judged = 'true') * 1.0
        / nullif(count(*) filter (where judged is not null), 0) as precision_of_judged,
    count(*) as alerts
from driftkit_alert_events
where state in ('firing', 'no_data')
group by constraint_check_type
order by alerts desc, constraint_check_type
