"""nexy release import: an earlier server's folder is taken over, and what is wrong in it is passed over."""

import hashlib
import os
from pathlib import Path

import pytest

from nexy.modules.update import Channel, is_signed
from tests.cli.releases import Nexy, app_file, manifest, published, refused, runner


@pytest.fixture
def nexy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nexy:
    monkeypatch.chdir(tmp_path)
    for folder in ("old/manifests", "old/downloads"):
        (tmp_path / folder).mkdir(parents=True)
    return runner(tmp_path)


def write(folder: Path, name: str, text: str) -> None:
    (folder / "manifests" / name).write_text(text, encoding="utf-8")


def test_releases_keep_their_build_and_date_and_get_a_signature(nexy: Nexy, tmp_path: Path) -> None:
    old = tmp_path / "old"
    data = Path(app_file(old / "downloads", "Некси & 1.dmg")).read_bytes()
    declared = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest().upper()}
    current = manifest("%D0%9D%D0%B5%D0%BA%D1%81%D0%B8%20&%201.dmg", build="10", notes="**new**", **declared)
    write(old, "manifest.json", current)
    write(old, "manifest_1.0.0.json", current)  # the current one under its version
    app_file(old / "downloads", "b.zip")
    beta = manifest("b.zip", build=11, version=1.1, release_date=None, arch=None, min_os=None, critical=True)
    write(old, "manifest_beta.json", beta)
    os.utime(old / "downloads" / "b.zip", (0, 1_700_000_000))
    app_file(old / "downloads", "c.pkg")
    write(old, "manifest_c.json", manifest("c.pkg", build=12, version="1.2", channel="beta"))
    write(old, "readme.json", "{")

    done = nexy("import", "old")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "manifest.json: added: 1.0.0 (build 10, stable)",
        "manifest_1.0.0.json: there already: 1.0.0 (build 10, stable)",
        "manifest_beta.json: added: 1.1 (build 11, beta)",
        "manifest_c.json: added: 1.2 (build 12, beta)",
    ]
    third, second, first = published(tmp_path).catalogue.releases
    assert (first.released_at, first.auto_install, first.critical) == (1_759_838_400, True, False)
    assert first.notes == "<p><strong>new</strong></p>\n"
    assert first.artifact.file == "Некси & 1.dmg"
    assert is_signed(published(tmp_path).public, data, first.artifact.ed25519)
    assert (second.released_at, second.channel, second.kind) == (1_700_000_000, Channel.BETA, "zip")
    assert (second.arch, second.min_os, second.critical) == ("universal2", "11.0", True)
    assert (third.channel, third.kind) == (Channel.BETA, "pkg")
    assert nexy("verify").exit_code == 0


def test_importing_again_changes_nothing(nexy: Nexy, tmp_path: Path) -> None:
    app_file(tmp_path / "old" / "downloads", "a.dmg")
    write(tmp_path / "old", "manifest.json", manifest("a.dmg"))
    nexy("import", "old")
    before = (tmp_path / "updates" / "published.json").read_bytes()
    done = nexy("import", "old")
    assert (done.exit_code, done.stdout) == (0, "manifest.json: there already: 1.0.0 (build 10, stable)\n")
    assert (tmp_path / "updates" / "published.json").read_bytes() == before
    nexy("withdraw", "1.0.0")
    assert "there already" in nexy("import", "old").stdout
    assert published(tmp_path).catalogue.kept == ()


def test_the_folder_of_releases_may_be_the_earlier_ones(nexy: Nexy, tmp_path: Path) -> None:
    (tmp_path / "old").rename(tmp_path / "updates")
    updates = tmp_path / "updates"
    app_file(updates / "downloads", "Nexy-1.0.0.dmg")
    (updates / "downloads" / "Nexy.dmg").symlink_to("Nexy-1.0.0.dmg")
    write(updates, "manifest.json", manifest("Nexy.dmg"))
    write(updates, "manifest_0.9.json", manifest("Nexy-1.0.0.dmg", build=9, version="0.9"))
    for _ in range(2):
        assert nexy("import").exit_code == 0
    assert sorted(os.listdir(updates / "downloads")) == ["Nexy-1.0.0.dmg", "Nexy.dmg"]
    assert not (updates / "downloads" / "Nexy.dmg").is_symlink()
    assert nexy("verify").stdout.count("BAD") == 0
    assert [one.build for one in published(tmp_path).catalogue.releases] == [10, 9]


def test_what_is_wrong_is_passed_over_by_name(nexy: Nexy, tmp_path: Path) -> None:
    old = tmp_path / "old"
    app_file(old / "downloads", "a.dmg")
    app_file(tmp_path, "secret.dmg")
    app_file(old, "outside.dmg")
    (old / "downloads" / "link.dmg").symlink_to(tmp_path / "secret.dmg")
    (old / "downloads" / "empty.dmg").touch()
    bad = {
        "broken": ('{"version": ', "it is no JSON"),
        "bytes": ("\x00", "it is no JSON"),
        "deep": ("[" * 100_000, "it is no JSON"),
        "list": ("[]", "it is no manifest"),
        "bare": ('{"artifact": "a.dmg"}', "it is no manifest"),
        "gone": (manifest("gone.dmg"), "gone.dmg is not in downloads/"),
        "empty": (manifest("empty.dmg"), "empty.dmg cannot be read, or is empty"),
        "up": (manifest("../outside.dmg"), "a file's name has"),
        "up2": (manifest("..%2foutside.dmg"), "a file's name has"),
        "down": (manifest("deeper/outside.dmg"), "no slash"),
        "up3": (manifest("", url="https://x/downloads//etc/x.dmg"), "no slash"),
        "windows": (manifest("..%5Coutside.dmg"), "a file's name has"),
        "nul": (manifest("a%00.dmg"), "nothing that cannot be printed"),
        "link": (manifest("link.dmg"), "link.dmg is a link that leaves downloads/"),
        "text": (manifest("a.txt"), "its file is none of .dmg, .pkg, .zip"),
        "nothing": (manifest("", url=7), "it names no file"),
        "ipv6": (manifest("", url="https://[x/a.dmg"), "it names no file"),
        "size": (manifest("a.dmg", size=1), "and the manifest says 1"),
        "size2": (manifest("a.dmg", size="big"), "its size is no number"),
        "hash": (manifest("a.dmg", sha256="ab" * 32), "the SHA-256 of a.dmg is not the one"),
        "build": (manifest("a.dmg", build=None), "it has no build"),
        "build2": (manifest("a.dmg", build="1.2"), "it has no build"),
        "build3": (manifest("a.dmg", build=True), "it has no build"),
        "build4": (manifest("a.dmg", build=-1), "a build is 1"),
        "version": (manifest("a.dmg", version=None), "it has no version"),
        "version2": (manifest("a.dmg", version="latest"), "a version is numbers"),
        "channel": (manifest("a.dmg", channel="nightly"), "its channel is neither"),
        "channel2": (manifest("a.dmg", channel=["beta"]), "its channel is neither"),
        "arch": (manifest("a.dmg", arch="ppc"), "its arch is none of"),
        "os": (manifest("a.dmg", min_os="Big Sur"), "the least version of macOS"),
    }
    for name, (text, _) in bad.items():
        write(old, f"manifest_{name}.json", text)
    (old / "manifests" / "manifest_folder.json").mkdir()
    write(old, "manifest_zz.json", manifest("a.dmg"))
    write(old, "manifest_zzz.json", manifest("b.dmg"))
    done = nexy("import", "old")
    assert done.exit_code == 1
    assert done.stdout == "manifest_zz.json: added: 1.0.0 (build 10, stable)\n"
    told = {line.split(": ")[1]: line for line in done.stderr.splitlines()}
    for name, (_, why) in bad.items():
        assert told[f"manifest_{name}.json"].startswith(f"nexy: manifest_{name}.json: passed over: ")
        assert why in told[f"manifest_{name}.json"]
    assert "is no file" in told["manifest_folder.json"]
    assert "build 10 is taken by 1.0.0" in told["manifest_zzz.json"]
    assert len(told) == len(bad) + 2
    assert os.listdir(tmp_path / "updates" / "downloads") == ["a.dmg"]
    assert nexy("verify").exit_code == 0


def test_a_date_that_is_none_is_that_of_the_file(nexy: Nexy, tmp_path: Path) -> None:
    dates = {"": 5, "yesterday": 5, "2025-10-07": 1_759_795_200, "0001-01-01T00:00:00+14:00": 5}
    dates |= {"2025-10-07T14:00:00.5+02:00": 1_759_838_400, "9999-12-31": 5}
    for build, date in enumerate(dates, start=1):
        file = app_file(tmp_path / "old" / "downloads", f"{build}.dmg")
        os.utime(file, (5, 5))
        text = manifest(f"{build}.dmg", build=build, version=f"1.{build}", release_date=date)
        write(tmp_path / "old", f"manifest_{build}.json", text)
    assert nexy("import", "old").exit_code == 0
    found = {one.build: one.released_at for one in published(tmp_path).catalogue.releases}
    assert found == dict(enumerate(dates.values(), start=1))


def test_a_folder_that_is_none(nexy: Nexy, tmp_path: Path) -> None:
    refused(nexy("import", "old"), "the folder has no manifests/manifest*.json")
    refused(nexy("import", "nowhere"), "the folder has no manifests/manifest*.json")
    refused(nexy("import"), "the folder has no manifests/manifest*.json")
    assert not (tmp_path / "updates").exists()
