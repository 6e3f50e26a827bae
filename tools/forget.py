"""Lets a board forget what only its start needs: constructors, loaders, names of classes.

MicroPython copies code into RAM. `forgetting` looks for what nothing can reach once everything is
built and gives each joined module a function `forget` that drops it, and that returns True when
nobody will import the module again. It goes by names alone, on the safe side: whatever a running
function says, of whatever object, stays.

What runs behind the start: modules that a board loads later, and functions whose name something
running says. Constructors do not run, but those of exceptions (tests/static/test_forget.py sees
to it), nor do `ended` ones; of these counts only what they may have stored somewhere, that is,
what they say without calling it.
"""

import ast
import builtins
import re

DROP = "forget"
# ends of modules that run before; what they import stays
BEFORE = (".start", ".selftest", ".loading")
FUNCTIONS = ast.FunctionDef | ast.Lambda


def before(module):
    """True for a module that does not run any more once everything is built."""
    return module.endswith(BEFORE)


class _Joint:
    """A joined module: functions as (class or None, node), what its level binds and says."""

    def __init__(self, tree):
        self.functions, self.bound = [], set()
        self.classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
        level = []
        for node in tree.body:
            inside = node.body if isinstance(node, ast.ClassDef) else [node]
            owner = node.name if isinstance(node, ast.ClassDef) else None
            for part in inside:
                if isinstance(part, ast.FunctionDef):
                    self.functions.append((owner, part))
                    level += [*part.decorator_list, *part.args.defaults]
                elif not isinstance(part, ast.ImportFrom):  # that is done
                    level.append(part)
            self.bound |= _bound(node)
        self.level = ast.Module(level, [])

    def runs(self, owner, function):
        """True for what Python or an exception calls by itself."""
        if function.name == "__init__":
            return self._is_error(owner)
        return function.name.startswith("__")

    def _is_error(self, name):
        if name not in self.classes:
            return issubclass(getattr(builtins, str(name), object), Exception)
        return any(self._is_error(getattr(b, "id", None)) for b in self.classes[name].bases)


def forgetting(texts, hosts, ended=()):
    """{module: source}: those of `hosts` with a function `forget`. `ended`: functions and methods
    ("Class.method", "Class.*") that are over when it is called."""
    trees = {module: ast.parse(text) for module, text in texts.items()}
    joints = {host: _Joint(trees[host]) for host in hosts}
    said, idle = _running(trees, joints, ended)
    later = [tree for m, tree in trees.items() if m not in joints and not before(m)]
    wanted = {module for tree in later for module, _ in _imports(tree)}
    out = dict(texts)
    for host, joint in joints.items():
        methods = [(owner, node) for where, owner, node in idle if where == host and owner]
        names = sorted(name for name in joint.bound if (host, name) not in said)
        trees[host].body.append(_drop(methods, names, host not in wanted))
        out[host] = ast.unparse(ast.fix_missing_locations(trees[host]))
    return out


def _running(trees, joints, ended):
    """(what running code says: attributes, and (module, name) of what modules bind; functions
    that do not run as (module, class or None, node))."""
    said = set()
    for module, tree in trees.items():
        if module not in joints:
            said |= _imports(tree) if before(module) else _said(module, tree, True)
    rest = [(host, *f) for host, joint in joints.items() for f in joint.functions]
    for host, joint in joints.items():
        said |= _said(host, joint.level, False)
    size = None
    while size != len(said):
        size = len(said)
        for item in list(rest):
            host, owner, function = item
            over = f"{owner}.{function.name}" in ended or f"{owner}.*" in ended
            if not over and (joints[host].runs(owner, function) or _is_said(item, said)):
                said |= _said(host, function, True)
                rest.remove(item)
        if size == len(said):
            for host, _, function in rest:
                said |= _said(host, function, False)
    return said, rest


def _is_said(item, said):
    host, owner, function = item
    if function.name == "__init__":
        return False
    return ((host, function.name) if owner is None else function.name) in said


def _said(module, tree, running):
    """What a piece of code says; of one that does not run, without what it calls."""
    found = _imports(tree)
    called = set()
    for node in [] if running else _outside_functions(tree):
        if isinstance(node, ast.Call):
            called.add(node.func)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = re.findall(r"\w+", node.value)
            found |= {*words, *((module, word) for word in words)}
        elif node in called:
            continue
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add((module, node.id))
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def _outside_functions(tree):
    """Nodes that run with a function, not with those that it makes."""
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, FUNCTIONS):
            yield child
            yield from _outside_functions(child)


def _imports(tree):
    """(module, name) of what is imported by name."""
    return {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _bound(node):
    """Names that a statement binds on its level."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _drop(methods, names, alone):
    """The function `forget` of a joint: MicroPython keeps the value of what is deleted. It returns
    whether nobody will import the module again."""
    owned = [
        ast.Attribute(ast.Name(owner, ast.Load()), node.name, ast.Store())
        for owner, node in methods
    ]
    body = [ast.Global(names)] if names else []
    for targets in (owned, [ast.Name(name, ast.Store()) for name in names]):
        if targets:
            body.append(ast.Assign(targets, ast.Constant(None)))
    body.append(ast.Return(ast.Constant(alone)))
    arguments = ast.arguments([], [], None, [], [], None, [])
    return ast.FunctionDef(DROP, arguments, body, [])
