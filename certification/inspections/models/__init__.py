"""Plans, tasks, findings and complaints."""
