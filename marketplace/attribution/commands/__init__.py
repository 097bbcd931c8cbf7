"""What can be done with earned money: agree on terms, split, pay out, confirm, divide a surplus."""
