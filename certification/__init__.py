"""What may be sold as what."""
