"""Lay the first tables.

Revision: 5a28002a8987
Follows: 
Made: 2026-11-21 10:46:12.649101
"""

import sqlalchemy as sa
from alembic import op

revision = '5a28002a8987'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(), nullable=False),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('previous_hash', sa.String(), nullable=False),
    sa.Column('entry_hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_event'), ['event'], unique=False)
        batch_op.create_index('ix_audit_entries_subject', ['subject_type', 'subject_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('entry_hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('due_failures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('first_failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retry_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_failures')),
    sa.UniqueConstraint('kind', 'item_id', name=op.f('uq_due_failures_kind_item_id'))
    )
    op.create_table('inbound_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('from_address', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('provider_sid', sa.String(), nullable=True),
    sa.Column('kind', sa.Enum('wrong_person', 'stop', 'start', 'help', 'confirm', 'call_me', 'other', name='replykind', native_enum=False, length=32), nullable=False),
    sa.Column('is_opt_out', sa.Boolean(), nullable=False),
    sa.Column('is_quarantined', sa.Boolean(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_messages')),
    sa.UniqueConstraint('provider_sid', name=op.f('uq_inbound_messages_provider_sid'))
    )
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbound_messages_from_address'), ['from_address'], unique=False)
        batch_op.create_index(batch_op.f('ix_inbound_messages_participant_id'), ['participant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inbound_messages_received_at'), ['received_at'], unique=False)

    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', name='channel', native_enum=False, length=32), nullable=False),
    sa.Column('kind', sa.Enum('booked', 'reminder', 'changed', 'cancelled', 'answer', 'alert', name='messagekind', native_enum=False, length=32), nullable=False),
    sa.Column('recipient', sa.Enum('participant', 'guardian', 'staff', name='recipient', native_enum=False, length=32), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('session_version', sa.Integer(), nullable=True),
    sa.Column('offset_days', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('template_version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'claimed', 'sending', 'accepted', 'sent', 'delivered', 'blocked', 'cancelled', 'expired', 'undelivered', 'failed', 'unknown', name='messagestate', native_enum=False, length=32), nullable=False),
    sa.Column('send_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_token', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('to_address', sa.String(), nullable=True),
    sa.Column('provider_sid', sa.String(), nullable=True),
    sa.Column('blocked_reason', sa.Enum('gate', 'suspended', 'session_changed', 'outcome_recorded', 'number_invalid', 'number_shared', 'number_unusable', 'opted_out', 'reconsent', 'expired', 'in_custody', name='blockedreason', native_enum=False, length=32), nullable=True),
    sa.Column('error_code', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('key', name=op.f('uq_messages_key'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_handed_over_at'), ['handed_over_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_participant_id'), ['participant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_provider_sid'), ['provider_sid'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_session_id'), ['session_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index('ix_messages_state_lease_until', ['state', 'lease_until'], unique=False)
        batch_op.create_index('ix_messages_state_send_at', ['state', 'send_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_to_address'), ['to_address'], unique=False)

    op.create_table('participants',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_folded', sa.String(), nullable=False),
    sa.Column('born_on', sa.Date(), nullable=False),
    sa.Column('mobile', sa.String(), nullable=True),
    sa.Column('risk', sa.String(), nullable=False),
    sa.Column('is_priority', sa.Boolean(), nullable=False),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sharing_allowed_because', sa.String(), nullable=True),
    sa.Column('own_consent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("risk IN ('standard', 'medium', 'high')", name=op.f('ck_participants_risk')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participants')),
    sa.UniqueConstraint('reference', name=op.f('uq_participants_reference'))
    )
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_participants_born_on'), ['born_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_participants_mobile'), ['mobile'], unique=False)
        batch_op.create_index(batch_op.f('ix_participants_name_folded'), ['name_folded'], unique=False)

    op.create_table('policy_versions',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('in_force_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_policy_versions'))
    )
    with op.batch_alter_table('policy_versions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_policy_versions_in_force_at'), ['in_force_at'], unique=False)

    op.create_table('programmes',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_programmes'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.Enum('facilitator', 'caseworker', 'victim_safety', 'police', 'enforcement', 'manager', 'admin', name='role', native_enum=False, length=20), nullable=False),
    sa.Column('also_role', sa.Enum('facilitator', 'caseworker', 'victim_safety', 'police', 'enforcement', 'manager', 'admin', name='role', native_enum=False, length=20), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('mobile', sa.String(), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('deputy_id', sa.Integer(), nullable=True),
    sa.Column('failed_sign_ins', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("also_role IS NULL OR (role = 'facilitator' AND also_role = 'caseworker') OR (role = 'caseworker' AND also_role = 'facilitator')", name=op.f('ck_staff_roles_together')),
    sa.CheckConstraint('deputy_id IS NULL OR deputy_id <> id', name=op.f('ck_staff_own_deputy')),
    sa.CheckConstraint('username = lower(username)', name=op.f('ck_staff_username_lower')),
    sa.ForeignKeyConstraint(['deputy_id'], ['staff.id'], name=op.f('fk_staff_deputy_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('username', name=op.f('uq_staff_username'))
    )
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_also_role'), ['also_role'], unique=False)
        batch_op.create_index(batch_op.f('ix_staff_deputy_id'), ['deputy_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_staff_role'), ['role'], unique=False)

    op.create_table('stored_settings',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_stored_settings'))
    )
    op.create_table('suppressed_numbers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('reason', sa.Enum('wrong_person', 'undeliverable', name='suppressionreason', native_enum=False, length=32), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suppressed_numbers'))
    )
    with op.batch_alter_table('suppressed_numbers', schema=None) as batch_op:
        batch_op.create_index('uq_suppressed_numbers_open_number', ['number'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.create_table('tasks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('to_role', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('participant_id', sa.Integer(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.Integer(), nullable=True),
    sa.Column('done_how', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    with op.batch_alter_table('tasks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tasks_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index('ix_tasks_open', ['to_role', 'staff_id', 'done_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_tasks_session_id'), ['session_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tasks_staff_id'), ['staff_id'], unique=False)

    op.create_table('venues',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_venues')),
    sa.UniqueConstraint('name', name=op.f('uq_venues_name'))
    )
    op.create_table('groups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('venue_id', sa.Integer(), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['programme_code'], ['programmes.code'], name=op.f('fk_groups_programme_code')),
    sa.ForeignKeyConstraint(['venue_id'], ['venues.id'], name=op.f('fk_groups_venue_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_groups'))
    )
    with op.batch_alter_table('groups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_groups_programme_code'), ['programme_code'], unique=False)

    op.create_table('guardians',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mobile', sa.String(), nullable=True),
    sa.Column('has_consented', sa.Boolean(), nullable=False),
    sa.Column('is_barred', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_guardians_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guardians')),
    sa.UniqueConstraint('participant_id', name=op.f('uq_guardians_participant_id'))
    )
    op.create_table('message_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('from_state', sa.Enum('planned', 'claimed', 'sending', 'accepted', 'sent', 'delivered', 'blocked', 'cancelled', 'expired', 'undelivered', 'failed', 'unknown', name='messagestate', native_enum=False, length=32), nullable=True),
    sa.Column('to_state', sa.Enum('planned', 'claimed', 'sending', 'accepted', 'sent', 'delivered', 'blocked', 'cancelled', 'expired', 'undelivered', 'failed', 'unknown', name='messagestate', native_enum=False, length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_message_changes_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_changes'))
    )
    with op.batch_alter_table('message_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_changes_message_id'), ['message_id'], unique=False)

    op.create_table('partners',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('worker_id', sa.Integer(), nullable=True),
    sa.Column('name_sealed', sa.String(), nullable=False),
    sa.Column('number_sealed', sa.String(), nullable=True),
    sa.Column('number_index', sa.String(), nullable=True),
    sa.Column('safe_times_sealed', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_partners_participant_id')),
    sa.ForeignKeyConstraint(['worker_id'], ['staff.id'], name=op.f('fk_partners_worker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partners'))
    )
    with op.batch_alter_table('partners', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partners_number_index'), ['number_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_partners_participant_id'), ['participant_id'], unique=False)

    op.create_table('referrals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('programme_code', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('route', sa.String(), nullable=False),
    sa.Column('referrer_id', sa.Integer(), nullable=False),
    sa.Column('caution_reference', sa.String(), nullable=True),
    sa.Column('caution_issued_on', sa.Date(), nullable=True),
    sa.Column('caution_expires_on', sa.Date(), nullable=True),
    sa.Column('is_mandated', sa.Boolean(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('request_key', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_referrals_participant_id')),
    sa.ForeignKeyConstraint(['programme_code'], ['programmes.code'], name=op.f('fk_referrals_programme_code')),
    sa.ForeignKeyConstraint(['referrer_id'], ['staff.id'], name=op.f('fk_referrals_referrer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals')),
    sa.UniqueConstraint('request_key', name=op.f('uq_referrals_request_key'))
    )
    with op.batch_alter_table('referrals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_referrals_participant_id'), ['participant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referrals_referrer_id'), ['referrer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referrals_status'), ['status'], unique=False)

    op.create_table('separated_pairs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_separated_pairs_ordered')),
    sa.ForeignKeyConstraint(['first_id'], ['participants.id'], name=op.f('fk_separated_pairs_first_id')),
    sa.ForeignKeyConstraint(['second_id'], ['participants.id'], name=op.f('fk_separated_pairs_second_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_separated_pairs')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_separated_pairs_first_id_second_id'))
    )
    with op.batch_alter_table('separated_pairs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_separated_pairs_first_id'), ['first_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_separated_pairs_second_id'), ['second_id'], unique=False)

    op.create_table('sign_in_sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_sign_in_sessions_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_sessions_token_hash'))
    )
    with op.batch_alter_table('sign_in_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_sessions_staff_id'), ['staff_id'], unique=False)

    op.create_table('staff_leave',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.CheckConstraint('from_on <= to_on', name=op.f('ck_staff_leave_ends_after_start')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_leave_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_leave'))
    )
    with op.batch_alter_table('staff_leave', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_leave_staff_id'), ['staff_id'], unique=False)

    op.create_table('enrolments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('referral_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('programme_code', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('gate', sa.String(), nullable=False),
    sa.Column('is_mandated', sa.Boolean(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('worker_id', sa.Integer(), nullable=True),
    sa.Column('officer_id', sa.Integer(), nullable=True),
    sa.Column('referrer_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('previous_id', sa.Integer(), nullable=True),
    sa.Column('caution_reference', sa.String(), nullable=True),
    sa.Column('caution_issued_on', sa.Date(), nullable=True),
    sa.Column('caution_expires_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('suspension_reason', sa.String(), nullable=True),
    sa.Column('status_before_suspension', sa.String(), nullable=True),
    sa.Column('police_decision', sa.String(), nullable=True),
    sa.Column('first_contact_step', sa.Integer(), nullable=False),
    sa.Column('partner_contact_due_on', sa.Date(), nullable=True),
    sa.Column('reassess_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['staff.id'], name=op.f('fk_enrolments_lead_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['staff.id'], name=op.f('fk_enrolments_officer_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_enrolments_participant_id')),
    sa.ForeignKeyConstraint(['previous_id'], ['enrolments.id'], name=op.f('fk_enrolments_previous_id')),
    sa.ForeignKeyConstraint(['programme_code'], ['programmes.code'], name=op.f('fk_enrolments_programme_code')),
    sa.ForeignKeyConstraint(['referral_id'], ['referrals.id'], name=op.f('fk_enrolments_referral_id')),
    sa.ForeignKeyConstraint(['referrer_id'], ['staff.id'], name=op.f('fk_enrolments_referrer_id')),
    sa.ForeignKeyConstraint(['worker_id'], ['staff.id'], name=op.f('fk_enrolments_worker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolments')),
    sa.UniqueConstraint('referral_id', name=op.f('uq_enrolments_referral_id'))
    )
    with op.batch_alter_table('enrolments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enrolments_gate'), ['gate'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_group_id'), ['group_id'], unique=False)
        batch_op.create_index('ix_enrolments_lead_status', ['lead_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_officer_id'), ['officer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_participant_id'), ['participant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_programme_code'), ['programme_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_reassess_at'), ['reassess_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_referrer_id'), ['referrer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolments_worker_id'), ['worker_id'], unique=False)

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

    op.create_table('partner_views',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('viewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_views_partner_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_partner_views_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_views'))
    )
    with op.batch_alter_table('partner_views', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partner_views_partner_id'), ['partner_id'], unique=False)

    op.create_table('sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_code', sa.String(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('part', sa.String(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('topic', sa.String(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('venue_id', sa.Integer(), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_reason', sa.String(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('register_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('staffing_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['groups.id'], name=op.f('fk_sessions_group_id')),
    sa.ForeignKeyConstraint(['programme_code'], ['programmes.code'], name=op.f('fk_sessions_programme_code')),
    sa.ForeignKeyConstraint(['venue_id'], ['venues.id'], name=op.f('fk_sessions_venue_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sessions_group_id'), ['group_id'], unique=False)
        batch_op.create_index('ix_sessions_programme_starts', ['programme_code', 'starts_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sessions_register_due_at'), ['register_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sessions_staffing_due_at'), ['staffing_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sessions_starts_at'), ['starts_at'], unique=False)
        batch_op.create_index('ix_sessions_venue_starts', ['venue_id', 'starts_at'], unique=False)

    op.create_table('bookings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('booked_by', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_bookings_enrolment_id')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_bookings_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bookings'))
    )
    with op.batch_alter_table('bookings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bookings_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_bookings_session_id'), ['session_id'], unique=False)
        batch_op.create_index('uq_bookings_live', ['session_id', 'enrolment_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('cases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hold_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('close_reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_cases_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases'))
    )
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cases_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cases_hold_until'), ['hold_until'], unique=False)
        batch_op.create_index('uq_cases_open', ['enrolment_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.create_table('catch_ups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('missed_session_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('waived_because', sa.String(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by'], ['staff.id'], name=op.f('fk_catch_ups_closed_by')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_catch_ups_enrolment_id')),
    sa.ForeignKeyConstraint(['missed_session_id'], ['sessions.id'], name=op.f('fk_catch_ups_missed_session_id')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_catch_ups_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catch_ups'))
    )
    with op.batch_alter_table('catch_ups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_catch_ups_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('contacts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_contacts_enrolment_id')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_contacts_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts'))
    )
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contacts_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('flags',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('policy_version', sa.Integer(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.Column('end_reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_flags_enrolment_id')),
    sa.ForeignKeyConstraint(['policy_version'], ['policy_versions.number'], name=op.f('fk_flags_policy_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flags'))
    )
    with op.batch_alter_table('flags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_flags_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_flags_raised_at'), ['raised_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_flags_state'), ['state'], unique=False)
        batch_op.create_index('uq_flags_open', ['enrolment_id', 'rule'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('gate_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_gate_decisions_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate_decisions'))
    )
    with op.batch_alter_table('gate_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gate_decisions_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('evidence', sa.String(), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('authorised_by', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('approved_by', sa.Integer(), nullable=True),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('why', sa.String(), nullable=True),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.Column('was_mandated', sa.Boolean(), nullable=False),
    sa.Column('at_high_risk', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['approved_by'], ['staff.id'], name=op.f('fk_marks_approved_by')),
    sa.ForeignKeyConstraint(['authorised_by'], ['staff.id'], name=op.f('fk_marks_authorised_by')),
    sa.ForeignKeyConstraint(['corrects_id'], ['marks.id'], name=op.f('fk_marks_corrects_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_marks_enrolment_id')),
    sa.ForeignKeyConstraint(['recorded_by'], ['staff.id'], name=op.f('fk_marks_recorded_by')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_marks_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_marks'))
    )
    with op.batch_alter_table('marks', schema=None) as batch_op:
        batch_op.create_index('ix_marks_enrolment_current', ['enrolment_id', 'is_current'], unique=False)
        batch_op.create_index('uq_marks_current', ['session_id', 'enrolment_id'], unique=True, sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))

    op.create_table('neutral_spans',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('to_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_neutral_spans_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_neutral_spans'))
    )
    with op.batch_alter_table('neutral_spans', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_neutral_spans_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('police_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('caution_expires_on', sa.Date(), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_police_decisions_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_police_decisions'))
    )
    with op.batch_alter_table('police_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_police_decisions_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('register_submissions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_register_submissions_session_id')),
    sa.ForeignKeyConstraint(['submitted_by'], ['staff.id'], name=op.f('fk_register_submissions_submitted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_submissions')),
    sa.UniqueConstraint('token', name=op.f('uq_register_submissions_token'))
    )
    with op.batch_alter_table('register_submissions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_register_submissions_session_id'), ['session_id'], unique=False)

    op.create_table('session_staff',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_session_staff_session_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_session_staff_staff_id')),
    sa.PrimaryKeyConstraint('session_id', 'staff_id', name=op.f('pk_session_staff'))
    )
    with op.batch_alter_table('session_staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_staff_staff_id'), ['staff_id'], unique=False)

    op.create_table('status_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('from_status', sa.String(), nullable=True),
    sa.Column('to_status', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_status_changes_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_changes'))
    )
    with op.batch_alter_table('status_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_status_changes_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('waiting_places',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_waiting_places_enrolment_id')),
    sa.ForeignKeyConstraint(['group_id'], ['groups.id'], name=op.f('fk_waiting_places_group_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_places'))
    )
    with op.batch_alter_table('waiting_places', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_places_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_places_group_id'), ['group_id'], unique=False)
        batch_op.create_index('uq_waiting_places_open', ['group_id', 'enrolment_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('case_actions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_actions_case_id')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff.id'], name=op.f('fk_case_actions_taken_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_actions'))
    )
    with op.batch_alter_table('case_actions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_actions_case_id'), ['case_id'], unique=False)

    op.create_table('case_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('hold_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=False),
    sa.Column('cosigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cosigned_by', sa.Integer(), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_decisions_case_id')),
    sa.ForeignKeyConstraint(['cosigned_by'], ['staff.id'], name=op.f('fk_case_decisions_cosigned_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_case_decisions_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_decisions'))
    )
    with op.batch_alter_table('case_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_decisions_case_id'), ['case_id'], unique=False)

    op.create_table('correction_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mark_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('evidence', sa.String(), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.Integer(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('was_approved', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_correction_requests_decided_by')),
    sa.ForeignKeyConstraint(['mark_id'], ['marks.id'], name=op.f('fk_correction_requests_mark_id')),
    sa.ForeignKeyConstraint(['requested_by'], ['staff.id'], name=op.f('fk_correction_requests_requested_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_requests'))
    )
    with op.batch_alter_table('correction_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_requests_decided_at'), ['decided_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_requests_mark_id'), ['mark_id'], unique=False)

    op.create_table('flag_findings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('flag_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=True),
    sa.Column('explanation', sa.String(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['flag_id'], ['flags.id'], name=op.f('fk_flag_findings_flag_id')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_flag_findings_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flag_findings'))
    )
    with op.batch_alter_table('flag_findings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_flag_findings_flag_id'), ['flag_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_flag_findings_session_id'), ['session_id'], unique=False)

    op.create_table('monitorings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('review_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('close_reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_monitorings_case_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_monitorings_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monitorings'))
    )
    with op.batch_alter_table('monitorings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monitorings_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_monitorings_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_monitorings_review_at'), ['review_at'], unique=False)

    op.create_table('notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('to_role', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('about_id', sa.Integer(), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('planned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('must_acknowledge', sa.Boolean(), nullable=False),
    sa.Column('acknowledge_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chase_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chase_step', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['about_id'], ['notices.id'], name=op.f('fk_notices_about_id')),
    sa.ForeignKeyConstraint(['acknowledged_by'], ['staff.id'], name=op.f('fk_notices_acknowledged_by')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_notices_case_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolments.id'], name=op.f('fk_notices_enrolment_id')),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_notices_session_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_notices_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices'))
    )
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notices_about_id'), ['about_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_chase_at'), ['chase_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index('ix_notices_inbox', ['to_role', 'staff_id', 'released_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_release_at'), ['release_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_released_at'), ['released_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notices_staff_id'), ['staff_id'], unique=False)

    op.create_table('notice_findings',
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('finding_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['flag_findings.id'], name=op.f('fk_notice_findings_finding_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['notices.id'], name=op.f('fk_notice_findings_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'finding_id', name=op.f('pk_notice_findings'))
    )
    with op.batch_alter_table('notice_findings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_findings_finding_id'), ['finding_id'], unique=False)




def downgrade() -> None:
    with op.batch_alter_table('notice_findings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_findings_finding_id'))

    op.drop_table('notice_findings')
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notices_staff_id'))
        batch_op.drop_index(batch_op.f('ix_notices_released_at'))
        batch_op.drop_index(batch_op.f('ix_notices_release_at'))
        batch_op.drop_index('ix_notices_inbox')
        batch_op.drop_index(batch_op.f('ix_notices_enrolment_id'))
        batch_op.drop_index(batch_op.f('ix_notices_chase_at'))
        batch_op.drop_index(batch_op.f('ix_notices_case_id'))
        batch_op.drop_index(batch_op.f('ix_notices_about_id'))

    op.drop_table('notices')
    with op.batch_alter_table('monitorings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_monitorings_review_at'))
        batch_op.drop_index(batch_op.f('ix_monitorings_enrolment_id'))
        batch_op.drop_index(batch_op.f('ix_monitorings_case_id'))

    op.drop_table('monitorings')
    with op.batch_alter_table('flag_findings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_flag_findings_session_id'))
        batch_op.drop_index(batch_op.f('ix_flag_findings_flag_id'))

    op.drop_table('flag_findings')
    with op.batch_alter_table('correction_requests', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_correction_requests_mark_id'))
        batch_op.drop_index(batch_op.f('ix_correction_requests_decided_at'))

    op.drop_table('correction_requests')
    with op.batch_alter_table('case_decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_decisions_case_id'))

    op.drop_table('case_decisions')
    with op.batch_alter_table('case_actions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_actions_case_id'))

    op.drop_table('case_actions')
    with op.batch_alter_table('waiting_places', schema=None) as batch_op:
        batch_op.drop_index('uq_waiting_places_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_waiting_places_group_id'))
        batch_op.drop_index(batch_op.f('ix_waiting_places_enrolment_id'))

    op.drop_table('waiting_places')
    with op.batch_alter_table('status_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_status_changes_enrolment_id'))

    op.drop_table('status_changes')
    with op.batch_alter_table('session_staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_staff_staff_id'))

    op.drop_table('session_staff')
    with op.batch_alter_table('register_submissions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_register_submissions_session_id'))

    op.drop_table('register_submissions')
    with op.batch_alter_table('police_decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_police_decisions_enrolment_id'))

    op.drop_table('police_decisions')
    with op.batch_alter_table('neutral_spans', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_neutral_spans_enrolment_id'))

    op.drop_table('neutral_spans')
    with op.batch_alter_table('marks', schema=None) as batch_op:
        batch_op.drop_index('uq_marks_current', sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))
        batch_op.drop_index('ix_marks_enrolment_current')

    op.drop_table('marks')
    with op.batch_alter_table('gate_decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_gate_decisions_enrolment_id'))

    op.drop_table('gate_decisions')
    with op.batch_alter_table('flags', schema=None) as batch_op:
        batch_op.drop_index('uq_flags_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_flags_state'))
        batch_op.drop_index(batch_op.f('ix_flags_raised_at'))
        batch_op.drop_index(batch_op.f('ix_flags_enrolment_id'))

    op.drop_table('flags')
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contacts_enrolment_id'))

    op.drop_table('contacts')
    with op.batch_alter_table('catch_ups', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_catch_ups_enrolment_id'))

    op.drop_table('catch_ups')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('uq_cases_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_cases_hold_until'))
        batch_op.drop_index(batch_op.f('ix_cases_enrolment_id'))

    op.drop_table('cases')
    with op.batch_alter_table('bookings', schema=None) as batch_op:
        batch_op.drop_index('uq_bookings_live', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_bookings_session_id'))
        batch_op.drop_index(batch_op.f('ix_bookings_enrolment_id'))

    op.drop_table('bookings')
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.drop_index('ix_sessions_venue_starts')
        batch_op.drop_index(batch_op.f('ix_sessions_starts_at'))
        batch_op.drop_index(batch_op.f('ix_sessions_staffing_due_at'))
        batch_op.drop_index(batch_op.f('ix_sessions_register_due_at'))
        batch_op.drop_index('ix_sessions_programme_starts')
        batch_op.drop_index(batch_op.f('ix_sessions_group_id'))

    op.drop_table('sessions')
    with op.batch_alter_table('partner_views', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_views_partner_id'))

    op.drop_table('partner_views')
    with op.batch_alter_table('partner_contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_contacts_partner_id'))

    op.drop_table('partner_contacts')
    with op.batch_alter_table('enrolments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enrolments_worker_id'))
        batch_op.drop_index(batch_op.f('ix_enrolments_status'))
        batch_op.drop_index(batch_op.f('ix_enrolments_referrer_id'))
        batch_op.drop_index(batch_op.f('ix_enrolments_reassess_at'))
        batch_op.drop_index(batch_op.f('ix_enrolments_programme_code'))
        batch_op.drop_index(batch_op.f('ix_enrolments_participant_id'))
        batch_op.drop_index(batch_op.f('ix_enrolments_officer_id'))
        batch_op.drop_index('ix_enrolments_lead_status')
        batch_op.drop_index(batch_op.f('ix_enrolments_group_id'))
        batch_op.drop_index(batch_op.f('ix_enrolments_gate'))

    op.drop_table('enrolments')
    with op.batch_alter_table('staff_leave', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_leave_staff_id'))

    op.drop_table('staff_leave')
    with op.batch_alter_table('sign_in_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_sessions_staff_id'))

    op.drop_table('sign_in_sessions')
    with op.batch_alter_table('separated_pairs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_separated_pairs_second_id'))
        batch_op.drop_index(batch_op.f('ix_separated_pairs_first_id'))

    op.drop_table('separated_pairs')
    with op.batch_alter_table('referrals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_referrals_status'))
        batch_op.drop_index(batch_op.f('ix_referrals_referrer_id'))
        batch_op.drop_index(batch_op.f('ix_referrals_participant_id'))

    op.drop_table('referrals')
    with op.batch_alter_table('partners', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partners_participant_id'))
        batch_op.drop_index(batch_op.f('ix_partners_number_index'))

    op.drop_table('partners')
    with op.batch_alter_table('message_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_changes_message_id'))

    op.drop_table('message_changes')
    op.drop_table('guardians')
    with op.batch_alter_table('groups', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_groups_programme_code'))

    op.drop_table('groups')
    op.drop_table('venues')
    with op.batch_alter_table('tasks', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tasks_staff_id'))
        batch_op.drop_index(batch_op.f('ix_tasks_session_id'))
        batch_op.drop_index('ix_tasks_open')
        batch_op.drop_index(batch_op.f('ix_tasks_enrolment_id'))

    op.drop_table('tasks')
    with op.batch_alter_table('suppressed_numbers', schema=None) as batch_op:
        batch_op.drop_index('uq_suppressed_numbers_open_number', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.drop_table('suppressed_numbers')
    op.drop_table('stored_settings')
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_role'))
        batch_op.drop_index(batch_op.f('ix_staff_deputy_id'))
        batch_op.drop_index(batch_op.f('ix_staff_also_role'))

    op.drop_table('staff')
    op.drop_table('programmes')
    with op.batch_alter_table('policy_versions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_policy_versions_in_force_at'))

    op.drop_table('policy_versions')
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_participants_name_folded'))
        batch_op.drop_index(batch_op.f('ix_participants_mobile'))
        batch_op.drop_index(batch_op.f('ix_participants_born_on'))

    op.drop_table('participants')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_messages_to_address'))
        batch_op.drop_index('ix_messages_state_send_at')
        batch_op.drop_index('ix_messages_state_lease_until')
        batch_op.drop_index(batch_op.f('ix_messages_staff_id'))
        batch_op.drop_index(batch_op.f('ix_messages_session_id'))
        batch_op.drop_index(batch_op.f('ix_messages_provider_sid'))
        batch_op.drop_index(batch_op.f('ix_messages_participant_id'))
        batch_op.drop_index(batch_op.f('ix_messages_handed_over_at'))
        batch_op.drop_index(batch_op.f('ix_messages_enrolment_id'))

    op.drop_table('messages')
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inbound_messages_received_at'))
        batch_op.drop_index(batch_op.f('ix_inbound_messages_participant_id'))
        batch_op.drop_index(batch_op.f('ix_inbound_messages_from_address'))

    op.drop_table('inbound_messages')
    op.drop_table('due_failures')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_subject')
        batch_op.drop_index(batch_op.f('ix_audit_entries_event'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_enrolment_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_at'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_actor_id'))

    op.drop_table('audit_entries')

