"""Every setting, in frozen slices: one for each part of Nexy. The name in the environment is the
field's name in upper case; the default stands behind it."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from nexy.config.pronunciations import read_pronunciations

Seconds: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Percent: TypeAlias = Annotated[float, Field(gt=0, le=100)]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65535)]


def split(text: str) -> tuple[str, ...]:
    """ "a, b" → ("a", "b")."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _list(value: object) -> object:
    """A list as the environment has it."""
    return split(value) if isinstance(value, str) else value


def _list_or_none(value: object) -> object:
    """The same, where the word "none" is the empty list: an empty value is one that is not given."""
    return () if value == "none" else _list(value)


def _port_or_none(value: object) -> object:
    """A port, where the word "none" is no port at all."""
    return None if value == "none" else value


def _number(value: object) -> object:
    """ "48000" as the environment has it → 48000: a Literal of numbers does not take the text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class Slice(BaseModel):
    """One part's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ModelsConfig(Slice):
    """Which language models answer, and how they are reached."""

    llm_providers: Annotated[
        tuple[Literal["gemini", "openai", "offline", "scripted"], ...],
        BeforeValidator(_list),
        Field(min_length=1),
    ] = Field(
        default=("offline",),
        description="in this order: gemini, openai, offline, scripted; with a GEMINI_API_KEY: gemini,offline",
    )
    gemini_api_key: SecretStr = Field(default=SecretStr(""), description="")
    gemini_fallback_api_key: SecretStr = Field(
        default=SecretStr(""), description="used when the first key fails or its quota is reached"
    )
    gemini_model: str = Field(default="gemini-2.5-flash", description="")
    gemini_base_url: str = Field(default="", description="empty for Google's own")
    gemini_temperature: Annotated[float, Field(ge=0, le=2)] = Field(default=0.7, description="0 to 2")
    gemini_max_tokens: Count = Field(default=2048, description="of one answer")
    gemini_tools: Annotated[tuple[Literal["google_search"], ...], BeforeValidator(_list_or_none)] = Field(
        default=("google_search",), description="what the model may use: google_search, or none"
    )
    gemini_system_prompt: str = Field(default="", description="empty for Nexy's own")
    openai_base_url: str = Field(
        default="", description="any OpenAI-compatible endpoint, such as http://localhost:11434/v1"
    )
    openai_api_key: SecretStr = Field(default=SecretStr(""), description="empty where none is needed")
    openai_model: str = Field(default="", description="as the endpoint names it")
    scripted_sentences: Count = Field(default=5, description="the scripted model: sentences in an answer")
    scripted_word_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0.02, description="the scripted model: word n (from 0) is due n times this after the request"
    )


class VoicesConfig(Slice):
    """Which voices speak, and how they are reached."""

    tts_providers: Annotated[
        tuple[Literal["edge", "espeak", "tone"], ...], BeforeValidator(_list), Field(min_length=1)
    ] = Field(
        default=("espeak",),
        description="in this order: edge, espeak, tone; with a GEMINI_API_KEY: edge,espeak",
    )
    edge_tts_voice: str = Field(
        default="en-US-JennyNeural",
        description="for sentences in its language; others get the voice of theirs",
    )
    edge_tts_rate: Annotated[str, Field(pattern=r"^[+-]\d+%$")] = Field(default="+0%", description="")
    edge_tts_volume: Annotated[str, Field(pattern=r"^[+-]\d+%$")] = Field(default="+0%", description="")
    edge_tts_pitch: Annotated[str, Field(pattern=r"^[+-]\d+Hz$")] = Field(default="+0Hz", description="")
    edge_tts_url: str = Field(default="", description="wss://…; empty for Microsoft's own")
    edge_tts_max_connections: Count = Field(default=16, description="at once; more wait their turn")
    sample_rate: Annotated[
        Literal[8000, 16000, 22050, 24000, 32000, 44100, 48000], BeforeValidator(_number)
    ] = Field(default=48000, description="of the sound that is sent, Hz")


class PatienceConfig(Slice):
    """How patient Nexy is with models and voices, and how it deals with those that fail."""

    model_first_word_seconds: Seconds = Field(default=8, description="the model must begin within")
    model_idle_seconds: Seconds = Field(default=10, description="the model may pause for")
    voice_first_sound_seconds: Seconds = Field(
        default=5, description="the voice must begin a sentence within; and go on within"
    )
    circuit_breaker_threshold: Count = Field(
        default=5, description="failures in a row after which a model or a voice is left alone"
    )
    circuit_breaker_seconds: Seconds = Field(default=60, description="for so long; then it is tried once")


class TurnConfig(Slice):
    """How an answer goes."""

    turn_seconds: Seconds = Field(default=300, description="an answer is cut off after")
    lead_seconds: Seconds = Field(
        default=3,
        description="how far sound is sent ahead of real time; a call with a deadline is not held back",
    )
    clause_hold_seconds: Seconds = Field(
        default=0.6,
        description="part of a sentence is said when the model pauses for so long in the middle of it",
    )
    filler_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0, description='"one moment" is said when the model has not begun after this; 0 for never'
    )
    silence_seconds: Seconds = Field(
        default=7, description="the user is told that it takes longer when nothing was heard for so long"
    )


class LimitsConfig(Slice):
    """How much is let in. Over a limit is RESOURCE_EXHAUSTED, never a wait."""

    max_sessions: Count = Field(default=200, description="open sessions")
    max_active_sessions: Count = Field(default=100, description="answers at once")
    max_requests_per_minute: Count = Field(
        default=1000, description="requests for an answer, all users together"
    )
    max_requests_per_user: Count = Field(default=10, description="answers at once for one hardware_id")
    max_requests_per_minute_per_user: Count = Field(
        default=500, description="requests for an answer, of one hardware_id"
    )
    max_concurrent_requests: Count = Field(
        default=50, description="calls to a model at once; more wait, and the users take turns"
    )
    max_memory_usage: Percent = Field(
        default=80, description="% of the machine's or the container's memory; above it, nothing new is begun"
    )
    max_loop_lag_seconds: Seconds = Field(
        default=0.25,
        description="the loop may be late by, as a second's average; above it, nothing new is begun",
    )
    max_message_bytes: Count = Field(
        default=52_428_800, description="of one message, gRPC's or a WebSocket's"
    )
    max_image_bytes: Count = Field(default=10_485_760, description="of one screenshot, decoded")
    max_prompt_chars: Count = Field(default=10_000, description="of one prompt")


class ConnectionsConfig(Slice):
    """How much the connections of clients may ask of the server."""

    max_connections: Count = Field(
        default=4000, description="open connections, of gRPC; and as many WebSockets"
    )
    max_connections_per_address: Count = Field(
        default=1000, description="of those, from one address; a proxy has one for all its clients"
    )
    max_streams_per_connection: Count = Field(default=200, description="calls at once on one connection")
    max_header_bytes: Count = Field(default=16_384, description="of one call's headers")
    handshake_seconds: Seconds = Field(
        default=10, description="a connection must have begun to speak TLS and HTTP/2 within"
    )
    connection_idle_seconds: Seconds = Field(
        default=1800, description="a connection without a call is closed after; its client opens another"
    )
    stalled_seconds: Seconds = Field(
        default=30, description="an answer is dropped when its client takes nothing of it for so long"
    )


class SecurityConfig(Slice):
    """Who may come in, and how."""

    auth: Literal["none", "tokens"] = Field(
        default="none", description="none, or tokens: each call needs one, made by nexy token issue"
    )
    auth_secret_file: str = Field(
        default="", description="key of the tokens' signatures; empty: made at first use, nexy.secret"
    )
    tls_cert_file: str = Field(default="", description="PEM, with the chain; empty for no TLS")
    tls_key_file: str = Field(default="", description="PEM")
    tls_client_ca_file: str = Field(
        default="", description="PEM; clients must show a certificate that it signed"
    )
    allow_insecure: bool = Field(
        default=False,
        description="listen where others reach it, though there is no TLS or nothing tells who calls",
    )


class SessionsConfig(Slice):
    """How long a conversation is kept."""

    session_idle_seconds: Seconds = Field(default=900, description="a session ends after so much silence")
    strict_session_id: bool = Field(default=False, description="refuse requests without a session_id")


class ServerConfig(Slice):
    """Where Nexy listens, and how it goes."""

    grpc_host: Annotated[str, Field(min_length=1)] = Field(
        default="127.0.0.1", description="the address to listen on, for all ports"
    )
    grpc_port: Port = Field(default=50051, description="0 takes any free port")
    http_port: Port = Field(
        default=8080,
        description="the console page, /health, /ready, /status, /metrics; 0 takes any free port",
    )
    websocket_port: Annotated[Port | None, BeforeValidator(_port_or_none)] = Field(
        default=8082, description="for clients without gRPC; 0 takes any free port; none for no WebSockets"
    )
    websocket_origins: Annotated[tuple[str, ...], BeforeValidator(_list)] = Field(
        default=(),
        description="whose pages may connect beside the console page: https://HOST or https://HOST:PORT, …",
    )
    drain_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=30, description="after the first SIGTERM or Ctrl-C, answers may end within"
    )


def _pronunciations(file: str) -> str:
    """That the table is there and right."""
    if file:
        read_pronunciations(Path(file))
    return file


class SpeechConfig(Slice):
    """How answers are said."""

    pronunciations_file: Annotated[str, AfterValidator(_pronunciations)] = Field(
        default="", description="a TOML file of words and how they are said; empty for none"
    )


class DatabaseConfig(Slice):
    """Where what was said is kept."""

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///nexy.db"), description="sqlite:///FILE or postgresql://…"
    )
    hardware_id_pepper: SecretStr = Field(
        default=SecretStr(""),
        description="key of the hash that users are stored under; empty: made at first start, in nexy.pepper",
    )
    retention_days: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0, description="what was said is deleted after so many days; 0 keeps it"
    )


class MemoryConfig(Slice):
    """What is remembered of a user."""

    max_short_term_memory_size: Count = Field(default=51_200, description="characters of recent talk")
    max_long_term_memory_size: Count = Field(default=102_400, description="characters of facts")
    short_term_memory_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=24, description="recent talk is remembered for"
    )


class BusConfig(Slice):
    """What several processes, on one machine or more, have in common."""

    nats_url: SecretStr = Field(
        default=SecretStr(""),
        description="nats://HOST:4222, the bus between processes and machines; empty: one process",
    )
    nats_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = Field(
        default="nexy", description="of all subjects and streams; another one for another installation"
    )
    interrupt_older_elsewhere: bool = Field(
        default=False,
        description="a device that asks here is no longer answered by other processes than this one",
    )


class AlertsConfig(Slice):
    """When the operator is told, in the log, in /status and in /metrics."""

    alert_seconds: Seconds = Field(
        default=30, description="a figure must be over its limit for so long; and back under it, to clear"
    )
    alert_memory_percent: Percent = Field(default=80, description="of memory used")
    alert_cpu_percent: Percent = Field(default=80, description="of one core, as one process uses one")
    alert_error_percent: Percent = Field(default=5, description="of the last minute's turns that failed")
    alert_response_seconds: Seconds = Field(
        default=5, description="until the first sound, for 5 % of the last minute's turns"
    )
    alert_requests_per_minute: Count = Field(default=800, description="requests for an answer")


class TracesConfig(Slice):
    """Where the spans of each turn go."""

    otel_exporter_otlp_endpoint: str = Field(
        default="", description="http://HOST:4318, an OpenTelemetry collector; empty for no traces"
    )


def _without_slash(url: str) -> str:
    """As what comes behind it begins with one."""
    return url.rstrip("/")


class UpdatesConfig(Slice):
    """The releases that clients update themselves with."""

    update_port: Port = Field(default=8081, description="feeds, manifests, downloads; 0 takes any free port")
    update_dir: str = Field(
        default="updates", description="the folder that nexy release keeps; none for no update server"
    )
    update_base_url: Annotated[str, AfterValidator(_without_slash)] = Field(
        default="http://localhost:8081", description="where clients reach it: https, or this machine"
    )
    update_signing_key: str = Field(
        default="", description="a file outside the repository, made by nexy release keygen; not for serving"
    )


class LogConfig(Slice):
    """What is logged, and how it looks."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="")
    log_format: Literal["json", "console"] = Field(default="json", description="json or console")


class Config(Slice):
    """All settings."""

    models: ModelsConfig = ModelsConfig()
    voices: VoicesConfig = VoicesConfig()
    patience: PatienceConfig = PatienceConfig()
    turn: TurnConfig = TurnConfig()
    speech: SpeechConfig = SpeechConfig()
    limits: LimitsConfig = LimitsConfig()
    connections: ConnectionsConfig = ConnectionsConfig()
    security: SecurityConfig = SecurityConfig()
    sessions: SessionsConfig = SessionsConfig()
    server: ServerConfig = ServerConfig()
    database: DatabaseConfig = DatabaseConfig()
    memory: MemoryConfig = MemoryConfig()
    bus: BusConfig = BusConfig()
    alerts: AlertsConfig = AlertsConfig()
    traces: TracesConfig = TracesConfig()
    updates: UpdatesConfig = UpdatesConfig()
    log: LogConfig = LogConfig()
