"""Who may hold which key: signed statements, the tree of desks, and every sealed copy of a key."""
