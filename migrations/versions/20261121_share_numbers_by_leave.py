"""Share a number by leave: of each person who has it, and of nobody who gets it later.

Revision: 8e41d7c0b6f5
Follows: 3f7be1c4a902
Made: 2026-11-21 16:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = '8e41d7c0b6f5'
down_revision = '3f7be1c4a902'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('number_sharings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('because', sa.String(), nullable=False),
    sa.Column('allowed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('allowed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_number_sharings_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_number_sharings')),
    sa.UniqueConstraint('number', 'participant_id', name=op.f('uq_number_sharings_number_participant_id'))
    )
    with op.batch_alter_table('number_sharings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_number_sharings_participant_id'), ['participant_id'], unique=False)

    # Leave that was given once is leave for the number the person has now.
    op.execute(
        "INSERT INTO number_sharings (number, participant_id, because, allowed_at)"
        " SELECT mobile, id, sharing_allowed_because, created_at FROM participants"
        " WHERE mobile IS NOT NULL AND sharing_allowed_because IS NOT NULL"
    )
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_column('sharing_allowed_because')

    with op.batch_alter_table('suppressed_numbers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lifted_because', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('suppressed_numbers', schema=None) as batch_op:
        batch_op.drop_column('lifted_because')

    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sharing_allowed_because', sa.String(), nullable=True))

    op.execute(
        "UPDATE participants SET sharing_allowed_because = (SELECT because FROM number_sharings"
        " WHERE participant_id = participants.id AND number = participants.mobile)"
    )
    op.drop_table('number_sharings')
