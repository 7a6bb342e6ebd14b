"""nexy release add."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from nexy.cli.failing import WRONG_USE, fail
from nexy.cli.release.desk import desk, failing, say, say_if_local
from nexy.cli.release.progress import progress
from nexy.errors import ReleaseError
from nexy.integrations.releasing import New, add, looked_into, oddities
from nexy.modules.update import KINDS, Arch, Artifact, Channel, Delta, Release, check, html_of

HOUR = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed."""

    file: str
    version: str
    build: int  # 0 when it was not given
    channel: str
    notes: str | None  # a file
    critical: bool
    auto_install: bool
    min_os: str
    arch: Arch
    rollout: int  # percent
    phase_hours: float | None
    deltas: tuple[tuple[int, str], ...]  # from which build, and the file


def add_one(asked: Asked) -> None:
    draft = _draft(asked)
    new = New(draft, Path(asked.file), tuple(Path(file) for _, file in asked.deltas))
    work = desk()
    with failing(), progress() as tell:
        new = looked_into(new)
        release = add(work, new, tell)
        odd = list(oddities(work, release))
    if not new.draft.build:
        say(f"it got build {release.build}, the next free one: the app's CFBundleVersion must be the same")
    say(*odd)
    say_if_local(work.base_url)
    artifact = release.artifact
    print(f"added {release.version} (build {release.build}, {release.channel}, {release.rollout}%)")
    print(f"{artifact.sha256}  {artifact.file}")


def _draft(asked: Asked) -> Release:
    """What is to be added, with names of files only. Wrong use ends the program."""
    file = Path(asked.file)
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        fail(f"FILE is none of {', '.join(KINDS)}", status=WRONG_USE)
    draft = Release(
        version=asked.version,
        build=asked.build,
        channel=Channel(asked.channel),
        released_at=int(time.time()),
        artifact=_named(file),
        kind=kind,
        arch=asked.arch,
        min_os=asked.min_os,
        critical=asked.critical,
        auto_install=asked.auto_install,
        rollout=asked.rollout,
        phase_seconds=None if asked.phase_hours is None else round(asked.phase_hours * HOUR),
        notes=_notes(asked.notes),
        deltas=tuple(Delta(build, _named(Path(patch))) for build, patch in asked.deltas),
    )
    try:
        check(replace(draft, build=draft.build or 1))
    except ReleaseError as error:
        fail(str(error), status=WRONG_USE)
    return draft


def _named(file: Path) -> Artifact:
    return Artifact(file.name, 0, "", "")


def _notes(file: str | None) -> str:
    if file is None:
        return ""
    try:
        return html_of(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        fail(f"--notes: it cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        fail("--notes: it is no text in UTF-8")
    except ReleaseError as error:
        fail(f"--notes: {error}")
