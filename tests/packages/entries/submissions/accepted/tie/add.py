raise SystemExit("the other language is meant")
