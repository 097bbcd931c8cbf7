"""Users, their roles in organisations, and the tokens they act with."""
