# A small deployment in an account of its own: cheap, and gone without a trace after a destroy.
environment           = "dev"
force_destroy_buckets = true

owner               = "data-platform"
cost_centre         = "none"
data_classification = "internal"

enable_stream_manifest_creation = false
enable_eventbridge_decoupling   = false
enable_schedule                 = true
enable_alarms                   = true
enable_dashboard                = true
enable_vpc                      = false

max_files_per_manifest           = 200
max_batch_bytes                  = 734003200
min_file_size_mb                 = 0.1
max_file_size_mb                 = 20
input_retention_days             = 3
manifest_builder_max_concurrency = 2
num_status_shards                = 10
max_wait_minutes                 = 30
freshness_target_minutes         = 60
min_files_for_partial_batch      = 1

glue_worker_type         = "G.1X"
glue_number_of_workers   = 2
glue_max_concurrent_runs = 1

max_event_age_minutes    = 30
file_events_backlog      = 2000
quarantine_spike_files   = 10
freshness_target_percent = 99
# A minute on 2 DPU is 1.5 cents.
daily_budget_usd = 5
