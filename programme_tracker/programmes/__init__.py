"""Programmes and the versions of the policy that governs them."""
