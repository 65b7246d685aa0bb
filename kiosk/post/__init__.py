# SPDX-License-Identifier: Apache-2.0
"""The post: outbox (durable), mailbox (local socket) and uplink (the network's only door)."""
