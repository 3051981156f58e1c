"""S3 event notifications from SQS -> files tracked, batched, and their sealed batches published."""
