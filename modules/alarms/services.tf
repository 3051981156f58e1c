# What AWS's services tell of themselves.

locals {
  # Failures that go on, and those of a function that is called a few times an hour: three of the last twelve periods.
  again_and_again = { periods = 12, datapoints = 3 }

  function_alarms = merge([
    for package, function in var.functions : {
      "${replace(package, "_", "-")}-errors" = merge(local.again_and_again, {
        meaning    = "${function.name} failed in three periods of five minutes within an hour."
        runbook    = "function-errors"
        namespace  = "AWS/Lambda"
        metric     = "Errors"
        dimensions = { FunctionName = function.name }
      })
      "${replace(package, "_", "-")}-throttles" = merge(local.again_and_again, {
        meaning    = "${function.name} was refused a container in three periods of five minutes within an hour."
        runbook    = "function-throttles"
        namespace  = "AWS/Lambda"
        metric     = "Throttles"
        dimensions = { FunctionName = function.name }
      })
      "${replace(package, "_", "-")}-slow" = {
        meaning    = "An invocation of ${function.name} took more than ${var.slow_function_percent} % of its ${function.timeout_seconds} seconds."
        runbook    = "function-slow"
        namespace  = "AWS/Lambda"
        metric     = "Duration"
        dimensions = { FunctionName = function.name }
        statistic  = "Maximum"
        threshold  = function.timeout_seconds * 1000 * var.slow_function_percent / 100
      }
    }
  ]...)

  queue_alarms = merge(
    {
      for name, queue in var.dead_letter_queues : "${name}-dead-letters" => {
        meaning    = "Something was given up and waits in ${queue}."
        runbook    = "dead-letters"
        namespace  = "AWS/SQS"
        metric     = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = queue }
        statistic  = "Maximum"
      }
    },
    {
      file-events-wait = {
        meaning    = "A landed file waits longer than ${var.max_event_age_minutes} minutes in ${var.file_events_queue}."
        runbook    = "file-events-wait"
        namespace  = "AWS/SQS"
        metric     = "ApproximateAgeOfOldestMessage"
        dimensions = { QueueName = var.file_events_queue }
        statistic  = "Maximum"
        threshold  = var.max_event_age_minutes * 60
      }
      file-events-backlog = {
        meaning    = "More than ${var.file_events_backlog} landed files waited in ${var.file_events_queue} for 15 minutes."
        runbook    = "file-events-wait"
        namespace  = "AWS/SQS"
        metric     = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = var.file_events_queue }
        statistic  = "Minimum"
        threshold  = var.file_events_backlog
        periods    = 3
      }
      manifest-builder-concurrency = {
        meaning    = "All ${var.manifest_builder_max_concurrency} invocations that manifest_builder may have were in use for 15 minutes."
        runbook    = "function-concurrency"
        namespace  = "AWS/Lambda"
        metric     = "ConcurrentExecutions"
        dimensions = { FunctionName = var.functions["manifest_builder"].name }
        statistic  = "Maximum"
        comparison = "GreaterThanOrEqualToThreshold"
        threshold  = var.manifest_builder_max_concurrency
        periods    = 3
      }
    },
  )

  processor_dimensions = { StateMachineArn = var.state_machine_arn }
  processor_alarms = {
    executions-failed = {
      meaning    = "The conversion of a manifest failed."
      runbook    = "manifest-failed"
      namespace  = "AWS/States"
      metric     = "ExecutionsFailed"
      dimensions = local.processor_dimensions
    }
    executions-timed-out = {
      meaning    = "An execution timed out, without the alert that a failed one sends."
      runbook    = "execution-ended"
      namespace  = "AWS/States"
      metric     = "ExecutionsTimedOut"
      dimensions = local.processor_dimensions
    }
    executions-aborted = {
      meaning    = "An execution was stopped by somebody, without the alert that a failed one sends."
      runbook    = "execution-ended"
      namespace  = "AWS/States"
      metric     = "ExecutionsAborted"
      dimensions = local.processor_dimensions
    }
    executions-throttled = {
      meaning    = "Step Functions slowed executions down for 15 minutes: too many state transitions in this account."
      runbook    = "executions-throttled"
      namespace  = "AWS/States"
      metric     = "ExecutionThrottled"
      dimensions = local.processor_dimensions
      periods    = 3
    }
  }

  table_dimensions = { TableName = var.tracking_table }
  index_dimensions = { TableName = var.tracking_table, GlobalSecondaryIndexName = "status-index" }

  # DynamoDB counts its errors by table and operation, and nowhere as a whole: those that the pipeline calls.
  table_operations = [
    "BatchExecuteStatement", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem",
  ]
  table_inputs = {
    tracking-throttles = {
      table_reads  = { namespace = "AWS/DynamoDB", metric = "ReadThrottleEvents", dimensions = local.table_dimensions }
      table_writes = { namespace = "AWS/DynamoDB", metric = "WriteThrottleEvents", dimensions = local.table_dimensions }
      index_reads  = { namespace = "AWS/DynamoDB", metric = "ReadThrottleEvents", dimensions = local.index_dimensions }
      index_writes = { namespace = "AWS/DynamoDB", metric = "WriteThrottleEvents", dimensions = local.index_dimensions }
    }
    tracking-system-errors = {
      for operation in local.table_operations : lower(operation) => {
        namespace = "AWS/DynamoDB", metric = "SystemErrors", dimensions = merge(local.table_dimensions, { Operation = operation })
      }
    }
  }
  table_math = {
    tracking-throttles = merge(local.again_and_again, {
      meaning    = "DynamoDB throttled the tracking table or its index in three periods of five minutes within an hour."
      runbook    = "tracking-table"
      inputs     = local.table_inputs["tracking-throttles"]
      expression = join(" + ", [for id in keys(local.table_inputs["tracking-throttles"]) : "FILL(${id}, 0)"])
    })
    tracking-system-errors = merge(local.again_and_again, {
      meaning    = "DynamoDB failed on the tracking table in three periods of five minutes within an hour."
      runbook    = "tracking-table"
      inputs     = local.table_inputs["tracking-system-errors"]
      expression = join(" + ", [for id in keys(local.table_inputs["tracking-system-errors"]) : "FILL(${id}, 0)"])
    })
  }
}
