# The embedded AWS on this machine: small batches and short waits, so that a demo shows every step.
environment           = "local"
emulator              = true
force_destroy_buckets = true

owner               = "nobody"
cost_centre         = "none"
data_classification = "public"

enable_stream_manifest_creation = false
enable_eventbridge_decoupling   = false
enable_schedule                 = true
enable_alarms                   = true
enable_dashboard                = true

# The embedded AWS has no network to place workers in.
enable_vpc = false

max_files_per_manifest           = 20
max_batch_bytes                  = 734003200
min_file_size_mb                 = 0
max_file_size_mb                 = 20
input_retention_days             = 3
manifest_builder_max_concurrency = 2
num_status_shards                = 10
max_wait_minutes                 = 1
min_files_for_partial_batch      = 1
sweep_interval_minutes           = 1
retry_backoff_minutes            = 1

glue_max_concurrent_runs    = 1
glue_retry_interval_seconds = 1
glue_retry_max_attempts     = 100

log_level = "INFO"

export_max_concurrent_runs    = 2
export_retry_interval_seconds = 1
