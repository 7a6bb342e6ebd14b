"""The options of nexy loadtest. What does the work is imported only when it runs."""

import math
from typing import Annotated, Any

import typer

from nexy.cli.address import Address
from nexy.cli.link import Link
from nexy.cli.loadtest.plan import PROMPTS, Plan, Thresholds, default_ramp
from nexy.cli.options import address, linked

DEFAULT_HTTP_PORT = 8080


def _finite(number: float | None) -> float | None:
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter("it must be a number")
    return number


def _option(metavar: str, help_text: str, most: float | None = None) -> Any:
    return typer.Option(min=0, max=most, callback=_finite, metavar=metavar, help=help_text)


@linked
def loadtest(
    users: Annotated[int, typer.Option(min=1, metavar="N", help="How many speak.")] = 100,
    duration: Annotated[float, _option("SECONDS", "How long, the ramp among it.")] = 60,
    ramp: Annotated[
        float | None, _option("SECONDS", "The users come within this; a tenth of the duration, at most 10.")
    ] = None,
    think: Annotated[float, _option("SECONDS", "From an answer to the next question, on the average.")] = 2,
    interrupt: Annotated[float, _option("SHARE", "Of the answers, how many are cut off: 0 to 1.", 1)] = 0.2,
    screenshot_share: Annotated[float, _option("SHARE", "Of the questions, how many show a picture.", 1)] = 0,
    prompt: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="What is asked; more than one may be given.")
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The users are the devices NAME-1, NAME-2, …")
    ] = "loadtest",
    scripted_word_seconds: Annotated[
        float | None,
        _option("SECONDS", "SCRIPTED_WORD_SECONDS of a server with the model scripted: times its sentences."),
    ] = None,
    max_errors: Annotated[float, _option("PERCENT", "Of the turns.", 100)] = 0,
    max_first_sound_p99: Annotated[float, _option("SECONDS", "Request → first sound.")] = 2,
    max_sentence_p99: Annotated[
        float | None, _option("SECONDS", "Sentence → first sound; off unless given.")
    ] = None,
    max_interrupt_p99: Annotated[float, _option("SECONDS", "Interrupt → response.")] = 0.5,
    max_unclean: Annotated[
        int, typer.Option(min=0, metavar="N", help="Interrupts that did not silence.")
    ] = 0,
    min_success: Annotated[float, _option("PERCENT", "Of the turns.", 100)] = 95,
    min_requests_per_second: Annotated[float | None, _option("N", "Off unless given.")] = None,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE.html", help="Write a report with charts; needs nexy[loadtest]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    http: Annotated[
        Address | None,
        typer.Option(
            parser=address, metavar="HOST:PORT", help="Where the server has /metrics; its host, port 8080."
        ),
    ] = None,
    *,
    link: Link,
) -> None:
    """Load a running server with users who speak, listen, interrupt and think.

    Status 0 when every threshold held, 1 when one did not. Ctrl-C ends early, with what was measured.
    """
    from nexy.cli.loadtest.run import run

    plan = Plan(
        link=link,
        http=http or Address(link.server.host, DEFAULT_HTTP_PORT),
        users=users,
        duration=duration,
        ramp=default_ramp(duration) if ramp is None else min(ramp, duration),
        think=think,
        interrupt=interrupt,
        screenshot_share=screenshot_share,
        prompts=tuple(prompt or PROMPTS),
        name=name,
        word_seconds=scripted_word_seconds,
    )
    thresholds = Thresholds(
        max_errors,
        max_first_sound_p99,
        max_sentence_p99,
        max_interrupt_p99,
        max_unclean,
        min_success,
        min_requests_per_second,
    )
    run(plan, thresholds, report=report, as_data=as_json)
