"""Mistakes that no setting has by itself: what one of them needs of another, and addresses."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from nexy.config.addresses import is_loopback
from nexy.config.model import Config, split

LONGEST_SILENCE_SECONDS = 8.0  # and up to two more until a voice, or two tones, break it

SCHEMES = {
    "GEMINI_BASE_URL": ("http", "https"),
    "OPENAI_BASE_URL": ("http", "https"),
    "EDGE_TTS_URL": ("ws", "wss"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http", "https"),
}

NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "gemini": {"GEMINI_API_KEY": ("GEMINI_FALLBACK_API_KEY",)},
    "openai": {"OPENAI_MODEL": (), "OPENAI_API_KEY": ("OPENAI_BASE_URL",)},
}
"""What a model of LLM_PROVIDERS cannot do without, and what may stand for it."""


def contradictions(given: Mapping[str, str]) -> Iterator[str]:
    """A line for each mistake in the settings that are given, by name, without a value."""
    yield from _missing(given)
    for name, schemes in SCHEMES.items():
        if name in given and not _is_address(given[name].strip(), schemes):
            yield f"{name}: it is no address that begins with {' or '.join(f'{one}://' for one in schemes)}"
    for origin in split(given.get("WEBSOCKET_ORIGINS", "")):
        if not _is_origin(origin):
            yield "WEBSOCKET_ORIGINS: one is neither https://HOST nor http://HOST, with a port or without"
            break
    if not all(_is_address(url, ("nats", "tls")) for url in split(given.get("NATS_URL", ""))):
        yield "NATS_URL: it is nats://HOST:PORT, or tls://HOST:PORT; several with commas"
    if "UPDATE_BASE_URL" in given and not _is_safe(given["UPDATE_BASE_URL"].strip()):
        yield "UPDATE_BASE_URL: it is neither https://… nor http://localhost…: clients would not take it"
    if "DATABASE_URL" in given and not _is_database(given["DATABASE_URL"].strip()):
        yield "DATABASE_URL: it is neither sqlite:///FILE nor postgresql://USER@HOST/NAME"


def _missing(given: Mapping[str, str]) -> Iterator[str]:
    """What a model of LLM_PROVIDERS needs, and has not got."""
    for provider in dict.fromkeys(split(given.get("LLM_PROVIDERS", ""))):
        for name, instead in NEEDS.get(provider, {}).items():
            if not any(given.get(one, "").strip() for one in (name, *instead)):
                others = "".join(f" (or {one})" for one in instead)
                yield f"{name}: {provider} is in LLM_PROVIDERS, and needs it{others}"


def _is_database(url: str) -> bool:
    """sqlite:///FILE or postgresql://…"""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return not parts.netloc and len(parts.path) > 1
    return parts.scheme in ("postgresql", "postgres") and bool(parts.hostname and parts.path.strip("/"))


def _is_safe(url: str) -> bool:
    """https, or http to this machine: what clients take updates from. Without a query or a fragment."""
    parts = urlsplit(url)
    if parts.query or parts.fragment or not _is_address(url, ("http", "https")):
        return False
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_origin(text: str) -> bool:
    """scheme://host or scheme://host:port, as browsers send it: nothing behind it, and nobody before it."""
    parts = urlsplit(text)
    return (
        _is_address(text, ("http", "https"))
        and "@" not in parts.netloc
        and text == f"{parts.scheme}://{parts.netloc}"
    )


def oddities(config: Config) -> Iterator[str]:
    """A line for each setting that cannot do what it is for, beside the others."""
    limits, alerts, turn = config.limits, config.alerts, config.turn
    if alerts.alert_requests_per_minute >= limits.max_requests_per_minute:
        yield "ALERT_REQUESTS_PER_MINUTE never fires: no more than MAX_REQUESTS_PER_MINUTE are let in"
    if alerts.alert_memory_percent > limits.max_memory_usage:
        yield "ALERT_MEMORY_PERCENT fires late: above MAX_MEMORY_USAGE nothing new is begun"
    bus, pepper, url = config.bus.nats_url, config.database.hardware_id_pepper, config.database.database_url
    on_machines = bool(bus.get_secret_value()) and not url.get_secret_value().startswith("sqlite:")
    if on_machines and not pepper.get_secret_value():
        yield "NATS_URL without HARDWARE_ID_PEPPER: other machines have another name for each device"
    if turn.silence_seconds > LONGEST_SILENCE_SECONDS:
        yield "SILENCE_SECONDS is so long that a user may wait for ten seconds in silence"
