"""The deployed CloudWatch dashboard as a picture, for an AWS that has no console."""
