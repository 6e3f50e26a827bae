// The chip of an emulated Raspberry Pi Pico, around rp2040js (npm, MIT), for a real MicroPython
// image (UF2).
//
// Beyond stock rp2040js: flash erase and program in their real time, no empty USB packets (each
// would cost the board an interrupt), a model of the flash cache (16 KiB, 2 ways, lines of 8
// bytes, 58 cycles a miss), resets by watchdog, program and pin, an output that can be read back.
// pico.us is emulated time since power-on, the same clock as the board's time.ticks_us(); it is
// right within about 25 %.
import fs from 'node:fs';
import { BasePeripheral, ConsoleLogger, GPIOPinState, LogLevel, RP2040, USBCDC } from 'rp2040js';
import { bootromB1 } from './bootrom.mjs';
import { Uart } from './uart.mjs';
import { clockPio } from './pio.mjs';

export const FS_OFFSET = 0xa0000; // RPI_PICO: the last 1408 KiB of 2 MiB
export const PINS = 30;
const FLASH = 0x10000000;
const FLASH_SIZE = 2 * 1024 * 1024;
const UF2_MAGIC = 0x0a324655;
const ERASE_US = 45000; // a sector of 4 KiB
const PAGE_US = 700; // 256 bytes
const MISS_CYCLES = 58;
const WATCHDOG = 0x40058;
const CHIP_RESET = 0x40064;
const HAD_POWER_ON = 1 << 8;
const HAD_RUN_PIN = 1 << 16;

function readUF2(path) {
  const data = fs.readFileSync(path);
  const blocks = [];
  for (let at = 0; at + 512 <= data.length; at += 512) {
    if (data.readUInt32LE(at) !== UF2_MAGIC) throw new Error(`${path} is no UF2 image`);
    const size = data.readUInt32LE(at + 16);
    blocks.push([data.readUInt32LE(at + 12) - FLASH, data.subarray(at + 32, at + 32 + size)]);
  }
  if (!blocks.length) throw new Error(`${path} is no UF2 image`);
  return blocks;
}

// RP2040 that counts the misses of its flash cache; the run loop charges them.
class CachedRP2040 extends RP2040 {
  constructor() {
    super();
    this.tags = new Int32Array(2048).fill(-1);
    this.older = new Uint8Array(1024);
    this.stall = 0;
  }

  touch(address) {
    const line = (address & 0xffffff) >>> 3;
    const set = line & 1023;
    const at = set << 1;
    if (this.tags[at] === line) {
      this.older[set] = 1;
    } else if (this.tags[at + 1] === line) {
      this.older[set] = 0;
    } else {
      const way = this.older[set];
      this.tags[at + way] = line;
      this.older[set] = 1 - way;
      this.stall += MISS_CYCLES;
    }
  }

  readUint8(a) {
    if (a >>> 24 === 0x10) this.touch(a);
    return super.readUint8(a);
  }

  readUint16(a) {
    if (a >>> 24 === 0x10) this.touch(a);
    return super.readUint16(a);
  }

  readUint32(a) {
    if (a >>> 24 === 0x10) this.touch(a);
    return super.readUint32(a);
  }
}

// Why the chip started, for the firmware (rp2040js has no such register).
class ChipReset extends BasePeripheral {
  readUint32(offset) {
    return offset === 8 ? this.flags : 0;
  }

  writeUint32() {}
}

// The boot ROM's flash routines become breakpoints that onBreak serves.
function patchedRom() {
  const rom = new Uint32Array(bootromB1);
  const view = new DataView(rom.buffer);
  const numbers = { RE: 0xe1, RP: 0xe2, IF: 0xe3, EX: 0xe4, FC: 0xe5, CX: 0xe6 };
  for (let at = view.getUint16(0x14, true); view.getUint16(at, true); at += 4) {
    const code = view.getUint16(at, true);
    const number = numbers[String.fromCharCode(code & 0xff, code >> 8)];
    if (number === undefined) continue;
    const routine = view.getUint16(at + 2, true) & ~1;
    view.setUint16(routine, 0xbe00 | number, true); // BKPT number
    view.setUint16(routine + 2, 0x4770, true); // BX LR
  }
  return rom;
}

export class Pico {
  // `solder(pico)` is called for the chip of every reset: it attaches what is on the board.
  constructor({ uf2, disk = null, solder = () => {} }) {
    this.flash = new Uint8Array(FLASH_SIZE).fill(0xff);
    for (const [at, data] of readUF2(uf2)) this.flash.set(data, at);
    if (disk) this.flash.set(fs.readFileSync(disk), FS_OFFSET);
    this.solder = solder;
    this.outside = new Array(PINS).fill(null); // levels that the board gives, null = none
    this.usbOut = [];
    this.erases = this.pages = 0;
    this.start(0, HAD_POWER_ON);
  }

  get us() {
    return this.baseUs + this.mcu.clock.nanos / 1000;
  }

  // A new chip with the old flash. `reason` as in its watchdog's register.
  start(reason, flags) {
    const old = this.mcu;
    this.baseUs = old ? this.us : 0;
    const mcu = (this.mcu = new CachedRP2040());
    mcu.logger = new ConsoleLogger(LogLevel.Error);
    mcu.loadBootrom(patchedRom());
    mcu.flash.set(old ? old.flash.subarray(0, FLASH_SIZE) : this.flash);
    mcu.onBreak = (number) => this.#onBreak(number);
    const dog = mcu.peripherals[WATCHDOG];
    dog.onWatchdogTrigger = () => {
      dog.alarm.enable = dog.timer.enable = false; // it would fire again for ever
      this.resetReason = dog.reason;
    };
    if (reason) dog.scratchData.set(old.peripherals[WATCHDOG].scratchData);
    dog.reason = reason;
    const cause = (mcu.peripherals[CHIP_RESET] = new ChipReset(mcu, 'CHIP_RESET'));
    cause.flags = flags;
    this.flashBusyUs = 0;
    this.hung = false; // a fault: the program stands still
    this.resetReason = null;
    this.#usb();
    mcu.uart = [0, 1].map((n) => new Uart(mcu, n));
    for (const n of [0, 1]) mcu.peripherals[0x40034 + 4 * n] = mcu.uart[n];
    for (const pio of mcu.pio) clockPio(mcu, pio);
    for (const pin of mcu.gpio) {
      pin.addListener(() => this.#settle(pin));
      this.#settle(pin);
    }
    mcu.core.PC = FLASH;
    this.solder(this);
  }

  // The RST key ("pin"), or the supply that comes back ("power").
  press(cause) {
    this.start(0, cause === 'pin' ? HAD_RUN_PIN : HAD_POWER_ON);
  }

  // What the board does to a pin: 0, 1 or null. An output reads as what it drives.
  drive(number, level) {
    this.outside[number] = level;
    this.#settle(this.mcu.gpio[number]);
  }

  #settle(pin) {
    let level = this.outside[pin.index] ?? (pin.value === GPIOPinState.InputPullUp ? 1 : 0);
    if (pin.value === GPIOPinState.High) level = 1;
    if (pin.value === GPIOPinState.Low) level = 0;
    if (pin.rawInputValue !== !!level) pin.setInputValue(!!level);
  }

  #usb() {
    const { usbCtrl } = this.mcu;
    const cdc = (this.cdc = new USBCDC(usbCtrl));
    this.connected = false;
    this.usbIn = [];
    cdc.onDeviceConnected = () => (this.connected = true);
    cdc.onSerialData = (data) => this.usbOut.push(...data);
    this.wanted = null; // the board waits for data: answer only when there is some
    usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint !== cdc.outEndpoint) return;
      this.wanted = { endpoint, size };
      this.#pump();
    };
  }

  #pump() {
    if (!this.wanted || !this.usbIn.length) return;
    const { endpoint, size } = this.wanted;
    this.wanted = null;
    const data = new Uint8Array(this.usbIn.splice(0, Math.min(size, 64)));
    this.mcu.usbCtrl.endpointReadDone(endpoint, data, 60);
  }

  // Bytes of the host's terminal.
  type(data) {
    this.usbIn.push(...data);
    this.#pump();
  }

  #onBreak(number) {
    const { core, flash, tags } = this.mcu;
    const r = core.registers;
    if (number === 0xe1) {
      flash.fill(0xff, r[0], r[0] + r[1]); // erase(offset, count)
      this.erases += r[1] / 4096;
      this.flashBusyUs += (r[1] / 4096) * ERASE_US;
    } else if (number === 0xe2) {
      for (let i = 0; i < r[2]; i++) flash[r[0] + i] &= this.mcu.readUint8(r[1] + i);
      this.pages += r[2] / 256;
      this.flashBusyUs += (r[2] / 256) * PAGE_US; // program(offset, data, count)
    } else if (number >= 0xe3 && number <= 0xe6) {
      tags.fill(-1); // cache flush
    } else {
      throw new Error(`breakpoint ${number} at ${core.PC.toString(16)}`);
    }
  }

  // Run up to an emulated time.
  run(untilUs) {
    do {
      if (this.resetReason !== null) this.start(this.resetReason, HAD_POWER_ON);
      this.#slice(untilUs);
    } while (this.resetReason !== null);
  }

  #slice(untilUs) {
    const { mcu } = this;
    const { core, clock } = mcu;
    const nanos = 1e9 / mcu.clkSys;
    const end = (untilUs - this.baseUs) * 1000;
    while (clock.nanos < end && this.resetReason === null) {
      if (core.waiting || this.hung) {
        const next = clock.nanosToNextAlarm;
        clock.tick(next > 0 ? Math.min(next, end - clock.nanos) : 1000);
        continue;
      }
      let cycles = core.executeInstruction();
      if (mcu.stall) {
        cycles += mcu.stall;
        mcu.stall = 0;
      }
      if (this.flashBusyUs) {
        clock.tick(this.flashBusyUs * 1000);
        this.flashBusyUs = 0;
      }
      clock.tick(cycles * nanos);
    }
  }
}
