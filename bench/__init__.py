# SPDX-License-Identifier: Apache-2.0
"""Performance figures of the booth beside what they are held against, measured in one run.

``make bench`` (``python -m bench [--only NAME] [--runs N]``) measures every subject of
`bench.rows` and writes `results/latest.json` (a list of rows), `results/latest.md` (the same to
read) and `results/machine.json` (where it was). To add figures, add one file to `bench.rows` with
a `SUBJECT`.
"""
