#!/bin/sh
# Make what compose.yaml needs and nobody else may know, in deploy/secrets/. What is there stays as it is.
#
#   deploy/secrets.sh [NAME]     the host that clients know, for the certificate; localhost without one
set -eu
cd "$(dirname "$0")"
name=${1:-localhost}

# The folder is for its owner alone. The files in it are not: each container reads its own as another user.
mkdir -p secrets
chmod 700 secrets
umask 022
mkdir -p secrets/tls

random() { printf 'n%s' "$(openssl rand -hex 24)"; } # with a letter first: NATS takes digits for a number
missing() { ! [ -e "secrets/$1" ]; }

missing postgres.password && random > secrets/postgres.password
missing grafana.password && random > secrets/grafana.password
missing nats.password && random > secrets/nats.password
missing prometheus.token && : > secrets/prometheus.token # an operator's, once the server runs
missing nats.conf && printf 'authorization { user: nexy, password: "%s" }\n' "$(cat secrets/nats.password)" > secrets/nats.conf
missing config.env && cat > secrets/config.env << END
# What the nodes must have in common, and nobody else may know. Other settings can stand here too.
DATABASE_URL=postgresql://nexy:$(cat secrets/postgres.password)@postgres/nexy
NATS_URL=nats://nexy:$(cat secrets/nats.password)@nats:4222
HARDWARE_ID_PEPPER=$(openssl rand -hex 32)
GEMINI_API_KEY=
END
missing tls/tls.crt && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 397 \
    -subj "/CN=$name" -addext "subjectAltName=DNS:$name" -keyout secrets/tls/tls.key -out secrets/tls/tls.crt \
    2> /dev/null
chmod 644 secrets/tls/tls.key # Envoy runs as another user; openssl makes it for its owner alone
echo "deploy/secrets/ has all that is needed; the certificate there is for $name until you put your own in its place"
