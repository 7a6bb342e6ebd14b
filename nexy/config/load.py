"""Settings from the environment and from config.env: all mistakes at once, by name, and no secret."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import cast
from urllib.parse import quote

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from nexy.config.contradictions import contradictions, oddities
from nexy.config.file import NAME, read
from nexy.config.model import Config, SecurityConfig, ServerConfig, Slice
from nexy.config.security import exposure_mistakes, exposure_warnings, file_mistakes
from nexy.errors import ConfigError

FILE = Path(NAME)

OLD_PREFIX, PREFIX = "GEMINI_LIVE_", "GEMINI_"  # files of the server before this one have the old one

OLD_DATABASE = frozenset({"DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"})
"""Of an old file: together they make a DATABASE_URL, if there is none."""

WITH_GEMINI = {"LLM_PROVIDERS": "gemini,offline", "TTS_PROVIDERS": "edge,espeak"}
"""The defaults when there is a GEMINI_API_KEY: who has one wants it used, and so is on the network."""


def load(environ: Mapping[str, str], file: Path = FILE, **overrides: str | None) -> tuple[Config, list[str]]:
    """The configuration, and what should be said about it: names that are old, unknown or without effect.

    The environment wins over `file`, and `overrides` (from the command line; None for not given)
    win over both. An empty value is not given. A missing file is no mistake. Raises ConfigError.
    """
    written = read(file)
    typed = {name.upper(): value for name, value in overrides.items() if value is not None}
    layers: list[Mapping[str, str]] = [written.values, environ, typed]
    named = {name: value for layer in layers for name, value in layer.items() if value}
    aliases = _aliases(named)
    given = {new: named[old] for new, old in aliases.items()} | named
    if given.get("GEMINI_API_KEY"):
        given = WITH_GEMINI | given
    if "DATABASE_URL" not in given and given.get("DB_NAME"):
        given["DATABASE_URL"] = _database_url(given)
    problems = [*written.problems, *contradictions(given), *file_mistakes(given)]
    slices: dict[str, Slice] = {}
    for part, kind in _slices():
        fields_given = {field: given[field.upper()] for field in kind.model_fields if field.upper() in given}
        try:
            slices[part] = kind.model_validate(fields_given)
        except ValidationError as error:
            problems += _describe(error, aliases)
    warnings = [*_old_names(named, aliases), *_without_effect(written.labels)]
    match slices.get("security"), slices.get("server"):
        case SecurityConfig() as security, ServerConfig(grpc_host=host):
            problems += exposure_mistakes(security, host)
            warnings += exposure_warnings(security, host)
    if problems:
        raise ConfigError(problems, warnings)
    config = Config.model_validate(slices)
    return config, [*warnings, *oddities(config)]


def _database_url(given: Mapping[str, str]) -> str:
    """What the settings of an old file make together."""
    user, password, name = (
        quote(given.get(part, ""), safe="") for part in ("DB_USER", "DB_PASSWORD", "DB_NAME")
    )
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgresql://{login}{given.get('DB_HOST', 'localhost')}:{given.get('DB_PORT', '5432')}/{name}"


def _aliases(named: Mapping[str, str]) -> dict[str, str]:
    """The settings that are given by their old name only: proper name → old name."""
    known = {name for _, name, _ in fields()}
    proper = {PREFIX + old.removeprefix(OLD_PREFIX): old for old in named if old.startswith(OLD_PREFIX)}
    return {new: old for new, old in proper.items() if new in known and new not in named}


def _slices() -> Iterator[tuple[str, type[Slice]]]:
    for part, field in Config.model_fields.items():
        yield part, cast("type[Slice]", field.annotation)


def fields() -> Iterator[tuple[type[Slice], str, FieldInfo]]:
    """Every setting: its slice, its name in the environment, and what is known of it."""
    for _, kind in _slices():
        for name, field in kind.model_fields.items():
            yield kind, name.upper(), field


def _describe(error: ValidationError, aliases: Mapping[str, str]) -> Iterator[str]:
    seen = set()
    for mistake in error.errors(include_input=False, include_url=False):
        name = str(mistake["loc"][0]).upper()
        if name not in seen:  # one line a name, though a list may have several wrong parts
            seen.add(name)
            as_given = f"{name}, given as {aliases[name]}" if name in aliases else name
            yield f"{as_given}: {mistake['msg'].removeprefix('Value error, ')}"


def _old_names(named: Mapping[str, str], aliases: Mapping[str, str]) -> Iterator[str]:
    for old in sorted(name for name in named if _is_old(name)):
        new = PREFIX + old.removeprefix(OLD_PREFIX)
        if new in aliases:
            yield f"{old} is the old name of {new}, and is taken for it"
        else:
            yield f"{old} is passed over, as {new} is given"


def _is_old(name: str) -> bool:
    new = PREFIX + name.removeprefix(OLD_PREFIX)
    return name.startswith(OLD_PREFIX) and any(new == known for _, known, _ in fields())


def _without_effect(labels: Mapping[str, str]) -> Iterator[str]:
    known = {name for _, name, _ in fields()} | OLD_DATABASE
    for name in sorted(set(labels) - known, key=labels.__getitem__):
        if not _is_old(name):
            close = get_close_matches(name.upper(), known, 1, 0.8)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield f"{NAME}: {labels[name]} is not a setting of Nexy and is passed over{hint}"


def example() -> str:
    """The text of config.env.example: every setting with its default, commented out."""
    lines = [
        "# Settings of Nexy, with their defaults. Copy this file to config.env and change what you need;",
        "# the environment wins over the file. docs/configuration.md says more.",
    ]
    part: type[Slice] | None = None
    for kind, name, field in fields():
        if kind is not part:
            part = kind
            lines += ["", f"# {kind.__doc__}"]
        value = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        value = str(value).lower() if isinstance(value, bool) else value
        value = value.get_secret_value() if isinstance(value, SecretStr) else value
        lines.append(f"#{name}={value}".ljust(40) + (f"# {field.description}" if field.description else ""))
    return "\n".join(line.rstrip() for line in lines) + "\n"
