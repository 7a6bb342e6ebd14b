"""The database dies, or the server does: answers go on, and nothing is half written or doubled."""

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
import trio

from tests.e2e.conftest import until
from tests.e2e.test_process import Process, launch

__all__ = ["launch"]
USERS = 8


class Cluster:
    """A PostgreSQL of our own, which can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:  # it refuses to run as root
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            for parent in folder.parents:
                if parent != Path("/") and parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
            self._as = {"user": "postgres", "group": user.pw_gid}
        self._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "--no-sync", "-A", "trust")
        self.port = 0

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd="/", check=False, **self._as
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        self.port = self.port or _free_port()
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")

    def kill(self) -> None:
        """As if the machine went: no goodbye."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("initdb and pg_ctl of PostgreSQL are not on the PATH")
    made = Cluster(tmp_path / "cluster")
    made.start()
    yield made
    subprocess.run(
        ["pg_ctl", "-D", str(made.folder / "data"), "-m", "immediate", "stop"],
        capture_output=True, check=False, cwd="/", **made._as,
    )  # fmt: skip


def test_postgresql_dies_in_the_middle_of_answers_and_comes_back(
    cluster: Cluster, serve: Any, connect: Any
) -> None:
    server = serve(DATABASE_URL=cluster.url, SCRIPTED_SENTENCES=3, SCRIPTED_WORD_SECONDS=0.01)
    client, status = connect(server), server.server.backstage.status
    assert client.say("One.").wait().status is grpc.StatusCode.OK
    running = [client.say("Two.", session_id=f"s{n}") for n in range(3)]
    cluster.kill()
    began = time.monotonic()
    after = client.say("Three.", session_id="after").wait()
    assert after.status is grpc.StatusCode.OK
    assert time.monotonic() - began < 3  # 0.3 s for what is known, and the answer
    assert [answer.wait().status for answer in running] == [grpc.StatusCode.OK] * 3
    assert until(lambda: server.ask(status.reasons), 10)
    cluster.start()
    assert until(lambda: not server.ask(status.reasons), 15)

    wanted = ["One.", "Three.", "Two.", "Two.", "Two."]
    assert until(lambda: sorted(_prompts(cluster.url)) == wanted, 40), _prompts(cluster.url)


def _prompts(url: str) -> list[str]:
    """What is stored in PostgreSQL."""
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT prompt FROM nexy.exchanges")]


def test_a_server_that_is_killed_leaves_a_sound_database(
    launch: Callable[..., Process], tmp_path: Path
) -> None:
    for round_number in range(2):
        server = launch(SCRIPTED_SENTENCES=2, SCRIPTED_WORD_SECONDS=0.001)
        asked = [server.ask("--hardware-id", f"device-{n}") for n in range(USERS)]
        time.sleep(0.6 + 0.2 * round_number)
        server.process.kill()
        for one in asked:
            one.communicate(timeout=20)
        with sqlite3.connect(tmp_path / "nexy.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            whole = "SELECT (SELECT count(*) FROM exchanges), (SELECT count(*) FROM performance)"
            exchanges, figures = connection.execute(whole).fetchone()
            assert exchanges == figures  # no turn is half there
            assert connection.execute("SELECT count(DISTINCT id) FROM exchanges").fetchone() == (exchanges,)
            assert exchanges <= USERS * (round_number + 1)
        connection.close()
    last = launch(SCRIPTED_SENTENCES=1)
    out, _ = last.ask().communicate(timeout=20)
    assert out


def test_an_interrupt_in_the_second_sentence_is_stored_as_it_was_heard(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=10, SCRIPTED_WORD_SECONDS=0.001, LEAD_SECONDS=0.3)
    client = connect(server)
    answer = client.say(timeout=None)
    assert until(lambda: len(answer.sound) > 3.2 * 96_000, 8)  # 2.4 s are the first sentence
    assert client.interrupt().success
    answer.wait()
    database = server.server.backstage.database

    def stored() -> list[Any]:
        async def rows() -> list[Any]:
            kept: list[Any] = (await database.export("device"))["exchanges"]
            return kept

        found: list[Any] = trio.from_thread.run(rows, trio_token=server.token)
        return found

    assert until(lambda: len(stored()) == 1)
    (row,) = stored()
    assert row["why"] == "interrupted"
    heard = row["heard"].split()
    assert 12 < len(heard) < 24
    assert row["generated"].startswith(row["heard"])


def test_a_database_that_can_only_be_read_does_not_stop_answers(
    serve: Any, connect: Any, tmp_path: Path
) -> None:
    first = connect(serve(SCRIPTED_SENTENCES=1))
    assert first.say().wait().status is grpc.StatusCode.OK
    read_only = f"sqlite:///file:{tmp_path / 'nexy.db'}?mode=ro&uri=true"
    server = serve(SCRIPTED_SENTENCES=1, DATABASE_URL=read_only)
    server.drafts = 1  # the turn that still tries to be kept
    assert connect(server).say().wait().of("end_message") == ["completed"]
    status = server.server.backstage.status
    assert until(lambda: server.ask(status.reasons) == ["the database can only be read"])
