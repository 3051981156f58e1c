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

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:access logs are a flag
  #checkov:skip=CKV_AWS_21:its files are built from this tree, and named by what they hold
  #checkov:skip=CKV_AWS_144:its files are built from this tree
  #checkov:skip=CKV_AWS_145:anybody may read these pages; nothing in them is confidential
  #checkov:skip=CKV2_AWS_61:the pages stay as long as the console does
  #checkov:skip=CKV2_AWS_62:nobody waits for a page to change
  bucket        = local.bucket_name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OurDistributionReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${local.bucket_arn}/*"
        Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.this.arn } }
      },
    ]
  })

  # S3 refuses two changes of one bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_logging" "this" {
  count = var.access_log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.this.id
  target_bucket = var.access_log_bucket
  target_prefix = "export-console/"
}

# Named by their content, so they never change: a page finds those it was built with for as long as it stays.
resource "aws_s3_object" "asset" {
  for_each = toset([for name in local.files : name if startswith(name, local.assets)])

  bucket        = aws_s3_bucket.this.id
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

  bucket        = aws_s3_bucket.this.id
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
