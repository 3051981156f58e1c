data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  name  = "ndjson-parquet-${var.environment}"
  zones = slice(data.aws_availability_zones.available.names, 0, var.zone_count)

  # Whoever found a way in could send nothing out: these endpoints answer to identities of this account only.
  endpoint_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "IdentitiesOfThisAccount"
      Effect    = "Allow"
      Principal = "*"
      Action    = "*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
    }]
  })
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:no route leads out and nothing listens inside: the endpoints' own services record who called what
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.name }
}

# Taken over to take its rules away: what is placed without a group of its own reaches nobody.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  count = var.zone_count

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.cidr, 3, count.index)

  tags = { Name = "${local.name}-private-${local.zones[count.index]}" }
}

# No internet gateway and no NAT: the only routes are those inside the VPC and to the gateway endpoints.
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${local.name}-private" }
}

resource "aws_route_table_association" "private" {
  count = var.zone_count

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  route_table_ids   = [aws_route_table.private.id]
  policy            = local.endpoint_policy

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = local.endpoint_policy

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_security_group" "workers" {
  #checkov:skip=CKV2_AWS_5:attached to the functions and the Glue connection by the modules that get its id
  name        = "${local.name}-workers"
  description = "Functions and Glue workers: to one another and to AWS, nobody comes in from outside."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${local.name}-workers" }
}

# Spark's driver and executors talk on ports that they choose, and Glue demands a group that admits itself.
resource "aws_vpc_security_group_ingress_rule" "workers" {
  #checkov:skip=CKV_AWS_24:the only source is the group itself, no address
  #checkov:skip=CKV_AWS_25:the only source is the group itself, no address
  #checkov:skip=CKV_AWS_260:the only source is the group itself, no address
  security_group_id            = aws_security_group.workers.id
  description                  = "Spark workers among themselves"
  referenced_security_group_id = aws_security_group.workers.id
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "workers" {
  security_group_id            = aws_security_group.workers.id
  description                  = "Spark workers among themselves"
  referenced_security_group_id = aws_security_group.workers.id
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.workers.id
  description                  = "To the interface endpoints"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "gateways" {
  for_each = aws_vpc_endpoint.gateway

  security_group_id = aws_security_group.workers.id
  description       = "To ${each.key}"
  prefix_list_id    = each.value.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5:attached to every interface endpoint
  name        = "${local.name}-endpoints"
  description = "Interface endpoints: from the functions and Glue workers alone."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${local.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "From functions and Glue workers"
  referenced_security_group_id = aws_security_group.workers.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
