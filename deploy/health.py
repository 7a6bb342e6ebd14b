"""Tell whether the Nexy of this container lives: the exit status is 0 when its /health answers 200.

Of HTTP_PORT, TLS_CERT_FILE, NEXY_CLIENT_CERT and NEXY_CLIENT_KEY it knows what the environment says, not
what config.env says.
"""

import http
import http.client
import os
import ssl
import sys

PATIENCE_SECONDS = 3.0


def connection() -> http.client.HTTPConnection:
    """To this container's own HTTP port."""
    port = int(os.environ.get("HTTP_PORT") or 8080)
    if not os.environ.get("TLS_CERT_FILE"):
        return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    context = ssl.create_default_context()
    context.check_hostname = False  # the certificate is for a name, and this is an address of our own
    context.verify_mode = ssl.CERT_NONE
    if certificate := os.environ.get("NEXY_CLIENT_CERT"):  # for TLS_CLIENT_CA_FILE
        context.load_cert_chain(certificate, os.environ.get("NEXY_CLIENT_KEY"))
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS, context=context)


def main() -> int | str:
    """0, or what is wrong."""
    try:
        asking = connection()
        asking.request("GET", "/health")
        status = asking.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"/health: {error}"
    return 0 if status == http.HTTPStatus.OK else f"/health: {status}"


if __name__ == "__main__":
    sys.exit(main())
