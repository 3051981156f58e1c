"""A table whose last column is long: keys and addresses, which people copy, and which a fold would break."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.text import Text

from ndjson_parquet_cli.output import table

_GAP = "  "
_WIDEST = 10_000
"""A row is not wider: S3's keys have 1,024 characters."""


class Listing:
    """One row a line where the window is wide enough for all; else the last cell below its row, on lines of its own."""

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[str] = ()) -> None:
        self._columns = columns
        self._rows = [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows]
        self._numbers = numbers

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole = table(self._columns, self._rows, self._numbers, self._columns)
        if Measurement.get(console, options.update(max_width=_WIDEST), whole).maximum <= options.max_width:
            yield whole
            return
        *columns, last = self._columns
        widths = [max(map(cell_len, (name, *(row[at].plain for row in self._rows)))) for at, name in enumerate(columns)]
        yield self._line([Text(name, "bold") for name in columns], widths)
        yield Padding(Text(last, "bold"), (0, 0, 0, 2), expand=False)
        yield Text("─" * options.max_width)
        for *cells, long in self._rows:
            yield self._line(cells, widths)
            yield Padding(Text(long.plain, long.style, overflow="fold"), (0, 0, 0, 2), expand=False)

    def _line(self, cells: Sequence[Text], widths: Sequence[int]) -> Text:
        aligned = []
        for name, cell, width in zip(self._columns, cells, widths, strict=False):
            copy = cell.copy()
            copy.align("right" if name in self._numbers else "left", width)
            aligned.append(copy)
        return Text(_GAP).join(aligned)
