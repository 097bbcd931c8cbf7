"""JSON, sheets and papers of attribution."""
