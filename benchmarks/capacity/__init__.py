"""What a day costs, how much of each quota it needs, and where a backlog forms, at a load that need not exist yet."""
