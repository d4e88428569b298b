"""People, gates, limits, plans, sessions and their sets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _owned(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=f"fk_{name}_person", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{name}_person", name, ["person"])


def upgrade() -> None:
    """Make the tables as they were first."""
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("birth_year", sa.Integer),
        sa.Column("sex", sa.String(1)),
        sa.Column("height_m", sa.Float),
        sa.Column("body_mass_kg", sa.Float),
        sa.Column("baseline", sa.String(16)),
        sa.Column("note", sa.String(400)),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("name", name="uq_person_name"),
    )
    _owned(
        "gate",
        sa.Column("answered", sa.String(32), nullable=False),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("cleared_by", sa.String(80)),
    )
    for name, values in (("limits", "values"), ("plan", "items")):
        _owned(
            name,
            sa.Column("since", sa.String(32), nullable=False),
            sa.Column(values, sa.JSON, nullable=False),
        )
    _owned(
        "session",
        sa.Column("recording", sa.String(400), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("analysis", sa.Integer, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
    )
    with op.batch_alter_table("session") as session:
        session.create_unique_constraint("uq_session_person", ["person", "recording"])
    op.create_table(
        "done",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("session", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("exercise", sa.String(40), nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("reps", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("effort", sa.Integer),
        sa.Column("pain", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_done"),
        sa.ForeignKeyConstraint(["session"], ["session.id"], name="fk_done_session", ondelete="CASCADE"),
        sa.UniqueConstraint("session", "number", name="uq_done_session"),
    )
    op.create_index("ix_done_session", "done", ["session"])


def downgrade() -> None:
    """Remove the tables."""
    for name in ("done", "session", "plan", "limits", "gate", "person"):
        op.drop_table(name)
