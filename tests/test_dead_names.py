"""Nothing in the product is there for nobody: every name at the top of a module is used by it.

Tests do not count: what only a test uses is dead.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tests.architecture import PRODUCT, Source, sources

# Said in one place with what they are about, for the tests that ask for them.
FOR_TESTS = frozenset({"domain/states.py: TOLD"})


def test_every_name_of_the_product_is_used_by_the_product() -> None:
    assert set(dead_names(sources(*PRODUCT))) == FOR_TESTS


def test_a_dead_name_is_found() -> None:
    used = Source.of("storage/a.py", "from storage.b import renamed as r, used\n\nprint(used, r)\n")
    text = (
        "X_S = 1\n\ndef used(): return 2\n\ndef dead(): return dead()\n\n"
        "def renamed(): return 3\n\n__all__ = []\n"
    )
    assert dead_names([used, Source.of("storage/b.py", text)]) == [
        "storage/b.py: X_S",
        "storage/b.py: dead",
    ]


def dead_names(product: list[Source]) -> list[str]:
    """`path: name` of what nobody refers to."""
    references: Counter[str] = Counter()
    for source in product:
        references.update(_references(source.tree))
    return [
        f"{source.path}: {name}"
        for source in product
        for name, node in _defined(source.tree)
        if not name.startswith("__") and references[name] <= Counter(_references(node))[name]
    ]


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """(name, what may refer to it from within) of everything at the top of a module. What has a
    decorator is called through it."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not node.decorator_list:
                yield node.name, node
            case ast.ClassDef():
                yield node.name, node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, ast.Pass()


def _references(tree: ast.AST) -> Iterator[str]:
    """Every name that is read; an import is a use only where it gives another name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.name
