# What prod is, with a tenth of its load: a change that works here works there.
environment         = "staging"
deletion_protection = false

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

# As prod: docs/cost.md.
max_files_per_manifest           = 2000
max_batch_bytes                  = 7350000000
min_file_size_mb                 = 0.1
max_file_size_mb                 = 20
input_retention_days             = 7
manifest_builder_max_concurrency = 5
sqs_batching_window_seconds      = 5
num_status_shards                = 10
max_wait_minutes                 = 15
min_files_for_partial_batch      = 1

glue_worker_type         = "G.1X"
glue_number_of_workers   = 2
glue_max_concurrent_runs = 3

versioned_buckets = ["scripts"]

max_event_age_minutes    = 30
file_events_backlog      = 10000
quarantine_spike_files   = 20
freshness_target_percent = 99
# A tenth of prod's load fills no manifest: about 100 runs of a minute on 2 DPU for each shard in use, 1.50 USD.
daily_budget_usd = 10
