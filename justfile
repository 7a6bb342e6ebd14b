# Recipes for developers. `just` lists them.

venv := ".venv"
python := venv / "bin/python"

# list the recipes
default:
    @just --list --unsorted

# make .venv with what serving needs
setup: (_venv "requirements.lock")

# make .venv with what testing and checking need
setup-dev: (_venv "requirements-dev.lock")

_venv lock:
    #!/usr/bin/env bash
    set -euo pipefail
    {{ python }} -m pip --version >/dev/null 2>&1 || python3 -m venv --clear {{ venv }}
    stamp={{ venv }}/{{ lock }}.stamp
    if ! cmp -s {{ lock }} "$stamp"; then
        echo "installing {{ lock }} ..." >&2
        {{ python }} -m pip install --quiet --disable-pip-version-check --require-hashes -r {{ lock }}
        {{ python }} -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
        cp {{ lock }} "$stamp"
    fi

# serve everything, with the embedded default: no key, no network, no other server
serve *args: setup
    {{ venv }}/bin/nexy serve {{ args }}

# ask a running server; writes answer.wav
ask text *args: setup
    {{ venv }}/bin/nexy ask {{ quote(text) }} --out answer.wav {{ args }}

# run all tests, with branch coverage
test *args: setup-dev
    {{ python }} -m pytest --numprocesses auto --maxprocesses 4 --cov --cov-report=term {{ args }}

# everything that reads the code without running it; also known holes in the libraries, and leaked secrets
check: setup-dev
    {{ venv }}/bin/ruff format --check .
    {{ venv }}/bin/ruff check .
    # off: the optional 9xx, and what cannot know that Starlette wants coroutines and that hosts hand task_status on
    git ls-files 'nexy/*.py' | grep -v grpc_service/streaming | xargs {{ venv }}/bin/flake8-async --disable ASYNC114,ASYNC124,ASYNC128,ASYNC900,ASYNC910,ASYNC911
    {{ venv }}/bin/mypy
    {{ venv }}/bin/lint-imports
    just proto check
    {{ python }} scripts/leaks.py
    {{ python }} scripts/audit.py requirements.lock
    {{ python }} -c "import sys, nexy.config; sys.exit(open('config.env.example').read() != nexy.config.example() and 'config.env.example is out of date: just fix')"

# mend what can be mended by itself
fix: setup-dev
    {{ venv }}/bin/ruff format .
    {{ venv }}/bin/ruff check --fix .
    {{ python }} -c "import nexy.config; open('config.env.example', 'w').write(nexy.config.example())"

# all that looks like a secret now is none: read what `just check` names before
harmless: setup-dev
    {{ python }} scripts/leaks.py --accept

# generate the stubs from protos/; `just proto check` only compares
proto mode="write": setup-dev
    {{ python }} scripts/proto.py {{ mode }}

# measure speed and memory; prints a table and writes benchmarks/results/
bench *args: setup-dev
    {{ python }} -m benchmarks {{ args }}

# many users while Gemini and Edge fail at random: every turn answered or apologised for, nothing left behind
bad-day *args: setup-dev
    {{ python }} -m benchmarks.bad_day {{ args }}

# half an hour of users who interrupt, vanish and are wrong, while models and voices fail: nothing grows, nothing is left
soak *args: setup-dev
    {{ python }} -m benchmarks.soak {{ args }}

# what 100 to 10 million users need, by simulated events and measured costs
simulate *args: setup-dev
    {{ python }} -m benchmarks.simulate {{ args }}

# pin the newest versions that pyproject.toml allows
lock: setup-dev
    {{ venv }}/bin/uv pip compile --quiet --no-strip-extras --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra offline --extra gemini --extra edge --extra postgres --extra traces --extra loadtest --extra bus --extra build pyproject.toml -o requirements.lock
    {{ venv }}/bin/uv pip compile --quiet --no-strip-extras --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra offline --extra gemini --extra edge --extra postgres --extra traces --extra loadtest --extra bus --extra build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
