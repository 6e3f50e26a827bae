// An emulated Raspberry Pi Pico for a real MicroPython image (UF2), around rp2040js (npm, MIT).
//
//   const p = new Pico({ uf2: 'firmware.uf2', fs: 'littlefs.img' });
//   p.boot(); console.log(p.exec('print(1 + 1)'));          // raw REPL
//
// Beyond stock rp2040js: flash erase and program in their real time, no empty USB packets (each
// would cost the board an interrupt), a model of the flash cache (16 KiB, 2 ways, lines of 8
// bytes, 58 cycles a miss). p.us is emulated time since power-on, the same clock as the board's
// time.ticks_us(); it is right within about 25 %.
import fs from 'node:fs';
import { RP2040, USBCDC, ConsoleLogger, LogLevel } from 'rp2040js';
import { bootromB1 } from './bootrom.mjs';

export const FS_OFFSET = 0xa0000; // RPI_PICO: the last 1408 KiB of 2 MiB
const FLASH = 0x10000000;
const FLASH_SIZE = 2 * 1024 * 1024;
const UF2_MAGIC = 0x0a324655;
const ERASE_US = 45000; // a sector of 4 KiB
const PAGE_US = 700; // 256 bytes
const MISS_CYCLES = 58;

function readUF2(path) {
  const data = fs.readFileSync(path);
  const blocks = [];
  for (let at = 0; at + 512 <= data.length; at += 512) {
    if (data.readUInt32LE(at) !== UF2_MAGIC) throw new Error(`${path} is no UF2 image`);
    const size = data.readUInt32LE(at + 16);
    blocks.push([data.readUInt32LE(at + 12) - FLASH, data.subarray(at + 32, at + 32 + size)]);
  }
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
  constructor({ uf2, fs: image = null }) {
    const mcu = (this.mcu = new CachedRP2040());
    mcu.logger = new ConsoleLogger(LogLevel.Error);
    mcu.loadBootrom(patchedRom());
    mcu.flash.fill(0xff, 0, FLASH_SIZE);
    for (const [at, data] of readUF2(uf2)) mcu.flash.set(data, at);
    if (image) mcu.flash.set(fs.readFileSync(image), FS_OFFSET);
    mcu.onBreak = (number) => this.#onBreak(number);
    mcu.peripherals[0x40058].onWatchdogTrigger = () => {
      throw new Error('the watchdog has reset the board');
    };
    this.fromBoard = [];
    this.toBoard = [];
    this.flashBusyUs = 0;
    this.raw = false;
    this.#usb();
    mcu.core.PC = FLASH;
  }

  get us() {
    return this.mcu.clock.nanos / 1000;
  }

  #usb() {
    const { usbCtrl } = this.mcu;
    const cdc = new USBCDC(usbCtrl);
    this.connected = false;
    cdc.onDeviceConnected = () => (this.connected = true);
    cdc.onSerialData = (data) => this.fromBoard.push(...data);
    this.wanted = null; // the board waits for data: answer only when there is some
    usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint !== cdc.outEndpoint) return;
      this.wanted = { endpoint, size };
      this.#pump();
    };
  }

  #pump() {
    if (!this.wanted || !this.toBoard.length) return;
    const { endpoint, size } = this.wanted;
    this.wanted = null;
    const data = new Uint8Array(this.toBoard.splice(0, Math.min(size, 64)));
    this.mcu.usbCtrl.endpointReadDone(endpoint, data, 60);
  }

  #onBreak(number) {
    const { core, flash, tags } = this.mcu;
    const r = core.registers;
    if (number === 0xe1) {
      flash.fill(0xff, r[0], r[0] + r[1]); // erase(offset, count)
      this.flashBusyUs += (r[1] / 4096) * ERASE_US;
    } else if (number === 0xe2) {
      for (let i = 0; i < r[2]; i++) flash[r[0] + i] &= this.mcu.readUint8(r[1] + i);
      this.flashBusyUs += (r[2] / 256) * PAGE_US; // program(offset, data, count)
    } else if (number >= 0xe3 && number <= 0xe6) {
      tags.fill(-1); // cache flush
    } else {
      throw new Error(`breakpoint ${number} at ${core.PC.toString(16)}`);
    }
  }

  // Run for emulated microseconds, or until done() holds.
  run(micros, done = () => false) {
    const end = this.us + micros;
    while (!done() && this.us < end) {
      const { core, clock } = this.mcu;
      const nanos = 1e9 / this.mcu.clkSys;
      for (let i = 0; i < 2000; i++) {
        if (core.waiting) {
          if (i > 0) break; // ask done() before idle time is skipped
          const next = clock.nanosToNextAlarm;
          const left = Math.max(1, (end - this.us) * 1000);
          clock.tick(next > 0 ? Math.min(next, left) : 100000);
          if (this.us >= end) break;
          continue;
        }
        let cycles = core.executeInstruction();
        if (this.mcu.stall) {
          cycles += this.mcu.stall;
          this.mcu.stall = 0;
        }
        clock.tick(cycles * nanos + this.flashBusyUs * 1000);
        this.flashBusyUs = 0;
      }
    }
    return done();
  }

  write(text) {
    this.toBoard.push(...Buffer.from(text));
    this.#pump();
  }

  until(marker, timeoutUs) {
    const wanted = Buffer.from(marker, 'latin1');
    this.run(timeoutUs, () => Buffer.from(this.fromBoard).includes(wanted));
    const got = Buffer.from(this.fromBoard);
    const at = got.indexOf(wanted);
    if (at < 0) throw new Error(`no ${JSON.stringify(marker)} in ${got.toString().slice(-400)}`);
    this.fromBoard = [...got.subarray(at + wanted.length)];
    return got.subarray(0, at).toString();
  }

  // Power on, up to the prompt.
  boot(timeoutUs = 10e6) {
    if (!this.run(timeoutUs, () => this.connected)) throw new Error('the board shows no USB');
    this.run(5000); // the host's line state reaches the board
    this.write('\r\n');
    this.until('>>> ', timeoutUs);
  }

  // Run source on the board; its output. Throws the board's traceback.
  exec(source, timeoutUs = 120e6) {
    if (!this.raw) {
      this.write('\r\x03\x03');
      this.run(20000);
      this.fromBoard = [];
      this.write('\r\x01');
      this.until('raw REPL; CTRL-B to exit\r\n>', 5e6);
      this.raw = true;
    }
    this.write(source + '\x04');
    this.until('OK', 20e6);
    const output = this.until('\x04', timeoutUs);
    const error = this.until('\x04>', timeoutUs);
    if (error) throw new Error(error);
    return output;
  }
}
