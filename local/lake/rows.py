"""The rows of one business date: what happened in the shop, and when the file with it arrives.

Values are text or None, and numbers of JSON are `Decimal` or `int`, so that they reach the files as written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from local.lake.world import Customer, Product, World

Record = dict[str, Any]

_SESSIONS = 620
_OTHER_ORDERS = 260
_REVIEWS = 60
_LATE_ORDERS, _LATE_EVENTS, _LATE_REVIEWS = 0.02, 0.015, 0.03
# One visit of so many is of an app without a network: what it sends first has neither user nor product, and comes again
# with both on the next day.
_VISITS_PER_OFFLINE_ONE = 40
_STATUSES = ("completed",) * 16 + ("pending", "pending", "cancelled", "refunded")
_PAYMENTS = ("card", "card", "paypal", "bank_transfer", "gift_card")
_DISCOUNTS = ("0", "0", "0", "0.05", "0.1", "0.125", "0.3333")
_TITLES = ("Very good", "Broke, sadly", 'As "described"', "good } { value", None)
_BODIES = ("Works.\nEvery day.", "{not: json}", "寿司みたい 🍣", "x" * 200, "", None)


@dataclass(frozen=True, slots=True)
class Row:
    """A record, and by how many days after its business date its file arrives."""

    record: Record
    delay: int = 0


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """All rows of one business date."""

    transactions: tuple[Row, ...]
    clickstream: tuple[Row, ...]
    reviews: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Visits:
    """Clicks and orders of the visits that begin on one day, each with its date: the last visits end after midnight."""

    clicks: tuple[tuple[date, Row], ...]
    orders: tuple[tuple[date, Record], ...]


@lru_cache(maxsize=8)
def business_day(world: World, day: date) -> BusinessDay:
    """What happened on the day."""
    strength = _strength(world, day)
    visits = [_visits(world, day - timedelta(1)), _visits(world, day)]
    events = [row for begun in visits for happened, row in begun.clicks if happened == day]
    orders = [order for begun in visits for happened, order in begun.orders if happened == day]
    random = world.dice("orders", day)
    for _ in range(round(_OTHER_ORDERS * strength)):
        at = _instant(random, day)
        orders.append(_order(random, random.choice(world.customers), _some_product(world, random), at))
    transactions = [row for number, order in enumerate(orders) for row in _sent(random, day, number, order)]
    random = world.dice("reviews", day)
    reviews = tuple(_review(world, random, day, number) for number in range(max(20, round(_REVIEWS * strength))))
    return BusinessDay(tuple(transactions), tuple(events), reviews)


@lru_cache(maxsize=8)
def _visits(world: World, day: date) -> _Visits:
    clicks: list[tuple[date, Row]] = []
    orders: list[tuple[date, Record]] = []
    random = world.dice("clicks", day)
    for number in range(round(_SESSIONS * _strength(world, day))):
        session = _Session(world, random, day, number)
        clicks.extend(session.clicks())
        orders.extend(session.orders)
    return _Visits(tuple(clicks), tuple(orders))


def _strength(world: World, day: date) -> float:
    """Sundays are stronger than Tuesdays."""
    return world.scale * (1.0 + 0.25 * (day.weekday() >= 5) - 0.1 * (day.weekday() == 1))


def snapshot(world: World, day: date) -> tuple[Record, ...]:
    """The product catalog as it is at the end of the day."""
    return tuple(_stocked(world, product, day) for product in world.products)


class _Session:
    """One visit: views and searches, then with falling chance a cart, a checkout and a purchase."""

    def __init__(self, world: World, random: Random, day: date, number: int) -> None:
        self._world, self._random, self._day, self._number = world, random, day, number
        self._customer = random.choice(world.customers)
        self._signed_in = random.random() < 0.45
        # Some browsers come several times a day; others are seen once.
        returning = random.random() < 0.4
        self._anonymous_id = f"A-{self._customer.customer_id[3:]}" if returning else f"A-{day:%y%m%d}-{number}"
        self._offline = number % _VISITS_PER_OFFLINE_ONE == 0
        self._at = _instant(random, day)
        self._turn = 0
        self.orders: list[tuple[date, Record]] = []

    def clicks(self) -> Iterator[tuple[date, Row]]:
        random = self._random
        product = self._world.products[0]
        for _ in range(random.randint(1, 7)):
            product = _some_product(self._world, random)
            searching = random.random() < 0.2
            yield from self._sent("search", None) if searching else self._sent("view", product)
        for kind, chance in (("add_to_cart", 0.45), ("checkout", 0.6), ("purchase", 0.75)):
            if random.random() > chance:
                break
            yield from self._sent(kind, product)
            if kind == "purchase":
                self.orders.append((self._at.date(), _order(random, self._customer, product, self._at)))

    def _sent(self, kind: str, product: Product | None) -> Iterator[tuple[date, Row]]:
        """The next click as it is sent, once or twice."""
        record = self._click(kind, product)
        happened = self._at.date()
        if self._offline:
            yield happened, Row({**record, "user_id": None, "product_id": None})
            yield happened, Row({**record, "user_id": self._customer.customer_id}, delay=1)
        else:
            yield happened, Row(record, delay=int(self._random.random() < _LATE_EVENTS))

    def _click(self, kind: str, product: Product | None) -> Record:
        random, customer = self._random, self._customer
        self._at += _pause(random)
        self._turn += 1
        path = f"/p/{product.product_id}" if product else "/search?q=%C3%A9t%C3%A9"
        return {
            "event_id": f"E-{self._day:%Y%m%d}-{self._number}-{self._turn}",
            "user_id": customer.customer_id if self._signed_in else None,
            "anonymous_id": self._anonymous_id,
            "event_type": kind,
            "product_id": product.product_id if product else None,
            "page_url": f"https://shop.example{path}",
            "referrer": random.choice((None, "https://search.example/", "https://news.example/a?b=c")),
            "device": customer.device,
            "ip_address": customer.ip_address,
            "event_timestamp": _text(self._at, random),
        }


def _pause(random: Random) -> timedelta:
    """Mostly seconds to minutes; sometimes around the half hour that ends a session, sometimes exactly that."""
    chance = random.random()
    if chance < 0.02:
        return timedelta(minutes=30)
    if chance < 0.06:
        return timedelta(minutes=random.uniform(25, 50))
    return timedelta(seconds=random.expovariate(1 / 90))


def _order(random: Random, customer: Customer, product: Product, at: datetime) -> Record:
    return {
        "customer_id": customer.customer_id,
        "product_id": product.product_id,
        "quantity": str(random.choice((1, 1, 1, 2, 3, 12))),
        "unit_price": f"{product.price}",
        "discount": random.choice(_DISCOUNTS),
        "currency": customer.currency,
        "payment_method": random.choice(_PAYMENTS),
        "customer_email": customer.email if random.random() < 0.9 else None,
        "shipping_country": customer.country if random.random() < 0.99 else None,
        "transaction_timestamp": _text(at, random),
        "status": random.choice(_STATUSES),
    }


def _sent(random: Random, day: date, number: int, order: Record) -> list[Row]:
    """The order as it is sent: once, and a pending one often again on the next day, when it is decided."""
    delay = random.choice((1, 2)) if random.random() < _LATE_ORDERS else 0
    row = Row({"transaction_id": f"T-{day:%Y%m%d}-{number:05d}", **order}, delay)
    if order["status"] == "pending" and delay == 0 and random.random() < 0.7:
        decided = {**row.record, "status": random.choice(("completed", "completed", "cancelled"))}
        return [row, replace(row, record=decided, delay=1)]
    return [row]


def _review(world: World, random: Random, day: date, number: int) -> Row:
    customer = random.choice(world.customers)
    record: Record = {
        "review_id": f"R-{day:%Y%m%d}-{number:04d}",
        "product_id": _some_product(world, random).product_id,
        "customer_id": customer.customer_id,
        "rating": random.choice((1, 2, 3, 4, 4, 5, 5, 5)),
        "title": random.choice(_TITLES),
        "body": random.choice(_BODIES),
        "reviewer_name": customer.name,
        "verified": random.random() < 0.7,
        "review_timestamp": _text(_instant(random, day), random),
    }
    return Row(record, random.choice((1, 2)) if random.random() < _LATE_REVIEWS else 0)


def _stocked(world: World, product: Product, day: date) -> Record:
    random = world.dice("stock", product.product_id, day)
    updated = _midnight(day) + timedelta(hours=22) - timedelta(hours=random.randint(0, 200))
    return {
        "product_id": product.product_id,
        "name": product.name,
        "category_id": product.category_id,
        "category": product.category_id.removeprefix("C-").title(),
        "brand": product.brand,
        "price": product.price,
        "cost": product.cost,
        "stock_quantity": random.choice((0, random.randint(1, 60), random.randint(1, 900))),
        "reorder_level": product.reorder_level,
        "supplier_id": product.supplier_id,
        "updated_at": f"{updated:%Y-%m-%dT%H:%M:%S}Z",
    }


def _some_product(world: World, random: Random) -> Product:
    # Squaring prefers the first ones: few products make most of the sales.
    products = world.products
    return products[int(len(products) * random.random() ** 2)]


def _instant(random: Random, day: date) -> datetime:
    """A time of the day, more often in the evening."""
    hour = min(23.999, max(0.0, random.gauss(15, 6)))
    return _midnight(day) + timedelta(hours=hour, microseconds=random.randint(0, 999_999))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _text(at: datetime, random: Random) -> str:
    """The spellings that producers use for one instant."""
    chance = random.random()
    if chance < 0.1:
        return f"{at + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}+02:00"
    if chance < 0.2:
        return f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
