"""Keep partners' files, leave to look into them, and what victim safety alone may read sealed.

Revision: e97eb1422a7f
Follows: 6d1f0a9b2c44
Made: 2026-11-21 15:34:21.226813
"""

import sqlalchemy as sa
from alembic import op

revision = 'e97eb1422a7f'
down_revision = '6d1f0a9b2c44'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('point', sa.String(), nullable=True),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('content_sealed', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['corrects_id'], ['partner_entries.id'], name=op.f('fk_partner_entries_corrects_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_partner_entries_enrolment_id')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_partner_entries_made_by')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_entries_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_entries')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_partner_entries_corrects_id'))
    )
    with op.batch_alter_table('partner_entries', schema=None) as batch_op:
        batch_op.create_index('ix_partner_entries_file', ['partner_id', 'kind'], unique=False)

    # Nothing ever wrote to it.
    with op.batch_alter_table('partner_contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_contacts_partner_id'))

    op.drop_table('partner_contacts')
    with op.batch_alter_table('gate_decisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason_sealed', sa.String(), nullable=True))

    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('from_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('body_sealed', sa.Text(), nullable=True))

    with op.batch_alter_table('partner_views', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sign_in_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('words_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f('ix_partner_views_partner_id'))
        batch_op.create_index('ix_partner_views_open', ['partner_id', 'staff_id', 'ends_at'], unique=False)

    op.execute('UPDATE partner_views SET ends_at = viewed_at')
    with op.batch_alter_table('partner_views', schema=None) as batch_op:
        batch_op.alter_column('ends_at', existing_type=sa.DateTime(timezone=True), nullable=False)

    with op.batch_alter_table('partners', schema=None) as batch_op:
        batch_op.add_column(sa.Column('message_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('relationship_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('address_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('born_on_sealed', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('identity_index', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_partners_identity_index'), ['identity_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_partners_worker_id'), ['worker_id'], unique=False)



def downgrade() -> None:
    # What only the sealed columns hold is lost: keep a backup.
    with op.batch_alter_table('partners', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partners_worker_id'))
        batch_op.drop_index(batch_op.f('ix_partners_identity_index'))
        batch_op.drop_column('identity_index')
        batch_op.drop_column('born_on_sealed')
        batch_op.drop_column('address_sealed')
        batch_op.drop_column('relationship_sealed')
        batch_op.drop_column('message_sealed')

    with op.batch_alter_table('partner_views', schema=None) as batch_op:
        batch_op.drop_index('ix_partner_views_open')
        batch_op.create_index(batch_op.f('ix_partner_views_partner_id'), ['partner_id'], unique=False)
        batch_op.drop_column('ends_at')
        batch_op.drop_column('words_sealed')
        batch_op.drop_column('sign_in_id')

    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.drop_column('body_sealed')
        batch_op.drop_column('from_sealed')

    with op.batch_alter_table('gate_decisions', schema=None) as batch_op:
        batch_op.drop_column('reason_sealed')

    op.create_table('partner_contacts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('note_sealed', sa.String(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_partner_contacts_made_by')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_contacts_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_contacts'))
    )
    with op.batch_alter_table('partner_contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partner_contacts_partner_id'), ['partner_id'], unique=False)

    with op.batch_alter_table('partner_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_partner_entries_file')

    op.drop_table('partner_entries')
