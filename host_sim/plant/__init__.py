"""The truth: cells, pack circuit, sources and sensors. Knows nothing of the firmware."""
