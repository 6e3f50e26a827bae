// The I2C and SPI buses of the chip: their traffic goes to the PC, where the chip models are.
//
// A transfer is handed over whole: writing at its last byte, reading when the chip is addressed
// for it (more than it will take, because the length is not known yet).
import { I2CMode } from 'rp2040js';

const IC_ENABLE = 0x6c;
const IC_RAW_INTR_STAT = 0x34;
const TX_EMPTY = 1 << 4;
const hex = (bytes) => Buffer.from(bytes).toString('hex');

// `addresses` answer; ask('i2c-write', us, n, address, hex) gives true, false (not acknowledged)
// or null (the bus is held); ask('i2c-read', us, n, address, written hex) gives hex, false or null.
export class I2cWire {
  constructor(pico, n, addresses, ask) {
    const bus = pico.mcu.i2c[n];
    Object.assign(this, { pico, n, addresses, ask, bus, written: [], answer: [], address: 0 });
    this.silent = false; // nobody acknowledges an address
    bus.onStart = () => bus.completeStart();
    bus.onConnect = (address, mode) => this.#connect(address, mode);
    bus.onWriteByte = (byte) => this.#write(byte);
    bus.onReadByte = () => {
      const byte = this.answer.length ? this.answer.shift() : 0xff;
      this.#after(() => bus.completeRead(byte));
    };
    bus.onStop = () => {
      this.written = [];
      bus.completeStop();
    };
    const write = bus.writeUint32.bind(bus);
    bus.writeUint32 = (offset, value) => {
      if (offset === IC_ENABLE && !(value & 1)) bus.state = bus.busy = 0; // drops what hangs
      write(offset, value);
    };
    const read = bus.readUint32.bind(bus);
    bus.readUint32 = (offset) => {
      const value = read(offset);
      if (offset !== IC_RAW_INTR_STAT) return value;
      // not before the byte is acknowledged, as the SDK asks of it (TX_EMPTY_CTRL): a missing
      // acknowledge would come too late for the SDK to see
      return bus.busy || !bus.txFIFO.empty ? value & ~TX_EMPTY : value | TX_EMPTY;
    };
  }

  #after(act) {
    const { bus, pico } = this;
    const cycles = 9 * (bus.sclLowPeriod + bus.sclHighPeriod);
    pico.mcu.clock.createAlarm(act).schedule((cycles * 1e9) / pico.mcu.clkSys);
  }

  #connect(address, mode) {
    this.address = address;
    let found = !this.silent && this.addresses.includes(address);
    if (found && mode === I2CMode.Read) {
      const data = this.ask('i2c-read', this.pico.us, this.n, address, hex(this.written));
      if (data === null) return;
      found = data !== false;
      this.answer = found ? [...Buffer.from(data, 'hex')] : [];
    }
    this.written = [];
    this.#after(() => this.bus.completeConnect(found));
  }

  #write(byte) {
    this.written.push(byte);
    let taken = true;
    if (this.bus.stop) {
      const data = hex(this.written);
      taken = this.ask('i2c-write', this.pico.us, this.n, this.address, data);
    }
    if (taken !== null) this.#after(() => this.bus.completeWrite(taken));
  }
}

// ask('spi', us, n, byte) gives the byte that comes back; chip selects are pins.
export class SpiWire {
  constructor(pico, n, ask) {
    const spi = pico.mcu.spi[n];
    spi.onTransmit = (value) => {
      const answer = ask('spi', pico.us, n, value & 0xff);
      const done = pico.mcu.clock.createAlarm(() => spi.completeTransmit(answer));
      done.schedule((spi.dataBits * 1e9) / spi.clockFrequency);
    };
  }
}
