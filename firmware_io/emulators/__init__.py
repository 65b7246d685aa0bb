# SPDX-License-Identifier: Apache-2.0
"""The far side of every wire, shipped and runnable on its own."""
