"""What only who owns the tables can do to the log: the guards taken away, and then anything."""

from flask import current_app
from sqlalchemy import Connection, text

from kernel.database import db
from kernel.schema import TRIGGERS
from tests.remains import owners_engine


def as_owner(*statements: str, **values: object) -> None:
    """Do what only who owns the tables can."""
    with owners_engine(current_app).begin() as connection:
        change(connection, *statements, **values)


def change(connection: Connection, *statements: str, **values: object) -> None:
    """Execute statements, each with the values that it names."""
    for statement in statements:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), named)


def unguarded(statement: str) -> list[str]:
    """Return what takes every guard off the table that a statement is about."""
    kind = db.engine.dialect.name
    names = [name.split(".") for name in TRIGGERS[kind] if f" {name.split('.')[0]} " in f"{statement} "]
    return [f"DROP TRIGGER {name}" + ("" if kind == "sqlite" else f" ON {table}") for table, name in names]
