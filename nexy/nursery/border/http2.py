"""HTTP/2 as h2 speaks it, with limits: what is over one is refused, before it costs much."""

import time
from binascii import Error as NoBase64
from collections import Counter
from collections.abc import Iterable
from typing import Any

import h2.connection
from grpclib.metadata import decode_bin_value
from h2.config import H2Configuration
from h2.errors import ErrorCodes
from h2.events import Event, RequestReceived
from h2.exceptions import DenialOfServiceError, FrameTooLargeError
from h2.settings import SettingCodes, Settings
from h2.stream import StreamClosedBy
from hpack.exceptions import HPACKError
from hyperframe.frame import (
    AltSvcFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from nexy.config import ConnectionsConfig
from nexy.nursery.border.budget import Budget

CANCEL = 2.0  # a call that is opened and cancelled costs a task, and some 0.3 ms
SETTINGS = 5.0  # they may change the window of every stream
COSTS: dict[type[Frame], float] = {
    PingFrame: 1,
    PriorityFrame: 1,
    WindowUpdateFrame: 1,
    ExtensionFrame: 1,
    AltSvcFrame: 1,
    GoAwayFrame: 1,
    SettingsFrame: SETTINGS,
    RstStreamFrame: CANCEL,
}
TINY_BYTES = 256  # frames with less than this cost more than they bring: one token each, but for the last
EARNED = 4.0  # by each frame of data that we send: a window update for the stream, one for the connection,
# and twice that for clients that open their windows in halves

HARD = 4  # headers over the limit end their call; over this many times the limit, the connection
TIMEOUT_CHARS = 9  # of grpc-timeout: eight digits and a unit


class Flood(DenialOfServiceError):
    """The peer asks for much work that brings nothing."""


class Http2(h2.connection.H2Connection):
    """The state of one connection."""

    DEFAULT_MAX_INBOUND_FRAME_SIZE = 2**14
    MAX_CLOSED_STREAMS = 2**12  # remembered, for frames that were under way; h2's own 2**16 are 6 MB

    def __init__(self, config: H2Configuration, limits: ConnectionsConfig, turned_away: Counter[str]) -> None:
        super().__init__(config)
        self.settled = False  # the peer's SETTINGS have come
        self.budget = Budget(time.monotonic())
        self._turned_away = turned_away
        self._most_streams = limits.max_streams_per_connection
        self._most_header_bytes = limits.max_header_bytes
        self.decoder.max_header_list_size = HARD * limits.max_header_bytes

    def begin(self, connection_window: int, stream_window: int) -> None:
        """Announce our limits and windows."""
        ours = {
            SettingCodes.MAX_CONCURRENT_STREAMS: self._most_streams,
            SettingCodes.MAX_HEADER_LIST_SIZE: self._most_header_bytes,
            SettingCodes.INITIAL_WINDOW_SIZE: stream_window,
        }
        more = connection_window - self.local_settings.initial_window_size
        self.local_settings = Settings(client=False, initial_values=ours)
        self.initiate_connection()
        self.increment_flow_control_window(more)

    def receive_data(self, data: Any) -> list[Event]:
        events = super().receive_data(data)
        buffer = self.incoming_buffer
        # h2 looks at a frame's length only once all of it has come, and lets 64 frames of headers pile up.
        if len(buffer._data) > self.max_inbound_frame_size + 9:
            self._terminate_connection(ErrorCodes.FRAME_SIZE_ERROR)
            raise FrameTooLargeError("a frame is too large")
        if buffer._headers_buffer:
            size = sum(len(frame.data) for frame in buffer._headers_buffer)
            if size > HARD * self._most_header_bytes:
                self._terminate_connection(ErrorCodes.ENHANCE_YOUR_CALM)
                raise DenialOfServiceError("headers without an end")
        return events

    def _receive_frame(self, frame: Frame) -> list[Event]:
        if isinstance(frame, DataFrame):
            cost = 0.0 if len(frame.data) >= TINY_BYTES or "END_STREAM" in frame.flags else 1.0
        else:
            cost = COSTS.get(type(frame), 0.0)
        if cost and not self.budget.spend(cost, time.monotonic):
            raise Flood("too many frames that do no work")
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.settled = True
        return super()._receive_frame(frame)

    def _receive_headers_frame(self, frame: HeadersFrame) -> tuple[list[Frame], list[Event]]:
        if self._is_one_too_many(frame.stream_id):
            return self._refuse(frame), []
        frames, events = super()._receive_headers_frame(frame)
        for event in events:
            if isinstance(event, RequestReceived):
                wrong = self._what_is_wrong_with(event.headers)
                if wrong is not None:
                    self.reset_stream(frame.stream_id, wrong)
                    return frames, []
        return frames, events

    def _is_one_too_many(self, stream: int) -> bool:
        new = stream > self.highest_inbound_stream_id and stream % 2
        return bool(new) and self.open_inbound_streams >= self._most_streams

    def _refuse(self, frame: HeadersFrame) -> list[Frame]:
        """Say that nothing was done with this stream; clients try it again by themselves."""
        self._turned_away["streams"] += 1
        if not self.budget.spend(CANCEL, time.monotonic):
            raise Flood("too many streams")
        try:
            self.decoder.decode(frame.data, raw=True)  # what it changes in the table counts all the same
        except HPACKError as error:
            raise DenialOfServiceError("headers that cannot be read") from error
        self.highest_inbound_stream_id = frame.stream_id
        self._closed_streams[frame.stream_id] = StreamClosedBy.SEND_RST_STREAM
        reset = RstStreamFrame(frame.stream_id)
        reset.error_code = ErrorCodes.REFUSED_STREAM
        return [reset]

    def _what_is_wrong_with(self, headers: Iterable[Any]) -> ErrorCodes | None:
        """The code that ends this call only, when its headers are such that grpclib would stumble."""
        size, names = 0, set()
        for name, value in headers:
            size += len(name) + len(value) + 32  # RFC 9113 §6.5.2
            names.add(name)
            if name == "grpc-timeout" and len(value) > TIMEOUT_CHARS:
                return ErrorCodes.PROTOCOL_ERROR
            if name.endswith("-bin") and not _is_binary(value):
                return ErrorCodes.PROTOCOL_ERROR
        if size > self._most_header_bytes:
            self._turned_away["headers"] += 1
            return ErrorCodes.ENHANCE_YOUR_CALM
        return None if {":method", ":path"} <= names else ErrorCodes.PROTOCOL_ERROR

    def _acknowledge_settings(self) -> list[Frame]:
        frames = super()._acknowledge_settings()
        # What the peer offers is its most: a table of 4 GiB would hold every header that we ever send.
        smallest = min(self.encoder.header_table_size, 4096)
        if self.encoder.header_table_size != smallest:
            self.encoder.header_table_size = smallest
        return frames


def _is_binary(value: str) -> bool:
    try:
        decode_bin_value(value.encode("ascii"))
    except (NoBase64, UnicodeEncodeError):
        return False
    return True
