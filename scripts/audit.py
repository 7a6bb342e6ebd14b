"""Look for known holes in the locked libraries; where nobody can be asked about them, it says so."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")  # asked in this order, until one knows the libraries
LONGEST_SECONDS = 60.0  # for one service: the checks must not wait for a network that drops everything


def ask(lock: Path, service: str, *options: str) -> list[dict[str, Any]]:
    """What `service` knows of each library in the lock; empty when it cannot be reached.

    Ends the program when the lock cannot be read.
    """
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip"]
    command += ["-f", "json", "--progress-spinner", "off", "--timeout", "5", "-s", service, *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS)  # noqa: S603 - our own arguments
    except subprocess.TimeoutExpired:
        return []
    if not done.stdout:
        if "requests.exceptions" in done.stderr:  # it ends with a traceback when it has no connection
            return []
        sys.exit(f"{lock}: pip-audit does not work: {done.stderr.strip().splitlines()[-1]}")
    known = json.loads(done.stdout)["dependencies"]
    return [library for library in known if "skip_reason" not in library]


def holes(libraries: list[dict[str, Any]]) -> list[str]:
    """A line for each hole."""
    return [
        f"{library['name']} {library['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for library in libraries
        for hole in library["vulns"]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock", type=Path, help="a file of pinned libraries with their hashes")
    parser.add_argument("--osv-url", help="ask this service, which speaks OSV's protocol, and no other")
    given = parser.parse_args()
    wanted = sum("==" in line for line in given.lock.read_text().splitlines())
    if given.osv_url:
        libraries = ask(given.lock, "osv", "--osv-url", given.osv_url)
    else:
        libraries = next(filter(None, (ask(given.lock, service) for service in SERVICES)), [])
    if not libraries:
        print(f"{given.lock}: NOT audited, no service for known holes can be reached from here")  # noqa: T201
        return 0
    found = holes(libraries)
    unknown = f", {wanted - len(libraries)} are unknown to the service" if wanted > len(libraries) else ""
    print(*found, f"{given.lock}: {len(libraries)} libraries, {len(found)} known holes{unknown}", sep="\n")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
