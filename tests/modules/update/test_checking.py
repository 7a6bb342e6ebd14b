"""Whether what is published is what was signed: every byte of it counts."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from nexy.modules.update import (
    Artifact,
    Catalogue,
    Channel,
    Folder,
    Key,
    Notes,
    Published,
    Release,
    make_key,
    publish,
    unknown_files,
    wrong_with_artifact,
    wrong_with_feeds,
    wrong_with_notes,
)

FEEDS = ["appcast.xml of the rollout to 20 %", "appcast.xml", "appcast-beta.xml of the rollout to 20 %"]
NOTHING = base64.b64encode(bytes(64)).decode()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return make_key(tmp_path_factory.mktemp("keys") / "k.pem")


@pytest.fixture(scope="module")
def published(key: Key) -> Published:
    catalogue = Catalogue()
    for build in (1, 2):
        artifact = Artifact(f"Некси {build}.dmg", 5, "00" * 32, NOTHING)
        release = Release(f"1.{build}", build, Channel.STABLE, 5, artifact, rollout=100 if build == 1 else 20)
        catalogue = catalogue.with_added(release)
    return publish(catalogue, "https://x.example.org", key)


def wrong_feeds(published: Published) -> list[str]:
    return [wrong for _, wrong in wrong_with_feeds(published)]


def changed(published: Published, **fields: object) -> Published:
    """With another first feed."""
    first, *others = published.feeds
    return replace(published, feeds=(replace(first, **fields), *others))  # type: ignore[arg-type]


def test_what_was_published_is_right(published: Published) -> None:
    assert list(wrong_with_feeds(published)) == [(name, "") for name in [*FEEDS, "appcast-beta.xml"]]
    assert list(wrong_with_notes(published)) == [("notes of 1.2", ""), ("notes of 1.1", "")]


def test_a_changed_feed(published: Published, key: Key) -> None:
    xml = published.feeds[0].xml
    other = xml.replace("1.2", "1.3", 1)
    assert "these bytes" in wrong_feeds(changed(published, xml=other))[0]
    unsigned = xml[: xml.rindex("<!-- sparkle-signatures")]
    for broken in (unsigned, xml + "\n", xml.replace("length: ", "length: 1"), ""):
        signed = changed(published, xml=broken, ed25519=key.sign(broken.encode()))
        assert "no signature of Sparkle's at its end, or a broken one" in wrong_feeds(signed)[0]
    assert "beside it" in wrong_feeds(changed(published, ed25519=NOTHING))[0]
    assert "beside it" in wrong_feeds(changed(published, ed25519="no base64"))[0]


def test_feeds_that_are_missing_too_many_or_of_another_list(published: Published) -> None:
    assert wrong_feeds(replace(published, feeds=published.feeds[1:])) == ["it is missing", "", "", ""]
    extra = replace(published.feeds[0], below=7)
    assert wrong_feeds(replace(published, feeds=(*published.feeds, extra)))[4] == (
        "there is one too many, of a rollout to 7 %"
    )
    releases = published.catalogue.releases
    edited = replace(published, catalogue=Catalogue((replace(releases[0], version="9.9"), *releases[1:])))
    assert ["does not say what the list" in wrong for wrong in wrong_feeds(edited)] == [True, False] * 2


def test_changed_notes(published: Published) -> None:
    notes = published.notes
    other = replace(published, notes=notes | {2: replace(notes[2], html="<p>Click here</p>")})
    missing = replace(published, notes={1: Notes(notes[1].html, NOTHING)})
    assert "these bytes" in dict(wrong_with_notes(other))["notes of 1.2"]
    assert dict(wrong_with_notes(missing)) == {
        "notes of 1.2": "they are missing",
        "notes of 1.1": "the signature is not of this key, or not of these bytes",
    }


def test_another_key_has_signed_nothing_of_it(published: Published, tmp_path: Path) -> None:
    other = replace(published, public=make_key(tmp_path / "k.pem").public)
    assert all(wrong for _, wrong in (*wrong_with_feeds(other), *wrong_with_notes(other)))


def test_a_file_that_is_not_signed_with_the_key(key: Key, tmp_path: Path) -> None:
    folder, source = Folder(tmp_path), tmp_path / "source"
    source.write_bytes(b"an app")
    with folder.changing():
        artifact = folder.take_in(source, "a.dmg", key)
    assert wrong_with_artifact(folder, artifact, key.public) == ""
    unsigned = replace(artifact, ed25519=NOTHING)
    assert wrong_with_artifact(folder, unsigned, key.public) == "the signature is not of this key"
    assert unknown_files(folder, Published("", "")) == ["a.dmg"]
    assert unknown_files(Folder(tmp_path / "none"), Published("", "")) == []
