-- How many customers each segment has on the newest day, and what they are worth.
SELECT
  segment,
  count(*) AS customers,
  sum(orders) AS orders,
  sum(net_usd) AS revenue_usd,
  cast(sum(net_usd) / nullif(sum(orders), 0) AS decimal(18, 2)) AS average_order_usd,
  cast(avg(recency_days) AS decimal(9, 1)) AS mean_days_since_order
FROM ${curated}.customer_value
WHERE "date" = (
  SELECT max("date") FROM ${curated}.customer_value WHERE "date" >= current_date - INTERVAL '30' DAY
)
GROUP BY segment
ORDER BY revenue_usd DESC, segment
