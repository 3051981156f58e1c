"""Everything the control plane raises on purpose.

PipelineError
├── TerminalError              trying again cannot help
│   ├── SettingsError          a setting is missing or impossible
│   ├── MalformedEventError    a message or event is not what its sender promised
│   ├── MalformedItemError     an item of the tracking table lacks what every item of its kind has
│   ├── ManifestError          a manifest object is absent or not a manifest
│   └── UnknownBatchError      no manifest of that name is tracked
└── TransientError             trying again may help
    ├── ContentionError        other writers kept winning the open batch
    ├── MembersIncompleteError fewer files are listed for a batch than it counts
    ├── QuarantineError        a bad file could not be set aside
    ├── StatusChangeError      some files could not be given their status
    ├── EventRefusedError      EventBridge did not take an event
    ├── LookupIncompleteError  the table left some keys unanswered
    └── BreakerOpenError       starting is suspended; the sweep starts the manifest later
"""


class PipelineError(Exception):
    """Root of the errors of this project."""


class TerminalError(PipelineError):
    """Trying again cannot help: the message goes to the dead-letter queue, a person decides."""


class TransientError(PipelineError):
    """Trying again may help: the message goes back to its queue."""


class SettingsError(TerminalError):
    """A setting is missing or impossible; the text names each one, its value and what is allowed."""


class MalformedEventError(TerminalError):
    """A message or event is not what its sender promised."""


class MalformedItemError(TerminalError):
    """An item of the tracking table lacks what every item of its kind has."""


class ManifestError(TerminalError):
    """A manifest object is absent or not a manifest."""


class UnknownBatchError(TerminalError):
    """No manifest of that name is in the tracking table."""


class ContentionError(TransientError):
    """Other writers kept winning the open batch."""


class MembersIncompleteError(TransientError):
    """Fewer files are listed for a batch than it counts, and no manifest object exists."""


class QuarantineError(TransientError):
    """A bad file could not be copied to quarantine."""


class StatusChangeError(TransientError):
    """Some files could not be given their status; those that could have it."""


class EventRefusedError(TransientError):
    """EventBridge did not take an event."""


class LookupIncompleteError(TransientError):
    """The tracking table left some of the keys unanswered that were asked for together."""


class BreakerOpenError(TransientError):
    """Starting is suspended after failures in a row; the manifest stays `pending` and the sweep starts it later."""
