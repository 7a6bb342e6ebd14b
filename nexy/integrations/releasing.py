"""Releases are made and changed here: what `nexy release` does, without its words.

Every change is made under the folder's lock, of what is published at that moment: check, change the
catalogue, take files in, sign, write. Whatever fails before the last step changes nothing for clients.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from nexy.config import UpdatesConfig
from nexy.errors import ReleaseError
from nexy.integrations.updates import folder_of
from nexy.modules.update import (
    Artifact,
    Bundle,
    Catalogue,
    Delta,
    Folder,
    Key,
    Published,
    Release,
    is_older,
    make_key,
    numbers_of,
    publish,
    read_bundle,
    sign_anew,
    unknown_files,
    wrong_with_artifact,
    wrong_with_feeds,
    wrong_with_notes,
)

Tell: TypeAlias = Callable[[str, int, int], None]  # a file's name, how many bytes are done, and in all


@dataclass(frozen=True, slots=True)
class New:
    """A release to add. Its `draft` has the name of the file, and build 0 for the next free one."""

    draft: Release
    source: Path
    deltas: tuple[Path, ...] = ()  # the files of the draft's deltas, in their order


@dataclass(frozen=True, slots=True)
class Looked:
    """Something that was looked at."""

    what: str
    wrong: str  # empty when nothing is


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set, and is part of what is published."""

    base_url: str  # without a slash at its end
    public: str | None  # of the key; None where there is no private one, as on a machine that only serves


@dataclass(frozen=True, slots=True)
class Desk:
    """Where releases are made."""

    folder: Folder
    base_url: str  # without a slash at its end
    key: Key

    def catalogue(self) -> Catalogue:
        """The releases so far. Raises ReleaseError when the key or the address has become another."""
        published = self.folder.read()
        if published is None or not published.catalogue.releases:
            return Catalogue()
        for odd in other_than(published, Settings(self.base_url, self.key.public)):
            raise ReleaseError(f"{odd}; nexy release publish makes and signs all anew")
        return published.catalogue

    def publish(self, catalogue: Catalogue) -> None:
        self.folder.write(publish(catalogue, self.base_url, self.key))

    def take_in(self, source: Path, name: str, tell: Tell) -> Artifact:
        return self.folder.take_in(source, name, self.key, partial(tell, name))


def open_folder(config: UpdatesConfig) -> Folder:
    """Raises ReleaseError."""
    folder = folder_of(config)
    if folder is None:
        raise ReleaseError("UPDATE_DIR is none: it names no folder for releases")
    return folder


def open_desk(config: UpdatesConfig) -> Desk:
    """Raises ReleaseError."""
    return Desk(open_folder(config), config.update_base_url, Key.read(_key_file(config)))


def make_signing_key(config: UpdatesConfig) -> Key:
    """Raises ReleaseError; never overwrites."""
    return make_key(_key_file(config))


def settings_of(config: UpdatesConfig) -> Settings:
    """Raises ReleaseError."""
    public = Key.read(_key_file(config)).public if config.update_signing_key else None
    return Settings(config.update_base_url, public)


def _key_file(config: UpdatesConfig) -> Path:
    if not config.update_signing_key:
        raise ReleaseError("UPDATE_SIGNING_KEY is not set; it names the file that nexy release keygen makes")
    file = Path(config.update_signing_key).expanduser()
    folder = folder_of(config)
    if folder is not None and file.resolve().is_relative_to(folder.path.resolve()):
        raise ReleaseError("UPDATE_SIGNING_KEY lies in UPDATE_DIR, which others may see; put it elsewhere")
    return file


def other_than(published: Published, settings: Settings) -> Iterator[str]:
    """What is set otherwise than it was when releases were published."""
    if published.base_url != settings.base_url:
        yield f"UPDATE_BASE_URL is {settings.base_url}, and {published.base_url} was published"
    if settings.public is not None and published.public != settings.public:
        yield "the signing key is another than the one that releases are signed with"


def looked_into(new: New) -> New:
    """With the build of the app in a zip. Raises ReleaseError for what cannot be added, or contradicts it."""
    for source in (new.source, *new.deltas):
        check_source(source)
    return replace(new, draft=_as_its_bundle_says(new.draft, new.source))


def add(desk: Desk, new: New, tell: Tell) -> Release:
    """Offer what was looked into. Raises ReleaseError; a mistake is told before a byte is copied."""
    with desk.folder.changing():
        catalogue = desk.catalogue()
        draft = new.draft if new.draft.build else replace(new.draft, build=catalogue.next_build)
        catalogue.with_added(draft)
        artifact = desk.take_in(new.source, draft.artifact.file, tell)
        deltas = tuple(
            Delta(delta.from_build, desk.take_in(source, delta.artifact.file, tell))
            for delta, source in zip(draft.deltas, new.deltas, strict=True)
        )
        release = replace(draft, artifact=artifact, deltas=deltas)
        desk.publish(catalogue.with_added(release))
    return release


def check_source(source: Path) -> None:
    """Raise ReleaseError for what cannot be taken in; a link to a file can."""
    if not os.path.isfile(source):
        raise ReleaseError(f"{source.name or source} is no file, or there is none")
    if not os.access(source, os.R_OK) or not os.path.getsize(source):
        raise ReleaseError(f"{source.name} cannot be read, or is empty")


def _as_its_bundle_says(draft: Release, source: Path) -> Release:
    bundle = read_bundle(source) if draft.kind == "zip" else None
    if bundle is None:
        return draft
    _check_version(draft, bundle)
    if not bundle.build:
        return draft
    if not (bundle.build.isascii() and bundle.build.isdecimal()):
        raise ReleaseError(f"the app's CFBundleVersion is {bundle.build}, and a build is a whole number")
    if draft.build and draft.build != int(bundle.build):
        raise ReleaseError(f"the app's CFBundleVersion is {bundle.build}, and not {draft.build}")
    return replace(draft, build=int(bundle.build))


def _check_version(draft: Release, bundle: Bundle) -> None:
    """An app may leave out what follows the numbers: Apple has no word for a beta."""
    if bundle.version not in ("", draft.version, numbers_of(draft.version)):
        raise ReleaseError(
            f"the app's CFBundleShortVersionString is {bundle.version}, and not {draft.version}"
        )


def oddities(desk: Desk, release: Release) -> Iterator[str]:
    """What may be right, and seldom is. Raises ReleaseError."""
    published = desk.folder.read()
    others = published.catalogue.offered(release.channel) if published else ()
    newest = next((one for one in others if one.build != release.build), None)
    if newest is not None and newest.build > release.build:
        yield (
            f"build {release.build} is older than build {newest.build} of {newest.version}: "
            "whoever has that one is not offered this one"
        )
    if newest is not None and is_older(release.version, newest.version):
        yield f"{release.version} is a lower version than {newest.version} of build {newest.build}"


def change(desk: Desk, what: Callable[[Catalogue], Catalogue], version: str) -> Release:
    """Change the release that is named by its version or build; how it is now. Raises ReleaseError."""
    with desk.folder.changing():
        before = desk.catalogue()
        after = what(before)
        desk.publish(after)
    changed = (one for one in after.releases if one not in before.releases)
    return next(changed, None) or after.find(version)


def publish_anew(desk: Desk, tell: Tell) -> bool:
    """Make and sign all feeds and notes; with another key the files too: then True. Raises ReleaseError.

    The files are read before, and one that is not what was added stops it all.
    """
    with desk.folder.changing():
        published = desk.folder.read()
        if published is None or not published.catalogue.releases:
            raise ReleaseError("nothing was ever released here; see: nexy release add --help")
        catalogue = published.catalogue
        another_key = published.public != desk.key.public
        if another_key:
            catalogue = Catalogue.of(_signed_anew(desk, one, tell) for one in catalogue.releases)
        desk.publish(catalogue)
    return another_key


def _signed_anew(desk: Desk, release: Release, tell: Tell) -> Release:
    if release.withdrawn:  # nobody gets it, and its files may be gone
        return release

    def sign(artifact: Artifact) -> Artifact:
        return sign_anew(desk.folder, artifact, desk.key, partial(tell, artifact.file))

    deltas = tuple(replace(one, artifact=sign(one.artifact)) for one in release.deltas)
    return replace(release, artifact=sign(release.artifact), deltas=deltas)


def verify(folder: Folder, settings: Settings, tell: Tell) -> Iterator[Looked]:
    """Look at all that is served, at one thing after another. Raises ReleaseError when nothing is."""
    published = folder.read()
    if published is None or not published.catalogue.releases:
        raise ReleaseError("nothing was ever released here; see: nexy release add --help")
    yield Looked("settings", "; ".join(other_than(published, settings)))
    for file, artifact in published.catalogue.artifacts.items():
        wrong = wrong_with_artifact(folder, artifact, published.public, partial(tell, file))
        yield Looked(file, wrong)
    for what, wrong in (*wrong_with_notes(published), *wrong_with_feeds(published)):
        yield Looked(what, wrong)


def unknown(folder: Folder) -> list[str]:
    """The names of files that lie among the downloads and are offered to nobody. Raises ReleaseError."""
    published = folder.read()
    return unknown_files(folder, published) if published else []
