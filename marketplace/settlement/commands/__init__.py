"""What can be done with money: on its way, come, matched, gone back, paid out; and its invoices."""
