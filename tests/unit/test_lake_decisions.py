"""What becomes of a day's raw files, whatever was decided before and whatever has changed since."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lake_validator.checking import Verdict
from lake_validator.decisions import Day, RawFile, Record, quarantine_key

DAY = "2026-11-20"
FOLDER = f"raw/reviews/date={DAY}/"


def file(name: str, version: str = "v1") -> RawFile:
    return RawFile(FOLDER + name, version, 10)


def decided(day: Day, found: RawFile, md5: str, reason: str | None = None) -> Record:
    """As the service decides."""
    verdict = Verdict(md5, 3, reason)  # type: ignore[arg-type]  # any text does
    status, why, detail = day.judged(verdict, found.key)
    record = Record("reviews", DAY, found.key, found.version_id, 10, status, "now", md5, 3, why, detail)
    day.add(record)
    return record


def run(files: dict[RawFile, str], records: list[Record]) -> list[Record]:
    """A run over these files, whose bytes are told by a word; what the table then holds."""
    day = Day(files, records)
    made = [decided(day, found, files[found]) for found in day.waiting]
    return list({record.file_key: record for record in (*records, *made)}.values())


def accepted(files: dict[RawFile, str], records: list[Record]) -> list[str]:
    return [record.key.removeprefix(FOLDER) for record in Day(files, records).accepted]


def test_of_files_with_the_same_bytes_the_first_by_key_is_accepted() -> None:
    files = {file("b.json"): "same", file("a.json"): "same", file("c.json"): "other"}
    records = run(files, [])
    assert accepted(files, records) == ["a.json", "c.json"]
    assert [record.detail for record in records if record.status == "duplicate"] == [
        f"the same bytes as {FOLDER}a.json"
    ]
    assert Day(files, records).counts == {"accepted": 2, "quarantined": 0, "duplicate": 1, "rows": 6}


def test_nothing_is_read_twice() -> None:
    files = {file("a.json"): "same", file("b.json"): "same"}
    day = Day(files, run(files, []))
    assert day.waiting == []


def test_an_overwritten_file_is_read_again_and_its_double_takes_its_place() -> None:
    records = run({file("a.json"): "same", file("b.json"): "same"}, [])
    files = {file("a.json", "v2"): "new", file("b.json"): "same"}
    assert [found.key.removeprefix(FOLDER) for found in Day(files, records).waiting] == ["a.json", "b.json"]
    assert accepted(files, run(files, records)) == ["a.json", "b.json"]


def test_a_file_that_is_written_again_with_its_own_bytes_is_no_duplicate_of_itself() -> None:
    records = run({file("a.json"): "same"}, [])
    files = {file("a.json", "v2"): "same"}
    assert accepted(files, run(files, records)) == ["a.json"]


def test_a_refused_file_is_told_with_its_reason() -> None:
    day = Day([file("a.json")], [])
    record = decided(day, file("a.json"), "x", "schema")
    assert (record.status, record.reason) == ("quarantined", "schema")
    assert record.file_key.startswith(f"{DAY}/x#")
    assert day.accepted == []


def test_a_refused_file_is_kept_under_its_own_name() -> None:
    key = quarantine_key("schema", "reviews", date(2026, 11, 20), FOLDER + "shop/a.json")
    assert key == f"quarantine/schema/reviews/date={DAY}/shop/a.json"


STEPS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"), min_size=1), min_size=1, max_size=4)


@given(STEPS)
def test_each_content_is_accepted_exactly_once_whatever_was_overwritten_before(steps: list[dict[str, str]]) -> None:
    """Each step gives files new contents; what is not named stays."""
    contents: dict[str, tuple[str, str]] = {}
    records: list[Record] = []
    for number, step in enumerate(steps):
        contents |= {name: (content, f"v{number}") for name, content in step.items()}
        files = {file(name, version): content for name, (content, version) in contents.items()}
        records = run(files, records)
        by_key = {found.key: content for found, content in files.items()}
        taken = sorted(by_key[FOLDER + name] for name in accepted(files, records))
        assert taken == sorted({content for content, _ in contents.values()})
        assert Day(files, records).waiting == []
