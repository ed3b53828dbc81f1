"""Benchmarks: the budgets, measured beside the machine's own floors. Never timed tests."""
