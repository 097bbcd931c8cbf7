"""JSON of settlement, in and out."""
