# SPDX-License-Identifier: Apache-2.0
"""The back office: intake, workflow, registries, officers' console."""
