"""What is allowed of purchases arranged for many, and of plots."""
