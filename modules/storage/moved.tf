# Buckets had resources of their own in every module once; a deployment of that time keeps its buckets.

moved {
  from = aws_s3_bucket.this["input"]
  to   = module.bucket["input"].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_versioning.this[0]
}

moved {
  from = aws_s3_bucket_logging.this["input"]
  to   = module.bucket["input"].aws_s3_bucket_logging.this[0]
}

moved {
  from = aws_s3_bucket.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_versioning.this[0]
}

moved {
  from = aws_s3_bucket_logging.this["manifest"]
  to   = module.bucket["manifest"].aws_s3_bucket_logging.this[0]
}

moved {
  from = aws_s3_bucket.this["output"]
  to   = module.bucket["output"].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_versioning.this[0]
}

moved {
  from = aws_s3_bucket_logging.this["output"]
  to   = module.bucket["output"].aws_s3_bucket_logging.this[0]
}

moved {
  from = aws_s3_bucket.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_versioning.this[0]
}

moved {
  from = aws_s3_bucket_logging.this["quarantine"]
  to   = module.bucket["quarantine"].aws_s3_bucket_logging.this[0]
}

moved {
  from = aws_s3_bucket.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_versioning.this[0]
}

moved {
  from = aws_s3_bucket_logging.this["scripts"]
  to   = module.bucket["scripts"].aws_s3_bucket_logging.this[0]
}

moved {
  from = aws_s3_bucket.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_policy.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.access_logs[0]
  to   = module.access_logs[0].aws_s3_bucket_lifecycle_configuration.this
}
