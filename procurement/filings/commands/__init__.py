"""What can be done with promises: filing, deciding, revising, carrying over, reminding."""
