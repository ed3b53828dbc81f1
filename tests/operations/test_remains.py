"""Looking through what an installation keeps leaves it as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from kernel.database import db
from tests.province import Province
from tests.remains import traces_of

OPENED_AND_CLOSED = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
connection.close()
"""


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_database_that_was_looked_through_stays_open_where_another_process_closes_it(province: Province) -> None:
    province.lodge()
    with province.app.app_context():
        path = str(db.engine.url.database)
    assert traces_of(province.app, ["nowhere at all"]) == []
    subprocess.run([sys.executable, "-c", OPENED_AND_CLOSED, path], check=True)
    assert Path(f"{path}-wal").exists(), "the other process took itself for the last"
