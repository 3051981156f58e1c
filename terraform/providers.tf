# The embedded AWS is found through AWS_ENDPOINT_URL in the environment; `emulator` only adapts what its addresses cannot do.
provider "aws" {
  region = var.region

  s3_use_path_style           = var.emulator
  skip_credentials_validation = var.emulator
  skip_metadata_api_check     = var.emulator

  default_tags {
    tags = {
      project             = "ndjson-parquet"
      environment         = var.environment
      service             = "ndjson-parquet-${var.environment}"
      owner               = var.owner
      cost-centre         = var.cost_centre
      data-classification = var.data_classification
      managed-by          = "terraform"
    }
  }
}
