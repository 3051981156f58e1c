"""The schedule -> what would otherwise wait for ever is moved on."""
