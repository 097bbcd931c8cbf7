"""Setting bands, delegating, deciding on orders, and signalling what looks split."""
