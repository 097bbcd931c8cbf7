"""Pages of a village: its households and cases, their incomes, the money that reaches them."""
