"""List prices: one data file, whose entries a user may replace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ndjson_parquet_cli.errors import RefusedError

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars by name, for one region. `own` names the entries that the user replaced."""

    region: str
    recorded: str
    provenance: str
    usd: Mapping[str, float]
    own: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.usd[name]


def read_prices(own: Path | None = None) -> Prices:
    """The list prices, with the user's own in the place of those that their file names.

    Raises:
        RefusedError: the user's file is not an object of numbers under names that exist.
    """
    content = json.loads(FILE.read_text())
    listed = {name: float(entry["usd"]) for name, entry in content["prices"].items()}
    replaced = _own(own, listed) if own else {}
    return Prices(
        content["region"], content["recorded"], content["provenance"], {**listed, **replaced}, tuple(sorted(replaced))
    )


def _own(path: Path, listed: Mapping[str, float]) -> dict[str, float]:
    example = 'such a file looks like {"glue_dpu_hour": 0.40}'
    try:
        content = json.loads(path.read_text())
        values = {str(name): float(value) for name, value in content.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise RefusedError(f"--prices {path}: {error}", example) from error
    if unknown := sorted(values.keys() - listed.keys()):
        raise RefusedError(f"--prices {path} names {', '.join(unknown)}", f"names are {', '.join(sorted(listed))}")
    return values
