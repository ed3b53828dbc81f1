"""The transparency log; for now the canonical event body and the entries computed from it."""
