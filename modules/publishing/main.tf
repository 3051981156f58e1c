# The rights of whoever publishes manifests: several functions run the same code for it.

locals {
  start = var.event_bus == null ? {
    sid       = "StartConversions"
    actions   = ["states:StartExecution"]
    resources = [var.state_machine_arn]
    } : {
    sid       = "AnnounceManifests"
    actions   = ["events:PutEvents"]
    resources = [var.event_bus.arn]
  }

  statements = [
    {
      # A transaction needs the right to each kind of write that it holds, a PartiQL batch one of its own.
      sid = "TrackAndPublish"
      actions = [
        "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
        "dynamodb:PartiQLUpdate",
      ]
      resources = [var.tracking_table.arn]
    },
    {
      sid       = "WriteManifests"
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${var.manifest_bucket.arn}/manifests/*"]
    },
    {
      # Without it S3 answers 403 instead of 404 for an object that is not there.
      sid       = "LearnThatAManifestIsAbsent"
      actions   = ["s3:ListBucket"]
      resources = [var.manifest_bucket.arn]
    },
    local.start,
  ]

  settings = {
    ENABLE_EVENTBRIDGE_DECOUPLING = var.event_bus != null
    EVENT_BUS_NAME                = var.event_bus == null ? "" : var.event_bus.name
    MANIFEST_BUCKET               = var.manifest_bucket.name
    STATE_MACHINE_ARN             = var.state_machine_arn
    TARGET_PART_BYTES             = var.target_part_bytes
    TRACKING_TABLE                = var.tracking_table.name
  }
}
