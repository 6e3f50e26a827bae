"""Where Python looks for a name, and a module written with other names.

An attribute, a name on the level of a module, and a name in a function live in different places:
they never meet, even when they are spelled alike.
"""

import ast


class Rewriter(ast.NodeTransformer):
    """Exchanges names: `attributes` {old: new} of all objects, `levels` {module: {old: new}} of
    what stands on the level of each module, `arguments` {old: new} of functions."""

    def __init__(self, module, attributes, levels, arguments):
        self._attributes, self._levels, self._arguments = attributes, levels, arguments
        self._scopes = [levels[module]]  # {old: new} of the module and the functions around

    def visit_Name(self, node):
        node.id = self._new(node.id)
        return node

    def visit_Attribute(self, node):
        node.attr = self._attributes.get(node.attr, node.attr)
        return self.generic_visit(node)

    def visit_arg(self, node):
        node.arg = self._new(node.arg)
        return node

    def visit_ExceptHandler(self, node):
        node.name = node.name and self._new(node.name)
        return self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            new = self._new(alias.asname or alias.name)
            alias.asname = None if new == alias.name else new
        return node

    def visit_ImportFrom(self, node):
        there = self._levels.get(node.module, {})
        names = [(there.get(a.name, a.name), self._new(a.asname or a.name)) for a in node.names]
        node.names = [ast.alias(name, None if new == name else new) for name, new in names]
        return node

    def visit_Global(self, node):
        node.names = [self._scopes[0].get(name, name) for name in node.names]
        return node

    def visit_FunctionDef(self, node):
        node.name = self._new(node.name)
        return self._function(node)

    def visit_Lambda(self, node):
        return self._function(node)

    def visit_ClassDef(self, node):
        node.name = self._new(node.name)
        node.bases = self._each(node.bases)
        own = {name: self._attributes.get(name, name) for name in bound(node.body)}
        body = []
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef):  # it does not see the names of its class
                inner.name = own[inner.name]
                body.append(self._function(inner))
            else:
                body += self._each([inner], own)
        node.body = body
        return node

    def _new(self, name):
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return name

    def _each(self, nodes, scope=None):
        self._scopes.append(scope or {})
        nodes = [self.visit(node) for node in nodes]
        self._scopes.pop()
        return nodes

    def _function(self, node):
        """Variables cost a board nothing: theirs only has to differ from every new name. A
        decorated function may be no Python: its names stay."""
        decorators = getattr(node, "decorator_list", ())
        scope = {name: name if decorators else name + "__" for name in variables(node)}
        scope.update((a.arg, self._arguments.get(a.arg, a.arg)) for a in each(node.args, ast.arg))
        if decorators:
            node.decorator_list = self._each(decorators)
        defaults = self._each(node.args.defaults)
        node.args.defaults = []
        (node.args,) = self._each([node.args], scope)
        node.args.defaults = defaults
        if isinstance(node, ast.Lambda):
            (node.body,) = self._each([node.body], scope)
        else:
            node.body = self._each(node.body, scope)
        return node


def each(tree, kind):
    """Nodes of a kind."""
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def attributes(tree):
    """Names of attributes that a module gives: methods, names in classes, what is stored."""
    found = {n.attr for n in each(tree, ast.Attribute) if isinstance(n.ctx, ast.Store)}
    return found.union(*(bound(node.body) for node in each(tree, ast.ClassDef)))


def bound(body):
    """Names that statements bind on their level, imported ones too."""
    return set(_stored(body))


def variables(function):
    """Names that a function binds beside its arguments, without those of functions in it."""
    body = function.body if isinstance(function.body, list) else [function.body]
    level = {name for node in each(function, ast.Global) for name in node.names}
    return set(_stored(body)) - level


def _stored(waiting):
    waiting = list(waiting)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from ((a.asname or a.name).split(".")[0] for a in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def imports(tree, inside):
    """Names of a module for what it imports: from modules of the program (`inside`: their
    names), or else from outside."""
    for node in each(tree, ast.Import | ast.ImportFrom):
        own = isinstance(node, ast.ImportFrom) and node.module in inside
        for alias in node.names:
            yield own, (alias.asname or alias.name).split(".")[0]
