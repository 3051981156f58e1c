"""Manifests that are not converted: the job cannot run, refuses its files, is stopped, or has nothing left to try."""

from datetime import timedelta

import pytest

from tests.runbooks.conftest import Commands
from tests.runbooks.system import BROKEN, System


@pytest.mark.proves("manifest-failed", "look", "apply", "retry", "worked")
def test_a_right_of_the_job_is_given_back(system: System, run: Commands) -> None:
    system.faults.take_right_from_job("ReadLandedFiles")
    sent = system.land(2)
    system.fails(sent)
    system.rings("executions-failed", "manifest-failed")
    _, batch_id = system.batch_of(sent[0])
    assert batch_id in run("manifest-failed", "look")
    run("manifest-failed", "apply")
    run("manifest-failed", "retry")
    system.comes_home(sent)
    system.is_quiet("executions-failed")
    run("manifest-failed", "worked")


@pytest.mark.in_every_run
@pytest.mark.proves("pipeline-unhealthy", "look", "worked")
@pytest.mark.proves("manifests-exhausted", "look", "retry", "worked")
@pytest.mark.proves("manifest-failed", "apply")
def test_a_manifest_without_attempts_left_is_converted_when_the_script_is_back(system: System, run: Commands) -> None:
    system.faults.remove_script()
    sent = system.land(1)
    system.fails(sent)
    date_prefix, batch_id = system.batch_of(sent[0])
    for _ in range(2):
        system.fails_again(date_prefix, batch_id)
    system.rings("manifests-exhausted", "manifests-exhausted")
    system.rings("pipeline-unhealthy", "pipeline-unhealthy")
    assert "manifests-exhausted" in run("pipeline-unhealthy", "look", exit_code=1)
    assert batch_id in run("manifests-exhausted", "look")
    run("manifest-failed", "apply")
    run("manifests-exhausted", "retry", BATCH_ID=batch_id)
    system.comes_home(sent)
    system.is_quiet("manifests-exhausted", "executions-failed")
    assert batch_id in run("manifests-exhausted", "worked")
    run("pipeline-unhealthy", "worked")


@pytest.mark.proves("manifest-failed", "look", "apply", "retry", "worked")
@pytest.mark.proves("reject-spike", "look", "lines", "worked")
def test_broken_lines_are_accepted_by_a_higher_limit_and_shown(system: System, run: Commands) -> None:
    sent = system.land(1, content=BROKEN)
    system.fails(sent)
    system.rings("executions-failed", "manifest-failed")
    assert "RejectLimitError" in run("manifest-failed", "look")
    system.checkout.set(max_reject_percent=100)
    run("manifest-failed", "apply")
    run("manifest-failed", "retry")
    system.comes_home(sent)
    system.rings("reject-spike", "reject-spike")
    _, batch_id = system.batch_of(sent[0])
    assert batch_id in run("reject-spike", "look")
    assert "not_json" in run("reject-spike", "lines", BATCH_ID=batch_id)
    system.is_quiet("reject-spike", "executions-failed")
    run("manifest-failed", "worked")
    run("reject-spike", "worked")
    system.checkout.reset()


@pytest.mark.proves("execution-ended", "look", "do", "worked")
def test_a_stopped_conversion_is_started_again(system: System, run: Commands) -> None:
    sent = system.land(2)
    system.flush_when_tracked(sent)
    date_prefix, batch_id = system.batch_of(sent[0])
    system.faults.stop_execution(system.running_execution(batch_id))
    system.rings("executions-aborted", "execution-ended")
    system.faults.put_back_manifest(date_prefix, batch_id, ("updated_at",), timedelta(minutes=3))
    system.wait(lambda: system.manifest_item(batch_id, date_prefix)["status"] == "failed", "the sweep has not noticed")
    assert batch_id in run("execution-ended", "look")
    run("execution-ended", "do")
    system.comes_home(sent)
    system.is_quiet("executions-aborted")
    run("execution-ended", "worked")


@pytest.mark.proves("manifests-at-risk", "look", "apply", "retry", "worked")
def test_files_are_kept_until_their_manifest_is_converted(system: System, run: Commands) -> None:
    system.faults.remove_script()
    sent = system.land(1)
    system.fails(sent)
    date_prefix, batch_id = system.batch_of(sent[0])
    system.faults.put_back_manifest(date_prefix, batch_id, ("opened_at", "created_at"), timedelta(days=2))
    system.rings("manifests-at-risk", "manifests-at-risk")
    assert batch_id in run("manifests-at-risk", "look")
    system.checkout.set(input_retention_days=30)
    run("manifests-at-risk", "apply")
    assert system.input_retention_days() == {30}
    run("manifests-at-risk", "retry")
    system.comes_home(sent)
    system.is_quiet("manifests-at-risk", "executions-failed")
    run("manifests-at-risk", "worked")
    system.checkout.reset()


@pytest.mark.proves("files-missing", "look", "trace", "replay", "worked")
def test_a_file_that_was_gone_is_sent_again(system: System, run: Commands) -> None:
    gone, other = system.land(2)
    system.batch_of(gone)
    system.faults.delete_for_ever(gone.key)
    system.flush_when_tracked([gone, other])
    system.rings("files-missing", "files-missing")
    assert gone.key.rpartition("/")[2] in run("files-missing", "look")
    system.clients.s3.put_object(Bucket=system.outputs.input_bucket, Key=gone.key, Body=gone.path.read_bytes())
    assert "failed" in run("files-missing", "trace", FILE=gone.key)
    run("files-missing", "replay", FILE=gone.key)
    system.comes_home([gone, other])
    system.is_quiet("files-missing")
    assert "completed" in run("files-missing", "worked", FILE=gone.key)
