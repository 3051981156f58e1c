-- How many sessions of the last thirty days got how far, by device.
SELECT
  device,
  sum(sessions) AS sessions,
  sum(sessions_with_view) AS with_view,
  sum(sessions_with_cart) AS with_cart,
  sum(sessions_with_checkout) AS with_checkout,
  sum(sessions_with_purchase) AS with_purchase,
  cast(100.0 * sum(sessions_with_purchase) / nullif(sum(sessions), 0) AS decimal(5, 2)) AS conversion_percent,
  cast(100.0 * sum(bounced_sessions) / nullif(sum(sessions), 0) AS decimal(5, 2)) AS bounce_percent
FROM ${curated}.conversion_funnel
WHERE "date" >= current_date - INTERVAL '30' DAY
GROUP BY device
ORDER BY sessions DESC, device
