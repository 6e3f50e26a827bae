# Starts the firmware; or nothing at all (service mode), with the MOSFETs off and no watchdog,
# while the SERVICE key is pressed in a reset or the file "service" says that the program is being
# renewed.
import os

from machine import Pin

service = not Pin(10, Pin.IN, Pin.PULL_UP).value()
try:
    os.stat("service")
    service = True
except OSError:
    pass

from boards.pico_bq76952 import start  # noqa: E402 (a broken program must not keep the file unseen)

if service:
    start.service()
else:
    start.main()
