"""Writes a private function that is called in one place only into its caller.

A function costs a board about 45 bytes of heap beside its code, a call of it 20 us. In the sources
it says what a few lines are about; the image does without. Which function a call means must be
certain: one of a module, or a method that the same class calls on its own object and that neither
its bases nor classes derived from it have as well. A function that is mentioned anywhere else, in
a string too, stays (tools/paste.py: and one that cannot stand in its caller as it is).

No caller may grow so much that its variables lie on the heap (tools/slots.py).
"""

import ast
import re
from collections import Counter, defaultdict

from tools.paste import FUNCTIONS, own_nodes, pasted
from tools.slots import FRAME, shared, words

PRIVATE = re.compile(r"^_[a-z]\w*$")


def merged(texts, stay=()):
    """{module: source} with each function that has one caller written into it. `stay`: functions
    and methods ("name", "Class.name", "Class.*") that others ask for."""
    trees = {module: ast.parse(text) for module, text in texts.items()}
    left = set()  # id of functions that do not fit into their callers
    while pairs := [pair for pair in _Program(trees).pairs(stay) if id(pair[1]) not in left]:
        inner = {id(callee) for _, callee, _, _ in pairs}
        callers = {id(caller) for _, _, _, caller in pairs}
        leaves = [pair for pair in pairs if id(pair[1]) not in callers]
        for owner, callee, this, caller in leaves:
            new = pasted(caller, callee, this)
            if new is None or not _fits(caller, new):
                left.add(id(callee))
            else:
                caller.body = new.body
                owner.body = [n for n in owner.body if n is not callee] or [ast.Pass()]
        if not leaves:  # they call each other in a ring
            left |= inner
    return {m: ast.unparse(ast.fix_missing_locations(tree)) for m, tree in trees.items()}


class _Program:
    """Functions, and who mentions them: of a module by its name, of classes by their family (a
    class with all its bases and all that are derived from them)."""

    def __init__(self, trees):
        self._families = _families(trees)
        self._functions = []  # (module, family or None, class or module, function)
        self._found = defaultdict(list)  # (family or module, name): [(class or module, function)]
        self._said = Counter()  # (family or module, name)
        self._elsewhere = set()  # names that are said in any other way
        for module, tree in trees.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    self._class(module, node)
                elif isinstance(node, ast.FunctionDef):
                    self._function(module, None, tree, node)
                else:
                    self._read(node, module, None, None)

    def pairs(self, stay):
        """(class or module, function, name of the object or None, its only caller)."""
        for module, family, owner, caller in self._functions:
            this = _this(caller) if family else None
            plain = {getattr(n, "id", None) for n in caller.decorator_list} <= {"property"}
            for node in own_nodes(caller) if plain else ():
                if not isinstance(node, ast.Call):
                    continue
                if isinstance(node.func, ast.Name):
                    key, object_ = (module, node.func.id), None
                elif this and _is_of(node.func, this):
                    key, object_ = (family, node.func.attr), this
                else:
                    continue
                if self._is_single(key, caller):
                    where, callee = self._found[key][0]
                    names = {callee.name, f"{getattr(where, 'name', '')}.{callee.name}",
                             f"{getattr(where, 'name', '')}.*"}  # fmt: skip
                    if not names & set(stay) and (object_ is None or where is owner):
                        yield where, callee, object_, caller

    def _is_single(self, key, caller):
        """True for a private function that is defined once and mentioned once, by another."""
        found = self._found.get(key, ())
        return (
            len(found) == self._said[key] == 1
            and found[0][1] is not caller
            and PRIVATE.match(key[1])
            and key[1] not in self._elsewhere
        )

    def _class(self, module, node):
        family = self._families[node.name]
        self._elsewhere.add(node.name)
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                self._function(module, family, node, part)
            else:  # names of the class itself
                self._elsewhere |= {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
                self._read(part, module, None, None)
        for part in (*node.bases, *node.decorator_list):
            self._read(part, module, None, None)

    def _function(self, module, family, owner, node):
        self._functions.append((module, family, owner, node))
        self._found[family or module, node.name].append((owner, node))
        this = _this(node) if family else None
        for child in ast.iter_child_nodes(node):
            self._read(child, module, family, this)

    def _read(self, node, module, family, this):
        """Note what is said; `this`: what a method calls its object."""
        if isinstance(node, FUNCTIONS) and this in {a.arg for a in _arguments(node)}:
            this = None
        if isinstance(node, ast.Attribute):
            if this and _is_of(node, this):
                self._said[family, node.attr] += 1
            else:
                self._elsewhere.add(node.attr)
        elif isinstance(node, ast.Name):
            self._said[module, node.id] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._elsewhere.update(re.findall(r"\w+", node.value))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self._elsewhere.update(node.names)
        # of imports, arguments, handlers, functions inside
        for field in ("name", "asname", "arg"):
            self._elsewhere.add(getattr(node, field, None))
        for child in ast.iter_child_nodes(node):
            self._read(child, module, family, this)


def _this(method):
    """The name of the object in a method; None when it may stand for something else."""
    first = method.args.args[:1]
    stored = {n.id for n in ast.walk(method)
              if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}  # fmt: skip
    static = any(getattr(n, "id", None) != "property" for n in method.decorator_list)
    return first[0].arg if first and not static and first[0].arg not in stored else None


def _is_of(node, this):
    """True for an attribute of the object `this`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == this
    )


def _arguments(function):
    return (node for node in ast.walk(function.args) if isinstance(node, ast.arg))


def _families(trees):
    """{name of a class: set of names}: what is related shares a set. A class that is imported by
    another name is related to that name, as to anything that stands among the bases."""
    families = {}

    def relate(a, b):
        both = families.setdefault(a, {a}) | families.setdefault(b, {b})
        families.update(dict.fromkeys(both, both))

    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                relate(node.name, node.name)
                for base in node.bases:
                    relate(node.name, getattr(base, "attr", None) or ast.unparse(base))
            elif isinstance(node, ast.alias) and node.asname:
                relate(node.asname, node.name)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                for target in node.targets:
                    relate(ast.unparse(target), node.value.id)
    return {name: frozenset(family) for name, family in families.items()}


def _fits(before, after):
    """True when a function can still have its variables where it had them."""
    return words(shared(after)) <= FRAME or words(shared(before)) > FRAME
