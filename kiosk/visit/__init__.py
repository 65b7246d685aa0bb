# SPDX-License-Identifier: Apache-2.0
"""A scripted citizen: real touches on the real screens, real fingers on the emulated module."""
