variable "tracking_table" {
  description = "Tracking table."
  type        = object({ name = string, arn = string })
}

variable "manifest_bucket" {
  description = "Bucket that manifests go to."
  type        = object({ name = string, arn = string })
}

variable "state_machine_arn" {
  description = "ARN of the processor."
  type        = string
}

variable "target_part_bytes" {
  description = "NDJSON bytes per Parquet part, written into every manifest."
  type        = number

  validation {
    condition     = var.target_part_bytes >= 1048576 && var.target_part_bytes <= 107374182400 && floor(var.target_part_bytes) == var.target_part_bytes
    error_message = "target_part_bytes is ${var.target_part_bytes}; allowed are whole numbers from 1048576 to 107374182400."
  }
}

variable "event_bus" {
  description = "Bus that announces manifests; null to start their conversion directly."
  type        = object({ name = string, arn = string })
  default     = null
}
