"""What may become of a certificate, by noun."""
