"""The page for people: all releases, with their notes and what their files are to be compared with."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from nexy.modules.update.appcast import download_url
from nexy.modules.update.manifest import date
from nexy.modules.update.published import Published
from nexy.modules.update.releases import Artifact, Channel, Release

HEADING = re.compile(r"(?<=<)(/?)h([1-6])(?=[ >])")
LOWERED = 2  # the page's own headings are h1 and h2
SYSTEMS = {"universal2": "Apple silicon and Intel", "arm64": "Apple silicon", "x86_64": "Intel"}
UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def page(published: Published) -> str:
    """A document that needs no script and asks nobody else for anything."""
    return _template().render(
        releases=[_shown(one, published.base_url) for one in published.catalogue.kept],
        public=published.public,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(files(__package__).joinpath("page.html").read_text("utf-8"))


def _shown(release: Release, base_url: str) -> dict[str, Any]:
    return {
        "version": release.version,
        "build": release.build,
        "beta": release.channel is Channel.BETA,
        "critical": release.critical,
        "rollout": release.rollout,
        "time": date(release.released_at),
        "day": date(release.released_at).partition("T")[0],
        "system": f"macOS {release.min_os} or later, {SYSTEMS[release.arch]}",
        "notes": Markup(lowered(release.notes)),  # noqa: S704 - they were sanitised when they were added
        "file": _file(release.artifact, base_url),
        "deltas": [_file(one.artifact, base_url) | {"from": one.from_build} for one in release.deltas],
    }


def _file(artifact: Artifact, base_url: str) -> dict[str, Any]:
    return {
        "name": artifact.file,
        "url": download_url(base_url, artifact.file),
        "size": size(artifact.size),
        "bytes": artifact.size,
        "sha256": artifact.sha256,
        "ed25519": artifact.ed25519,
    }


def lowered(notes: str) -> str:
    """Notes whose headings stand below those of the page."""
    return HEADING.sub(lambda found: f"{found[1]}h{min(int(found[2]) + LOWERED, 6)}", notes)


def size(in_bytes: int) -> str:
    """12345678 → "12.3 MB"."""
    for unit, name in UNITS:
        if in_bytes >= unit:
            return f"{in_bytes / unit:.1f} {name}"
    return f"{in_bytes} bytes"
