"""What the commands of nexy release do, but for add and import."""

import sys
import time
from collections.abc import Callable

import typer

from nexy.cli.findings import Finding, bad, ok, show, warn
from nexy.cli.release.desk import desk, failing, say, say_if_local, settings
from nexy.cli.release.progress import progress, shown
from nexy.cli.table import show_table
from nexy.integrations.releasing import (
    Looked,
    change,
    make_signing_key,
    oddities,
    open_folder,
    publish_anew,
    settings_of,
    unknown,
    verify,
)
from nexy.modules.update import ALL, Catalogue, Release, date

HEAD = ("BUILD", "VERSION", "CHANNEL", "ROLLOUT", "RELEASED", "SIZE", "MARKS", "FILE")
MB = 1_000_000  # bytes


def make_key() -> None:
    config = settings()
    with failing():
        key = make_signing_key(config)
    say(
        "the app's Info.plist has this public key as SUPublicEDKey",
        "keep a copy of the private key where no server is: without it no installed app takes an update",
    )
    print(key.public)


def show_all() -> None:
    with failing():
        published = open_folder(settings()).read()
    if published is None or not published.catalogue.releases:
        say("nothing is released yet")
    else:
        show_table(HEAD, [_row(one) for one in published.catalogue.releases])


def _row(one: Release) -> tuple[str, ...]:
    size = f"{one.artifact.size / MB:.1f} MB" if sys.stdout.isatty() else str(one.artifact.size)
    released = date(one.released_at)
    rollout = f"{one.rollout}%"
    return str(one.build), one.version, one.channel, rollout, released, size, _marks(one), one.artifact.file


def _marks(one: Release) -> str:
    marks = {
        "withdrawn": one.withdrawn,
        "critical": one.critical,
        "auto-install": one.auto_install,
        "phased": one.phase_seconds is not None,
        f"deltas:{len(one.deltas)}": bool(one.deltas),
    }
    return ",".join(mark for mark, is_so in marks.items() if is_so)


def look_at_all() -> None:
    config, wrong = settings(), 0
    with failing(), progress() as tell:
        folder = open_folder(config)
        for one in verify(folder, settings_of(config), tell):
            show([_finding(one)], sys.stdout)
            wrong += bool(one.wrong)
        for name in unknown(folder):
            show([warn(shown(name), "of no release, and offered to nobody")], sys.stdout)
    if wrong:
        say(f"{wrong} wrong")
        raise typer.Exit(1)


def _finding(looked: Looked) -> Finding:
    return bad(looked.what, looked.wrong) if looked.wrong else ok(looked.what, "as it should be")


def promote_one(version: str) -> None:
    work = desk()
    with failing():
        release = change(work, lambda catalogue: catalogue.promoted(version, int(time.time())), version)
        odd = list(oddities(work, release))
    say(*odd)
    if release.rollout < ALL:
        say(f"offered to {release.rollout}% of the clients; nexy release rollout {release.version} 100%")
    print(f"{_name(release)} is stable")


def withdraw_one(version: str) -> None:
    release = _changed(lambda catalogue: catalogue.withdrawn(version), version)
    print(f"{_name(release)} is offered to nobody any more")


def roll_out(version: str, percent: int) -> None:
    release = _changed(lambda catalogue: catalogue.rolled_out(version, percent), version)
    print(f"{_name(release)} is offered to {release.rollout}% of the clients")


def _changed(what: Callable[[Catalogue], Catalogue], version: str) -> Release:
    work = desk()
    with failing():
        return change(work, what, version)


def _name(release: Release) -> str:
    return f"{release.version} (build {release.build})"


def publish_all() -> None:
    work = desk()
    with failing(), progress() as tell:
        another_key = publish_anew(work, tell)
    say_if_local(work.base_url)
    print("files, notes and feeds are signed anew" if another_key else "notes and feeds are signed anew")
