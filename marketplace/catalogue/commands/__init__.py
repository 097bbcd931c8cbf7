"""What can be done with listings and what hangs on them."""
