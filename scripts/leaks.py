"""Look for secrets in the files that git tracks: 1 when there is one that is not known to be harmless.

`--accept` writes down all that there is now as harmless: by file, kind and hash, never the value.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

HARMLESS = Path("scripts/harmless.txt")
FIRST_LINE = "# Values that look like secrets and are none: `just harmless`"


def tracked() -> list[str]:
    """All files that git tracks here and that are there; the list itself is full of hashes."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True)  # noqa: S607 - git is wherever it is
    return [name for name in listed.stdout.split("\0") if Path(name).is_file() and name != str(HARMLESS)]


def scan(files: list[str]) -> list[PotentialSecret]:
    """What looks like a secret. Nobody on the network is asked whether it is a valid one."""
    found = SecretsCollection()
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        found.scan_files(*files)
    return sorted((secret for _, secret in found), key=lambda one: (one.filename, one.line_number))


def name(secret: PotentialSecret) -> str:
    """How it is written down. Without its line: that changes with everything above it."""
    return f"{secret.filename} {secret.type.replace(' ', '-')} {secret.secret_hash}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="what is found is harmless")
    given = parser.parse_args()
    found = scan(tracked())
    if given.accept:
        lines = [FIRST_LINE, *sorted({name(secret) for secret in found})]
        HARMLESS.write_text("\n".join(lines) + "\n")
        return 0
    harmless = set(HARMLESS.read_text().splitlines()) if HARMLESS.exists() else set()
    leaked = [secret for secret in found if name(secret) not in harmless]
    for secret in leaked:
        print(f"{secret.filename}:{secret.line_number}: looks like a secret ({secret.type})")  # noqa: T201
    if leaked:
        print("Take it out of git's history too, and make it invalid. Is it none: just harmless")  # noqa: T201
    return bool(leaked)


if __name__ == "__main__":
    sys.exit(main())
