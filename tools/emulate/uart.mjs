// A UART of the RP2040 (PL011) in the place of rp2040js' one, which raises its transmit interrupt
// at every access. FIFOs of 32 bytes paced by the baud rate; receive level and time-out, transmit
// level, overrun.
import { BasePeripheral } from 'rp2040js';

const DATA = 0x00, STATUS = 0x04, FLAGS = 0x18, BAUD_WHOLE = 0x24, BAUD_PART = 0x28;
const LINE = 0x2c, CONTROL = 0x30, LEVELS = 0x34, MASK = 0x38, RAW = 0x3c, MASKED = 0x40;
const CLEAR = 0x44, DMA = 0x48;
const ID = { 0xfe0: 0x11, 0xfe4: 0x10, 0xfe8: 0x34, 0xff0: 0x0d, 0xff4: 0xf0, 0xff8: 0x05, 0xffc: 0xb1 };
const RX_INT = 0x10, TX_INT = 0x20, RX_TIMEOUT_INT = 0x40, OVERRUN_INT = 0x400;
const DATA_OVERRUN = 0x800, STATUS_OVERRUN = 8;
const FIFO_ON = 0x10, ENABLED = 1, SENDS = 0x100, RECEIVES = 0x200, LOOPBACK = 0x80;
const DEPTH = 32;
const TIMEOUT_BITS = 32;

export class Uart extends BasePeripheral {
  constructor(mcu, number) {
    super(mcu, 'UART' + number);
    this.irq = 20 + number;
    this.onByte = () => {}; // a byte begins to leave
    this.registers = { [CONTROL]: SENDS | RECEIVES, [LINE]: 0, [LEVELS]: 0x12, [MASK]: 0, [DMA]: 0,
      [BAUD_WHOLE]: 0, [BAUD_PART]: 0 };
    this.raw = 0;
    this.rx = [];
    this.tx = [];
    this.line = []; // bytes from outside that are still to arrive
    this.lost = this.overrun = false;
    this.sending = this.arriving = this.full = false;
    const { clock } = mcu;
    this.txAlarm = clock.createAlarm(() => this.#sent());
    this.rxAlarm = clock.createAlarm(() => this.#arrived());
    this.idleAlarm = clock.createAlarm(() => this.#raise(this.rx.length ? RX_TIMEOUT_INT : 0));
  }

  clkPeriChanged() {} // the rate is computed when it is needed

  get baud() {
    const divider = this.registers[BAUD_WHOLE] + this.registers[BAUD_PART] / 64;
    return divider ? this.rp2040.clkPeri / (16 * divider) : 115200;
  }

  get byteNanos() {
    const line = this.registers[LINE];
    const bits = 1 + 5 + ((line >> 5) & 3) + (line & 2 ? 1 : 0) + (line & 8 ? 2 : 1);
    return (bits / this.baud) * 1e9;
  }

  get depth() {
    return this.registers[LINE] & FIFO_ON ? DEPTH : 1;
  }

  level(shift) {
    if (!(this.registers[LINE] & FIFO_ON)) return 1;
    return [4, 8, 16, 24, 28][(this.registers[LEVELS] >> shift) & 7] || 16;
  }

  #raise(bits) {
    this.raw |= bits;
    this.rp2040.setInterrupt(this.irq, !!(this.raw & this.registers[MASK]));
  }

  #drop(bits) {
    this.raw &= ~bits;
    this.#raise(0);
  }

  // --- sending ---

  #push(value) {
    if (this.tx.length < this.depth) this.tx.push(value & 0xff);
    this.full = this.full || this.tx.length > this.level(0);
    if (this.full) this.#drop(TX_INT);
    this.#send();
  }

  #send() {
    const on = ENABLED | SENDS;
    if (this.sending || !this.tx.length || (this.registers[CONTROL] & on) !== on) return;
    const byte = this.tx.shift();
    this.sending = true;
    this.txAlarm.schedule(this.byteNanos);
    this.onByte(byte);
    if (this.registers[CONTROL] & LOOPBACK) this.feed([byte]);
    if (this.full && this.tx.length <= this.level(0)) {
      this.full = false;
      this.#raise(TX_INT);
    }
  }

  #sent() {
    this.sending = false;
    this.#send();
    if (!this.sending) this.#raise(TX_INT);
  }

  // --- receiving ---

  // Bytes from outside: they arrive one behind the other at the present rate.
  feed(data) {
    this.line.push(...data);
    if (this.arriving || !this.line.length) return;
    this.arriving = true;
    this.rxAlarm.schedule(this.byteNanos);
  }

  #arrived() {
    this.arriving = false;
    const byte = this.line.shift();
    this.feed([]);
    const on = ENABLED | RECEIVES;
    if ((this.registers[CONTROL] & on) !== on) return;
    if (this.rx.length >= this.depth) {
      this.lost = this.overrun = true;
      this.#raise(RX_INT | OVERRUN_INT);
      return;
    }
    this.rx.push(byte);
    this.idleAlarm.schedule((TIMEOUT_BITS / this.baud) * 1e9);
    this.#raise(this.rx.length >= this.level(3) ? RX_INT : 0);
  }

  #pull() {
    let value = this.rx.length ? this.rx.shift() : 0;
    if (this.lost) value |= DATA_OVERRUN;
    this.lost = false;
    let gone = this.rx.length < this.level(3) ? RX_INT : 0;
    if (this.rx.length) {
      this.idleAlarm.schedule((TIMEOUT_BITS / this.baud) * 1e9);
    } else {
      gone |= RX_TIMEOUT_INT;
      this.idleAlarm.cancel();
    }
    this.#drop(gone);
    return value;
  }

  // --- registers ---

  #flags() {
    const { rx, tx, depth } = this;
    return (tx.length ? 0 : 0x80) | (rx.length >= depth ? 0x40 : 0) | (tx.length >= depth ? 0x20 : 0)
      | (rx.length ? 0 : 0x10) | (this.sending || tx.length ? 8 : 0);
  }

  readUint32(offset) {
    if (offset === DATA) return this.#pull();
    if (offset === STATUS) return this.overrun ? STATUS_OVERRUN : 0;
    if (offset === FLAGS) return this.#flags();
    if (offset === RAW) return this.raw;
    if (offset === MASKED) return this.raw & this.registers[MASK];
    return this.registers[offset] ?? ID[offset] ?? 0;
  }

  writeUint32(offset, value) {
    if (offset === DATA) {
      this.#push(value);
    } else if (offset === STATUS) {
      this.overrun = false;
    } else if (offset === CLEAR) {
      this.#drop(this.rawWriteValue);
    } else if (offset in this.registers) {
      this.registers[offset] = value;
      this.#raise(0);
      if (offset === CONTROL) this.#send();
    }
  }
}
