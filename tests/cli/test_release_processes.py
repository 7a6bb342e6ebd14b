"""nexy release in processes of its own: two at once, and one that is killed in the middle."""

import signal
import time
from pathlib import Path

from nexy.modules.update import make_key
from tests.cli.releases import app_file, published, runner, settings, start

LARGE = 2**30  # bytes; it is never written whole: nothing of it is read from a disk either


def test_two_at_once_are_both_added(tmp_path: Path) -> None:
    make_key(Path(settings(tmp_path)["UPDATE_SIGNING_KEY"]))
    files = [app_file(tmp_path, name, b"x" * 3_000_000) for name in ("a.dmg", "b.dmg")]
    both = [start(tmp_path, "add", file, "--version", f"1.{at}") for at, file in enumerate(files)]
    ends = [(*one.communicate(timeout=60), one.returncode) for one in both]
    assert [status for _, _, status in ends] == [0, 0], ends
    releases = published(tmp_path).catalogue.releases
    assert sorted((one.build, one.version) for one in releases) in (
        [(1, "1.0"), (2, "1.1")],
        [(1, "1.1"), (2, "1.0")],
    )
    assert sorted(one.artifact.file for one in releases) == ["a.dmg", "b.dmg"]


def test_one_that_is_killed_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    nexy = runner(tmp_path)
    assert nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1.0").exit_code == 0
    before = (tmp_path / "updates" / "published.json").read_bytes()
    large = tmp_path / "Nexy.dmg"
    with large.open("wb") as sparse:
        sparse.truncate(LARGE)
    half = tmp_path / "updates" / "downloads" / ".incoming-Nexy.dmg"
    process = start(tmp_path, "add", str(large), "--version", "2.0")
    try:
        while process.poll() is None and not (half.exists() and half.stat().st_size):
            time.sleep(0.001)
    finally:
        process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert 0 < half.stat().st_size < LARGE
    assert (tmp_path / "updates" / "published.json").read_bytes() == before
    assert nexy("verify").exit_code == 0

    large.write_bytes(b"the real one")
    done = nexy("add", str(large), "--version", "2.0")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "added 2.0 (build 2, stable, 100%)")
    assert not half.exists()
    assert nexy("verify").exit_code == 0
