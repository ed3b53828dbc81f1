"""Rules about the code itself: texts, templates, routes, headers, and what must never be found on disk."""
