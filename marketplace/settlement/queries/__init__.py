"""What can be asked of payments, invoices, bank statements, treasury orders and payouts."""
