"""LocalStack's own process, for as long as whoever started it lives: `python -m local.localstack.server`.

Runs in .venv-localstack, with a pipe from its parent as standard input. The pipe closes when the parent ends in any
way, SIGKILL included. LocalStack keeps no state, so there is nothing to save.
"""

import functools
import os
import signal
import threading

from localstack.runtime.main import main
from twisted.internet import endpoints

LOOPBACK = "127.0.0.1"


def _end_with_the_parent() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # Whatever address GATEWAY_LISTEN names, LocalStack 4.14.0 opens its port to the whole network.
    endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface=LOOPBACK)
    main()
