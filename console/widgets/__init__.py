"""What every page is made with: its contract, questions to doors, forms, words, formats."""
