"""Every way in which Gemini fails, and what it becomes. Real sockets; short, bounded waits."""

import gc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
import trio
from pydantic import SecretStr

from nexy.config import ModelsConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import Usage
from nexy.modules.text_processing.providers import open_gemini
from nexy.modules.text_processing.providers.gemini.keys import QUOTA_SECONDS
from tests.fakes import gemini_wire as wire
from tests.fakes.gemini import END, Begin, Close, Script, Step, dribbles, open_fake_gemini, says
from tests.modules.text_processing.over_gemini import HELLO, TRUST, config_for, hear, talking, text_of

COST = Usage(11, 29, wire.MODEL)
CUT = wire.chunk(wire.said(""), finish="MAX_TOKENS", usage=wire.USAGE)
HALF = b'data: {"candidates": [{"content": {"par'


async def fault_of(*script: Step, text: str = "") -> ProviderError:
    """The error of an answer that has `text` before it."""
    async with talking(script) as (_, model):
        pieces, error = await hear(model)
    assert text_of(pieces) == text
    assert error is not None
    assert str(error).startswith("gemini: ")
    return error


@pytest.mark.parametrize(
    ("failure", "fault"),
    [
        (wire.WRONG_KEY, Fault.KEY),
        (wire.NOT_AUTHENTICATED, Fault.KEY),
        (wire.NO_KEY, Fault.KEY),
        (wire.quota(), Fault.QUOTA),
        (wire.INTERNAL, Fault.BUSY),
        (wire.busy(), Fault.BUSY),
        (wire.LATE, Fault.BUSY),
        (wire.no_model("none"), Fault.REFUSED),
        (wire.bad_argument("temperature"), Fault.REFUSED),
        (wire.HERE_IS_NOT_SERVED, Fault.REFUSED),
    ],
    ids=lambda value: value.status if isinstance(value, wire.Failure) else value.name,
)
@pytest.mark.parametrize("begun", [False, True], ids=["instead_of_an_answer", "in_the_middle_of_it"])
async def test_an_error_of_the_service(failure: wire.Failure, fault: Fault, begun: bool) -> None:
    before: Script = ("One ", "two ") if begun else ()
    assert (await fault_of(*before, failure, text="".join(map(str, before)))).fault is fault


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        (wire.quota(), QUOTA_SECONDS),
        (wire.quota("36s"), 36),
        (wire.quota("0.5s"), 0.5),
        (wire.quota(retry_after="7"), 7),
        (wire.quota("36s", "7"), 7),
        (wire.quota("36s", "soon"), 36),
        (wire.busy("3"), 3),
    ],
)
async def test_how_long_to_wait_is_passed_on(failure: wire.Failure, wait: float) -> None:
    assert (await fault_of(failure)).retry_after_seconds == pytest.approx(wait)


async def test_how_long_to_wait_is_passed_on_from_the_middle_of_an_answer() -> None:
    assert (await fault_of("One ", wire.quota("36s"), text="One ")).retry_after_seconds == pytest.approx(36)


async def test_how_long_to_wait_can_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert (await fault_of(wire.busy(date))).retry_after_seconds == pytest.approx(90, abs=5)


async def test_a_refused_connection_is_unreachable() -> None:
    async with open_fake_gemini() as fake:
        url = fake.url
    async with open_gemini(config_for(url), tls=TRUST) as model:
        assert (await hear(model))[1].fault is Fault.UNREACHABLE  # type: ignore[union-attr]


async def test_a_name_that_nobody_has_is_unreachable() -> None:
    async with open_gemini(config_for("http://no-such-host.invalid"), tls=TRUST) as model:
        assert (await hear(model))[1].fault is Fault.UNREACHABLE  # type: ignore[union-attr]


@pytest.mark.parametrize("url", ["http://[::bad", "https://?"])
async def test_what_is_no_address_does_not_open(url: str) -> None:
    with pytest.raises(ProviderError) as caught:
        async with open_gemini(config_for(url)):
            pass
    assert caught.value.fault is Fault.UNREACHABLE
    assert url not in str(caught.value)


async def one_who_says_nothing(_: trio.abc.Stream) -> None:
    await trio.sleep_forever()


async def test_one_who_answers_the_call_and_says_nothing_is_unreachable_when_it_is_encrypted() -> None:
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, one_who_says_nothing, 0, host="127.0.0.1")
        listeners = await nursery.start(serve)
        url = f"https://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        async with open_gemini(config_for(url), connect_seconds=0.2, tls=TRUST) as model:
            assert (await hear(model))[1].fault is Fault.UNREACHABLE  # type: ignore[union-attr]
        nursery.cancel_scope.cancel()


async def test_a_certificate_that_is_not_trusted_is_unreachable() -> None:
    import ssl

    import trustme

    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(served)
    async with open_fake_gemini(tls=served) as fake, open_gemini(config_for(fake.url)) as model:
        assert (await hear(model))[1].fault is Fault.UNREACHABLE  # type: ignore[union-attr]


async def test_a_connection_dropped_before_the_head_is_dropped() -> None:
    assert (await fault_of(Close())).fault is Fault.DROPPED


async def test_a_connection_dropped_in_the_middle_is_dropped_after_what_came() -> None:
    assert (await fault_of("One ", "two ", Close(), text="One two ")).fault is Fault.DROPPED
    assert (await fault_of("One ", HALF, Close(), text="One ")).fault is Fault.DROPPED


async def test_a_connection_dropped_after_the_last_word_is_none_the_worse() -> None:
    async with talking(("All of it.", END, Close())) as (_, model):
        assert await hear(model) == (["All of it.", COST], None)


async def test_an_answer_that_stops_without_saying_so_is_dropped() -> None:
    assert (await fault_of("One ", "two ", text="One two ")).fault is Fault.DROPPED


@pytest.mark.parametrize(
    "body",
    [
        b"data: {\r\n\r\n",
        b"data: nonsense\r\n\r\n",
        b"data: [1, 2]\r\n\r\n",
        b"data: 5\r\n\r\n",
        b'data: {"error": {}}\r\n\r\n',
        b'data: {"error": 5}\r\n\r\n',
        b"data: " + b"[" * 50_000 + b"\r\n\r\n",
        b"<!DOCTYPE html><p>proxy</p>\r\n",
        HALF,
    ],
)
@pytest.mark.parametrize("before", [(), ("One ",)], ids=["first", "later"])
async def test_what_cannot_be_understood_is_malformed(body: bytes, before: Script) -> None:
    assert (await fault_of(*before, body, text="".join(map(str, before)))).fault is Fault.MALFORMED


async def test_good_words_before_nonsense_in_one_packet_are_heard() -> None:
    good = b'data: {"candidates":[{"content":{"parts":[{"text":"One "}]}}]}\n\n'
    assert (await fault_of(good + good + b"data: nonsense\n\n", text="One One ")).fault is Fault.MALFORMED


@pytest.mark.parametrize("before", [(), ("One ",)], ids=["first", "later"])
async def test_an_event_without_end_is_malformed(before: Script) -> None:
    """It is left where it is too long, though more of it would come; the SDK's own reader has no bound."""
    endless = (b"data: " + b"x" * 2_000_000, 3600.0)
    error = await fault_of(*before, *endless, text="".join(map(str, before)))
    assert error.fault is Fault.MALFORMED
    gc.collect()  # a generator that was forgotten would warn now


async def test_an_error_with_a_text_without_end_is_told_by_its_status() -> None:
    async with talking((wire.Failure(503, "UNAVAILABLE", "x" * 20_000_000),)) as (fake, model):
        _, error = await hear(model)
        assert error is not None
        assert error.fault is Fault.BUSY
        with trio.fail_after(5):
            await fake.asked[0].http.connection.closed.wait()  # in the middle of it
    gc.collect()


# The SDK finds these itself, in the middle of its generators, and leaves them to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("shape", [{"candidates": 5}, {"candidates": [{"content": 7}]}, {"usageMetadata": 5}])
async def test_json_of_another_shape_is_malformed(shape: wire.Json) -> None:
    assert (await fault_of(shape)).fault is Fault.MALFORMED
    gc.collect()


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "OTHER", "BLOCKLIST"])
async def test_a_blocked_prompt(reason: str) -> None:
    assert (await fault_of(wire.blocked_prompt(reason))).fault is Fault.BLOCKED


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"])
async def test_a_blocked_answer_is_blocked_after_what_came(reason: str) -> None:
    blocked = wire.chunk(finish=reason)
    assert (await fault_of(blocked)).fault is Fault.BLOCKED
    assert (await fault_of("One ", blocked, text="One ")).fault is Fault.BLOCKED


@pytest.mark.parametrize(
    "script",
    [
        (),
        (Begin(),),
        (END,),
        ("\n", " ", END),
        (wire.chunk(wire.thought("Hm.")), END),
        (wire.chunk(finish="MAX_TOKENS", usage=wire.USAGE),),
    ],
)
async def test_an_answer_without_a_word_is_empty(script: Script) -> None:
    assert (await fault_of(*script)).fault is Fault.EMPTY


async def test_an_answer_that_reached_the_most_tokens_is_cut_after_its_text_and_its_cost() -> None:
    async with talking(says("One two three", end=CUT)) as (_, model):
        pieces, error = await hear(model)
    assert (text_of(pieces), pieces[-1]) == ("One two three", COST)
    assert error is not None
    assert error.fault is Fault.CUT


async def test_pipecat_5262_a_stall_before_the_first_piece_can_be_left() -> None:
    async with talking((3600.0,), says("Here I am.")) as (fake, model):
        with trio.move_on_after(0.1) as patience:
            async with model.stream(HELLO) as pieces:
                await pieces.receive()
        assert patience.cancelled_caught
        assert await hear(model) == (["Here", " I", " am.", COST], None)  # asked again, it answers
        assert fake.requests == 2


async def test_pipecat_5249_a_stall_between_pieces_can_be_left() -> None:
    async with talking(("One ", 3600.0)) as (fake, model):
        with trio.move_on_after(0.3) as patience:
            async with model.stream(HELLO) as pieces:
                assert await pieces.receive() == "One "
                await pieces.receive()
        assert patience.cancelled_caught
        with trio.fail_after(1):
            await fake.asked[0].http.connection.closed.wait()


async def test_pipecat_5249_a_long_healthy_answer_is_not_cut() -> None:
    """One second of words, with a limit on connecting of a fifth of that."""
    async with (
        open_fake_gemini(says("word " * 50, pace=0.02)) as fake,
        open_gemini(config_for(fake.url), connect_seconds=0.2, tls=TRUST) as model,
    ):
        pieces, error = await hear(model)
    assert (len(text_of(pieces).split()), error) == (50, None)


async def test_pipecat_5804_an_answer_that_dribbles_comes_as_it_dribbles() -> None:
    async with talking(dribbles("No end.", pace=0.001)) as (_, model):
        assert await hear(model) == ([*"No end.", COST], None)


async def test_without_a_key_it_does_not_open() -> None:
    with pytest.raises(ProviderError, match="key") as caught:
        async with open_gemini(ModelsConfig(gemini_api_key=SecretStr(" "))):
            pass
    assert caught.value.fault is Fault.KEY


async def test_no_error_says_the_key_the_address_or_the_words() -> None:
    key = "AIza-secret"
    suspended = wire.suspended_key(key)
    async with talking((suspended,), ("ok ", suspended), ("ok ", b"data: secret\n\n"), key=key) as (
        fake,
        model,
    ):
        for _ in range(3):
            error = (await hear(model))[1]
            assert error is not None
            told = f"{error}{error!r}{model!r}"
            assert error.__suppress_context__ or error.__context__ is None
            assert not any(word in told for word in (key, fake.url, "secret", "suspended", "Hello"))
