"""What the register of households keeps: persons, cases, links, incomes, reconciliations."""
