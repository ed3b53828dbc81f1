"""Running it: whether it lives, what breaks a promise, backups, measures and alarms. Stands on all other rooms."""
