"""Safe reading of formulas: Python's grammar against a whitelist, never its evaluation."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection
from functools import lru_cache

from .functions import CONSTANTS, FUNCTIONS
from .nodes import Apply, Name, Node, Number
from .source import ExpressionError, Source, normalise
from .tree import Tree

MAX_NODES = 500
MAX_DEPTH = 150
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.USub: "neg",
}


def parse(text: str, names: Collection[str] | None = None) -> Tree:
    """Return the tree of the formula ``text``.

    ``names`` are the variables and parameters it may use; without them every name that is neither a function nor a
    constant is taken for one. Raises ``ExpressionError``, a ``UserError`` and a ``ValueError`` that gives the column.
    """
    return _parse(text, None if names is None else tuple(names))


@lru_cache(maxsize=256)
def _parse(text: str, names: tuple[str, ...] | None) -> Tree:
    source = normalise(text)
    root = _syntax(source)
    _measure(root)
    reader = _Reader(source, names)
    return Tree(reader.node(root))


def _syntax(source: Source) -> ast.expr:
    try:
        return ast.parse(source.text, mode="eval").body
    except (SyntaxError, ValueError, OverflowError) as error:
        offset = getattr(error, "offset", None) or 1
        raise ExpressionError("this cannot be read as a formula", source.column(offset - 1)) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(f"the formula is too deep, at most {MAX_DEPTH} levels") from None


def _measure(root: ast.expr) -> None:
    """Refuse a tree too big or too deep for what walks it later; iterative, so that it cannot fall itself."""
    waiting, count = [(root, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MAX_NODES:
            raise ExpressionError(f"the formula is too long, at most {MAX_NODES} numbers, names and operations")
        if depth > MAX_DEPTH:
            raise ExpressionError(
                f"the formula is too deep, at most {MAX_DEPTH} levels", hint="a sum of n terms has n levels"
            )
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


class _Reader:
    """Turns what the whitelist knows into own nodes and refuses the rest."""

    def __init__(self, source: Source, names: tuple[str, ...] | None) -> None:
        self.source = source
        self.names = names

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant(value=float(value)):
                return Number(value)
            case ast.Name(id=name):
                return self._name(name, tree)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Apply("neg", (self.node(operand),))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return Apply(OPERATORS[type(op)], (self.node(left), self.node(right)))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, tree)
            case _:
                raise ExpressionError("this does not belong in a formula", self._column(tree))

    def _column(self, tree: ast.expr) -> int:
        return self.source.column(tree.col_offset)

    def _name(self, name: str, tree: ast.expr) -> Node:
        if name in CONSTANTS or self.names is None or name in self.names:
            return Name(name)
        raise self._unknown("name", name, tree, [*self.names, *CONSTANTS])

    def _call(self, name: str, args: list[ast.expr], tree: ast.expr) -> Node:
        function = FUNCTIONS.get(name)
        if function is None:
            if name in CONSTANTS or name in (self.names or ()):
                raise ExpressionError(f"{name} is not a function", self._column(tree), f"write {name}*(…)")
            raise self._unknown("function", name, tree, [])
        if not function.takes(len(args)):
            wanted = f"{function.least} value{'s'[: function.least - 1]}"
            more = " or more" if function.most is None else ""
            raise ExpressionError(f"{name} takes {wanted}{more}, not {len(args)}", self._column(tree))
        return Apply(name, tuple(self.node(a) for a in args))

    def _unknown(self, what: str, name: str, tree: ast.expr, known: list[str]) -> ExpressionError:
        known = [*known, *FUNCTIONS]
        near = difflib.get_close_matches(name, known, n=1)
        product = "*".join(name) if what == "name" and all(c in (self.names or ()) for c in name) else ""
        meant = product or (near[0] if near else "")
        advice = f"did you mean {meant}? " if meant else ""
        advice += f"a product is {name}*(…); " if what == "function" else ""
        return ExpressionError(f"unknown {what} {name!r}", self._column(tree), f"{advice}known: {', '.join(known)}")
