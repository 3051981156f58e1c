# A row of its own below the pipeline's, where there is an export.

locals {
  is_exporting  = contains(keys(var.functions), "export_api")
  export_height = local.is_exporting ? local.title_height + local.graph_height : 0
  export_y      = local.flow_y + ceil(length(local.stages) / 4) * local.stage_height

  export_text = <<-TEXT
    ## Export
    Parquet back to JSON, for people who sign in. A job that is refused has a bad file.

    ${local.runbooks["export-jobs"]}
  TEXT

  export_graphs = [
    for function in [lookup(var.functions, "export_api", null)] : [
      {
        title   = "Jobs by how they ended"
        metrics = [local.ours.ExportJobsCompleted, local.ours.ExportJobsRefused, local.ours.ExportJobsFailed, local.ours.ExportJobsNotStarted]
      },
      { title = "Seconds to a result, the longest", stat = "Maximum", metrics = [local.ours.ExportJobSeconds] },
      {
        title   = "Requests, and errors (right)"
        metrics = [["AWS/Lambda", "Invocations", "FunctionName", function], ["AWS/Lambda", "Errors", "FunctionName", function, { yAxis = "right" }]]
      },
      { title = "Milliseconds of a request, the longest", stat = "Maximum", metrics = [["AWS/Lambda", "Duration", "FunctionName", function]] },
    ] if function != null
  ]
  export_widgets = flatten([
    for graphs in local.export_graphs : [
      [{ type = "text", x = 0, y = local.export_y, width = 24, height = local.title_height, properties = { markdown = local.export_text } }],
      [for i, graph in graphs : {
        type       = "metric", x = i * local.column, y = local.export_y + local.title_height, width = local.column, height = local.graph_height
        properties = merge(local.lines, graph)
      }],
    ]
  ])
}
