"""What a command ends with when it cannot do its work; each says what to do, and has its exit code.

CommandError            1
├── NotFoundError       1   what was named is not there
├── ActionError         1   state_manager failed, or some of what was asked for failed
├── RefusedError        2   not confirmed, or options that do not go together
└── UnreachableError    3   AWS cannot be reached, refuses, or holds no such deployment
"""


class CommandError(Exception):
    """The message says what is wrong, with the value; `remedy` what to do now."""

    exit_code = 1

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class NotFoundError(CommandError):
    """What was named is not there."""


class ActionError(CommandError):
    """state_manager failed, or some of what was asked for failed."""


class RefusedError(CommandError):
    """Not confirmed, or options that do not go together; nothing was changed."""

    exit_code = 2


class UnreachableError(CommandError):
    """AWS cannot be reached, refuses, or holds no such deployment."""

    exit_code = 3
