"""A session uses the archive of Spark's classes where there is one."""

from pathlib import Path

from local.java_options import ARCHIVE, SHORT, java_options


def test_an_environment_s_archive_is_used(tmp_path: Path) -> None:
    assert java_options(tmp_path) == SHORT
    (tmp_path / ARCHIVE).touch()
    assert java_options(tmp_path) == f'{SHORT} "-XX:SharedArchiveFile={tmp_path}/{ARCHIVE}"'
