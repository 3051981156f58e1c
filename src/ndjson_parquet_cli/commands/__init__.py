"""The commands, one module per group: each reads, lets a rule decide, and prints."""
