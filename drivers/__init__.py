# SPDX-License-Identifier: Apache-2.0
"""One device a file: what it can do for the booth, in the booth's words, within deadlines."""
