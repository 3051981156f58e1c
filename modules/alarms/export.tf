# What the export service tells, where there is one: docs/metrics.md.

locals {
  export_alarms = merge([
    for export in var.export[*] : {
      export-jobs-failed = merge(local.of_service, {
        meaning   = "More than ${export.failed_jobs} export jobs of an hour failed for no fault of their files."
        runbook   = "export-jobs"
        metric    = "ExportJobsFailed"
        period    = 3600
        threshold = export.failed_jobs
      })
      export-jobs-not-started = merge(local.of_service, {
        meaning = "Glue started no run for an export job."
        runbook = "export-jobs"
        metric  = "ExportJobsNotStarted"
      })
      # The function answers 500 itself, so that Lambda counts no error of it.
      export-api-5xx = merge(local.again_and_again, {
        meaning    = "The export API answered with 500 or more in three periods of five minutes within an hour."
        runbook    = "export-jobs"
        namespace  = "AWS/ApiGateway"
        metric     = "5xx"
        dimensions = { ApiId = export.api_id }
      })
    }
  ]...)
}
