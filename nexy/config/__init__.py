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
    TurnConfig,
    VoicesConfig,
)

__all__ = [
    "FILE",
    "Config",
    "LimitsConfig",
    "LogConfig",
    "ModelsConfig",
    "PatienceConfig",
    "ServerConfig",
    "SessionsConfig",
    "TurnConfig",
    "VoicesConfig",
    "example",
    "fields",
    "load",
]
