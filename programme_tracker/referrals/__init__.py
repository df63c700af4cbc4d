"""Referrals, eligibility, the victim-safety gate and enrolments."""
