"""Which modules of the target lie together in a file (tools/join.py writes it)."""

import ast


def cut(trees, texts, roots, limit):
    """[[modules]] of a start: the order of import in pieces; a root ends its piece."""
    order = []
    for root in roots:
        _visit(root, trees, order)
    pieces, size = [[]], 0
    for module in order:
        if size + len(texts[module]) > limit and pieces[-1]:
            pieces.append([])
            size = 0
        pieces[-1].append(module)
        size += len(texts[module])
        if module in roots:
            pieces.append([])
            size = 0
    return [piece for piece in pieces if piece]


def together(trees, at_start):
    """[[modules]] of what is not loaded at start: a module lies in another one (the last) that all
    of its importers import, or are."""
    later = [name for name in trees if name not in at_start]
    closures = {name: _closure(name, trees) for name in later}
    inside = {}
    for name in later:
        users = [user for user in later if user != name and name in _imported(user, trees)]
        hosts = [host for host in users if all(host in closures[user] for user in users)]
        if hosts and not _asked_for(name, trees):
            inside[name] = hosts[0]
    groups = {}
    for name in later:
        host = name
        while host in inside:
            host = inside[host]
        groups.setdefault(host, set()).add(name)
    return [
        [name for name in _order(host, trees) if name in names]
        for host, names in groups.items()
        if len(names) > 1
    ]


def _order(module, trees):
    order = []
    _visit(module, trees, order)
    return order


def _closure(module, trees):
    """All that importing a module runs, with itself."""
    return set(_order(module, trees))


def _imported(module, trees):
    """Modules of the program that a module imports when it is loaded."""
    found = set()
    for node in trees[module].body:
        if isinstance(node, ast.ImportFrom):
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            found |= {name for name in names if name in trees}
    return found


def _asked_for(module, trees):
    """True when a string may be the name of a module, or what stands behind a dot of it."""
    words = module.split(".")
    names = {".".join(words[i:]) for i in range(len(words))}
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
        for tree in trees.values()
        for node in ast.walk(tree)
    )


def _visit(module, trees, order):
    """Modules in the order in which importing one runs them."""
    if module in order or module not in trees:
        return
    for node in trees[module].body:
        if isinstance(node, ast.ImportFrom):
            _visit(node.module, trees, order)
            for alias in node.names:
                _visit(f"{node.module}.{alias.name}", trees, order)
    order.append(module)
