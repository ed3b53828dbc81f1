"""Ceremony and recovery: what custodians do with the root's secret, on files, on a machine without a network."""
