"""Takes over what the server before this one has stored: its PostgreSQL tables into ours.

Its tables (October 2025 to March 2026): users (hardware_id_hash, short_term_memory, long_term_memory,
memory_updated_at), sessions, commands, llm_answers, token_usage. What it called hardware_id_hash is what its
clients send as their hardware_id; so is token_usage.hardware_id. Doing it again changes nothing.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Row, Table, select
from sqlalchemy.exc import NoSuchTableError

from nexy.modules.database import queries
from nexy.modules.database.identity import Keys
from nexy.modules.database.rows import Change, Figures, Record, StoredFact, Usage
from nexy.types import HardwareId

TABLES = ("users", "sessions", "commands", "llm_answers", "token_usage")
LONGEST_FACT = 1_000  # characters; what is longer is cut into sentences first
_NAMESPACE = uuid.UUID("9c1b3c58-6f0d-4b56-8a43-2f6d6a1d8c11")  # so that the same text has the same id again


@dataclass
class Import:
    """What was found, and what came of it, by table."""

    read: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)  # stored before
    unreadable: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)  # tables that are not there


@dataclass(frozen=True)
class Tidying:
    """What the memory makes of texts that it did not write: the earlier server kept secrets too."""

    text: Callable[[str], str]  # without secrets
    gist: Callable[[str, float], str]  # as a gist, written at a Unix time


def take_over(
    source: Engine, target: Engine, keys: Keys, tidy: Tidying, progress: Callable[[Import], None]
) -> Import:
    """Read every table of the earlier server and store it; `progress` is called after each user."""
    done = Import()
    with source.connect() as reading:
        tables = dict(_tables(reading, done))
        if "users" not in tables:
            return done
        for user in reading.execute(select(tables["users"])).yield_per(100):
            done.read["users"] += 1
            who = str(user._mapping.get("hardware_id_hash") or "").strip()
            if not who:
                done.unreadable["users"] += 1
                continue
            with target.begin() as writing:
                _User(reading, writing, tables, keys.of(HardwareId(who)), tidy, done).take_over(user, who)
            progress(done)
    return done


def _tables(reading: Connection, done: Import) -> Iterator[tuple[str, Table]]:
    metadata = MetaData()
    for name in TABLES:
        try:
            yield name, Table(name, metadata, autoload_with=reading, schema="public", resolve_fks=False)
        except NoSuchTableError:
            done.missing.append(name)


@dataclass
class _User:
    """One user on the way from there to here."""

    reading: Connection
    writing: Connection
    tables: dict[str, Table]
    key: str
    tidy: Tidying
    done: Import

    def take_over(self, user: Row[Any], who: str) -> None:
        written = user._mapping
        queries.see_user(self.writing, self.key, _seconds(written.get("created_at")))
        self._count("users", new=True)
        self._memory(written.get("short_term_memory"), written.get("long_term_memory"), written)
        if "sessions" in self.tables:
            for session in self._of("sessions", "user_id", written["id"]):
                self._session(session)
        if "token_usage" in self.tables:
            self._tokens(self._of("token_usage", "hardware_id", who))

    def _of(self, table: str, column: str, value: object) -> Iterable[Row[Any]]:
        rows = self.tables[table]
        return self.reading.execute(select(rows).where(rows.c[column] == value)).all()

    def _count(self, table: str, *, new: bool) -> None:
        (self.done.stored if new else self.done.there)[table] += 1

    def _memory(self, short: str | None, long: str | None, written: Any) -> None:
        at = _seconds(written.get("memory_updated_at") or written.get("created_at"))
        known = {fact.id for fact in queries.facts(self.writing, self.key)}
        facts = tuple(
            fact for fact in _facts(self.key, self.tidy.text(long or ""), at) if fact.id not in known
        )
        if facts or (short or "").strip():
            gist = self.tidy.gist(short or "", at) or None
            if queries.gist(self.writing, self.key) is not None:
                gist = None  # ours is newer
            queries.change(self.writing, self.key, Change(add=facts, gist=gist, at=at))

    def _session(self, session: Row[Any]) -> None:
        self.done.read["sessions"] += 1
        self._count("sessions", new=True)
        if "commands" not in self.tables:
            return
        for command in self._of("commands", "session_id", session._mapping["id"]):
            self.done.read["commands"] += 1
            self._exchange(str(session._mapping["id"]), command)

    def _exchange(self, session: str, command: Row[Any]) -> None:
        written = command._mapping
        answers = (
            list(self._of("llm_answers", "command_id", written["id"])) if "llm_answers" in self.tables else []
        )
        self.done.read["llm_answers"] += len(answers)
        if not (written.get("prompt") or "").strip():
            self.done.unreadable["commands"] += 1
            return
        answer = self.tidy.text("\n".join(str(one._mapping.get("response") or "") for one in answers))
        new = queries.record(
            self.writing,
            self.key,
            Record(
                id=uuid.UUID(str(written["id"])).hex,
                session=session,
                asked_at=_seconds(written.get("created_at")),
                prompt=self.tidy.text(written["prompt"]),
                generated=answer,
                heard=answer,  # what was really heard the earlier server did not know
                why="imported",
                model=_model(answers),
                voice="",
                figures=Figures(0.0),
            ),
            "",
        )
        self._count("commands", new=new)
        self.done.stored["llm_answers"] += len(answers) if new else 0
        self.done.there["llm_answers"] += 0 if new else len(answers)

    def _tokens(self, rows: Iterable[Row[Any]]) -> None:
        """Summed by day, and set rather than added, so that they do not double."""
        sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            self.done.read["token_usage"] += 1
            written = row._mapping
            at = written.get("created_at")
            if not isinstance(at, datetime):
                self.done.unreadable["token_usage"] += 1
                continue
            source, model = f"earlier {written['source']}"[:32], (written.get("model_name") or "")[:128]
            total = sums[at.date().isoformat(), source, model]
            total[0] += written["input_tokens"]
            total[1] += written["output_tokens"]
            self._count("token_usage", new=True)
        for (day, source, model), (given, taken) in sums.items():
            queries.set_tokens(self.writing, self.key, day, Usage(source, model, given, taken))


def _facts(key: str, text: str, at: float) -> Iterator[StoredFact]:
    """One for each line that says something."""
    for line in text.splitlines():
        said = " ".join(line.strip(" -*•\t").split())[:LONGEST_FACT]
        if said:
            name = uuid.uuid5(_NAMESPACE, f"{key} {said}").hex
            yield StoredFact(name, f"note:{name[:12]}", said, "", "", at, 0.0)


def _model(answers: Iterable[Row[Any]]) -> str:
    for answer in answers:
        info = answer._mapping.get("model_info")
        if isinstance(info, dict):
            return str(info.get("model") or info.get("name") or "")[:128]
    return ""


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if isinstance(at, datetime) else 0.0
