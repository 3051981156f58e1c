"""Tags and metadata by which tests and drills make the embedded AWS do what they cannot wait for."""

# On a state machine: StartExecution answers ThrottlingException. On a table: so do reads and writes of items.
THROTTLE = "embedded-aws:throttle"
# Metadata of an object that is put: when it landed, as 2026-11-20T16:10:00.000Z.
LANDED_AT = "embedded-aws-landed-at"
