"""What can be done with quotas: open and revise, hold and spend, move, close."""
