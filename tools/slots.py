"""Lets variables of a function share a name where their values are never needed at the same time.

MicroPython gives each name of a function a word of its own. Up to FRAME words lie on the C stack;
for more it looks for a place on the heap, which is slow. `shared` follows a function backwards and
notes whose value is still needed where another one is given; names that never meet like this
become one. An exception, and a way out through `finally`, may come anywhere in a `try`.
"""

import ast
import copy

from tools.frame import frame
from tools.paste import FOREIGN, Renamer, stored

FRAME = 11  # words
FEW = 4  # names; a function with no more is not looked at


def on_stack(texts):
    """{module: source}: names shared in functions whose variables do not lie on the stack."""
    trees = {module: ast.parse(text) for module, text in texts.items()}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef):
                node.body = [_on_stack(n) if _is_large(n) else n for n in node.body]
    return {module: ast.unparse(ast.fix_missing_locations(t)) for module, t in trees.items()}


def _is_large(node):
    """True for a function in Python with many names."""
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    return len(stored(node)) + len(node.args.args) > FEW


def _on_stack(function):
    if words(function) <= FRAME:
        return function
    return min(function, shared(function), key=words)


def words(function):
    """Words that MicroPython needs to run a function."""
    bare = ast.FunctionDef(function.name, function.args, function.body, [])
    return frame(ast.unparse(ast.fix_missing_locations(bare)))


def shared(function):
    """A copy of a function with as few variables as this takes; itself when it is not plain."""
    below = [node for part in function.body for node in ast.walk(part)]
    if any(isinstance(node, FOREIGN | ast.AnnAssign | ast.Match) for node in below):
        return function
    given = [a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)]
    own = stored(ast.Module(function.body, [])) - set(given)
    flow = _Flow(own | set(given))
    flow.before(function.body, set())
    order = [node.id for node in below if isinstance(node, ast.Name) and node.id in own]
    order += sorted(own)  # those that only an `except` names
    new = copy.deepcopy(function)
    names = {name: ast.Name(word) for name, word in flow.words(given[1:], order).items()}
    new.body = [Renamer(names).visit(node) for node in new.body]
    return new


class _Flow:
    """Which names are needed where; which meet."""

    def __init__(self, names):
        self._names = names
        self._meets = {name: set() for name in names}
        self._urgent = set()  # needed wherever an exception leads
        self._loops = []  # (needed at `continue`, needed at `break`)

    def words(self, free, order):
        """{name: the one that stands for it}, of those in `order`; `free` are given already."""
        groups = {name: {name} for name in free}
        found = {}
        for name in dict.fromkeys(order):
            fitting = (word for word, group in groups.items() if not self._meets[name] & group)
            found[name] = word = next(fitting, name)
            groups.setdefault(word, set()).add(name)
        return found

    def _meet(self, name, others):
        """A name gets a value while those of others are needed."""
        for other in others - {name}:
            self._meets[name].add(other)
            self._meets[other].add(name)

    def before(self, body, after):
        """Names whose values are needed before statements, of those needed behind them."""
        needed = after | self._urgent
        for node in reversed(body):
            needed = self._statement(node, needed) | self._urgent
        return needed

    def _statement(self, node, after):
        kind = getattr(self, f"_{type(node).__name__}", None)
        return kind(node, after) if kind else after | self._uses(node)

    def _uses(self, *nodes):
        below = (n for node in nodes if node is not None for n in ast.walk(node))
        return {n.id for n in below if isinstance(n, ast.Name)} & self._names

    def _give(self, target, after):
        """Before a value is stored."""
        if isinstance(target, ast.Name):
            self._meet(target.id, after)
            return after - {target.id}
        if isinstance(target, ast.Tuple | ast.List):
            for part in reversed(target.elts):
                after = self._give(part, after)
            return after
        if isinstance(target, ast.Starred):
            return self._give(target.value, after)
        return after | self._uses(target)

    def _Assign(self, node, after):
        for target in reversed(node.targets):
            after = self._give(target, after)
        return after | self._uses(node.value)

    def _AugAssign(self, node, after):
        return self._give(node.target, after) | self._uses(node.target, node.value)

    def _Delete(self, node, after):
        for target in reversed(node.targets):
            after = self._give(target, after) | self._uses(target)
        return after

    def _Return(self, node, _):
        return self._uses(node.value)

    def _Raise(self, node, _):
        return self._uses(node)

    def _Break(self, _, __):
        return self._loops[-1][1]

    def _Continue(self, _, __):
        return self._loops[-1][0]

    def _If(self, node, after):
        both = self.before(node.body, after) | self.before(node.orelse, after)
        return both | self._uses(node.test)

    def _While(self, node, after):
        return self._loop(node, after, lambda inside: inside | self._uses(node.test))

    def _For(self, node, after):
        head = self._loop(node, after, lambda inside: self._give(node.target, inside))
        return head | self._uses(node.iter)

    def _loop(self, node, after, entered):
        behind = self.before(node.orelse, after)
        head = None
        new = behind
        while new != head:
            head = new
            self._loops.append((head, after))
            new = head | entered(self.before(node.body, head))
            self._loops.pop()
        return head

    def _Try(self, node, after):
        outer = self._urgent
        if node.finalbody:
            after = self.before(node.finalbody, after.union(*self._elsewhere()))
            self._urgent = outer | after
        handled = set().union(*(self._handler(handler, after) for handler in node.handlers))
        behind = self.before(node.orelse, after)
        self._urgent = self._urgent | handled
        needed = self.before(node.body, behind)
        self._urgent = outer
        return needed

    def _handler(self, node, after):
        """MicroPython deletes the name of an exception however the handler ends."""
        if node.name:
            self._meet(node.name, after.union(self._urgent, *self._elsewhere()))
        needed = self.before(node.body, after)
        if node.name:
            needed = self._give(ast.Name(node.name), needed)
        return needed | self._uses(node.type)

    def _With(self, node, after):
        outer = self._urgent
        self._urgent = outer | after  # it may swallow an exception
        needed = self.before(node.body, after)
        self._urgent = outer
        for item in reversed(node.items):
            if item.optional_vars is not None:
                needed = self._give(item.optional_vars, needed)
            needed = needed | self._uses(item.context_expr)
        return needed

    def _elsewhere(self):
        """What is needed where a loop around goes on or ends."""
        return [names for loop in self._loops for names in loop]
