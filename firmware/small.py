"""Source for the smallest target: the same program without what costs its heap, in parts.

Docstrings and annotations go; integers in capitals stand where they are used; functions that nobody calls go;
what the program names gets a name that the micro:bit's ROM has; all modules become one. MicroPython 1.9.2
needs about four bytes of heap to compile one of source, so that its parts are compiled one after the other. A
class too long for a part is given the rest of its methods by those that follow.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO

MOST = 400
"""Characters in a part, as far as its functions allow."""
_LOADER = """import gc,micropython
micropython.kbd_intr(-1)
for n in range({count}):
 gc.collect()
 exec(open('p%d'%n).read())
gc.collect()
{rest}"""
LOCALS = ("a", "b", "c", "d", "e", "f", "g", "n", "r", "bl", "bx", "asr", "clz", "cmp")
NAMES = (
    *(
        "a2",
        "a4",
        "b3",
        "b4",
        "b5",
        "c3",
        "c4",
        "c5",
        "d3",
        "d4",
        "d5",
        "e4",
        "e5",
        "f2",
        "g4",
        "g5",
        "NO",
        "up",
    ),
    *(
        "on",
        "pi",
        "rx",
        "tx",
        "COW",
        "MEH",
        "ODD",
        "ODE",
        "SAD",
        "YES",
        "bpm",
        "cos",
        "exp",
        "i2c",
        "ldr",
        "log",
    ),
    *(
        "lsl",
        "lsr",
        "mov",
        "mrs",
        "nop",
        "off",
        "pin",
        "say",
        "scl",
        "sda",
        "sin",
        "spi",
        "sub",
        "tan",
        "wfi",
    ),
    *("DUCK", "EVEN", "FUNK", "NYAN", "XMAS", "acos", "addr", "and_", "asin", "atan", "bits", "blit", "ceil"),
    *("crop", "down", "fabs", "fill", "fmod", "freq", "left", "ldrb", "ldrh", "loop", "love", "miso", "mode"),
)
"""Names for variables, and for all else: the micro:bit's MicroPython has them in its ROM."""
_SPOKEN = frozenset({*dir(list), *dir(dict), *dir(bytes), *dir(BytesIO)})
"""Names that the language's own objects have, too."""
_PARTS = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
_PACKAGES = ("devices.", "firmware.")


def constants(sources: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The integers in capitals of each module, by the module's name."""
    found: dict[str, dict[str, int]] = {}
    for name, text in sources.items():
        assigned = [(node, node.targets[0]) for node in ast.parse(text).body if isinstance(node, ast.Assign)]
        found[name] = {
            target.id: node.value.value
            for node, target in assigned
            if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant) and target.id.isupper()
            if isinstance(node.value.value, int)
        }
    return found


def files(sources: Mapping[str, str]) -> dict[str, str]:
    """The files of the program whose modules are `sources`, by name, each before those that import it.

    `main.py` compiles the parts `p0`, `p1`, … (imports, functions, classes), and does what comes after those.
    """
    known = constants(sources)
    shrunk = [_Shrink(known, known[name]).visit(ast.parse(text)) for name, text in sources.items()]
    program = ast.Module([one for tree in shrunk for one in tree.body], [])
    while _cut_unused(program):
        pass
    own = sorted(set(_own(program)) - _SPOKEN)
    program = _Rename(dict(zip(own, NAMES, strict=False))).visit(program)
    first = next(n for n, one in enumerate(program.body) if not isinstance(one, _PARTS))
    rest = "".join(_written(one) for one in program.body[first:])
    parts = list(_packed(_pieces(program.body[:first])))
    made = {f"p{number}": part for number, part in enumerate(parts)}
    return {"main.py": _LOADER.format(count=len(parts), rest=rest), **made}


def _pieces(body: list[ast.stmt]) -> Iterator[str]:
    for one in body:
        if not isinstance(one, ast.ClassDef):
            yield _written(one)
            continue
        rest = []
        while len(one.body) > 1 and len(_written(one)) > MOST:
            rest.insert(0, one.body.pop())
        yield _written(one)
        for method in rest:
            name, method.name = method.name, LOCALS[0]
            yield f"{_written(method)}{one.name}.{name}={LOCALS[0]}\n"


def _packed(pieces: Iterable[str]) -> Iterator[str]:
    part = ""
    for piece in pieces:
        if part and len(part) + len(piece) > MOST:
            yield part
            part = ""
        part += piece
    yield part


def _written(tree: ast.AST) -> str:
    """Source with one space for each indent."""
    lines = ast.unparse(ast.fix_missing_locations(tree)).split("\n")
    indents = [len(line) - len(line.lstrip(" ")) for line in lines]
    return "".join(f"{' ' * (n // 4)}{line[n:]}\n" for n, line in zip(indents, lines, strict=True) if line)


def _own(tree: ast.AST) -> Iterator[str]:
    """What the program itself names: functions, classes, attributes that it sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("__"):
            yield node.name
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def _cut_unused(program: ast.Module) -> int:
    """Take out functions that nobody names. Returns how many there were."""
    nodes = list(ast.walk(program))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    used |= {node.id for node in nodes if isinstance(node, ast.Name)}
    cut = 0
    for place in [program, *(node for node in nodes if isinstance(node, ast.ClassDef))]:
        unused = [one for one in place.body if isinstance(one, ast.FunctionDef) and one.name not in used]
        unused = [one for one in unused if not one.name.startswith("__")]
        place.body = [one for one in place.body if one not in unused]
        cut += len(unused)
    return cut


class _Shrink(ast.NodeTransformer):
    """A module without docstrings, annotations, constants, and the names of the program's modules."""

    def __init__(self, known: Mapping[str, Mapping[str, int]], own: Mapping[str, int]) -> None:
        self._known = known
        self._own = own
        self._modules: set[str] = set()
        """Those of the program that this one calls by their names."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        self._plain(node)
        node.body = [one for one in node.body if not self._is_constant(one)]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self._plain(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self._plain(node)
        node.returns = None
        for one in node.args.args:
            one.annotation = None
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        if not (node.module or "").startswith(_PACKAGES):
            return node
        self._modules |= {one.name for one in node.names if one.name in self._known}
        return None

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        module = node.value.id if isinstance(node.value, ast.Name) else ""
        if module not in self._modules:
            return self.generic_visit(node)
        value = self._known[module].get(node.attr)
        return ast.Name(node.attr, node.ctx) if value is None else ast.Constant(value)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        is_read = isinstance(node.ctx, ast.Load) and node.id in self._own
        return ast.Constant(self._own[node.id]) if is_read else node

    def _plain(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> None:
        self.generic_visit(node)
        kept = [one for one in node.body if not _is_text(one)]
        node.body = kept or [ast.Pass()]

    def _is_constant(self, node: ast.stmt) -> bool:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            return False
        name = node.targets[0].id
        return name in self._own or (name.isupper() and isinstance(node.value, ast.Tuple))


class _Rename(ast.NodeTransformer):
    """Gives the variables of each function names of `LOCALS`, and what is in `names` that name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._locals: dict[str, str] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        # Nothing is called by the name of an argument.
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
        own = [one.arg for one in node.args.args] + [
            one.id for one in names if isinstance(one.ctx, ast.Store)
        ]
        others = {one.id for one in names} - set(own)
        free = [short for short in LOCALS if short not in others]
        self._locals = dict(zip(dict.fromkeys(own), free, strict=False))
        for one in node.args.args:
            one.arg = self._locals.get(one.arg, one.arg)
        node.name = self._names.get(node.name, node.name)
        self.generic_visit(node)
        self._locals = {}
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._locals.get(node.id, self._names.get(node.id, node.id)), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._names.get(node.attr, node.attr)
        return self.generic_visit(node)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
