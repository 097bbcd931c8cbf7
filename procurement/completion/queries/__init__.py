"""What entries add up to, which units there are, and the entries behind a figure."""
