"""nexy db: the database, and what a user may ask of it."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio
from sqlalchemy.exc import SQLAlchemyError

from nexy.cli.configuration import configuration
from nexy.cli.failing import fail
from nexy.cli.table import show_table
from nexy.errors import BadRequest, StorageError
from nexy.modules.database import Database, Import, Tidying, Usage, open_store, take_over_earlier
from nexy.modules.memory_management import gist_of, without_secrets
from nexy.modules.session_management import check_hardware_id
from nexy.types import HardwareId

T = TypeVar("T")


def ask_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the configured database; a failure is one plain line."""
    config, _ = configuration()

    async def ask() -> T:
        async with open_store(config.database) as database:
            await database.prepare()
            return await work(database)

    try:
        return trio.run(ask)
    except StorageError as error:
        fail(f"the database {error}")
    except (ValueError, SQLAlchemyError):
        fail("DATABASE_URL names no database that can be used")


def device_of(given: str) -> HardwareId:
    """The id of a device, or the end of the program."""
    try:
        return check_hardware_id(given)
    except BadRequest as error:
        fail(str(error), status=2)


def upgrade() -> None:
    async def nothing(_: Database) -> None:
        return None

    ask_database(nothing)
    print("the database is up to date")


def export(hardware_id: str) -> None:
    who = device_of(hardware_id)

    async def work(database: Database) -> None:
        stored = await database.export(who)
        json.dump(stored, sys.stdout, indent=1, ensure_ascii=False)
        print()

    ask_database(work)


def forget(hardware_id: str) -> None:
    who = device_of(hardware_id)

    async def work(database: Database) -> int:
        return await database.forget(who)

    rows = ask_database(work)
    print(f"{rows} rows deleted; nothing is left" if rows else "nothing was stored")


def usage(hardware_id: str | None) -> None:
    who = None if hardware_id is None else device_of(hardware_id)

    async def work(database: Database) -> list[Usage]:
        return await database.usage(who)

    found = ask_database(work)
    rows = [(one.source, one.model, str(one.input_tokens), str(one.output_tokens)) for one in found]
    show_table(("SOURCE", "MODEL", "INPUT", "OUTPUT"), rows)


def take_over(source: str) -> None:
    config, _ = configuration()
    most = config.memory.max_short_term_memory_size
    tidy = Tidying(without_secrets, lambda text, at: gist_of(text, at, most))
    try:
        done = take_over_earlier(source, config.database, tidy, _progress)
    except StorageError as error:
        fail(str(error))
    except (ValueError, SQLAlchemyError) as error:
        fail(f"--from: it cannot be read, or ours not written ({type(error).__name__})")
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if "users" in done.missing:
        fail("--from: there is no table users of the earlier server in schema public")
    for table in ("users", "sessions", "commands", "llm_answers", "token_usage"):
        counts = (done.read[table], done.stored[table], done.there[table], done.unreadable[table])
        note = "no such table" if table in done.missing else ""
        print("{}\tread {}\tstored {}\tthere before {}\tunreadable {}".format(table, *counts), note, sep="\t")


def _progress(done: Import) -> None:
    if sys.stderr.isatty() and done.read["users"] % 10 == 0:
        print(f"\r{done.read['users']} users …", end="", file=sys.stderr, flush=True)
