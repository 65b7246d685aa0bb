# SPDX-License-Identifier: Apache-2.0
"""Image judgement: find the face, measure it, say one thing to do, crop the portrait."""
