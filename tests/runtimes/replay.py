"""Replays recorded hardware traces on any Python and compares what the firmware does.

`python -m tests.runtimes.replay NAME ...` reads NAME.in and NAME.out (see host_sim/trace_format),
builds a controller on a board that answers as recorded, and stops at the first byte that differs.
"""

import json
import sys

from firmware.controller import Controller
from firmware.parameters import Parameters, Refused
from hal import contract as c
from host_sim import trace_format as f


class Difference(Exception):
    """The firmware did something else than recorded."""


class RaisedHere(Exception):
    """The recorded call raised an ordinary exception."""


class Stopped(BaseException):
    """The recorded call ended the run of the firmware, as a reset does."""


class Tape:
    """The two streams and the position in them."""

    def __init__(self, name):
        self._files = (open(name + ".in", "rb"), open(name + ".out", "rb"))
        self.inputs = f.Reader(self._files[0])
        self._outputs = f.Reader(self._files[1])
        self.controller = None
        self.steps = 0
        self.same = 0  # bytes of NAME.out so far

    def expect(self, data, what):
        """Compare what the firmware did with the record."""
        recorded = self._outputs.bytes(len(data))
        if recorded != bytes(data):
            raise Difference(
                "step %d, byte %d, %s: recorded %r, now %r"
                % (self.steps, self.same, what, recorded, bytes(data))
            )
        self.same += len(data)

    def close(self):
        """Close both files."""
        for file in self._files:
            file.close()


class Part:
    """A part of the board; its methods are set from the table."""


def _hook(tape, code, name, argument_codes, result_code):
    def replayed(*arguments):
        out = bytearray((code,))
        f.put_arguments(out, argument_codes, arguments)
        tape.expect(out, name)
        found = tape.inputs.byte()
        while found == f.WAKE:  # an interrupt came during the call
            _wake(tape, tape.inputs.int())
            found = tape.inputs.byte()
        if found != code:
            raise Difference("step %d, %s: the record has call %d" % (tape.steps, name, found))
        mark = tape.inputs.byte()
        if mark == f.RAISED:
            raise RaisedHere(name)
        if mark == f.STOPPED:
            raise Stopped(name)
        return f.get_result(tape.inputs, result_code, arguments)

    return replayed


def board(tape, description):
    """A HAL as described in the record."""
    hal = c.Hal()
    for name in description["capabilities"]:
        value = description["capabilities"][name]
        setattr(hal.capabilities, name, tuple(value) if isinstance(value, list) else value)
    for name in description["parts"]:
        setattr(hal, name, Part())
    hal.reset_cause = description["reset_cause"]
    for code, part, method, arguments, result in f.methods():
        owner = getattr(hal, part) if part else hal
        if owner is not None:
            hook = _hook(tape, code, part + "." + method, arguments, result)
            setattr(owner, method, hook)
    if not description["brown_out"]:
        hal.brown_out = None
    hal.clock.ticks_diff = c.Clock().ticks_diff
    hal.nvm.SLOTS, hal.nvm.SIZE = description["nvm"]
    return hal


def _step(tape, now_ms):
    tape.steps += 1
    tape.expect(bytes((f.STEP,)), "step")
    try:
        due_ms = tape.controller.step(now_ms)
    except Stopped:
        return
    out = bytearray()
    f.put_int(out, due_ms)
    tape.expect(out, "result of step")


def _wake(tape, services):
    tape.expect(bytes((f.WAKE,)), "wake")
    tape.controller.wake(services)


def _shutdown(tape, _):
    tape.expect(bytes((f.SHUTDOWN,)), "shutdown")
    tape.controller.shutdown()


def _request(tape, size):
    source, kind, payload = eval(tape.inputs.bytes(size).decode())
    tape.expect(bytes((f.REQUEST,)), "request")
    try:
        tape.controller.requests.submit(source, kind, payload)
    except Refused:  # as it was when recorded, else what follows differs
        return


def _parameters(description):
    """The parameters that the controller was built with, None for its defaults."""
    if description is None:
        return None
    parameters = Parameters()
    for i in range(len(parameters.values)):
        parameters.values[i] = description["values"][i]
    parameters.texts = [text.encode() for text in description["texts"]]
    parameters.fixed = bytes(description["fixed"])
    parameters.seal()
    return parameters


def _build(tape, make, size):
    description = json.loads(tape.inputs.bytes(size).decode())
    tape.expect(bytes((f.BUILD,)), "build")
    try:
        parameters = _parameters(description["parameters"])
        tape.controller = make(board(tape, description), parameters)
    except Stopped:
        tape.controller = None


ACTIONS = {f.STEP: _step, f.WAKE: _wake, f.SHUTDOWN: _shutdown, f.REQUEST: _request}


def replay(name, make):
    """(steps, bytes compared) of a trace; raises Difference. `make(hal, parameters)` builds a
    controller."""
    tape = Tape(name)
    try:
        while True:
            code = tape.inputs.byte()
            if code == f.END:
                tape.expect(bytes((f.END,)), "end")
                return tape.steps, tape.same
            if code == f.BUILD:
                _build(tape, make, tape.inputs.int())
            elif code in ACTIONS:
                ACTIONS[code](tape, tape.inputs.int())
            else:
                raise Difference("step %d: the record has call %d" % (tape.steps, code))
    finally:
        tape.close()


def whole(hal, parameters):
    """A controller with all its services, as the simulation builds it."""
    controller = Controller(hal, parameters)
    controller.load_all()
    return controller


def main(arguments):
    """Replay the traces named with the real controller; 1 at the first difference."""
    for name in arguments:
        try:
            steps, same = replay(name, whole)
        except Difference as difference:
            print("replay %s: DIFFERS at %s" % (name, difference))
            return 1
        print("replay %s: %d bytes identical, %d steps" % (name, same, steps))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
