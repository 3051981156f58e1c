output "input_bucket" {
  description = "Bucket of the landed files."
  value       = module.storage.buckets["input"].name
}

output "file_events_queue_url" {
  description = "URL of the queue of landed files."
  value       = module.queue.queue_url
}

output "dead_letter_queue_url" {
  description = "URL of the queue of events that could not be processed."
  value       = module.queue.dead_letter_queue_url
}

output "alerts_topic_arn" {
  description = "ARN of the topic of alerts."
  value       = module.alerts.topic_arn
}

output "state_machine_arn" {
  description = "ARN of the processor."
  value       = module.state_machine.arn
}

output "event_bus_name" {
  description = "Name of the bus that announces manifests."
  value       = module.event_bus.name
}
