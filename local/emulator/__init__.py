"""The server's side of the embedded AWS: MiniStack, with what it lacks for this project added.

Runs in an environment of its own, `.venv-emulator`, and imports nothing of the project outside this package: a function
whose zip lacks a dependency has to fail here as it would on AWS.
"""
