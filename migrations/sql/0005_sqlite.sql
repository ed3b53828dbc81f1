-- SQLite alters no CHECK. A new table in the place of this one would drop its triggers, and what refers to its rows would
-- stand against it; so the text that declares it is changed, as https://sqlite.org/lang_altertable.html (section 7) says
-- of changes that touch nothing stored. Whoever migrates compares the outcome with what is declared.

PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(sql, '''epoch'', ''recovery'')', '''epoch'', ''recovery'', ''log'', ''promise'')')
WHERE type = 'table' AND name = 'statements';

-- Off again, and read anew.

PRAGMA writable_schema = RESET;
