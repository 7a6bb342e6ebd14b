"""The command line: one small file a command, each imported only when it runs."""

import os
import sys
from typing import Annotated, NoReturn

import typer

from nexy import __version__

app = typer.Typer(
    name="nexy",
    help="A voice assistant server for people who listen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Server = Annotated[str, typer.Option(help="The server, HOST:PORT.", envvar="NEXY_SERVER")]
Out = Annotated[str | None, typer.Option(help="Write the sound to this WAV file.", metavar="FILE.wav")]
DEFAULT_SERVER = "127.0.0.1:50051"


def fail(*problems: str) -> NoReturn:
    """Say each problem in one plain line, and end with status 1."""
    for problem in problems:
        print(f"nexy: {problem}", file=sys.stderr)
    raise typer.Exit(1)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if show:
        print(f"nexy {__version__}")
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    grpc_port: Annotated[int | None, typer.Option(help="0 takes any free port.")] = None,
    http_port: Annotated[int | None, typer.Option(help="0 takes any free port.")] = None,
    ws_port: Annotated[int | None, typer.Option(help="Taken and passed over: not in this version.")] = None,
    update_port: Annotated[
        int | None, typer.Option(help="Taken and passed over: not in this version.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; this version has one.")] = 1,
) -> None:
    """Serve everything, until Ctrl-C or SIGTERM."""
    from nexy.cli.serve import run

    if workers != 1:
        fail("--workers: this version runs in one process")
    run(host, grpc_port, http_port)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="What to say.")],
    screenshot: Annotated[str | None, typer.Option(help="A PNG, JPEG or WebP file.", metavar="FILE")] = None,
    out: Out = None,
    server: Server = DEFAULT_SERVER,
    hardware_id: Annotated[str, typer.Option(help="Names this device.")] = "nexy-ask",
    session_id: Annotated[str, typer.Option(help="Names the conversation.")] = "",
    token: Annotated[str | None, typer.Option(help="Sent as authorization.", envvar="NEXY_TOKEN")] = None,
) -> None:
    """Ask something: print the text as it comes, write the sound, show the times."""
    from nexy.cli.ask import run

    run(text, screenshot, out, server, hardware_id, session_id, token)


@app.command()
def interrupt(
    hardware_id: Annotated[str, typer.Argument(help="Whose answers to stop.")],
    server: Server = DEFAULT_SERVER,
    token: Annotated[str | None, typer.Option(help="Sent as authorization.", envvar="NEXY_TOKEN")] = None,
) -> None:
    """Stop every running answer of a device."""
    from nexy.cli.interrupt import run

    run(hardware_id, server, token)


@app.command()
def welcome(
    text: Annotated[str, typer.Option(help="What to say; empty for the default greeting.")] = "",
    language: Annotated[str, typer.Option(help='For example "ru-RU".')] = "",
    voice: Annotated[str, typer.Option(help="A voice's name.")] = "",
    out: Out = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Have a greeting said."""
    from nexy.cli.welcome import run

    run(text, language, voice, out, server)


@app.command()
def voices(
    language: Annotated[str, typer.Option(help='Only those of a language: "pt" or "pt-BR".')] = "",
) -> None:
    """List the voices that can be asked for by name."""
    from nexy.cli.voices import run

    run(language)


@app.command()
def doctor() -> None:
    """Check configuration, providers and ports; say what is wrong and how to mend it."""
    from nexy.cli.doctor import run

    run()


def main() -> None:
    """The program."""
    try:
        app()
    except BrokenPipeError:  # the reader of a pipe went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
