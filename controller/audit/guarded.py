"""Whether the trail's table on a PostgreSQL server is as its migration made it: columns and guards, and
whether searches, which go by the columns, find what the entries say.
"""

import re
import sqlite3
from collections.abc import Iterator

from controller.store.postgres.dialect import translate
from controller.store.postgres.tokens import statements

_COLUMNS = """SELECT column_name, data_type, is_generated FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = 'audit'"""
_GUARDS = """SELECT tgname, tgenabled, prosrc,
  replace(pg_get_triggerdef(pg_trigger.oid), 'public.', '') AS made
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgrelid = CAST('audit' AS regclass) AND NOT tgisinternal"""
_LYING = """SELECT count(*) FROM audit, LATERAL (SELECT CAST(entry AS jsonb) AS said) AS one
WHERE CAST(said ->> 'utc_us' AS int8) IS NOT utc_us OR said ->> 'action' IS NOT action
  OR said ->> 'actor' IS NOT actor OR said ->> 'entity' IS NOT entity OR said ->> 'patient' IS NOT patient"""
"""By the server's own functions alone: ours may have been replaced."""
_MADE = re.compile(r"\$\$(?P<body>.*)\$\$;\s*(?P<trigger>CREATE TRIGGER.*);", re.DOTALL)
_TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}


def changed(db: sqlite3.Connection, fresh: sqlite3.Connection, script: str) -> Iterator[str]:
    """Names of what differs. `fresh`: SQLite's, made by `script`, the migration."""
    columns = {
        row[1]: (_TYPES[row[2].split()[0]], "ALWAYS" if row[6] else "NEVER")
        for row in fresh.execute("PRAGMA table_xinfo(audit)")
    }
    if {row[0]: (row[1], row[2]) for row in db.execute(_COLUMNS)} != columns:
        yield "audit"
    expected = dict(_guards(script))
    found = {
        row["tgname"]: _plain(row["tgenabled"] + row["made"] + row["prosrc"]) for row in db.execute(_GUARDS)
    }
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield name


def lying(db: sqlite3.Connection) -> int:
    """How many entries have a column that says otherwise; of a table in which nothing is `changed`."""
    (count,) = db.execute(_LYING).fetchone()
    return count


def _guards(script: str) -> Iterator[tuple[str, str]]:
    for one in statements(script):
        if (made := _MADE.search(translate(one))) is not None:
            yield made["trigger"].split()[2], _plain(f"O{made['trigger']}{made['body']}")


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)
