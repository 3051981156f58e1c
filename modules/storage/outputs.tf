# Each bucket by its own key: a `for` over them would make whoever needs one wait for all, with their lifecycles, half a minute more.
output "buckets" {
  description = "Name and ARN of each bucket, by its purpose; input is among them only when it is our own."
  value = merge(var.own_input_bucket ? { input = { name = module.bucket["input"].name, arn = module.bucket["input"].arn } } : {}, {
    manifest   = { name = module.bucket["manifest"].name, arn = module.bucket["manifest"].arn }
    output     = { name = module.bucket["output"].name, arn = module.bucket["output"].arn }
    quarantine = { name = module.bucket["quarantine"].name, arn = module.bucket["quarantine"].arn }
    scripts    = { name = module.bucket["scripts"].name, arn = module.bucket["scripts"].arn }
  })
}

output "access_log_bucket" {
  description = "Name of the bucket of access logs; null when none are kept."
  value       = var.enable_access_logs ? module.access_logs[0].name : null
}
