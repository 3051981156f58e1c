"""The shop that the generated month is about: its products and customers, each a function of seed and number alone."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random

from ndjson_parquet_lake.reference import CATEGORIES

BRANDS = ("Northwind", "Açaí & Co", "寿", "Ørsted Home", "plain")
NAMES = {
    "C-AUDIO": "Headphones",
    "C-PHONE": "Phone",
    "C-LAPTOP": "Laptop",
    "C-KITCHEN": "Pan",
    "C-GARDEN": "Spade",
    "C-TOYS": "Puzzle",
    "C-BOOKS": "Novel",
    "C-SPORT": "Ball",
}
# One with a comma, so that CSV has to quote it.
COUNTRIES = ("Germany", "United States", "Korea, Republic of", "Côte d'Ivoire", "Brazil", "United Kingdom")
CURRENCIES = {"United States": "USD", "Brazil": "USD", "Korea, Republic of": "USD", "United Kingdom": "GBP"}
FIRST_NAMES = ("Zoë", "José", "李", "Olga", "محمد", "Neha", "Seán", "Anna", "Tunde", "Mia")
LAST_NAMES = ("Müller", "Ñandú", "小龍", "Petrova", "Ali", "Sharma", "O'Brien", "Lee", "Okafor", "Rossi")
_PRODUCTS_PER_ONE_ON_TARGET = 9


@dataclass(frozen=True, slots=True)
class Product:
    """A product as it is on no special day; its stock moves."""

    product_id: str
    name: str
    category_id: str
    brand: str | None
    price: Decimal
    cost: Decimal
    reorder_level: int
    supplier_id: str
    # Products sell very unequally.
    weight: float


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str
    email: str
    name: str
    country: str
    currency: str
    device: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class World:
    """Products and customers of one seed. `scale` 1 is a shop with some 400 orders and 3,500 clicks a day."""

    seed: int = 1
    scale: float = 1.0

    @property
    def products(self) -> tuple[Product, ...]:
        return _products(self.seed, max(40, round(150 * self.scale**0.5)))

    @property
    def customers(self) -> tuple[Customer, ...]:
        return _customers(self.seed, max(60, round(1500 * self.scale)))

    def dice(self, *names: object) -> Random:
        """Chance for one purpose: the same for the same names, whatever else was drawn before."""
        return Random("|".join(map(str, (self.seed, self.scale, *names))))


@lru_cache(maxsize=4)
def _products(seed: int, count: int) -> tuple[Product, ...]:
    return tuple(_product(Random(f"{seed}|product|{number}"), number) for number in range(count))


def _product(random: Random, number: int) -> Product:
    category = CATEGORIES[number % len(CATEGORIES)]
    price = Decimal(random.randint(199, 150_000)).scaleb(-2)
    margin = category.target_margin + Decimal(f"{random.uniform(-0.08, 0.12):.4f}")
    if number % _PRODUCTS_PER_ONE_ON_TARGET == 0:
        # Exactly on target, to the cent.
        price, margin = price.quantize(Decimal(1)), category.target_margin
    return Product(
        product_id=f"P-{number:05d}",
        name=f'{NAMES[category.category_id]} "{number}"',
        category_id=category.category_id,
        brand=random.choice((*BRANDS, None)),
        price=price,
        cost=(price * (1 - margin)).quantize(Decimal("0.01")),
        reorder_level=random.randint(5, 40),
        supplier_id=f"S-{random.randint(1, 20):03d}",
        weight=1 / (1 + number % 37),
    )


@lru_cache(maxsize=4)
def _customers(seed: int, count: int) -> tuple[Customer, ...]:
    return tuple(_customer(Random(f"{seed}|customer|{number}"), number) for number in range(count))


def _customer(random: Random, number: int) -> Customer:
    country = random.choice(COUNTRIES)
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    ipv6 = random.random() < 0.2
    octets = [random.randint(1, 254) for _ in range(4)]
    return Customer(
        customer_id=f"CU-{number:06d}",
        email=f"customer.{number}@example.{random.choice(('com', 'org'))}",
        name=f"{first} {last}",
        country=country,
        currency=CURRENCIES.get(country, "EUR"),
        device=random.choice(("desktop", "mobile", "mobile", "tablet")),
        ip_address=f"2001:db8:{octets[0]:x}:{octets[1]:x}::{octets[2]:x}" if ipv6 else ".".join(map(str, octets)),
    )
