"""Drawing up reports of completion, and keeping the totals beside the entries right."""
