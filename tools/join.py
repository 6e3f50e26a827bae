"""Puts modules of the target together into fewer ones.

Each module costs a board about 250 bytes beside its code (its table of names, its copies of what
it imports, its file name) and 10 ms at start. `joined` puts modules that are needed at start
anyway behind each other, in the order in which Python would run them. A name that two of them
give to different things gets a number in one of them; imports between them vanish. What is loaded
later, and only together, is joined as well.
"""

import ast
import builtins

from tools.join_groups import cut, together

RESERVED = frozenset(dir(builtins)) | {"__name__", "__file__"}


class Joint:
    """A new module: its parts in order, and its names."""

    def __init__(self, host):
        self.host = host  # its name, that of its last part
        self.taken = {}  # name here -> what it stands for
        self.body = []

    def name(self, thing, wanted):
        """The name here of a thing: (module, name), ("import", ...) of what lies outside."""
        for name, other in self.taken.items():
            if other == thing:
                return name
        name, n = wanted, 2
        while name in self.taken or name in RESERVED:
            name, n = f"{wanted}_{n}", n + 1
        self.taken[name] = thing
        return name


def joined(texts, roots, limit):
    """({module: source}, names of the joined ones). `roots`: modules that are loaded one after
    the other at start; what they import on their first level is joined, up to `limit` characters
    in a module."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    groups = cut(trees, texts, roots, limit)
    hosts = [group[-1] for group in groups]
    groups += together(trees, {module for group in groups for module in group})
    joints = [(Joint(group[-1]), group) for group in groups]
    where = {module: joint for joint, modules in joints for module in modules}
    for joint, modules in joints:
        for module in modules:
            for name in _bound(trees[module].body):
                joint.name((module, name), name)
    out = {}
    for joint, modules in joints:
        for module in modules:
            joint.body += _Rewriter(module, trees, where, joint).body()
        out[joint.host] = _text([*_imports(joint), *joint.body])
    for module, tree in trees.items():
        if module not in where:
            own = Joint(module)
            own.taken = {name: (module, name) for name in _bound(tree.body)}
            body = _Rewriter(module, trees, where, own).body()
            out[module] = _text([*_imports(own), *body])
    return out, hosts


def _text(body):
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _bound(body):
    """Names that statements bind on their level, without imports."""
    found = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    found.append(inner.id)
    return found


def _imports(joint):
    """The import statements of a joint."""
    for name, thing in joint.taken.items():
        if thing[0] == "import":
            _, module, attribute = thing
            shown = None if name == (attribute or module) else name
            if attribute is None:
                yield ast.Import([ast.alias(module, shown)])
            else:
                yield ast.ImportFrom(module, [ast.alias(attribute, shown)], 0)


class _Rewriter(ast.NodeTransformer):
    """Gives the names of one module those that they have in a joint."""

    def __init__(self, module, trees, where, joint):
        self._module, self._trees, self._where, self._joint = module, trees, where, joint
        self._globals = {name: (module, name) for name in _bound(trees[module].body)}
        self._modules = {}  # local name -> module of the program
        self._locals = []  # sets of names, of the functions around

    def body(self):
        """The statements, rewritten."""
        rest = []
        for node in self._trees[self._module].body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._globals[alias.asname or alias.name] = ("import", alias.name, None)
            elif isinstance(node, ast.ImportFrom):
                self._import(node, self._globals)
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                rest.append(node)
        return [self.visit(node) for node in rest]

    def _import(self, node, names):
        for alias in node.names:
            local = alias.asname or alias.name
            inner = f"{node.module}.{alias.name}"
            if inner in self._trees:
                self._modules[local] = inner
            elif node.module in self._trees:
                names[local] = (node.module, alias.name)
            else:
                names[local] = ("import", node.module, alias.name)

    def _here(self, thing):
        """The name in this joint of a thing."""
        module, name = thing[0], thing[1]
        if module == "import":
            return self._joint.name(thing, thing[2] or name)
        there = self._where.get(module)
        if there is self._joint or module == self._joint.host:
            return self._joint.name(thing, name)
        if there is not None:
            return self._joint.name(("import", there.host, there.name(thing, name)), name)
        return self._joint.name(("import", module, name), name)

    def _is_local(self, name):
        return any(name in names for names in self._locals)

    def visit_Name(self, node):
        if not self._is_local(node.id):
            if node.id in self._globals:
                node.id = self._here(self._globals[node.id])
            elif node.id in self._modules:
                raise ValueError(f"{self._module}: {node.id} is used as an object")
        return node

    def visit_Attribute(self, node):
        value = node.value
        if isinstance(value, ast.Name) and not self._is_local(value.id):
            module = self._modules.get(value.id)
            if module is not None:
                return ast.Name(self._here((module, node.attr)), node.ctx)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node):
        if not self._locals and node.name in self._globals:
            node.name = self._here(self._globals[node.name])
        node.decorator_list = [self.visit(n) for n in node.decorator_list]
        node.args.defaults = [self.visit(n) for n in node.args.defaults]
        self._locals.append(_locals(node))
        node.body = [self.visit(n) for n in node.body]
        self._locals.pop()
        return node

    def visit_Lambda(self, node):
        node.args.defaults = [self.visit(n) for n in node.args.defaults]
        self._locals.append({arg.arg for arg in _arguments(node.args)})
        node.body = self.visit(node.body)
        self._locals.pop()
        return node

    def visit_ClassDef(self, node):
        if not self._locals and node.name in self._globals:
            node.name = self._here(self._globals[node.name])
        node.bases = [self.visit(n) for n in node.bases]
        own = set(_bound(node.body))
        body = []
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef):
                self._locals.append(set())  # a method is no global; class names stay unseen in it
                body.append(self.visit_FunctionDef(inner))
                self._locals.pop()
            else:
                self._locals.append(own)
                body.append(self.visit(inner))
                self._locals.pop()
        node.body = body
        return node

    def visit_ImportFrom(self, node):
        """Inside a function: what is joined needs no import any more, but for its module."""
        kept = []
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            there = self._where.get(inner if inner in self._trees else node.module)
            if there is None:
                kept.append(alias)
            elif inner in self._trees:
                raise ValueError(f"{self._module}: import of {inner} inside a function")
            else:
                name = there.name((node.module, alias.name), alias.name)
                shown = ast.alias(name, alias.asname or alias.name)
                return ast.ImportFrom(there.host, [shown], 0)
        return ast.ImportFrom(node.module, kept, 0)


def _arguments(args):
    extra = [a for a in (args.vararg, args.kwarg) if a is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def _locals(function):
    """Names that are local to a function."""
    found = {arg.arg for arg in _arguments(function.args)}
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.ExceptHandler) and node.name:
                found.add(node.name)
    return found
