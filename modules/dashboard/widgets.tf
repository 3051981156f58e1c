# What is drawn, in the order in which a file passes.

locals {
  slo_text = <<-TEXT
    # ndjson-parquet, ${var.environment}
    **Promised:** ${var.freshness_target_percent} % of the files are converted on time; every file that landed is accounted for; nothing waits without an end; nothing is given up.
    When one of these is red: ${join(" · ", [for name in ["pipeline-unhealthy", "freshness", "files-unaccounted", "oldest-pending", "dead-letters"] : local.runbooks[name]])}
  TEXT

  slo_graphs = [
    {
      title  = "Converted on time, % of an hour's files"
      view   = "timeSeries"
      period = 3600
      stat   = "Sum"
      metrics = [
        [{ expression = "100 * FILL(on_time, 0) / (FILL(on_time, 0) + FILL(late, 0))", label = "% on time", id = "freshness" }],
        ["NdjsonParquet", "FilesOnTime", "service", local.service, { id = "on_time", visible = false }],
        ["NdjsonParquet", "FilesLate", "service", local.service, { id = "late", visible = false }],
      ]
      yAxis       = { left = { min = 0, max = 100 } }
      annotations = { horizontal = [{ label = "target", value = var.freshness_target_percent, fill = "below" }] }
    },
    {
      title   = "Files unaccounted for"
      view    = "singleValue"
      period  = 86400
      stat    = "Maximum"
      metrics = [local.ours.FilesUnaccounted]
    },
    {
      title  = "Oldest that waits, minutes"
      view   = "timeSeries"
      period = 300
      stat   = "Maximum"
      metrics = [
        [{ expression = "oldest / 60", label = "minutes", id = "minutes" }],
        ["NdjsonParquet", "OldestPendingSeconds", "service", local.service, { id = "oldest", visible = false }],
      ]
      yAxis       = { left = { min = 0 } }
      annotations = { horizontal = [{ label = "bound", value = var.oldest_pending_minutes, fill = "above" }] }
    },
    {
      title  = "Dead letters"
      view   = "singleValue"
      period = 300
      stat   = "Maximum"
      metrics = [
        for name, queue in var.dead_letter_queues :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue, { label = name }]
      ]
    },
  ]

  stages = [
    {
      title    = "1 Landing"
      text     = "Files are dropped below `landing/ndjson/`; each is tracked once."
      runbooks = ["files-unaccounted", "quarantine-spike"]
      graphs = [
        { title = "Files", metrics = [local.ours.FilesReceived, local.ours.FilesTracked] },
        { title = "Files known already, or let through", metrics = [local.ours.FilesDuplicate, local.ours.FilesReleased] },
      ]
    },
    {
      title    = "2 Queue"
      text     = "An event for each file waits in `${var.file_events_queue}`."
      runbooks = ["file-events-wait", "dead-letters"]
      graphs = [
        { title = "Events in and out", metrics = [local.queue.NumberOfMessagesSent, local.queue.NumberOfMessagesDeleted] },
        {
          title = "Events that wait, and seconds of the oldest (right)"
          stat  = "Maximum"
          metrics = [
            local.queue.ApproximateNumberOfMessagesVisible, local.queue.ApproximateNumberOfMessagesNotVisible,
            concat(local.queue.ApproximateAgeOfOldestMessage, local.right),
          ]
          annotations = { horizontal = [{ label = "bound", value = var.max_event_age_minutes * 60, yAxis = "right" }] }
        },
      ]
    },
    {
      title    = "3 manifest_builder"
      text     = "Checks files, tracks them, and fills batches."
      runbooks = ["function-errors", "function-slow", "function-throttles", "function-concurrency"]
      graphs = [
        {
          title = "Messages and failures"
          metrics = [
            local.ours.MessagesReceived, local.ours.MessagesFailed, local.builder.Invocations, local.builder.Errors,
            local.builder.Throttles,
          ]
        },
        {
          title   = "Milliseconds, and invocations at once (right)"
          stat    = "Maximum"
          metrics = [local.builder.Duration, concat(local.builder.ConcurrentExecutions, local.right)]
        },
      ]
    },
    {
      title    = "4 Manifests"
      text     = "A full batch, or one that waited long enough, is published and started."
      runbooks = ["oldest-pending", "breaker-open", "manifests-at-risk"]
      graphs = [
        {
          title = "Sealed, published, started"
          metrics = [
            local.ours.ManifestsSealed, local.ours.ManifestsPublished, local.ours.ManifestsStarted,
            local.ours.PublishesDeferred, local.ours.PublishFailures, local.ours.BatchConflicts,
          ]
        },
        {
          title = "Standing now; files of open batches (right)"
          stat  = "Maximum"
          metrics = [
            local.ours.ManifestsPending, local.ours.ManifestsProcessing, local.ours.ManifestsFailedStanding,
            concat(local.ours.OpenFiles, local.right),
          ]
        },
      ]
    },
    {
      title    = "5 Processor"
      text     = "One execution of Step Functions for each attempt at a manifest."
      runbooks = ["execution-ended", "executions-throttled"]
      graphs = [
        {
          title = "Executions"
          metrics = [
            local.processor.ExecutionsStarted, local.processor.ExecutionsSucceeded, local.processor.ExecutionsFailed,
            local.processor.ExecutionsTimedOut, local.processor.ExecutionsAborted, local.processor.ExecutionThrottled,
          ]
        },
        { title = "Milliseconds of an execution, the longest", stat = "Maximum", metrics = [local.processor.ExecutionTime] },
      ]
    },
    {
      title    = "6 Glue"
      text     = "A Spark run of `${var.glue_job}` converts a manifest: all of it or nothing."
      runbooks = ["manifest-failed", "manifests-exhausted"]
      graphs = [
        {
          title   = "Manifests; failed tasks of Spark (right)"
          metrics = [local.ours.ManifestsCompleted, local.ours.ManifestsFailed, concat(local.glue["glue.driver.aggregate.numFailedTasks"], local.right)]
        },
        {
          title = "Seconds of a run; milliseconds of Spark's work (right)"
          stat  = "Maximum"
          metrics = [
            local.ours.ConversionSeconds, concat(local.glue["glue.driver.aggregate.elapsedTime"], local.right),
          ]
        },
      ]
    },
    {
      title    = "7 Parquet"
      text     = "Committed, and visible to readers."
      runbooks = ["freshness"]
      graphs = [
        { title = "Rows", metrics = [local.ours.RowsWritten] },
        {
          title = "Seconds from landing to Parquet, the slowest manifest"
          stat  = "Maximum"
          metrics = [
            local.ours.FreshnessSeconds,
          ]
        },
      ]
    },
    {
      title    = "8 Set aside"
      text     = "Not converted: kept in quarantine with the reason, or gone."
      runbooks = ["quarantine-spike", "reject-spike", "files-missing"]
      graphs = [
        { title = "Files", metrics = [local.ours.FilesQuarantined, local.ours.FilesMissing] },
        {
          title   = "Lines; most of a manifest, % (right)"
          metrics = [local.ours.LinesRejected, concat(local.ours.RejectPercent, [{ yAxis = "right", stat = "Maximum" }])]
        },
      ]
    },
    {
      title    = "Sweep"
      text     = "Every few minutes it moves on what would otherwise wait."
      runbooks = ["sweep-not-running", "sweep-failures"]
      graphs = [
        {
          title = "What it did"
          metrics = [
            local.ours.SweepsDone, local.ours.BatchesFlushed, local.ours.ManifestsRetried, local.ours.ManifestsFreed,
            local.ours.ManifestsFinished, local.ours.SweepFailures,
          ]
        },
        {
          title   = "What needs somebody"
          stat    = "Maximum"
          metrics = [local.ours.ManifestsExhausted, local.ours.ManifestsAtRisk, local.ours.BreakerOpen]
        },
      ]
    },
    {
      title    = "Reconciler"
      text     = "Once a day it compares the bucket with the tracking table."
      runbooks = ["reconciler-not-running", "files-unaccounted"]
      graphs = [
        { title = "Runs; files compared (right)", metrics = [local.ours.ReconcilerRunsDone, concat(local.ours.ReconcilerFilesChecked, local.right)] },
        { title = "Files announced again", metrics = [local.ours.ReconcilerFilesEnqueued] },
      ]
    },
    {
      title    = "Tracking table"
      text     = "`${var.tracking_table}` and its index hold where each file is."
      runbooks = ["tracking-table"]
      graphs = [
        {
          title = "Units written and read"
          metrics = [
            concat(local.table.ConsumedWriteCapacityUnits, [{ label = "written" }]),
            concat(local.index.ConsumedWriteCapacityUnits, [{ label = "written, index" }]),
            concat(local.table.ConsumedReadCapacityUnits, [{ label = "read" }]),
            concat(local.index.ConsumedReadCapacityUnits, [{ label = "read, index" }]),
          ]
        },
        {
          title = "Throttled"
          metrics = [
            concat(local.table.WriteThrottleEvents, [{ label = "writes" }]),
            concat(local.index.WriteThrottleEvents, [{ label = "writes, index" }]),
            concat(local.table.ReadThrottleEvents, [{ label = "reads" }]),
            concat(local.index.ReadThrottleEvents, [{ label = "reads, index" }]),
          ]
        },
      ]
    },
    {
      title    = "Functions"
      text     = "All of them; their logs are in `/aws/lambda/{name}`."
      runbooks = ["function-errors", "function-slow"]
      graphs = [
        { title = "Errors", metrics = [for package, name in var.functions : ["AWS/Lambda", "Errors", "FunctionName", name, { label = package }]] },
        {
          title   = "Milliseconds, the longest"
          stat    = "Maximum"
          metrics = [for package, name in var.functions : ["AWS/Lambda", "Duration", "FunctionName", name, { label = package }]]
        },
      ]
    },
  ]

  cost_text = <<-TEXT
    ## Cost
    What Glue bills for conversions, counted as each ends; nearly all that the pipeline costs.

    ${local.runbooks["cost-spike"]}
  TEXT

  cost_graphs = [
    {
      title       = "USD a day"
      period      = 86400
      metrics     = [local.ours.ManifestCostUsd]
      annotations = { horizontal = [{ label = "budget", value = var.daily_budget_usd, fill = "above" }] }
    },
    {
      title   = "USD of a manifest, the dearest"
      stat    = "Maximum"
      metrics = [local.ours.ManifestCostUsd]
    },
    {
      title  = "USD for a GB of NDJSON"
      period = 3600
      metrics = [
        [{ expression = "cost * 1000000000 / bytes", label = "USD for a GB", id = "usd_for_a_gb" }],
        ["NdjsonParquet", "ManifestCostUsd", "service", local.service, { id = "cost", visible = false }],
        ["NdjsonParquet", "BytesConverted", "service", local.service, { id = "bytes", visible = false }],
      ]
    },
    { title = "Bytes of NDJSON and of Parquet", metrics = [local.ours.BytesConverted, local.ours.BytesWritten] },
  ]
}
