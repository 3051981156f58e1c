"""Runs one command, and takes its whole process group down with it when the server that started it is gone.

`python job_guard.py COMMAND...` with a pipe from the server as standard input. The pipe closes when the server ends in
any way, SIGKILL included, and then nobody else is left to end a Spark JVM.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=False).returncode
    return code if code >= 0 else 128 - code


def _end_with_the_server() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
