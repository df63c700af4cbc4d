"""Settle lost answers and steer sending.

Revision: c68c52803d57
Follows: 857aa91cf802
Made: 2026-11-21 15:41:52.289972
"""

import sqlalchemy as sa
from alembic import op

revision = 'c68c52803d57'
down_revision = '857aa91cf802'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sending_control',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('per_second', sa.Integer(), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pause_reason', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_control'))
    )
    op.create_table('signal_rules',
    sa.Column('signal', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('signal', name=op.f('pk_signal_rules'))
    )
    op.create_table('message_attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('provider_sid', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'claimed', 'sending', 'accepted', 'sent', 'delivered', 'blocked', 'cancelled', 'expired', 'undelivered', 'failed', 'unknown', name='messagestate', native_enum=False, length=32), nullable=False),
    sa.Column('error_code', sa.String(), nullable=True),
    sa.Column('known_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_kept', sa.Boolean(), nullable=False),
    sa.Column('redact_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('redact_tries', sa.Integer(), nullable=False),
    sa.Column('redacted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_message_attempts_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_attempts')),
    sa.UniqueConstraint('provider_sid', name=op.f('uq_message_attempts_provider_sid'))
    )
    with op.batch_alter_table('message_attempts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_attempts_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_attempts_redact_at'), ['redact_at'], unique=False)

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempted_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('settle_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('settle_tries', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('absent_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('needs_person_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('candidates', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('delivery_unknown_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_messages_needs_person_at'), ['needs_person_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_settle_at'), ['settle_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_messages_settle_at'))
        batch_op.drop_index(batch_op.f('ix_messages_needs_person_at'))
        batch_op.drop_column('delivery_unknown_at')
        batch_op.drop_column('candidates')
        batch_op.drop_column('needs_person_at')
        batch_op.drop_column('absent_at')
        batch_op.drop_column('settle_tries')
        batch_op.drop_column('settle_at')
        batch_op.drop_column('attempted_at')

    with op.batch_alter_table('message_attempts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_attempts_redact_at'))
        batch_op.drop_index(batch_op.f('ix_message_attempts_message_id'))

    op.drop_table('message_attempts')
    op.drop_table('signal_rules')
    op.drop_table('sending_control')
