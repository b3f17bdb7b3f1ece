"""What PostgreSQL says of a statement, as SQLite says it."""

import sqlite3

import psycopg

_INTEGRITY = psycopg.errors.IntegrityError, psycopg.errors.RaiseException
_DATA = psycopg.errors.DataError, psycopg.errors.DatatypeMismatch, psycopg.errors.UndefinedFunction


class as_sqlite:  # noqa: N801 - reads as a statement
    """Of whatever is done within."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if not isinstance(error, psycopg.Error):
            return
        if isinstance(error, _INTEGRITY):
            raise sqlite3.IntegrityError(str(error)) from error
        if isinstance(error, _DATA) or (isinstance(error, psycopg.ProgrammingError) and not error.sqlstate):
            raise sqlite3.DataError(str(error)) from error
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise sqlite3.OperationalError(f"interrupted: {error}") from error
        raise sqlite3.OperationalError(str(error)) from error
