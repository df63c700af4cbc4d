"""keep calls of the provider, replies that wait, and phrases of the wrong person.

Revision: 6d1f0a9b2c44
Follows: 0c64ce9b917f
Made: 2026-11-21 15:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = '6d1f0a9b2c44'
down_revision = '0c64ce9b917f'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('provider_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.Enum('status', 'inbound', name='eventkind', native_enum=False, length=32), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_events')),
    sa.UniqueConstraint('key', name=op.f('uq_provider_events_key'))
    )
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_events_due_at'), ['due_at'], unique=False)

    op.create_table('wrong_person_phrases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('phrase', sa.String(), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_person_phrases')),
    sa.UniqueConstraint('words', name=op.f('uq_wrong_person_phrases_words'))
    )
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('media_count', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('waiting_since_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('dealt_with_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('dealt_with_by', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_inbound_messages_waiting_since_at'), ['waiting_since_at'], unique=False)

    # Nobody could say before that a reply was read, so those to a person wait for one.
    op.execute(
        "UPDATE inbound_messages SET waiting_since_at = received_at "
        "WHERE kind IN ('other', 'help', 'start', 'wrong_person') OR is_quarantined"
    )
    # A first value for the rows already there; the application sets it from now on.
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.alter_column('media_count', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inbound_messages_waiting_since_at'))
        batch_op.drop_column('dealt_with_by')
        batch_op.drop_column('dealt_with_at')
        batch_op.drop_column('waiting_since_at')
        batch_op.drop_column('media_count')

    op.drop_table('wrong_person_phrases')
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_events_due_at'))

    op.drop_table('provider_events')
