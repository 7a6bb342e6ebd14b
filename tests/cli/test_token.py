"""nexy token: what is issued holds, what is revoked does not, and the list shows no secret."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from typer.testing import CliRunner

from nexy.cli import app
from nexy.cli.locks import check_locks
from nexy.config import Config, load
from nexy.modules.session_management import Seal
from tests.certificates import Authority


@pytest.fixture
def nexy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *args, **env: CliRunner().invoke(app, args, env={"AUTH": "tokens"} | env)


def test_a_token_is_printed_alone_and_is_the_devices(nexy: Callable[..., Any], tmp_path: Path) -> None:
    done = nexy("token", "issue", "--device", " anna ", "--days", "2", "--label", "Anna's phone")
    assert (done.exit_code, done.stderr) == (0, "")
    token = done.stdout.removesuffix("\n")
    grant = Seal((tmp_path / "nexy.secret").read_bytes().strip()).read(token)
    assert grant.device == "anna"
    assert grant.expires_at - grant.issued_at == 2 * 86_400
    assert abs(grant.issued_at - time.time()) < 60
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"jti", "aud", "iat", "exp", "sub"}


def test_an_operators_token(nexy: Callable[..., Any], tmp_path: Path) -> None:
    token = nexy("token", "issue", "--operator").stdout.strip()
    assert Seal((tmp_path / "nexy.secret").read_bytes().strip()).read(token).device is None
    assert jwt.decode(token, options={"verify_signature": False})["op"] is True


def test_the_list_names_what_was_issued_and_hides_what_is_secret(nexy: Callable[..., Any]) -> None:
    tokens = [
        nexy("token", "issue", "--device", "annas-device", "--label", "Anna's phone").stdout.strip(),
        nexy("token", "issue", "--operator").stdout.strip(),
    ]
    ids = [jwt.decode(token, options={"verify_signature": False})["jti"] for token in tokens]
    rows = [line.split("\t") for line in nexy("token", "list").stdout.splitlines()]
    assert sorted(row[:3] for row in rows) == sorted(
        [[ids[0], "device", "Anna's phone"], [ids[1], "operator", ""]]
    )
    assert [len(row) for row in rows] == [6, 6]
    shown = nexy("token", "list").output
    assert "annas-device" not in shown
    assert not any(part in shown for token in tokens for part in token.split("."))

    assert nexy("token", "revoke", ids[0]).exit_code == 0
    revoked = {
        row[0]: row[5] for row in (line.split("\t") for line in nexy("token", "list").stdout.splitlines())
    }
    assert revoked[ids[0]].endswith("Z")
    assert revoked[ids[1]] == ""


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (["issue"], 2),
        (["issue", "--operator", "--device", "anna"], 2),
        (["issue", "--device", "unknown"], 2),
        (["issue", "--device", ""], 2),
        (["issue", "--operator", "--days", "0"], 2),
        (["issue", "--operator", "--days", "-1"], 2),
        (["issue", "--operator", "--label", "a\tb"], 2),
        (["issue", "--operator", "--label", "x" * 101], 2),
        (["revoke"], 2),
        (["revoke", "nothing"], 1),
    ],
)
def test_wrong_use(nexy: Callable[..., Any], wrong: list[str], status: int) -> None:
    done = nexy("token", *wrong)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith("nexy: ")
    assert done.stderr.count("\n") == 1


def test_who_issues_tokens_that_nobody_asks_for_is_told(nexy: Callable[..., Any]) -> None:
    done = nexy("token", "issue", "--operator", AUTH="none")
    assert done.exit_code == 0
    assert done.stdout.count("\n") == 1
    assert "AUTH is none" in done.stderr


def test_a_secret_that_others_read_signs_nothing(nexy: Callable[..., Any], tmp_path: Path) -> None:
    nexy("token", "issue", "--operator")
    (tmp_path / "nexy.secret").chmod(0o644)
    done = nexy("token", "issue", "--operator")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "nexy: the secret in nexy.secret: others can read it; chmod 600 mends that\n"
    assert len(nexy("token", "list").stdout.splitlines()) == 1  # what was not signed is not noted


def config(**env: object) -> Config:
    return load({name: str(value) for name, value in env.items()}, Path("/nonexistent"))[0]


def found(settings: Config, now: float | None = None) -> list[tuple[str, str]]:
    return [(one.level.value, one.words) for one in check_locks(settings, now)]


def test_the_doctor_looks_at_the_certificate(tmp_path: Path) -> None:
    assert found(config()) == []
    authority = Authority(tmp_path)
    for days, level, words in (
        (100, "ok", "it holds until"),
        (5, "warn", "in 4 days"),
        (-1, "BAD", "expired"),
    ):
        pem = authority.issue("server", ends_in_days=days)
        ((seen, said),) = found(config(TLS_CERT_FILE=pem.certificate, TLS_KEY_FILE=pem.key))
        assert seen == level
        assert words in said


def test_the_doctor_looks_at_the_key_of_the_tokens_and_makes_none(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"AUTH": "tokens", "DATABASE_URL": f"sqlite:///{tmp_path}/nexy.db"}
    assert found(config(**settings)) == [("ok", "their key, nexy.secret, will be made at the first start")]
    assert os.listdir(tmp_path) == []
    (tmp_path / "nexy.secret").write_text("short")
    (tmp_path / "nexy.secret").chmod(0o600)
    ((level, words),) = found(config(**settings))
    assert level == "BAD"
    assert "32 to 4096 bytes" in words
