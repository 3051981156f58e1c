"""The server process of the embedded AWS: `python -m local.emulator.server`, started by `local.embedded_aws`.

Its whole configuration is its environment, which MiniStack reads when it is imported.
"""

import sys

from ministack import app

from local.emulator import (
    alarm_actions,
    alarm_clock,
    alarms,
    athena_rights,
    batch_rights,
    dashboards,
    denials,
    event_targets,
    execution_timeouts,
    expressions,
    glue_jobs,
    http_apis,
    lambda_environment,
    lambda_invocations,
    lambda_metrics,
    lost_answers,
    metric_requests,
    metrics,
    ministack_names,
    multipart_tags,
    network,
    object_ages,
    page_headers,
    partiql_rights,
    partition_types,
    queue_metrics,
    request_log,
    sampling_profile,
    schedules,
    secret_versions,
    state_machine_metrics,
    step_functions,
    streams,
    table_faults,
    throttling,
)

EXTENSIONS = (
    glue_jobs,
    step_functions,
    lambda_environment,
    lambda_invocations,
    streams,
    event_targets,
    schedules,
    throttling,
    table_faults,
    expressions,
    execution_timeouts,
    multipart_tags,
    network,
    http_apis,
    page_headers,
    object_ages,
    partiql_rights,
    batch_rights,
    athena_rights,
    secret_versions,
    partition_types,
    alarms,
    dashboards,
    denials,
    metrics,
    metric_requests,
    lambda_metrics,
    queue_metrics,
    state_machine_metrics,
    alarm_actions,
    alarm_clock,
    lost_answers,
    request_log,
    sampling_profile,
)


def main() -> None:
    ministack_names.check()
    for extension in EXTENSIONS:
        extension.install()
    # The loop that answers requests shares Python with threads that compute, and would wait 5 ms for each of them.
    sys.setswitchinterval(0.0005)
    # What launched this process is told apart by its arguments; MiniStack has arguments of its own.
    del sys.argv[1:]
    try:
        app.main()
    finally:
        glue_jobs.stop_everything()


if __name__ == "__main__":
    main()
