"""Tags of resources by which tests and drills make the embedded AWS refuse what it would do."""

# On a state machine: StartExecution answers ThrottlingException. On a table: reads and writes of items are throttled.
THROTTLE = "embedded-aws:throttle"
# On a state machine: its executions are throttled each time they enter a state, and go on a little later.
THROTTLE_STATES = "embedded-aws:throttle-states"
# On a table: reads and writes of items answer InternalServerError.
FAIL = "embedded-aws:fail"
