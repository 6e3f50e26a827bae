"""Kinds of values in a scenario file: what is allowed, in words, and a test of a value."""

import math


class Malformed(ValueError):
    """The scenario file is wrong; the text says where and what is allowed."""


def is_number(value):
    """A finite integer or float; TOML also knows booleans, nan and inf."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _list_of(test):
    return lambda value: isinstance(value, list) and all(test(item) for item in value)


def _span(value):
    numbers = isinstance(value, list) and len(value) == 2 and all(is_number(v) for v in value)
    return numbers and 0 <= value[0] <= value[1]


NUMBER = ("a number", is_number)
POSITIVE = ("a number above 0", lambda value: is_number(value) and value > 0)
TIME = ("a time in seconds, 0 or more", lambda value: is_number(value) and value >= 0)
WHOLE = ("a whole number", _whole)
COUNT = ("a whole number, 0 or more", lambda value: _whole(value) and value >= 0)
ADDRESS = ("an address 0..15", lambda value: _whole(value) and 0 <= value <= 15)
TEXT = ("a text", lambda value: isinstance(value, str))
TEXTS = ("a list of texts", _list_of(TEXT[1]))
NUMBERS = ("a list of numbers", _list_of(is_number))
FLAG = ("true or false", lambda value: isinstance(value, bool))
TABLE = ("a table", lambda value: isinstance(value, dict))
TABLES = ("tables in double brackets", _list_of(TABLE[1]))
SPAN = ("[begin, end] in seconds, begin not behind end", _span)
SCALAR = ("a number, a text, true or false", lambda value: isinstance(value, bool | int | str))


def one_of(words):
    """The kind "one of these texts"."""
    words = tuple(words)
    return (f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


def check(table, kinds, required, where):
    """Malformed unless every key of `table` is known, of its kind, and none is missing."""
    for key, value in table.items():
        if key not in kinds:
            allowed = ", ".join(sorted(kinds)) or "none"
            raise Malformed(f"{where}: unknown key {key!r}; allowed: {allowed}")
        wanted, test = kinds[key]
        if not test(value):
            raise Malformed(f"{where}: {key} = {value!r} must be {wanted}")
    for key in required:
        if key not in table:
            raise Malformed(f"{where}: {key} is missing")
