"""The lake's jobs measured here, and what that means on Glue at the sizes of the original plan."""
