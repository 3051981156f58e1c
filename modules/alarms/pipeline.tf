# What the functions tell of files and manifests: docs/metrics.md. A gauge is what the last sweep saw: while none runs, its
# alarm stays as it is (`ignore`), and sweep-not-running tells.

locals {
  service    = "ndjson-parquet-${var.environment}"
  namespace  = "NdjsonParquet"
  dimensions = { service = local.service }
  of_service = { namespace = local.namespace, dimensions = local.dimensions }
  of_gauge   = merge(local.of_service, { statistic = "Maximum", missing = "ignore" })

  manifest_alarms = {
    manifests-exhausted = merge(local.of_gauge, {
      meaning = "A manifest has no attempts left: nobody converts it until somebody decides."
      runbook = "manifests-exhausted"
      metric  = "ManifestsExhausted"
    })
    manifests-at-risk = merge(local.of_gauge, {
      meaning = "A manifest is not converted although half of the time is over after which its files are deleted."
      runbook = "manifests-at-risk"
      metric  = "ManifestsAtRisk"
    })
    oldest-pending = merge(local.of_gauge, {
      meaning   = "A file or manifest has waited longer than ${var.oldest_pending_minutes} minutes to be converted."
      runbook   = "oldest-pending"
      metric    = "OldestPendingSeconds"
      threshold = var.oldest_pending_minutes * 60
    })
    breaker-open = merge(local.of_gauge, {
      meaning = "Conversions could not be started three times in a row, so none is started for five minutes."
      runbook = "breaker-open"
      metric  = "BreakerOpen"
    })
    quarantine-spike = merge(local.of_service, {
      meaning   = "More than ${var.quarantine_spike_files} files were quarantined within an hour."
      runbook   = "quarantine-spike"
      metric    = "FilesQuarantined"
      period    = 3600
      threshold = var.quarantine_spike_files
    })
    reject-spike = merge(local.of_service, {
      meaning   = "More than ${var.reject_spike_percent} % of a manifest's lines were rejected."
      runbook   = "reject-spike"
      metric    = "RejectPercent"
      statistic = "Maximum"
      threshold = var.reject_spike_percent
    })
    files-missing = merge(local.of_service, {
      meaning = "A file was gone, or could not be read, when it was to be converted."
      runbook = "files-missing"
      metric  = "FilesMissing"
    })
    spend = merge(local.of_service, {
      meaning   = "The conversions of a day cost more than ${var.daily_budget_usd} USD."
      runbook   = "cost-spike"
      metric    = "ManifestCostUsd"
      period    = 86400
      threshold = var.daily_budget_usd
    })
  }

  manifest_math = {
    # One bad manifest fails beside others that succeed.
    glue-runs-failed = {
      meaning    = "More conversions failed than succeeded, in three quarters of an hour one after the other."
      runbook    = "manifest-failed"
      period     = 900
      periods    = 3
      expression = "FILL(failed, 0) - FILL(completed, 0)"
      inputs = {
        failed    = merge(local.of_service, { metric = "ManifestsFailed" })
        completed = merge(local.of_service, { metric = "ManifestsCompleted" })
      }
    }
    # Without a file the division has no result.
    freshness = {
      meaning    = "Less than ${var.freshness_target_percent} % of an hour's files were converted on time."
      runbook    = "freshness"
      period     = 3600
      comparison = "LessThanThreshold"
      threshold  = var.freshness_target_percent
      expression = "100 * FILL(on_time, 0) / (FILL(on_time, 0) + FILL(late, 0))"
      inputs = {
        on_time = merge(local.of_service, { metric = "FilesOnTime" })
        late    = merge(local.of_service, { metric = "FilesLate" })
      }
    }
  }

  upkeep_alarms = merge(
    {
      sweep-failures = merge(local.of_service, {
        meaning = "A part of the sweep failed in three periods of five minutes within an hour."
        runbook = "sweep-failures"
        metric  = "SweepFailures"
      }, local.again_and_again)
      files-unaccounted = merge(local.of_gauge, {
        meaning = "The reconciler found files that landed and that nothing knows of."
        runbook = "files-unaccounted"
        metric  = "FilesUnaccounted"
      })
    },
    {
      for minutes in var.sweep_interval_minutes[*] : "sweep-not-running" => merge(local.of_service, {
        meaning    = "The sweep did not run three times in a row."
        runbook    = "sweep-not-running"
        metric     = "SweepsDone"
        comparison = "LessThanThreshold"
        threshold  = 1
        period     = minutes * 60
        periods    = 3
        missing    = "breaching"
      })
    },
  )

  # Counted in hours in which the sweep ran, so that a new deployment has until its first reconciliation.
  upkeep_math = {
    for hours in var.reconciler_overdue_hours[*] : "reconciler-not-running" => {
      meaning    = "The reconciler did not run for ${hours} hours."
      runbook    = "reconciler-not-running"
      period     = 3600
      periods    = hours
      expression = "IF(FILL(runs, 0) > 0, 0, FILL(sweeps, 0))"
      inputs = {
        runs   = merge(local.of_service, { metric = "ReconcilerRunsDone" })
        sweeps = merge(local.of_service, { metric = "SweepsDone" })
      }
    }
  }
}
