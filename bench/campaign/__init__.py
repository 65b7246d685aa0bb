# SPDX-License-Identifier: Apache-2.0
"""Long campaigns: millions of hostile bytes and dialogues, judged against the truth.

``python -m bench.campaign [SUBJECT ...] [--seed N] [--bytes N] [--dialogues N] [--resume]`` runs
the subjects and writes `bench/results/campaign.json`. To add subjects, add one file to this folder
with a tuple `SUBJECTS`; see `subject.Subject`. Every campaign also plants the faults that its
subjects know: one that does not notice them has shown nothing.
"""
