"""Scripts of the checks, run as `just check` runs them."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(name: str, *args: str, folder: Path) -> tuple[int, str]:
    """The exit status, and all that it printed."""
    command = [sys.executable, str(SCRIPTS / name), *args]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
    )
    return done.returncode, done.stdout
