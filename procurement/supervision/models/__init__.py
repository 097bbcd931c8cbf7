"""Tables of supervision, a file for each noun."""
