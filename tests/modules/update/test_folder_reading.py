"""What is published is read again; what was damaged is refused, and nobody is kept waiting."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexy.errors import ReleaseError
from nexy.modules.update import Folder, check_name
from tests.modules.update.making import catalogue, key, release, write

Damage = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "updates")


def test_nothing_is_published_at_first(folder: Folder) -> None:
    assert folder.read() is None
    assert folder.stamp() is None


def test_what_was_written_is_read(folder: Folder) -> None:
    made = catalogue(release(1), release(2, notes="<p>Некси &amp; <b>1</b></p>", phase_seconds=60))
    published = write(folder, made)
    assert folder.read() == published
    assert json.loads((folder.path / "published.json").read_text())["public"] == key().public


def test_the_stamp_tells_of_every_change(folder: Folder) -> None:
    write(folder, catalogue(release(1)))
    first = folder.stamp()
    assert folder.stamp() == first
    write(folder, catalogue(release(1)))
    assert folder.stamp() != first  # even when it says the same: it is another file


def first(published: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = published["catalogue"]["releases"][0]
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: first(it)["artifact"].update(file="../x"),
        lambda it: first(it)["artifact"].update(file="/etc/passwd"),
        lambda it: first(it)["artifact"].update(file="a\0b"),
        lambda it: first(it)["artifact"].update(file=7),
        lambda it: first(it)["artifact"].update(size="many"),
        lambda it: first(it)["artifact"].pop("sha256"),
        lambda it: first(it).update(version="<script>"),
        lambda it: first(it).update(build=0),
        lambda it: first(it).update(build=1.5),
        lambda it: first(it).update(released_at=10**30),
        lambda it: first(it).update(channel="nightly"),
        lambda it: first(it).update(rollout=0),
        lambda it: first(it).update(
            deltas=[{"from_build": 1, "artifact": first(it)["artifact"] | {"file": ".."}}]
        ),
        lambda it: it.update(feeds=None),
        lambda it: it.pop("base_url"),
        lambda it: it.pop("catalogue") and it.update(catalogue=[]),
    ],
)
def test_what_was_damaged_is_refused(folder: Folder, damage: Damage) -> None:
    write(folder, catalogue(release(1), release(2)))
    file = folder.path / "published.json"
    content = json.loads(file.read_text())
    damage(content)
    file.write_text(json.dumps(content))
    with pytest.raises(ReleaseError, match=r"^published\.json is "):
        folder.read()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"', b"NaN"]
)
def test_what_is_no_list_of_releases_is_refused(folder: Folder, text: bytes) -> None:
    folder.path.mkdir()
    (folder.path / "published.json").write_bytes(text)
    with pytest.raises(ReleaseError, match="not what nexy release writes"):
        folder.read()


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_may_be_wrong(folder: Folder, data: st.DataObject) -> None:
    """Whatever is read then has no name that leaves the folder, and nothing but ReleaseError is raised."""
    write(folder, catalogue(release(1)))
    file = folder.path / "published.json"
    text = bytearray(file.read_bytes())
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(text)
    try:
        published = folder.read()
    except ReleaseError:
        return
    assert published is not None
    for one in published.catalogue.releases:
        check_name(one.artifact.file)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda file: file.symlink_to(file)])
def test_what_is_no_file_is_refused_at_once(folder: Folder, make: Callable[[Path], object]) -> None:
    folder.path.mkdir()
    make(folder.path / "published.json")
    with pytest.raises(ReleaseError, match=r"published\.json cannot be read"):
        folder.read()
