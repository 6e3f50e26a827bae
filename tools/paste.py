"""Puts the body of a function where it is called (tools/one_caller.py says which).

Arguments become variables first, in their order, unless they are constants or variables that the
body does not change. Variables of the body get names that the caller does not have. A call within
an expression moves before its statement only if nothing that matters is evaluated before it.
"""

import ast
import copy

from tools.returns import Refused, effective, ends, is_idle, returns, without_returns

FUNCTIONS = ast.FunctionDef | ast.Lambda
SCOPES = FUNCTIONS | ast.ClassDef | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# what a body must not have: functions that keep its variables, another way to run, other names
FOREIGN = (SCOPES | ast.Yield | ast.YieldFrom | ast.Await | ast.Global | ast.Nonlocal | ast.Import
           | ast.ImportFrom | ast.NamedExpr)  # fmt: skip
# what is evaluated of a node, in order, up to where it may end
OPERANDS = {
    ast.Expr: lambda n: [n.value],
    ast.Assign: lambda n: [n.value],
    ast.AugAssign: lambda n: [n.value] if isinstance(n.target, ast.Name) else [],
    ast.Return: lambda n: [n.value],
    ast.If: lambda n: [n.test],
    ast.For: lambda n: [n.iter],
    ast.UnaryOp: lambda n: [n.operand],
    ast.BoolOp: lambda n: n.values[:1],
    ast.IfExp: lambda n: [n.test],
    ast.BinOp: lambda n: [n.left, n.right],
    ast.Compare: lambda n: [n.left, n.comparators[0]],
    ast.Call: lambda n: [n.func, *n.args],
    ast.Attribute: lambda n: [n.value],
    ast.Subscript: lambda n: [n.value, n.slice],
    ast.Tuple: lambda n: n.elts,
}


def pasted(caller, callee, this):
    """A copy of `caller` with the body of `callee` in place of the call of it, None when they
    would not do exactly the same. `this`: what a caller that calls a method of its own calls its
    object, else None."""
    new = copy.deepcopy(caller)
    try:
        for block in _blocks(new):
            for place, statement in enumerate(block):
                for node in own_nodes(statement, ast.stmt):
                    if isinstance(node, ast.Call) and _name(node, this) == callee.name:
                        block[place : place + 1] = _Paste(new, callee, this).at(statement, node)
                        return new
    except Refused:
        pass
    return None


def own_nodes(node, end=()):
    """Nodes below one that run with it: not those of functions that it makes, nor behind `end`."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, SCOPES) and not isinstance(child, end):
            yield child
            yield from own_nodes(child, end)


def _blocks(function):
    """Lists of statements of a function."""
    yield function.body
    for node in own_nodes(function):
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                yield getattr(node, field)


def _name(call, this):
    """Name of what is called: of the object `this`, or of no object."""
    if this is None:
        return getattr(call.func, "id", None)
    is_own = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == this
    return call.func.attr if is_own else None


class _Paste:
    """One body for one caller."""

    def __init__(self, caller, callee, this):
        if callee.decorator_list or any(isinstance(n, FOREIGN) for n in _below(callee)):
            raise Refused("not a plain function")
        self._parameters = [a.arg for a in callee.args.args]
        extra = {n.arg for n in ast.walk(callee.args) if isinstance(n, ast.arg)}
        if extra - set(self._parameters):
            raise Refused("other parameters")
        body = [n for n in callee.body if not is_idle(n)]
        self._body = copy.deepcopy(body)
        self._stored = stored(ast.Module(self._body, []))
        self._new = {}  # name in the callee: what stands for it, an expression
        if this is not None:
            own = self._parameters.pop(0)
            if own in self._stored:
                raise Refused("its object changes")
            self._new[own] = ast.Name(this, ast.Load())
        outer = _names(ast.Module(body, [])) - self._stored - {a.arg for a in callee.args.args}
        local = stored(caller) | {a.arg for a in ast.walk(caller) if isinstance(a, ast.arg)}
        if outer & local or "super" in outer:
            raise Refused("a name means something else in the caller")
        self._local = local
        self._taken = _names(caller) | outer

    def at(self, statement, call):
        """Statements in place of one with a call."""
        several = any(isinstance(value, ast.Starred) for value in call.args)
        if call.keywords or several or len(call.args) != len(self._parameters):
            raise Refused("other arguments")
        only = self._body[0] if len(self._body) == 1 else None
        if isinstance(only, ast.Return) and only.value and all(map(self._is_simple, call.args)):
            self._arguments(call)
            return [_exchanged(statement, call, self._renamed([only])[0].value)]
        if call not in _evaluated_first(statement):
            raise Refused("something is evaluated before it")
        first = self._arguments(call)
        for name in sorted(self._stored - set(self._new)):
            self._new[name] = ast.Name(self._fresh(name), ast.Load())
        return [*first, *self._ended(statement, call)] or [ast.Pass()]

    def _ended(self, statement, call):
        """The body, and the statement with its result."""
        direct = getattr(statement, "value", None) is call
        if direct and isinstance(statement, ast.Return):
            body = self._renamed(self._body)
            return body if ends(body) else [*body, ast.Return(ast.Constant(None))]
        if direct and isinstance(statement, ast.Expr):
            body = without_returns(self._body, lambda value: [ast.Expr(value)])
            return self._renamed(effective(body))
        *body, last = self._body or [ast.Return(None)]
        if isinstance(last, ast.Return) and not any(map(returns, body)):
            (last,) = self._renamed([ast.Return(last.value or ast.Constant(None))])
            return [*self._renamed(body), _exchanged(statement, call, last.value)]
        if direct and isinstance(statement, ast.Assign) and _is_variable(statement):
            self._new["="] = statement.targets[0]
            rest = []
        else:
            self._new["="] = ast.Name(self._fresh("result"), ast.Load())
            rest = [_exchanged(statement, call, copy.deepcopy(self._new["="]))]
        given = without_returns(
            self._body, lambda value: [ast.Assign([ast.Name("=", ast.Store())], value)]
        )
        return [*self._renamed(given), *rest]

    def _arguments(self, call):
        """Let parameters stand for arguments; statements for those that need a variable."""
        first = []
        for name, value in zip(self._parameters, call.args, strict=True):
            if self._is_simple(value) and name not in self._stored:
                self._new[name] = value
            else:
                self._new[name] = ast.Name(self._fresh(name), ast.Load())
                first.append(ast.Assign([ast.Name(self._new[name].id, ast.Store())], value))
        return first

    def _is_simple(self, value):
        """True for a constant or a variable of the caller."""
        number = value.operand if isinstance(value, ast.UnaryOp) else value
        return isinstance(number, ast.Constant) or getattr(value, "id", None) in self._local

    def _fresh(self, name):
        """A name for a variable that the caller does not have."""
        wanted, n = name, 2
        while wanted in self._taken:
            wanted, n = f"{name}_{n}", n + 1
        self._taken.add(wanted)
        return wanted

    def _renamed(self, body):
        return [Renamer(self._new).visit(copy.deepcopy(node)) for node in body]


class Renamer(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, new):
        self._new = new

    def visit_Name(self, node):
        if node.id not in self._new:
            return node
        new = copy.deepcopy(self._new[node.id])
        if isinstance(new, ast.Name):
            new.ctx = node.ctx
        return new

    def visit_ExceptHandler(self, node):
        if node.name in self._new:
            node.name = self._new[node.name].id
        return self.generic_visit(node)


class _Exchange(ast.NodeTransformer):
    def __init__(self, old, new):
        self._old, self._new = old, new

    def visit(self, node):
        return self._new if node is self._old else self.generic_visit(node)


def _exchanged(statement, old, new):
    return _Exchange(old, new).visit(statement)


def _evaluated_first(statement):
    """Expressions of a statement before which nothing is evaluated but names and constants."""
    node = statement
    while node is not None:
        yield node
        operands = OPERANDS.get(type(node), lambda _: [])(node)
        node = next((n for n in operands if not isinstance(n, ast.Name | ast.Constant)), None)


def _is_variable(statement):
    return len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)


def _below(function):
    return (node for part in function.body for node in ast.walk(part))


def _names(node):
    """All names in a piece of code."""
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)} | stored(node)


def stored(node):
    """Names that a piece of code gives."""
    naming = ast.ExceptHandler | ast.FunctionDef | ast.ClassDef
    found = {n.name for n in ast.walk(node) if isinstance(n, naming)}
    for alias in (n for n in ast.walk(node) if isinstance(n, ast.alias)):
        found.add((alias.asname or alias.name).split(".")[0])
    found |= {n.id for n in ast.walk(node)
              if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}  # fmt: skip
    return found - {None}
