# SPDX-License-Identifier: Apache-2.0
"""Bytes on wires, no policy: codecs, links, emulators."""
