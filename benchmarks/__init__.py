"""Measurements, each a comparison within one run; see docs/benchmarks.md."""
