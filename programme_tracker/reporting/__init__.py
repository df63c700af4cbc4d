"""Figures over all programmes."""
