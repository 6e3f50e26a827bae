"""Grades the gauge against simulated and recorded truth: `make bench-soc`, docs/soc.md."""
