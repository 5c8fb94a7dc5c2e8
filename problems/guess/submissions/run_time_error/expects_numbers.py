print(500, flush=True)
answer = int(input())
