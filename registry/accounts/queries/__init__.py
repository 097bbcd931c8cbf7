"""Who signs in, with which roles and tokens, and which accounts are one person's."""
