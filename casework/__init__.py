"""The officers' side: people, triage, workflow, deadlines, notes, review."""
