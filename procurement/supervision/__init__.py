"""Who is watched over, and how it is put right: reminders, talks, circulars, late payment."""
