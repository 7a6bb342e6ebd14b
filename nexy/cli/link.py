"""How a client reaches a server: where it is, the token that is shown, and TLS."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from nexy.cli.address import Address
from nexy.cli.failing import WRONG_USE, fail
from nexy.utils.tls import GRPC, client_context


@dataclass(frozen=True)
class Link:
    """A server, as it is to be reached."""

    server: Address
    token: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: str | None = None  # None: the machine's authorities
    client_cert: str | None = None
    client_key: str | None = None  # None: it is in the same file

    @property
    def encrypted(self) -> bool:
        """Whoever names a file for TLS wants TLS."""
        return self.tls or bool(self.ca_file or self.client_cert or self.client_key)

    def context(self) -> ssl.SSLContext | None:
        """None without TLS. Ends the program when a file cannot be used."""
        if not self.encrypted:
            return None
        if self.client_key and not self.client_cert:
            fail("--client-key needs --client-cert", status=WRONG_USE)
        for option, name in (
            ("--ca-file", self.ca_file),
            ("--client-cert", self.client_cert),
            ("--client-key", self.client_key),
        ):
            if name:
                _check_readable(option, name)
        try:
            context = client_context(GRPC, ca=Path(self.ca_file) if self.ca_file else None)
        except OSError:
            fail(f"--ca-file: there is no PEM certificate in {self.ca_file} that can be used")
        if self.client_cert:
            try:
                context.load_cert_chain(self.client_cert, self.client_key or None, lambda: "")
            except OSError:
                fail("--client-cert: there is no PEM certificate with its key in it, nor in --client-key")
        return context


def _check_readable(option: str, name: str) -> None:
    try:
        Path(name).open("rb").close()
    except OSError as error:
        fail(f"{option}: {name}: {error.strerror}")


def certificate_problem(error: ssl.SSLError) -> str:
    """What is wrong between the two, in words of one line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {error.verify_message}; see --ca-file"
    if error.reason in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS; leave out --tls"
    return f"no TLS with it ({(error.reason or 'unknown').replace('_', ' ').lower()})"
