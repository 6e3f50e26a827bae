"""Writes the target's sources without their names for numbers, as a C preprocessor would.

A module-level `NAME = 123` costs a table entry, a string and a look-up at each use on the board.
The image carries the number instead: constants are inlined across modules, their assignments and
imports removed, and methods of the hardware contract that only say NotImplementedError left out.
Line numbers stay as they are. Traces replayed on the image prove that nothing else changed.
"""

import ast
import re

CONSTANT = re.compile(r"^_?[A-Z][A-Z0-9_]*$")
FOLDABLE = {
    ast.BitOr: lambda a, b: a | b,
    ast.BitAnd: lambda a, b: a & b,
    ast.LShift: lambda a, b: a << b,
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


class Module:
    """One source file: its tree, what its names stand for, and its constants."""

    def __init__(self, name, text):
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        self.constants = {}
        self.names = {}  # local name -> (module, name there) or (module, None)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.names[alias.asname or alias.name] = (node.module, alias.name)
        self.stores = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self.stores[node.id] = self.stores.get(node.id, 0) + 1
            elif isinstance(node, ast.arg):
                self.stores[node.arg] = self.stores.get(node.arg, 0) + 2


class Program:
    """All modules of the image, {dotted name: source}."""

    def __init__(self, sources):
        self.modules = {name: Module(name, text) for name, text in sources.items()}
        while any(self._collect(module) for module in self.modules.values()):
            pass

    def _collect(self, module):
        """Find constants of a module; True when there was a new one."""
        found = False
        for node in module.tree.body:
            names, values = _assigned(node)
            if any(n in module.constants or module.stores[n] != 1 for n in names):
                continue
            numbers = [self._number(module, value) for value in values]
            if names and None not in numbers:
                module.constants.update(zip(names, numbers, strict=True))
                found = True
        return found

    def _number(self, module, node):
        """The integer that an expression stands for, None when it is none."""
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) is int else None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._number(module, node.operand)
            return None if value is None else -value
        if isinstance(node, ast.BinOp) and type(node.op) in FOLDABLE:
            left, right = self._number(module, node.left), self._number(module, node.right)
            if left is None or right is None:
                return None
            return FOLDABLE[type(node.op)](left, right)
        return self._lookup(module, node)

    def _lookup(self, module, node):
        """The value of a name or of an attribute of an imported module."""
        if isinstance(node, ast.Name):
            if node.id in module.constants:
                return module.constants[node.id]
            where, name = module.names.get(node.id, (None, None))
            if where in self.modules and module.stores.get(node.id, 0) == 0:
                return self.modules[where].constants.get(name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            where, name = module.names.get(node.value.id, (None, None))
            other = self.modules.get(f"{where}.{name}")
            if other is not None and module.stores.get(node.value.id, 0) == 0:
                return other.constants.get(node.attr)
        return None

    def written(self):
        """{dotted name: source} of the modules that are left with something in them. ValueError
        when a constant would be missing where it is used: its name, or its module's, is also an
        argument or a variable there."""
        out = {name: self._write(module) for name, module in self.modules.items()}
        for name, text in out.items():
            for node in ast.walk(ast.parse(text)):
                if self._lost(self.modules[name], node):
                    raise ValueError(f"{name}: {ast.unparse(node)} is also a local name")
        return {name: text for name, text in out.items() if _does_something(text)}

    def _lost(self, module, node):
        """True for a use of a constant that was not replaced."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            where, name = module.names.get(node.value.id, (None, None))
            other = self.modules.get(f"{where}.{name}")
            return other is not None and node.attr in other.constants
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            where, name = module.names.get(node.id, (None, None))
            imported = where in self.modules and name in self.modules[where].constants
            return imported and module.stores.get(node.id, 0) == 0
        return False

    def _write(self, module):
        edits = []
        for node in module.tree.body:
            names, _ = _assigned(node)
            if names and names[0] in module.constants:
                edits.append((node, ""))
        inside = {id(n) for e, _ in edits for n in ast.walk(e)}
        self._uses(module, module.tree, inside, edits)
        edits += [(node, "pass") for node in _abstract_methods(module.tree)]
        text = _apply(module.text, edits)
        text = _apply(text, [(node, repr(data)) for node, data in _packed(ast.parse(text))])
        return self._without_imports(module, text)

    def _uses(self, module, node, inside, edits):
        for child in ast.iter_child_nodes(node):
            if id(child) in inside:
                continue
            load = isinstance(getattr(child, "ctx", None), ast.Load)
            value = self._lookup(module, child) if load else None
            if value is None:
                self._uses(module, child, inside, edits)
            else:
                edits.append((child, str(value) if value >= 0 else f"({value})"))

    def _without_imports(self, module, text):
        """Drop imported names that nothing uses any more."""
        tree = ast.parse(text)
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        edits = []
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom):
                continue
            kept = [a for a in node.names if (a.asname or a.name) in used]
            if len(kept) == len(node.names):
                continue
            fresh = ast.unparse(ast.ImportFrom(node.module, kept, node.level)) if kept else "pass"
            edits.append((node, fresh))
        return _apply(text, edits)


def _assigned(node):
    """(constant-like names, what each is given) of a module-level `NAME = ...`, `A, B = 1, 2` or
    `A, B = range(2)`; of anything else nothing."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return [], []
    target, values = node.targets[0], [node.value]
    targets = [target]
    if isinstance(target, ast.Tuple):
        targets, values = target.elts, getattr(node.value, "elts", ())
        if ast.unparse(node.value) == f"range({len(targets)})":
            values = [ast.Constant(i) for i in range(len(targets))]
    names = [t.id for t in targets if isinstance(t, ast.Name) and CONSTANT.match(t.id)]
    return (names, values) if len(names) == len(targets) == len(values) else ([], [])


def _packed(tree):
    """(node, bytes) of tables written as rows: `b"".join(map(bytes, rows))`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("b''.join(map(bytes, "):
            rows = ast.literal_eval(node.args[0].args[1])
            yield node, b"".join(map(bytes, rows))


def _abstract_methods(tree):
    """Methods whose only statement is `raise NotImplementedError`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = [n for n in node.body if not _is_text(n)]
            if len(body) == 1 and isinstance(body[0], ast.Raise):
                name = body[0].exc
                if isinstance(name, ast.Name) and name.id == "NotImplementedError":
                    found.append(node)
    return found


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _does_something(text):
    return any(not _is_text(n) and not isinstance(n, ast.Pass) for n in ast.parse(text).body)


def _apply(text, edits):
    """Replace nodes by texts; line breaks inside a node stay, so that lines keep their numbers."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data = text.encode()
    for node, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        breaks = b"\n" * (node.end_lineno - node.lineno)
        data = data[:begin] + new.encode() + breaks + data[end:]
    return data.decode()
