# SPDX-License-Identifier: Apache-2.0
"""The whole booth on one machine: counter, line, devices, uplink and front as processes."""
