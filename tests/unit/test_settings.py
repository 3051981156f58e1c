"""A setting that is missing or impossible is one clear error, and all of them at once."""

import pytest

from ndjson_parquet.errors import SettingsError
from ndjson_parquet.settings import BuilderSettings, ExportSettings, FinishingSettings, SweepSettings, TrackingSettings

COMPLETE = {
    "ENVIRONMENT": "test",
    "TRACKING_TABLE": "tracking",
    "MANIFEST_BUCKET": "manifest",
    "QUARANTINE_BUCKET": "quarantine",
    "LANDING_PREFIX": "landing/ndjson/",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:processor",
    "TARGET_PART_BYTES": "536870912",
    "NUM_STATUS_SHARDS": "10",
    "TTL_DAYS": "30",
    "MAX_FILES_PER_MANIFEST": "200",
    "MAX_BATCH_BYTES": "734003200",
    "MIN_FILE_SIZE_MB": "0.1",
    "MAX_FILE_SIZE_MB": "20",
    "ALLOWED_EXTENSIONS": ".ndjson, .NDJSON.gz",
    "ON_OVERWRITE": "convert",
    "MAX_WAIT_MINUTES": "15",
    "MIN_FILES_FOR_PARTIAL_BATCH": "1",
    "ENABLE_STREAM_MANIFEST_CREATION": "false",
    "ENABLE_EVENTBRIDGE_DECOUPLING": "false",
    "MAX_MANIFEST_ATTEMPTS": "3",
    "RETRY_BACKOFF_MINUTES": "5",
    "INPUT_RETENTION_DAYS": "3",
    "DEAD_LETTER_QUEUE_URL": "http://queue",
    "METRICS_TABLE": "metrics",
    "GLUE_DPU_HOUR_USD": "0.44",
    "FRESHNESS_TARGET_MINUTES": "30",
    "FILE_EVENTS_QUEUE_URL": "http://queue",
    "INPUT_BUCKET": "input",
    "OUTPUT_BUCKET": "output",
    "EXPORT_BUCKET": "export",
    "EXPORT_JOBS_TABLE": "jobs",
    "EXPORT_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:export",
    "EXPORT_MAX_UPLOAD_MB": "5120",
    "EXPORT_MAX_RUNNING_JOBS": "10",
    "EXPORT_LONGEST_MINUTES": "395",
    "EXPORT_TTL_DAYS": "30",
    "EXPORT_PIPELINE_GROUP": "operators",
    "EXPORT_GROUPS_CLAIM": "cognito:groups",
}
EXPORT_ONLY = {"OUTPUT_BUCKET", *(name for name in COMPLETE if name.startswith("EXPORT_"))}
SWEEP_ONLY = {
    "MAX_WAIT_MINUTES",
    "MIN_FILES_FOR_PARTIAL_BATCH",
    "MAX_MANIFEST_ATTEMPTS",
    "RETRY_BACKOFF_MINUTES",
    "INPUT_RETENTION_DAYS",
    "DEAD_LETTER_QUEUE_URL",
    "METRICS_TABLE",
    "GLUE_DPU_HOUR_USD",
    "FRESHNESS_TARGET_MINUTES",
    "FILE_EVENTS_QUEUE_URL",
    "INPUT_BUCKET",
}


def test_sizes_become_bytes_and_extensions_lower_case() -> None:
    settings = BuilderSettings.from_environment(COMPLETE)
    assert (settings.landing.min_bytes, settings.landing.max_bytes) == (104857, 20971520)
    assert settings.landing.extensions == (".ndjson", ".ndjson.gz")
    assert (settings.limits.max_files, settings.limits.max_bytes) == (200, 734003200)


def test_each_function_needs_only_its_own() -> None:
    tracking = {name: COMPLETE[name] for name in ("ENVIRONMENT", "TRACKING_TABLE", "MANIFEST_BUCKET")}
    tracking |= {"LANDING_PREFIX": "landing/ndjson/", "NUM_STATUS_SHARDS": "10", "TTL_DAYS": "30"}
    assert TrackingSettings.from_environment(tracking).ttl_days == 30
    tracking |= {"METRICS_TABLE": "metrics", "GLUE_DPU_HOUR_USD": "0.29", "FRESHNESS_TARGET_MINUTES": "30"}
    assert FinishingSettings.from_environment(tracking).glue_dpu_hour_usd == 0.29
    assert SweepSettings.from_environment(COMPLETE).max_wait_minutes == 15


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - SWEEP_ONLY - EXPORT_ONLY))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} is not set"):
        BuilderSettings.from_environment({key: value for key, value in COMPLETE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MAX_FILES_PER_MANIFEST", "0", "MAX_FILES_PER_MANIFEST=0 is not between 1 and 10000"),
        ("MAX_FILES_PER_MANIFEST", "many", "MAX_FILES_PER_MANIFEST='many' is not a whole number"),
        ("MAX_FILES_PER_MANIFEST", "1.5", "MAX_FILES_PER_MANIFEST='1.5' is not a whole number"),
        ("MIN_FILE_SIZE_MB", "nan", "MIN_FILE_SIZE_MB=nan is not between"),
        ("MIN_FILE_SIZE_MB", "21", "MIN_FILE_SIZE_MB=21 is above MAX_FILE_SIZE_MB=20"),
        ("ALLOWED_EXTENSIONS", "ndjson", "ALLOWED_EXTENSIONS holds 'ndjson', which does not start with a dot"),
        ("ON_OVERWRITE", "ignore", "ON_OVERWRITE='ignore' is not one of convert, quarantine"),
        ("NUM_STATUS_SHARDS", "101", "NUM_STATUS_SHARDS=101 is not between 1 and 100"),
    ],
)
def test_an_impossible_setting_names_its_value_and_what_is_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        BuilderSettings.from_environment(COMPLETE | {name: value})
    assert message in str(caught.value)


def test_the_bus_is_needed_only_when_events_are() -> None:
    assert BuilderSettings.from_environment(COMPLETE).publishing.event_bus_name is None
    decoupled = COMPLETE | {"ENABLE_EVENTBRIDGE_DECOUPLING": "true"}
    with pytest.raises(SettingsError, match="EVENT_BUS_NAME is not set"):
        BuilderSettings.from_environment(decoupled)
    settings = BuilderSettings.from_environment(decoupled | {"EVENT_BUS_NAME": "etl"})
    assert settings.publishing.event_bus_name == "etl"


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        BuilderSettings.from_environment({})
    assert all(name in str(caught.value) for name in ("TRACKING_TABLE", "MAX_BATCH_BYTES", "ON_OVERWRITE"))


def test_what_the_end_of_a_run_is_judged_by_is_validated() -> None:
    wrong = {"GLUE_DPU_HOUR_USD": "-1", "FRESHNESS_TARGET_MINUTES": "1.5", "METRICS_TABLE": ""}
    with pytest.raises(SettingsError) as raised:
        FinishingSettings.from_environment(COMPLETE | wrong)
    text = str(raised.value)
    for said in ("METRICS_TABLE is not set", "GLUE_DPU_HOUR_USD=-1 is not between", "FRESHNESS_TARGET_MINUTES='1.5'"):
        assert said in text


@pytest.mark.parametrize("name", sorted(EXPORT_ONLY - {"EXPORT_PIPELINE_GROUP"}))
def test_a_missing_setting_of_the_export_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} is not set"):
        ExportSettings.from_environment({key: value for key, value in COMPLETE.items() if key != name})


def test_without_a_group_everybody_may_see_the_pipeline() -> None:
    settings = ExportSettings.from_environment({**COMPLETE, "EXPORT_PIPELINE_GROUP": ""})
    assert (settings.pipeline_group, settings.max_upload_bytes) == (None, 5 * 1024**3)
