"""Referring somebody, and deciding on a referral."""
