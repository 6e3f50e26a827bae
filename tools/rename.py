"""Gives the names of a board's image others that cost no heap and few bytes.

Every name that MicroPython does not know yet takes about 20 bytes on a board, and each file that
says it carries its text. Names of the program get one that lies in MicroPython's own flash
already: one that a file gives by its number (tools/words_numbered.txt) or one of tools/words.txt,
short ones first; two letters where those are used up. Attributes share words with arguments and
with names of a module's level, because they never meet (tools/names.py). What MicroPython, a
string or a console may ask for keeps its name.
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
from collections import Counter
from pathlib import Path

from tools.names import Rewriter, attributes, bound, each, imports, variables
from tools.shorten import colours

SHARED = 24  # words for arguments
HERE = Path(__file__).resolve().parent
FAKES = HERE.parent / "host_sim" / "fake_machine"
NAME = re.compile(r"^_?[A-Za-z][A-Za-z0-9_]*$")
NAMES = re.compile(r"^[\w\s]+$")  # a string that may be names
TYPES = (str, bytes, bytearray, memoryview, list, dict, tuple, set, int, float, array.array,
         BaseException, OSError, io.BytesIO, time, struct, sys, os, array,
         builtins)  # fmt: skip
SPECIAL = {"args", "value", "errno", "self"}  # attributes that exceptions have by themselves


def renamed(texts, kept=(), later=()):
    """({module: source}, {new name: [old names]}). `kept` are names that stay, `later` modules
    that a board may never load: what only they say gets its new name last."""
    trees = {module: ast.parse(without_docs(text)) for module, text in texts.items()}
    stay = _outside() | _unbound(trees) | set(kept)
    stay.update(part for module in texts for part in module.split("."))
    names = _Names(trees, [module for module in trees if module not in later], stay)
    out = {}
    for module, tree in trees.items():
        rewriter = Rewriter(module, names.attributes, names.levels, names.arguments)
        out[module] = ast.unparse(ast.fix_missing_locations(rewriter.visit(tree)))
    return out, names.meanings()


class _Names:
    """New names of attributes, of arguments, and of what stands on the level of each module."""

    def __init__(self, trees, early, stay):
        given = {name for tree in trees.values() for name in attributes(tree)}
        given = {name for name in given - stay if NAME.match(name)}
        taken = _said(trees) - given - _renewed(trees, stay)
        taken |= {n.attr for tree in trees.values() for n in each(tree, ast.Attribute)} - given
        words = [word for word in _words() if word not in taken]
        often = Counter()
        for module in early:
            said = Counter(node.attr for node in each(trees[module], ast.Attribute))
            often.update({name: 1000 + n for name, n in said.items()})
        order = sorted(given, key=lambda name: (-often[name], name))
        # as a plain name, also on the level of a class, a builtin's would hide it
        plain = [word for word in words if not hasattr(builtins, word)]
        inner = set().union(
            *(bound(c.body) for t in trees.values() for c in each(t, ast.ClassDef))
        )
        self.attributes, free = {}, dict.fromkeys(words)
        for name in order:
            known = (word for word in free if name not in inner or not hasattr(builtins, word))
            self.attributes[name] = word = next(known)
            del free[word]
        groups = _arguments(trees, stay)
        self.arguments = colours(sorted(set().union(*groups)), groups, plain[:SHARED])
        self.levels = {
            module: self._level(trees[module], trees, stay, plain[SHARED:]) for module in trees
        }

    def _level(self, tree, trees, stay, words):
        """Words that the module has anyway, the commonest first, then others."""
        foreign = {name for own, name in imports(tree, trees) if not own}
        names = {n for n in bound(tree.body) - stay - foreign if NAME.match(n)}
        said = Counter(self.attributes.get(n.attr) for n in each(tree, ast.Attribute))
        words = sorted(words, key=lambda word: -said[word])
        often = Counter(node.id for node in each(tree, ast.Name))
        return dict(zip(sorted(names, key=lambda n: (-often[n], n)), words, strict=False))

    def meanings(self):
        """{new name: [old names]}, to read a traceback with."""
        found = {}
        for names in (self.attributes, self.arguments, *self.levels.values()):
            for old, new in names.items():
                found.setdefault(new, set()).add(old)
        return {new: sorted(old) for new, old in found.items()}


def without_docs(text):
    """A source without its docstrings and comments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            body = [n for n in node.body if not _is_text(n)]
            node.body = body or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _arguments(trees, stay):
    """Sets of names of arguments that meet in a function (with those in it)."""
    groups = []
    for tree in trees.values():
        for node in each(tree, ast.FunctionDef | ast.Lambda):
            groups.append({n.arg for n in each(node, ast.arg)} - stay)
    return groups


def _words():
    """New names: those that a file gives by number, short ones of MicroPython, others."""
    words = [*_read("words_numbered.txt"), *_read("words.txt")]
    letters = string.ascii_lowercase
    words += [a + b for a in letters for b in string.ascii_letters + string.digits]
    return [word for word in dict.fromkeys(words) if not keyword.iskeyword(word)]


def _read(name):
    return (HERE / name).read_text().split()


def _said(trees):
    """Every name in the program."""
    found = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            for field in ("name", "id", "attr", "arg", "asname", "module"):
                value = getattr(node, field, None)
                if isinstance(value, str):
                    found.update(value.split("."))
    return found


def _renewed(trees, stay):
    """Names in functions and on the level of modules that will vanish."""
    found = set()
    for tree in trees.values():
        found |= bound(tree.body)
        for node in each(tree, ast.FunctionDef | ast.Lambda):
            found |= variables(node) | {n.arg for n in each(node.args, ast.arg)}
    return found - stay


def _outside():
    """Names of MicroPython: of its types and modules, and of what fake_machine stands for."""
    found = SPECIAL | {name for kind in TYPES for name in dir(kind)}
    for path in FAKES.glob("*.py"):
        tree = ast.parse(path.read_text())
        found |= attributes(tree) | bound(tree.body)
        found |= {n.attr for n in each(tree, ast.Attribute)}
        found |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg | ast.keyword) and n.arg}
    return found


def _unbound(trees):
    """Names that a string or a keyword mentions, imports from outside and their attributes, and
    all that stands in a function of another language (viper, PIO)."""
    found = set()
    for tree in trees.values():
        outside = {name for own, name in imports(tree, trees) if not own}
        found |= outside
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(node.value.split() if NAMES.match(node.value) else ())
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found |= {node.attr} if node.value.id in outside else set()
            elif isinstance(node, ast.Import):
                found |= {part for a in node.names for part in a.name.split(".")}
            elif isinstance(node, ast.ImportFrom) and node.module not in trees:
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.FunctionDef) and not _is_python(node):
                found |= {n.id for n in each(node, ast.Name)}
                found |= {n.attr for n in each(node, ast.Attribute)}
    return found


def _is_python(function):
    plain = ("property", "staticmethod")
    return all(isinstance(n, ast.Name) and n.id in plain for n in function.decorator_list)
