"""Erase people whose time here is over; ask participants too; tell victim safety what may raise the risk.

Revision: 4a7d2c91e6b8
Follows: a90c5de2174b
Made: 2026-11-21 18:45:00
"""

import sqlalchemy as sa
from alembic import op

revision = '4a7d2c91e6b8'
down_revision = 'a90c5de2174b'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('text_consents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_text_consents_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_consents'))
    )
    with op.batch_alter_table('text_consents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_text_consents_participant_id'), ['participant_id'], unique=False)

    op.create_table('keeping_orders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('because', sa.String(), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('placed_by', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.Column('ended_because', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_keeping_orders_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_keeping_orders'))
    )
    with op.batch_alter_table('keeping_orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_keeping_orders_participant_id'), ['participant_id'], unique=False)

    op.create_table('erasures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('because', sa.String(), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_by', sa.Integer(), nullable=True),
    sa.Column('rewritten_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("subject IN ('participant', 'partner')", name=op.f('ck_erasures_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    sa.UniqueConstraint('subject', 'subject_id', name=op.f('uq_erasures_subject_subject_id'))
    )
    with op.batch_alter_table('erasures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasures_rewritten_at'), ['rewritten_at'], unique=False)

    op.create_table('impact_answers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('point', sa.String(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['corrects_id'], ['impact_answers.id'], name=op.f('fk_impact_answers_corrects_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_impact_answers_enrolment_id')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_impact_answers_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_impact_answers')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_impact_answers_corrects_id'))
    )
    with op.batch_alter_table('impact_answers', schema=None) as batch_op:
        batch_op.create_index('ix_impact_answers_enrolment_point', ['enrolment_id', 'point'], unique=False)

    op.create_table('safety_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('words_sealed', sa.String(), nullable=True),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('said_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_safety_words_enrolment_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_safety_words_participant_id')),
    sa.ForeignKeyConstraint(['said_by'], ['staff.id'], name=op.f('fk_safety_words_said_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_safety_words'))
    )
    with op.batch_alter_table('safety_words', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_safety_words_participant_id'), ['participant_id'], unique=False)

    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_column('erased_at')

    op.drop_table('safety_words')
    op.drop_table('impact_answers')
    op.drop_table('erasures')
    op.drop_table('keeping_orders')
    op.drop_table('text_consents')
