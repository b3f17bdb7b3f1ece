"""Our SQL, which is written for SQLite, as PostgreSQL has it: pure, one statement after the other.

    translate("SELECT ifnull(max(number), 0) FROM audit WHERE actor IS ?")
    # 'SELECT coalesce(max(number), 0) FROM audit WHERE actor IS NOT DISTINCT FROM %s'

The part of SQL that we write is small, and this knows that part: types, placeholders, `IS`, `INSERT OR IGNORE`,
`iif`, names that are words of PostgreSQL, and triggers that refuse. What SQLite's functions do stands in
prelude.sql. PostgreSQL 15, "SQL Key Words" (appendix C), "Data Types"; SQLite, "Datatypes", "Expressions".
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from controller.errors import StoreError

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)|(?P<blob>[xX]'[0-9a-fA-F]*')|(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")
    |(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<asked>\?\d*|:[A-Za-z_]\w*)
    |(?P<sign><>|<=|>=|!=|==|\|\||->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_RESERVED = frozenset({"user", "only", "end_", "session_user", "current_user", "array", "both", "verbose"})
"""Names of ours that PostgreSQL takes for words of its own."""
_NAMES = {"ifnull": "coalesce", "blob": "BYTEA", "real": "DOUBLE PRECISION", "integer": "BIGINT"} | {
    "json_array": "json_build_array",
    "json_object": "json_build_object",
}
_LIKE = {"like": "ILIKE"}
"""SQLite does not tell letters' cases apart."""
_NOT_VALUES = frozenset({"null", "not", "distinct", "true", "false"})
_GO_ON = frozenset(
    "where group order limit on join left cross inner union except intersect returning having as_".split()
)
"""What may follow a table that has no other name."""
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


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def low(self) -> str:
        return self.text.lower()


def statements(script: str) -> Iterator[str]:
    """The statements of a script, without their comments. Raises StoreError: the last one does not end."""
    begun = ""
    for part in re.split(r"(?<=;)", _without_comments(script)):
        begun += part
        if sqlite3.complete_statement(begun):
            yield begun.strip()
            begun = ""
    if begun.strip():
        raise StoreError(f"expected a statement that ends with a semicolon, got {begun.strip()[:80]!r}")


@cache
def translate(sql: str) -> str:
    """One statement. Raises StoreError: it is of a kind that this does not know."""
    if re.match(r"\s*CREATE\s+TRIGGER\b", sql, re.IGNORECASE):
        return _trigger(sql)
    tokens = [_word(one) for one in _numbered(_plain(_tokens(sql)))]
    words = [one for one in tokens if one.kind != "space"]
    starts = [one.low for one in words[:3]]
    if starts[:2] == ["create", "table"] or starts[:2] == ["alter", "table"]:
        tokens = _table(tokens)
    return _text(_ignoring(_choosing(_comparing(_naming(tokens)))))


def _tokens(sql: str) -> list[_Token]:
    return [_Token(str(found.lastgroup), found.group()) for found in _TOKEN.finditer(sql)]


def _text(tokens: Sequence[_Token]) -> str:
    return "".join(one.text for one in tokens)


def _without_comments(script: str) -> str:
    return "".join(
        "\n" if one.kind == "space" and one.text.startswith("--") else one.text for one in _tokens(script)
    )


def _word(token: _Token) -> _Token:
    """A token by itself."""
    if token.kind == "asked":
        return _Token("asked", "%s" if token.text == "?" else f"%({token.text[1:]})s")
    if token.kind == "blob":
        return _Token("text", f"'\\x{token.text[2:-1]}'::bytea")
    if token.kind == "word":
        if token.low in _RESERVED:
            return _Token("name", f'"{token.low}"')
        return _Token("word", _NAMES.get(token.low) or _LIKE.get(token.low) or token.text)
    return _Token(token.kind, token.text.replace("%", "%%"))


def _numbered(tokens: list[_Token]) -> list[_Token]:
    """`?2`: where one parameter has a number all get the name `p2` of theirs; `?` is one more than the greatest."""
    if not any(one.kind == "asked" and one.text[1:].isdigit() for one in tokens):
        return tokens
    made: list[_Token] = []
    greatest = 0
    for one in tokens:
        if one.kind == "asked":
            number = int(one.text[1:]) if one.text != "?" else greatest + 1
            greatest = max(greatest, number)
            one = _Token("asked", f":p{number}")
        made.append(one)
    return made


def _plain(tokens: list[_Token]) -> list[_Token]:
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


def _has_condition(words: Sequence[_Token], at: int) -> bool:
    """Whether the join that begins at `at` has its ON before anything else begins."""
    depth = 0
    for one in words[at + 2 :]:
        depth += (one.text == "(") - (one.text == ")")
        if depth < 0:
            return False
        if depth == 0 and one.low in ("on", "join", "where", "group", "order", "left", "cross", "union", "limit"):
            return one.low == "on"
    return False


def _after(tokens: Sequence[_Token], at: int) -> int:
    """Where the next token is that is not space; the end."""
    at += 1
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def _comparing(tokens: list[_Token]) -> list[_Token]:
    """`a IS ?` and `a IS NOT b`, which in PostgreSQL are for NULL and truth only; `==`."""
    made: list[_Token] = []
    at = 0
    while at < len(tokens):
        one, then = tokens[at], _after(tokens, at)
        if one.kind == "word" and one.low == "is" and then < len(tokens):
            isnt = tokens[then].low == "not"
            value = _after(tokens, then) if isnt else then
            if value < len(tokens) and tokens[value].low not in _NOT_VALUES:
                made.append(_Token("word", "IS DISTINCT FROM " if isnt else "IS NOT DISTINCT FROM "))
                at = value
                continue
        made.append(_Token("sign", "=") if one.text == "==" else one)
        at += 1
    return made


def _naming(tokens: list[_Token]) -> list[_Token]:
    """A name for each query that stands where a table could, and has none."""
    made = list(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        opens = _after(tokens, at)
        if tokens[at].low not in ("from", "join") or opens >= len(tokens) or tokens[opens].text != "(":
            continue
        begins = _after(tokens, opens)
        if begins >= len(tokens) or tokens[begins].low not in ("select", "with", "values"):
            continue
        _, end = _arguments(tokens, opens)
        then = _after(tokens, end)
        if then < len(tokens) and tokens[then].kind in ("word", "name") and tokens[then].low not in _GO_ON:
            continue
        made.insert(end + 1, _Token("word", f" AS query_{at}"))
    return made


def _choosing(tokens: list[_Token]) -> list[_Token]:
    """`iif(a, b, c)` as CASE."""
    for at, one in enumerate(tokens):
        if one.kind == "word" and one.low == "iif":
            parts, end = _arguments(tokens, _after(tokens, at))
            if len(parts) != 3:
                raise StoreError(f"expected iif with three arguments in {_text(tokens)!r}")
            when, yes, no = (_text(_choosing(part)) for part in parts)
            case = _Token("word", f"CASE WHEN {when} THEN {yes} ELSE {no} END")
            return _choosing([*tokens[:at], case, *tokens[end + 1 :]])
    return tokens


def _arguments(tokens: Sequence[_Token], at: int) -> tuple[list[list[_Token]], int]:
    """Of the parenthesis at `at`, and where it ends."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for end in range(at, len(tokens)):
        text = tokens[end].text
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return parts, end
        if depth == 1 and text == ",":
            parts.append([])
        elif end > at:
            parts[-1].append(tokens[end])
    raise StoreError(f"expected a parenthesis that ends in {_text(tokens)!r}")


def _ignoring(tokens: list[_Token]) -> list[_Token]:
    """`INSERT OR IGNORE`: the conflict is told at the end, or before RETURNING."""
    words = [at for at, one in enumerate(tokens) if one.kind != "space"]
    if [tokens[at].low for at in words[:2]] != ["insert", "or"]:
        return tokens
    if tokens[words[2]].low != "ignore":
        raise StoreError(f"expected INSERT OR IGNORE, or ON CONFLICT, got {_text(tokens)!r}")
    rest = tokens[words[2] + 1 :]
    ends = next((at for at, one in enumerate(rest) if one.low in ("returning", ";")), len(rest))
    return [tokens[words[0]], *rest[:ends], _Token("word", " ON CONFLICT DO NOTHING "), *rest[ends:]]


def _table(tokens: list[_Token]) -> list[_Token]:
    """Options that only SQLite has are left out; a number that is given by itself is said so."""
    made: list[_Token] = []
    for at, one in enumerate(_generated(tokens)):
        if one.low in ("strict", "without", "rowid", "autoincrement"):
            while made and (made[-1].kind == "space" or (made[-1].text == "," and one.low in ("strict", "without"))):
                made.pop()
            continue
        if one.low == "virtual":
            one = _Token("word", "STORED")
        made.append(one)
        if tuple(word.text.upper() for word in made if word.kind != "space")[-3:] == _IDENTITY and one.low == "key":
            made[-1] = _Token("word", "KEY GENERATED BY DEFAULT AS IDENTITY")
        del at
    return made


def _generated(tokens: list[_Token]) -> list[_Token]:
    """What a column is made of is of its type."""
    for at, one in enumerate(tokens):
        then = _after(tokens, at)
        if one.low != "always" or tokens[then].low != "as":
            continue
        words = [word.text for word in tokens[:at] if word.kind != "space"]
        opens = _after(tokens, then)
        _, end = _arguments(tokens, opens)
        of = _Token("word", f"::{words[-2]})")
        return [*tokens[: opens + 1], _Token("sign", "("), *tokens[opens + 1 : end + 1], of] + _generated(
            tokens[end + 1 :]
        )
    return tokens


def _trigger(sql: str) -> str:
    """A function and the trigger that calls it. What refuses does so as a broken constraint would."""
    found = _TRIGGER.match(_without_comments(sql).strip())
    if found is None:
        raise StoreError(f"expected CREATE TRIGGER … BEGIN … END, got {sql!r}")
    body, name, event = found["body"], found["name"], found["event"]
    conditions = [found["condition"]] if found["condition"] else []
    if refuses := _REFUSES.match(body):
        conditions += [refuses["where"]] if refuses["where"] else []
        does = f"RAISE EXCEPTION USING MESSAGE = {refuses['why']}, ERRCODE = 'integrity_constraint_violation';"
    else:
        does = " ".join(f"{translate(one).rstrip(';')};" for one in statements(body))
    if conditions:
        every = " AND ".join(f"({_text(_comparing([_word(t) for t in _tokens(one)]))})" for one in conditions)
        does = f"IF {every} THEN {does} END IF;"
    gives = "OLD" if event.upper() == "DELETE" else "NEW"
    columns = _text([_word(one) for one in _tokens(event)])
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {does} RETURN {gives}; END $$;\n"
        f"CREATE TRIGGER {name} {found['when']} {columns} ON {found['table']} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}();"
    )
