"""Opens the database that the configuration names, with the pepper that belongs to it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sqlalchemy import URL, make_url

from nexy.config import DatabaseConfig
from nexy.modules.database.database import Database, open_database
from nexy.modules.database.earlier import Import, Tidying, take_over
from nexy.modules.database.engine import open_engine
from nexy.modules.database.identity import Keys, pepper_beside
from nexy.modules.database.migrate import upgrade

PEPPER_FILE = "nexy.pepper"


def open_store(config: DatabaseConfig) -> AbstractAsyncContextManager[Database]:
    """The database; it need not be there yet. Raises StorageError when the pepper cannot be read or made."""
    return open_database(config.database_url.get_secret_value(), keys_of(config))


def keys_of(config: DatabaseConfig) -> Keys:
    """With the pepper that is configured, or else the one beside the database."""
    if given := config.hardware_id_pepper.get_secret_value():
        return Keys(given.encode())
    return Keys(pepper_beside(folder_of(config) / PEPPER_FILE))


def folder_of(config: DatabaseConfig) -> Path:
    """That of an SQLite file; the working directory for a server elsewhere."""
    url = make_url(config.database_url.get_secret_value())
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Path(file).parent if file and not file.startswith("file:") else Path()


def is_new(config: DatabaseConfig) -> bool:
    """Whether it is a file that the first start will make."""
    url = make_url(config.database_url.get_secret_value())
    return url.get_backend_name() == "sqlite" and not _file(url).exists()


def _file(url: URL) -> Path:
    return Path((url.database or "").removeprefix("file:"))


def take_over_earlier(
    source: str, config: DatabaseConfig, tidy: Tidying, progress: Callable[[Import], None]
) -> Import:
    """Take over the tables of the earlier server at `source`. Blocks. Raises SQLAlchemy's errors."""
    reading, writing = open_engine(source), open_engine(config.database_url.get_secret_value())
    try:
        upgrade(writing)
        return take_over(reading, writing, keys_of(config), tidy, progress)
    finally:
        reading.dispose()
        writing.dispose()
