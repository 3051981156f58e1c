# How the widgets name the metrics they draw: namespace, name, dimensions.

locals {
  service           = "ndjson-parquet-${var.environment}"
  state_machine_arn = "arn:${data.aws_partition.current.partition}:states:${var.region}:${var.account_id}:stateMachine:ndjson-parquet-processor-${var.environment}"

  lines = { view = "timeSeries", region = var.region, period = 300, stat = "Sum" }
  right = [{ yAxis = "right" }]

  ours = { for name in [
    "BatchConflicts", "BatchesFlushed", "BreakerOpen", "BytesConverted", "BytesWritten", "ConversionSeconds", "ExportJobSeconds",
    "ExportJobsCompleted", "ExportJobsFailed", "ExportJobsNotStarted", "ExportJobsRefused", "FilesDuplicate",
    "FilesMissing", "FilesQuarantined", "FilesReceived", "FilesReleased", "FilesTracked", "FilesUnaccounted", "FreshnessSeconds",
    "LinesRejected", "ManifestCostUsd", "ManifestsAtRisk", "ManifestsCompleted", "ManifestsExhausted", "ManifestsFailed",
    "ManifestsFailedStanding", "ManifestsFinished", "ManifestsFreed", "ManifestsPending", "ManifestsProcessing",
    "ManifestsPublished", "ManifestsRetried", "ManifestsSealed", "ManifestsStarted", "MessagesFailed", "MessagesReceived",
    "OpenFiles", "PublishFailures", "PublishesDeferred", "ReconcilerFilesChecked", "ReconcilerFilesEnqueued",
    "ReconcilerRunsDone", "RejectPercent", "RowsWritten", "SweepFailures", "SweepsDone",
  ] : name => ["NdjsonParquet", name, "service", local.service] }

  queue = { for name in [
    "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesVisible",
    "NumberOfMessagesDeleted", "NumberOfMessagesSent",
  ] : name => ["AWS/SQS", name, "QueueName", var.file_events_queue] }

  builder = { for name in ["ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"] :
    name => ["AWS/Lambda", name, "FunctionName", var.functions["manifest_builder"]]
  }

  processor = { for name in [
    "ExecutionThrottled", "ExecutionTime", "ExecutionsAborted", "ExecutionsFailed", "ExecutionsStarted", "ExecutionsSucceeded",
    "ExecutionsTimedOut",
  ] : name => ["AWS/States", name, "StateMachineArn", local.state_machine_arn] }

  table = { for name in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"] :
    name => ["AWS/DynamoDB", name, "TableName", var.tracking_table]
  }
  index = { for name, metric in local.table : name => concat(metric, ["GlobalSecondaryIndexName", "status-index"]) }

  # Of every run of the job; `--enable-metrics` sends them.
  glue = { for name in ["glue.driver.aggregate.elapsedTime", "glue.driver.aggregate.numFailedTasks"] :
    name => ["Glue", name, "JobName", var.glue_job, "JobRunId", "ALL", "Type", "count"]
  }

  runbooks = { for name in [
    "breaker-open", "cost-spike", "dead-letters", "execution-ended", "executions-throttled", "export-jobs", "file-events-wait", "files-missing",
    "files-unaccounted", "freshness", "function-concurrency", "function-errors", "function-slow", "function-throttles",
    "manifest-failed", "manifests-at-risk", "manifests-exhausted", "oldest-pending", "pipeline-unhealthy", "quarantine-spike",
    "reconciler-not-running", "reject-spike", "sweep-failures", "sweep-not-running", "tracking-table",
  ] : name => "[${name}](${var.runbook_base_url}/${name}.md)" }
}
