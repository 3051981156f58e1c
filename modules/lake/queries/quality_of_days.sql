-- Rules that did not hold on each of the last thirty days, by outcome.
SELECT
  "date",
  rule,
  outcome,
  severity,
  bad_rows,
  total_rows,
  detail
FROM ${curated}.quality_results
WHERE "date" >= current_date - INTERVAL '30' DAY AND outcome IN ('failed', 'accepted', 'warned')
ORDER BY "date", rule
