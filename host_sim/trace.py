"""Records everything that passes between the firmware and its hardware (CPython).

    trace = Trace("build/traces/name")    # writes name.in and name.out
    pack = SimPack(world, build=trace)    # every start of its controller is recorded
    ...
    trace.close()

What goes past the hardware (faults injected into the firmware's memory) is not in a trace.
`tests/runtimes/replay.py` runs the recorded inputs through the firmware on another Python and
compares what the firmware does, byte by byte.
"""

import json
from pathlib import Path

from host_sim import trace_format as f
from host_sim.pack import whole_controller


class _Part:
    """Stands for one part of the board; what is no recorded method is passed through."""

    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)


class _Requests:
    """Stands for controller.requests; what is submitted from outside is recorded."""

    def __init__(self, recorder, requests):
        self._recorder = recorder
        self._requests = requests

    def __getattr__(self, name):
        return getattr(self._requests, name)

    def submit(self, source, kind, payload=None):
        """Requests.submit, recorded."""
        self._recorder.text(f.REQUEST, repr((source, kind, payload)))
        return self._requests.submit(source, kind, payload)


class TracedController:
    """Stands for the controller; its steps and wake-ups are recorded."""

    def __init__(self, recorder, controller):
        self._recorder = recorder
        self._controller = controller
        self.requests = _Requests(recorder, controller.requests)

    def __getattr__(self, name):
        return getattr(self._controller, name)

    def step(self, now_ms):
        """Controller.step, recorded with its result."""
        self._recorder.mark(f.STEP, now_ms)
        due_ms = self._controller.step(now_ms)
        self._recorder.done(due_ms)
        return due_ms

    def wake(self, services):
        """Controller.wake, recorded."""
        self._recorder.mark(f.WAKE, services)
        return self._controller.wake(services)

    def shutdown(self):
        """Controller.shutdown, recorded."""
        self._recorder.mark(f.SHUTDOWN, 0)
        return self._controller.shutdown()


def _described(parameters):
    """Parameter values as the header of a trace carries them."""
    return {
        "values": list(parameters.values),
        "texts": [text.decode("ascii") for text in parameters.texts],
        "fixed": list(parameters.fixed),
    }


class Recorder:
    """A HAL that records the HAL it wraps. Absent parts (None) stay absent."""

    def __init__(self, hal, path):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._hal = hal
        self._in = open(f"{path}.in", "wb")  # noqa: SIM115 (open until close())
        self._out = open(f"{path}.out", "wb")  # noqa: SIM115
        for part, _ in f.PARTS:
            if part:
                target = getattr(hal, part)
                setattr(self, part, None if target is None else _Part(target))
        for code, part, method, arguments, result in f.methods():
            owner, target = (getattr(self, part), getattr(hal, part)) if part else (self, hal)
            call = None if owner is None else getattr(target, method)
            if owner is not None:
                hook = None if call is None else self._hook(code, call, arguments, result)
                setattr(owner, method, hook)

    def __getattr__(self, name):
        return getattr(self._hal, name)

    def _hook(self, code, call, argument_codes, result_code):
        def recorded(*arguments):
            out = bytearray((code,))
            f.put_arguments(out, argument_codes, arguments)
            self._out.write(out)
            try:
                result = call(*arguments)
            except BaseException as error:
                mark = f.RAISED if isinstance(error, Exception) else f.STOPPED
                self._in.write(bytes((code, mark)))
                raise
            got = bytearray((code, 0))
            f.put_result(got, result_code, arguments, result)
            self._in.write(got)
            return result

        return recorded

    def build(self, make, parameters=None):
        """`make(recorder, parameters)` as a traced controller: at start and after a reset."""
        board = {
            "parts": [part for part, _ in f.PARTS if part and getattr(self, part) is not None],
            "brown_out": self.brown_out is not None,
            "reset_cause": self._hal.reset_cause,
            "capabilities": vars(self._hal.capabilities),
            "nvm": [self._hal.nvm.SLOTS, self._hal.nvm.SIZE],
            "parameters": None if parameters is None else _described(parameters),
        }
        self.text(f.BUILD, json.dumps(board))
        return TracedController(self, make(self, parameters))

    def text(self, code, text):
        """Note an event with a text."""
        record = bytearray((code,))
        f.put_bytes(record, text.encode())
        self._in.write(record)
        self._out.write(bytes((code,)))

    def mark(self, code, value):
        """Note that the controller is called."""
        record = bytearray((code,))
        f.put_int(record, value)
        self._in.write(record)
        self._out.write(bytes((code,)))

    def done(self, due_ms):
        """Note what a step returned."""
        record = bytearray()
        f.put_int(record, due_ms)
        self._out.write(record)

    def close(self):
        """End the trace."""
        if not self._in.closed:
            self._in.write(bytes((f.END,)))
            self._out.write(bytes((f.END,)))
        self._in.close()
        self._out.close()


class Trace:
    """Builds recorded controllers of one pack; fits `SimPack(build=...)`."""

    def __init__(self, path):
        self._path = path
        self._recorder = None

    def __call__(self, hal, parameters):
        """The real firmware on a recorded `hal`."""
        if self._recorder is None:
            self._recorder = Recorder(hal, self._path)
        return self._recorder.build(whole_controller, parameters)

    def close(self):
        """End the trace; nothing was recorded when no controller was built."""
        if self._recorder is not None:
            self._recorder.close()
