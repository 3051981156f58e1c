-- The twenty products with the most revenue of the last thirty days, with what it took to sell them and what buyers say.
SELECT
  product_id,
  max(name) AS name,
  max(department) AS department,
  sum(views) AS views,
  sum(orders) AS orders,
  sum(units) AS units,
  sum(net_usd) AS revenue_usd,
  cast(sum(average_rating * reviews) / nullif(sum(CASE WHEN average_rating IS NOT NULL THEN reviews END), 0) AS decimal(3, 2)) AS average_rating
FROM ${curated}.product_performance
WHERE "date" >= current_date - INTERVAL '30' DAY
GROUP BY product_id
ORDER BY revenue_usd DESC, product_id
LIMIT 20
