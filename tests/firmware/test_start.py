"""The order of a start: protection first, then the services, one step a slice (PRT-15)."""

from firmware import fault_ids as f
from firmware import keeper as keeping
from firmware import requests as r
from firmware import services as sv
from firmware import state
from firmware.control.balance_limits import NO_BALANCER
from firmware.controller import SLICE_CYCLE, SLICE_SERVICE
from firmware.gauge_keeper import GAUGE
from hal import contract as c
from tests.fakes.bench import Bench

BOTH_OFF, BOTH = (False, False), (True, True)
BUILDERS = {"_panel": (sv.PANEL,), "_gauge_keeper": (sv.GAUGE,), "_charging": (sv.CHARGING,),
            "_ports": (sv.CHARGING, sv.RS485_1, sv.RS485_2, sv.RS232, sv.CAN)}  # fmt: skip


def new(**options):
    """A bench as it is right after power-on, the services not there."""
    return Bench(start=False, at_once=False, **options)


def there(b):
    """Names of the services that are."""
    return [s.name for s in b.controller.services if s.part is not None]


# req: PRT-15
def test_the_first_cycle_comes_before_any_service():
    b = new()
    assert there(b) == [] and b.hal.watchdog.started == 2_000
    b.controller.step(b.hal.clock.now)
    assert b.controller.slice == SLICE_CYCLE and b.state.system.cycles == 1
    assert there(b) == [] and b.hal.afe.starts == 1


# req: PRT-15
def test_mosfets_close_before_any_service_is_there():
    b = new()
    b.run(3, until=lambda: b.mosfets() != BOTH_OFF)
    assert b.mosfets() != BOTH_OFF and there(b) == []
    assert b.state.gauge.soc_dpct is not None and b.state.charging.ccl_ma == 0
    assert b.hal.can.sent == [] and b.hal.panel.leds == 0
    b.run(1)
    assert there(b) == list(sv.NAMES) and b.mosfets() == BOTH
    assert not b.stands("service_exception") and b.state.system.late_count == 0
    b.run(2)
    assert b.state.charging.ccl_ma > 0 and b.hal.can.sent and b.hal.panel.leds


# req: PRT-15
def test_services_come_also_where_the_gate_stays_closed():
    b = new()
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(0.9)
    assert there(b) == []
    b.run(2)
    assert there(b) == list(sv.NAMES) and b.hal.afe.mosfet_bits == 0 and b.stands("starting")


# req: PRT-15
def test_one_step_a_slice_and_cycles_in_time():
    b = new()
    before, slices = [], 0
    while there(b) != list(sv.NAMES):
        b.controller.step(b.hal.clock.now)
        b.hal.clock.advance(40 if b.controller.slice == SLICE_SERVICE else 10)
        added = [name for name in there(b) if name not in before]
        assert len(added) <= 1 and (not added or b.controller.slice == SLICE_SERVICE)
        before, slices = there(b), slices + 1
        assert slices < 1_000
    assert b.state.system.late_max_ms <= 40 and b.state.system.late_count == 0


# req: PRT-15
def test_all_at_once_gives_the_same_services():
    b = Bench(start=False)
    assert there(b) == list(sv.NAMES) and b.state.system.cycles == 0
    b.run(2)
    assert b.mosfets() == BOTH and not b.stands("service_exception")


# req: PRT-15
def test_a_service_that_cannot_be_built_is_disabled_and_nothing_else():
    for builder, lost in BUILDERS.items():
        for error in (ImportError("x"), MemoryError("x"), ValueError("x")):

            def fail(*_, error=error):
                raise error

            b = new()
            setattr(b.controller.loading, builder, fail)
            b.run(3)
            assert b.mosfets() == BOTH and b.stands("service_exception")
            assert b.state.system.service_faults == sum([1 << i for i in lost])
            assert there(b) == [sv.NAMES[i] for i in range(len(sv.NAMES)) if i not in lost]
            b.cells(3700, 1)
            b.run(1.5)
            assert b.stands("cell_ovp") and b.mosfets() == (False, True)
            b.controller.shutdown()
            assert b.mosfets() == BOTH_OFF


# req: PRT-15
def test_a_module_that_cannot_be_loaded_costs_its_service():
    for lost in (sv.PANEL, sv.GAUGE, sv.CHARGING):
        b = new()
        b.controller.loading.steps = tuple([
            (index, "firmware.nothing" if index == lost and str(what) == what else what)
            for index, what in b.controller.loading.steps
        ])  # fmt: skip
        b.run(3)
        assert b.mosfets() == BOTH and b.stands("service_exception")
        assert b.state.system.service_faults == 1 << lost
        assert b.controller.services[lost].part is None
        assert b.controller.services[lost].disabled


# req: PRT-15, SOC-01
def test_without_a_gauge_the_charge_is_unknown_and_nothing_is_asked_for():
    b = new()

    def fail():
        raise MemoryError

    b.controller.loading._gauge_keeper = fail
    b.run(3)
    assert b.stands("gauge_exception") and b.state.gauge.soc_dpct is None
    assert b.state.charging.ccl_ma == b.state.charging.dcl_ma == 0
    b.controller.control.power.off()  # saves what there is
    b.run(0.3)
    assert b.mosfets() == BOTH_OFF


# req: PRT-15
def test_a_lock_in_the_record_holds_from_the_first_cycle():
    for fault in (f.CHARGE_MOS_STUCK, f.DISCHARGE_MOS_FAILED, f.PRECHARGE_FAILED, f.TRIP_OUTPUT):
        b = new()
        b.run(12)
        b.faults.put(fault, True)
        b.run(2)
        b.boot()
        assert b.faults.stands(fault)  # before any cycle
        b.run(4, until=lambda b=b: b.mosfets() == BOTH)
        assert b.faults.stands(fault) and b.mosfets() != BOTH


# req: PRT-15
def test_a_release_that_is_not_over_holds_from_the_first_cycle():
    b = new()
    b.run(15)
    b.cells(3620, 7)
    b.run(3)
    assert b.stands("cell_ovp")
    b.cells(3500, 7)  # above the recovery: it stands on
    b.run(70)
    b.boot()
    assert b.stands("cell_ovp")
    b.run(3, until=lambda: b.mosfets()[0])
    assert b.mosfets() == (False, True)


# req: PNL-08, PRT-15
def test_the_key_at_start_is_asked_before_anything_switches():
    b = new()
    b.hal.panel.key_bits = c.KEY_ACTIVATE
    b.hal.reset_cause = c.RESET_PIN
    b.boot()
    assert b.state.power.mode == state.SAFE and there(b) == []
    b.hal.panel.key_bits = 0
    b.run(3, until=lambda: b.mosfets() != BOTH_OFF)
    assert b.mosfets() == BOTH_OFF and there(b) == list(sv.NAMES)


# req: SOC-01
def test_the_charge_goes_on_as_counted_before_the_gauge_was_there():
    b = new()
    b.run(700)
    b.controller.control.gauge.set_soc(600)
    b.controller.control.power.off()
    b.run(0.3)
    left_mah = b.state.gauge.remaining_mah
    b.hal.afe.current_ma = -360_000  # 100 mAh a second
    b.hal.afe.cell_mv[0] += 1
    b.boot()
    b.run(0.5)
    counted_mah = left_mah - b.state.gauge.remaining_mah
    b.run(0.5)
    gauge = b.controller.control.gauge
    assert gauge is not None and 10 <= counted_mah <= 60
    assert left_mah - 110 <= b.state.gauge.remaining_mah <= left_mah - counted_mah
    assert abs(gauge.fusion.mah + b.controller.control.counter.moved_mah
               - b.state.gauge.remaining_mah) <= 2  # fmt: skip


# req: SOC-01
def test_what_the_gauge_has_learned_outlives_a_start_without_it():
    b = new()
    b.run(700)
    b.controller.control.power.off()  # saves it
    b.run(0.3)
    stored = [b.hal.nvm.slots.get(slot) for slot in GAUGE]
    assert any(stored)
    b.boot()
    keeper = b.controller.loading._gauge_keeper

    def fail(*_):
        raise MemoryError

    def no_restore():
        made = keeper()
        made.restore = fail
        return made

    b.controller.loading._gauge_keeper = no_restore
    b.run(3)
    assert b.stands("gauge_exception")
    b.controller.control.power.off()
    b.run(0.3)
    assert [b.hal.nvm.slots.get(slot) for slot in GAUGE] == stored


# req: PRT-15
def test_a_program_that_hangs_while_loading_closes_the_mosfets_once():
    b = new()
    b.hal.reset_cause = c.RESET_WATCHDOG
    for attempt in range(3):  # it hangs in the first step of loading, and the watchdog bites
        b.boot()
        closed, loading = False, b.controller.loading
        while not loading._next:
            b.run(0.01)
            closed = closed or b.hal.afe.mosfet_bits != 0
        assert closed == (attempt == 0), attempt


# req: PRT-15
def test_without_what_restores_the_record_nothing_starts():
    b = new()
    b.run(12)
    call = keeping.call
    for error in (ImportError, MemoryError):

        def fail(*_, error=error):
            raise error

        keeping.call = fail
        try:
            b.boot()
            raise AssertionError("it started without the locks")
        except error:
            assert b.hal.afe.mosfet_bits == 0
        finally:
            keeping.call = call


# req: PRT-15, SOC-01
def test_a_board_without_balancer_goes_on_with_the_record_of_one_that_had_it():
    b = new()
    b.run(700)
    b.controller.control.gauge.set_soc(420)
    b.controller.control.power.off()  # stores it, with the balancer's part
    b.run(0.3)
    b.hal.balancer = None
    b.boot()
    b.run(3)
    control = b.controller.control
    assert control.balancing is None and b.state.balance.reason == NO_BALANCER
    assert 415 <= b.state.gauge.soc_dpct <= 425 and not b.stands("storage")
    b.requests.submit(r.CONSOLE, r.TEST_LEADS, None)
    control.power.off()  # and stores its own, which is shorter
    b.run(0.3)
    b.boot()
    b.run(3)
    assert 415 <= b.state.gauge.soc_dpct <= 425 and not b.stands("storage")
    assert b.mosfets() == BOTH and not b.stands("gauge_exception")
