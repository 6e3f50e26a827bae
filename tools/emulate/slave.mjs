// An emulated Pico that does what the PC says, in lock step: every line that it writes is a
// question, and it waits for the answer. `node slave.mjs SETUP` with SETUP in JSON:
//   uf2, disk: files; i2c: {bus: [addresses]}; spi: [buses]; pio: {name: {tx, rx, cycles}};
//   watch: [pins whose changes are told]
// ["tick", us, news] asks for the next order {until, usb, uart: {name: hex}, pins: {n: level},
// adc: {channel: code}, silent: [I2C buses], hung, start, save}; the other questions are about a bus or a pin.
import fs from 'node:fs';
import { FS_OFFSET, Pico } from './pico.mjs';
import { PioLine } from './pio.mjs';
import { I2cWire, SpiWire } from './wires.mjs';

const setup = JSON.parse(process.argv[2]);
const input = Buffer.alloc(65536);
let pending = '';

function readLine() {
  for (;;) {
    const end = pending.indexOf('\n');
    if (end >= 0) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 1);
      return line;
    }
    const size = fs.readSync(0, input);
    if (!size) process.exit(0); // the PC has gone
    pending += input.toString('latin1', 0, size);
  }
}

function ask(...question) {
  const data = Buffer.from(JSON.stringify(question) + '\n');
  for (let at = 0; at < data.length; ) at += fs.writeSync(1, data, at);
  return JSON.parse(readLine());
}

let lines = {}; // serial lines by name
let wires = {}; // I2C by number
let bauds = {};
let sent = []; // [name, us, byte]

function told(pico, pins) {
  for (const [number, level] of Object.entries(pins)) pico.drive(+number, level);
}

function solder(pico) {
  const { mcu } = pico;
  lines = { 0: mcu.uart[0], 1: mcu.uart[1] };
  for (const [name, pins] of Object.entries(setup.pio)) lines[name] = new PioLine(pico, pins);
  for (const [name, line] of Object.entries(lines))
    line.onByte = (byte) => sent.push([name, pico.us, byte]);
  for (const [n, addresses] of Object.entries(setup.i2c))
    wires[n] = new I2cWire(pico, +n, addresses, ask);
  for (const n of setup.spi) new SpiWire(pico, n, ask);
  if (pico.us) told(pico, ask('reset', pico.us, mcu.peripherals[0x40058].reason));
  for (const n of setup.watch)
    mcu.gpio[n].addListener((state) => told(pico, ask('pin', pico.us, n, state)));
}

const pico = new Pico({ uf2: setup.uf2, disk: setup.disk, solder });

function news() {
  const changed = {};
  for (const [name, line] of Object.entries(lines))
    if (line.baud !== bauds[name]) changed[name] = bauds[name] = line.baud;
  const report = {
    usb: Buffer.from(pico.usbOut).toString('hex'),
    sent,
    bauds: changed,
    connected: pico.connected,
    erases: pico.erases,
    pages: pico.pages,
  };
  pico.usbOut = [];
  sent = [];
  return report;
}

function obey(order) {
  if (order.start) pico.press(order.start);
  if (order.usb) pico.type(Buffer.from(order.usb, 'hex'));
  for (const [name, data] of Object.entries(order.uart ?? {}))
    lines[name].feed(Buffer.from(data, 'hex'));
  told(pico, order.pins ?? {});
  for (const [n, wire] of Object.entries(wires)) wire.silent = order.silent?.includes(+n) ?? false;
  for (const [channel, code] of Object.entries(order.adc ?? {}))
    pico.mcu.adc.channelValues[channel] = code;
  if (order.save) fs.writeFileSync(order.save, pico.mcu.flash.subarray(FS_OFFSET, 0x200000));
  pico.hung = order.hung ?? false;
  pico.run(order.until);
}

for (let us = 0; ; ) {
  const order = ask('tick', us, news());
  obey(order);
  us = Math.max(order.until, pico.us); // behind a reset the two differ by a rounding
}
