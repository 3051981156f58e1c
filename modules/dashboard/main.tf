data "aws_partition" "current" {}

locals {
  # The grid of a dashboard is 24 units wide; here four columns of it.
  column        = 6
  title_height  = 3
  graph_height  = 5
  stage_height  = local.title_height + 2 * local.graph_height
  alarms_height = 6

  slo_y    = 0
  alarms_y = local.slo_y + local.title_height + local.graph_height
  flow_y   = local.alarms_y + (var.alarms == null ? 0 : local.alarms_height)
  cost_y   = local.export_y + local.export_height

  # Built from the names: what a plan shows can be read before anything exists.
  alarm_arns = [
    for name in values(coalesce(var.alarms, {})) :
    "arn:${data.aws_partition.current.partition}:cloudwatch:${var.region}:${var.account_id}:alarm:${name}"
  ]

  slo_widgets = concat(
    [{ type = "text", x = 0, y = local.slo_y, width = 24, height = local.title_height, properties = { markdown = local.slo_text } }],
    [for i, graph in local.slo_graphs : {
      type       = "metric", x = i * local.column, y = local.slo_y + local.title_height, width = local.column, height = local.graph_height
      properties = merge({ region = var.region }, graph)
    }],
  )
  alarm_widgets = [
    for arns in [local.alarm_arns] : {
      type       = "alarm", x = 0, y = local.alarms_y, width = 24, height = local.alarms_height
      properties = { title = "Alarms", alarms = arns, sortBy = "stateUpdatedTimestamp" }
    } if length(arns) > 0
  ]
  stage_widgets = flatten([
    for i, stage in local.stages : [
      [{
        type       = "text", x = i % 4 * local.column, y = local.flow_y + floor(i / 4) * local.stage_height
        width      = local.column, height = local.title_height
        properties = { markdown = "### ${stage.title}\n${stage.text}\n\n${join(" · ", [for name in stage.runbooks : local.runbooks[name]])}" }
      }],
      [for j, graph in stage.graphs : {
        type       = "metric", x = i % 4 * local.column
        y          = local.flow_y + floor(i / 4) * local.stage_height + local.title_height + j * local.graph_height
        width      = local.column, height = local.graph_height
        properties = merge(local.lines, graph)
      }],
    ]
  ])
  cost_widgets = concat(
    [{ type = "text", x = 0, y = local.cost_y, width = 24, height = local.title_height, properties = { markdown = local.cost_text } }],
    [for i, graph in local.cost_graphs : {
      type       = "metric", x = i * local.column, y = local.cost_y + local.title_height, width = local.column, height = local.graph_height
      properties = merge(local.lines, graph)
    }],
  )
}

resource "aws_cloudwatch_dashboard" "pipeline" {
  dashboard_name = "ndjson-parquet-pipeline-${var.environment}"

  dashboard_body = jsonencode({
    start   = "-PT12H"
    widgets = concat(local.slo_widgets, local.alarm_widgets, local.stage_widgets, local.export_widgets, local.cost_widgets)
  })
}
