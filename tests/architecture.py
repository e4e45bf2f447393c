"""The rules of the house as functions over source text: each answers with what breaks it.

`tests/test_architecture.py` runs them over every file, and over planted violations, so that a
rule that has stopped biting is noticed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("domain", "storage", "gateways", "handlers", "bot")
OTHERS = ("sandbox", "bench", "tests")
OURS = frozenset((*PRODUCT, *OTHERS))

# Folder -> what of ours it may import. The longest name that fits a module rules it.
IMPORTS: Mapping[str, frozenset[str]] = {
    "domain": frozenset({"domain"}),
    "storage": frozenset({"storage", "domain"}),
    "gateways": frozenset({"gateways", "domain"}),
    "handlers": frozenset({"handlers", "storage", "domain"}),
    "handlers.views": frozenset({"handlers.views", "handlers.ids", "domain"}),
    "bot": frozenset({"bot", "handlers", "storage", "gateways", "domain"}),
    "sandbox": frozenset({"sandbox"}),
    "bench": OURS,
    "tests": OURS,
}
ANY = frozenset({"*"})
# Folder -> the libraries at its edge. pydantic is how nouns are written down, so it is in all.
LIBRARIES: Mapping[str, frozenset[str]] = {
    "domain": frozenset({"pydantic"}),
    "storage": frozenset({"pydantic", "aiosqlite", "psycopg", "obstore", "cryptography"}),
    "gateways": frozenset({"pydantic", "httpx", "httpx_aiohttp", "aiohttp", "cryptography"}),
    "handlers": frozenset({"pydantic", "slack_bolt", "slack_sdk"}),
    "handlers.views": frozenset({"pydantic"}),
    "bot": ANY,
    "sandbox": ANY,
    "bench": ANY,
    "tests": ANY,
}
# What the standard library has for talking to the world; the nouns and rules know none of it.
IMPURE = frozenset(
    (
        *("asyncio", "http", "io", "logging", "mmap", "multiprocessing", "os", "select"),
        *("shelve", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile"),
        *("threading", "time"),
    )
)

LINE_LIMITS = {True: (40, 300), False: (60, 500)}  # is product -> (function, module)

# Rule 6 of DESIGN.md section 1, and who implements the ports.
FORBIDDEN_MODULES = frozenset({"random", "secrets", "threading", "concurrent.futures"})
FORBIDDEN_NAMES = frozenset(
    (
        *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.sleep"),
        *("time.perf_counter", "datetime.datetime.now", "datetime.datetime.utcnow"),
        *("datetime.datetime.today", "datetime.date.today", "uuid.uuid1", "uuid.uuid4"),
        *("os.urandom", "asyncio.sleep", "asyncio.to_thread"),
    )
)
FORBIDDEN_METHODS = frozenset({"run_in_executor", "to_thread"})
PORT_IMPLEMENTATIONS: Mapping[str, frozenset[str]] = {
    "bot/clock.py": FORBIDDEN_MODULES | FORBIDDEN_NAMES | FORBIDDEN_METHODS,
    "bot/logs.py": frozenset({"threading"}),  # its writer, so that a full pipe stops nothing
}

SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\(|"
    r"CREATE\s+(TABLE|INDEX)\s|ALTER\s+TABLE\s|DROP\s+TABLE\s)"
)
# Built once, from our own field names.
SQL_BUILT_FROM_NAMES = {
    "storage/rows.py": frozenset({"INSERT_EXECUTION", "UPDATE_EXECUTION", "INSERT_VIDEO"})
}
EMPTY_WORDS = frozenset(
    {"manager", "service", "helper", "helpers", "util", "utils", "data", "info"}
)
SILENCED = re.compile(r"#\s*(noqa(?!:\s?[A-Z]+\d+)|type:\s*ignore(?!\[[a-z]))")
MACHINE = re.compile(
    r"/home/[a-z][\w.-]*/|/Users/[A-Za-z][\w.-]*/|/roo[t]/|/wor[k]/(main|shared)\b"
)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def of(cls, path: str, text: str) -> Source:
        return cls(path, text, ast.parse(text))

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def folder(self) -> str:
        """The entry of the tables that rules this file."""
        fitting = [name for name in IMPORTS if is_within(self.module, name)]
        return max(fitting, key=len)

    @property
    def is_product(self) -> bool:
        return self.path.split("/")[0] in PRODUCT


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def sources(*folders: str) -> list[Source]:
    """Every Python file of these folders."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return [
        Source.of(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))
        for file in files
        if "node_modules" not in file.parts
    ]


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported; `from a import b` is `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{prefix}.{alias.name}") for alias in node.names)


def wrong_imports(source: Source) -> Iterator[str]:
    """Ours that this folder may not import."""
    allowed = IMPORTS[source.folder]
    for line, name in imports(source):
        if name.startswith("."):
            yield f"{source.path}:{line} imports relatively"
        elif name.split(".")[0] in OURS and not any(is_within(name, one) for one in allowed):
            yield f"{source.path}:{line} {source.folder} must not import {name}"


def wrong_libraries(source: Source) -> Iterator[str]:
    """Libraries that belong to another folder's edge, and I/O in the domain."""
    allowed = LIBRARIES[source.folder]
    for line, name in imports(source):
        top = name.lstrip(".").split(".")[0]
        if top in OURS or top in sys.stdlib_module_names:
            if source.folder == "domain" and top in IMPURE:
                yield f"{source.path}:{line} domain must not import {top}: it is pure"
        elif allowed is not ANY and top not in allowed:
            yield f"{source.path}:{line} {source.folder} must not use {top}"


def oversize(source: Source) -> Iterator[str]:
    """Functions and modules beyond their lines; docstrings do not count."""
    function_max, module_max = LINE_LIMITS[source.is_product]
    documented = sum(_docstring_lines(node) for node in ast.walk(source.tree))
    lines = len(source.text.splitlines()) - documented
    if lines > module_max:
        yield f"{source.path} has {lines} lines, at most {module_max}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if length > function_max:
                yield f"{source.path}:{node.lineno} {node.name} has {length}, not {function_max}"


def wrong_effects(source: Source) -> Iterator[str]:
    """Clocks, randomness, sleeps and threads outside the implementations of the ports."""
    excused = PORT_IMPLEMENTATIONS.get(source.path, frozenset())
    for line, name in _effects(source):
        if name not in excused:
            yield f"{source.path}:{line} uses {name}: it is a port (domain/ports.py)"


def _effects(source: Source) -> Iterator[tuple[int, str]]:
    for line, name in imports(source):
        for forbidden in FORBIDDEN_MODULES:
            if is_within(name, forbidden):
                yield line, forbidden
    known = _names(source.tree)
    for node in ast.walk(source.tree):
        dotted = _dotted(node, known)
        if dotted in FORBIDDEN_NAMES:
            yield getattr(node, "lineno", 0), dotted
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_METHODS:
            yield node.lineno, node.attr


def wrong_sql(source: Source) -> Iterator[str]:
    """SQL outside storage, and SQL that is put together from values."""
    excused = SQL_BUILT_FROM_NAMES.get(source.path, frozenset())
    allowed = {id(node) for name in excused for node in ast.walk(_assigned(source.tree, name))}
    for node in ast.walk(source.tree):
        if id(node) in allowed:
            continue
        if isinstance(node, ast.Constant) and _is_sql(node) and source.folder != "storage":
            yield f"{source.path}:{node.lineno} has SQL: it belongs in storage/"
        elif _is_composed_sql(node):
            yield f"{source.path}:{getattr(node, 'lineno', 0)} composes SQL: use :parameters"


def empty_words(source: Source) -> Iterator[str]:
    """Names of modules and classes that say nothing."""
    classes = [node.name for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    for name in (source.module.rpartition(".")[2], *classes):
        words = re.findall(r"[A-Z]?[a-z]+", name)
        for word in {word.lower() for word in words} & EMPTY_WORDS:
            yield f"{source.path} {name}: {word!r} says nothing"


def silenced(source: Source) -> Iterator[str]:
    """A finding that is silenced without saying which."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if SILENCED.search(line):
            yield f"{source.path}:{number} silences everything"


def machine_paths(path: str, text: str) -> Iterator[str]:
    """A path that exists on one machine only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := MACHINE.search(line):
            yield f"{path}:{number} has the path {found[0]}"


def _docstring_lines(node: ast.AST) -> int:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    first = node.body[0] if node.body else None
    match first:
        case ast.Expr(value=ast.Constant(value=str())):
            return (first.end_lineno or first.lineno) - first.lineno + 1
        case _:
            return 0


def _names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _dotted(node: ast.AST, known: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _assigned(tree: ast.Module, name: str) -> ast.AST:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return node
    return ast.Pass()


def _is_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and (
        isinstance(node.value, str) and SQL.match(node.value) is not None
    )


def _is_composed_sql(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr(values=[first, *rest]):
            return _is_sql(first) and any(isinstance(one, ast.FormattedValue) for one in rest)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return _is_sql(left) or _is_composed_sql(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join" | "replace")):
            return _is_sql(value)
        case _:
            return False
