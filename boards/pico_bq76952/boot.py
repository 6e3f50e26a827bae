# Runs first after every reset, also when the rest is missing or broken: both MOSFETs off, every
# output off. The numbers are those of board.py; a file that lacks must not keep them from acting.
from machine import Pin

Pin(11, Pin.OUT, value=1)  # kill line
for number in (12, 13, 14, 15, 21):  # pre-charge, heater, limiter, buzzer, panel in reset
    Pin(number, Pin.OUT, value=0)
Pin(28, Pin.OUT, value=1)  # the supply stays
