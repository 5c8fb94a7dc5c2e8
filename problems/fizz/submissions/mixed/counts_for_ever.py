# @EXPECTED_RESULTS@: TIMELIMIT
a, b, n = map(int, input().split())
i = 0
while i != n - n % 2 + 1:
    i += 2
