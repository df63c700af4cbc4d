"""The tests mirror the package; what they share lies beside this file."""
