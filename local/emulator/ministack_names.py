"""Every name inside MiniStack that this package uses or replaces, and why. None of them is a public interface.

A new version of MiniStack may rename any of them, so the version is pinned, the server refuses to start when one is
absent, and a test compares this table with the code.
"""

import importlib
from importlib import metadata
from typing import NamedTuple

PINNED_VERSION = "1.5.33"


class Name(NamedTuple):
    """One attribute of one MiniStack module."""

    module: str
    attribute: str
    reason: str


_GLUE = "ministack.services.glue"
_STATES = "ministack.services.stepfunctions"
_RUNTIME = "ministack.core.lambda_runtime"
_LAMBDA = "ministack.services.lambda_svc"
_EVENTS = "ministack.services.eventbridge"
_DYNAMODB = "ministack.services.dynamodb"
_STATEMENTS = "ministack.services._dynamodb_keywords"
_SQS = "ministack.services.sqs"
_SNS = "ministack.services.sns"
_S3 = "ministack.services.s3"
_ATHENA = "ministack.services.athena"
_SECRETS = "ministack.services.secretsmanager"
_CLOUDWATCH = "ministack.services.cloudwatch"
_LOGS = "ministack.services.cloudwatch_logs"
_EC2 = "ministack.services.ec2"
_API_GATEWAY = "ministack.services.apigateway"
_CLOUDFRONT = "ministack.services.cloudfront"
_COGNITO = "ministack.services.cognito"
_IAM = "ministack.core.iam_evaluator"
_ACTIONS = "ministack.core.iam_actions"
_TLS = "ministack.core.tls"
_RESPONSES = "ministack.core.responses"

NAMES = (
    Name(_GLUE, "_create_job", "wrapped: it drops ExecutionProperty and other settings, so a second plan is not empty"),
    Name(_GLUE, "_update_job", "wrapped: as _create_job"),
    Name(_GLUE, "_start_job_run", "replaced: a Spark run is a stub that always succeeds, MaxConcurrentRuns is ignored"),
    Name(_GLUE, "_batch_stop_job_run", "replaced: it marks the run as stopped and lets its process go on"),
    Name(_GLUE, "_get_job_runs", "replaced: oldest first, AWS answers newest first"),
    Name(_GLUE, "load_persisted_state", "wrapped: a run that was going when the server ended stays RUNNING for ever"),
    Name(_GLUE, "_jobs", "read: the job definitions"),
    Name(_GLUE, "_job_runs", "read and written: the runs of each job"),
    Name(_GLUE, "_create_connection", "wrapped: it drops its tags, so a second plan is not empty"),
    Name(_GLUE, "_tags", "written: CreateJob and CreateConnection drop their tags, so a second plan is not empty"),
    Name(_GLUE, "_arn", "used: the ARN that the tags of a job or connection are kept under"),
    Name(_STATES, "_SERVICE_DISPATCH", "extended: glue:startJobRun and its .sync form are not implemented"),
    Name(_STATES, "_ExecutionError", "raised: the error that Retry and Catch look at"),
    Name(_STATES, "_execute_task", "wrapped: a task has to know its execution, to see that it was stopped"),
    Name(_STATES, "_invoke_resource", "wrapped: the rights of the state machine's role are not checked"),
    Name(_STATES, "_fail_execution", "wrapped: it turns an ABORTED execution into a FAILED one"),
    Name(_STATES, "_find_matching_retrier", "wrapped: MaxDelaySeconds and JitterStrategy of a Retry are ignored"),
    Name(_STATES, "_create_state_machine", "wrapped: it drops the tracing setting, so a second plan is not empty"),
    Name(_STATES, "_update_state_machine", "wrapped: as _create_state_machine"),
    Name(_STATES, "_state_machines", "written: the tracing setting of each state machine; read: its TimeoutSeconds"),
    Name(_STATES, "_call_lambda", "wrapped: a throttled function is reported as Lambda.Unknown"),
    Name(_STATES, "_start_execution", "called for EventBridge, and wrapped: nothing else can make it throttle"),
    Name(_STATES, "_tags", "read: the tag that makes a state machine throttle"),
    Name(_STATES, "_emit_execution_status_event", "wrapped: there are no metrics of executions; used: one timed out"),
    Name(_STATES, "_add_event", "wrapped: nothing else can make it throttle; used: an execution timed out"),
    Name(_STATES, "_invoke_dynamodb", "wrapped: nothing else can make a table throttle or fail"),
    Name(_STATES, "_run_execution", "wrapped: the TimeoutSeconds of a whole machine is ignored"),
    Name(_STATES, "_executions", "read: as _run_execution"),
    Name(_STATES, "now_iso", "used: the time at which an execution timed out"),
    Name(_STATES, "_iso_to_epoch_ms", "used: the time at which an execution started"),
    Name(_LAMBDA, "_execute_function", "called for streams; wrapped: a broken partial answer deletes messages"),
    Name(_LAMBDA, "_execute_function_warm", "wrapped: every error is a Runtime.HandlerError, a killed process too"),
    Name(_LAMBDA, "_run_sqs_batch", "wrapped: an invocation has to know which messages it was sent"),
    Name(_LAMBDA, "_poll_dynamodb_streams", "replaced: a failed batch repeats for ever, one slow function stalls all"),
    Name(_LAMBDA, "_dispatch_esm_batch", "used: a thread for one batch, counted as in flight"),
    Name(_LAMBDA, "_esm_inflight", "read: whether a mapping has a batch in flight"),
    Name(_LAMBDA, "_iter_all_esms", "used: the event source mappings with their account and region"),
    Name(_LAMBDA, "_esms", "read: whether a mapping still exists"),
    Name(_LAMBDA, "_apply_filter_criteria", "used: the filters of a mapping"),
    Name(_LAMBDA, "_dynamodb_stream_positions", "read and written: the checkpoints, which the server saves"),
    Name(_LAMBDA, "_dynamodb_stream_positions_lock", "used: guards the checkpoints"),
    Name(_LAMBDA, "_get_func_record_for_qualifier", "used: the function of a mapping"),
    Name(_LAMBDA, "_get_func_record_for_ref", "used: the function of a target"),
    Name(_LAMBDA, "_execution_record_for_config", "used: the version of a function that a target names"),
    Name(_LAMBDA, "invoke_async_with_retry", "used: EventBridge invokes functions once, without Lambda's two retries"),
    Name(
        _LAMBDA, "_emit_lambda_metrics", "replaced: direct invocations alone; a throttled one counts as an invocation"
    ),
    Name(_LAMBDA, "_execute_function_dispatch", "wrapped: as _emit_lambda_metrics"),
    Name(_LAMBDA, "_acquire_execution_slot", "wrapped: as _emit_lambda_metrics"),
    Name(_LAMBDA, "_inflight_key", "used: the name under which a function's invocations are counted"),
    Name(_LAMBDA, "executions_in_flight", "used: how many invocations go on"),
    Name(_EVENTS, "_parse_rate_seconds", "wrapped: tests cannot wait for the minutes of a rate"),
    Name(_EVENTS, "_SCHEDULER_TICK_INTERVAL", "written: rules are looked at every 10 s, too seldom for a short rate"),
    Name(_EVENTS, "_invoke_target", "wrapped: a delivery has to know its rule, target and event"),
    Name(_EVENTS, "_pattern_event_view", "used: the event's envelope"),
    Name(_EVENTS, "_dispatch_to_stepfunctions", "replaced: a failed delivery is a line in the log"),
    Name(_EVENTS, "_dispatch_to_lambda", "replaced: as _dispatch_to_stepfunctions"),
    Name(_EVENTS, "_dispatch_to_sns", "replaced: as _dispatch_to_stepfunctions"),
    Name(_EVENTS, "_dispatch_to_sqs", "wrapped: as _dispatch_to_stepfunctions"),
    Name(_DYNAMODB, "_tokenize", "wrapped: it parses the same expression for every item of a query"),
    Name(_DYNAMODB, "_condition_syntax_error", "wrapped: as _tokenize"),
    Name(_DYNAMODB, "_evaluate_condition", "wrapped: as _tokenize, and a key is compared before it is evaluated"),
    Name(_STATEMENTS, "_tokenize", "wrapped: as _tokenize of conditions"),
    Name(_DYNAMODB, "_tables", "read: whether a table still has the stream"),
    Name(_DYNAMODB, "handle_request", "wrapped: nothing else can make a table throttle or fail"),
    Name(_DYNAMODB, "_tags", "read: the tags that do so"),
    Name(_DYNAMODB, "stream_records_since", "used: records of a stream from a position on"),
    Name(_DYNAMODB, "stream_start_position", "used: the oldest position"),
    Name(_DYNAMODB, "stream_end_position", "used: the position after the newest record"),
    Name(_SQS, "_queue_by_arn", "used: the queue of a target or a destination"),
    Name(
        _SQS, "_act_send_message", "used: a message into a dead-letter queue; wrapped: there are no metrics of queues"
    ),
    Name(_SQS, "_HANDLERS", "changed: as _act_send_message; it holds the functions by name"),
    Name(_SQS, "_collect_msgs", "wrapped: as _act_send_message"),
    Name(_SQS, "_delete_messages_for_esm", "wrapped: as _act_send_message"),
    Name(_SQS, "_queues", "read: the queues and their messages, for their metrics"),
    Name(_SQS, "_Err", "caught: a queue that refuses"),
    Name(_SQS, "queue_policy_allows", "used: whether a queue lets EventBridge send"),
    Name(_SNS, "_deliver_to_sqs", "wrapped: as _act_send_message of SQS"),
    Name(_SNS, "_topic_by_arn_any_scope", "used: the topic of an alarm"),
    Name(_SNS, "topic_policy_allows", "used: whether a topic lets an alarm publish"),
    Name(_SNS, "publish_internal", "used: an event to a topic"),
    Name(_SNS, "SnsPublishError", "caught: a topic that refuses"),
    Name(_S3, "_deliver_event_to_sqs", "wrapped: as _act_send_message of SQS"),
    Name(_S3, "_build_object_record", "wrapped: an object cannot have landed a while ago"),
    Name(_S3, "_create_multipart_upload", "wrapped: it drops the object's tags, so a second plan is not empty"),
    Name(_S3, "_complete_multipart_upload", "wrapped: as _create_multipart_upload"),
    Name(_S3, "_multipart_uploads", "read and written: the tags of an upload that goes on"),
    Name(_S3, "_put_object_tagging", "used: tags an object and saves it"),
    Name(_S3, "_qp", "used: a parameter of the request"),
    Name(_ATHENA, "_hive_options", "wrapped: a join takes the type of a partition column for a column"),
    Name(_ATHENA, "_executions", "read: the workgroup of a query"),
    Name(_SECRETS, "_create_secret", "wrapped: a secret without a value has an empty version, on AWS it has none"),
    Name(_SECRETS, "_put_secret_value", "wrapped: it gives a version that there is another value"),
    Name(_SECRETS, "_resolve", "used: a secret by its name or ARN"),
    Name(_CLOUDWATCH, "_put_metric_alarm", "wrapped: it drops metric math, and makes up a statistic and a period"),
    Name(_CLOUDWATCH, "_describe_alarms", "wrapped: in XML most of an alarm is absent, so a second plan is not empty"),
    Name(_CLOUDWATCH, "_describe_alarm_history", "wrapped: in XML it leaves out what changed"),
    Name(_CLOUDWATCH, "_get_dashboard", "wrapped: its XML does not escape the dashboard's text"),
    Name(_CLOUDWATCH, "_alarms", "read, and written: what was dropped or made up when an alarm was put"),
    Name(_CLOUDWATCH, "_p", "used: a parameter of the request"),
    Name(_CLOUDWATCH, "_ts_iso", "used: a time in XML"),
    Name(_CLOUDWATCH, "_xml", "used: an answer in XML"),
    Name(_CLOUDWATCH, "_cbor_ok", "used: an answer in CBOR"),
    Name(_CLOUDWATCH, "_json_ok", "used: an answer in JSON"),
    Name(_CLOUDWATCH, "_error", "used: an error in the protocol of the request"),
    Name(_CLOUDWATCH, "_parse_ts", "used: a time of a request"),
    Name(_CLOUDWATCH, "_cbor_timestamp", "used: a time in CBOR"),
    Name(_CLOUDWATCH, "record_metric", "replaced: it keeps each value for two weeks"),
    Name(_CLOUDWATCH, "_evict_old_metrics", "replaced: each request looks at all values; they are kept elsewhere here"),
    Name(_CLOUDWATCH, "reset", "wrapped: the metrics are kept elsewhere"),
    Name(_CLOUDWATCH, "_put_metric_data", "replaced: the metrics are kept elsewhere"),
    Name(_CLOUDWATCH, "_get_metric_data", "replaced: no expressions, oldest first; and as _put_metric_data"),
    Name(_CLOUDWATCH, "_get_metric_statistics", "replaced: it mixes metrics when no dimension is asked for"),
    Name(_CLOUDWATCH, "_list_metrics", "replaced: in a form it ignores dimensions; and as _put_metric_data"),
    Name(_CLOUDWATCH, "_evaluate_alarm", "replaced: no dimensions, no missing data, no metric math, and at puts alone"),
    Name(_CLOUDWATCH, "_evaluate_all_alarms", "replaced: as _evaluate_alarm"),
    Name(_CLOUDWATCH, "_record_history", "used: the history of an alarm that changes"),
    Name(_CLOUDWATCH, "_dispatch_alarm_actions", "used; wrapped: it asks no topic's policy"),
    Name(_CLOUDWATCH, "_history_entries", "written: actions are in no alarm's history"),
    Name(_CLOUDWATCH, "_alarm_history", "written: it grows for ever"),
    Name(_CLOUDWATCH, "_evaluate_parent_alarms", "used: the composite alarms above one that changes"),
    Name(_LOGS, "_append_log_events", "wrapped: embedded metrics are not extracted from what is logged"),
    Name(_EC2, "_ACTION_MAP", "extended: endpoints are made and changed without policy, groups and private names"),
    Name(_EC2, "_vpc_endpoints", "written: as _ACTION_MAP"),
    Name(_EC2, "_vpce_fields_xml", "wrapped: as _ACTION_MAP, so a second plan is not empty"),
    Name(_EC2, "_parse_ip_permissions", "wrapped: it drops prefix lists, so two rules to two of them have one id"),
    Name(_EC2, "_sg_rule_xml", "wrapped: as _parse_ip_permissions"),
    Name(_EC2, "_p", "used: a parameter of the request"),
    Name(_EC2, "_parse_member_list", "used: a parameter of the request that is a list"),
    Name(
        _API_GATEWAY, "_fetch_jwks", "wrapped: keys of our own user pools are asked over plain HTTP, which TLS refuses"
    ),
    Name(_API_GATEWAY, "_get_authorizer", "wrapped: it makes up a payload version, so a second plan is not empty"),
    Name(_API_GATEWAY, "_handle_execute_in_scope", "wrapped: requests of HTTP APIs are counted nowhere"),
    Name(_API_GATEWAY, "_HOST", "read: how it names this server in the URL of a user pool's keys"),
    Name(_API_GATEWAY, "_PORT", "read: as _HOST"),
    Name(
        _CLOUDFRONT, "_build_rhp_config_xml", "wrapped: it adds empty lists of headers, so a second plan is not empty"
    ),
    Name(_COGNITO, "well_known_jwks", "used: the keys of a user pool"),
    Name("ministack.core.concurrency", "spawn_background", "used: a thread in the request's account and region"),
    Name(_RUNTIME, "execution_credentials", "wrapped: functions lack AWS_EXECUTION_ENV; used for the job's role too"),
    Name(_RUNTIME, "subprocess", "replaced in that module: functions inherit the server's whole environment"),
    Name(_ACTIONS, "dynamodb_transaction_checks", "wrapped: a PartiQL statement asks for rights that do not exist"),
    Name(_ACTIONS, "_action_from_target", "wrapped: a batch of SQS messages asks for a right that does not exist"),
    Name(_ACTIONS, "extract_resource_arn", "wrapped: a query's right is asked for on every workgroup"),
    Name(_ACTIONS, "_dynamodb_table_arn", "used: the table that a statement's right is asked for"),
    Name(_ACTIONS, "access_denied_response", "wrapped: what was denied is written nowhere"),
    Name(_IAM, "EvalContext", "used: one question to the policy engine"),
    Name(_IAM, "evaluate", "used: the policy engine's answer"),
    Name(_IAM, "resolve_principal", "used: the policies and boundary of a role"),
    Name(_IAM, "pin_request_origin", "called: what a service sends counts as plain HTTP, which policies refuse"),
    Name(_TLS, "use_ssl_enabled", "used: whether the gateway speaks https"),
    Name(_TLS, "trust_gateway_cert", "used: CA settings of a job's process"),
    Name(_RESPONSES, "json_response", "used: an answer as the services give it"),
    Name(_RESPONSES, "error_response_json", "used: an error as the services give it"),
    Name(_RESPONSES, "new_uuid", "used: a request id"),
    Name(_RESPONSES, "set_request_account_id", "used: the account that a thread works in"),
    Name(_RESPONSES, "set_request_region", "used: the region that a thread works in"),
    Name(_RESPONSES, "get_account_id", "used: the account of the request"),
    Name(_RESPONSES, "get_region", "used: the region of the request"),
    Name("ministack.app", "AUTH", "read: whether IAM is enforced"),
    Name(
        "ministack.app",
        "_dispatch_service_request",
        "wrapped: nothing says how long a request took, and a lost answer fails an apply",
    ),
    Name("ministack.app", "main", "called: runs the server"),
)


class IncompatibleMiniStackError(RuntimeError):
    """The installed MiniStack lacks names that this package builds on."""


def absent(names: tuple[Name, ...] = NAMES) -> list[Name]:
    """The names that the installed MiniStack does not have."""
    return [name for name in names if not _exists(name)]


def check(names: tuple[Name, ...] = NAMES) -> None:
    """Raise IncompatibleMiniStackError when the installed MiniStack lacks one of the names."""
    gone = absent(names)
    if gone:
        listed = "\n".join(f"  {name.module}.{name.attribute}: {name.reason}" for name in gone)
        raise IncompatibleMiniStackError(
            f"MiniStack {metadata.version('ministack')} lacks names that the embedded AWS replaces or uses "
            f"(it is written for {PINNED_VERSION}):\n{listed}\n"
            f"Install the pinned version (make setup), or adapt local/emulator/ to the new one."
        )


def _exists(name: Name) -> bool:
    try:
        return hasattr(importlib.import_module(name.module), name.attribute)
    except ImportError:
        return False
