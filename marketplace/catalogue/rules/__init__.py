"""What a listing may say, and what follows from it."""
