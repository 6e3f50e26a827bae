"""Statements of a function without `return`, so that they can stand amid those of another."""

import ast


class Refused(Exception):
    """A function cannot stand in its caller as it is."""


def without_returns(body, finish):
    """Statements that do the same and come to their end instead of returning; `finish(value)`
    makes the statements for a result. Refused when they return out of a loop or a try."""
    out = []
    for place, node in enumerate(body):
        if isinstance(node, ast.Return):
            return out + finish(node.value or ast.Constant(None))
        if not returns(node):
            out.append(node)
            continue
        rest = body[place + 1 :]
        over = isinstance(node, ast.If) and (ends(node.body), ends(node.orelse), not rest)
        if not over or not any(over):
            raise Refused("a return in the middle")
        then = without_returns(node.body + ([] if over[0] else rest), finish)
        other = without_returns(node.orelse + (rest if over[0] else []), finish)
        return [*out, _choice(node.test, effective(then), effective(other))]
    return [*out, *([] if ends(out) else finish(ast.Constant(None)))]


def _choice(test, then, other):
    """An `if`; without what does nothing."""
    if not then and other:
        is_not = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        test, then, other = test.operand if is_not else ast.UnaryOp(ast.Not(), test), other, []
    return ast.If(test, then or [ast.Pass()], other)


def effective(body):
    """Statements that do something."""
    return [node for node in body if not is_idle(node)]


def is_idle(node):
    """True for a docstring, a constant nobody takes, `pass`."""
    idle = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return idle or isinstance(node, ast.Pass)


def ends(body):
    """True when nothing behind these statements is reached."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    return isinstance(last, ast.Return | ast.Raise)


def returns(node):
    """True for a statement with a `return` in it."""
    return any(isinstance(n, ast.Return) for n in ast.walk(node))
