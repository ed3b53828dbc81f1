"""What every room stands on and none owns: settings, database, vault, clock, calendar, language, web."""
