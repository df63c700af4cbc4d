"""Find people by any part of a name, a reference or a number: a row for each ending of each word.

Revision: 4d9a62c1f7e8
Follows: 4a7d2c91e6b8
Made: 2026-11-21 18:40:00
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from programme_tracker.people.finding.rules import caution_terms, mobile_terms, name_terms, reference_terms
from programme_tracker.people.rules import folded

revision = '4d9a62c1f7e8'
down_revision = '4a7d2c91e6b8'
branch_labels = None
depends_on = None

#: So many people are read and written at a time.
BATCH = 2000

TERM = sa.String().with_variant(sa.String(collation='C'), 'postgresql')
PEOPLE = sa.table(
    'participants', sa.column('id'), sa.column('name'), sa.column('name_folded'), sa.column('reference'), sa.column('mobile')
)
REFERRALS = sa.table('referrals', sa.column('id'), sa.column('participant_id'), sa.column('caution_reference'))
TERMS = sa.table('search_terms', sa.column('term'), sa.column('participant_id'), sa.column('kind'))


def upgrade() -> None:
    op.create_table('search_terms',
    sa.Column('term', TERM, nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_search_terms_participant_id')),
    sa.PrimaryKeyConstraint('term', 'participant_id', 'kind', name=op.f('pk_search_terms')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('search_terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_terms_participant_id'), ['participant_id'], unique=False)

    for people in _batches(PEOPLE):
        terms: set[tuple[int, str, str]] = set()
        for row in people:
            for term, kind in name_terms(row.name) | reference_terms(row.reference) | mobile_terms(row.mobile):
                terms.add((row.id, term, kind.value))
            if folded(row.name) != row.name_folded:
                op.get_bind().execute(
                    sa.update(PEOPLE).where(PEOPLE.c.id == row.id).values(name_folded=folded(row.name))
                )
        _write(terms)
    for referrals in _batches(REFERRALS):
        terms = set()
        for row in referrals:
            if row.caution_reference:
                for term, kind in caution_terms(row.caution_reference):
                    terms.add((row.participant_id, term, kind.value))
        _write(terms)


def _batches(table: Any) -> Iterator[Any]:
    last = 0
    while rows := op.get_bind().execute(
        sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
    ).all():
        yield rows
        last = rows[-1].id


def _write(terms: set[tuple[int, str, str]]) -> None:
    if not terms:
        return
    people = sorted({person for person, _, _ in terms})
    found = sa.select(TERMS.c.participant_id, TERMS.c.term, TERMS.c.kind).where(TERMS.c.participant_id.in_(people))
    there = {tuple(row) for row in op.get_bind().execute(found)}
    rows = [
        {'participant_id': person, 'term': term, 'kind': kind} for person, term, kind in sorted(terms - there)
    ]
    if rows:
        op.get_bind().execute(sa.insert(TERMS), rows)


def downgrade() -> None:
    with op.batch_alter_table('search_terms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_search_terms_participant_id'))

    op.drop_table('search_terms')
