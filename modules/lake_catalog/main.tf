locals {
  databases = {
    raw       = { name = "raw_${var.environment}", description = "What landed in the lake, every value a text." }
    processed = { name = "processed_${var.environment}", description = "What landed in the lake, typed, each record once, personal data masked." }
    curated   = { name = "curated_${var.environment}", description = "Answers of the lake: figures of a day, and the results of its quality checks." }
  }
  tables = { for table in var.tables : "${table.zone}.${table.name}" => table }
  above  = { for key, table in local.tables : key => length(table.datasets) == 0 ? "" : "dataset=$${dataset}/" }

  # How Athena reads each format. In a CSV file a line names the columns.
  formats = {
    parquet = {
      input      = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
      output     = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
      serde      = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      serde_args = {}
      parameters = { "parquet.compression" = "SNAPPY" }
    }
    csv = {
      input      = "org.apache.hadoop.mapred.TextInputFormat"
      output     = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
      serde      = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
      serde_args = { separatorChar = ",", quoteChar = "\"", escapeChar = "\"" }
      parameters = { "skip.header.line.count" = "1" }
    }
    json = {
      input      = "org.apache.hadoop.mapred.TextInputFormat"
      output     = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
      serde      = "org.openx.data.jsonserde.JsonSerDe"
      serde_args = { "ignore.malformed.json" = "true" }
      parameters = {}
    }
  }
}

resource "aws_glue_catalog_database" "this" {
  for_each = local.databases

  name        = each.value.name
  description = each.value.description
}

# Partitions are computed from the date: there is none to add, and none that a crawler has not seen yet.
resource "aws_glue_catalog_table" "this" {
  for_each = local.tables

  name          = each.value.name
  database_name = aws_glue_catalog_database.this[each.value.zone].name
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"
  owner         = "ndjson-parquet"

  parameters = merge(
    local.formats[each.value.format].parameters,
    {
      EXTERNAL                                                = "TRUE"
      classification                                          = each.value.format
      "projection.enabled"                                    = "true"
      "projection.${each.value.partition.name}.type"          = "date"
      "projection.${each.value.partition.name}.format"        = "yyyy-MM-dd"
      "projection.${each.value.partition.name}.interval"      = "1"
      "projection.${each.value.partition.name}.interval.unit" = "DAYS"
      # A day ahead, because Athena silently leaves out what is beyond the range.
      "projection.${each.value.partition.name}.range" = "${var.projection_start_date},NOW+1DAYS"
      "storage.location.template"                     = "s3://${var.bucket_name}/${each.value.prefix}${local.above[each.key]}${each.value.partition.name}=$${${each.value.partition.name}}/"
    },
    length(each.value.datasets) == 0 ? {} : {
      "projection.dataset.type"   = "enum"
      "projection.dataset.values" = join(",", each.value.datasets)
    },
  )

  dynamic "partition_keys" {
    for_each = concat(length(each.value.datasets) == 0 ? [] : [{ name = "dataset", type = "string" }], [each.value.partition])

    content {
      name = partition_keys.value.name
      type = partition_keys.value.type
    }
  }

  storage_descriptor {
    location      = "s3://${var.bucket_name}/${each.value.prefix}"
    input_format  = local.formats[each.value.format].input
    output_format = local.formats[each.value.format].output

    ser_de_info {
      serialization_library = local.formats[each.value.format].serde
      parameters            = local.formats[each.value.format].serde_args
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
