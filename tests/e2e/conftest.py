"""A real server in a thread of its own, and the official grpcio client in the test's."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
import trio
import trio.testing
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

from nexy.app import Server, open_server
from nexy.config import Config, load

PROTOS = Path(__file__).parents[2] / "protos"
FAST = {
    "LLM_PROVIDERS": "scripted",
    "TTS_PROVIDERS": "tone",
    "SCRIPTED_WORD_SECONDS": "0.001",
    "SCRIPTED_SENTENCES": "2",
    "GRPC_PORT": "0",
    "HTTP_PORT": "0",
    "UPDATE_PORT": "0",
    "WEBSOCKET_PORT": "0",
    "HARDWARE_ID_PEPPER": "pepper",
    # a machine that runs other tests beside these is late and full, and that is not what they are about
    "MAX_LOOP_LAG_SECONDS": "10",
    "SILENCE_SECONDS": "60",
    "MAX_MEMORY_USAGE": "100",
}


def until(true: Callable[[], Any], seconds: float = 3.0) -> bool:
    """Wait until `true()`; False when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Running:
    """A server in a thread."""

    def __init__(self, config: Config) -> None:
        self.failure: BaseException | None = None
        self.drafts = 0  # what a test leaves behind on purpose: each has a task that will expire it
        self._config = config
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._started.wait(10)
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            trio.run(self._serve)
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.failure = error
        self._started.set()

    async def _serve(self) -> None:
        self.token = trio.lowlevel.current_trio_token()
        self._stop = trio.Event()
        async with open_server(self._config) as self.server:
            await trio.testing.wait_all_tasks_blocked(0.01)
            self.base = trio.lowlevel.current_statistics().tasks_living
            self._started.set()
            await self._stop.wait()

    server: Server

    @property
    def target(self) -> str:
        return f"{self.server.grpc.host}:{self.server.grpc.port}"

    @property
    def http(self) -> str:
        return f"http://{self.server.addresses['http']}"

    @property
    def ws(self) -> str:
        assert self.server.websockets is not None
        return f"ws://{self.server.websockets.address}"

    @property
    def active(self) -> int:
        return int(self.ask(lambda: self.server.backstage.conversation.sessions.active))

    def heard(self) -> list[str]:
        """What was heard of the answers in all open sessions."""
        sessions = self.server.backstage.conversation.sessions
        return list(self.ask(lambda: [one.heard for session in sessions for one in session.notes.history]))

    def ask(self, what: Callable[[], Any]) -> Any:
        return trio.from_thread.run_sync(what, trio_token=self.token)

    def extra_tasks(self) -> int:
        """Tasks that neither the idle server nor its open sessions have."""

        def count() -> int:
            living = trio.lowlevel.current_statistics().tasks_living
            return living - self.base - len(self.server.backstage.conversation.sessions) - self.drafts

        return int(self.ask(count))

    def is_quiet(self) -> bool:
        if not self._thread.is_alive():  # the test has ended it
            return self.failure is None
        return self.active == 0 and self.extra_tasks() <= 0

    def close(self) -> None:
        if self._thread.is_alive():
            self.ask(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the server does not end"
        if self.failure is not None:
            raise self.failure


@pytest.fixture(scope="session")
def pb(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The contract's messages as the official compiler makes them, in a pool of their own: the
    server, in the same process, has its own of the same names."""
    out = tmp_path_factory.mktemp("generated") / "streaming.binpb"
    assert protoc.main(["protoc", f"-I{PROTOS}", f"--descriptor_set_out={out}", "streaming.proto"]) == 0
    pool = descriptor_pool.DescriptorPool()
    (file,) = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    pool.Add(file)
    names = [kind.name for kind in file.message_type]
    kinds = {name: GetMessageClass(pool.FindMessageTypeByName(f"streaming.{name}")) for name in names}
    return SimpleNamespace(service=pool.FindServiceByName("streaming.StreamingService"), **kinds)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start servers; afterwards each of them must be as quiet as it began, and end without an error."""
    running: list[Running] = []

    def start(**env: object) -> Running:
        kept = {"DATABASE_URL": f"sqlite:///{tmp_path / 'nexy.db'}", "UPDATE_DIR": str(tmp_path / "updates")}
        config, _ = load(
            FAST | kept | {name: str(value) for name, value in env.items()}, Path("/nonexistent")
        )
        running.append(Running(config))
        return running[-1]

    yield start
    quiet = [until(one.is_quiet) for one in running]
    for one in running:
        one.close()
    assert all(quiet), "a turn or a task was left behind"


class Reading:
    """A running call, read in a thread."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.items: list[tuple[float, str, Any]] = []  # when (monotonic), which field, what
        self.status: grpc.StatusCode | None = None
        self.details = ""
        self.trailers: dict[str, Any] = {}
        self.began = time.monotonic()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for message in self.call:
                kind = message.WhichOneof("content")
                self.items.append((time.monotonic(), kind, getattr(message, kind)))
        except grpc.RpcError:
            pass
        self.status, self.details = self.call.code(), self.call.details()
        self.trailers = dict(self.call.trailing_metadata() or ())

    def wait(self, seconds: float = 30.0) -> "Reading":
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the call does not end"
        return self

    @property
    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.items]

    def of(self, kind: str) -> list[Any]:
        return [what for _, found, what in self.items if found == kind]

    @property
    def text(self) -> str:
        return "".join(self.of("text_chunk"))

    @property
    def sound(self) -> bytes:
        return b"".join(chunk.audio_data for chunk in self.of("audio_chunk"))

    def speaking(self) -> bool:
        return until(lambda: self.of("audio_chunk"))


class Client:
    """The official client."""

    def __init__(self, target: str, pb: SimpleNamespace, **options: object) -> None:
        given = {
            "grpc.max_receive_message_length": -1,
            "grpc.max_send_message_length": -1,
            "grpc.enable_retries": 0,
            "grpc.use_local_subchannel_pool": 1,
        } | options
        self.pb = pb
        self.channel = grpc.insecure_channel(target, options=list(given.items()))
        self.stub = SimpleNamespace(**{method.name: self._callable(method) for method in pb.service.methods})

    def _callable(self, method: Any) -> Any:
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        request, response = (GetMessageClass(one) for one in (method.input_type, method.output_type))
        path = f"/{method.containing_service.full_name}/{method.name}"
        return kind(
            path, request_serializer=request.SerializeToString, response_deserializer=response.FromString
        )

    def say(
        self, prompt: str = "Hello", who: str = "device", timeout: float | None = 30, **more: Any
    ) -> Reading:
        """StreamAudio as a v1 client calls it, unless told otherwise."""
        fields = {"prompt": prompt, "hardware_id": who, "screenshot": ""}
        calling = {name: more.pop(name) for name in ("metadata", "compression") if name in more}
        request = self.pb.StreamRequest(**(fields | more))
        return Reading(self.stub.StreamAudio(request, timeout=timeout, **calling))

    def interrupt(self, who: str = "device", **more: int) -> Any:
        return self.stub.InterruptSession(self.pb.InterruptRequest(hardware_id=who, **more), timeout=5)

    def welcome(self, **fields: Any) -> Reading:
        return Reading(self.stub.GenerateWelcomeAudio(self.pb.WelcomeRequest(**fields), timeout=10)).wait()


@pytest.fixture
def connect(pb: SimpleNamespace, serve: Any) -> Iterator[Callable[..., Client]]:
    """Make clients; they are closed before the servers are looked at."""
    clients: list[Client] = []

    def make(target: "Running | str", **options: object) -> Client:
        address = target if isinstance(target, str) else target.target
        clients.append(Client(address, pb, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.channel.close()
