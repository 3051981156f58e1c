"""What of a runbook is executed."""

import pytest

from tests.runbooks.documents import Block, RunbookError, anchors, links, parse

RUNBOOK = """# Dead letters

See [the index](README.md#first), ![x](a.svg) and `[not](a-link)`.

## Look

| what | why |
|---|---|
| [table](t.md) | - |

```sh runnable
./ndjson-parquet dlq peek
```

```
a sample of what it prints
```

## Do

```sh runnable redrive
./ndjson-parquet dlq redrive "$MESSAGE_ID"
```

- in a list:

  ```sh runnable redrive
  DAY=today
  ./ndjson-parquet status "$DAY" "${MESSAGE_ID}"
  ```

```sh
# not tested: there is one region here
aws s3 ls
```
"""


def test_blocks_are_found_with_their_names_as_they_stand() -> None:
    book = parse(RUNBOOK)
    assert book.parts == ("Look", "Do")
    assert [block.name for block in book.blocks] == ["look", "redrive", "redrive"]
    assert book.blocks[0] == Block("look", "./ndjson-parquet dlq peek\n", 11)
    assert book.named("redrive")[1].script == 'DAY=today\n./ndjson-parquet status "$DAY" "${MESSAGE_ID}"\n'


def test_what_the_reader_fills_in_is_known() -> None:
    book = parse(RUNBOOK)
    assert [block.variables for block in book.blocks] == [frozenset(), {"MESSAGE_ID"}, {"MESSAGE_ID"}]


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(RunbookError, match="no runnable block 'discard'; there are: look, redrive"):
        parse(RUNBOOK).named("discard")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("## Do\n```sh\nls\n```", "line 2: a block of shell"),
        ("## Do\n```bash runnable\nls\n```", "line 2: 'bash runnable' is not a mark"),
        ("## Do\n```sh discard runnable\nls\n```", "'sh discard runnable' is not a mark"),
        ("## Do\n```sh runnable Discard!\nls\n```", "the name 'Discard!'"),
        ("## Notes\n```sh runnable\nls\n```", "below 'Notes'; allowed are What it means, Look"),
        ("```sh runnable\nls\n```", "line 1: a runnable block stands below ''"),
    ],
    ids=["not marked", "wrong language", "wrong order", "wrong name", "unknown part", "no part"],
)
def test_a_broken_rule_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RunbookError, match="^.*" + problem.replace("'", "['\"]")):
        parse(text)


def test_links_are_found_wherever_they_stand() -> None:
    assert list(links(RUNBOOK)) == ["README.md#first", "a.svg", "t.md"]


def test_a_heading_has_the_name_that_github_gives_it() -> None:
    assert anchors("# It worked when: `x-y`, again!\n\ntext\n\n## Zwei Wörter\n") == {
        "it-worked-when-x-y-again",
        "zwei-wörter",
    }
