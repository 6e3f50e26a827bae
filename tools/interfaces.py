"""Leaves out of an image the classes that only say what others have to offer.

A class of the hardware contract whose methods all raise NotImplementedError is nothing on a board
but 100 bytes of heap; drivers do without it as their base.
"""

import ast

from tools.inline import Module


def without_interfaces(texts):
    """{module: source} without the classes that are empty (tools/inline.py has taken their
    methods) and that are mentioned only as bases of others."""
    modules = [Module(name, text) for name, text in texts.items()]
    gone = {(m.name, n.name) for m in modules for n in m.tree.body if _is_empty(n)}
    gone -= {use for module in modules for use in _uses(module, module.tree)}
    while kept := _resting(modules, gone):
        gone -= kept
    for module in modules:
        _drop(module, gone)
    return {m.name: ast.unparse(ast.fix_missing_locations(m.tree)) for m in modules}


def _resting(modules, gone):
    """Those of `gone` that stand on a class that stays: they have something of it."""
    return {
        (module.name, node.name)
        for module in modules
        for node in module.tree.body
        if (module.name, getattr(node, "name", None)) in gone
        and any(_thing(module, base) not in gone for base in node.bases)
    }


def _is_empty(node):
    """True for a class of which nothing is left but its docstring."""
    return isinstance(node, ast.ClassDef) and all(
        isinstance(n, ast.Pass) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in node.body
    )


def _thing(module, node):
    """(module, name) that an expression stands for; of a local name its own module."""
    if isinstance(node, ast.Name):
        return module.names.get(node.id, (module.name, node.id))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        where, name = module.names.get(node.value.id, (None, None))
        return f"{where}.{name}", node.attr
    return None


def _uses(module, node):
    """What is said in a module, but for bases of classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.ClassDef) and child in node.bases:
            continue
        yield _thing(module, child)
        yield from _uses(module, child)


def _drop(module, gone):
    """Take the classes of `gone` out of a module: as bases, their imports, themselves."""
    tree = module.tree
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.bases = [base for base in node.bases if _thing(module, base) not in gone]
        elif isinstance(node, ast.ImportFrom):
            names = [a for a in node.names if (node.module, a.name) not in gone]
            node.names = names
    said = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    body = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            node.names = [a for a in node.names if (a.asname or a.name) in said]
            if not node.names:
                continue
        if (module.name, getattr(node, "name", None)) not in gone:
            body.append(node)
    tree.body = body
