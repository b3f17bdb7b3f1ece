"""Every SQL statement that the controller's modules hold as a constant, and whether PostgreSQL takes it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg

import controller
from controller.errors import StoreError
from controller.store.postgres.dialect import translate

_STARTS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s")
_ASKED = re.compile(r"%%|%s|%\((\w+)\)s")
OTHERS = (
    *("controller.imaging.archive", "controller.imaging.dicomweb", "controller.imaging.manage"),
    *("controller.imaging.plugins.failures", "controller.imaging.plugins.findings"),
    *("controller.imaging.plugins.queue", "controller.imaging.dimse", "controller.imaging.sight"),
    *("controller.imaging.annotate", "controller.imaging.telling", "controller.imaging.plugins.ways"),
    *("controller.store.where", "controller.store.postgres", "controller.objects"),
)
"""Modules whose statements are for databases of their own, which are always SQLite's."""

ELSEWHERE = frozenset(
    {
        *(
            f"controller.history.reading.{name}"
            for name in ("_WANTED", "_DROPPED", "_ROLLED_UP", "_DOUBTFUL")
        ),
        *("controller.history.reading._WAITING", "controller.patients.rows._FACTS"),
        "controller.api.bulk_observations._WANTED",
        *("controller.lake.check._ALERTS_LAKE", "controller.lake.check._STAYS_LAKE"),
        *("controller.lake.research.release._STAYS", "controller.audit.verify._SCHEMA"),
    }
)
"""Parts of statements, and what DuckDB and SQLite alone are asked."""


def statements() -> Iterator[tuple[str, str]]:
    """(module and name or line, SQL): of constants of modules, and of strings in their functions."""
    for found in pkgutil.walk_packages(controller.__path__, "controller."):
        if found.name.startswith(
            (*OTHERS, "controller.lake.asking", "controller.lake.cohorts")
        ) or found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        if "sqlite3" not in source and ".read(" not in source:
            continue
        for name, value in vars(module).items():
            known = f"{found.name}.{name}"
            if (
                isinstance(value, str)
                and _STARTS.match(value)
                and "{" not in value
                and known not in ELSEWHERE
            ):
                yield known, value
        if found.name != "controller.lake.check":  # whose functions ask DuckDB, too
            yield from _in_functions(found.name, source)


def _in_functions(module: str, source: str) -> Iterator[tuple[str, str]]:
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parts = {
            id(part) for one in ast.walk(function) if isinstance(one, ast.JoinedStr) for part in one.values
        }
        for one in ast.walk(function):
            if not isinstance(one, ast.Constant) or not isinstance(one.value, str) or id(one) in parts:
                continue
            if _STARTS.match(one.value) and "{" not in one.value:
                yield f"{module}:{one.lineno}", one.value


def refusal(db: psycopg.Connection, statement: str) -> str | None:
    """What PostgreSQL says of it; None: it takes it."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${numbers.setdefault(found[1] or f'#{found.start()}', len(numbers) + 1)}"

    try:
        text = _ASKED.sub(numbered, translate(statement))
        db.execute(f"PREPARE one AS {text}".encode(), prepare=False)
    except (psycopg.Error, StoreError) as error:
        return str(error)
    db.execute("DEALLOCATE one")
    return None
