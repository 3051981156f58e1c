"""Tags and metadata by which tests and drills make the embedded AWS do what it would not do, or not yet."""

# On a state machine: StartExecution answers ThrottlingException. On a table: reads and writes of items are throttled.
THROTTLE = "embedded-aws:throttle"
# On a state machine: its executions are throttled each time they enter a state, and go on a little later.
THROTTLE_STATES = "embedded-aws:throttle-states"
# On a table: reads and writes of items answer InternalServerError.
FAIL = "embedded-aws:fail"
# Metadata of an object that is put: when it landed, as 2026-11-20T16:10:00.000Z.
LANDED_AT = "embedded-aws-landed-at"
# Setting of the server: a file that has a JSON line for each request.
REQUEST_LOG = "NDJSON_PARQUET_REQUEST_LOG"
# Setting of the server: a file that says, when the server has ended, in which functions its threads were.
PROFILE = "NDJSON_PARQUET_PROFILE"
