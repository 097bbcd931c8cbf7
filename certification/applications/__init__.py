"""Applications and their way through the review chain."""
