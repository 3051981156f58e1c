"""The table that ends the tests on LocalStack: it says what ran, not what was meant to."""

from types import SimpleNamespace

from tests.localstack.report import COVERS, NOT_COVERED, report_lines


def outcome(what: str) -> SimpleNamespace:
    return SimpleNamespace(user_properties=[("other", "x"), (COVERS, what)])


def test_each_line_counts_how_its_tests_ended() -> None:
    stats = {
        "passed": [outcome("queues"), outcome("queues")],
        "failed": [outcome("alarm")],
        "error": [outcome("alarm")],
        "deselected": [outcome("alarm")],
        "warnings": [SimpleNamespace()],
    }
    lines = report_lines(stats)
    assert [line.split() for line in lines[1:3]] == [
        ["queues", "2", "passed"],
        ["alarm", "1", "failed,", "1", "error"],
    ]


def test_a_skipped_test_is_not_called_covered() -> None:
    covered, not_covered, line, *_ = report_lines({"skipped": [outcome("queues")]})
    assert (covered, not_covered, line.split()) == ("covered", "not covered by these tests", ["queues", "skipped"])


def test_what_is_not_covered_is_always_said_with_its_reason() -> None:
    lines = report_lines({"passed": [outcome("queues")]})
    said = lines[lines.index("not covered by these tests") + 1 :]
    assert len(said) == len(NOT_COVERED)
    assert all(what in line and why in line for (what, why), line in zip(NOT_COVERED, said, strict=True))


def test_nothing_is_said_when_nothing_of_it_ran() -> None:
    assert report_lines({"passed": [SimpleNamespace(user_properties=[])]}) == []
