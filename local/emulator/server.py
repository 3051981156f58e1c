"""The server process of the embedded AWS: `python -m local.emulator.server`, started by `local.embedded_aws`.

Its whole configuration is its environment, which MiniStack reads when it is imported.
"""

import sys

from ministack import app

from local.emulator import glue_jobs, lambda_environment, ministack_names, step_functions


def main() -> None:
    ministack_names.check()
    glue_jobs.install()
    step_functions.install()
    lambda_environment.install()
    # What launched this process is told apart by its arguments; MiniStack has arguments of its own.
    del sys.argv[1:]
    try:
        app.main()
    finally:
        glue_jobs.stop_everything()


if __name__ == "__main__":
    main()
