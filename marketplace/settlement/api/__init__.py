"""The doors of settlement."""
