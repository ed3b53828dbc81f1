"""What an older version has closed is looked at, once its time is over, by the version that erases."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import insert, select

from casework.erasing import ERASE
from casework.models import Case, CaseEvent
from kernel import clock
from kernel.jobs import Job
from kernel.migrating import migrate
from tests.casework.stage import LEAD, REVIEWED, case_row, event_row, set_stage
from tests.casework.stage import STORIES as STAGED
from tests.database import Database
from tests.upgrade.installation import migrate_to

CLOSED, REOPENED = "7" * 32, "8" * 32
# As the staged case was closed, once more with a lead above who opens it again.
STORIES = {CLOSED: STAGED[REVIEWED][:4], REOPENED: [*STAGED[REVIEWED][:4], ("reopen", "CLOSED", "INVESTIGATION", LEAD)]}


def test_only_what_is_closed_is_looked_at_a_year_later(database: Database) -> None:
    engine = database.engine(database.owner_url)
    with engine.connect() as connection:
        migrate_to(connection, "0005")
        with connection.begin():
            set_stage(connection)
            for case_id, story in STORIES.items():
                connection.execute(insert(Case).values(case_row(case_id)))
                for seq, step in enumerate(story, 1):
                    connection.execute(insert(CaseEvent).values(event_row(case_id, seq, *step)))
    migrate(database.owner_url, database.url)
    with engine.connect() as connection:
        jobs = connection.execute(select(Job.subject, Job.due_at).where(Job.kind == ERASE)).all()
    moments = {subject: clock.utc(due) for subject, due in jobs}
    assert moments == {CLOSED: datetime(2027, 11, 25, 17, tzinfo=timezone.utc)}
