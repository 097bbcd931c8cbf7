"""Who may do what in an inspection, and how a draw is made."""
