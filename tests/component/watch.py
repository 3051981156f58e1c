"""What must hold in the tracking table and the manifest bucket: at any moment, from moment to moment, and at rest."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ndjson_parquet.items import from_item
from tests.component.control_plane import ControlPlane

Item = dict[str, Any]
Items = dict[tuple[str, str], Item]
Step = tuple[str | None, str]

FILE_STEPS: set[Step] = {
    (None, "pending"),
    (None, "quarantined"),
    ("pending", "manifested"),
    ("manifested", "completed"),
    ("manifested", "failed"),
    ("failed", "completed"),
    # An operator has it converted once more, or for the first time although it was refused.
    ("completed", "released"),
    ("failed", "released"),
    ("quarantined", "released"),
    ("released", "pending"),
}
MANIFEST_STEPS: set[Step] = {
    (None, "pending"),
    ("pending", "processing"),
    ("processing", "completed"),
    ("processing", "failed"),
    ("failed", "pending"),
    # The execution failed, or was stopped, after its run had committed.
    ("failed", "completed"),
    # A `ManifestReady` event that comes twice, the second time when the first execution has failed.
    ("failed", "processing"),
}


class Watch:
    """Looks at a control plane's table and compares it with what it saw before."""

    def __init__(self, plane: ControlPlane, max_files: int) -> None:
        self._plane = plane
        self._max_files = max_files
        self._seen: Items = {}
        self._objects: dict[str, str] = {}
        self._listed: dict[str, set[tuple[str, str]]] = {}
        self.file_steps, self.manifest_steps = FILE_STEPS, MANIFEST_STEPS
        self._left: dict[str, list[Item]] = defaultdict(list)
        self.looks = 0
        self.inserted: list[Item] = []
        """Images of the manifest items as they were put, which is what the table's stream holds of them."""

    def look(self, *, compares: bool = True) -> Items:
        """Everything in the table, once it has been found to be as it must; `compares` with the look before."""
        pages = self._plane.dynamodb.get_paginator("scan").paginate(TableName=self._plane.table, ConsistentRead=True)
        found = [from_item(item) for page in pages for item in page["Items"]]
        items = {(item["date_prefix"], item["file_key"]): item for item in found}
        self.looks += 1
        if compares:
            self._check_steps(items)
        check_now(items, self._max_files, self._left)
        self._seen = items
        return items

    def check_objects(self) -> None:
        """Manifest objects list the files of their batch, and a batch without an object has its list in the table."""
        listed = self._plane.s3.list_objects_v2(Bucket=self._plane.manifests, Prefix="manifests/").get("Contents", [])
        for key, etag in ((entry["Key"], entry["ETag"]) for entry in listed):
            assert self._objects.setdefault(key, etag) == etag, f"{key} was written twice"
            if key.rpartition("/")[2].removesuffix(".json") in self._listed:
                continue
            content = json.loads(self._plane.s3.get_object(Bucket=self._plane.manifests, Key=key)["Body"].read())
            files = {(file["uri"], file["etag"]) for file in content["files"]}
            assert content["file_count"] == len(content["files"]) == len(files), key
            self._listed[content["batch_id"]] = files
        members = batches(self._seen)
        for batch_id, files in self._listed.items():
            held = {named(item) for item in (*members[batch_id], *self._left[batch_id])}
            assert files == held, f"the object of {batch_id} lists other files"
        for manifest in of_kind(self._seen, "MANIFEST#"):
            batch_id = manifest["batch_id"]
            assert batch_id in self._listed or batch_id in lists(self._seen), f"nobody knows the files of {batch_id}"

    def conversions(self, committed: Iterable[str]) -> Counter[str]:
        """In how many of these batches each file is listed, by object key and etag."""
        return Counter(f"{uri.split('/', 3)[3]}@{etag}" for batch in committed for uri, etag in self._listed[batch])

    def _check_steps(self, items: Items) -> None:
        lost = self._seen.keys() - items.keys()
        assert all(file_key.startswith(("MEMBERS#", "BREAKER", "RECONCILER")) for _, file_key in lost), (
            f"gone: {sorted(lost)}"
        )
        for key, item in items.items():
            before = self._seen.get(key)
            if "object_key" in item:
                check_file_step(before, item, self.file_steps)
                if before and "batch_id" in before and status_of(item) == "released" != status_of(before):
                    self._left[before["batch_id"]].append(before)
            elif key[1].startswith("MANIFEST#"):
                check_manifest_step(before, item, self.manifest_steps)
                if before is None:
                    self.inserted.append(item)


def check_file_step(before: Item | None, item: Item, allowed: Collection[Step]) -> None:
    status = status_of(item)
    if before is not None and "released" not in (status, status_of(before)):
        assert item.get("batch_id") == before.get("batch_id"), f"{item['file_key']} changed its batch"
    if before is None or status != status_of(before):
        step = (before and status_of(before), status)
        assert step in allowed, f"{item['file_key']} went {step}"


def check_manifest_step(before: Item | None, item: Item, allowed: Collection[Step]) -> None:
    step = (before and before["status"], item["status"])
    attempts = before["attempts"] if before else item["attempts"]
    assert item["attempts"] in (attempts, attempts + 1), (
        f"{item['file_key']}: attempts {attempts} -> {item['attempts']}"
    )
    if step[0] != step[1]:
        assert step in allowed, f"{item['file_key']} went {step}"
    taken_over = before and step == ("processing", "processing") and before["execution_arn"] != item["execution_arn"]
    assert not taken_over, f"{item['file_key']} was taken from an execution that goes on"


def check_now(items: Items, max_files: int, left: Mapping[str, list[Item]]) -> None:
    """Every file is in one batch, every batch is open or sealed, and counts what it holds and what `left` it."""
    held = defaultdict(list, batches(items))
    for batch_id, files in left.items():
        held[batch_id] += files
    open_batches = {item["batch_id"]: item for item in of_kind(items, "BATCH#") if "batch_id" in item}
    sealed = {item["batch_id"]: item for item in of_kind(items, "MANIFEST#")}
    assert not open_batches.keys() & sealed.keys(), "a batch is open and sealed"
    assert held.keys() == open_batches.keys() | sealed.keys(), "files without a batch, or a batch without files"
    for batch_id, batch in (open_batches | sealed).items():
        files = held[batch_id]
        assert batch["file_count"] == len(files) <= max_files, f"{batch_id}: {batch['file_count']}, {len(files)} files"
        assert batch["total_bytes"] == sum(file["size_bytes"] for file in files), batch_id
    for batch_id, listed in lists(items).items():
        assert listed == sorted(map(named, held[batch_id])), f"the list of {batch_id} is another"
    assert open_batches.keys() <= lists(items).keys()
    for item in items.values():
        if "status" not in item:
            assert "ttl" not in item
        elif "object_key" in item:
            assert ("ttl" in item) == (status_of(item) in ("completed", "quarantined")), item
        else:
            assert "ttl" not in item or item["status"] == "completed", item


def unfinished(items: Items, max_attempts: int) -> list[str]:
    """What is not at rest, in words; empty when all is done, set aside, or failed as often as it may."""
    found = [f"{item['file_key']} is released" for item in items.values() if status_of(item) == "released"]
    found += [f"{item['file_key']} is open" for item in of_kind(items, "BATCH#") if "batch_id" in item]
    found += [f"{file_key} is there" for _, file_key in items if file_key.startswith("MEMBERS#")]
    held = batches(items)
    for manifest in of_kind(items, "MANIFEST#"):
        statuses = {status_of(file) for file in held[manifest["batch_id"]]}
        is_done = manifest["status"] == "completed" and "ttl" in manifest and statuses <= {"completed", "failed"}
        spent = manifest["attempts"] - len(manifest.get("refused_attempts", ()))
        is_given_up = manifest["status"] == "failed" and spent >= max_attempts
        if not is_done and not (is_given_up and statuses == {"failed"}):
            found.append(f"{manifest['file_key']} is {manifest['status']}, its files {sorted(statuses)}")
    return found


def of_kind(items: Items, prefix: str) -> list[Item]:
    return [item for (_, file_key), item in items.items() if file_key.startswith(prefix)]


def batches(items: Items) -> Mapping[str, list[Item]]:
    """The file items by batch; those set aside or released are in none."""
    held = defaultdict(list)
    for item in items.values():
        if "object_key" in item and status_of(item) not in ("quarantined", "released"):
            held[item["batch_id"]].append(item)
    return held


def lists(items: Items) -> Mapping[str, list[tuple[str, str]]]:
    """The lists of files kept in the table, by batch: (uri, etag), sorted."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for item in of_kind(items, "MEMBERS#"):
        found[item["file_key"].split("#")[1]] += [(file["uri"], file["etag"]) for file in item["files"]]
    return {batch_id: sorted(files) for batch_id, files in found.items()}


def named(item: Item) -> tuple[str, str]:
    return f"s3://{item['bucket']}/{item['object_key']}", item["etag"]


def status_of(item: Item) -> str:
    return str(item.get("status", "")).partition("#")[0]


def files_of(items: Iterable[Item]) -> set[str]:
    return {item["file_key"] for item in items if "object_key" in item}
