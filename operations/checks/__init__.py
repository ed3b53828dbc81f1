"""What breaks a promise on a running installation: each module looks at one part of it and yields findings."""

from operations.checks.findings import Finding, Weight

__all__ = ["Finding", "Weight"]
