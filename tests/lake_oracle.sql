-- The lake's tables computed once more, from the raw files below {folder}. Rules, columns and rates are written down a
-- second time on purpose: an error in the declaration shows as well. The table `tokens` is there already.

create macro utc(t) as case when regexp_full_match(t, '\d{4}-\d{2}-\d{2}[T ].*') then
    try_cast(regexp_replace(t, '(Z|[+-]\d\d:\d\d)$', '') as timestamp)
    - coalesce(try_cast(regexp_extract(t, '([+-]\d\d):00$', 1) as int), 0) * interval 1 hour end;
create macro number(t) as try_cast(t as decimal(30, 6));
-- `part` by `whole` in units of 1 / power, half up, in whole numbers.
create macro half_up(part, whole, power) as (part::hugeint * 2 * power + whole) // (2 * whole);
create macro millionths(part, whole) as half_up(part, whole, 1000000)::decimal(20, 0) * 0.000001;
create macro hundredths(part, whole) as half_up(part, whole, 100)::decimal(20, 0) * 0.01;
create macro arrival(filename) as cast(regexp_extract(filename, 'date=([0-9-]+)', 1) as date);
create macro raw_key(filename) as regexp_extract(filename, 'raw/.*');

create table rates as from (values ('USD', 1.000000), ('EUR', 1.085000), ('GBP', 1.270000)) as _ (currency, rate);
create table departments as from (values
    ('C-AUDIO', 'electronics', 0.25), ('C-PHONE', 'electronics', 0.18), ('C-LAPTOP', 'electronics', 0.15),
    ('C-KITCHEN', 'home', 0.35), ('C-GARDEN', 'home', 0.40),
    ('C-TOYS', 'leisure', 0.38), ('C-BOOKS', 'leisure', 0.30), ('C-SPORT', 'leisure', 0.33)
) as _ (category_id, department, target);

create table lines as
select regexp_extract(filename, 'raw/([a-z]+)/', 1) as dataset, raw_key(filename) as source_file,
    arrival(filename) as date, unnest(string_split(content, chr(10))) as line
from read_text('{folder}/raw/*/*/*.*');
delete from lines where trim(line) = '';

create table orders as
with typed as (
    select *, raw_key(filename) as source_file, arrival(filename) as date, number(quantity) as q, number(unit_price) as p,
        number(discount) as d, utc(transaction_timestamp) as happened
    from read_csv('{folder}/raw/transactions/*/*.csv', all_varchar = true, header = true, union_by_name = true,
        filename = true, hive_partitioning = false, ignore_errors = true, delim = ',', quote = '"', escape = '"')
),
judged as (
    select *, case
        when nullif(transaction_id, '') is null or nullif(customer_id, '') is null or nullif(product_id, '') is null
            or nullif(quantity, '') is null or nullif(unit_price, '') is null or nullif(discount, '') is null
            or nullif(currency, '') is null or nullif(payment_method, '') is null
            or nullif(transaction_timestamp, '') is null or nullif(status, '') is null then 'missing'
        when q is null or q <> trunc(q) or p is null or p <> round(p, 2) or d is null or d <> round(d, 4) or happened is null
            then 'type'
        when q not between 1 and 1000 or p not between 0.01 and 100000 or d not between 0 and 0.9 then 'range'
        when currency not in ('USD', 'EUR', 'GBP') or status not in ('completed', 'pending', 'cancelled', 'refunded')
            or payment_method not in ('card', 'paypal', 'bank_transfer', 'gift_card') then 'not_allowed'
        when happened::date > date then 'future'
        when date - happened::date > 2 then 'late'
    end as problem
    from typed
)
select * replace (case when problem is null
        and row_number() over (partition by date, transaction_id, problem is null order by source_file desc) > 1
    then 'duplicate' else problem end as problem)
from judged;

create table transactions as
with amounts as (
    select *, cast(q * p as decimal(18, 2)) as gross,
        cast(round(cast(q * p as decimal(18, 2)) * cast(d as decimal(5, 4)), 2) as decimal(18, 2)) as off
    from orders where problem is null
)
select transaction_id, customer_id, product_id, q::int as quantity, p as unit_price, d as discount, currency,
    payment_method, token as customer_email, nullif(shipping_country, '') as shipping_country,
    happened as transaction_timestamp, status, happened::date as transaction_date, hour(happened)::int as transaction_hour,
    (date - happened::date)::int as late_days, gross as gross_amount, off as discount_amount, gross - off as net_amount,
    round((gross - off) * rate::decimal(8, 6), 2) as net_usd, source_file, date
from amounts join rates using (currency) left join tokens on email = customer_email;

create table products_judged as
with raw as (
    select date, source_file, line ->> 'product_id' as product_id, line ->> 'name' as name,
        line ->> 'category_id' as category_id, line ->> 'category' as category, line ->> 'brand' as brand,
        cast(line ->> 'price' as decimal(12, 2)) as price, cast(line ->> 'cost' as decimal(12, 2)) as cost,
        cast(line ->> 'stock_quantity' as int) as stock_quantity, cast(line ->> 'reorder_level' as int) as reorder_level,
        line ->> 'supplier_id' as supplier_id, utc(line ->> 'updated_at') as updated_at
    from lines where dataset = 'products'
)
select *, case when product_id is null or name is null or category_id is null or category is null or price is null
    or cost is null or stock_quantity is null or reorder_level is null or supplier_id is null or updated_at is null
    then 'missing' end as problem
from raw;

create table products as
select product_id, name, category_id, category, brand, price, cost, stock_quantity, reorder_level, supplier_id,
    updated_at, coalesce(department, 'unclassified') as department, price - cost as margin,
    millionths((price - cost) * 100, (price * 100)::hugeint) as margin_rate,
    price - cost < price * target as below_target_margin, stock_quantity * cost as inventory_value,
    case when stock_quantity = 0 then 'out_of_stock' when stock_quantity <= reorder_level then 'reorder'
        else 'in_stock' end as stock_status,
    cast(floor(date_diff('second', updated_at, (date + 1)::timestamp) / 86400) as int) as days_since_update,
    source_file, date
from products_judged left join departments using (category_id) where problem is null;

create table reviews_judged as
with raw as (
    select date, source_file, line ->> 'review_id' as review_id, line ->> 'product_id' as product_id,
        line ->> 'customer_id' as customer_id, number(line ->> 'rating') as stars, line ->> 'rating' as rating_text,
        nullif(line ->> 'title', '') as title, nullif(line ->> 'body', '') as body,
        line ->> 'reviewer_name' as reviewer_name, line ->> 'verified' as verified_text,
        utc(line ->> 'review_timestamp') as review_timestamp
    from lines where dataset = 'reviews'
)
select *, case
    when rating_text is null or verified_text is null or review_id is null then 'missing'
    when stars is null or verified_text not in ('true', 'false') or review_timestamp is null then 'type'
    when stars not between 1 and 5 then 'range'
    when review_timestamp::date > date then 'future'
    when date - review_timestamp::date > 2 then 'late'
end as problem
from raw;

create table reviews as
select review_id, product_id, customer_id, stars::int as rating, title, body,
    left(reviewer_name, 1) || '***' as reviewer_name, verified_text = 'true' as verified, review_timestamp,
    review_timestamp::date as review_date, (date - review_timestamp::date)::int as late_days,
    length(body)::int as body_length, source_file, date
from reviews_judged where problem is null;

create table clicks as
with raw as (
    select date, source_file, line, json_valid(line) and line like '{%' as readable,
        case when json_valid(line) then line else '{}' end as doc
    from lines where dataset = 'clickstream'
),
typed as (
    select *, doc ->> 'event_id' as event_id, doc ->> 'user_id' as user_id, doc ->> 'anonymous_id' as anonymous_id,
        doc ->> 'event_type' as event_type, doc ->> 'product_id' as product_id, doc ->> 'page_url' as page_url,
        doc ->> 'referrer' as referrer, doc ->> 'device' as device, doc ->> 'ip_address' as ip_address,
        doc ->> 'event_timestamp' as time_text, utc(doc ->> 'event_timestamp') as event_timestamp
    from raw
),
judged as (
    select *, case
        when not readable then 'malformed'
        when event_id is null or anonymous_id is null or event_type is null or page_url is null or device is null
            or time_text is null then 'missing'
        when event_timestamp is null then 'type'
        when event_type not in ('view', 'search', 'add_to_cart', 'checkout', 'purchase')
            or device not in ('desktop', 'mobile', 'tablet') then 'not_allowed'
        when event_timestamp::date > date then 'future'
        when date - event_timestamp::date > 1 then 'late'
    end as problem
    from typed
)
select * replace (case when problem is null
        and row_number() over (partition by date, event_id, problem is null order by source_file desc) > 1
    then 'duplicate' else problem end as problem)
from judged;

create table clickstream_events as
select event_id, user_id, anonymous_id, event_type, product_id, page_url, referrer, device,
    case when ip_address like '%:%' then array_to_string(string_split(ip_address, ':')[1:3], ':') || '::'
        else array_to_string(string_split(ip_address, '.')[1:3], '.') || '.0' end as ip_address,
    event_timestamp, event_timestamp::date as event_date, (date - event_timestamp::date)::int as late_days, source_file,
    date
from clicks where problem is null;

-- Of what arrived twice for one business date, the last.
create table sold as
select * exclude (date), transaction_date as date from transactions
qualify row_number() over (partition by transaction_date, transaction_id order by transactions.date desc) = 1;
create table seen as
select * exclude (date), event_date as date from clickstream_events
qualify row_number() over (partition by event_date, event_id order by clickstream_events.date desc) = 1;
create table rated as
select * exclude (date), review_date as date from reviews
qualify row_number() over (partition by review_date, review_id order by reviews.date desc) = 1;

create table clickstream_sessions as
with spaced as (
    select *, epoch_us(event_timestamp) - lag(epoch_us(event_timestamp)) over visitor as pause from seen
    window visitor as (partition by date, anonymous_id order by event_timestamp, event_id)
),
numbered as (
    select *, count(*) filter (pause is null or pause > 30 * 60 * 1000000) over (
        partition by date, anonymous_id order by event_timestamp, event_id rows unbounded preceding) as number
    from spaced
)
select left(sha256(anonymous_id || '|' || epoch_us(min(event_timestamp))), 32) as session_id, anonymous_id,
    list(user_id order by event_timestamp, event_id) filter (user_id is not null)[-1] as user_id,
    list(device order by event_timestamp, event_id)[1] as device,
    min(event_timestamp) as started_at, max(event_timestamp) as ended_at,
    (epoch_us(max(event_timestamp)) - epoch_us(min(event_timestamp))) // 1000000 as duration_seconds,
    count(*) as events, count(*) filter (event_type = 'view') as views,
    count(*) filter (event_type = 'search') as searches, count(*) filter (event_type = 'add_to_cart') as carts,
    count(*) filter (event_type = 'checkout') as checkouts, count(*) filter (event_type = 'purchase') as purchases,
    count(distinct product_id) as products_seen,
    list(page_url order by event_timestamp, event_id)[1] as landing_page,
    list(page_url order by event_timestamp, event_id)[-1] as exit_page,
    list(referrer order by event_timestamp, event_id)[1] as referrer,
    count(*) = 1 as bounced, count(*) filter (event_type = 'purchase') > 0 as converted, date
from numbered group by date, anonymous_id, number;

create table clickstream_hourly as
select date_trunc('hour', event_timestamp) as hour_start, device, count(*) as events,
    count(distinct anonymous_id) as visitors, count(*) filter (event_type = 'view') as views,
    count(*) filter (event_type = 'search') as searches, count(*) filter (event_type = 'add_to_cart') as carts,
    count(*) filter (event_type = 'checkout') as checkouts, count(*) filter (event_type = 'purchase') as purchases,
    millionths(count(distinct anonymous_id) filter (event_type = 'purchase'), count(distinct anonymous_id))
        as conversion_rate, date
from seen group by date, hour_start, device;

create table clickstream_products as
select product_id, count(*) filter (event_type = 'view') as views, count(*) filter (event_type = 'add_to_cart') as carts,
    date
from seen where product_id is not null and event_type in ('view', 'add_to_cart') group by product_id, date;

-- The products of each business date: of its own snapshot, else of the last one of the week before.
create table standing as
with days as (select distinct date from sold union select date from rated union select date from seen),
last_ones as (
    select days.date, max(products.date) as snapshot from days
    left join (select distinct date from products) as products
        on products.date between days.date - 6 and days.date
    group by days.date
)
select products.* exclude (date), last_ones.date from last_ones join products on products.date = snapshot;

create table daily_sales as
select currency, coalesce(category_id, 'unclassified') as category_id,
    coalesce(department, 'unclassified') as department, count(*) filter (status = 'completed') as orders,
    count(distinct customer_id) filter (status = 'completed') as customers,
    coalesce(sum(quantity) filter (status = 'completed'), 0) as units,
    coalesce(sum(gross_amount) filter (status = 'completed'), 0) as gross_amount,
    coalesce(sum(discount_amount) filter (status = 'completed'), 0) as discount_amount,
    coalesce(sum(net_amount) filter (status = 'completed'), 0) as net_amount,
    coalesce(sum(net_usd) filter (status = 'completed'), 0) as net_usd,
    count(*) filter (status = 'refunded') as refunded_orders,
    coalesce(sum(net_usd) filter (status = 'refunded'), 0) as refunded_usd,
    count(*) filter (status = 'cancelled') as cancelled_orders,
    count(*) filter (status = 'pending') as pending_orders, sold.date
from sold left join standing using (date, product_id) group by all;

create table product_performance as
with names as (
    select date, product_id from sold union select date, product_id from rated
    union select date, product_id from seen where product_id is not null and event_type in ('view', 'add_to_cart')
),
figures as (
    select date, product_id,
        (select count(*) from seen s where s.date = n.date and s.product_id = n.product_id and event_type = 'view')
            as views,
        (select count(*) from seen s where s.date = n.date and s.product_id = n.product_id
            and event_type = 'add_to_cart') as carts,
        (select count(*) from sold s where s.date = n.date and s.product_id = n.product_id and status = 'completed')
            as orders,
        (select coalesce(sum(quantity), 0) from sold s where s.date = n.date and s.product_id = n.product_id
            and status = 'completed') as units,
        (select coalesce(sum(net_usd), 0) from sold s where s.date = n.date and s.product_id = n.product_id
            and status = 'completed') as net_usd,
        (select count(*) from sold s where s.date = n.date and s.product_id = n.product_id and status = 'refunded')
            as refunded_orders,
        (select count(*) from rated s where s.date = n.date and s.product_id = n.product_id) as reviews,
        (select sum(rating) from rated s where s.date = n.date and s.product_id = n.product_id) as stars
    from names n
)
select product_id, name, category_id, department, brand, views, carts, orders, units, net_usd, refunded_orders, reviews,
    case when reviews > 0 then hundredths(stars, reviews) end as average_rating,
    case when views > 0 then millionths(orders, views) end as view_to_order_rate, stock_quantity, stock_status, date
from figures left join standing using (date, product_id);

create table customer_days as
select customer_id, count(*) filter (status = 'completed') as orders,
    coalesce(sum(quantity) filter (status = 'completed'), 0) as units,
    coalesce(sum(net_usd) filter (status = 'completed'), 0) as net_usd,
    count(*) filter (status = 'refunded') as refunded_orders,
    coalesce(sum(net_usd) filter (status = 'refunded'), 0) as refunded_usd, date
from sold group by date, customer_id;

create table customer_value as
with snapshots as (
    select unnest(generate_series((select min(date) - 2 from lines), (select max(date) from lines), interval 1 day))::date
        as date
),
totals as (
    select customer_id, snapshots.date, min(sold.date) filter (status = 'completed') as first_order_date,
        max(sold.date) filter (status = 'completed') as last_order_date,
        count(distinct sold.date) filter (status = 'completed') as order_days,
        count(*) filter (status = 'completed') as orders, sum(quantity) filter (status = 'completed') as units,
        sum(net_usd) filter (status = 'completed') as net_usd,
        count(*) filter (status = 'refunded') as refunded_orders,
        coalesce(sum(net_usd) filter (status = 'refunded'), 0) as refunded_usd
    from snapshots join sold on sold.date between snapshots.date - 364 and snapshots.date
    group by customer_id, snapshots.date
)
select customer_id, first_order_date, last_order_date, (date - last_order_date)::int as recency_days, order_days, orders,
    units, net_usd, half_up(net_usd * 100, orders, 1)::decimal(20, 0) * 0.01 as average_order_usd, refunded_orders,
    refunded_usd,
    case when date - last_order_date > 90 then 'lapsed'
        when order_days >= 5 and date - last_order_date <= 14 then 'champion'
        when order_days >= 3 then 'loyal' when date - first_order_date <= 14 then 'new' else 'occasional' end as segment,
    date
from totals where orders > 0;

create table conversion_funnel as
select device, count(*) as sessions, count(*) filter (views > 0) as sessions_with_view,
    count(*) filter (carts > 0) as sessions_with_cart, count(*) filter (checkouts > 0) as sessions_with_checkout,
    count(*) filter (converted) as sessions_with_purchase, count(*) filter (events = 1) as bounced_sessions,
    millionths(count(*) filter (carts > 0), count(*)) as cart_rate,
    millionths(count(*) filter (checkouts > 0), count(*)) as checkout_rate,
    millionths(count(*) filter (converted), count(*)) as conversion_rate,
    millionths(count(*) filter (events = 1), count(*)) as bounce_rate,
    hundredths(sum(duration_seconds), count(*)) as average_duration_seconds, date
from clickstream_sessions group by date, device;

create table review_summary as
select rated.product_id, any_value(name) as name, any_value(category_id) as category_id, count(*) as reviews,
    count(*) filter (verified) as verified_reviews, hundredths(sum(rating), count(*)) as average_rating,
    count(*) filter (rating = 1) as rating_1, count(*) filter (rating = 2) as rating_2,
    count(*) filter (rating = 3) as rating_3, count(*) filter (rating = 4) as rating_4,
    count(*) filter (rating = 5) as rating_5,
    millionths(count(*) filter (rating >= 4), count(*)) as positive_share,
    case when count(body) > 0 then hundredths(sum(length(body)), count(body)) end as average_body_length, rated.date
from rated left join standing using (date, product_id) group by rated.date, rated.product_id;

-- By arrival date, dataset and reason. What DuckDB's CSV reader refuses is malformed.
create table rejects as
select date, 'transactions' as dataset, problem as reason, count(*) as rows from orders where problem is not null group by all
union all
select date, 'transactions', 'malformed', count(*) - (select count(*) from orders where orders.date = lines.date)
    - count(distinct source_file) from lines where dataset = 'transactions' group by date
union all
select date, 'clickstream', problem, count(*) from clicks where problem is not null group by all
union all
select date, 'products', problem, count(*) from products_judged where problem is not null group by all
union all
select date, 'reviews', problem, count(*) from reviews_judged where problem is not null group by all;
delete from rejects where rows = 0;
