# SPDX-License-Identifier: Apache-2.0
"""What the desk of the emulated module understands, as ``--help`` tells it."""

CONTROLS = """\
  {"place": "right-thumb", "quality": "good", "person": "citizen"}   the finger stays until
  {"lift": true}
      fingers: right- or left- and thumb, index, middle, ring, little
      qualities: good, fair, poor (06), dry (04), wet (05), small (07), residual (17),
                 fails (03), ghost (an image with nothing in it)
      optical and r503 know no 04, 05 and 17 and answer 07, 06 and 06 instead
  {"press": "right-thumb", "quality": "good", "ms": 800}             place, and lift after ms
  {"script": [...]}   steps place, lift, {"wait_ms": 300}, {"until": "asked|imaged|taken",
                      "times": 1}; see firmware_io.emulators.ef01.window
  {"dump": "PATH"}    the image buffer as PATH.png or PATH.bmp, labelled as synthetic
  {"status": true}    finger, library pages in use, traces of fingers left in flash and RAM, ...
  {"fault": {...}}    also, on the next "times" answers (default 1, 0 = all):
      "code": 24, "op": "STORE"   answers this code to the instruction (name or number)
      "length": n                 lies in the length field
      "address": "12345678"       answers with another address
      "pid": n                    answers with another packet kind
      "short": true               leaves out the values of a refusal (Match and Search: 12 bytes)
      "stop_data": k              ends an upload after k data packets, without the last one
      "skip": n                   leaves the first n such answers alone
    and, lasting until cleared:
      "dead_after": n             falls silent after n images, until its supply is switched
      "greeting": false           does not send 55 after power-on (until set true again)
      "edge": true                sends 00 before that 55, as the supply's edge may be read
      "blind": true               the sensor fails: CheckSensor 29, images 03
    and at once:
      "dead": true                falls silent until its supply is switched
      "brown_out": true           the supply dips: RAM lost, 55
"""
