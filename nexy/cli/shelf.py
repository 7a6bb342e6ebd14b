"""The doctor's look at the folder of releases. Nothing is hashed: nexy release verify does that."""

from collections.abc import Iterator

from nexy.cli.findings import Finding, ok, warn
from nexy.config import Config
from nexy.errors import ReleaseError
from nexy.integrations.updates import folder_of

WHAT = "releases"


def check_updates(config: Config) -> Iterator[Finding]:
    """Answers go on without updates: nothing here keeps the server from them."""
    folder = folder_of(config.updates)
    if folder is None:
        yield ok(WHAT, "no update server: UPDATE_DIR is none")
        return
    try:
        published = folder.read()
    except ReleaseError as error:
        yield warn(WHAT, f"{error}; look at UPDATE_DIR, and run: nexy release publish")
        return
    if published is None:
        yield ok(WHAT, "nothing has been released yet; nexy release add does it")
        return
    artifacts = published.catalogue.artifacts
    for name, artifact in artifacts.items():
        stamp = folder.stamp_of_download(name)
        if stamp is None or stamp[1] != artifact.size:
            yield warn(WHAT, f"{name} is not there, or not what was released; run: nexy release verify")
    if published.base_url != config.updates.update_base_url:
        yield warn(WHAT, "published for another address than UPDATE_BASE_URL; run: nexy release publish")
    yield ok(WHAT, f"{len(published.catalogue.kept)} releases, {len(artifacts)} files")
