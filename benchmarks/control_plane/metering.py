"""Counts what boto3 clients do, at botocore's events: the code that is measured runs unchanged.

A page of a query is a call. So is a failed one. The items before and after a write are read beside it, uncounted: they
say how many units it takes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.control_plane.units import Item, read_units, write_units
from local.embedded_aws import EmbeddedAws

_CONTEXT = "control_plane_benchmark"
_KEY = ("date_prefix", "file_key")
Key = tuple[str, ...]


class Meter:
    """Counts the calls of the clients it makes, and their units. A table that is not `table` is only put into."""

    def __init__(self, aws: EmbeddedAws, table: str) -> None:
        self._aws = aws
        self._table = table
        self._uncounted = aws.client("dynamodb")
        self.calls: Counter[str] = Counter()
        self.read_units = 0.0
        self.write_units = 0

    def client(self, service: str) -> Any:
        """A client whose calls count."""
        client = self._aws.client(service)
        client.meta.events.register("before-call", self._count)
        client.meta.events.register("before-parameter-build.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)
        return client

    def note(self, call: str) -> None:
        """Count a call, as `service:Operation`, that a service makes and the benchmark does not."""
        self.calls[call] += 1

    def _count(self, model: Any, **_: Any) -> None:
        self.note(f"{model.service_model.service_name}:{model.name}")

    def _before(self, params: Any, model: Any, context: Any, **_: Any) -> None:
        if params.get("TableName", self._table) != self._table:
            context[_CONTEXT] = None
            self.write_units += write_units(None, params["Item"], transactional=False)
            return
        keys = written_keys(model.name, params)
        context[_CONTEXT] = (params, keys, self._images(keys))

    def _after(self, parsed: Any, model: Any, context: Any, **_: Any) -> None:
        if context[_CONTEXT] is None:
            return
        params, keys, before = context[_CONTEXT]
        if not keys:
            items = parsed.get("Items", [parsed["Item"]] if "Item" in parsed else [])
            self.read_units += read_units(items, consistent=params.get("ConsistentRead", False))
            return
        after = self._images(keys)
        transactional = model.name == "TransactWriteItems"
        for key in keys:
            self.write_units += write_units(before.get(key), after.get(key), transactional=transactional)

    def _images(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The items as they stand; at most 100, as many as any call writes."""
        if not keys:
            return {}
        wanted = [{name: {"S": part} for name, part in zip(_KEY, key, strict=True)} for key in keys]
        answer = self._uncounted.batch_get_item(RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}})
        if answer.get("UnprocessedKeys"):
            raise RuntimeError(f"{len(keys)} items of {self._table} were not read at once: their units are not known")
        return {_key(item): item for item in answer["Responses"][self._table]}


def written_keys(operation: str, params: Mapping[str, Any]) -> list[Key]:
    """(date_prefix, file_key) of every item that a call to DynamoDB writes; none for a read.

    Raises:
        ValueError: the units of this call could not be told.
    """
    match operation:
        case "PutItem":
            return [_key(params["Item"])]
        case "UpdateItem" | "DeleteItem":
            return [_key(params["Key"])]
        case "TransactWriteItems":
            writes = (write for action in params["TransactItems"] for write in action.values())
            return [_key(write.get("Item") or write["Key"]) for write in writes]
        case "BatchExecuteStatement":
            return [_statement_key(statement) for statement in params["Statements"]]
        case "GetItem" | "Query" if not {"FilterExpression", "ProjectionExpression"} & set(params):
            return []
    raise ValueError(f"the units of {operation} with {', '.join(params)} are not known: teach the meter its rule")


def _statement_key(statement: Mapping[str, Any]) -> Key:
    """The key that an UPDATE names; its values stand in the order of the question marks."""
    text: str = statement["Statement"]
    positions = [text[: text.index(f'"{name}" = ?')].count("?") for name in _KEY]
    return tuple(str(statement["Parameters"][position]["S"]) for position in positions)


def _key(item: Item) -> Key:
    return tuple(str(item[name]["S"]) for name in _KEY)
