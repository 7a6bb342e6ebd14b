"""The command line: one small file a command, each imported only when it runs."""

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from nexy import __version__
from nexy.cli.db import db as db_commands
from nexy.cli.failing import WRONG_USE
from nexy.cli.link import Link
from nexy.cli.loadtest.command import loadtest as load_test
from nexy.cli.options import linked
from nexy.cli.provider import provider as provider_commands
from nexy.cli.release import release as release_commands
from nexy.cli.token import token as token_commands


class _Program(TyperGroup):
    """The group of all commands: wrong use is one plain line too."""

    def main(self, *args: Any, **options: Any) -> Any:
        if not options.pop("standalone_mode", True):
            return super().main(*args, **options | {"standalone_mode": False})
        try:
            status = super().main(*args, **options | {"standalone_mode": False})
        except typer.TyperException as error:
            context = getattr(error, "ctx", None)
            hint = f" (see {context.command_path} --help)" if context else ""
            line = " ".join(error.format_message().split()).removesuffix(".")
            print(f"nexy: {line}{hint}", file=sys.stderr)
            status = error.exit_code
        sys.exit(status if isinstance(status, int) else 0)


app = typer.Typer(
    cls=_Program,
    name="nexy",
    help="A voice assistant server for people who listen.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes drawn around words are no help to those who hear them
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _host(text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise typer.BadParameter("it is empty; 0.0.0.0 or :: is every address")
    return text


Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, metavar="PORT", help="0 takes any free one.", show_default=False),
]
Out = Annotated[str | None, typer.Option(metavar="FILE.wav", help="Write the sound to this file.")]


@app.callback(invoke_without_command=True)
def program(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        print(f"nexy {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(WRONG_USE)


@app.command()
def serve(
    host: Annotated[
        str | None,
        typer.Option(callback=_host, metavar="ADDRESS", help="The address to listen on, for all ports."),
    ] = None,
    grpc_port: Port = None,
    http_port: Port = None,
    ws_port: Port = None,
    update_port: Port = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1, max=256, metavar="N", help="Processes on the same ports; more than one need NATS_URL."
        ),
    ] = 1,
) -> None:
    """Serve everything, until Ctrl-C or SIGTERM.

    What is not given here is taken from the environment, then from config.env, then it is the default.
    When all of it answers, one line says so: ready grpc=HOST:PORT http=HOST:PORT ws=HOST:PORT
    updates=HOST:PORT. The first Ctrl-C lets running answers end, for DRAIN_SECONDS at most; the second
    one ends at once, with exit status 1.
    """
    from nexy.cli.serve import run

    run(
        host,
        workers,
        grpc_port=grpc_port,
        http_port=http_port,
        websocket_port=ws_port,
        update_port=update_port,
    )


@app.command()
@linked
def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    screenshot: Annotated[str | None, typer.Option(metavar="FILE", help="A PNG, JPEG or WebP file.")] = None,
    out: Out = None,
    hardware_id: Annotated[
        str, typer.Option(metavar="ID", help="Names this device.", envvar="NEXY_HARDWARE_ID")
    ] = "nexy-ask",
    session_id: Annotated[
        str, typer.Option(metavar="ID", help="Names the conversation; without it, a new one.")
    ] = "",
    *,
    link: Link,
) -> None:
    """Ask something: hear what it is and how long it takes.

    The text is printed as it comes, on stdout; the times to the first text and the first sound
    follow on stderr.
    """
    from nexy.cli.ask import run

    run(text, screenshot, out, hardware_id, session_id, link)


@app.command()
@linked
def interrupt(
    hardware_id: Annotated[str, typer.Argument(metavar="HARDWARE_ID", help="Whose answers to stop.")],
    played_ms: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="How much of the newest answer's sound was played."),
    ] = None,
    *,
    link: Link,
) -> None:
    """Stop every running answer of a device.

    Prints the ids of the stopped sessions, one a line; status 1 when nothing was running.
    """
    from nexy.cli.interrupt import run

    run(hardware_id, played_ms, link)


@app.command()
@linked
def welcome(
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="What to say; empty for the default greeting.")
    ] = "",
    language: Annotated[str, typer.Option(metavar="TAG", help='For example "ru-RU".')] = "",
    voice: Annotated[str, typer.Option(metavar="NAME", help="A voice's name.")] = "",
    out: Out = None,
    *,
    link: Link,
) -> None:
    """Have a greeting said."""
    from nexy.cli.welcome import run

    run(text, language, voice, out, link)


@app.command()
def voices(
    language: Annotated[str, typer.Option(help='Only those of a language: "pt" or "pt-BR".')] = "",
) -> None:
    """List the voices that can be asked for by name."""
    from nexy.cli.voices import run

    run(language)


@app.command()
def doctor() -> None:
    """Find what is wrong, and how to mend it.

    Checks the configuration, each model and voice by itself, and the ports. Status 1 when the server
    could not answer, 0 when it could, though a warning may be shown.
    """
    from nexy.cli.doctor import run

    run()


app.add_typer(db_commands, name="db")
app.command("loadtest")(load_test)
app.add_typer(provider_commands, name="provider")
app.add_typer(release_commands, name="release")
app.add_typer(token_commands, name="token")


def main() -> None:
    """The program."""
    try:
        app(prog_name="nexy")
    except BrokenPipeError:  # the reader of a pipe went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
