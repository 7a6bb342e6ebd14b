"""Without a collector nothing is recorded or even imported; without the library the start says so."""

import subprocess
import sys

import pytest

from nexy.monitoring.tracing import NO_TRACE, Untraced, open_turns

HEAD = "import sys, trio, nexy.app\nfrom nexy.monitoring.tracing import open_turns\n"
OPEN = """
async def main(endpoint):
    async with open_turns(endpoint):
        pass
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_without_a_collector_the_library_is_not_imported() -> None:
    told = run(HEAD + OPEN + "trio.run(main, '')\nprint([m for m in sys.modules if 'opentelemetry' in m])")
    assert told == "[]\n"


def test_without_the_library_the_start_says_what_to_install() -> None:
    told = run(HEAD + OPEN + "sys.modules['opentelemetry'] = None\ntrio.run(main, 'http://127.0.0.1:4318')")
    assert (
        "ProviderError: OpenTelemetry is not installed; install it with: pip install 'nexy[traces]'" in told
    )


async def test_what_nobody_wants_to_know_is_not_kept() -> None:
    async with open_turns("") as turns:
        assert isinstance(turns, Untraced)
        trace = turns.begin(1.0)
    with trace.begin("model", tokens=3) as span:
        span.first("first_word")
        span.note(more=1)
    trace.go_on_with("00-parent")
    trace.over("done", "")
    assert (trace.parts, trace.parent, span.events, span.attributes) == ([], "", [], {})
    with pytest.raises(ValueError, match="x"), NO_TRACE.begin("voice"):
        raise ValueError("x")
