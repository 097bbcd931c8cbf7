"""What there is of settlement: payments, invoices, bank statements, treasury orders, payouts."""
