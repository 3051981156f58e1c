variable "name" {
  description = "Name of the function, of its role and, below /aws/lambda/, of its log group."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name is '${var.name}'; allowed are 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
}

variable "zip_path" {
  description = "Path of the zip that `make package` built."
  type        = string

  validation {
    condition     = fileexists(var.zip_path)
    error_message = "zip_path is '${var.zip_path}', which is not there; run make package, or name the folder that it filled in artifacts_dir."
  }
}

variable "handler" {
  description = "Dotted path of the handler in the zip."
  type        = string
}

variable "runtime" {
  description = "Lambda runtime; the dependencies in the zip are built for it."
  type        = string
  default     = "python3.13"

  validation {
    condition     = can(regex("^python3[.][0-9]+$", var.runtime))
    error_message = "runtime is '${var.runtime}'; allowed are Lambda's Python runtimes, such as python3.13."
  }
}

variable "compute" {
  description = "Where and how the function runs: processor, memory, concurrency kept for it (null for the account's pool), log retention, key (null for AWS's own), VPC (null for none)."
  type = object({
    architecture         = optional(string, "arm64")
    memory_mb            = optional(number, 512)
    reserved_concurrency = optional(number)
    log_retention_days   = optional(number, 30)
    kms_key              = optional(object({ arn = string }))
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })

  validation {
    condition     = contains(["arm64", "x86_64"], var.compute.architecture)
    error_message = "compute.architecture is '${var.compute.architecture}'; allowed are arm64 and x86_64."
  }

  validation {
    condition     = var.compute.memory_mb >= 128 && var.compute.memory_mb <= 10240 && floor(var.compute.memory_mb) == var.compute.memory_mb
    error_message = "compute.memory_mb is ${var.compute.memory_mb}; allowed are whole numbers from 128 to 10240."
  }

  validation {
    condition     = coalesce(var.compute.reserved_concurrency, 1) >= 1
    error_message = "compute.reserved_concurrency is ${coalesce(var.compute.reserved_concurrency, 1)}; allowed are numbers from 1, and null."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds is ${var.timeout_seconds}; allowed are whole numbers from 1 to 900."
  }
}

variable "environment_variables" {
  description = "Settings of the function."
  type        = map(string)
}

variable "statements" {
  description = "What the function may do beside writing its logs and traces."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))

  validation {
    condition     = alltrue([for statement in var.statements : !contains(statement.resources, "*")])
    error_message = "statements hold the resource '*' in ${join(", ", [for s in var.statements : s.sid if contains(s.resources, "*")])}; allowed are resources by name."
  }
}

variable "tags" {
  description = "Tags beside the provider's own."
  type        = map(string)
  default     = {}
}
