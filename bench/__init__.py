"""Benchmarks: ratios between things measured in one run. Counts are asserted in tests, ratios are read here."""
