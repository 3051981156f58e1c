"""Lifelike records as JSON text: shop orders and click events.

A record is built as text, never through a dict of floats, so that `1.10`, `20.00` and ids of 30 digits reach
the file as written.
"""

import json
from random import Random

EVENT_NAMES = ("page_view", "add_to_cart", "checkout", "search", "refund")
NAMES = (
    "Zoë Müller",
    "José Ñandú",
    "李小龍",
    "さくら 田中",
    "Ольга Петрова",
    "محمد علي",
    "नेहा शर्मा",
    "Γιώργος Παππάς",
    "Seán O'Brien",
    'Anna "Nan" Lee',
)
PRODUCTS = (
    "Café crème ☕",
    "Tea\tgreen",
    "Straße map",
    "naïve résumé",
    "👩‍👩‍👧 family set",
    "C:\\paths\\mug",
    "寿司セット 🍣",
    "plain socks",
)
NOTES = (
    "leave at the door",
    "rings twice\nthen knocks",
    "brûlée? oui!",
    "🎁 gift — “fragile”",
    "",
    "null",
    "1.10",
    "{not: json}",
)
CURRENCIES = ("EUR", "USD", "JPY", "INR")
EXPONENTS = ("1e2", "6.02E+23", "-4.5e-7", "0e0", "1E400", "2.50e10")


class RecordWriter:
    """Writes records of one file in one spelling: spaces, escapes and the keys its generation knows."""

    def __init__(self, random: Random, *, spaced: bool, escaped: bool, newer_keys: bool) -> None:
        self._random = random
        self._comma, self._colon = (", ", ": ") if spaced else (",", ":")
        self._escaped = escaped
        self._newer_keys = newer_keys

    def order(self) -> str:
        """One order: nested customer and lines, money with trailing zeros, ids longer than any integer type."""
        random = self._random
        fields = {
            "order_id": self._long_id(),
            "placed_at": self._text(self._instant()),
            "customer": self._customer(),
            "amount": self._money(),
            "tax_rate": random.choice(("0.10", "0.200", "0.0775", "0", "-0", "0.1234567890123456789")),
            "currency": self._text(random.choice(CURRENCIES)),
            "lines": self._array([self._order_line() for _ in range(random.randint(0, 3))]),
            "coupon": random.choice(("null", self._text("SPRING-10"))),
            "paid": self._flag(),
        }
        if random.random() < 0.5:
            fields["note"] = self._text(random.choice(NOTES))
        if self._newer_keys:
            fields["loyalty_points"] = str(random.randint(0, 10**6))
            geo = self._array(["-23.550", "-46.6330"])
            fields["address"] = self._object({"city": self._text("São Paulo"), "geo": geo})
        return self._object(fields)

    def event(self) -> str:
        """One click event: measured values with exponents, and `id` as a number here and a string there."""
        random = self._random
        number = str(random.randint(1, 10**9))
        fields = {
            "event": self._text(random.choice(EVENT_NAMES)),
            "id": number if random.random() < 0.8 else self._text(number),
            "at": self._text(self._instant()),
            "session": self._text(f"{random.getrandbits(128):032x}"),
            "value": random.choice((self._money(), random.choice(EXPONENTS))),
            "context": self._object({"path": self._text("/söck?s=1&t=é"), "ab": self._array([self._flag(), "null"])}),
        }
        if random.random() < 0.3:
            fields["referrer"] = random.choice(("null", self._text("https://example.com/ü")))
        if self._newer_keys:
            fields["consent"] = self._object({"ads": self._flag(), "version": "2.0"})
        return self._object(fields)

    def _customer(self) -> str:
        name = self._text(self._random.choice(NAMES))
        return self._object({"name": name, "vip": self._flag(), "tags": self._tags()})

    def _order_line(self) -> str:
        product = self._text(self._random.choice(PRODUCTS))
        return self._object({"product": product, "quantity": str(self._random.randint(1, 9)), "price": self._money()})

    def _object(self, fields: dict[str, str]) -> str:
        return "{" + self._comma.join(f'"{key}"{self._colon}{text}' for key, text in fields.items()) + "}"

    def _array(self, items: list[str]) -> str:
        return "[" + self._comma.join(items) + "]"

    def _text(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=self._escaped)

    def _tags(self) -> str:
        return self._array([self._text(tag) for tag in self._random.sample(("new", "été", "b2b", "日本"), 2)])

    def _money(self) -> str:
        return f"{self._random.randint(0, 50_000)}.{self._random.choice(('00', '10', '50', '99'))}"

    def _flag(self) -> str:
        return self._random.choice(("true", "false"))

    def _long_id(self) -> str:
        return str(self._random.randint(10**29, 10**30 - 1))

    def _instant(self) -> str:
        random = self._random
        return f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}T{random.randint(0, 23):02d}:17:05.120Z"
