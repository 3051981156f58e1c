"""Tags of resources by which tests and drills make the embedded AWS refuse what it would do."""

# On a state machine: StartExecution answers ThrottlingException. On a table: so do reads and writes of items.
THROTTLE = "embedded-aws:throttle"
