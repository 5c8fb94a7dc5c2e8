# A system may call this wrong, or no output.
# @EXPECTED_RESULTS@: WRONG-ANSWER, NO-OUTPUT
a, b, n = map(int, input().split())
