"""Faults on the command line: `NAME[:KEY=VALUE[,KEY=VALUE]]@SECONDS`, and the list of names."""

import argparse

from host_sim import injection

WRONG = (TypeError, LookupError, AttributeError)  # what bad arguments raise


class FaultOrder:
    """A fault to inject at a simulated time. ValueError when the text does not name one."""

    def __init__(self, text):
        self.text = text
        what, at, seconds = text.rpartition("@")
        if not at:
            raise ValueError(f"{text!r} has no time; write NAME@SECONDS")
        try:
            self.at_us = round(float(seconds) * 1_000_000)
        except (ValueError, OverflowError):
            raise ValueError(f"{seconds!r} is not a time in seconds") from None
        if self.at_us < 0:
            raise ValueError(f"{seconds} s lies before the start")
        self.name, _, rest = what.partition(":")
        if self.name not in injection.FAULTS:
            raise ValueError(
                f"unknown fault {self.name!r}; `python -m host_sim faults` lists them: "
                + ", ".join(sorted(injection.FAULTS))
            )
        self.arguments = dict(_pair(part) for part in rest.split(",") if part)

    def apply(self, pack):
        """Inject it now; ValueError when the arguments do not fit the fault or the pack."""
        try:
            pack.inject(self.name, **self.arguments)
        except ValueError as error:
            raise ValueError(f"{self.text}: {error}") from None
        except WRONG as error:
            about = injection.FAULTS[self.name][0]
            raise ValueError(f"{self.text}: {error} ({about})") from None


def _pair(part):
    key, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} is not KEY=VALUE")
    return key.strip(), _value(value.strip())


def _value(text):
    """A number, a truth value or a word."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def main(arguments):
    """Print every fault with what it does."""
    parser = argparse.ArgumentParser(
        prog="python -m host_sim faults", description="List the faults that can be injected."
    )
    parser.parse_args(arguments)
    rows = injection.names()
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")
    print(
        '\nmake run ARGS="--fault open_wire:cell=3@10" injects one after 10 s; cell 0 is the first'
    )
    return 0
