"""The gauge: from an exact counter to a charge that can be trusted (SOC-01..06)."""
