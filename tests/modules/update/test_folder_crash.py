"""However an add ends, the folder has what was published before or what is published after, whole."""

import hashlib
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexy.modules.update import Folder, Published, publish
from tests.modules.update.adding import add
from tests.modules.update.making import BASE, key
from tests.modules.update.sparkle import is_signed

ROOT = Path(__file__).parents[3]
MOST_STEPS = 200
SOURCE = bytes(range(256)) * 4000  # a megabyte

Tell = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """With one release in it."""
    made = Folder(tmp_path / "updates")
    (tmp_path / "Nexy.dmg").write_bytes(SOURCE)
    add(made, tmp_path / "Nexy.dmg")
    return made


@pytest.fixture
def tell(tmp_path: Path, folder: Folder) -> Iterator[Tell]:
    """Ask the process beside us for an add, and hear how it ended."""
    command = [
        sys.executable,
        "-m",
        "tests.modules.update.adding",
        str(folder.path),
        str(tmp_path / "Nexy.dmg"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    write, read = process.stdin, process.stdout

    def ask(line: str) -> str:
        write.write(line + "\n")
        write.flush()
        return read.readline().strip()

    with process:
        yield ask
        write.close()
        assert process.wait(60) == 0


def whole(folder: Folder) -> Published:
    """What is published, which can be served: all its files are there, and are what they were."""
    published = folder.read()
    assert published is not None
    for artifact in published.catalogue.artifacts.values():
        data = (folder.downloads / artifact.file).read_bytes()
        assert len(data) == artifact.size
        assert hashlib.sha256(data).hexdigest() == artifact.sha256
        assert is_signed(published.public, data, artifact.ed25519)
    assert published == publish(published.catalogue, BASE, key())
    return published


def count(folder: Folder) -> int:
    return len(whole(folder).catalogue.releases)


def leftovers(folder: Folder) -> list[str]:
    return [file.name for file in folder.path.rglob(".incoming-*")]


def test_killed_before_each_touch_of_a_file(folder: Folder, tell: Tell) -> None:
    """From the first to the last there is: at each of them an add may end and hurt nothing."""
    before, left = 1, set[str]()
    for step in range(1, MOST_STEPS):
        answer = tell(f"step {step}")
        now = count(folder)
        if answer == "done":
            assert now == before + 1
            break
        assert answer == "killed"
        assert now in (before, before + 1)
        before, left = now, left.union(leftovers(folder))
    else:
        pytest.fail("it never ended")
    assert any(name.endswith(".dmg") for name in left), "no step was in the middle of a copy"
    assert ".incoming-published.json" in left, "no step was in the middle of publishing"
    assert not leftovers(folder)


def test_killed_at_any_time(folder: Folder, tell: Tell, tmp_path: Path) -> None:
    before, chance, ends = 1, random.Random(7), []
    for _ in range(15):
        ends.append(tell(f"after {chance.uniform(0, 0.04):.4f}"))
        now = count(folder)
        assert now in (before, before + 1)
        before = now
    assert "killed" in ends
    add(folder, tmp_path / "Nexy.dmg")
    assert count(folder) == before + 1
    assert not leftovers(folder)


def test_two_at_once_both_land(folder: Folder, tell: Tell) -> None:
    """Four each, so that each of the two has waited for the other."""
    assert tell("times 4") == "done done"
    releases = whole(folder).catalogue.releases
    assert [one.build for one in releases] == list(range(9, 0, -1))
    assert sorted(file.name for file in folder.downloads.iterdir()) == [
        f"Nexy-{build}.dmg" for build in range(1, 10)
    ]


def test_a_disk_that_is_full_before_the_file_is_copied(folder: Folder, tell: Tell) -> None:
    """A file may grow to so many bytes and no more, which the one who writes it sees as a full disk."""
    before = whole(folder)
    assert tell("full 500000") == "Nexy.dmg cannot be taken in: File too large: refused"
    assert whole(folder) == before
    assert not leftovers(folder)
    assert [file.name for file in folder.downloads.iterdir()] == ["Nexy-1.dmg"]


def test_a_disk_that_is_full_when_it_comes_to_publishing(folder: Folder, tell: Tell, tmp_path: Path) -> None:
    (tmp_path / "Nexy.dmg").write_bytes(b"small")
    before = whole(folder)
    assert tell("full 1000") == "published.json cannot be written: File too large: refused"
    assert whole(folder) == before
    assert not leftovers(folder)
    assert tell("step 1000000") == "done"  # over what the failure has left
    assert count(folder) == 2
