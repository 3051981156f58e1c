# Hundreds of thousands of files a day.
environment         = "prod"
deletion_protection = true

owner               = "data-platform"
cost_centre         = "none"
data_classification = "confidential"

enable_stream_manifest_creation = false
enable_eventbridge_decoupling   = false
enable_schedule                 = true
enable_alarms                   = true
enable_dashboard                = true
enable_vpc                      = false
enable_access_logs              = true
enable_customer_managed_key     = true

# Glue bills a minute at least: a manifest fills it. docs/cost.md has the table, docs/scale.md other loads.
max_files_per_manifest           = 2000
max_batch_bytes                  = 7350000000
min_file_size_mb                 = 0.1
max_file_size_mb                 = 20
input_retention_days             = 7
manifest_builder_max_concurrency = 50
sqs_batching_window_seconds      = 5
num_status_shards                = 10
max_wait_minutes                 = 15
min_files_for_partial_batch      = 1

glue_worker_type         = "G.1X"
glue_number_of_workers   = 2
glue_max_concurrent_runs = 30

versioned_buckets  = ["scripts"]
log_retention_days = 90

max_event_age_minutes    = 30
file_events_backlog      = 100000
quarantine_spike_files   = 100
freshness_target_percent = 99
# 338,000 files are 170 to 260 runs of about a minute on 2 DPU: 3 to 4 USD, and as much again in other services.
daily_budget_usd = 20
