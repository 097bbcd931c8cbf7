"""What the console plugs in: nothing yet, its pages come with their own issue."""
