"""Public notices with a working-day clock and objections."""
