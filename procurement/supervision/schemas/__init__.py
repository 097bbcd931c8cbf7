"""Supervision in JSON, in a workbook and on paper."""
