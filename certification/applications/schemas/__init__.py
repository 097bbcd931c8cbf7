"""Applications, decisions on them and what is declared, in JSON."""
