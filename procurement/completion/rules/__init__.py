"""What counts and what is owed, in which words, and where the year may end."""
