"""Read calendars at private addresses, and open cautions in order of their expiry.

Revision: a90c5de2174b
Follows: b3f0c6a9d172
Made: 2026-11-21 18:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = 'a90c5de2174b'
down_revision = 'b3f0c6a9d172'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_feeds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hour_began_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_calendar_feeds_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feeds')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_calendar_feeds_secret_hash'))
    )
    with op.batch_alter_table('calendar_feeds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_feeds_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index('uq_calendar_feeds_live', ['staff_id'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    with op.batch_alter_table('enrolments', schema=None) as batch_op:
        batch_op.create_index('ix_enrolments_open_cautions', ['caution_expires_on'], unique=False, sqlite_where=sa.text('ended_at IS NULL AND caution_expires_on IS NOT NULL'), postgresql_where=sa.text('ended_at IS NULL AND caution_expires_on IS NOT NULL'))


def downgrade() -> None:
    with op.batch_alter_table('enrolments', schema=None) as batch_op:
        batch_op.drop_index('ix_enrolments_open_cautions')

    op.drop_table('calendar_feeds')
