"""Batches of what is sent. Each is made of nothing but its seed."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from tests.e2e.wire import Wire
from tests.fuzz.frames import frames
from tests.fuzz.messages import RPCS, spoilt_message
from tests.fuzz.mutations import pieces
from tests.fuzz.sockets import socket_stream
from tests.fuzz.streams import grpc_stream, http_stream
from tests.fuzz.target import Broken, Target, _Encoded, check_nothing_internal, exchange

CONNECTIONS = 100  # of one batch
AT_ONCE = 8
MESSAGES = 120
MOST_BYTES = 16_000  # one frame
HANDSHAKE_SECONDS = 0.02  # until a WebSocket's is answered
QUIET_EVERY = 10  # batches: then all that they opened must be gone, which takes its time
ALLOWED = {"0", "1", "3", "4", "5", "8", "10", "12", "14", "16"}
"""gRPC's codes that a client's mistake may have: not UNKNOWN (2), INTERNAL (13) or DATA_LOSS (15)."""


def _wait(rng: Random) -> float:
    return rng.choice((0.001, 0.005, 0.03))


def _exchange_all(rng: Random, target: Target, address: tuple[str, int], all_sent: list[bytes]) -> None:
    """Each over a connection of its own, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as clients:
        for done in [clients.submit(exchange, address, pieces(rng, sent), _wait(rng)) for sent in all_sent]:
            done.result()
    target.sent["connections"] += len(all_sent)


def streams_to_grpc(rng: Random, target: Target) -> None:
    _exchange_all(rng, target, target.grpc, [grpc_stream(rng) for _ in range(CONNECTIONS)])


def streams_to_http(rng: Random, target: Target) -> None:
    _exchange_all(rng, target, target.http, [http_stream(rng) for _ in range(CONNECTIONS)])


def _after_a_moment(head: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    time.sleep(HANDSHAKE_SECONDS)
    yield from rest


def streams_to_websockets(rng: Random, target: Target) -> None:
    """What is sent before the handshake is answered is not read: so the rest comes a little later."""
    with ThreadPoolExecutor(AT_ONCE) as clients:
        sent = [socket_stream(rng) for _ in range(CONNECTIONS)]
        parts = [_after_a_moment(head, list(pieces(rng, rest))) for head, rest in sent]
        for done in [clients.submit(exchange, target.ws, one, _wait(rng)) for one in parts]:
            done.result()
    target.sent["connections"] += len(sent)


def frames_to_grpc(rng: Random, target: Target) -> None:
    all_sent = [frames(rng) for _ in range(CONNECTIONS)]
    _exchange_all(rng, target, target.grpc, [b"".join(sent) for sent in all_sent])
    target.sent["frames"] += sum(map(len, all_sent))


def messages_to_grpc(rng: Random, target: Target) -> None:
    """Each message is answered, and with a status that says whose mistake it is."""
    with Wire(target.server.target) as wire:
        for _ in range(MESSAGES):
            method = rng.choice(RPCS)
            stream = wire.call(method, _Encoded(spoilt_message(rng, method)[:MOST_BYTES]), "9S")
            wire.read(lambda stream=stream: stream in wire.ended, 10)  # type: ignore[misc]
            status = wire.trailers.get(stream, {}).get("grpc-status")
            if status not in ALLOWED:
                raise Broken(f"{method} ends with {wire.trailers.get(stream)}")
            check_nothing_internal(" ".join(wire.trailers[stream].values()).encode())
            check_nothing_internal(bytes(wire.data.pop(stream, b""))[:5_000])
            target.sent["messages"] += 1


BATCHES: tuple[Callable[[Random, Target], None], ...] = (
    streams_to_grpc,
    streams_to_http,
    frames_to_grpc,
    frames_to_grpc,
    messages_to_grpc,
    streams_to_websockets,
    streams_to_websockets,
)


def run_batch(seed: int, number: int, target: Target) -> None:
    """Send batch `number` of `seed`, and look at the server. Raises Broken, with what to repeat it by."""
    send = BATCHES[number % len(BATCHES)]
    try:
        send(Random(f"{seed} {number}"), target)
        target.check(thoroughly=number % QUIET_EVERY == QUIET_EVERY - 1)
    except (AssertionError, OSError) as error:
        raise Broken(f"seed {seed} batch {number} ({send.__name__}): {error}") from error
