"""Settings: frozen slices, made once at start."""

from nexy.config.addresses import is_loopback
from nexy.config.load import FILE, example, fields, load
from nexy.config.model import (
    AlertsConfig,
    BusConfig,
    Config,
    ConnectionsConfig,
    DatabaseConfig,
    LimitsConfig,
    LogConfig,
    MemoryConfig,
    ModelsConfig,
    PatienceConfig,
    SecurityConfig,
    ServerConfig,
    SessionsConfig,
    SpeechConfig,
    TracesConfig,
    TurnConfig,
    UpdatesConfig,
    VoicesConfig,
)
from nexy.config.pronunciations import read_pronunciations
from nexy.config.secret import make_secret, read_secret

__all__ = [
    "FILE",
    "AlertsConfig",
    "BusConfig",
    "Config",
    "ConnectionsConfig",
    "DatabaseConfig",
    "LimitsConfig",
    "LogConfig",
    "MemoryConfig",
    "ModelsConfig",
    "PatienceConfig",
    "SecurityConfig",
    "ServerConfig",
    "SessionsConfig",
    "SpeechConfig",
    "TracesConfig",
    "TurnConfig",
    "UpdatesConfig",
    "VoicesConfig",
    "example",
    "fields",
    "is_loopback",
    "load",
    "make_secret",
    "read_pronunciations",
    "read_secret",
]
