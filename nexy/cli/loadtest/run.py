"""The test from its start to its exit status."""

import json
import os
import sys
from functools import partial
from pathlib import Path

import typer

from nexy.cli.client import run_client, sendable
from nexy.cli.collecting import collecting, settle
from nexy.cli.failing import fail
from nexy.cli.loadtest.crowd import Test, load
from nexy.cli.loadtest.outcome import Outcome, outcome
from nexy.cli.loadtest.plan import Plan, Thresholds
from nexy.cli.loadtest.progress import Progress
from nexy.cli.loadtest.table import as_json, as_text
from nexy.modules.grpc_service.streaming import StreamRequest


def run(plan: Plan, thresholds: Thresholds, *, report: str | None, as_data: bool) -> None:
    for prompt in plan.prompts:
        sendable(StreamRequest(prompt=prompt, hardware_id=plan.name))
    if report is not None:
        _check_report(report)
    progress = Progress(sys.stderr)
    with collecting():  # as the server does: a pause would be counted against it
        settle()
        test: Test = run_client(partial(load, plan, progress.tell), plan.link)
    progress.end()
    found = outcome(test, thresholds)
    print(json.dumps(as_json(found), indent=1) if as_data else as_text(found, sys.stdout))
    if report is not None:
        _write(report, found)
    if not found.good:
        raise typer.Exit(1)


def _check_report(report: str) -> None:
    """Before anything is measured: the report can be made, and written."""
    try:
        import pygal
    except ImportError:
        fail("--report needs pygal: pip install 'nexy[loadtest]'")
    # For maps, which nobody draws here, it puts a hook of old Pythons behind every later import, which warns.
    sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]
    file = Path(report)
    if not file.parent.is_dir():
        fail(f"{file}: there is no folder {file.parent}")
    if file.is_dir():
        fail(f"{file}: Is a directory")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        fail(f"{file}: Permission denied")


def _write(report: str, found: Outcome) -> None:
    from nexy.cli.loadtest.report import page

    try:
        Path(report).write_text(page(found), encoding="utf-8")
    except OSError as error:
        fail(f"{report}: {error.strerror}")
    print(f"report: {report}", file=sys.stderr)
