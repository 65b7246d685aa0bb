# SPDX-License-Identifier: Apache-2.0
"""Kivy. Shows a View and reports touches. Knows no device, no wire, no rule."""
