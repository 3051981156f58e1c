"""DynamoDB Streams -> manifests published, in the place of manifest_builder (`enable_stream_manifest_creation`)."""
