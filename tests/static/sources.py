"""The project's own Python files as syntax trees, for the tests of this folder."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MUTABLE_CALLS = ("list", "dict", "set", "bytearray", "array", "deque", "OrderedDict", "memoryview")
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def files(*folders):
    """Python files below the folders, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path):
    """Path as people name it."""
    return str(path.relative_to(ROOT))


@cache
def tree(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def imports(node):
    """(line, dotted name) of every import below a node; `from a import b` gives a.b."""
    for item in ast.walk(node):
        if isinstance(item, ast.Import):
            for alias in item.names:
                yield item.lineno, alias.name
        elif isinstance(item, ast.ImportFrom):
            for alias in item.names:
                yield item.lineno, f"{item.module}.{alias.name}"


def floats(node):
    """(line, what) of everything below a node that can make a float."""
    for item in ast.walk(node):
        line = getattr(item, "lineno", 0)
        if isinstance(item, (ast.BinOp, ast.AugAssign)) and isinstance(item.op, ast.Div):
            yield line, "division /"
        elif isinstance(item, (ast.BinOp, ast.AugAssign)) and isinstance(item.op, ast.Pow):
            yield line, "power **"
        elif isinstance(item, ast.Constant) and isinstance(item.value, (float, complex)):
            yield line, f"float {item.value}"
        elif isinstance(item, ast.Name) and item.id in ("float", "round", "pow", "complex"):
            yield line, item.id
    for line, module in imports(node):
        if module.split(".")[0] in ("math", "cmath", "random"):
            yield line, f"import {module}"


def shared_mutables(node):
    """(line, what) of mutable objects that a module or class body holds."""
    for statement in node.body:
        if isinstance(statement, FUNCTIONS):
            continue
        if isinstance(statement, ast.ClassDef):
            yield from shared_mutables(statement)
            continue
        for item in ast.walk(statement):
            if isinstance(item, DISPLAYS):
                yield item.lineno, type(item).__name__
            elif isinstance(item, ast.Call):
                called = item.func
                word = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if word in MUTABLE_CALLS:
                    yield item.lineno, word + "()"


def _root(target):
    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        target = target.value
    return target


def _stores(node):
    """Store and delete targets below a node, tuples taken apart."""
    for item in ast.walk(node):
        if isinstance(getattr(item, "ctx", None), (ast.Store, ast.Del)):
            yield item


def _module_names(node):
    names = set()
    for item in node.body:
        if isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            names.add(item.name)
        elif isinstance(item, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in item.names}
        else:
            names |= {target.id for target in _stores(item) if isinstance(target, ast.Name)}
    return names


def _bound(function):
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = {a.arg for a in (*every, arguments.vararg, arguments.kwarg) if a}
    return names | {t.id for t in _stores(function) if isinstance(t, ast.Name)}


def shared_writes(node):
    """(line, what) of code that writes something all packs of a process would share: `global`,
    `nonlocal`, an attribute or item of a class, a module or a module-level object."""
    shared = _module_names(node)
    for item in ast.walk(node):
        if isinstance(item, (ast.Global, ast.Nonlocal)):
            yield item.lineno, type(item).__name__.lower()
        if not isinstance(item, FUNCTIONS):
            continue
        outside = shared - _bound(item) | {"cls", "__class__"}
        for target in _stores(item):
            root = _root(target)
            through = isinstance(target, (ast.Attribute, ast.Subscript))
            if through and isinstance(root, ast.Name) and root.id in outside:
                yield target.lineno, ast.unparse(target)
            elif through and (isinstance(root, ast.Call) or "__class__" in ast.unparse(target)):
                yield target.lineno, ast.unparse(target)
