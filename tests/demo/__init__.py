"""Material for the demo: complaints, answers and officers' texts."""
