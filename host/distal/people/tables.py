"""The tables, for SQLAlchemy Core. Everything of a person goes when the person is deleted.

Only types that SQLite and PostgreSQL share; times are ISO text with their zone, days are ISO dates.
"""

from sqlalchemy import JSON, Column, Float, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint

# names of constraints, so that a later migration can speak of them on any database
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


def _owner() -> Column[int]:
    return Column("person", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True)


person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("created", String(32), nullable=False),
    Column("birth_year", Integer),
    Column("sex", String(1)),
    Column("height_m", Float),
    Column("body_mass_kg", Float),
    Column("baseline", String(16)),  # how trained: see profile.BASELINES
    Column("note", String(400)),
)

# answers to the questions before the first session; the newest counts
gate = Table(
    "gate",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(),
    Column("answered", String(32), nullable=False),
    Column("answers", JSON, nullable=False),  # question -> yes or no
    Column("cleared_by", String(80)),  # the professional who was asked
)

limits = Table(
    "limits",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(),
    Column("since", String(32), nullable=False),
    Column("values", JSON, nullable=False),  # fields of limits.Limits
)

plan = Table(
    "plan",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(),
    Column("since", String(32), nullable=False),  # the newest counts; none is ever changed
    Column("items", JSON, nullable=False),  # list of plan.Item
)

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(),
    Column("recording", String(400), nullable=False),
    Column("started", String(32), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("analysis", Integer, nullable=False),  # version that the numbers come from
    Column("summary", JSON, nullable=False),  # of the session as a whole: history.summary_of
    UniqueConstraint("person", "recording"),
)

done = Table(
    "done",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session", ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # of the set in its session, from 1
    Column("exercise", String(40), nullable=False),
    Column("side", String(8), nullable=False),
    Column("reps", Integer, nullable=False),
    Column("figures", JSON, nullable=False),  # history.figures_of: means of the set, nulls kept
    Column("effort", Integer),  # 0 to 10, as the person said
    Column("pain", Integer),  # 0 to 10
    UniqueConstraint("session", "number"),
)
