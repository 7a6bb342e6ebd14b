"""Settings: frozen slices, made once at start."""

from nexy.config.load import FILE, example, fields, load
from nexy.config.model import (
    AlertsConfig,
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
    VoicesConfig,
)
from nexy.config.pronunciations import read_pronunciations

__all__ = [
    "FILE",
    "AlertsConfig",
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
    "VoicesConfig",
    "example",
    "fields",
    "load",
    "read_pronunciations",
]
