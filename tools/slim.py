"""Says the same to the compiler in a way that takes less of a board's heap.

* An instruction carries the number of a name in its file in one byte up to 127, else in two.
  Numbers are given in the order in which names appear; `slim` lets the commonest appear first, in
  a statement that is never reached and that the compiler leaves out.
* `a, b = (c, d)`, as `ast.unparse` writes it, makes a tuple on the heap; `a, b = c, d` does not.
* Each class has two names that MicroPython never looks at (`__module__`, `__qualname__`).
"""

import ast
from collections import Counter

SHORT = 128
UNUSED = "del __module__, __qualname__"


def slim(text):
    """A source of the image, of which every name is final."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.body[:0] = ast.parse(UNUSED).body
    names = [name for name, _ in _uses(tree).most_common(SHORT - 1)]
    first = ast.parse(f"while True:\n    break\n    {'.'.join(['__name__', *names])}").body
    return _bare(ast.unparse(ast.fix_missing_locations(ast.Module(first + tree.body, []))))


def _bare(text):
    """Without the parentheses around the tuple that is assigned."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and isinstance(value, ast.Tuple) and value.elts:
            line = lines[value.lineno - 1].encode()
            inner = line[value.col_offset + 1 : value.end_col_offset - 1]
            lines[value.lineno - 1] = (line[: value.col_offset] + inner).decode()
    return "\n".join(lines) + "\n"


def _uses(tree):
    """How often the code that stays (that of functions) says each name."""
    found = Counter()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        local = {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
        local |= {n.id for n in ast.walk(function) if _is_stored(n)}
        local -= {
            name for n in ast.walk(function) if isinstance(n, ast.Global) for name in n.names
        }
        found.update([function.name, *(n.arg for n in function.args.args)])
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                found[node.attr] += 1
            elif isinstance(node, ast.Name) and node.id not in local:
                found[node.id] += 1
    return found


def _is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
