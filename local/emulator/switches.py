"""Tags of resources by which tests and drills make the embedded AWS refuse what it would do."""

# On a state machine: StartExecution answers ThrottlingException.
THROTTLE = "embedded-aws:throttle"
