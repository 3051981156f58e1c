"""Installs LocalStack into .venv-localstack where its Python is found: `python -m local.localstack.install`.

Says so and succeeds where it is not found: what needs LocalStack is skipped then.
"""

import subprocess
import sys
from pathlib import Path

from rich.console import Console

from scripts.prerequisites import find_python

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-localstack"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = ROOT / "requirements" / "localstack.txt"
INSTALLED = ENVIRONMENT / ".installed"
# The only one that LocalStack 4.14.0 runs on: with others it starts, and its services fail.
PYTHON_VERSION = "3.13"
MISSING = (
    f"LocalStack runs on Python {PYTHON_VERSION}, which is neither on the PATH nor held by pyenv. Debian/Ubuntu: apt "
    f"install python{PYTHON_VERSION}-venv; macOS: brew install python@{PYTHON_VERSION}; anywhere: pyenv install "
    f"{PYTHON_VERSION}. Then run make test-localstack"
)
NOT_INSTALLED = "LocalStack is not installed: make test-localstack installs it, or says what is missing"


def is_installed() -> bool:
    """Whether the environment holds what the requirements say now."""
    return INSTALLED.exists() and INSTALLED.read_bytes() == REQUIREMENTS.read_bytes()


def install(interpreter: str) -> None:
    """Make the environment anew. CalledProcessError with pip's words on the screen when it fails."""
    subprocess.run([interpreter, "-m", "venv", "--clear", ENVIRONMENT], check=True)
    # The requirements are complete, so nothing is resolved; and most of it is never imported, so nothing is compiled.
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile")
    subprocess.run([PYTHON, "-m", "pip", "install", *options, "-r", REQUIREMENTS], check=True)
    INSTALLED.write_bytes(REQUIREMENTS.read_bytes())


def main() -> int:
    console = Console(highlight=False, soft_wrap=True)
    if is_installed():
        return 0
    interpreter = find_python(PYTHON_VERSION)
    if interpreter is None:
        console.print(f"[yellow]LocalStack is skipped:[/yellow] {MISSING}")
        return 0
    console.print("installing LocalStack (.venv-localstack)")
    try:
        install(interpreter)
    except subprocess.CalledProcessError as error:
        console.print(f"[red]error:[/red] LocalStack could not be installed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
