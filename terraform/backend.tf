# State is shared through S3: `terraform init -backend-config=environments/{environment}.s3.tfbackend`, see README.md.
terraform {
  backend "s3" {}
}
