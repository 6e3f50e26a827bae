// PIO in emulated time, and a serial line at two pins.
//
// rp2040js steps its state machines from a timer of the PC and without their clock divider. Here
// each one is stepped by the emulated clock, and rests while it waits for a pin or a FIFO.
const LEAST_NANOS = 100; // between two steps: a fast machine would cost all of the PC's time

function divider(machine) {
  return (machine.clockDivInt || 65536) + machine.clockDivFrac / 256;
}

export function clockPio(mcu, pio) {
  const clocks = pio.machines.map((machine) => new MachineClock(mcu, pio, machine));
  pio.run = () => clocks.forEach((clock) => clock.start());
  const write = pio.writeUint32.bind(pio);
  pio.writeUint32 = (offset, value) => {
    write(offset, value);
    if (offset === 0) pio.run(); // CTRL
  };
}

class MachineClock {
  constructor(mcu, pio, machine) {
    this.mcu = mcu;
    this.pio = pio;
    this.machine = machine;
    this.running = false;
    this.alarm = mcu.clock.createAlarm(() => this.#step());
    const check = machine.checkWait.bind(machine);
    machine.checkWait = () => {
      check();
      if (!machine.waiting) this.start();
    };
  }

  start() {
    if (this.running || !this.machine.enabled) return;
    this.running = true;
    this.alarm.schedule(10);
  }

  #step() {
    const { machine } = this;
    if (!machine.enabled) {
      this.running = false;
      return;
    }
    const before = machine.cycles;
    machine.step();
    this.pio.checkChangedPins();
    if (machine.waiting) {
      this.running = false;
      return;
    }
    const cycles = Math.max(1, machine.cycles - before);
    this.alarm.schedule(Math.max(LEAST_NANOS, (cycles * divider(machine) * 1e9) / this.mcu.clkSys));
  }
}

// A UART made of two state machines: `tx` and `rx` are pins, `cycles` how many steps a bit takes.
export class PioLine {
  constructor(pico, { tx, rx, cycles }) {
    Object.assign(this, { pico, tx, rx, cycles });
    this.onByte = () => {};
    this.queue = [];
    this.feeding = this.reading = false;
    const { clock, gpio } = pico.mcu;
    this.readAlarm = clock.createAlarm(() => this.#sample());
    this.feedAlarm = clock.createAlarm(() => this.#shift());
    gpio[tx].addListener((level) => {
      if (level === 0 && !this.reading) this.#begin();
    });
  }

  // Bits per second of the state machine that drives the pin, 0 while none does.
  get baud() {
    for (const pio of this.pico.mcu.pio)
      for (const machine of pio.machines)
        if (machine.enabled && machine.outCount && machine.outBase === this.tx)
          return this.pico.mcu.clkSys / divider(machine) / this.cycles;
    return 0;
  }

  #begin() {
    if (!this.baud) return;
    this.reading = true;
    this.bits = [];
    this.readAlarm.schedule(1.5e9 / this.baud);
  }

  #sample() {
    this.bits.push(this.pico.mcu.gpio[this.tx].value === 1 ? 1 : 0);
    if (this.bits.length < 9) {
      this.readAlarm.schedule(1e9 / this.baud);
      return;
    }
    this.reading = false;
    if (this.bits[8]) this.onByte(this.bits.slice(0, 8).reduce((sum, bit, n) => sum | (bit << n), 0));
  }

  feed(data) {
    this.queue.push(...data);
    if (!this.feeding && this.queue.length) this.#shift();
  }

  // The next bit onto the receive pin: start, eight bits, stop.
  #shift() {
    if (!this.feeding) {
      if (!this.queue.length || !this.baud) return;
      this.feeding = true;
      this.frame = (this.queue.shift() << 1) | 0x200;
      this.left = 10;
    }
    if (this.left) {
      this.pico.drive(this.rx, this.frame & 1);
      this.frame >>= 1;
      this.left--;
      this.feedAlarm.schedule(1e9 / this.baud);
    } else {
      this.feeding = false;
      this.#shift();
    }
  }
}
