"""Contract checks: off at start, after a reset, by the kill line; configuration (PRT-21)."""

from hal import contract as c

OPTIONAL_SWITCHES = ("precharge", "heater", "charge_limiter", "buzzer")


def ready(bench):
    """The front end started and scanned, kill line released."""
    assert bench.hal.afe.start() is True
    if bench.hal.kill_line is not None:
        bench.hal.kill_line.set(False)
    bench.pass_ms(3 * bench.hal.capabilities.period_ms)
    return bench.hal.afe


def check_parts_present(bench):
    hal = bench.hal
    for name in ("afe", "panel", "clock", "nvm", "watchdog", "capabilities"):
        assert getattr(hal, name) is not None, name


def check_capabilities_sane(bench):
    caps = bench.hal.capabilities
    assert 10 <= caps.period_ms <= 2000
    for low, high in (caps.cells_lfp, caps.cells_li_ion, caps.cells_lto):
        assert (low, high) == (0, 0) or 3 <= low <= high <= c.MAX_CELLS
    assert caps.current_range_ma > caps.ocp_min_ma
    assert caps.ocp_min_ma < caps.ocp_max_ma


def check_mosfets_off_at_start(bench):
    afe = bench.hal.afe
    assert afe.mosfets() == 0
    assert afe.start() is True
    assert afe.mosfets() == 0
    bench.pass_ms(1000)
    assert afe.mosfets() == 0


def check_switches_off_at_start(bench):
    for name in OPTIONAL_SWITCHES:
        part = getattr(bench.hal, name)
        assert part is None or part.is_on() is False, name


def check_kill_line_asserted_at_start(bench):
    line = bench.hal.kill_line
    if line is not None:
        assert line.is_on() is True


def check_kill_line_beats_bus(bench):
    afe, line = ready(bench), bench.hal.kill_line
    if line is None:
        return
    assert afe.set_mosfets(True, True) is True
    line.set(True)
    assert afe.mosfets() == 0
    afe.set_mosfets(True, True)
    assert afe.mosfets() == 0


def check_each_mosfet_alone(bench):
    afe = ready(bench)
    for charge, discharge, bits in ((1, 0, 1), (0, 1, 2), (1, 1, 3), (0, 0, 0)):
        assert afe.set_mosfets(bool(charge), bool(discharge)) is True
        assert afe.mosfets() == bits


def check_off_after_restart(bench):
    afe = ready(bench)
    afe.set_mosfets(True, True)
    for name in OPTIONAL_SWITCHES:
        part = getattr(bench.hal, name)
        if part is not None:
            part.set(True)
    assert afe.mosfets() == 3
    bench.restart()
    assert afe.mosfets() == 0
    for name in OPTIONAL_SWITCHES:
        part = getattr(bench.hal, name)
        assert part is None or part.is_on() is False, name
    assert afe.start() is True
    if bench.hal.kill_line is not None:
        bench.hal.kill_line.set(False)
    bench.pass_ms(1000)
    assert afe.mosfets() == 0


def check_switches_follow(bench):
    for name in OPTIONAL_SWITCHES:
        part = getattr(bench.hal, name)
        if part is not None:
            part.set(True)
            assert part.is_on() is True, name
            part.set(False)
            assert part.is_on() is False, name


CHECKS = (
    check_parts_present,
    check_capabilities_sane,
    check_mosfets_off_at_start,
    check_switches_off_at_start,
    check_kill_line_asserted_at_start,
    check_kill_line_beats_bus,
    check_each_mosfet_alone,
    check_off_after_restart,
    check_switches_follow,
)
