"""Settings from the environment and from config.env: all mistakes at once, by name, and no secret."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from nexy.config.model import LATER, Config, Slice
from nexy.errors import ConfigError

FILE = Path("config.env")


def load(environ: Mapping[str, str], file: Path = FILE, **overrides: str | None) -> tuple[Config, list[str]]:
    """The configuration, and what should be said about it: names that are unknown or without effect.

    The environment wins over `file`, and `overrides` (from the command line; None for not given)
    win over both. A missing file is no mistake. Raises ConfigError.
    """
    written = {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}
    given = (
        written
        | dict(environ)
        | {name.upper(): value for name, value in overrides.items() if value is not None}
    )
    problems: list[str] = []
    slices: dict[str, Slice] = {}
    for part, kind in _slices():
        try:
            slices[part] = kind.model_validate(
                {
                    field: given[field.upper()]
                    for field in kind.model_fields
                    if given.get(field.upper(), "") != ""
                }
            )
        except ValidationError as error:
            problems += _describe(error)
    if problems:
        raise ConfigError(problems)
    return Config.model_validate(slices), list(_warnings(written, environ))


def _slices() -> Iterator[tuple[str, type[Slice]]]:
    for part, field in Config.model_fields.items():
        yield part, cast("type[Slice]", field.annotation)


def fields() -> Iterator[tuple[type[Slice], str, FieldInfo]]:
    """Every setting: its slice, its name in the environment, and what is known of it."""
    for _, kind in _slices():
        for name, field in kind.model_fields.items():
            yield kind, name.upper(), field


def _describe(error: ValidationError) -> Iterator[str]:
    seen = set()
    for mistake in error.errors(include_input=False, include_url=False):
        name = str(mistake["loc"][0]).upper()
        if name not in seen:  # one line a name, though a list may have several wrong parts
            seen.add(name)
            yield f"{name}: {mistake['msg'].removeprefix('Value error, ')}"


def _warnings(written: Mapping[str, str], environ: Mapping[str, str]) -> Iterator[str]:
    known = {name for _, name, _ in fields()}
    for name in sorted(set(written) - known - LATER):
        yield f"{FILE.name}: {name} is not a setting of Nexy and is passed over"
    for name in sorted(LATER & (set(written) | set(environ))):
        yield f"{name} is set, but has no effect in this version"


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
    lines += [
        "",
        "# Known by name, and not used in this version:",
        *(f"#{name}=" for name in sorted(LATER)),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"
