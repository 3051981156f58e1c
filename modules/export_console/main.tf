data "aws_partition" "current" {}

locals {
  name        = "ndjson-parquet-export-console-${var.environment}"
  bucket_name = "${local.name}-${var.account_id}"
  bucket_arn  = "arn:${data.aws_partition.current.partition}:s3:::${local.bucket_name}"
  # Where the bundler puts what it names by its content.
  assets = "assets/"
  # What tells the pages where the API is, is written by whoever knows it.
  files  = [for name in fileset(var.site_dir, "**") : name if name != "config.json"]
  suffix = data.aws_partition.current.dns_suffix
  # The API by any name it can have: its own follows from the distribution's, whose origin it allows.
  connect_origins = concat(
    ["https://*.execute-api.${var.region}.${local.suffix}"],
    ["https://${var.files_bucket}.s3.${local.suffix}", "https://${var.files_bucket}.s3.${var.region}.${local.suffix}"],
    [coalesce(var.sign_in_origin, "https://cognito-idp.${var.region}.${local.suffix}")],
    sort(var.connect_origins),
  )
  content_security_policy = trimspace(templatefile("${path.module}/content_security_policy.txt", {
    connect = join(" ", local.connect_origins)
  }))
  types = {
    css   = "text/css; charset=utf-8"
    html  = "text/html; charset=utf-8"
    ico   = "image/x-icon"
    js    = "text/javascript; charset=utf-8"
    json  = "application/json"
    png   = "image/png"
    svg   = "image/svg+xml"
    txt   = "text/plain; charset=utf-8"
    woff2 = "font/woff2"
  }
}

# Anybody may read these pages; nothing in them is confidential.
module "bucket" {
  source = "../bucket"

  name          = local.bucket_name
  access_log    = var.access_log_bucket == null ? null : { bucket = var.access_log_bucket, prefix = "export-console/" }
  force_destroy = var.force_destroy

  policy_statements = [jsonencode({
    Sid       = "OurDistributionReads"
    Effect    = "Allow"
    Principal = { Service = "cloudfront.amazonaws.com" }
    Action    = "s3:GetObject"
    Resource  = "${local.bucket_arn}/*"
    Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.this.arn } }
  })]
}

# Named by their content, so they never change: a page finds those it was built with for as long as it stays.
resource "aws_s3_object" "asset" {
  for_each = toset([for name in local.files : name if startswith(name, local.assets)])

  bucket        = module.bucket.name
  key           = each.key
  source        = "${var.site_dir}/${each.key}"
  source_hash   = filemd5("${var.site_dir}/${each.key}")
  content_type  = lookup(local.types, regex("[^.]+$", each.key), "application/octet-stream")
  cache_control = "public, max-age=31536000, immutable"

  # With the order of the pages: the new ones are there before a page names them, the old ones until none does.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "page" {
  for_each = toset([for name in local.files : name if !startswith(name, local.assets)])

  bucket        = module.bucket.name
  key           = each.key
  source        = "${var.site_dir}/${each.key}"
  source_hash   = filemd5("${var.site_dir}/${each.key}")
  content_type  = lookup(local.types, regex("[^.]+$", each.key), "application/octet-stream")
  cache_control = "no-cache"

  depends_on = [aws_s3_object.asset]
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = local.name
  description                       = "The distribution reads the private bucket as itself."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

data "aws_cloudfront_cache_policy" "optimized" {
  name = "Managed-CachingOptimized"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name    = local.name
  comment = "Pages that load nothing of anybody else's and stand in nobody's frame."

  security_headers_config {
    content_security_policy {
      override                = true
      content_security_policy = local.content_security_policy
    }

    content_type_options {
      override = true
    }

    frame_options {
      override     = true
      frame_option = "DENY"
    }

    referrer_policy {
      override        = true
      referrer_policy = "no-referrer"
    }

    strict_transport_security {
      override                   = true
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      preload                    = true
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_68:static pages have nothing a firewall could protect; the API asks for tokens and limits requests
  #checkov:skip=CKV2_AWS_47:static pages have nothing a firewall could protect
  #checkov:skip=CKV_AWS_86:who opened a page is not written down; what people do is in the API's access log
  #checkov:skip=CKV_AWS_174:the minimum is set together with a certificate of one's own name; CloudFront's own name does not let one choose
  #checkov:skip=CKV2_AWS_42:a certificate needs a name of one's own, which this project does not have
  #checkov:skip=CKV_AWS_310:there is one origin, which any region's bucket could not replace without its files
  #checkov:skip=CKV_AWS_374:people are everywhere
  comment             = local.name
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = "PriceClass_100"
  default_root_object = "index.html"

  origin {
    origin_id                = "site"
    domain_name              = "${local.bucket_name}.s3.${var.region}.${local.suffix}"
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  default_cache_behavior {
    target_origin_id           = "site"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.optimized.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
