"""Lists as spreadsheets: XLSX and CSV read with suspicion, written without formulas."""
