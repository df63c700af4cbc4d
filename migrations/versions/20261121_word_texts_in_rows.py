"""Word texts in rows: versions of templates, languages, banned words, and who reads which.

Revision: 3f7be1c4a902
Follows: c68c52803d57
Made: 2026-11-21 15:54:00
"""

import sqlalchemy as sa
from alembic import op

revision = '3f7be1c4a902'
down_revision = 'c68c52803d57'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('template_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('programme_code', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_template_versions')),
    sa.UniqueConstraint('kind', 'name', 'programme_code', 'language', 'number', name=op.f('uq_template_versions_kind_name_programme_code_language_number'))
    )
    op.create_table('text_languages',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('dates', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_text_languages')),
    sa.UniqueConstraint('title', name=op.f('uq_text_languages_title'))
    )
    op.create_table('banned_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('word', sa.String(), nullable=False),
    sa.Column('folded', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by', sa.Integer(), nullable=True),
    sa.Column('removed_because', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_banned_words'))
    )
    with op.batch_alter_table('banned_words', schema=None) as batch_op:
        batch_op.create_index('uq_banned_words_open', ['folded'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('template_id', sa.Integer(), nullable=True))

    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(), server_default='en', nullable=False))

    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(), server_default='en', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.drop_column('language')

    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_column('language')

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_column('template_id')

    op.drop_table('banned_words')
    op.drop_table('text_languages')
    op.drop_table('template_versions')
