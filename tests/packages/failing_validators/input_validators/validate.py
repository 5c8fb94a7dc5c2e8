print("this validator says neither", flush=True)
