"""Releases, made and changed without a command line: what fails half-way changes nothing for clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nexy.errors import ReleaseError
from nexy.integrations.releasing import (
    Desk,
    New,
    Settings,
    add,
    change,
    looked_into,
    oddities,
    unknown,
    verify,
)
from nexy.modules.update import Artifact, Channel, Folder, Published, Release, make_key
from tests.modules.update.making import NOON


def nobody(file: str, done: int, size: int) -> None:
    """Is told how far it is."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Folder(tmp_path / "updates"), "https://updates.example.org", make_key(tmp_path / "k.pem"))


def new(tmp_path: Path, version: str, channel: Channel = Channel.STABLE) -> New:
    file = tmp_path / f"Nexy-{version}.dmg"
    file.write_bytes(version.encode() * 1000)
    return looked_into(New(Release(version, 0, channel, 1_700_000_000, Artifact(file.name, 0, "", "")), file))


def wrong(desk: Desk) -> list[str]:
    settings = Settings(desk.base_url, desk.key.public)
    return [one.what for one in verify(desk.folder, settings, nobody) if one.wrong]


def offered(desk: Desk, channel: Channel) -> list[str]:
    published = desk.folder.read()
    assert published is not None
    return [one.version for one in published.catalogue.offered(channel)]


def test_the_walk(desk: Desk, tmp_path: Path) -> None:
    assert add(desk, new(tmp_path, "1.0"), nobody).build == 1
    beta = add(desk, new(tmp_path, "1.1", Channel.BETA), nobody)
    assert (beta.build, beta.artifact.size) == (2, 3000)
    assert (offered(desk, Channel.STABLE), offered(desk, Channel.BETA)) == (["1.0"], ["1.1", "1.0"])
    assert change(desk, lambda one: one.promoted("1.1", NOON), "1.1").channel is Channel.STABLE
    assert offered(desk, Channel.STABLE) == ["1.1", "1.0"]
    assert change(desk, lambda one: one.rolled_out("2", 30), "2").rollout == 30
    assert change(desk, lambda one: one.withdrawn("1.1"), "1.1").withdrawn
    assert (offered(desk, Channel.STABLE), wrong(desk)) == (["1.0"], [])


def test_who_waits_is_told_how_far_it_is(desk: Desk, tmp_path: Path) -> None:
    told = []
    add(desk, new(tmp_path, "1.0"), lambda *far: told.append(far))
    assert told == [("Nexy-1.0.dmg", 3000, 3000)]


class Full(Folder):
    """Its disk is full when the last file is written."""

    def write(self, published: Published) -> None:
        raise ReleaseError("published.json cannot be written: No space left on device")


def test_what_fails_at_the_last_step_changes_nothing_and_can_be_done_again(
    desk: Desk, tmp_path: Path
) -> None:
    add(desk, new(tmp_path, "1.0"), nobody)
    before = desk.folder.read()
    full = Desk(Full(desk.folder.path), desk.base_url, desk.key)
    with pytest.raises(ReleaseError, match="No space left"):
        add(full, new(tmp_path, "1.1"), nobody)
    with pytest.raises(ReleaseError, match="No space left"):
        change(full, lambda one: one.withdrawn("1.0"), "1.0")
    assert desk.folder.read() == before
    assert (wrong(desk), unknown(desk.folder)) == ([], ["Nexy-1.1.dmg"])
    assert add(desk, new(tmp_path, "1.1"), nobody).build == 2
    assert unknown(desk.folder) == []


def test_a_mistake_is_told_before_a_file_is_copied(desk: Desk, tmp_path: Path) -> None:
    again = new(tmp_path, "1.0")
    add(desk, again, nobody)

    def never(*far: object) -> None:
        raise AssertionError("it was copied")

    with pytest.raises(ReleaseError, match=r"1\.0 is released already"):
        add(desk, again, never)


@pytest.mark.parametrize(
    ("newer", "older"), [("1.10", "1.9"), ("2.0", "2.0-beta.3"), ("2.0-beta.10", "2.0-beta.9")]
)
def test_a_lower_version_is_odd(desk: Desk, tmp_path: Path, newer: str, older: str) -> None:
    first = add(desk, new(tmp_path, newer), nobody)
    assert list(oddities(desk, first)) == []
    second = add(desk, new(tmp_path, older), nobody)
    assert list(oddities(desk, second)) == [f"{older} is a lower version than {newer} of build 1"]


def test_a_beta_may_be_of_a_higher_version_than_what_is_stable(desk: Desk, tmp_path: Path) -> None:
    add(desk, new(tmp_path, "2.0-beta.1", Channel.BETA), nobody)
    stable = add(desk, new(tmp_path, "1.9.1"), nobody)
    assert list(oddities(desk, stable)) == []


def test_a_beta_that_is_promoted_too_late_is_odd(desk: Desk, tmp_path: Path) -> None:
    add(desk, new(tmp_path, "1.0", Channel.BETA), nobody)
    add(desk, new(tmp_path, "1.1"), nobody)

    def told() -> Iterator[str]:
        return oddities(desk, change(desk, lambda one: one.promoted("1.0", NOON), "1.0"))

    assert [line.split(":")[0] for line in told()] == [
        "build 1 is older than build 2 of 1.1",
        "1.0 is a lower version than 1.1 of build 2",
    ]
