"""Our SQL, which is written for SQLite, as PostgreSQL has it: pure, one statement after the other.

    translate("SELECT ifnull(max(number), 0) FROM audit WHERE actor IS ?")
    # 'SELECT coalesce(max(number), 0) FROM audit WHERE actor IS NOT DISTINCT FROM %s'

The part of SQL that we write is small, and this knows that part: types, placeholders, `IS`,
`INSERT OR IGNORE`, `iif`, names that are words of PostgreSQL, and triggers that refuse. What SQLite's
functions do stands in prelude.sql. PostgreSQL 15, "SQL Key Words" (appendix C), "Data Types"; SQLite,
"Datatypes", "Expressions".
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from controller.errors import StoreError
from controller.store.postgres.tokens import (
    Token,
    after,
    arguments,
    statements,
    text_of,
    tokens_of,
    without_comments,
)

_RESERVED = frozenset({"user", "only", "end_", "session_user", "current_user", "array", "both", "verbose"})
"""Names of ours that PostgreSQL takes for words of its own."""
AGAIN = "__again"
"""After the name of a parameter that stands for the one before it."""
_NAMES = {"ifnull": "coalesce", "blob": "BYTEA", "real": "DOUBLE PRECISION", "integer": "BIGINT"} | {
    "json_array": "json_build_array",
    "json_object": "json_build_object",
}
_LIKE = {"like": "ILIKE"}
"""SQLite does not tell letters' cases apart."""
_CASTS = {"bigint": ("whole", ""), "bytea": ("convert_to", ", 'UTF8'")}
"""By the type that is asked for: what does it as SQLite, and what follows the value."""
_NOT_VALUES = frozenset({"null", "not", "distinct", "true", "false"})
_GO_ON = frozenset(
    {
        *("where", "group", "order", "limit", "on", "join", "left", "cross", "inner"),
        *("union", "except", "intersect", "returning", "having"),
    }
)
"""What may follow a table that has no other name."""
_ENDS = _GO_ON - {"inner", "except", "intersect", "returning", "having"}
"""What ends a join, or begins its condition."""
_IDENTITY = ("BIGINT", "PRIMARY", "KEY")
_TRIGGER = re.compile(
    r"""CREATE\s+TRIGGER\s+(?P<name>\w+)\s+(?P<when>BEFORE|AFTER)\s+
    (?P<event>(?:UPDATE(?:\s+OF\s+[\w\s,"]+?)?)|INSERT|DELETE)\s+ON\s+(?P<table>\w+)
    (?:\s+WHEN\s+(?P<condition>.*?))?\s+BEGIN\s+(?P<body>.*)\s*END\s*;?\s*$""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_REFUSES = re.compile(
    r"SELECT\s+raise\(\s*ABORT\s*,\s*(?P<why>'(?:[^']|'')*')\s*\)(?:\s*WHERE\s+(?P<where>.*?))?\s*;\s*$",
    re.DOTALL | re.IGNORECASE,
)


@lru_cache(4096)
def translate(sql: str) -> str:
    """One statement. Raises StoreError: it is of a kind that this does not know."""
    if re.match(r"\s*CREATE\s+TRIGGER\b", sql, re.IGNORECASE):
        return _trigger(sql)
    tokens = [_word(one) for one in _numbered(_plain(tokens_of(sql)))]
    words = [one for one in tokens if one.kind != "space"]
    starts = [one.low for one in words[:3]]
    if starts[:2] == ["create", "table"] or starts[:2] == ["alter", "table"]:
        tokens = _table(tokens)
    return text_of(_ignoring(_choosing(_comparing(_naming(_asking(_casting(tokens)))))))


def _word(token: Token) -> Token:
    """A token by itself."""
    if token.kind == "asked":
        return Token("asked", "%s" if token.text == "?" else f"%({token.text[1:]})s")
    if token.kind == "blob":
        return Token("text", f"'\\x{token.text[2:-1]}'::bytea")
    if token.kind == "word":
        if token.low in _RESERVED:
            return Token("name", f'"{token.low}"')
        return Token("word", _NAMES.get(token.low) or _LIKE.get(token.low) or token.text)
    return Token(token.kind, token.text.replace("%", "%%"))


def _numbered(tokens: list[Token]) -> list[Token]:
    """`?2`: where one has a number, all get the name `p2` of theirs; `?` is one more than the greatest."""
    if not any(one.kind == "asked" and one.text[1:].isdigit() for one in tokens):
        return tokens
    made: list[Token] = []
    greatest = 0
    for one in tokens:
        if one.kind == "asked":
            number = int(one.text[1:]) if one.text != "?" else greatest + 1
            greatest = max(greatest, number)
            one = Token("asked", f":p{number}")  # noqa: PLW2901 - one of ours instead
        made.append(one)
    return made


def _plain(tokens: list[Token]) -> list[Token]:
    """Without what only advises SQLite's planner: NOT INDEXED, `= +column`, CROSS JOIN with a condition."""
    words = [one for one in tokens if one.kind != "space"]
    drop: set[int] = set()
    for at, one in enumerate(words):
        before = words[at - 1] if at else one
        if one.low == "indexed" and before.low == "not":
            drop |= {id(before), id(one)}
        if one.text == "+" and before.text in ("=", "<", ">", "<=", ">=", "<>"):
            drop.add(id(one))
        if one.low == "cross" and _has_condition(words, at):
            drop.add(id(one))
    return [one for one in tokens if id(one) not in drop]


def _has_condition(words: Sequence[Token], at: int) -> bool:
    """Whether the join that begins at `at` has its ON before anything else begins."""
    depth = 0
    for one in words[at + 2 :]:
        depth += (one.text == "(") - (one.text == ")")
        if depth < 0:
            return False
        if depth == 0 and one.low in _ENDS:
            return one.low == "on"
    return False


def _asking(tokens: list[Token]) -> list[Token]:
    """`:name IS NULL` says nothing of the parameter's type: it is a parameter of its own there, and text."""
    words = [at for at, one in enumerate(tokens) if one.kind != "space"]
    for at, first in enumerate(words):
        if tokens[first].kind != "asked":
            continue
        then = [tokens[word].low for word in words[at + 1 : at + 4]]
        if then[:2] == ["is", "null"] or then == ["is", "not", "null"]:
            asked = tokens[first].text.replace(")s", f"{AGAIN})s")
            tokens[first] = Token("text", f"{asked}::text")
    return tokens


def _casting(tokens: list[Token]) -> list[Token]:
    """`CAST(x AS INTEGER)` cuts off a fraction and does not round; a text AS BLOB is its bytes."""
    made = list(tokens)
    for at, one in enumerate(tokens):
        if one.low != "cast":
            continue
        opens = after(tokens, at)
        _, end = arguments(tokens, opens)
        *_, as_, kind = (place for place in range(opens, end) if tokens[place].kind != "space")
        if (does := _CASTS.get(tokens[kind].low)) is not None:
            made[at], made[as_], made[kind] = (Token("word", text) for text in (*does, ""))
    return made


def _comparing(tokens: list[Token]) -> list[Token]:
    """`a IS ?` and `a IS NOT b`, which in PostgreSQL are for NULL and truth only; `==`."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        one, then = tokens[at], after(tokens, at)
        if one.kind == "word" and one.low == "is" and then < len(tokens):
            isnt = tokens[then].low == "not"
            value = after(tokens, then) if isnt else then
            if value < len(tokens) and tokens[value].low not in _NOT_VALUES:
                made.append(Token("word", "IS DISTINCT FROM " if isnt else "IS NOT DISTINCT FROM "))
                at = value
                continue
        made.append(Token("sign", "=") if one.text == "==" else one)
        at += 1
    return made


def _naming(tokens: list[Token]) -> list[Token]:
    """A name for each query that stands where a table could, and has none."""
    made = list(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        opens = after(tokens, at)
        if tokens[at].low not in ("from", "join") or opens >= len(tokens) or tokens[opens].text != "(":
            continue
        begins = after(tokens, opens)
        if begins >= len(tokens) or tokens[begins].low not in ("select", "with", "values"):
            continue
        _, end = arguments(tokens, opens)
        then = after(tokens, end)
        if then < len(tokens) and tokens[then].kind in ("word", "name") and tokens[then].low not in _GO_ON:
            continue
        made.insert(end + 1, Token("word", f" AS query_{at}"))
    return made


def _choosing(tokens: list[Token]) -> list[Token]:
    """`iif(a, b, c)` as CASE."""
    for at, one in enumerate(tokens):
        if one.kind == "word" and one.low == "iif":
            parts, end = arguments(tokens, after(tokens, at))
            if len(parts) != 3:
                raise StoreError(f"expected iif with three arguments in {text_of(tokens)!r}")
            when, yes, no = (text_of(_choosing(part)) for part in parts)
            case = Token("word", f"CASE WHEN {when} THEN {yes} ELSE {no} END")
            return _choosing([*tokens[:at], case, *tokens[end + 1 :]])
    return tokens


def _ignoring(tokens: list[Token]) -> list[Token]:
    """`INSERT OR IGNORE`: the conflict is told at the end, or before RETURNING."""
    words = [at for at, one in enumerate(tokens) if one.kind != "space"]
    if [tokens[at].low for at in words[:2]] != ["insert", "or"]:
        return tokens
    if tokens[words[2]].low != "ignore":
        raise StoreError(f"expected INSERT OR IGNORE, or ON CONFLICT, got {text_of(tokens)!r}")
    rest = tokens[words[2] + 1 :]
    ends = next((at for at, one in enumerate(rest) if one.low in ("returning", ";")), len(rest))
    return [tokens[words[0]], *rest[:ends], Token("word", " ON CONFLICT DO NOTHING "), *rest[ends:]]


def _table(tokens: list[Token]) -> list[Token]:
    """Options that only SQLite has are left out; a number that is given by itself is said so."""
    made: list[Token] = []
    for one in _generated(tokens):
        if one.low in ("strict", "without", "rowid", "autoincrement"):
            gone = ("", ",") if one.low in ("strict", "without") else ("",)
            while made and made[-1].text.strip() in gone:
                made.pop()
            continue
        made.append(Token("word", "STORED") if one.low == "virtual" else one)
        if one.low == "key" and tuple(w.text.upper() for w in made if w.kind != "space")[-3:] == _IDENTITY:
            made[-1] = Token("word", "KEY GENERATED BY DEFAULT AS IDENTITY")
    return made


def _generated(tokens: list[Token]) -> list[Token]:
    """What a column is made of is of its type."""
    for at, one in enumerate(tokens):
        then = after(tokens, at)
        if one.low != "always" or tokens[then].low != "as":
            continue
        words = [word.text for word in tokens[:at] if word.kind != "space"]
        opens = after(tokens, then)
        _, end = arguments(tokens, opens)
        made = [Token("sign", "("), *tokens[opens + 1 : end + 1], Token("word", f"::{words[-2]})")]
        return [*tokens[: opens + 1], *made, *_generated(tokens[end + 1 :])]
    return tokens


def _trigger(sql: str) -> str:
    """A function and the trigger that calls it. What refuses does so as a broken constraint would."""
    found = _TRIGGER.match(without_comments(sql).strip())
    if found is None:
        raise StoreError(f"expected CREATE TRIGGER … BEGIN … END, got {sql!r}")
    body, name, event = found["body"], found["name"], found["event"]
    conditions = [found["condition"]] if found["condition"] else []
    if refuses := _REFUSES.match(body):
        conditions += [refuses["where"]] if refuses["where"] else []
        why = refuses["why"]
        does = f"RAISE EXCEPTION USING MESSAGE = {why}, ERRCODE = 'integrity_constraint_violation';"
    else:
        does = " ".join(f"{translate(one).rstrip(';')};" for one in statements(body))
    if conditions:
        every = " AND ".join(
            f"({text_of(_comparing([_word(t) for t in tokens_of(one)]))})" for one in conditions
        )
        does = f"IF {every} THEN {does} END IF;"
    gives = "OLD" if event.upper() == "DELETE" else "NEW"
    columns = text_of([_word(one) for one in tokens_of(event)])
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {does} RETURN {gives}; END $$;\n"
        f"CREATE TRIGGER {name} {found['when']} {columns} ON {found['table']} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}();"
    )
