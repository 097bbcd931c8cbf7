"""How earned money is split, paid out and confirmed, and how a surplus is divided."""
