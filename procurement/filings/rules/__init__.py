"""What a promise must hold, when it may be filed, and whose turn it is to confirm it."""
