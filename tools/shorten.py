"""Gives the private names of the target short ones, shared where they cannot meet.

Every distinct name costs about 20 bytes of heap on a board. Names that begin with one underscore
are nobody's business outside their class or module, so the image calls them `_a`, `_b` ...: two
names share a short one when they never stand in the same class (with its bases) or module.
Public names, which a console or a traceback shows, stay.
"""

import ast
import re
import string

PRIVATE = re.compile(r"^_[a-z][a-z0-9_]*$")


def shorten(texts):
    """{module: source} with short private names; lines keep their numbers."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    groups = _groups(trees)
    spoken = _strings(trees)  # names that getattr may use stay as they are
    names = sorted({name for group in groups for name in group} - spoken)
    short = colours(names, groups, list(_words()))
    words = re.compile(r"(?<![\w'\"])_[a-z][a-z0-9_]*\b")
    return {
        module: words.sub(lambda found: short.get(found.group(), found.group()), text)
        for module, text in texts.items()
    }


def _groups(trees):
    """Sets of private names that can meet: those of a class with its bases, of a module."""
    classes, bases, groups = {}, {}, []
    for tree in trees.values():
        groups.append({name for name in _names(tree) if PRIVATE.match(name)})
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, set()).update(_members(node))
                names = [b.attr if isinstance(b, ast.Attribute) else b.id for b in node.bases]
                bases.setdefault(node.name, set()).update(names)
    families = {name: {name} for name in classes}
    for name, above in bases.items():
        for base in above & set(classes):
            family = families[name] | families[base]
            for member in family:
                families[member] = family
    for family in {frozenset(family) for family in families.values()}:
        groups.append(set().union(*(classes[name] for name in family)))
    return groups


def _members(tree):
    """Private attributes and methods below a node."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ClassDef):
            found |= {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
    return {name for name in found if PRIVATE.match(name)}


def _names(tree):
    """Names of a module, not those of attributes and methods."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and not isinstance(
            tree, ast.ClassDef
        ):
            yield node.name
        yield from _names(node)


def _strings(trees):
    return {
        node.value
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def colours(names, groups, words):
    """{name: word}: greedy colouring, the most crowded names first; names in a group differ."""
    meets = {name: set().union(*(g for g in groups if name in g)) - {name} for name in names}
    short = {}
    for name in sorted(names, key=lambda n: (-len(meets[n]), n)):
        taken = {short[other] for other in meets[name] if other in short}
        short[name] = next(word for word in words if word not in taken)
    return short


def _words():
    for letter in string.ascii_lowercase:
        yield "_" + letter
    for first in string.ascii_lowercase:
        for second in string.ascii_lowercase:
            yield "_" + first + second
