# Nobody is placed before what he calls can be reached.

output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "functions" {
  description = "Where functions are placed: subnets and security groups."
  value       = { subnet_ids = aws_subnet.private[*].id, security_group_ids = [aws_security_group.workers.id] }
  depends_on  = [aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface, aws_route_table_association.private]
}

output "glue" {
  description = "Where Glue workers are placed: a connection has one subnet."
  value = {
    subnet_id          = aws_subnet.private[0].id
    availability_zone  = aws_subnet.private[0].availability_zone
    security_group_ids = [aws_security_group.workers.id]
  }
  depends_on = [aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface, aws_route_table_association.private]
}
