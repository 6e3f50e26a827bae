"""Gives the public names of a board's image names that cost no heap.

Every name that MicroPython does not know yet takes about 20 bytes on a board. Names of the program
get one that lies in MicroPython's own flash already (tools/words.txt), or a short one where those
are used up; `Names` turns a board's traceback back. What MicroPython, a string or a console may
ask for keeps its name.
"""

import array
import ast
import builtins
import io
import keyword
import os
import re
import string
import struct
import sys
import time
import tokenize
from collections import Counter
from pathlib import Path

from tools.shorten import colours

SHARED = 20  # words for arguments
HERE = Path(__file__).resolve().parent
FAKES = HERE.parent / "host_sim" / "fake_machine"
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
TYPES = (str, bytes, bytearray, memoryview, list, dict, tuple, set, int, float, array.array,
         BaseException, OSError, io.BytesIO, time, struct, sys, os, array,
         builtins)  # fmt: skip
SPECIAL = {"args", "value", "errno", "self"}  # attributes that exceptions have by themselves


def renamed(texts, kept=(), later=()):
    """({module: source}, {name: new name}). `kept` are names that stay, `later` modules that a
    board may never load: what only they say gets its new name last."""
    texts = {module: without_docs(text) for module, text in texts.items()}
    trees = {module: ast.parse(text) for module, text in texts.items()}
    own = set().union(*map(_defined, trees.values()))
    foreign = _outside() | _unbound(trees) | set(kept)
    for module in texts:
        foreign.update(module.split("."))
    names = {name for name in own - foreign if NAME.match(name)}
    used = _all(trees) - names
    fresh = (word for word in _words() if word not in used and word not in foreign)
    arguments, groups = _arguments(trees, names)
    shared = colours(sorted(arguments), groups, [next(fresh) for _ in range(SHARED)])
    often = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    early = _all({module: tree for module, tree in trees.items() if module not in later})
    order = sorted(names - arguments, key=lambda name: (name not in early, -often[name], name))
    table = {name: next(fresh) for name in order} | shared
    return {module: _with(text, table) for module, text in texts.items()}, table


def _with(text, table):
    """A source with other names; strings stay as they are."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return tokenize.untokenize(
        (kind, table.get(word, word) if kind == tokenize.NAME else word)
        for kind, word, *_ in tokens
    )


def without_docs(text):
    """A source without its docstrings and comments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            body = [n for n in node.body if not _is_text(n)]
            node.body = body or [ast.Pass()]
    return _bare(ast.unparse(tree))


def _bare(text):
    """Without the parentheses around `a, b = (c, d)` that `unparse` writes: with them MicroPython
    makes a tuple on the heap, without them it does not."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and isinstance(value, ast.Tuple) and value.elts:
            line = lines[value.lineno - 1].encode()
            inner = line[value.col_offset + 1 : value.end_col_offset - 1]
            lines[value.lineno - 1] = (line[: value.col_offset] + inner).decode()
    return "\n".join(lines) + "\n"


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _arguments(trees, names):
    """(names that only arguments and variables of functions have, sets of names that meet in a
    function)."""
    found, others, groups = set(), set(), []
    for tree in trees.values():
        others |= _owned(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                inside = list(ast.walk(node))
                groups.append({n.arg for n in inside if isinstance(n, ast.arg)})
                found |= groups[-1]
                groups[-1] |= {n.id for n in inside if isinstance(n, ast.Name)}
    found = (found - others) & names
    return found, [group & found for group in groups]


def _words():
    known = (HERE / "words.txt").read_text().split()
    yield from known
    letters = string.ascii_lowercase
    for first in letters:
        for second in string.ascii_letters + string.digits:
            word = first + second
            if word not in known and not keyword.iskeyword(word):
                yield word


def _defined(tree):
    """Names that a module gives and that cost heap: of functions, classes, arguments, attributes,
    variables of a module or class. Variables of a function have none on a board."""
    found = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return found | _owned(tree)


def _owned(tree):
    """The same without arguments."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        if isinstance(node, ast.Module | ast.ClassDef):
            for target in (t for n in node.body if isinstance(n, ast.Assign) for t in n.targets):
                found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    return found


def _all(trees):
    """Every name in the program."""
    found = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            for field in ("name", "id", "attr", "arg", "asname", "module"):
                value = getattr(node, field, None)
                if isinstance(value, str):
                    found.update(value.split("."))
    return found


def _outside():
    """Names of MicroPython: of its types and modules, and of what fake_machine stands for."""
    found = SPECIAL | {name for kind in TYPES for name in dir(kind)}
    for path in FAKES.glob("*.py"):
        tree = ast.parse(path.read_text())
        found |= _defined(tree)
        found |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
        found |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg}
    return found


def _unbound(trees):
    """Names that a string or a keyword mentions, imports from outside and their attributes, and
    all that stands in a decorated function (its language is not Python)."""
    found = set()
    for tree in trees.values():
        outside = {
            (alias.asname or alias.name).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            or (isinstance(node, ast.ImportFrom) and node.module not in trees)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\w+", node.value))
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found |= {node.attr} if node.value.id in outside else set()
            elif isinstance(node, ast.Import):
                found |= {part for a in node.names for part in a.name.split(".")}
            elif isinstance(node, ast.ImportFrom) and node.module not in trees:
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.FunctionDef) and node.decorator_list:
                found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                found |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return found
