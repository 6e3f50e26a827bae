"""Entry on a board: build the controller and run it for ever; both MOSFETs open at its end."""

from firmware.controller import Controller


def run(hal, idle, parameters=None):
    """Run until an exception, Ctrl-C or a soft reset. `idle(ms)` waits up to `ms` and returns the
    mask of services to wake (Controller.wake). Both MOSFETs are open at the end (PRT-15)."""
    controller = None
    try:
        controller = Controller(hal, parameters)
        while True:
            wait_ms = controller.step(hal.clock.ticks_ms())
            controller.wake(idle(wait_ms))
    finally:
        if controller is not None:
            controller.shutdown()
        else:
            try:
                if hal.kill_line is not None:
                    hal.kill_line.set(True)
            finally:
                hal.afe.set_mosfets(False, False)
