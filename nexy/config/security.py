"""What is wrong with the settings of who may come in: files are looked into."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from nexy.config.addresses import is_loopback
from nexy.config.model import SecurityConfig
from nexy.config.secret import read_secret

NEEDED_BY = (  # a setting that cannot be without another
    ("TLS_CERT_FILE", "TLS_KEY_FILE"),
    ("TLS_KEY_FILE", "TLS_CERT_FILE"),
    ("TLS_CLIENT_CA_FILE", "TLS_CERT_FILE"),
)


def exposed(security: SecurityConfig, host: str) -> str:
    """What others who reach `host` could do, for want of a setting; empty when nobody does or could."""
    lacks = [] if security.tls_cert_file else ["all can be read on the way"]
    if security.auth == "none" and not security.tls_client_ca_file:
        lacks.append("anybody can call as anybody")
    return "" if is_loopback(host) else " and ".join(lacks)


def exposure_mistakes(security: SecurityConfig, host: str) -> Iterator[str]:
    """That others reach a server which is not made for it, and nobody said that they may."""
    if (lacks := exposed(security, host)) and not security.allow_insecure:
        yield (
            f"GRPC_HOST: others reach this address, and {lacks}; set TLS_CERT_FILE and TLS_KEY_FILE, and "
            "AUTH=tokens or TLS_CLIENT_CA_FILE, or listen on 127.0.0.1, or set ALLOW_INSECURE=true"
        )


def exposure_warnings(security: SecurityConfig, host: str) -> Iterator[str]:
    """The same, when somebody said so."""
    if (lacks := exposed(security, host)) and security.allow_insecure:
        yield f"ALLOW_INSECURE: others reach this server, and {lacks}"


def file_mistakes(given: Mapping[str, str]) -> Iterator[str]:
    """A line for each mistake in the files of the settings that are given, by name, without a value."""
    if given.get("AUTH_SECRET_FILE"):
        try:
            read_secret(Path(given["AUTH_SECRET_FILE"]))
        except ValueError as error:
            yield f"AUTH_SECRET_FILE: {error}"
    named = {name: file for name, _ in NEEDED_BY if (file := given.get(name, ""))}
    unreadable = {name: why for name, file in named.items() if (why := _unreadable(Path(file)))}
    yield from (f"{name}: {why}" for name, why in unreadable.items())
    for name, needed in NEEDED_BY:
        if name in named and needed not in named:
            yield f"{needed}: {name} is given, and needs it"
    readable = {name: file for name, file in named.items() if name not in unreadable}
    if {"TLS_CERT_FILE", "TLS_KEY_FILE"} <= readable.keys():
        yield from _wrong_pair(readable["TLS_CERT_FILE"], readable["TLS_KEY_FILE"])
    if (authority := readable.get("TLS_CLIENT_CA_FILE")) and not _has_certificate(authority):
        yield "TLS_CLIENT_CA_FILE: there is no PEM certificate in it that can be used"


def _unreadable(file: Path) -> str:
    """Why it cannot be read; empty when it can."""
    try:
        file.open("rb").close()
    except OSError as error:
        return error.strerror or "it cannot be read"
    return ""


def _wrong_pair(certificate: str, key: str) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, lambda: "")  # no password: nobody is there to type it
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            yield "TLS_KEY_FILE: it is not the key of the certificate in TLS_CERT_FILE"
        elif not _has_certificate(certificate):
            yield "TLS_CERT_FILE: there is no PEM certificate in it that can be used"
        else:
            yield "TLS_KEY_FILE: there is no PEM key in it that can be used; it must have no password"


def _has_certificate(file: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(file)
    except ssl.SSLError:
        return False
    return True
