"""Chips at register level, behind the buses of MicroPython's `machine`, over the plant.

A chip can be reached in two ways. Python drivers talk through `bus.I2cBus` and `bus.SpiBus`, whole
transfers at a time. An emulated controller talks byte by byte:

* I2C: `i2c_port.I2cPort({address: device})` with `start(address, read)` -> acknowledged (also a
  repeated start), `write(byte)` -> acknowledged, `read()` -> byte, `stop()`. The devices are
  `Bq76952Chip.window` and `Mcp23017Chip`.
* SPI: the chip itself (`Mcp2515Chip`) with `select()`, `transfer(byte)` -> byte, `deselect()`.
  `interrupt()` is the level of its INT pin.

Time: `Mcp2515Chip.advance(us)` lets a chip live on; an MCP23017 has no time. The BQ76952 lives in
a `World` with its plant: `Bq76952Chip.advance(us)` moves that world, with all that is in it; call
it once for the time that has passed.
"""
