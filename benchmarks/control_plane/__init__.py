"""AWS calls and DynamoDB units per file, from landing to `completed`, beside the design that this one replaces."""
