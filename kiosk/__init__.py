# SPDX-License-Identifier: Apache-2.0
"""The booth's head: flow, photo judgement, post. Knows no Kivy and no wire bytes."""
