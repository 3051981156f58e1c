-- Revenue of each day in US dollars, and how it compares with the mean of the seven days up to it.
WITH days AS (
  SELECT
    "date",
    sum(orders) AS orders,
    sum(units) AS units,
    sum(net_usd) AS revenue_usd,
    sum(refunded_usd) AS refunded_usd
  FROM ${curated}.daily_sales
  WHERE "date" >= current_date - INTERVAL '90' DAY
  GROUP BY "date"
)
SELECT
  "date",
  orders,
  units,
  revenue_usd,
  refunded_usd,
  cast(avg(revenue_usd) OVER (ORDER BY "date" ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS decimal(18, 2)) AS mean_of_7_days_usd
FROM days
ORDER BY "date"
