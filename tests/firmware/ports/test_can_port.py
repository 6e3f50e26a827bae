"""The CAN port: periods, spreading, priority, silence, bus-off, floods, foreign senders."""

from firmware import fault_ids as f
from firmware import parameter_ids as ids
from hal.parts import Can
from tests.fakes.bench import Bench

PYLONTECH = (0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E)
KEEP_ALIVE = (0x305, False, bytes(8))
STEP_S = 0.01


class CanBench(Bench):
    """A controller with one CAN protocol; `sent` are (ms, id, data) since the last call."""

    def __init__(self, number=2, **changes):
        values = {ids.CAN_PROTOCOL: number}
        for name, value in changes.items():
            values[getattr(ids, name.upper())] = value
        Bench.__init__(self, changes=values)
        self.can = self.hal.can
        self.port = self.controller.ports[3][1].port
        self.ms = 0
        self.run(2)
        self.can.sent = []

    def listen(self, seconds, alive=False):
        """[(ms, id, data)] of the frames sent in this time; with the inverter's keep-alive."""
        heard = []
        for _ in range(round(seconds / STEP_S)):
            if alive and self.ms % 1000 == 0:
                self.can.received.append(KEEP_ALIVE)
            self.run(STEP_S)
            self.ms += round(STEP_S * 1000)
            for id, _, data in self.can.sent:
                heard.append((self.ms, id, data))
            self.can.sent = []
        return heard

    def stands(self, fault):
        return self.controller.faults.stands(fault)


def times(heard, id):
    return [ms for ms, other, _ in heard if other == id]


# req: COM-03, COM-04
def test_every_frame_keeps_its_period():
    b = CanBench()
    assert b.can.bitrate == 500_000
    heard = b.listen(10)
    for id in PYLONTECH:
        at = times(heard, id)
        assert len(at) == 10
        for i in range(1, len(at)):
            assert 900 <= at[i] - at[i - 1] <= 1100


# req: COM-04
def test_a_set_is_spread_over_its_period():
    heard = CanBench().listen(1)
    at = [ms for ms, _, _ in heard]
    assert len(at) == 6
    for i in range(1, len(at)):
        assert at[i] - at[i - 1] >= 100


# req: COM-04
def test_periods_hold_while_the_cpu_is_late():
    b = CanBench()
    at = []
    for second in range(20):
        b.hal.clock.advance(70)  # somebody took the CPU
        at += [second * 1000 + ms % 1000 for ms in times(b.listen(0.93), 0x351)]
    assert len(at) == 20


# req: PRT-25
def test_a_direction_taken_away_is_told_at_once():
    b = CanBench()
    b.run(8)
    assert b.controller.state.charging.charge_enable
    b.can.sent = []
    b.hal.afe.cell_mv[2] = 3700
    told = None
    for _ in range(40):
        for ms, id, data in b.listen(STEP_S):
            if id == 0x35C and not data[0] & 0x80 and told is None:
                told = ms
        if told is None and b.stands(f.CELL_OVP):
            told = b.ms + 1_000_000
    assert told is not None and told < 1_000_000  # before the MOSFET opens


# req: COM-10
def test_an_inverter_that_was_heard_and_is_gone_is_a_warning():
    b = CanBench()
    b.listen(40)
    assert not b.stands(f.INVERTER_SILENT)  # never heard: nothing is connected
    b.listen(5, alive=True)
    b.listen(28)
    assert not b.stands(f.INVERTER_SILENT)
    assert times(b.listen(4), 0x351)  # sets go on
    assert b.stands(f.INVERTER_SILENT)
    assert b.controller.state.charging.ccl_ma > 0
    b.listen(2, alive=True)
    assert not b.stands(f.INVERTER_SILENT)


# req: COM-10
def test_limits_go_down_a_ramp_without_the_inverter_where_the_setting_says_so():
    b = CanBench(inverter_silence_s=5, inverter_silent_stop=1)
    b.listen(10, alive=True)
    out = b.controller.state.charging
    before = out.ccl_ma
    assert before > 0 and out.dcl_ma > 0
    b.listen(5)
    falling = []
    while out.ccl_ma or out.dcl_ma:
        falling.append(out.ccl_ma)
        b.listen(1)
        assert len(falling) < 300
    assert len(set(falling)) >= 3  # no step
    assert b.controller.state.mosfets.charge
    b.listen(60, alive=True)
    assert out.ccl_ma > 0


# req: COM-10
def test_zero_seconds_of_silence_never_warn():
    b = CanBench(inverter_silence_s=0)
    b.listen(2, alive=True)
    b.listen(60)
    assert not b.stands(f.INVERTER_SILENT)


# req: COM-10
def test_a_set_that_needs_no_keep_alive_is_silent_when_nobody_acknowledges():
    b = CanBench(2)
    b.port.protocol.silence_matters = False
    b.listen(12)
    assert not b.stands(f.INVERTER_SILENT)
    b.can.bus_state = Can.PASSIVE
    b.can.full = True
    b.listen(32)
    assert b.stands(f.INVERTER_SILENT)
    assert b.port.counters.passives == 1
    b.can.bus_state = Can.ACTIVE
    b.can.full = False
    b.listen(12)
    assert not b.stands(f.INVERTER_SILENT)


# req: COM-03
def test_what_could_not_be_sent_in_time_is_dropped_and_not_sent_late():
    b = CanBench()
    b.can.full = True
    b.listen(5)
    assert b.port.counters.dropped >= 20
    b.can.full = False
    heard = b.listen(0.3)
    assert len(heard) <= 3  # no burst of old frames
    assert len(b.listen(1)) == 6


# req: HAL-01
def test_bus_off_is_a_fault_and_is_left_with_growing_patience():
    b = CanBench()
    tries = []

    def restart():
        tries.append(b.ms)

    b.can.restart = restart
    b.can.bus_state = Can.BUS_OFF
    b.can.sent = []
    assert not b.listen(20)
    assert b.stands(f.CAN_BUS_OFF)
    waits = [tries[i] - tries[i - 1] for i in range(1, len(tries))]
    assert tries[0] <= 400 and waits[0] <= 300
    assert waits[-1] >= 4_900 and sorted(waits) == waits
    assert b.controller.state.link.can_state == Can.BUS_OFF
    b.can.bus_state = Can.ACTIVE
    heard = b.listen(1.2)
    assert 5 <= len(heard) <= 8  # none of those of the time before
    b.listen(2)
    assert not b.stands(f.CAN_BUS_OFF)
    assert b.port.counters.bus_offs == 1


# req: HAL-01
def test_a_bus_that_nobody_uses_any_more_has_no_fault():
    b = CanBench()
    b.can.bus_state = Can.BUS_OFF
    b.listen(2)
    assert b.stands(f.CAN_BUS_OFF)
    b.port.select(None)
    b.listen(1)
    assert not b.stands(f.CAN_BUS_OFF)
    assert b.controller.state.link.can_state == Can.ACTIVE


# req: HAL-01
def test_a_bus_that_falls_off_again_and_again_is_not_hammered():
    b = CanBench()
    for _ in range(200):
        if b.can.bus_state == Can.ACTIVE:
            b.listen(0.1)
            b.can.bus_state = Can.BUS_OFF
        b.listen(0.2)
    assert b.can.restarts < 30
    assert b.stands(f.CAN_BUS_OFF)


# req: COM-09
def test_a_flood_of_foreign_frames_does_not_stop_the_set_nor_the_cycle():
    b = CanBench()
    cycles = b.controller.state.system.cycles
    heard = []
    for _ in range(500):
        b.can.received.extend([(0x123, False, b"\x01\x02\x03")] * 20)
        heard += b.listen(STEP_S)
    assert len(times(heard, 0x351)) == 5
    assert b.controller.state.system.cycles - cycles >= 49
    assert b.port.counters.foreign >= 9_800
    assert b.controller.state.link.can_load_permille > 300


# req: COM-16
def test_another_sender_of_our_identifiers_silences_us_for_a_minute():
    b = CanBench()
    b.listen(1, alive=True)
    b.can.received.append((0x356, False, bytes(8)))
    b.listen(0.2)
    assert b.stands(f.CAN_CONFLICT)
    assert not b.listen(55)
    heard = b.listen(10)
    assert heard and b.stands(f.CAN_CONFLICT)  # the other one may begin again, too
    b.listen(10)
    assert not b.stands(f.CAN_CONFLICT) and b.port.counters.conflicts == 1


# req: COM-16
def test_the_silence_doubles_while_the_other_sender_is_there():
    b = CanBench()
    pauses = []
    for _ in range(2):
        b.can.received.append((0x356, False, bytes(8)))
        b.run(0.2)
        b.can.sent = []
        silent_s = 0
        while not b.can.sent:
            b.run(1)
            silent_s += 1
        assert b.stands(f.CAN_CONFLICT)
        pauses.append(silent_s)
    for i, pause in enumerate((60, 120)):
        assert pause - 2 <= pauses[i] <= pause + 2
    b.run(12)
    b.can.received.append((0x356, False, bytes(8)))
    b.run(0.2)
    b.can.sent = []
    b.run(62)
    assert b.can.sent  # it was alone for a while: a short silence again


# req: COM-16
def test_the_same_number_as_a_29_bit_identifier_is_another_one():
    b = CanBench()
    b.can.received.append((0x356, True, bytes(8)))
    b.listen(0.2)
    assert not b.stands(f.CAN_CONFLICT)
    assert b.port.counters.foreign == 1


# req: COM-04
def test_a_changed_setting_changes_protocol_and_rate():
    b = CanBench()
    b.parameters.apply({ids.CAN_PROTOCOL: 0})
    b.listen(1)
    assert b.can.bitrate == 250_000
    assert times(b.listen(1), 0x2F4)
    b.parameters.apply({ids.CAN_PROTOCOL: 99})  # there is none: better nothing than another
    b.listen(0.2)
    assert b.stands(f.PROTOCOL_UNAVAILABLE)
    assert not b.listen(3)


# req: COM-03
def test_fast_frames_keep_their_mean_period():
    b = CanBench(0)
    assert 240 <= len(times(b.listen(5), 0x2F4)) <= 260


# req: COM-06
def test_the_bus_load_is_what_the_frames_weigh():
    b = CanBench()
    b.listen(3)
    load = b.controller.state.link.can_load_permille
    # 6 frames of 111 bits and a tenth in a second of 500 000 bits
    assert load <= 2


# req: COM-04
def test_nothing_is_sent_before_the_pack_is_measured():
    b = CanBench()
    b.hal.afe.read_result = 1  # no acknowledge
    b.boot()
    b.can.sent = []
    b.run(4.9)
    assert not b.can.sent
    b.run(2)  # it cannot measure: that is said in the end, with nothing allowed
    assert (0x35C, False, bytes(8)) in b.can.sent
    b = CanBench()
    b.boot()
    b.can.sent = []
    b.run(0.4)
    assert b.can.sent


# req: COM-04
def test_an_inverter_that_asks_gets_one_set_for_each_question():
    b = CanBench(3)  # Growatt
    for _ in range(3):
        b.can.received.append((0x301, False, bytes(8)))
        heard = b.listen(1)
    assert len(times(heard, 0x311)) == 1 and times(heard, 0x311)[0] - b.ms <= -960
    b.can.received.append((0x301, False, bytes(8)))
    b.listen(3)  # nobody asks any more: by the clock again
    heard = b.listen(10)
    assert len(times(heard, 0x311)) == 10
    assert len({ms % 1000 for ms, _, _ in heard}) >= 9


# req: COM-04
def test_an_answer_outlasts_full_buffers_for_a_moment():
    b = CanBench(5)  # SEPLOS: MEGAREVO frames leave on demand only
    for id in (0x1F000300, 0x1F000304):
        assert not times(b.listen(1), id)
    b.can.full = True
    b.can.received.append((0x1F000100, True, bytes(8)))
    b.run(0.03)
    b.can.full = False
    heard = b.listen(0.2)
    for id in range(0x1F000300, 0x1F000305):
        assert len(times(heard, id)) == 1


# req: PRT-25
def test_what_waits_for_room_is_made_anew_when_a_direction_is_taken_away():
    b = CanBench()
    b.run(8)
    b.can.full = True
    while not b.port._made >= 0 or b.port.protocol.id(b.port._made) != 0x35C:
        b.run(0.01)
    b.hal.afe.cell_mv[2] = 3700
    b.can.full = True
    b.run(1.2)
    assert not b.controller.state.charging.charge_enable
    b.can.full = False
    b.can.sent = []
    b.run(1.5)
    permissions = [data[0] for id, _, data in b.can.sent if id == 0x35C]
    assert permissions and not any(first & 0x80 for first in permissions)


# req: COM-03
def test_a_bus_without_acknowledge_costs_little():
    b = CanBench(0)  # JK: a hundred frames a second
    b.can.full = True
    b.can.bus_state = Can.PASSIVE
    tries = []
    b.can.send = lambda *frame: tries.append(frame)
    b.run(3)
    assert len(tries) <= 300  # by the clock of the set, not every 2 ms


# req: COM-09
def test_received_frames_are_told_apart():
    b = CanBench(0)
    b.can.received.append((0x18F0F428, True, bytes(8)))  # control, nothing asked
    b.can.received.append((0x18F0F428, False, bytes(8)))
    b.run(0.1)
    counters = b.port.counters
    assert (counters.received, counters.foreign, counters.alive) == (1, 1, 0)
