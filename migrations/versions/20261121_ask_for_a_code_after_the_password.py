"""Ask for a code after the password, and count refusals by network address.

Revision: c51d0a7e93b4
Follows: e97eb1422a7f
Made: 2026-11-21 15:31:02.406118
"""

import sqlalchemy as sa
from alembic import op

revision = 'c51d0a7e93b4'
down_revision = 'e97eb1422a7f'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('code_sources',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('secret_sealed', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_code_sources_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code_sources')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_code_sources_staff_id'))
    )
    op.create_table('recovery_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_recovery_codes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes'))
    )
    with op.batch_alter_table('recovery_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_codes_staff_id'), ['staff_id'], unique=False)

    op.create_table('sign_in_addresses',
    sa.Column('address_index', sa.String(), nullable=False),
    sa.Column('failed_sign_ins', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('address_index', name=op.f('pk_sign_in_addresses'))
    )
    with op.batch_alter_table('sign_in_addresses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_addresses_last_failed_at'), ['last_failed_at'], unique=False)

    # Nobody gave a code before there were any: those signed in now are asked for one.
    with op.batch_alter_table('sign_in_sessions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_proven', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('sign_in_sessions', schema=None) as batch_op:
        batch_op.alter_column('is_proven', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('sign_in_sessions', schema=None) as batch_op:
        batch_op.drop_column('is_proven')

    op.drop_table('sign_in_addresses')
    op.drop_table('recovery_codes')
    op.drop_table('code_sources')
