"""Tests that are asked for and cannot run do not pass."""

from pathlib import Path

import pytest

from tests import nats


def test_without_a_server_to_run_they_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(nats, "URL", "nats://127.0.0.1:4222")
    with pytest.raises(pytest.fail.Exception, match="nats-server"), nats.nats_server(tmp_path):
        pass


def test_where_no_server_is_named_they_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats, "URL", "")
    with pytest.raises(pytest.skip.Exception), nats.nats_server(tmp_path):
        pass
