# SPDX-License-Identifier: Apache-2.0
"""Sans-I/O: bytes to frames and back, one protocol a file. No port, no clock, no thread."""
