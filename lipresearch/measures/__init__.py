"""Measures: pure functions, arrays and frames in, numbers out. No files, no plots."""
