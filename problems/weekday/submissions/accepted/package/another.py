# Comes first by name, and is not the entry.
raise SystemExit("submissions.yaml names start.py")
