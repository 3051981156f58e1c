"""Reference data that changes with a release, not with a day: the bucket's zones, categories and planning rates."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# `staging` holds what a running job has written and not yet published; nobody reads it, and a day later it may go.
ZONES: Final = ("raw", "processed", "curated", "quarantine", "rejects", "reports", "staging", "athena-results")


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the shop, and the department whose figures it adds to."""

    category_id: str
    department: str
    # Share of the price that should be left after the cost.
    target_margin: Decimal


CATEGORIES: Final = (
    Category("C-AUDIO", "electronics", Decimal("0.25")),
    Category("C-PHONE", "electronics", Decimal("0.18")),
    Category("C-LAPTOP", "electronics", Decimal("0.15")),
    Category("C-KITCHEN", "home", Decimal("0.35")),
    Category("C-GARDEN", "home", Decimal("0.40")),
    Category("C-TOYS", "leisure", Decimal("0.38")),
    Category("C-BOOKS", "leisure", Decimal("0.30")),
    Category("C-SPORT", "leisure", Decimal("0.33")),
)
# Of products whose category nobody has declared.
UNCLASSIFIED: Final = "unclassified"

# US dollars for one unit, fixed for the planning year, so that a figure of last month stays what it was.
USD_RATES: Final = {
    "USD": Decimal("1.000000"),
    "EUR": Decimal("1.085000"),
    "GBP": Decimal("1.270000"),
}
