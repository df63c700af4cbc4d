"""Seal what the provider's calls said while they wait: nobody has looked yet whose number it is.

Revision: b3f0c6a9d172
Follows: 8e41d7c0b6f5
Made: 2026-11-21 16:55:00
"""

import json
import os

import sqlalchemy as sa
from alembic import op
from flask import has_app_context

from programme_tracker.config import demo_by_default, load_settings
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.encryption import FieldKeys

revision = 'b3f0c6a9d172'
down_revision = '8e41d7c0b6f5'
branch_labels = None
depends_on = None

_events = sa.table(
    'provider_events',
    sa.column('id', sa.Integer()),
    sa.column('due_at', sa.DateTime(timezone=True)),
    sa.column('fields', sa.JSON()),
    sa.column('fields_sealed', sa.Text()),
)


def upgrade() -> None:
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields_sealed', sa.Text(), nullable=True))
    for row in _waiting(_events.c.fields):
        _change(row.id, fields_sealed=_keys().seal(json.dumps(row.fields), _place(row.id)))
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.drop_column('fields')


def downgrade() -> None:
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields', sa.JSON(), server_default='{}', nullable=False))
    for row in _waiting(_events.c.fields_sealed):
        _change(row.id, fields=json.loads(_keys().open(row.fields_sealed, _place(row.id))))
    with op.batch_alter_table('provider_events', schema=None) as batch_op:
        batch_op.alter_column('fields', existing_type=sa.JSON(), server_default=None)
        batch_op.drop_column('fields_sealed')


def _waiting(column):
    found = sa.select(_events.c.id, column).where(_events.c.due_at.is_not(None))
    return op.get_bind().execute(found).all()


def _change(key, **values):
    op.get_bind().execute(sa.update(_events).where(_events.c.id == key).values(**values))


def _place(key):
    return f'provider_events:{key}:fields'


def _keys():
    """The installation's keys; they are asked for only where a call waits."""
    if has_app_context():
        settings = current_settings()
    else:
        environ = {'PT_DEMO': '1', **os.environ} if demo_by_default(os.environ) else os.environ
        settings = load_settings(environ)
    return FieldKeys(keys=dict(settings.field_keys), index_key=settings.blind_index_key)
