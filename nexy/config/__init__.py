"""Settings: frozen slices, made once at start."""

from nexy.config.load import FILE, example, fields, load
from nexy.config.model import (
    Config,
    LimitsConfig,
    LogConfig,
    ModelsConfig,
    PatienceConfig,
    ServerConfig,
    SessionsConfig,
    SpeechConfig,
    TurnConfig,
    VoicesConfig,
)
from nexy.config.pronunciations import read_pronunciations

__all__ = [
    "FILE",
    "Config",
    "LimitsConfig",
    "LogConfig",
    "ModelsConfig",
    "PatienceConfig",
    "ServerConfig",
    "SessionsConfig",
    "SpeechConfig",
    "TurnConfig",
    "VoicesConfig",
    "example",
    "fields",
    "load",
    "read_pronunciations",
]
