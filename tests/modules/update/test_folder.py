"""What is taken into the folder of releases, what is refused, and in which order things reach the disk."""

import hashlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from nexy.errors import ReleaseError
from nexy.modules.update import Folder, publish, sha256_of, stamp_of
from tests.modules.update.making import BASE, ODD_NAME, catalogue, key, release, write
from tests.modules.update.test_releases import HOSTILE_NAMES


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "updates")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Written long ago, so that whatever is written now shows in its time."""
    file = tmp_path / "Nexy.dmg"
    file.write_bytes(bytes(3 * 2**20 + 1))
    os.utime(file, (1, 1))
    return file


def names(folder: Folder) -> list[str]:
    return sorted(file.name for file in folder.downloads.iterdir())


def take_in(folder: Folder, source: Path, name: str = "Nexy-1.dmg", **also: Any) -> str:
    """The reason of the refusal."""
    with folder.changing(), pytest.raises(ReleaseError) as error:
        folder.take_in(source, name, key(), **also)
    assert not list(folder.path.rglob(".incoming-*"))
    return str(error.value)


def test_a_file_that_is_taken_in(folder: Folder, source: Path) -> None:
    told: list[tuple[int, int]] = []
    with folder.changing():
        artifact = folder.take_in(source, ODD_NAME, key(), lambda *progress: told.append(progress))
    data = source.read_bytes()
    assert artifact.file == ODD_NAME
    assert artifact.size == len(data)
    assert artifact.sha256 == hashlib.sha256(data).hexdigest()
    assert artifact.ed25519 == key().sign(data)
    assert names(folder) == [ODD_NAME]
    assert (folder.downloads / ODD_NAME).read_bytes() == data
    assert stat.S_IMODE((folder.downloads / ODD_NAME).stat().st_mode) == 0o644
    assert told == [
        (2**20, len(data)),
        (2 * 2**20, len(data)),
        (3 * 2**20, len(data)),
        (len(data), len(data)),
    ]


def test_the_hash_of_an_open_file_leaves_its_place_alone(source: Path) -> None:
    with source.open("rb") as opened:
        opened.seek(5)
        assert sha256_of(opened.fileno()) == hashlib.sha256(source.read_bytes()).hexdigest()
        assert opened.tell() == 5
        assert stamp_of(opened.fileno()) == stamp_of(source)


def grow(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b".")


def write_over(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"other bytes, as many as before")


@pytest.mark.parametrize("change", [grow, lambda file: os.truncate(file, 2**20), write_over])
def test_a_file_that_changes_while_it_is_copied(
    folder: Folder, source: Path, change: Callable[[Path], None]
) -> None:
    first = iter([lambda: change(source)])

    def in_the_middle(done: int, size: int) -> None:
        next(first, lambda: None)()

    assert "changed while it was copied" in take_in(folder, source, progress=in_the_middle)
    assert names(folder) == []


def test_a_file_that_grows_as_fast_as_it_is_copied_is_not_copied_for_ever(
    folder: Folder, source: Path
) -> None:
    def faster(done: int, size: int) -> None:
        os.truncate(source, done + 2 * 2**20)
        assert done < 10 * size

    assert "changed while it was copied" in take_in(folder, source, progress=faster)


def test_a_file_that_is_another_one_by_its_name_when_it_has_been_copied(folder: Folder, source: Path) -> None:
    """The one that was opened is taken, whole."""

    def replace(done: int, size: int) -> None:
        new = source.with_suffix(".new")
        new.write_bytes(b"other")
        new.rename(source)

    data = source.read_bytes()
    with folder.changing():
        assert folder.take_in(source, "Nexy-1.dmg", key(), replace).size == len(data)
    assert (folder.downloads / "Nexy-1.dmg").read_bytes() == data


def test_no_file_of_a_release_is_ever_replaced(folder: Folder, source: Path) -> None:
    """Not even when who adds has not asked the catalogue before: it is being downloaded."""
    with folder.changing():
        kept = folder.take_in(source, "Nexy-1.dmg", key())
        gone = folder.take_in(source, "Nexy-2.dmg", key())
        made = catalogue(release(1, artifact=kept), release(2, artifact=gone)).withdrawn("1.2")
        folder.write(publish(made, BASE, key()))
    source.write_bytes(b"other")
    for name in ("Nexy-1.dmg", "Nexy-2.dmg"):
        assert "file of a release already" in take_in(folder, source, name)
        assert (folder.downloads / name).stat().st_size == kept.size


def test_a_file_that_a_crash_left_is_replaced(folder: Folder, source: Path) -> None:
    with folder.changing():
        (folder.downloads / "Nexy-1.dmg").write_bytes(b"left")
        assert folder.take_in(source, "Nexy-1.dmg", key()).size == source.stat().st_size


def test_a_file_may_lie_among_the_downloads_already(folder: Folder) -> None:
    """As those of the server before this one do."""
    with folder.changing():
        (folder.downloads / "old.dmg").write_bytes(b"old")
        folder.take_in(folder.downloads / "old.dmg", "old.dmg", key())
    assert (folder.downloads / "old.dmg").read_bytes() == b"old"


@pytest.mark.parametrize("what", ["nothing", "empty", "folder", "pipe", "link to nothing"])
def test_what_cannot_be_taken_in(folder: Folder, tmp_path: Path, what: str) -> None:
    """A pipe that nobody writes to would keep who opens it waiting for ever."""
    odd = tmp_path / "odd"
    make: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "empty": odd.touch,
        "folder": odd.mkdir,
        "pipe": lambda: os.mkfifo(odd),
        "link to nothing": lambda: odd.symlink_to(tmp_path / "nowhere"),
    }
    make[what]()
    assert take_in(folder, odd).startswith("odd ")
    assert names(folder) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_leaves_the_folder(folder: Folder, source: Path, name: str) -> None:
    write(folder, catalogue(release(1)))
    assert "file's name" in take_in(folder, source, name)
    assert names(folder) == []
    with pytest.raises(OSError):  # noqa: PT011 - whichever: to the one who asks there is no such file
        folder.open_download(name)


def test_a_download_is_opened(folder: Folder, source: Path) -> None:
    with folder.changing():
        artifact = folder.take_in(source, ODD_NAME, key())
    descriptor = folder.open_download(ODD_NAME)
    try:
        assert sha256_of(descriptor) == artifact.sha256
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("what", ["nothing", "link", "link to nothing", "folder", "pipe", "link to a device"])
def test_what_is_no_plain_download(folder: Folder, tmp_path: Path, what: str) -> None:
    (tmp_path / "secret").write_text("secret")
    with folder.changing():
        odd = folder.downloads / "odd"
    make: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "link": lambda: odd.symlink_to(tmp_path / "secret"),
        "link to nothing": lambda: odd.symlink_to(tmp_path / "nowhere"),
        "folder": odd.mkdir,
        "pipe": lambda: os.mkfifo(odd),
        "link to a device": lambda: odd.symlink_to("/dev/null"),
    }
    make[what]()
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    with pytest.raises(OSError):  # noqa: PT011 - which one differs
        folder.open_download("odd")
    after = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    assert before == after


def test_what_a_crash_left_is_swept_up_and_nothing_else(folder: Folder) -> None:
    write(folder, catalogue(release(1)))
    left = [folder.path / ".incoming-published.json", folder.downloads / ".incoming-Nexy.dmg"]
    others = [
        folder.path / "manifests.txt",
        folder.downloads / "of-another-server.dmg",
        folder.downloads / ".keep",
    ]
    for file in left + others:
        file.touch()
    assert folder.read() is not None
    assert all(file.exists() for file in left)  # who only reads changes nothing
    with folder.changing():
        assert not any(file.exists() for file in left)
    assert all(file.exists() for file in others)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReleaseError, match="cannot be written"), Folder(tmp_path / "file").changing():
        pytest.fail("it could")


def test_something_in_the_way_of_publishing_is_said_and_not_removed(folder: Folder) -> None:
    (folder.path / "published.json").mkdir(parents=True)
    with folder.changing(), pytest.raises(ReleaseError, match=r"published\.json cannot be written"):
        folder.write(publish(catalogue(), BASE, key()))
    assert [file.name for file in folder.path.iterdir() if file.is_file()] == [".lock"]


def test_something_in_the_way_of_a_copy_is_said_and_not_removed(folder: Folder, source: Path) -> None:
    with folder.changing():
        (folder.downloads / ".incoming-Nexy-1.dmg").mkdir()
        with pytest.raises(ReleaseError, match=r"cannot be taken in: File exists"):
            folder.take_in(source, "Nexy-1.dmg", key())


def test_the_lock_is_let_go_when_a_change_fails(folder: Folder, source: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder.changing():
        _ = 1 / 0
    write(folder, catalogue(release(1)))


def test_the_bytes_are_on_the_disk_before_their_name_and_the_name_before_what_comes_then(
    folder: Folder, source: Path
) -> None:
    """Else a power cut could leave a name without its bytes, or a list with files that are not there."""
    seen: list[str] = []

    def look(frame: FrameType, event: str, called: object) -> None:
        name = getattr(called, "__name__", "")
        if event == "c_call" and name in ("fsync", "rename"):
            seen.append("fsync of the folder" if frame.f_code.co_name == "_sync" else name)

    with folder.changing():
        sys.setprofile(look)
        try:
            artifact = folder.take_in(source, "Nexy-1.dmg", key())
            folder.write(publish(catalogue(release(1, artifact=artifact)), BASE, key()))
        finally:
            sys.setprofile(None)
    assert seen == ["fsync", "rename", "fsync of the folder"] * 2


def test_it_shows_where_it_is(folder: Folder) -> None:
    assert repr(folder) == f"<Folder {folder.path}>"
