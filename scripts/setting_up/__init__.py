# SPDX-License-Identifier: Apache-2.0
"""What `make setup` does, stage by stage. Standard library only: nothing is installed yet.

Runs on any Python from 3.9 on, because it is what finds or brings the Python 3.11 of the booth.
"""
