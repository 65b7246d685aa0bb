# SPDX-License-Identifier: Apache-2.0
"""How bytes travel: serial port, USB printer, network socket, PC/SC, pins, video; deadlines and unplugging."""
