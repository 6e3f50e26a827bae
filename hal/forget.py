"""Gives back the memory of what only builds objects, once all of them are built.

On a board whose code lies in RAM the constructors take 12 kB. Behind the start nothing makes an
object any more but protocols, when a port is set to another one, and exceptions.
"""

PROGRAM = ("firmware", "hal", "boards")
PROTOCOLS = "firmware.protocols"


def forget_constructors(modules):
    """`modules`: sys.modules. There can be no second pack in the same program."""
    for name in modules:
        if name.split(".")[0] in PROGRAM and not name.startswith(PROTOCOLS):
            _forget(modules[name])
    _leave(modules)


def _forget(module):
    for name in dir(module):
        kind = getattr(module, name)
        if type(kind) is type and not issubclass(kind, Exception) and "__init__" in kind.__dict__:
            kind.__init__ = None  # MicroPython keeps the code of what is deleted


def _leave(modules):
    """This module was needed once."""
    package, _, name = __name__.rpartition(".")
    if __name__ in modules:
        del modules[__name__]
        delattr(modules[package], name)
