# Three pages: does it run, is the data good, what does it cost.

locals {
  runbook = { for name in ["lake-run-failed", "lake-day-missing", "lake-quality-failed", "lake-files-quarantined", "lake-cost"] : name => "[${name}](${var.runbook_base_url}/${name}.md)" }
  of_lake = ["service", local.service]

  pages = {
    health = {
      text = "# Lake, ${var.environment}: does it run?\nEach day's files become curated tables. When a run fails: ${local.runbook["lake-run-failed"]} · when none ran: ${local.runbook["lake-day-missing"]}"
      graphs = [
        {
          title = "Runs by how they ended"
          stat  = "Sum", period = 3600
          metrics = [
            for name in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"] :
            ["AWS/States", name, "StateMachineArn", var.state_machine_arn]
          ]
        },
        {
          title   = "How long a run takes, seconds"
          stat    = "Maximum", period = 86400
          metrics = [concat([local.namespace, "LakeRunSeconds"], local.of_lake)]
        },
        {
          title   = "Files by what became of them"
          stat    = "Sum", period = 86400
          metrics = [for name in ["LakeFilesAccepted", "LakeFilesDuplicate", "LakeFilesQuarantined"] : concat([local.namespace, name], local.of_lake)]
        },
        {
          title   = "Errors of the functions"
          stat    = "Sum", period = 3600
          metrics = [for function in values(var.functions) : ["AWS/Lambda", "Errors", "FunctionName", function]]
        },
      ]
    }
    quality = {
      text = "# Lake, ${var.environment}: is the data good?\nRules stand beside the columns. When one fails nothing is merged: ${local.runbook["lake-quality-failed"]} · refused files: ${local.runbook["lake-files-quarantined"]}"
      graphs = [
        {
          title   = "Rules by outcome"
          stat    = "Sum", period = 86400
          metrics = [for name in ["LakeRulesChecked", "LakeRulesFailed", "LakeRulesWarned"] : concat([local.namespace, name], local.of_lake)]
        },
        {
          title   = "Rows that arrived, and those kept apart"
          stat    = "Sum", period = 86400
          metrics = [for name in ["LakeRowsArrived", "LakeRowsRejected"] : concat([local.namespace, name], local.of_lake)]
        },
        {
          title = "Rows kept apart, %"
          stat  = "Sum", period = 86400
          metrics = [
            [{ expression = "100 * rejected / arrived", label = "% of rows", id = "share" }],
            concat([local.namespace, "LakeRowsRejected"], local.of_lake, [{ id = "rejected", visible = false }]),
            concat([local.namespace, "LakeRowsArrived"], local.of_lake, [{ id = "arrived", visible = false }]),
          ]
        },
        {
          title   = "Files refused"
          stat    = "Sum", period = 86400
          metrics = [concat([local.namespace, "LakeFilesQuarantined"], local.of_lake)]
        },
      ]
    }
    cost = {
      text = "# Lake, ${var.environment}: what does it cost?\nGlue and Athena of the runs, as they end; a day may cost ${var.daily_budget_usd} USD. Above: ${local.runbook["lake-cost"]}"
      graphs = [
        {
          title       = "Cost of the runs of a day, USD"
          stat        = "Sum", period = 86400
          metrics     = [concat([local.namespace, "LakeRunCostUsd"], local.of_lake)]
          annotations = { horizontal = [{ label = "budget", value = var.daily_budget_usd, fill = "above" }] }
        },
        {
          title   = "Rows that arrived"
          stat    = "Sum", period = 86400
          metrics = [concat([local.namespace, "LakeRowsArrived"], local.of_lake)]
        },
        {
          title   = "Bytes that queries read"
          stat    = "Sum", period = 86400
          metrics = [["AWS/Athena", "ProcessedBytes", "WorkGroup", var.workgroup]]
        },
        {
          title   = "How long a run takes, seconds"
          stat    = "Maximum", period = 86400
          metrics = [concat([local.namespace, "LakeRunSeconds"], local.of_lake)]
        },
      ]
    }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = { for name, page in local.pages : name => page if var.enable_dashboard }

  dashboard_name = "ndjson-parquet-lake-${each.key}-${var.environment}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 3, properties = { markdown = each.value.text } }],
      [for i, graph in each.value.graphs : {
        type       = "metric", x = i % 2 * 12, y = 3 + floor(i / 2) * 6, width = 12, height = 6
        properties = merge({ region = var.region, view = "timeSeries" }, graph)
      }],
    )
  })
}
