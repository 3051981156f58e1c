output "databases" {
  description = "Databases by zone."
  value       = { for zone, database in local.databases : zone => aws_glue_catalog_database.this[zone].name }
}

output "tables" {
  description = "Tables by zone and name, in their database."
  value       = { for name, table in aws_glue_catalog_table.this : name => "${table.database_name}.${table.name}" }
}

output "crawlers" {
  description = "Crawlers by dataset; none without enable_crawlers."
  value       = { for dataset, crawler in aws_glue_crawler.this : dataset => { name = crawler.name, arn = crawler.arn } }
}
