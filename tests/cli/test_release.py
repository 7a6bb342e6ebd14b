"""nexy release: what is added is signed, listed, checked and withdrawn; what is wrong changes nothing."""

import os
import plistlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from nexy.modules.update import Channel, Key, is_signed
from tests.cli.releases import BASE_URL, Nexy, app_file, published, refused, runner


@pytest.fixture
def nexy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nexy:
    monkeypatch.chdir(tmp_path)
    return runner(tmp_path)


def rows(nexy: Nexy) -> list[list[str]]:
    return [line.split("\t") for line in nexy("list").stdout.splitlines()]


def zipped(file: Path, **info: object) -> str:
    """An archive with an app that says this of itself."""
    with zipfile.ZipFile(file, "w") as archive:
        inner = plistlib.dumps({"CFBundleVersion": "999", "CFBundleShortVersionString": "9.9"})
        archive.writestr("Nexy.app/Contents/Frameworks/Updater.app/Contents/Info.plist", inner)
        archive.writestr("Nexy.app/Contents/Info.plist", plistlib.dumps(info))
    return str(file)


def test_a_key_is_made_once_and_for_its_owner_alone(nexy: Nexy, tmp_path: Path) -> None:
    file = tmp_path / "home" / "new.pem"
    done = nexy("keygen", UPDATE_SIGNING_KEY=str(file))
    assert done.exit_code == 0
    assert done.stdout == f"{Key.read(file).public}\n"
    assert "SUPublicEDKey" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    refused(nexy("keygen", UPDATE_SIGNING_KEY=str(file)), "there is a signing key already")
    assert file.read_bytes() == before


def test_a_key_is_not_made_where_others_may_see_it(nexy: Nexy, tmp_path: Path) -> None:
    refused(nexy("keygen", UPDATE_SIGNING_KEY=""), "UPDATE_SIGNING_KEY is not set")
    (tmp_path / "work" / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "work")
    for folder in ("work", "work/keys", "link/keys"):
        file = tmp_path / folder / "k.pem"
        refused(nexy("keygen", UPDATE_SIGNING_KEY=str(file)), "git repository")
        assert not file.exists()
    (tmp_path / "updates").mkdir()
    (tmp_path / "shown").symlink_to(tmp_path / "updates")
    for folder in ("updates", "updates/downloads", "shown"):
        refused(nexy("keygen", UPDATE_SIGNING_KEY=str(tmp_path / folder / "k.pem")), "lies in UPDATE_DIR")
    assert list((tmp_path / "updates").iterdir()) == []


def test_what_is_added_is_signed_and_listed(nexy: Nexy, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(
        "\ufeff# Новое & <b>\"старое\"</b>\n\n'[ok](https://x.org)'", encoding="utf-8"
    )
    file = app_file(tmp_path, "Некси & <1.2.0> \"'.dmg")
    options = ["--critical", "--auto-install", "--min-os", "12.3", "--arch", "arm64", "--rollout", "10%"]
    done = nexy("add", file, "--version", "1.2.0", "--notes", "notes.md", "--phase", "1.5", *options)
    assert done.exit_code == 0, done.output
    assert done.stderr == (
        "nexy: it got build 1, the next free one: the app's CFBundleVersion must be the same\n"
    )
    assert done.stdout.splitlines()[0] == "added 1.2.0 (build 1, stable, 10%)"
    assert subprocess.run(["sha256sum", file], capture_output=True, check=True).stdout[:64] == (
        done.stdout.splitlines()[1][:64].encode()
    )

    (release,) = published(tmp_path).catalogue.releases
    data = (tmp_path / "updates" / "downloads" / Path(file).name).read_bytes()
    assert data == Path(file).read_bytes()
    assert is_signed(published(tmp_path).public, data, release.artifact.ed25519)
    assert (release.critical, release.auto_install, release.min_os, release.arch) == (
        True,
        True,
        "12.3",
        "arm64",
    )
    assert (release.rollout, release.phase_seconds) == (10, 5400)
    assert release.notes.startswith('<h1>Новое &amp; &lt;b&gt;"старое"&lt;/b&gt;</h1>')

    ((build, version, channel, rollout, date, size, marks, name),) = rows(nexy)
    assert (build, version, channel, rollout, name) == ("1", "1.2.0", "stable", "10%", Path(file).name)
    assert int(size) == len(data)
    assert date.endswith("Z")
    assert marks == "critical,auto-install,phased"
    assert nexy("verify").exit_code == 0


def test_nothing_is_there_yet(nexy: Nexy) -> None:
    done = nexy("list")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "nexy: nothing is released yet\n")
    for command in ("verify", "publish"):
        refused(nexy(command), "nothing was ever released")


def test_a_beta_is_promoted_rolled_out_and_withdrawn(nexy: Nexy, tmp_path: Path) -> None:
    nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1.0")
    done = nexy(
        "add", app_file(tmp_path, "b.zip.dmg"), "--version", "1.1", "--channel", "beta", "--rollout", "25"
    )
    assert "1.1 (build 2, beta, 25%)" in done.stdout
    assert [one.version for one in published(tmp_path).catalogue.offered(Channel.STABLE)] == ["1.0"]

    done = nexy("promote", "1.1")
    assert (done.exit_code, done.stdout) == (0, "1.1 (build 2) is stable\n")
    assert "nexy release rollout 1.1 100%" in done.stderr
    assert [one.version for one in published(tmp_path).catalogue.offered(Channel.STABLE)] == ["1.1", "1.0"]
    refused(nexy("promote", "1.1"), "1.1 is stable already")

    done = nexy("rollout", "2", "100%")
    assert (done.stdout, done.stderr) == ("1.1 (build 2) is offered to 100% of the clients\n", "")
    assert nexy("rollout", "2", "100%").exit_code == 0  # as it is already

    done = nexy("withdraw", "1.1")
    assert (done.stdout, done.stderr) == ("1.1 (build 2) is offered to nobody any more\n", "")
    refused(nexy("withdraw", "1.1"), "1.1 is withdrawn")
    refused(nexy("rollout", "1.1", "5%"), "1.1 is withdrawn")
    refused(nexy("promote", "3.0"), "there is no release 3.0")
    assert [(row[0], row[6]) for row in rows(nexy)] == [("2", "withdrawn"), ("1", "")]
    done = nexy("add", app_file(tmp_path, "c.dmg"), "--version", "1.1", "--build", "2")
    refused(done, "build 2 is taken")
    assert nexy("add", app_file(tmp_path, "c.dmg"), "--version", "1.1").exit_code == 0  # build 3
    assert [row[0] for row in rows(nexy)] == ["3", "2", "1"]


def test_deltas_come_with_their_release(nexy: Nexy, tmp_path: Path) -> None:
    for build in (40, 41):
        nexy("add", app_file(tmp_path, f"{build}.dmg"), "--version", f"1.{build}", "--build", str(build))
    patches = [f"{build}:{app_file(tmp_path, f'{build}-42.delta')}" for build in (40, 41)]
    given = [word for patch in patches for word in ("--delta", patch)]
    file = app_file(tmp_path, "42.dmg")
    refused(nexy("add", file, "--version", "1.42", *given, "--delta", patches[0]), "is the name of two files")
    again = f"40:{app_file(tmp_path, 'again.delta')}"
    refused(nexy("add", file, "--version", "1.42", *given, "--delta", again), "no older build 40")
    refused(nexy("add", file, "--version", "1.42", "--delta", f"43:{file}x"), "is no file")
    refused(
        nexy("add", file, "--version", "1.42", "--delta", f"7:{app_file(tmp_path, 'x.delta')}"), "build 7"
    )
    assert sorted(os.listdir(tmp_path / "updates" / "downloads")) == ["40.dmg", "41.dmg"]
    done = nexy("add", file, "--version", "1.42", *given)
    assert done.exit_code == 0, done.stderr
    (feed,) = [one for one in published(tmp_path).feeds if one.channel is Channel.STABLE]
    for build in (40, 41):
        assert f'deltaFrom="{build}"' in feed.xml
        assert f"{BASE_URL}/downloads/{build}-42.delta" in feed.xml
    assert rows(nexy)[0][6] == "deltas:2"
    assert nexy("verify").stdout.count("ok ") == 1 + 5 + 3 + 2  # settings, files, notes, feeds


def test_a_link_is_followed_and_gives_the_name(nexy: Nexy, tmp_path: Path) -> None:
    (tmp_path / "Nexy.dmg").symlink_to(app_file(tmp_path, "build-77-of-the-night.dmg"))
    assert nexy("add", "Nexy.dmg", "--version", "1").exit_code == 0
    kept = tmp_path / "updates" / "downloads" / "Nexy.dmg"
    assert not kept.is_symlink()
    assert kept.read_bytes() == (tmp_path / "Nexy.dmg").read_bytes()


def test_the_app_in_a_zip_says_its_build(nexy: Nexy, tmp_path: Path) -> None:
    said = {"CFBundleVersion": "42", "CFBundleShortVersionString": "1.3.0"}
    file = zipped(tmp_path / "Nexy.zip", **said)
    refused(nexy("add", file, "--version", "1.3.0", "--build", "43"), "CFBundleVersion is 42, and not 43")
    refused(nexy("add", file, "--version", "1.3.1"), "CFBundleShortVersionString is 1.3.0, and not 1.3.1")
    dotted = zipped(tmp_path / "dotted.zip", **said | {"CFBundleVersion": "1.3.0"})
    refused(nexy("add", dotted, "--version", "1.3.0", "--build", "42"), "a build is a whole number")
    done = nexy("add", file, "--version", "1.3.0-beta.1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert [row[:2] for row in rows(nexy)] == [["42", "1.3.0-beta.1"]]
    silent = zipped(tmp_path / "silent.zip")
    assert nexy("add", silent, "--version", "1.4").exit_code == 0
    assert rows(nexy)[0][0] == "43"


def test_what_is_odd_is_told_and_done(nexy: Nexy, tmp_path: Path) -> None:
    add = ["add", app_file(tmp_path, "a.dmg"), "--version", "1.10", "--build", "5"]
    done = nexy(*add, UPDATE_BASE_URL="http://localhost:8081/")
    assert (done.exit_code, done.stderr) == (
        0,
        "nexy: UPDATE_BASE_URL is http://localhost:8081: clients on other machines cannot reach that\n",
    )
    assert published(tmp_path).base_url == "http://localhost:8081"
    assert nexy("publish").exit_code == 0
    done = nexy("add", app_file(tmp_path, "b.dmg"), "--version", "1.9", "--build", "4")
    assert done.exit_code == 0
    older, lower = done.stderr.splitlines()
    assert older.startswith("nexy: build 4 is older than build 5 of 1.10")
    assert lower == "nexy: 1.9 is a lower version than 1.10 of build 5"


def test_another_address_is_taken_over_by_publish_alone(nexy: Nexy, tmp_path: Path) -> None:
    nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1.0")
    elsewhere = {"UPDATE_BASE_URL": "https://elsewhere.example.org/nexy/"}
    refused(nexy("withdraw", "1.0", **elsewhere), "nexy release publish makes and signs all anew")
    done = nexy("verify", **elsewhere)
    assert done.exit_code == 1
    assert done.stdout.startswith("BAD  settings: UPDATE_BASE_URL is https://elsewhere.example.org/nexy, and")
    assert nexy("publish", **elsewhere).stdout == "notes and feeds are signed anew\n"
    assert nexy("verify", **elsewhere).exit_code == 0
    assert "https://elsewhere.example.org/nexy/downloads/a.dmg" in published(tmp_path).feeds[0].xml


def test_another_key_signs_everything_anew(nexy: Nexy, tmp_path: Path) -> None:
    nexy("add", app_file(tmp_path, "gone.dmg"), "--version", "0.9")
    nexy("withdraw", "0.9")
    (tmp_path / "updates" / "downloads" / "gone.dmg").unlink()
    nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1.0")
    patch = f"2:{app_file(tmp_path, 'a-b.delta')}"
    nexy("add", app_file(tmp_path, "b.dmg"), "--version", "1.1", "--delta", patch)
    old = published(tmp_path)
    another = {"UPDATE_SIGNING_KEY": str(tmp_path / "another.pem")}
    public = nexy("keygen", **another).stdout.strip()
    refused(
        nexy("add", app_file(tmp_path, "c.dmg"), "--version", "1.2", **another), "the signing key is another"
    )
    assert "BAD  settings: the signing key is another" in nexy("verify", **another).stdout
    assert published(tmp_path) == old

    file = tmp_path / "updates" / "downloads" / "a-b.delta"
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"!")
    refused(nexy("publish", **another), "a-b.delta: its bytes have changed")
    assert published(tmp_path) == old  # what has changed is never signed, and nothing is half done
    file.write_bytes(good)

    assert nexy("publish", **another).stdout == "files, notes and feeds are signed anew\n"
    assert published(tmp_path).public == public != old.public
    done = nexy("verify", **another)
    assert (done.exit_code, done.stdout.count("BAD")) == (0, 0)
    assert nexy("verify", UPDATE_SIGNING_KEY="").exit_code == 0  # where there is no key


def test_verify_finds_what_is_not_as_it_was(nexy: Nexy, tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d", "e"):
        nexy("add", app_file(tmp_path, f"{name}.dmg"), "--version", f"1.{ord(name)}")
    downloads = tmp_path / "updates" / "downloads"
    (downloads / "a.dmg").unlink()
    data = (downloads / "b.dmg").read_bytes()
    (downloads / "b.dmg").write_bytes(data + b"!")
    (downloads / "c.dmg").write_bytes(data[:-1] + b"!")
    (downloads / "d.dmg").unlink()
    (downloads / "d.dmg").symlink_to(tmp_path / "d.dmg")
    (downloads / "stray\x1b.dmg").write_bytes(data)
    done = nexy("verify")
    assert done.exit_code == 1
    assert done.stderr == "nexy: 4 wrong\n"
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert told["BAD  a.dmg"] == told["BAD  d.dmg"] == "the file is missing, or is no plain file"
    assert told["BAD  b.dmg"] == f"it has {len(data) + 1} bytes, and had {len(data)}"
    assert told["BAD  c.dmg"] == "its bytes have changed: the SHA-256 is another one"
    assert told["ok   e.dmg"] == "as it should be"
    assert told["warn stray\\x1b.dmg"] == "of no release, and offered to nobody"


def test_files_of_no_release_are_no_fault(nexy: Nexy, tmp_path: Path) -> None:
    nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1")
    (tmp_path / "updates" / "downloads" / "notes").mkdir()
    done = nexy("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "warn notes: of no release" in done.stdout


def test_a_damaged_list_is_told(nexy: Nexy, tmp_path: Path) -> None:
    nexy("add", app_file(tmp_path, "a.dmg"), "--version", "1")
    (tmp_path / "updates" / "published.json").write_text("{")
    for command in (["list"], ["verify"], ["publish"], ["withdraw", "1"]):
        refused(nexy(*command), "published.json is not what nexy release writes")
