"""Keep moves of sessions, what came of contacts, and why a guardian is barred.

Revision: b7787702a237
Follows: 5a28002a8987
Made: 2026-11-21 11:13:49.112978
"""

import sqlalchemy as sa
from alembic import op

revision = 'b7787702a237'
down_revision = '5a28002a8987'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('session_moves',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('to_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=True),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('moved_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['moved_by'], ['staff.id'], name=op.f('fk_session_moves_moved_by')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_session_moves_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_moves'))
    )
    with op.batch_alter_table('session_moves', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_moves_session_id'), ['session_id'], unique=False)

    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('outcome', sa.String(), nullable=True))

    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.add_column(sa.Column('barred_because', sa.String(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.drop_column('barred_because')

    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_column('outcome')

    with op.batch_alter_table('session_moves', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_moves_session_id'))

    op.drop_table('session_moves')
