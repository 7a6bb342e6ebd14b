"""nexy release: what clients update themselves with."""

import re
from typing import Annotated, Any, Literal

import typer

release = typer.Typer(help="Releases: what clients update themselves with.")

MOST_BUILD = 2**63 - 1
MOST_PHASE_HOURS = 24 * 365


def _percent(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,3}) ?%?", text.strip())
    if found is None or not 1 <= int(found[1]) <= 100:
        raise typer.BadParameter("1% to 100%")
    return int(found[1])


def _delta(text: str) -> tuple[int, str]:
    build, colon, file = text.partition(":")
    if not (colon and file and build.isascii() and build.isdecimal() and len(build) < 20):
        raise typer.BadParameter("FROM_BUILD:FILE.delta, as in 41:Nexy-41-42.delta")
    return int(build), file


EVERYBODY: Any = "100%"  # read as if it was typed
Version = Annotated[str, typer.Argument(metavar="VERSION", help="Its version, or its build.")]


@release.command("keygen")
def keygen() -> None:
    """Make the key that signs releases, in the file UPDATE_SIGNING_KEY. It never overwrites one.

    The public key is printed, alone, on stdout: the app has it as SUPublicEDKey.
    """
    from nexy.cli.release.work import make_key

    make_key()


@release.command("add")
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The app: a .dmg, .pkg or .zip.")],
    version: Annotated[str, typer.Option(metavar="1.2.3", help="For people, CFBundleShortVersionString.")],
    build: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_BUILD,
            metavar="N",
            help="What updaters compare, CFBundleVersion; else the app's in a .zip, or the next free one.",
        ),
    ] = None,
    channel: Annotated[Literal["stable", "beta"], typer.Option(help="Who is offered it.")] = "stable",
    notes: Annotated[str | None, typer.Option(metavar="FILE.md", help="What is new, in Markdown.")] = None,
    critical: Annotated[bool, typer.Option("--critical", help="Nobody should skip it.")] = False,
    auto_install: Annotated[
        bool, typer.Option("--auto-install", help="The clients' own updater need not ask.")
    ] = False,
    min_os: Annotated[str, typer.Option(metavar="11.0", help="The least macOS that runs it.")] = "11.0",
    arch: Annotated[
        Literal["universal2", "arm64", "x86_64"], typer.Option(help="Which Macs run it.")
    ] = "universal2",
    rollout: Annotated[
        int, typer.Option(parser=_percent, metavar="10%", help="How many clients are offered it.")
    ] = EVERYBODY,
    phase: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=MOST_PHASE_HOURS,
            metavar="HOURS",
            help="Sparkle offers it to one seventh more of the clients after each of these.",
        ),
    ] = None,
    delta: Annotated[
        list[Any] | None,
        typer.Option(
            parser=_delta, metavar="FROM_BUILD:FILE", help="A patch of an older build; may be repeated."
        ),
    ] = None,
) -> None:
    """Sign a release, and offer it. A crash leaves what was offered before, or all of the new one."""
    from nexy.cli.release.adding import Asked, add_one

    add_one(
        Asked(
            file=file,
            version=version,
            build=build or 0,
            channel=channel,
            notes=notes,
            critical=critical,
            auto_install=auto_install,
            min_os=min_os,
            arch=arch,
            rollout=rollout,
            phase_hours=phase,
            deltas=tuple(delta or ()),
        )
    )


@release.command("list")
def list_() -> None:
    """List the releases: build, version, channel, rollout, date, size, marks, file."""
    from nexy.cli.release.work import show_all

    show_all()


@release.command("verify")
def verify() -> None:
    """Look at the size, SHA-256 and signatures of all that is offered. Status 1 when anything is wrong."""
    from nexy.cli.release.work import look_at_all

    look_at_all()


@release.command("promote")
def promote(version: Version) -> None:
    """Make a beta stable."""
    from nexy.cli.release.work import promote_one

    promote_one(version)


@release.command("withdraw")
def withdraw(version: Version) -> None:
    """Offer a release to nobody any more. Who has it keeps it; its build is not used again."""
    from nexy.cli.release.work import withdraw_one

    withdraw_one(version)


@release.command("rollout")
def rollout(
    version: Version,
    percent: Annotated[int, typer.Argument(parser=_percent, metavar="PERCENT", help="As in 25%.")],
) -> None:
    """Set how many of the clients are offered a release."""
    from nexy.cli.release.work import roll_out

    roll_out(version, percent)


@release.command("publish")
def publish() -> None:
    """Make and sign all feeds anew, after UPDATE_BASE_URL or the key changed. With another key, files too."""
    from nexy.cli.release.work import publish_all

    publish_all()


@release.command("import")
def import_(
    folder: Annotated[
        str | None, typer.Argument(metavar="[FOLDER]", help="Its updates/ folder; else UPDATE_DIR.")
    ] = None,
) -> None:
    """Take over what an earlier server offered. It can be repeated; nothing doubles."""
    from nexy.cli.release.importing import import_all

    import_all(folder)
