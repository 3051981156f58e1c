-- The products that disappoint: at least three reviews within thirty days, the worst mean rating first.
SELECT
  product_id,
  max(name) AS name,
  sum(reviews) AS reviews,
  sum(verified_reviews) AS verified_reviews,
  cast(sum(rating_1 + 2 * rating_2 + 3 * rating_3 + 4 * rating_4 + 5 * rating_5) / cast(sum(reviews) AS double) AS decimal(3, 2)) AS average_rating,
  cast(100.0 * sum(rating_4 + rating_5) / sum(reviews) AS decimal(5, 2)) AS positive_percent
FROM ${curated}.review_summary
WHERE "date" >= current_date - INTERVAL '30' DAY
GROUP BY product_id
HAVING sum(reviews) >= 3
ORDER BY average_rating, product_id
LIMIT 20
