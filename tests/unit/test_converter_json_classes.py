"""Each class of input that RFC 8259 decides on, as one line between two good ones: the good ones always survive, and
what is taken is what Python's `json` reads.
"""

import pytest

from ndjson_converter.lines import parse, survey
from ndjson_converter.parsed import ParsedFile, Rules
from tests.json_cases import bad_lines, bad_values, good_values, lines_with
from tests.kernel_fuzz import check, rows_of
from tests.second_opinion import second_opinion

BEFORE, AFTER = b'{"good":"before"}', b'{"good":"after"}'
GOOD_TOKENS = [pytest.param(name, token, id=name) for name, token in good_values()]
SHORT_TOKENS = [pytest.param(name, token, id=name) for name, token in good_values() if len(token) < 300]
BAD_TOKENS = [pytest.param(name, token, reason, id=name) for name, token, reason in bad_values()]
BAD_LINES = [pytest.param(line, reason, id=name) for name, line, reason in bad_lines()]


def goods(parsed: ParsedFile) -> list[str | None]:
    return [row["good"][1] for row in rows_of(parsed) if "good" in row]


def assert_rejected(line: bytes, reason: str) -> None:
    data = b"\n".join([BEFORE, line, AFTER])
    parsed = parse(data, "s3://b/k", Rules())

    assert (goods(parsed), parsed.row_count) == (["before", "after"], 2), line
    (reject,) = parsed.rejects
    assert (reject.line_number, reject.byte_offset, reject.reason) == (2, len(BEFORE) + 1, reason), line
    assert reject.raw == line
    assert reject.detail.isprintable()
    assert tuple(survey(data, Rules(), max_columns=10).rejects) == tuple(parsed.rejects)


@pytest.mark.parametrize(("name", "token", "reason"), BAD_TOKENS)
def test_what_is_no_value_is_rejected_wherever_it_stands(name: str, token: bytes, reason: str) -> None:
    for line in lines_with(name, token):
        assert second_opinion(line) == [None]
        assert_rejected(line, reason)


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_what_is_no_record_is_rejected(line: bytes, reason: str) -> None:
    assert_rejected(line, reason)


@pytest.mark.parametrize(("name", "token"), GOOD_TOKENS)
def test_a_value_is_read_wherever_it_stands_as_the_second_opinion_reads_it(name: str, token: bytes) -> None:
    for line in lines_with(name, token):
        assert None not in second_opinion(line)
        check([BEFORE, line, AFTER], name)


@pytest.mark.parametrize(("name", "token"), SHORT_TOKENS)
def test_a_line_cut_at_any_byte_is_rejected_between_good_ones(name: str, token: bytes) -> None:
    for line in lines_with(name, token):
        cuts = [line[:length] for length in range(1, len(line))]
        check([part for cut in cuts for part in (BEFORE, cut)] + [AFTER], name)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize("rule", ["reject", "last"])
def test_no_bad_line_harms_any_other_of_its_file(ends: bytes, rule: str) -> None:
    """All of them in one file, the first one at its start and the last one without a line end."""
    cases = [(line, reason) for name, token, reason in bad_values() for line in lines_with(name, token)]
    cases += [(line, reason) for _, line, reason in bad_lines() if reason != "duplicate_key" and len(line) < 10_000]
    lines = [b'{"good":%d}' % number for number in range(len(cases))]
    data = b"\xef\xbb\xbf" + b"".join(bad + ends + good + ends for (bad, _), good in zip(cases, lines, strict=True))

    parsed = parse(data + b"{", "s3://b/k", Rules(on_duplicate_key=rule))  # type: ignore[arg-type]  # parametrized

    assert goods(parsed) == [str(number) for number in range(len(cases))]
    assert [reject.line_number for reject in parsed.rejects] == [*range(1, 2 * len(cases), 2), 2 * len(cases) + 1]
    assert [reject.reason for reject in parsed.rejects] == [*(reason for _, reason in cases), "not_json"]


def test_a_raw_line_feed_in_a_string_makes_two_bad_lines() -> None:
    parsed = parse(b"\n".join([BEFORE, b'{"a":"x', b'y"}', AFTER]), "s3://b/k", Rules())

    assert goods(parsed) == ["before", "after"]
    assert [(reject.line_number, reject.raw) for reject in parsed.rejects] == [(2, b'{"a":"x'), (3, b'y"}')]
